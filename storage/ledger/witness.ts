import { createHash } from 'node:crypto';
import { InputError, type TimeSource } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { parseCheckpoint } from './checkpoint.ts';
import { EMPTY_ROOT, isConsistent } from './merkle.ts';
import { base64, type SigningKey, signersOf, type VerifierKey } from './note.ts';
import { areHashes } from './proof-file.ts';

/** An answer of the protocol: what HTTP says. */
export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  readonly body: string;
}

/** Cosigns what grew only (C2SP tlog-witness): keeps of each log it knows the newest checkpoint. */
export class Witness {
  readonly #database: Database;
  readonly #time: TimeSource;
  readonly #key: () => Promise<SigningKey>;
  readonly #logs: readonly VerifierKey[];

  /** @param options.logs keys of the logs that are cosigned; a log by its origin, which is the key's name */
  constructor(options: {
    readonly database: Database;
    readonly time: TimeSource;
    readonly key: () => Promise<SigningKey>;
    readonly logs: readonly VerifierKey[];
  }) {
    this.#database = options.database;
    this.#time = options.time;
    this.#key = options.key;
    this.#logs = options.logs;
  }

  /** `add-checkpoint`. @param request its body */
  async addCheckpoint(request: string): Promise<WitnessAnswer> {
    const asked = requestIn(request);
    if (asked === null) return { status: 400, body: 'expected: old N, a proof, an empty line and a checkpoint\n' };
    const { old, path, parsed } = asked;
    const { checkpoint, note } = parsed;
    const keys = this.#logs.filter(({ name }) => name === checkpoint.origin);
    if (keys.length === 0) return { status: 404, body: 'this log is not known here\n' };
    if (!isSigned(note, keys)) return { status: 403, body: 'no known key of the log has signed it\n' };
    const { origin, size, root } = checkpoint;
    if (old > size) return { status: 400, body: 'the old size is larger than the new one\n' };
    const key = await this.#key();
    return this.#database.transaction(async (client): Promise<WitnessAnswer> => {
      await client.query(`INSERT INTO ledger_witnessed VALUES ($1, 0, $2, '') ON CONFLICT DO NOTHING`, [
        origin,
        EMPTY_ROOT,
      ]);
      // Looked at and changed by one at a time.
      const { rows } = await client.query<{ size: number; root: Buffer }>(
        'SELECT size, root FROM ledger_witnessed WHERE origin = $1 FOR UPDATE',
        [origin],
      );
      const known = rows[0] ?? { size: 0, root: EMPTY_ROOT };
      if (known.size !== old) return { status: 409, body: `${known.size}\n` };
      const isEmptyBad = size === 0 && !root.equals(EMPTY_ROOT);
      if (isEmptyBad || !isConsistent({ oldSize: old, oldRoot: known.root, size, root, path })) {
        return { status: 422, body: 'it is not the continuation of what was cosigned last\n' };
      }
      const line = key.cosignatureOf(note.text, this.#time.now());
      const signed = note.signatures.filter((signature) => keys.some((one) => one.isBy(signature)));
      const kept = `${note.text}\n${signed.map((signature) => `${signature.line}\n`).join('')}${line}`;
      await client.query('UPDATE ledger_witnessed SET size = $2, root = $3, note = $4 WHERE origin = $1', [
        ...[origin, size, root, kept],
      ]);
      return { status: 200, body: line };
    });
  }

  /** The newest checkpoint that was cosigned, by the SHA-256 of the log's origin, hex; null: none was. */
  async cosigned(originHash: string): Promise<string | null> {
    const log = this.#logs.find(({ name }) => createHash('sha256').update(name).digest('hex') === originHash);
    if (log === undefined) return null;
    const { rows } = await this.#database.query<{ note: string }>(
      'SELECT note FROM ledger_witnessed WHERE origin = $1',
      [log.name],
    );
    return rows[0]?.note || null;
  }
}

interface WitnessRequest {
  readonly old: number;
  readonly path: readonly Buffer[];
  readonly parsed: ReturnType<typeof parseCheckpoint>;
}

function requestIn(text: string): WitnessRequest | null {
  const split = text.indexOf('\n\n');
  const [first = '', ...lines] = text.slice(0, split).split('\n');
  const [, old] = /^old (0|[1-9]\d{0,15})$/.exec(first) ?? [];
  const path = lines.map(base64);
  if (split < 0 || old === undefined || !Number.isSafeInteger(Number(old)) || !areHashes(path)) return null;
  try {
    return { old: Number(old), path, parsed: parseCheckpoint(text.slice(split + 2)) };
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

function isSigned(note: WitnessRequest['parsed']['note'], keys: readonly VerifierKey[]): boolean {
  try {
    return signersOf(note, keys).length > 0;
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}
