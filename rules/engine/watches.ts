import { INTERVALS_WITHOUT_GAP, isLearntGap, learntGap, STEPS_LEARNT_FROM } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import type { KeyRule, Slice, WatchPlan } from './program.ts';
import { grown } from './series.ts';

/** Readings of one key in event-time order: indexes start .. end - 1 of two columns. */
export interface Place {
  times: Float64Array;
  values: Float64Array;
  /** Index of the first reading known. */
  start: number;
  /** One past the last reading known. */
  end: number;
  /** `start` is the first reading the key ever had. */
  isWhole: boolean;
  /** Event time of the first reading the key ever had. */
  firstTime: number;
}

/**
 * A watch is one rule on one key: what all kinds need to know about it, as columns over the watch's integer. What a
 * kind needs beside stands in its machine, under the watch's slot.
 *
 * The *calm band* is the fast path: as long as a reading lies in [calmLow, calmHigh] and before calmUntil, it changes
 * nothing for the watch and its machine is not asked.
 */
export class Watches {
  count = 0;
  key = new Uint32Array(64);
  /** The next watch of the same key, -1 at the end. */
  next = new Int32Array(64);
  kind = new Uint8Array(64);
  slot = new Uint32Array(64);
  calmLow = new Float64Array(64);
  calmHigh = new Float64Array(64);
  calmUntil = new Float64Array(64);
  /** Once now is past it, the passing of time alone may change a finding. */
  deadline = new Float64Array(64);
  /** ms; 0 = learnt from the steps before. */
  maxGap = new Float64Array(64);
  /** Findings from here on differ from what was last published; Infinity = none. */
  dirtyFrom = new Float64Array(64);
  readonly plans: WatchPlan[] = [];
  /** Findings by `from`; null before the first. */
  readonly drafts: (Draft[] | null)[] = [];
  /** The last tick, epoch ms UTC; -Infinity before the first. */
  now = Number.NEGATIVE_INFINITY;
  /** A gap had to be judged at a reading with too few readings known before it. */
  lacksContext = false;
  #isDirty = new Uint8Array(64);
  readonly #dirty: number[] = [];

  open(key: number, kind: number, plan: WatchPlan): number {
    const watch = this.count++;
    if (watch === this.key.length) this.#grow();
    this.key[watch] = key;
    this.next[watch] = -1;
    this.kind[watch] = kind;
    this.deadline[watch] = Number.POSITIVE_INFINITY;
    this.dirtyFrom[watch] = Number.POSITIVE_INFINITY;
    this.drafts.push(null);
    this.plans.push(plan);
    this.plan(watch, plan);
    return watch;
  }

  plan(watch: number, plan: WatchPlan): void {
    this.plans[watch] = plan;
  }

  /** From here on the slice's program judges: its gaps, and its end as the end of all calm. */
  enter(watch: number, slice: Slice<KeyRule>): void {
    const { rule } = slice.program;
    const { intervalMs } = this.plans[watch] as WatchPlan;
    const own = 'maxGapMs' in rule ? rule.maxGapMs : undefined;
    this.maxGap[watch] = own ?? (intervalMs === null ? 0 : INTERVALS_WITHOUT_GAP * intervalMs);
    this.calmUntil[watch] = slice.to;
  }

  /** The calm band of a watch that no program judges before `until`. */
  rest(watch: number, until: number): void {
    this.calmLow[watch] = Number.NEGATIVE_INFINITY;
    this.calmHigh[watch] = Number.POSITIVE_INFINITY;
    this.calmUntil[watch] = until;
  }

  /** No reading is calm: the machine is asked about each. */
  stayAwake(watch: number): void {
    this.calmLow[watch] = Number.NaN;
    this.calmHigh[watch] = Number.NaN;
  }

  sliceAt(watch: number, time: number): Slice<KeyRule> | undefined {
    const { slices } = this.plans[watch] as WatchPlan;
    for (let i = slices.length - 1; i >= 0; i--) {
      const slice = slices[i] as Slice<KeyRule>;
      if (time >= slice.from) return time < slice.to ? slice : undefined;
    }
    return undefined;
  }

  /** When the next slice after `time` begins; Infinity where there is none. */
  nextSliceAfter(watch: number, time: number): number {
    const { slices } = this.plans[watch] as WatchPlan;
    return slices.find((slice) => slice.from > time)?.from ?? Number.POSITIVE_INFINITY;
  }

  /** Whether the step into reading `i` is a gap for this watch. */
  isGap(watch: number, place: Place, i: number): boolean {
    const limit = this.maxGap[watch] as number;
    if (limit > 0) return (place.times[i] as number) - (place.times[i - 1] as number) > limit;
    this.#needContext(place, i);
    return isLearntGap(place.times, place.start, i);
  }

  /** The longest step after the last reading known that is no gap, ms. */
  gapLimitAtEnd(watch: number, place: Place): number {
    const limit = this.maxGap[watch] as number;
    if (limit > 0) return limit;
    this.#needContext(place, place.end);
    return learntGap(place.times, place.start, place.end);
  }

  addDraft(watch: number, draft: Draft): void {
    const drafts = this.drafts[watch];
    if (drafts === null || drafts === undefined) this.drafts[watch] = [draft];
    else drafts.push(draft);
    this.markDirty(watch, draft.from);
  }

  /** Takes away the drafts that begin after `time`, ascending. */
  cutDraftsAfter(watch: number, time: number): Draft[] {
    const drafts = this.drafts[watch];
    if (!drafts) return [];
    let at = drafts.length;
    while (at > 0 && (drafts[at - 1] as Draft).from > time) at--;
    if (at === drafts.length) return [];
    const cut = drafts.splice(at);
    this.markDirty(watch, (cut[0] as Draft).from);
    return cut;
  }

  lastDraft(watch: number): Draft | undefined {
    return this.drafts[watch]?.at(-1);
  }

  /** Findings from `from` on have changed. */
  markDirty(watch: number, from: number): void {
    if (from < (this.dirtyFrom[watch] as number)) this.dirtyFrom[watch] = from;
    this.touch(watch);
  }

  /** The watch has to be settled: time may have changed its last finding. */
  touch(watch: number): void {
    if (this.#isDirty[watch] === 1) return;
    this.#isDirty[watch] = 1;
    this.#dirty.push(watch);
  }

  /** The watches touched since the last call. */
  takeDirty(): number[] {
    for (const watch of this.#dirty) this.#isDirty[watch] = 0;
    return this.#dirty.splice(0);
  }

  /** Bytes of the columns, for the memory figures. */
  get bytes(): number {
    const perWatch = 4 + 4 + 1 + 4 + 8 * 6;
    return this.key.length * perWatch + this.drafts.length * 16;
  }

  #needContext(place: Place, i: number): void {
    if (!place.isWhole && i - 1 - place.start < STEPS_LEARNT_FROM) this.lacksContext = true;
  }

  #grow(): void {
    const length = this.key.length * 2;
    this.key = grown(this.key, new Uint32Array(length));
    this.next = grown(this.next, new Int32Array(length));
    this.kind = grown(this.kind, new Uint8Array(length));
    this.slot = grown(this.slot, new Uint32Array(length));
    this.calmLow = grown(this.calmLow, new Float64Array(length));
    this.calmHigh = grown(this.calmHigh, new Float64Array(length));
    this.calmUntil = grown(this.calmUntil, new Float64Array(length));
    this.deadline = grown(this.deadline, new Float64Array(length));
    this.maxGap = grown(this.maxGap, new Float64Array(length));
    this.#isDirty = grown(this.#isDirty, new Uint8Array(length));
    this.dirtyFrom = grown(this.dirtyFrom, new Float64Array(length));
  }
}
