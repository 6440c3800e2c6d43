import { UnavailableError } from '../../domain/index.ts';
import { asUnavailable } from '../database.ts';

/** SQLSTATEs of work that would have gone through at another moment (PostgreSQL manual, appendix A). */
const PASSING = /^(40...|53...|55P03|57...|58...)$/;

/** Nobody's record is at fault: a part is away, or the database was busy with something else. */
export function isPassing(error: unknown): boolean {
  if (asUnavailable(error) instanceof UnavailableError) return true;
  const code = sqlState(error);
  return code !== null && PASSING.test(code);
}

export function sqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  return /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null;
}

/** One line for `log_dead` and for the operator. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? `${error.code}: ` : '';
  return `${code}${error.message}`;
}
