import { type KeyQuality, mayStep, NEIGHBOURS, STEPS_LEARNT_FROM } from '../../domain/index.ts';
import type { Machines } from './machines.ts';
import { type Rewound, rewind } from './rewind.ts';
import { firstNotBefore } from './series.ts';
import type { StoredReadings, Tails } from './tails.ts';
import type { Watches } from './watches.ts';
import { goodOf, type Window } from './window.ts';

/** A key whose late readings lie beyond its tail: it waits for its history. */
export interface ParkedKey {
  readonly key: number;
  readonly device: string;
  readonly metric: number;
  /** Event times to judge again; -Infinity = from the key's first reading. */
  readonly from: number;
  readonly to: number;
  /** Grows with every further reason to wait. */
  readonly reasons: number;
}

export interface Span {
  from: number;
  to: number;
  reasons: number;
  /** Some of it is late; else it is only that the quality of readings has changed. */
  isLate: boolean;
}

/** A tail with fewer readings takes more from history where it can: learnt gaps look back on twenty steps. */
const LEAST_TAIL = STEPS_LEARNT_FROM + 2;

/**
 * What is to be judged again, and the judging: late readings and other qualities from the tail, what lies before it from
 * history, and what other rules judge from where they differ. Collected as it comes, done at the next flush.
 */
export class Rejudging {
  readonly #watches: Watches;
  readonly #machines: Machines;
  readonly #tails: Tails;
  /** Event times that late readings touched, per key, since the last flush. */
  readonly #touched = new Map<number, Span>();
  readonly #parked = new Map<number, Span>();
  /** Readings before this time came into the key's tail from history, which may be ahead of the log. */
  readonly #fromHistory = new Map<number, number>();
  /** Event time from which other rules judge, per watch, since the last flush. */
  readonly #replanned = new Map<number, number>();
  /** Watches that late readings had judged again, since the last flush. */
  readonly #rewound = new Set<number>();

  constructor({ watches, machines, tails }: { watches: Watches; machines: Machines; tails: Tails }) {
    this.#watches = watches;
    this.#machines = machines;
    this.#tails = tails;
  }

  /** The key's readings in [from, to] are to be judged again from its tail. */
  touch(key: number, from: number, to = from, isLate = true): void {
    widen(this.#touched, key, from, to, isLate);
  }

  /** They are to be judged again from history. */
  park(key: number, from: number, to = from, isLate = true): void {
    widen(this.#parked, key, from, to, isLate);
  }

  /** Something of the key is yet to be judged again: its watches may have judged what is suspect by now. */
  isPending(key: number): boolean {
    return this.#touched.has(key) || this.#parked.has(key);
  }

  /** The key waits for its history. */
  isParked(key: number): boolean {
    return this.#parked.has(key);
  }

  /** Keys that wait for their history. */
  parked(): ParkedKey[] {
    return [...this.#parked].map(([key, { from, to, reasons }]) => ({
      key,
      device: this.#tails.series.deviceOf(key),
      metric: this.#tails.series.metricOf(key),
      from,
      to,
      reasons,
    }));
  }

  /** Other rules judge the watch's key from an event time on. */
  changePlan(watch: number, from: number): void {
    this.#replanned.set(watch, Math.min(from, this.#replanned.get(watch) ?? from));
    this.#watches.touch(watch);
  }

  /** Whether a reading that is in the key's tail already may have come from history before the log brought it. */
  isFromHistory(key: number, time: number): boolean {
    return time < (this.#fromHistory.get(key) ?? 0);
  }

  /**
   * A reading that history had brought before the log did: what was published may be from when it was not there, and the
   * quality of its neighbours with it.
   */
  recheck(key: number, time: number, quality: KeyQuality): void {
    const { times } = this.#tails.series;
    const [start, end] = [this.#tails.series.startOf(key), this.#tails.series.endOf(key)];
    const i = firstNotBefore(times, start, end, time);
    if (!mayStep(quality)) widen(this.#touched, key, time);
    else if (i - start < NEIGHBOURS && !this.#tails.series.isWhole(key)) widen(this.#parked, key, time);
    else {
      const [first, last] = [Math.max(start, i - NEIGHBOURS), Math.min(end - 1, i + NEIGHBOURS)];
      widen(this.#touched, key, times[first] as number, times[last] as number);
    }
  }

  /** Judges again all that was collected, as far as the tails reach; the rest is parked. */
  run(): void {
    for (const [watch, from] of this.#replanned) this.#rewindReplanned(watch, from);
    this.#replanned.clear();
    for (const [key, touched] of this.#touched) this.fromTail(key, touched);
    this.#touched.clear();
  }

  /** Late readings had the watch judged again. */
  isRewound(watch: number): boolean {
    return this.#rewound.has(watch);
  }

  /** What was judged again has been published. */
  published(): void {
    this.#rewound.clear();
  }

  /**
   * Judges a parked key again with its stored readings, those before its tail; what comes of it is in the next flush.
   *
   * @returns `done`, or on which side more readings are needed; nothing has changed for the watches that need them
   */
  reevaluate({ key, from, to }: ParkedKey, stored: StoredReadings): Rewound {
    const all = this.#tails.joined(key, stored);
    const good = goodOf(all);
    // The quality of the neighbours may have changed with what has.
    const first = Math.max(all.start, firstNotBefore(all.times, all.start, all.end, from) - NEIGHBOURS);
    const last = Math.min(all.end - 1, firstNotBefore(all.times, all.start, all.end, to) + NEIGHBOURS);
    const [since, until] = [Math.min(from, all.times[first] ?? from), Math.max(to, all.times[last] ?? to)];
    for (let watch = this.#watches.first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      const window = this.#machines.seesSuspects(watch) ? all : good;
      const outcome = this.rewind(watch, window, since, until, stored.reachesTail);
      if (outcome !== 'done') return outcome;
    }
    // What only the quality of readings has changed is not late.
    if (this.#parked.get(key)?.isLate === false) this.#forgetRewound(key);
    this.#parked.delete(key);
    if (stored.reachesTail) this.#keepTail(key, all);
    return 'done';
  }

  /** Now: from the key's tail. */
  fromTail(key: number, { from, to, isLate }: Span): void {
    for (let watch = this.#watches.first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      if (this.rewind(watch, this.#tails.seen(key, this.#machines.seesSuspects(watch)), from, to, true) !== 'done') {
        widen(this.#parked, key, from, to, isLate);
      } else if (!isLate) this.#rewound.delete(watch);
    }
  }

  rewind(watch: number, window: Window, from: number, to: number, isLive: boolean): Rewound {
    const { times, start, end } = window;
    const outcome = rewind({
      watches: this.#watches,
      machine: this.#machines.of(watch),
      watch,
      window,
      firstChanged: firstNotBefore(times, start, end, from),
      lastChanged: firstNotBefore(times, start, end, to),
      isLive,
    });
    if (outcome === 'done') {
      this.#rewound.add(watch);
      this.#watches.touch(watch);
    }
    return outcome;
  }

  #rewindReplanned(watch: number, from: number): void {
    const key = this.#watches.key[watch] as number;
    const end = Number.POSITIVE_INFINITY;
    if (this.rewind(watch, this.#tails.seen(key, this.#machines.seesSuspects(watch)), from, end, true) === 'done') {
      // No reading was late: what is found now is found because of the rule.
      this.#rewound.delete(watch);
      return;
    }
    widen(this.#parked, key, from, end);
  }

  /**
   * After a rewind from history: the tail takes over what has become of the quality of its readings, and where a rule is
   * new, more readings, as its windows may reach back further than the tail does.
   */
  #keepTail(key: number, all: Window): void {
    const series = this.#tails.series;
    const [start, end] = [series.startOf(key), series.endOf(key)];
    const isMore = end - start < Math.min(LEAST_TAIL, all.end - all.start);
    if (series.isShort(key) || (isMore && !series.isWhole(key))) {
      this.#fromHistory.set(key, this.#tails.from(key));
      this.#tails.replace(key, all);
      return;
    }
    for (let i = start; i < end; i++) series.setFlags(key, i, all.flags[all.end - end + i] as number);
    this.#tails.forgetGood(key);
  }

  #forgetRewound(key: number): void {
    for (let watch = this.#watches.first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      this.#rewound.delete(watch);
    }
  }
}

function widen(spans: Map<number, Span>, key: number, from: number, to = from, isLate = true): void {
  const span = spans.get(key);
  if (span === undefined) spans.set(key, { from, to, reasons: 1, isLate });
  else {
    span.from = Math.min(span.from, from);
    span.to = Math.max(span.to, to);
    span.reasons++;
    span.isLate ||= isLate;
  }
}
