import { KINDS, type Kind } from './arguments.ts';

/** One fault and what it cost, ms; infinite: it was not seen again. */
export interface Occasion {
  readonly kind: Kind;
  /** Until a message was acknowledged that was made after the fault. */
  readonly acknowledgedMs: number;
  /** From a message's making to its acknowledgement, of those acknowledged after the fault: the longest. */
  readonly longestWaitMs: number;
  /** As the first, of what a person asks over HTTP. */
  readonly answeredMs: number;
  /** Until a reading made after the fault was in the tables. */
  readonly storedMs: number;
}

const WHAT: Readonly<Record<Kind, string>> = {
  primary: 'kill -9 of the primary',
  'frozen-primary': 'the primary stands still until another takes writes, and comes back',
  worker: 'kill -9 of the worker that owns the consumers, its machine with it',
  frozen: 'that worker stands still past its lease and comes back',
  nats: 'kill -9 of the NATS leader',
};

/** The smallest of which at least that share is not above it. @param share 0 < share <= 1 */
export function quantile(values: readonly number[], share: number): number {
  const ordered = values.toSorted((a, b) => a - b);
  return ordered[Math.max(0, Math.ceil(ordered.length * share) - 1)] ?? Number.NaN;
}

/** `1.25 s`; with fewer than a hundred the p99 is the longest, and says so. */
function p99(values: readonly number[]): string {
  return `${secondsText(quantile(values, 0.99))}${values.length < 100 ? ' (the longest)' : ''}`;
}

export function secondsText(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1_000).toFixed(2)} s` : 'never';
}

const COLUMNS = {
  acknowledgedMs: 'acknowledged again',
  longestWaitMs: 'longest wait of a message',
  answeredMs: 'holds answered again',
  storedMs: 'in the tables again',
} as const satisfies Partial<Record<keyof Occasion, string>>;

/** A table of all, a row a kind. */
export function table(occasions: readonly Occasion[]): string[] {
  const columns = Object.keys(COLUMNS) as (keyof typeof COLUMNS)[];
  const head = columns.flatMap((column) => [`${COLUMNS[column]} p50`, 'p99']);
  const rows = KINDS.flatMap((kind) => {
    const of = occasions.filter((one) => one.kind === kind);
    if (of.length === 0) return [];
    const cells = columns.flatMap((column) => {
      const values = of.map((one) => one[column]);
      return [secondsText(quantile(values, 0.5)), p99(values)];
    });
    return [`| ${[WHAT[kind], of.length, ...cells].join(' | ')} |`];
  });
  return [`| after | times | ${head.join(' | ')} |`, `|${'---|'.repeat(head.length + 2)}`, ...rows];
}

/** What was asked for: acknowledged again within that, in so many of a hundred. */
export function isWithin(occasions: readonly Occasion[], ms: number): boolean {
  return KINDS.every((kind) => {
    const of = occasions.filter((one) => one.kind === kind).map(({ acknowledgedMs }) => acknowledgedMs);
    return of.length === 0 || quantile(of, 0.99) <= ms;
  });
}
