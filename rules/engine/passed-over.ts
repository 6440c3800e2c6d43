import { type KeyReadings, NO_READINGS, type ReadingRun, type ValueBounds } from '../../domain/index.ts';
import type { Beside } from './beside.ts';
import type { Rejudging } from './rejudging.ts';
import { firstNotBefore, type Series } from './series.ts';
import type { Tails } from './tails.ts';
import type { Watches } from './watches.ts';
import { windowOf } from './window.ts';

/**
 * Runs of readings that are taken unread: what is known of each says that all of its readings are plain and lie in the band
 * that every watch of the key bypasses, so that one after the other they would do nothing but lengthen the tail. The tail is
 * made good when somebody is about to read it, from the newest of them.
 */
export class PassedOver {
  readonly #series: Series;
  readonly #tails: Tails;
  readonly #watches: Watches;
  readonly #beside: Beside;
  readonly #rejudging: Rejudging;
  /** By key, those that its tail lacks. */
  readonly #runs = new Map<number, ReadingRun[]>();

  constructor({
    tails,
    watches,
    beside,
    rejudging,
  }: {
    readonly tails: Tails;
    readonly watches: Watches;
    readonly beside: Beside;
    readonly rejudging: Rejudging;
  }) {
    this.#series = tails.series;
    this.#tails = tails;
    this.#watches = watches;
    this.#beside = beside;
    this.#rejudging = rejudging;
  }

  /** @returns false where a reading of it may change something: then nothing is taken */
  take(key: number, run: ReadingRun): boolean {
    const passed = this.#runs.get(key);
    if (!this.#changesNothing(key, run, passed?.at(-1) ?? null)) return false;
    this.#series.noteFirst(key, run.firstTime);
    if (passed === undefined) this.#runs.set(key, [run]);
    else passed.push(run);
    return true;
  }

  /** The tails are what they would be had each reading been taken by itself, or a little longer. */
  catchUp(): void {
    if (this.#runs.size === 0) return;
    for (const [key, runs] of this.#runs) this.#lengthen(key, runs);
    this.#runs.clear();
  }

  #changesNothing(key: number, run: ReadingRun, before: ReadingRun | null): boolean {
    const { keyBands, firstUnbypassed } = this.#watches;
    const seesEach = (firstUnbypassed[key] as number) >= 0 || this.#beside.isAsked(key);
    const isUnsettled = this.#series.suspects(key) > 0 || this.#rejudging.isPending(key);
    if (seesEach || isUnsettled || this.#series.keepsAll) return false;
    const lastTime = before?.lastTime ?? this.#series.lastTime(key);
    if (run.firstTime <= lastTime) return false;
    if (keyBands.isForgotten(key)) this.#watches.joinBands(key);
    const lastValue = before?.lastValue ?? this.#series.lastValue(key);
    const longestStepMs = Math.max(run.firstTime - lastTime, run.longestStepMs);
    const fits = ({ least, most }: ValueBounds) =>
      keyBands.isBypassed(key, least, run.lastTime, longestStepMs) &&
      keyBands.isBypassed(key, most, run.lastTime, longestStepMs) &&
      this.#isPlain(key, least, most, lastValue);
    return fits(run.bounds) || (!keyBands.isForgotten(key) && fits(run.measure()));
  }

  /** Whether values in [least, most] are all good after `last`, in whatever order. Rounding keeps the order of differences. */
  #isPlain(key: number, least: number, most: number, last: number): boolean {
    const { qualities } = this.#tails;
    return (
      qualities.isPlain(key, least, last) && qualities.isPlain(key, most, last) && qualities.isPlain(key, most, least)
    );
  }

  #lengthen(key: number, runs: readonly ReadingRun[]): void {
    const { readings, isAll } = this.#newestOf(key, runs);
    const { count, time, value } = readings;
    if (isAll) {
      for (let i = 0; i < count; i++) this.#series.append(key, time[i] as number, value[i] as number);
      return;
    }
    const firstTime = this.#series.firstTime(key);
    const columns = { times: time, values: value, flags: new Uint8Array(count) };
    this.#tails.replace(key, windowOf(columns, { start: 0, end: count, isWhole: false, firstTime }));
  }

  /** As many of the newest as a tail holds, and before them what the key's rules reach back to. */
  #newestOf(key: number, runs: readonly ReadingRun[]): { readings: KeyReadings; isAll: boolean } {
    const reachMs = this.#series.reachMs(key);
    const since = reachMs === 0 ? Number.POSITIVE_INFINITY : (runs.at(-1)?.lastTime ?? 0) - reachMs;
    const parts: KeyReadings[] = [];
    let isAll = true;
    let lacking = this.#series.most;
    for (let i = runs.length - 1; i >= 0 && lacking > 0; i--) {
      const run = runs[i] as ReadingRun;
      const part = run.newest(run.lastTime >= since ? run.count : lacking);
      parts.unshift(part);
      lacking -= firstNotBefore(part.time, 0, part.count, since);
      isAll = i === 0 && part.count === run.count;
    }
    return { readings: joined(parts), isAll };
  }
}

function joined(parts: readonly KeyReadings[]): KeyReadings {
  if (parts.length < 2) return parts[0] ?? NO_READINGS;
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  const [time, value] = [new Float64Array(count), new Float64Array(count)];
  let at = 0;
  for (const part of parts) {
    time.set(part.time, at);
    value.set(part.value, at);
    at += part.count;
  }
  return { count, time, value };
}
