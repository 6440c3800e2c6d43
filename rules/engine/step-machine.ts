import type { Finding } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import type { Machine } from './machine.ts';
import type { KeyRule, Slice } from './program.ts';
import type { Reach } from './series.ts';
import { type BypassBand, Step } from './step.ts';
import type { Watches } from './watches.ts';
import type { Window } from './window.ts';

/**
 * A kind that moves in one step from reading to reading, with a small state object per watch; threshold, silence and
 * mkt have columns of their own.
 */
export interface Steps<R extends KeyRule, S extends { draft: Draft | null }> {
  fresh(): S;
  /** Moves the state over one reading; `draft` is the finding that later readings may still change. */
  step(state: S, step: Step<R>): void;
  /** Sets what later readings change nothing in the state after this step; false where the next one has to be seen. */
  bypass(state: S, step: Step<R>, band: BypassBand): boolean;
  copy(state: S): S;
  /** A quick test, for a watch without a finding, that a reading changes nothing; it does not need the state. */
  readonly carried?: {
    /** Whether reading `i` changes nothing; false where it may, or nothing is known of the watch. */
    passes(watch: number, window: Window, i: number): boolean;
    /** Nothing is known of the watch any more. */
    forget(watch: number): void;
  };
  /** How far back readings count, ms. */
  reachMs(rule: R): number;
  /** Readings that count are in the state; where false they are read where they lie, as far as {@link Steps.reads}. */
  readonly isCarried: boolean;
  reads(rule: R): Reach | null;
  /** How long after its end a finding may be extended, ms. */
  holdMs(rule: R): number;
  /** Whether nothing is under way after the step's reading, given that the readings of the last `reachMs` are known. */
  isClean(step: Step<R>): boolean;
  /**
   * What follows for a finding from the end of the data and now, at the key's last reading; absent where only a reading
   * ends one. @returns once now is past it, something else follows; Infinity = never
   */
  atEnd?(state: S, step: Step<R>, now: number): number;
  /** When {@link Steps.atEnd} is due after a reading, where it may find something that no reading has begun. */
  deadlineAfter?(step: Step<R>): number;
  /** Makes undone what {@link Steps.atEnd} has, before another reading is judged. */
  undoEnd?(state: S, step: Step<R>): void;
  /** How a finding under way ends where the slice does; null leaves it as it is. */
  readonly endsAtSlice: Draft['endedBy'];
}

interface Slot<S> {
  slice: Slice<KeyRule> | null;
  state: S;
}

export class StepMachine<R extends KeyRule, S extends { draft: Draft | null }> implements Machine {
  readonly #watches: Watches;
  readonly #steps: Steps<R, S>;
  readonly #carried: Steps<R, S>['carried'];
  readonly #slots: Slot<S>[] = [];
  /** Moved from reading to reading, so that none costs an object. */
  readonly #step: Step<R>;
  readonly #band: BypassBand = { low: 0, high: 0, stepMs: 0 };

  constructor(watches: Watches, steps: Steps<R, S>) {
    this.#watches = watches;
    this.#steps = steps;
    this.#carried = steps.carried;
    this.#step = new Step(watches);
  }

  open(watch: number): void {
    this.#watches.slot[watch] = this.#slots.length;
    this.#slots.push({ slice: null, state: this.#steps.fresh() });
    this.#begin(watch, Number.NEGATIVE_INFINITY);
  }

  advance(watch: number, window: Window, i: number): void {
    if (this.#carried?.passes(watch, window, i)) return;
    const slot = this.#slotOf(watch);
    const time = window.times[i] as number;
    if (this.#steps.undoEnd && slot.slice !== null && slot.state.draft !== null) {
      this.#steps.undoEnd(slot.state, this.#step.at(watch, slot.slice, window, i));
    }
    if (time >= (this.#watches.bypassEnd[watch] as number)) {
      const { draft } = slot.state;
      if (draft && draft.endedBy === null) {
        draft.endedBy = this.#steps.endsAtSlice;
        this.#watches.markDirty(watch, draft.from);
      }
      this.#begin(watch, time);
    }
    const { slice, state } = slot;
    if (slice === null) return;
    const step = this.#step.at(watch, slice, window, i);
    this.#steps.step(state, step);
    if (this.#steps.deadlineAfter) this.#watches.deadline[watch] = this.#steps.deadlineAfter(step);
    const band = this.#band;
    band.low = Number.NEGATIVE_INFINITY;
    band.high = Number.POSITIVE_INFINITY;
    band.stepMs = Number.POSITIVE_INFINITY;
    if (this.#steps.bypass(state, step, band)) this.#watches.bypass(watch, band.low, band.high, band.stepMs);
    else this.#watches.neverBypass(watch);
  }

  settle(watch: number, window: Window, now: number): void {
    const { slice, state } = this.#slotOf(watch);
    this.#watches.deadline[watch] = Number.POSITIVE_INFINITY;
    if (this.#steps.atEnd) {
      if (slice === null || window.end === window.start) return;
      const step = this.#step.at(watch, slice, window, window.end - 1);
      this.#watches.deadline[watch] = this.#steps.atEnd(state, step, now);
      // The next reading undoes it, however soon it comes.
      if (state.draft !== null) this.#watches.neverBypass(watch);
      return;
    }
    if (slice === null || state.draft === null || state.draft.endedBy !== null) return;
    if (now < slice.to) this.#watches.deadline[watch] = slice.to - 1;
    else {
      state.draft.endedBy = this.#steps.endsAtSlice;
      this.#watches.markDirty(watch, state.draft.from);
    }
  }

  isClean(watch: number, window: Window, i: number): boolean {
    const slice = this.#watches.sliceAt(watch, window.times[i] as number);
    if (slice === undefined) return true;
    const rule = slice.program.rule as R;
    const from = (window.times[i] as number) - this.#steps.reachMs(rule);
    if (!window.isWhole && !((window.times[window.start] as number) < from)) return false;
    const watches = this.#watches;
    // The reading may lie in another slice than the watch is in: only the question is asked by that slice's gaps.
    const [bypassEnd, maxGap, lacked] = [watches.bypassEnd[watch], watches.maxGap[watch], watches.lacksContext];
    watches.enter(watch, slice);
    const isClean = this.#steps.isClean(this.#step.at(watch, slice, window, i));
    const lacks = watches.lacksContext && !lacked;
    watches.lacksContext = lacked;
    watches.bypassEnd[watch] = bypassEnd as number;
    watches.maxGap[watch] = maxGap as number;
    return isClean && !lacks;
  }

  restoreAt(watch: number, window: Window, i: number): void {
    const slot = this.#slotOf(watch);
    const time = i < window.start ? Number.NEGATIVE_INFINITY : (window.times[i] as number);
    this.#begin(watch, time);
    if (i < window.start || slot.slice === null || !this.#steps.isCarried) return;
    const from = Math.max(time - this.#steps.reachMs(slot.slice.program.rule as R), slot.slice.from);
    // Readings that still count are judged again for the state alone; nothing is under way after the last of them.
    let first = i;
    while (first > window.start && (window.times[first - 1] as number) >= from) first--;
    if (first > window.start) first--;
    for (let k = first; k <= i; k++) {
      if ((window.times[k] as number) < slot.slice.from) continue;
      this.#steps.step(slot.state, this.#step.at(watch, slot.slice, window, k, true));
    }
    slot.state.draft = null;
  }

  isQuiet(watch: number): boolean {
    return this.#slotOf(watch).state.draft === null;
  }

  holdMs(watch: number): number {
    return this.#most(watch, (rule) => this.#steps.holdMs(rule));
  }

  reachMs(watch: number): number {
    return this.#most(watch, (rule) => this.#steps.reachMs(rule));
  }

  reads(watch: number): Reach[] {
    const { slices } = this.#watches.plans[watch] ?? { slices: [] };
    return slices.flatMap(({ program }) => this.#steps.reads(program.rule as R) ?? []);
  }

  snapshot(watch: number): Slot<S> & { readonly bypassEnd: number; readonly maxGap: number } {
    const { slice, state } = this.#slotOf(watch);
    return {
      slice,
      state: this.#steps.copy(state),
      bypassEnd: this.#watches.bypassEnd[watch] as number,
      maxGap: this.#watches.maxGap[watch] as number,
    };
  }

  restore(watch: number, { slice, state, bypassEnd, maxGap }: ReturnType<this['snapshot']>): void {
    const slot = this.#slotOf(watch);
    slot.slice = slice;
    slot.state = state;
    this.#carried?.forget(watch);
    this.#watches.bypassEnd[watch] = bypassEnd;
    this.#watches.maxGap[watch] = maxGap;
    if (slice === null) this.#watches.bypassUntil(watch, bypassEnd);
    else this.#watches.neverBypass(watch);
  }

  provenNow(watch: number, window: Window, published: Finding): number {
    const { slice, state } = this.#slotOf(watch);
    const { endedBy } = published;
    const last = window.times[window.end - 1];
    if (this.#steps.atEnd && slice !== null && last !== undefined && endedBy !== 'rule') {
      // What ends with the data is proven by a now past the end that it was known at.
      if (!isOfEnd(published, state.draft, last)) return Number.NEGATIVE_INFINITY;
      const step = this.#step.at(watch, slice, window, window.end - 1, true);
      const end = this.#steps.atEnd(this.#steps.copy(state), step, last);
      return Number.isFinite(end) ? Math.floor(Math.min(end, slice.to - 1)) + 1 : Number.NEGATIVE_INFINITY;
    }
    // One of an earlier slice was ended by the reading that began this one.
    if (endedBy !== 'rule' || slice === null || published.from < slice.from) return Number.NEGATIVE_INFINITY;
    return Number.isFinite(slice.to) ? slice.to : Number.NEGATIVE_INFINITY;
  }

  #slotOf(watch: number): Slot<S> {
    return this.#slots[this.#watches.slot[watch] as number] as Slot<S>;
  }

  #begin(watch: number, time: number): void {
    const slot = this.#slotOf(watch);
    slot.slice = this.#watches.sliceAt(watch, time) ?? null;
    slot.state = this.#steps.fresh();
    this.#carried?.forget(watch);
    if (slot.slice === null) this.#watches.bypassUntil(watch, this.#watches.nextSliceAfter(watch, time));
    else {
      this.#watches.enter(watch, slot.slice);
      this.#watches.neverBypass(watch);
    }
  }

  #most(watch: number, of: (rule: R) => number): number {
    const { slices } = this.#watches.plans[watch] ?? { slices: [] };
    return slices.reduce((most, { program }) => Math.max(most, of(program.rule as R)), 0);
  }
}

/** Whether a finding was published as it is because of the step from this last reading to now. */
function isOfEnd({ from, to, endedBy, readings }: Finding, draft: Draft | null, last: number): boolean {
  if (to !== null) return endedBy === 'silence' && to === last;
  // A step that runs: nothing but it, or one more than there are.
  if (draft === null) return from === last;
  return draft.from === from && draft.readings + 1 === readings;
}
