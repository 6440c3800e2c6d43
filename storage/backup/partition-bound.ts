/** Where the rows of a partition lie, as values and never as SQL. */
export type PartitionBound =
  | { readonly kind: 'default' }
  /** Positions [from, to) of the log. */
  | { readonly kind: 'positions'; readonly from: number; readonly to: number }
  /** Times [from, to), epoch ms UTC. */
  | { readonly kind: 'times'; readonly from: number; readonly to: number };

const POSITIONS = /^FOR VALUES FROM \('(\d{1,16})'\) TO \('(\d{1,16})'\)$/;
const TIMES =
  /^FOR VALUES FROM \('(\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d\+00)'\) TO \('(\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d\+00)'\)$/;

/**
 * What `pg_get_expr(relpartbound)` says of a partition of ours, in a session whose zone is UTC.
 * @returns null for anything else
 */
export function boundOf(text: string): PartitionBound | null {
  if (text === 'DEFAULT') return { kind: 'default' };
  const [, first, end] = POSITIONS.exec(text) ?? [];
  if (first !== undefined && end !== undefined) return range('positions', Number(first), Number(end));
  const [, begin, until] = TIMES.exec(text) ?? [];
  if (begin !== undefined && until !== undefined) return range('times', instant(begin), instant(until));
  return null;
}

/** The same as a clause of CREATE TABLE, made of the values alone. */
export function boundClause(bound: PartitionBound): string {
  if (bound.kind === 'default') return 'DEFAULT';
  const literal = (value: number) => (bound.kind === 'positions' ? String(value) : new Date(value).toISOString());
  return `FOR VALUES FROM ('${literal(bound.from)}') TO ('${literal(bound.to)}')`;
}

function instant(text: string): number {
  return Date.parse(text.replace(' ', 'T').replace('+00', 'Z'));
}

function range(kind: 'positions' | 'times', from: number, to: number): PartitionBound | null {
  return Number.isSafeInteger(from) && Number.isSafeInteger(to) && from < to ? { kind, from, to } : null;
}
