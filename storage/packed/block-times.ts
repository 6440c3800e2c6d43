import { bitsAt, putBits, widthOf } from './bits.ts';

/**
 * How the times of a block are written: what each lies beside the straight line from the first to the last. A clock that
 * ticks evenly takes no bits, one that is off by up to half a second now and then takes ten.
 *
 * Times are whole units since the stretch began. The time of reading i is
 * `first + floor(i * span / (count - 1)) - below + number`, number taking `width` bits.
 */
export interface TimeLine {
  readonly first: number;
  /** From the first to the last. */
  readonly span: number;
  /** How far the lowest lies below the line. */
  readonly below: number;
  readonly width: number;
}

/** Of [from, to) of the times, at least one. */
export function lineOf(times: Float64Array, from: number, to: number): TimeLine {
  const first = times[from] as number;
  const span = (times[to - 1] as number) - first;
  const gaps = Math.max(1, to - from - 1);
  let [below, above] = [0, 0];
  for (let i = from; i < to; i++) {
    const beside = (times[i] as number) - first - Math.floor(((i - from) * span) / gaps);
    if (beside < -below) below = -beside;
    if (beside > above) above = beside;
  }
  return { first, span, below, width: widthOf(below + above) };
}

/** Puts the times of [from, to) where only zeros are. @param at bits from the start */
export function putTimes(
  view: DataView,
  at: number,
  line: TimeLine,
  times: Float64Array,
  from: number,
  to: number,
): void {
  const { first, span, below, width } = line;
  if (width === 0) return;
  const gaps = Math.max(1, to - from - 1);
  for (let i = from; i < to; i++) {
    const beside = (times[i] as number) - first - Math.floor(((i - from) * span) / gaps);
    putBits(view, at + (i - from) * width, width, beside + below);
  }
}

/** What times of a block are counted in, and from when. */
export interface Clock {
  /** ms */
  readonly unit: number;
  /** Where the stretch begins, epoch ms UTC. */
  readonly since: number;
}

/** Inverse of {@link putTimes}: the times of a part of a block into `times`, the first of them at `into`. */
export function readTimes(
  view: DataView,
  at: number,
  { first, span, below, width }: TimeLine,
  { from, to, count }: Part,
  times: Float64Array,
  into: number,
  { unit, since }: Clock,
): void {
  const gaps = Math.max(1, count - 1);
  const start = first - below;
  for (let i = from; i < to; i++) {
    const time = start + Math.floor((i * span) / gaps) + bitsAt(view, at + i * width, width);
    times[into + i - from] = since + time * unit;
  }
}

/** When the first and the last reading of a block were, as the line says. */
export function endsOf({ first, span }: TimeLine, { unit, since }: Clock): { firstTime: number; lastTime: number } {
  return { firstTime: since + first * unit, lastTime: since + (first + span) * unit };
}

/** No reading of a block of `count` lies more than so many units behind the one before it: as far as the line and its width say. */
export function longestStep({ span, width }: TimeLine, count: number): number {
  return count === 1 ? 0 : Math.ceil(span / (count - 1)) + 2 ** width - 1;
}

/** Readings [from, to) of a block of `count`. */
export interface Part {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}
