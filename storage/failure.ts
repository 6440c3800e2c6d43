import { UnavailableError } from '../domain/index.ts';

/** SQLSTATEs of work that would have gone through at another moment (PostgreSQL manual, appendix A). */
const PASSING = /^(40...|53...|55P03|57...|58...)$/;

/** Nobody's record is at fault: a part is away, or the database was busy with something else. */
export function isPassing(error: unknown): boolean {
  if (asUnavailable(error) instanceof UnavailableError) return true;
  const code = sqlState(error);
  return code !== null && PASSING.test(code);
}

/**
 * SQLSTATEs that say our statement or schema is wrong whatever the record: not supported, who may log in, which database
 * or schema, syntax and names and rights, internal errors.
 */
const OURS = /^(0A...|28...|3D...|3F...|42...|XX...)$/;

/** It may be the record's: worth taking the batch apart. A missing table would else deadLetter the whole log. */
export function mayBlameRecord(error: unknown): boolean {
  return !isPassing(error) && !OURS.test(sqlState(error) ?? '');
}

/** SQLSTATEs of a statement that met another's, and goes through when it is done again (PostgreSQL manual, 13.5, appendix A). */
const CONFLICTS = new Set(['40001', '40P01']);

/** Two transactions have met, or a stand-by had to end a statement to go on applying the log (PostgreSQL manual, 27.4.2). */
export function isConflict(error: unknown): boolean {
  return CONFLICTS.has(sqlState(error) ?? '');
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

/** SQLSTATE of a statement that writes, on a server that has become a stand-by. */
export const READ_ONLY = '25006';
/** SQLSTATEs of a server that is away, full, no primary or has ended a session that stood still (PostgreSQL manual, appendix A), besides class 08. */
const AWAY_STATES = new Set(['25P03', '57P01', '57P02', '57P03', '57P05', '53300', READ_ONLY]);
const AWAY_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** What pg says, without a code, of connections that broke or could not be had. */
const AWAY_TEXT =
  /^Connection terminated|^timeout expired$|timeout exceeded when trying to connect|not queryable|^Client was closed|Cannot use a pool after/;

/** A server that is away becomes UnavailableError (cause kept); every other error stays what it is. */
export function asUnavailable(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UnavailableError) return error;
  const code = (error as { code?: unknown }).code;
  const isAway =
    (typeof code === 'string' && (AWAY_STATES.has(code) || AWAY_CODES.has(code) || /^08...$/.test(code))) ||
    AWAY_TEXT.test(error.message);
  if (!isAway) return error;
  return new UnavailableError('DATABASE_UNAVAILABLE', `the database is away: ${error.message}`, {}, error);
}
