import { InputError } from '../domain/index.ts';

/** What lists take besides their own filters. */
export interface PageRequest {
  /** Default 50, at most 1,000. */
  readonly limit?: number | undefined;
  /** `nextCursor` of the page before. */
  readonly cursor?: string | undefined;
}

const DEFAULT_LIMIT = 50;
const MOST = 1_000;

/** @throws {InputError} LIMIT_BAD */
export function limitOf({ limit = DEFAULT_LIMIT }: PageRequest): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST) return limit;
  throw new InputError('LIMIT_BAD', `limit ${limit}: allowed is 1 to ${MOST}`);
}
