import { IsothermError } from './errors.ts';

/** A part that fails and tries again: a consumer by its name, `append`, `alerts`, `notifier`. */
export interface Trouble {
  readonly part: string;
  /** Stable: a code of ours, `SQLSTATE_53100` of the database, `ECONNREFUSED` of the system; else FAILED. */
  readonly code: string;
  /** Of the first failure since it last got on; epoch ms UTC. */
  readonly since: number;
  /** One line, as PostgreSQL, the system or we word it. */
  readonly text: string;
}

/** What does not get on just now in this process: a part is in trouble from its first failure to its next success. */
export class Troubles {
  readonly #parts = new Map<string, Trouble>();

  /** @param now epoch ms UTC */
  failed(part: string, error: unknown, now: number): void {
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    const since = this.#parts.get(part)?.since ?? now;
    this.#parts.set(part, { part, code: codeOf(error) ?? codeOf(cause) ?? 'FAILED', since, text: textOf(cause) });
  }

  passed(part: string): void {
    this.#parts.delete(part);
  }

  list(): readonly Trouble[] {
    return [...this.#parts.values()];
  }
}

function codeOf(error: unknown): string | null {
  if (error instanceof IsothermError) return error.code;
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  return /^[0-9A-Z]{5}$/.test(error.code) && /\d/.test(error.code) ? `SQLSTATE_${error.code}` : error.code;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return `${code}${error.message}`.split('\n')[0] ?? '';
}
