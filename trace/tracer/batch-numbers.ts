import type { ReadGap } from '../../domain/index.ts';

/** How long after a gateway claimed to have sent everything a batch before that may still be resent. */
export const RESEND_MS = 60_000;
/** A gateway asks its readers at least this often whether it has everything: so old may be what a batch holds. */
const SETTLE_MS = 5_000;
/** More holes than any outage makes: the lowest are then taken for closed, and their gaps stay. */
const MOST_RANGES = 256;

/** Batches first to last have all arrived; the times are when the gateway made those two, epoch ms UTC. */
export interface BatchRange {
  readonly first: number;
  readonly last: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Arrival of the first batch of the range that spoke of completeness; null where none did. */
  readonly completeArrival: number | null;
}

/** What has arrived of one gateway's numbering. */
export interface BatchNumbers {
  /** Counts the spools that have numbered from 1. */
  readonly life: number;
  /** Ascending, with a hole between any two. */
  readonly ranges: readonly BatchRange[];
  /** The latest moment at which a batch that arrived was made, epoch ms UTC by the gateway's clock. */
  readonly latest: number;
  /** Readers that the gateway has spoken of. */
  readonly readers: readonly string[];
}

/** A batch as far as its number matters. */
export interface NumberedBatch {
  readonly sequence: number;
  readonly at: number;
  readonly arrival: number;
  readonly isComplete: boolean;
  readonly readers: readonly string[];
}

/** Batches that have not arrived; from and to are about when they were made, epoch ms UTC. */
export interface BatchHole {
  readonly first: number;
  readonly last: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Takes a batch in. Batches may overtake each other, so order says nothing; but one whose number was there before, or
 * is 1, and that was made later than all others, is of a new spool that counts from 1. What came before the first batch
 * that was ever heard of a gateway is not counted: it may have been sent elsewhere.
 */
export function withBatch(before: BatchNumbers | null, batch: NumberedBatch): BatchNumbers {
  const { sequence, at, arrival, isComplete } = batch;
  const own: BatchRange = {
    ...{ first: sequence, last: sequence, firstAt: at, lastAt: at },
    completeArrival: isComplete ? arrival : null,
  };
  if (before === null) return { life: 1, ranges: [own], latest: at, readers: [...new Set(batch.readers)].sort() };
  const latest = Math.max(before.latest, at);
  const readers = [...new Set([...before.readers, ...batch.readers])].sort();
  const isSeen = before.ranges.some(({ first, last }) => first <= sequence && sequence <= last);
  if (at > before.latest && (isSeen || sequence === 1)) {
    const start = { first: 0, last: 0, firstAt: before.latest, lastAt: before.latest, completeArrival: null };
    return { life: before.life + 1, ranges: joined([start, own]), latest, readers };
  }
  if (isSeen) return { ...before, latest, readers };
  const ranges = joined([...before.ranges, own].sort((a, b) => a.first - b.first));
  return { life: before.life, ranges, latest, readers };
}

/**
 * Holes that are no mere overtaking: the gateway, which claims completeness only behind everything older, did so in a
 * later batch, and has had {@link RESEND_MS} since to send again what was not acknowledged.
 */
export function missingBatches({ ranges }: BatchNumbers, now: number): BatchHole[] {
  const holes: BatchHole[] = [];
  let complete = Number.POSITIVE_INFINITY;
  for (let index = ranges.length - 1; index > 0; index--) {
    const above = ranges[index];
    const below = ranges[index - 1];
    if (above === undefined || below === undefined) break;
    complete = Math.min(complete, above.completeArrival ?? Number.POSITIVE_INFINITY);
    if (now < complete + RESEND_MS) continue;
    const from = below.lastAt - SETTLE_MS;
    holes.push({ first: below.last + 1, last: above.first - 1, from, to: Math.max(above.firstAt, from + 1) });
  }
  return holes.reverse();
}

/** The hole as each reader of the gateway may have suffered it. */
export function gapsOfHole(
  gateway: string,
  { first, last, from, to }: BatchHole,
  readers: readonly string[],
): ReadGap[] {
  const which = first === last ? `batch ${first}` : `batches ${first} to ${last}`;
  return readers.map((reader) => ({ reader, from, to, reason: `${which} of gateway ${gateway} did not arrive` }));
}

function joined(ranges: readonly BatchRange[]): BatchRange[] {
  const result: BatchRange[] = [];
  for (const range of ranges) {
    const before = result.at(-1);
    if (before === undefined || before.last + 1 < range.first) result.push(range);
    else result[result.length - 1] = spanning(before, range);
  }
  while (result.length > MOST_RANGES) {
    const [lowest, next] = result;
    if (lowest === undefined || next === undefined) break;
    result.splice(0, 2, spanning(lowest, next));
  }
  return result;
}

function spanning(below: BatchRange, above: BatchRange): BatchRange {
  const arrivals = [below.completeArrival, above.completeArrival].filter((arrival) => arrival !== null);
  return {
    ...{ first: below.first, last: above.last, firstAt: below.firstAt, lastAt: above.lastAt },
    completeArrival: arrivals.length === 0 ? null : Math.min(...arrivals),
  };
}
