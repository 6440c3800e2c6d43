import { InputError } from '../domain/index.ts';

/** One page of a list; `nextCursor` is null on the last. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}

/** Where a list goes on: the last item's sort key, numbers only, opaque to callers. */
export function cursorOf(key: readonly number[]): string {
  return Buffer.from(key.join(' ')).toString('base64url');
}

/** @throws {InputError} CURSOR_BAD if it is not a cursor of `length` numbers */
export function readCursor(cursor: string, length: number): number[] {
  const parts = Buffer.from(cursor, 'base64url').toString('utf8').split(' ');
  const key = parts.map(Number);
  if (parts.length !== length || !key.every(Number.isSafeInteger)) {
    throw new InputError('CURSOR_BAD', `cursor "${cursor.slice(0, 64)}": allowed is a nextCursor of the same list`);
  }
  return key;
}
