import { excusedAtMost, isAbove, isBelow, metricByCode, metricByName, type Unless } from '../../domain/index.ts';
import { firstNotBefore, type Reach } from './series.ts';
import type { StoredReadings, Tails } from './tails.ts';
import type { Watches } from './watches.ts';
import { goodOf, type Window } from './window.ts';

/** Readings of a key that are excused otherwise now. */
export interface Excused {
  readonly key: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Metrics that rules on other metrics of the same device ask: a defrost that excuses the temperature. Which keys ask which, what
 * their tails have to hold for it, and what is to be judged again when one of them changes.
 */
export class Beside {
  readonly #watches: Watches;
  readonly #tails: Tails;
  /** How far back a metric is asked at most, ms, by its code. */
  readonly #reach = new Map<number, number>();
  /** The same, asked with each reading. */
  readonly #isAsked = new Uint8Array(256);
  /** Stored readings of the key that is judged from history, joined with their tails, by metric. */
  #stored: ReadonlyMap<number, Window> = new Map();

  constructor({ watches, tails }: { readonly watches: Watches; readonly tails: Tails }) {
    this.#watches = watches;
    this.#tails = tails;
    watches.beside = (key, name) => {
      const metric = metricByName(name)?.code ?? 0;
      const stored = this.#stored.get(metric);
      if (stored !== undefined) return stored;
      const beside = tails.series.besideOf(key, metric);
      return beside < 0 ? null : tails.beside(beside);
    };
  }

  /** Whether a rule on another metric may ask this key's. */
  isAsked(key: number): boolean {
    return this.#isAsked[this.#tails.series.metricOf(key)] === 1;
  }

  /** The keys that a key's rules ask, as far as there are any; notes how far back they do. */
  asks(key: number): number[] {
    const asked = this.#unlessOf(key).map((unless) => {
      const code = metricByName(unless.metric)?.code ?? 0;
      this.#isAsked[code] = 1;
      this.#reach.set(code, Math.max(excusedAtMost(unless), this.#reach.get(code) ?? 0));
      return this.#tails.series.besideOf(key, code);
    });
    return asked.filter((beside) => beside >= 0);
  }

  /** What a key's tail holds, beside what its own rules read. */
  reachOf(key: number, own: Reach | null): Reach | null {
    const reachMs = this.#reach.get(this.#tails.series.metricOf(key));
    if (reachMs === undefined) return own;
    const { windowMs, newestMs, newest } = own ?? { windowMs: 0, newestMs: 0, newest: 0 };
    return { windowMs: Math.max(windowMs, 2 * reachMs), newestMs, newest };
  }

  /** The keys whose rules ask this one. */
  askers(flag: number): number[] {
    const { series } = this.#tails;
    const name = metricByCode(series.metricOf(flag))?.name;
    return series
      .keysOf(series.deviceOf(flag))
      .filter((key) => key !== flag && this.#unlessOf(key).some(({ metric }) => metric === name));
  }

  /**
   * What is excused otherwise with readings of `flag` that are new or others in [since, until]: up to the next one after them, and
   * as long after that as it excuses at most.
   */
  changedBy(flag: number, since: number, until: number, isLate: boolean): Excused[] {
    const { series } = this.#tails;
    const [start, end] = [series.startOf(flag), series.endOf(flag)];
    const next = firstNotBefore(series.times, start, end, until + 1);
    const changedTo = next < end ? (series.times[next] as number) : until;
    return this.askers(flag).flatMap((key) => {
      const last = series.lastTime(key);
      if (last < since || (!isLate && !this.#saysAnything(flag, key))) return [];
      const reachMs = Math.max(...this.#unlessOf(key).map(excusedAtMost));
      return { key, from: since, to: Math.min(last, changedTo + reachMs) };
    });
  }

  /** Every metric that a key's rules ask and its device has. */
  askedBy(key: number): { readonly metric: number; readonly tailFrom: number; readonly reachMs: number }[] {
    const { series } = this.#tails;
    return this.asks(key).map((beside) => {
      const metric = series.metricOf(beside);
      return { metric, tailFrom: this.#tails.from(beside), reachMs: this.#reach.get(metric) ?? 0 };
    });
  }

  /** Has what is asked beside `key` be these stored readings, and the tails they reach, while `judge` runs. */
  during<T>(key: number, stored: ReadonlyMap<number, StoredReadings>, judge: () => T): T {
    const windows = new Map<number, Window>();
    for (const [metric, readings] of stored) {
      const beside = this.#tails.series.besideOf(key, metric);
      if (beside >= 0) windows.set(metric, goodOf(this.#tails.joined(beside, readings)));
    }
    this.#stored = windows;
    try {
      return judge();
    } finally {
      this.#stored = new Map();
    }
  }

  /** Whether one of the last two readings meets the limit: of what is off and stays off nothing is excused. */
  #saysAnything(flag: number, key: number): boolean {
    const { series } = this.#tails;
    const name = metricByCode(series.metricOf(flag))?.name;
    const newest = series.values.subarray(Math.max(series.startOf(flag), series.endOf(flag) - 2), series.endOf(flag));
    return this.#unlessOf(key).some(
      (unless) => unless.metric === name && newest.some((value) => isAbove(value, unless) || isBelow(value, unless)),
    );
  }

  #unlessOf(key: number): Unless[] {
    const found: Unless[] = [];
    for (let watch = this.#watches.first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      for (const { program } of this.#watches.plans[watch]?.slices ?? []) {
        if (program.rule.kind === 'threshold' && program.rule.unless !== undefined) found.push(program.rule.unless);
      }
    }
    return found;
  }
}
