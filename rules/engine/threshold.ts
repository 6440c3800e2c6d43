import {
  type Finding,
  greatestWithin,
  isAbove,
  isBelow,
  leastWithin,
  lowerLimit,
  type ThresholdRule,
  upperLimit,
} from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import { goodsReachMs, goodsTemperature } from './goods-temperature.ts';
import type { Machine } from './machine.ts';
import type { KeyRule, Program, Slice } from './program.ts';
import { grown, larger, type Reach } from './series.ts';
import type { Watches } from './watches.ts';
import type { Window } from './window.ts';

const INSIDE = 0;
const ABOVE = 1;
const BELOW = 2;
type Side = typeof INSIDE | typeof ABOVE | typeof BELOW;

/** What is under way: a run outside the limits, or a finding that a later run may extend. */
interface Run {
  from: number;
  readings: number;
  extreme: number;
  /** How far `extreme` lies beyond `limit`; -Infinity before the first reading. */
  distance: number;
  limit: number;
  /** The finding the run belongs to, once it counts. */
  draft: Draft | null;
  /** After a run: what a later one may extend. */
  extendable: Draft | null;
  /** `draft` counts only because the last value has held until now: the next reading decides again. */
  isHeld: boolean;
}

/** A watch's state, copied during a rewind. */
interface ThresholdState {
  readonly slice: Slice<KeyRule> | null;
  readonly side: number;
  readonly run: Run | undefined;
  readonly bypassEnd: number;
  readonly maxGap: number;
}

/**
 * threshold (docs/rules.md): runs of readings beyond a limit, with hysteresis, become findings once they have lasted.
 *
 * State per watch: on which side of the limits the key is; what is under way, where anything is.
 */
export class ThresholdMachine implements Machine {
  readonly #watches: Watches;
  #slots = 0;
  readonly #slice: (Slice<KeyRule> | null)[] = [];
  #side = new Uint8Array(64);
  /** By slot; absent where the key is inside and nothing may be extended, which nearly all are. */
  readonly #runs = new Map<number, Run>();

  constructor(watches: Watches) {
    this.#watches = watches;
  }

  /** Bytes of the columns, for the memory figures. */
  get bytes(): number {
    return this.#side.length + this.#slots * 8;
  }

  open(watch: number): void {
    const slot = this.#slots++;
    if (slot === this.#side.length) this.#grow();
    this.#watches.slot[watch] = slot;
    this.#slice.push(null);
    this.#begin(watch, slot, Number.NEGATIVE_INFINITY);
  }

  advance(watch: number, window: Window, i: number): void {
    const slot = this.#watches.slot[watch] as number;
    const time = window.times[i] as number;
    if (this.#runs.size > 0) this.#undoHeld(watch, slot);
    if (time >= (this.#watches.bypassEnd[watch] as number)) {
      this.#leaveSlice(watch, slot, window, i);
      this.#begin(watch, slot, time);
    }
    const slice = this.#slice[slot];
    if (!slice) return;
    const rule = ruleOf(slice.program);
    if (this.#runs.size > 0 && this.#runs.has(slot)) this.#passStep(watch, slot, rule, window, i);
    const value = this.#judged(watch, slot, slice, window, i);
    const side = sideOf(rule, this.#side[slot] as Side, value);
    if (side !== INSIDE) this.#outside(watch, slot, slice, side, time, value);
    else if (this.#side[slot] !== INSIDE) this.#endRun(watch, slot, slice, time, 'recovery');
    this.#setBand(watch, slot, rule);
  }

  settle(watch: number, window: Window, now: number): void {
    const slot = this.#watches.slot[watch] as number;
    const slice = this.#slice[slot];
    this.#watches.deadline[watch] = Number.POSITIVE_INFINITY;
    if (!slice) return;
    this.#countHeld(watch, slot, slice, window, now);
    const draft = this.#runs.get(slot)?.draft;
    if (!draft) return;
    // Without a good reading left they were too long ago to count.
    const last = window.end > window.start ? (window.times[window.end - 1] as number) : Number.NEGATIVE_INFINITY;
    const isWorst = ruleOf(slice.program).gap === 'worst';
    const silentAfter = isWorst ? Number.POSITIVE_INFINITY : last + this.#watches.gapLimitAtEnd(watch, window);
    const endedBy = now > silentAfter ? 'silence' : now >= slice.to ? 'rule' : null;
    if (endedBy === null) this.#watches.deadline[watch] = Math.min(silentAfter, slice.to - 1);
    else if (endedBy === 'rule') this.#watches.deadline[watch] = silentAfter;
    if (draft.endedBy === endedBy) return;
    draft.endedBy = endedBy;
    this.#watches.markDirty(watch, draft.from);
  }

  /** A run of a device that reports on change counts once its last value has held for long enough, without a reading. */
  #countHeld(watch: number, slot: number, slice: Slice<KeyRule>, window: Window, now: number): void {
    const run = this.#runs.get(slot);
    if (!this.#holds(watch) || this.#side[slot] === INSIDE || !run || run.draft !== null) return;
    const last = window.times[window.end - 1];
    if (last === undefined) return;
    const known = Math.min(last + this.#watches.gapLimitAtEnd(watch, window), slice.to);
    const countsFrom = run.from + ruleOf(slice.program).forMs;
    if (countsFrom > known) return;
    if (now < countsFrom) this.#watches.deadline[watch] = countsFrom - 1;
    else {
      this.#openRun(watch, run, slice, last);
      run.isHeld = true;
    }
  }

  /** The next reading has come: what counted by the clock alone is decided by it. */
  #undoHeld(watch: number, slot: number): void {
    const run = this.#runs.get(slot);
    if (!run?.isHeld || run.draft === null) return;
    this.#watches.cutDraftsAfter(watch, run.draft.from - 1);
    run.draft = null;
    run.isHeld = false;
  }

  /** What is judged of reading `i`; NaN, which is on no side of a limit, where it is excused. */
  #judged(watch: number, slot: number, slice: Slice<KeyRule>, window: Window, i: number): number {
    const { unless, ...rule } = ruleOf(slice.program);
    const value = this.#warmth(watch, slice, window, i);
    if (unless === undefined || this.#holds(watch)) return value;
    const isBeyond = sideOf(rule, this.#side[slot] as Side, value) !== INSIDE;
    return isBeyond && this.#watches.isExcused(watch, window.times[i] as number, unless) ? Number.NaN : value;
  }

  /** The same in any slice, leaving all as it is; null where that rests on readings before the window. */
  #warmthAside(watch: number, slice: Slice<KeyRule>, window: Window, i: number): number | null {
    if (constantOf(slice.program) === 0) return window.values[i] as number;
    const watches = this.#watches;
    const { lacksContext } = watches;
    const [maxGap, bypassEnd] = [watches.maxGap[watch] as number, watches.bypassEnd[watch] as number];
    watches.lacksContext = false;
    watches.enter(watch, slice);
    const value = this.#warmth(watch, slice, window, i);
    const isKnown = !watches.lacksContext;
    watches.lacksContext = lacksContext;
    watches.maxGap[watch] = maxGap;
    watches.bypassEnd[watch] = bypassEnd;
    return isKnown ? value : null;
  }

  /** Of the goods where the rule gives them a mass, else of the air. */
  #warmth(watch: number, { program }: Slice<KeyRule>, window: Window, i: number): number {
    const timeConstantMs = constantOf(program);
    if (timeConstantMs === 0 || this.#holds(watch)) return window.values[i] as number;
    return goodsTemperature(this.#watches, watch, window, i, timeConstantMs);
  }

  #holds(watch: number): boolean {
    return this.#watches.plans[watch]?.reportsOnChange ?? false;
  }

  isClean(watch: number, window: Window, i: number): boolean {
    const slice = this.#watches.sliceAt(watch, window.times[i] as number);
    if (slice === undefined) return true;
    const rule = ruleOf(slice.program);
    const value = this.#warmthAside(watch, slice, window, i);
    if (value === null) return false;
    return value <= (rule.clearAbove ?? greatestWithin(rule)) && value >= (rule.clearBelow ?? leastWithin(rule));
  }

  restoreAt(watch: number, window: Window, i: number): void {
    const slot = this.#watches.slot[watch] as number;
    this.#begin(watch, slot, i < window.start ? Number.NEGATIVE_INFINITY : (window.times[i] as number));
  }

  isQuiet(watch: number): boolean {
    const slot = this.#watches.slot[watch] as number;
    return this.#side[slot] === INSIDE && !this.#runs.get(slot)?.extendable;
  }

  holdMs(watch: number): number {
    const { slices } = this.#watches.plans[watch] ?? { slices: [] };
    return slices.reduce((most, { program }) => Math.max(most, ruleOf(program).keepFiringForMs), 0);
  }

  reachMs(watch: number): number {
    const { slices } = this.#watches.plans[watch] ?? { slices: [] };
    return slices.reduce((most, { program }) => Math.max(most, goodsReachMs(constantOf(program))), 0);
  }

  reads(watch: number): Reach[] {
    const windowMs = this.reachMs(watch);
    return windowMs === 0 ? [] : [{ windowMs, newestMs: 0, newest: 0 }];
  }

  snapshot(watch: number): ThresholdState {
    const slot = this.#watches.slot[watch] as number;
    const run = this.#runs.get(slot);
    return {
      slice: this.#slice[slot] ?? null,
      side: this.#side[slot] as number,
      run: run && { ...run },
      bypassEnd: this.#watches.bypassEnd[watch] as number,
      maxGap: this.#watches.maxGap[watch] as number,
    };
  }

  restore(watch: number, state: ThresholdState): void {
    const slot = this.#watches.slot[watch] as number;
    this.#slice[slot] = state.slice;
    this.#side[slot] = state.side;
    if (state.run === undefined) this.#runs.delete(slot);
    else this.#runs.set(slot, state.run);
    this.#watches.bypassEnd[watch] = state.bypassEnd;
    this.#watches.maxGap[watch] = state.maxGap;
    if (state.slice === null) this.#watches.bypassUntil(watch, state.bypassEnd);
    else this.#setBand(watch, slot, ruleOf(state.slice.program));
  }

  provenNow(watch: number, window: Window, published: Finding): number {
    const slot = this.#watches.slot[watch] as number;
    const slice = this.#slice[slot];
    const last = window.times[window.end - 1] as number;
    const run = this.#runs.get(slot);
    if (!run || !slice || published.to !== last) return Number.NEGATIVE_INFINITY;
    const counted = run.from + ruleOf(slice.program).forMs;
    if (run.draft === null && !(this.#holds(watch) && run.from === published.from)) return Number.NEGATIVE_INFINITY;
    if (published.endedBy === 'silence') return Math.floor(last + this.#watches.gapLimitAtEnd(watch, window)) + 1;
    if (published.endedBy === 'rule') return slice.to;
    // What a reading has ended is proven by that reading.
    return run.draft === null && published.endedBy === null ? counted : Number.NEGATIVE_INFINITY;
  }

  /** Starts over in the slice of `time`: inside, nothing under way. */
  #begin(watch: number, slot: number, time: number): void {
    const slice = this.#watches.sliceAt(watch, time) ?? null;
    this.#slice[slot] = slice;
    this.#side[slot] = INSIDE;
    this.#runs.delete(slot);
    if (slice === null) this.#watches.bypassUntil(watch, this.#watches.nextSliceAfter(watch, time));
    else {
      this.#watches.enter(watch, slice);
      this.#setBand(watch, slot, ruleOf(slice.program));
    }
  }

  /** A run still open at the slice's end ends there, unless the step that crosses the end is a gap. */
  #leaveSlice(watch: number, slot: number, window: Window, i: number): void {
    const slice = this.#slice[slot];
    if (!slice || this.#side[slot] === INSIDE) return;
    const isUnknown = ruleOf(slice.program).gap === 'unknown' && this.#watches.isGap(watch, window, i);
    if (isUnknown) this.#endRun(watch, slot, slice, window.times[i - 1] as number, 'silence');
    else this.#endRun(watch, slot, slice, slice.to, 'rule');
  }

  /** What the step into reading `i` does to a run under way and to a finding that might be extended. */
  #passStep(watch: number, slot: number, rule: ThresholdRule, window: Window, i: number): void {
    const slice = this.#slice[slot] as Slice<KeyRule>;
    const isOutside = this.#side[slot] !== INSIDE;
    if (i > window.start && this.#watches.isGap(watch, window, i)) {
      if (isOutside && rule.gap === 'unknown') {
        this.#endRun(watch, slot, slice, window.times[i - 1] as number, 'silence');
        this.#runs.delete(slot);
      } else if (!isOutside) this.#runs.delete(slot);
      return;
    }
    const extendable = this.#runs.get(slot)?.extendable;
    if (extendable && (window.times[i] as number) - (extendable.to as number) >= rule.keepFiringForMs) {
      this.#runs.delete(slot);
    }
  }

  #outside(watch: number, slot: number, slice: Slice<KeyRule>, side: Side, time: number, value: number): void {
    const rule = ruleOf(slice.program);
    let run = this.#runs.get(slot);
    if (this.#side[slot] === INSIDE || run === undefined) {
      const joined = run?.extendable ?? null;
      joined?.runs.push({ from: time, to: time });
      run = {
        from: time,
        readings: 0,
        extreme: Number.NaN,
        distance: Number.NEGATIVE_INFINITY,
        limit: Number.NaN,
        draft: joined,
        extendable: null,
        isHeld: false,
      };
      this.#runs.set(slot, run);
    }
    this.#side[slot] = side;
    const limit = (side === ABOVE ? upperLimit(rule) : lowerLimit(rule)) as number;
    const distance = side === ABOVE ? value - limit : limit - value;
    const { draft } = run;
    if (draft) {
      if (distance > draft.distance) {
        draft.distance = distance;
        draft.extreme = value;
        draft.limit = limit;
      }
      draft.readings++;
      this.#extendTo(watch, draft, time, null);
      return;
    }
    run.readings++;
    if (distance > run.distance) {
      run.distance = distance;
      run.extreme = value;
      run.limit = limit;
    }
    this.#openIfCounted(watch, run, slice, time);
    // It may count without another reading.
    if (run.draft === null && this.#holds(watch)) this.#watches.touch(watch);
  }

  #endRun(
    watch: number,
    slot: number,
    slice: Slice<KeyRule>,
    to: number,
    endedBy: 'recovery' | 'silence' | 'rule',
  ): void {
    this.#side[slot] = INSIDE;
    const run = this.#runs.get(slot);
    this.#runs.delete(slot);
    if (run === undefined) return;
    // Of a device that reports on change the last value is known to have held until a gap begins to be one.
    const heldMs = endedBy === 'silence' && this.#holds(watch) ? (this.#watches.maxGap[watch] as number) : 0;
    const isCounted = Math.min(to + heldMs, slice.to) - run.from >= ruleOf(slice.program).forMs;
    if (run.draft === null && isCounted) this.#openRun(watch, run, slice, to);
    const { draft } = run;
    if (draft === null) return;
    this.#extendTo(watch, draft, to, endedBy);
    if (ruleOf(slice.program).keepFiringForMs > 0) this.#runs.set(slot, { ...run, draft: null, extendable: draft });
  }

  #openIfCounted(watch: number, run: Run, slice: Slice<KeyRule>, time: number): void {
    if (time - run.from >= ruleOf(slice.program).forMs) this.#openRun(watch, run, slice, time);
  }

  #openRun(watch: number, run: Run, slice: Slice<KeyRule>, time: number): void {
    const { from, extreme, distance, limit, readings } = run;
    const runs = [{ from, to: time }];
    run.draft = { program: slice.program, from, to: time, endedBy: null, extreme, distance, limit, readings, runs };
    this.#watches.addDraft(watch, run.draft);
  }

  #extendTo(watch: number, draft: Draft, to: number, endedBy: Draft['endedBy']): void {
    draft.to = to;
    draft.endedBy = endedBy;
    const run = draft.runs.at(-1);
    if (run) run.to = to;
    this.#watches.markDirty(watch, draft.from);
  }

  #setBand(watch: number, slot: number, rule: ThresholdRule): void {
    const isWithMass = constantOf((this.#slice[slot] as Slice<KeyRule>).program) > 0;
    if (isWithMass || (this.#runs.size > 0 && this.#runs.has(slot))) this.#watches.neverBypass(watch);
    else {
      this.#watches.bypass(watch, leastWithin(rule), greatestWithin(rule), Number.POSITIVE_INFINITY);
    }
  }

  #grow(): void {
    const length = larger(this.#side.length);
    this.#side = grown(this.#side, new Uint8Array(length));
  }
}

/** Which limit a reading is beyond, or kept beyond by hysteresis. */
function sideOf(rule: ThresholdRule, side: Side, value: number): Side {
  if (isAbove(value, rule)) return ABOVE;
  if (isBelow(value, rule)) return BELOW;
  if (side === ABOVE && rule.clearAbove !== undefined && value > rule.clearAbove) return ABOVE;
  if (side === BELOW && rule.clearBelow !== undefined && value < rule.clearBelow) return BELOW;
  return INSIDE;
}

/** Time constant of the goods, ms; 0 where the air itself is judged. */
function constantOf(program: Program<KeyRule>): number {
  return ruleOf(program).thermalMassMs ?? 0;
}

function ruleOf(program: Program<KeyRule>): ThresholdRule {
  return program.rule as ThresholdRule;
}
