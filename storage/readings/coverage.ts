import { DAY_MS } from './rollup-marks.ts';

/** Event times [from, to), epoch ms UTC. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** How far the rollups of a key go (migration 0081). Times epoch ms UTC. */
export interface RollupState {
  readonly rolled: number;
  readonly kept: number;
  /** Days whose rollups are to be made again, by where they begin, ascending. */
  readonly marked: readonly number[];
}

/**
 * Divides [from, to) into what the rollups of a width hold for good and what has to be asked of the readings: the cut
 * buckets at both ends, days that are marked, and everything behind the watermark. Where readings have been dropped,
 * rollups are all there is, and their whole buckets answer.
 *
 * @param width ms of a bucket; a day at most, and days are made of whole buckets
 * @returns spans by `from`, together [from, to) but for what lies before `kept`
 */
export function coverage({ from, to }: Span, width: number, state: RollupState): { rolled: Span[]; live: Span[] } {
  const first = from < state.kept ? floorTo(from, width) : Math.ceil(from / width) * width;
  const last = Math.max(first, floorTo(Math.min(to, state.rolled), width));
  const live: Span[] = [];
  if (from < Math.min(first, to)) live.push({ from, to: Math.min(first, to) });
  const rolled: Span[] = [];
  let at = first;
  for (const day of state.marked) {
    const end = Math.min(day + DAY_MS, last);
    if (day >= last) break;
    if (day < state.kept || end <= at) continue;
    if (at < day) rolled.push({ from: at, to: day });
    const begin = Math.max(at, day);
    if (begin < end) live.push({ from: begin, to: end });
    at = Math.max(at, end);
  }
  if (at < last) rolled.push({ from: at, to: last });
  if (last < to) live.push({ from: Math.max(last, from), to });
  return { rolled, live };
}

/** The parts of ascending `spans` that lie in ascending `pieces`, and the parts that do not, neighbours joined. */
export function divided(spans: readonly Span[], pieces: readonly Span[]): { inside: Span[]; outside: Span[] } {
  const inside: Span[] = [];
  const outside: Span[] = [];
  for (const { from, to } of spans) {
    let at = from;
    for (const piece of pieces) {
      const begin = Math.max(piece.from, at);
      const end = Math.min(piece.to, to);
      if (begin >= end) continue;
      if (at < begin) outside.push({ from: at, to: begin });
      inside.push({ from: begin, to: end });
      at = end;
    }
    if (at < to) outside.push({ from: at, to });
  }
  return { inside, outside };
}

function floorTo(time: number, width: number): number {
  return Math.floor(time / width) * width;
}
