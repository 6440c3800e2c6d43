import {
  excusedAtMost,
  isLearntGap,
  learntGap,
  learntPace,
  type Metric,
  STEPS_LEARNT_FROM,
  type Unless,
} from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import { isExcused } from './excuse.ts';
import { GAP, NO_GAP, NOT_JUDGED } from './judged-gap.ts';
import { KeyBands } from './key-bands.ts';
import { KEY_KINDS, type KeyKind, type KeyRule, type Slice, type WatchPlan } from './program.ts';
import { grown, larger } from './series.ts';
import type { Window } from './window.ts';

/** Kinds that see each reading. */
const NEVER_BYPASSED: ReadonlySet<KeyKind> = new Set<KeyKind>(['mkt', 'forecast']);

/**
 * A watch is one rule on one key: what all kinds need to know about it, as columns over the watch's integer. What a
 * kind needs beside stands in its machine, under the watch's slot.
 *
 * The *bypass band* is the fast path: as long as a reading lies in [bypassLow, bypassHigh], before bypassEnd and at most bypassStep
 * after the one before it, it changes nothing for the watch and its machine is not asked. What all watches of
 * a key bypass is kept together (`key-bands.ts`).
 */
export class Watches {
  count = 0;
  /** First watch of each key, -1 where no rule judges it. Those that may bypass readings come first. */
  readonly first: number[] = [];
  /** The first of each key's watches that see every reading, -1 where there is none. */
  readonly firstUnbypassed: number[] = [];
  key = new Uint32Array(64);
  /** The next watch of the same key, -1 at the end. */
  next = new Int32Array(64);
  kind = new Uint8Array(64);
  slot = new Uint32Array(64);
  bypassLow = new Float64Array(64);
  bypassHigh = new Float64Array(64);
  bypassEnd = new Float64Array(64);
  /** ms */
  bypassStep = new Float64Array(64);
  readonly keyBands = new KeyBands();
  /** Once now is past it, the passing of time alone may change a finding. */
  deadline = new Float64Array(64);
  /** ms; 0 = learnt from the steps before. */
  maxGap = new Float64Array(64);
  /** Findings from here on differ from what was last published; absent = none. */
  readonly dirtyFrom = new Map<number, number>();
  readonly plans: WatchPlan[] = [];
  /** Findings by `from`; absent before the first. */
  readonly drafts = new Map<number, Draft[]>();
  /** The last tick, epoch ms UTC; -Infinity before the first. */
  now = Number.NEGATIVE_INFINITY;
  /** A gap had to be judged at a reading with too few readings known before it. */
  lacksContext = false;
  /** Another metric of the device was asked about a time before its readings known. */
  lacksBeside = false;
  /** While keys are taken up, what is not known of another metric excuses nothing; they are judged again then. */
  isRestoring = false;
  /** The good readings of another metric of a key's device; null where it has none. */
  beside: (key: number, metric: Metric) => Window | null = () => null;
  /** By the slices they share. */
  readonly #plans = new WeakMap<readonly Slice<KeyRule>[], WatchPlan[]>();
  #isDirty = new Uint8Array(64);
  readonly #dirty: number[] = [];

  /** A key more, without watches. */
  openKey(): void {
    this.first.push(-1);
    this.firstUnbypassed.push(-1);
  }

  open(key: number, plan: WatchPlan): number {
    const watch = this.count++;
    if (watch === this.key.length) this.#grow();
    this.key[watch] = key;
    this.kind[watch] = KEY_KINDS.indexOf(plan.kind);
    this.deadline[watch] = Number.POSITIVE_INFINITY;
    this.plans.push(this.#shared(plan));
    this.#link(watch, key, NEVER_BYPASSED.has(plan.kind));
    return watch;
  }

  /** From here on the slice's program judges: its gaps, and its end as the end of its bypass band. */
  enter(watch: number, slice: Slice<KeyRule>): void {
    const { rule } = slice.program;
    const { maxGapMs } = this.plans[watch] as WatchPlan;
    const own = 'maxGapMs' in rule ? rule.maxGapMs : undefined;
    this.maxGap[watch] = own ?? maxGapMs ?? 0;
    this.bypassEnd[watch] = slice.to;
  }

  /** Bypasses every reading of a watch that no program judges before `until`. */
  bypassUntil(watch: number, until: number): void {
    this.bypassEnd[watch] = until;
    this.bypass(watch, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
  }

  /** Until its slice ends a reading in [low, high] that comes at most `stepMs` after the one before changes nothing. */
  bypass(watch: number, low: number, high: number, stepMs: number): void {
    this.bypassLow[watch] = low;
    this.bypassHigh[watch] = high;
    this.bypassStep[watch] = stepMs;
    this.keyBands.forget(this.key[watch] as number);
  }

  /** No reading is bypassed: the machine is asked about each. */
  neverBypass(watch: number): void {
    if (Number.isNaN(this.bypassLow[watch])) return;
    this.bypassLow[watch] = Number.NaN;
    this.keyBands.forget(this.key[watch] as number);
  }

  isBypassed(watch: number, value: number, time: number, stepMs: number): boolean {
    return (
      value >= (this.bypassLow[watch] as number) &&
      value <= (this.bypassHigh[watch] as number) &&
      time < (this.bypassEnd[watch] as number) &&
      stepMs <= (this.bypassStep[watch] as number)
    );
  }

  /** Makes the bypass band of a key again from those of its watches. */
  joinBands(key: number): void {
    const end = this.firstUnbypassed[key] as number;
    let low = Number.NEGATIVE_INFINITY;
    let high = Number.POSITIVE_INFINITY;
    let until = Number.POSITIVE_INFINITY;
    let stepMs = Number.POSITIVE_INFINITY;
    for (let watch = this.first[key] as number; watch !== end; watch = this.next[watch] as number) {
      // NaN stays.
      if (!((this.bypassLow[watch] as number) <= low)) low = this.bypassLow[watch] as number;
      if ((this.bypassHigh[watch] as number) < high) high = this.bypassHigh[watch] as number;
      if ((this.bypassEnd[watch] as number) < until) until = this.bypassEnd[watch] as number;
      if ((this.bypassStep[watch] as number) < stepMs) stepMs = this.bypassStep[watch] as number;
      if (Number.isNaN(low)) break;
    }
    this.keyBands.set(key, low, high, until, stepMs);
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
  isGap(watch: number, window: Window, i: number): boolean {
    const limit = this.maxGap[watch] as number;
    const step = (window.times[i] as number) - (window.times[i - 1] as number);
    if (limit > 0) return step > limit;
    const known = window.gaps[i];
    if (known !== NOT_JUDGED) return known === GAP;
    const { among } = window;
    const isGap =
      among === null
        ? isLearntGap(window.times, window.start, i)
        : isLearntGap(among.times, among.start, among.start + (among.places[i - 1] as number) + 1, step);
    if (this.#hasContext(window, i)) window.gaps[i] = isGap ? GAP : NO_GAP;
    else this.lacksContext = true;
    return isGap;
  }

  /** The longest step after the last reading known that is no gap, ms. */
  gapLimitAtEnd(watch: number, window: Window): number {
    if (window.end === window.start) return 0;
    const limit = this.maxGap[watch] as number;
    if (limit > 0) return limit;
    if (!this.#hasContext(window, window.end)) this.lacksContext = true;
    const { among, end } = window;
    if (among === null) return learntGap(window.times, window.start, end);
    return learntGap(among.times, among.start, among.start + (among.places[end - 1] as number) + 1);
  }

  /** How often the device reports, ms, as far as is known where a step into index `i` of all readings begins. */
  paceBefore(watch: number, window: Window, i: number): number | null {
    const { paceMs } = this.plans[watch] as WatchPlan;
    if (paceMs !== null) return paceMs;
    if (!this.#hasContext(window, i)) this.lacksContext = true;
    return learntPace(window.times, window.start, i);
  }

  /** Whether what another metric of the device says excuses what the watch's key measured at `time`. */
  isExcused(watch: number, time: number, unless: Unless): boolean {
    const flag = this.beside(this.key[watch] as number, unless.metric);
    if (flag === null) return false;
    const isSo = isExcused(flag, time, unless, (this.plans[watch] as WatchPlan).maxGapMs ?? excusedAtMost(unless));
    if (isSo === null) this.lacksBeside = true;
    return isSo === true;
  }

  addDraft(watch: number, draft: Draft): void {
    const drafts = this.drafts.get(watch);
    if (drafts === undefined) this.drafts.set(watch, [draft]);
    else drafts.push(draft);
    this.markDirty(watch, draft.from);
  }

  /** Takes away the drafts that begin after `time`, ascending. */
  cutDraftsAfter(watch: number, time: number): Draft[] {
    const drafts = this.drafts.get(watch);
    if (drafts === undefined) return [];
    let at = drafts.length;
    while (at > 0 && (drafts[at - 1] as Draft).from > time) at--;
    if (at === drafts.length) return [];
    const cut = drafts.splice(at);
    this.markDirty(watch, (cut[0] as Draft).from);
    return cut;
  }

  lastDraft(watch: number): Draft | undefined {
    return this.drafts.get(watch)?.at(-1);
  }

  /** Findings from `from` on have changed. */
  markDirty(watch: number, from: number): void {
    if (from < (this.dirtyFrom.get(watch) ?? Number.POSITIVE_INFINITY)) this.dirtyFrom.set(watch, from);
    this.touch(watch);
  }

  /** The watch has to be settled: time may have changed its last finding. */
  touch(watch: number): void {
    if (this.#isDirty[watch] === 1) return;
    this.#isDirty[watch] = 1;
    this.#dirty.push(watch);
  }

  /** The watches touched since the last call, each to be settled. */
  takeDirty(): number[] {
    return this.#dirty.splice(0);
  }

  /** What settling it changed is about to be published: of that alone it need not be settled again. */
  settled(watch: number): void {
    this.#isDirty[watch] = 0;
  }

  /** Bytes of the columns, for the memory figures. */
  get bytes(): number {
    const perWatch = 4 + 4 + 1 + 4 + 8 * 6;
    return this.key.length * perWatch;
  }

  /** Most keys are judged alike: one plan for all of them. */
  #shared(plan: WatchPlan): WatchPlan {
    const alike = this.#plans.get(plan.slices) ?? [];
    this.#plans.set(plan.slices, alike);
    const { ruleId, kind, maxGapMs, paceMs, reportsOnChange, reportsEveryMs } = plan;
    const same = alike.find(
      (known) =>
        known.ruleId === ruleId &&
        known.kind === kind &&
        known.maxGapMs === maxGapMs &&
        known.paceMs === paceMs &&
        known.reportsOnChange === reportsOnChange &&
        known.reportsEveryMs === reportsEveryMs,
    );
    if (same === undefined) alike.push(plan);
    return same ?? plan;
  }

  #link(watch: number, key: number, neverBypasses: boolean): void {
    const first = this.first[key] as number;
    const firstUnbypassed = this.firstUnbypassed[key] as number;
    this.next[watch] = neverBypasses ? firstUnbypassed : first;
    if (neverBypasses) this.firstUnbypassed[key] = watch;
    if (!neverBypasses || first === firstUnbypassed) {
      this.first[key] = watch;
      return;
    }
    let lastBefore = first;
    while (this.next[lastBefore] !== firstUnbypassed) lastBefore = this.next[lastBefore] as number;
    this.next[lastBefore] = watch;
  }

  #hasContext(window: Window, i: number): boolean {
    if (window.isWhole) return true;
    const before = window.among === null ? i - 1 - window.start : (window.among.places[i - 1] as number);
    return before >= STEPS_LEARNT_FROM;
  }

  #grow(): void {
    const length = larger(this.key.length);
    this.key = grown(this.key, new Uint32Array(length));
    this.next = grown(this.next, new Int32Array(length));
    this.kind = grown(this.kind, new Uint8Array(length));
    this.slot = grown(this.slot, new Uint32Array(length));
    this.bypassLow = grown(this.bypassLow, new Float64Array(length));
    this.bypassHigh = grown(this.bypassHigh, new Float64Array(length));
    this.bypassEnd = grown(this.bypassEnd, new Float64Array(length));
    this.bypassStep = grown(this.bypassStep, new Float64Array(length));
    this.deadline = grown(this.deadline, new Float64Array(length));
    this.maxGap = grown(this.maxGap, new Float64Array(length));
    this.#isDirty = grown(this.#isDirty, new Uint8Array(length));
  }
}
