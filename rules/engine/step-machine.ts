import type { Finding } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import type { Machine } from './machine.ts';
import type { KeyRule, Slice } from './program.ts';
import type { Place, Watches } from './watches.ts';

/** Where a step function stands: reading `i` of `place`, judged by `slice`. */
export interface Step<R extends KeyRule> {
  readonly rule: R;
  readonly place: Place;
  readonly i: number;
  readonly time: number;
  readonly value: number;
  /** Where the version begins to judge; readings before it do not count. */
  readonly sliceFrom: number;
  /** The reading before lies in the same slice; what it held counts. */
  readonly hasBefore: boolean;
  /** Whether the step into a reading of `place` is a gap. */
  isGap(i: number): boolean;
  /** Opens a finding. */
  open(draft: Pick<Draft, 'from' | 'to' | 'endedBy' | 'extreme' | 'readings'>): Draft;
  /** Says that a finding has been changed. */
  changed(draft: Draft): void;
  /** Takes the last finding opened away: it turns out not to have been. */
  retract(draft: Draft): void;
}

/**
 * A kind that is told in one step from reading to reading, with a small state object per watch. For kinds whose
 * readings are few or whose rules are rare; threshold, silence and mkt have columns of their own.
 */
export interface Steps<R extends KeyRule, S extends { draft: Draft | null }> {
  fresh(): S;
  /** Moves the state over one reading; `draft` is the finding that later readings may still change. */
  step(state: S, step: Step<R>): void;
  copy(state: S): S;
  /** How far back readings count in the state, ms. */
  reachMs(rule: R): number;
  /** How long after its end a finding may be extended, ms. */
  holdMs(rule: R): number;
  /** Whether nothing is under way after reading `i`, given that the readings of the last `reachMs` are known. */
  isClean(rule: R, place: Place, i: number, isGap: (i: number) => boolean, sliceFrom: number): boolean;
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
  readonly #slots: Slot<S>[] = [];

  constructor(watches: Watches, steps: Steps<R, S>) {
    this.#watches = watches;
    this.#steps = steps;
  }

  open(watch: number): void {
    this.#watches.slot[watch] = this.#slots.length;
    this.#slots.push({ slice: null, state: this.#steps.fresh() });
    this.#begin(watch, Number.NEGATIVE_INFINITY);
  }

  advance(watch: number, place: Place, i: number): void {
    const slot = this.#slotOf(watch);
    const time = place.times[i] as number;
    if (time >= (this.#watches.calmUntil[watch] as number)) {
      const { draft } = slot.state;
      if (draft && draft.endedBy === null) {
        draft.endedBy = this.#steps.endsAtSlice;
        this.#watches.markDirty(watch, draft.from);
      }
      this.#begin(watch, time);
    }
    const { slice } = slot;
    if (slice === null) return;
    this.#steps.step(slot.state, this.#stepAt(watch, slice, place, i));
  }

  /** What ends a finding of these kinds is a reading; only the end of its slice comes by itself. */
  settle(watch: number, _place: Place, now: number): void {
    const { slice, state } = this.#slotOf(watch);
    this.#watches.deadline[watch] = Number.POSITIVE_INFINITY;
    if (slice === null || state.draft === null || state.draft.endedBy !== null) return;
    if (now < slice.to) this.#watches.deadline[watch] = slice.to - 1;
    else {
      state.draft.endedBy = this.#steps.endsAtSlice;
      this.#watches.markDirty(watch, state.draft.from);
    }
  }

  isClean(watch: number, place: Place, i: number): boolean {
    const slice = this.#watches.sliceAt(watch, place.times[i] as number);
    if (slice === undefined) return true;
    const rule = slice.program.rule as R;
    const from = (place.times[i] as number) - this.#steps.reachMs(rule);
    if (!place.isWhole && !((place.times[place.start] as number) < from)) return false;
    this.#watches.enter(watch, slice);
    const lacked = this.#watches.lacksContext;
    const isClean = this.#steps.isClean(rule, place, i, (at) => this.#watches.isGap(watch, place, at), slice.from);
    const lacks = this.#watches.lacksContext && !lacked;
    this.#watches.lacksContext = lacked;
    return isClean && !lacks;
  }

  takeUp(watch: number, place: Place, i: number): void {
    const slot = this.#slotOf(watch);
    const time = i < place.start ? Number.NEGATIVE_INFINITY : (place.times[i] as number);
    this.#begin(watch, time);
    if (i < place.start || slot.slice === null) return;
    const from = Math.max(time - this.#steps.reachMs(slot.slice.program.rule as R), slot.slice.from);
    // Readings that still count are judged again for the state alone; nothing is under way after the last of them.
    let first = i;
    while (first > place.start && (place.times[first - 1] as number) >= from) first--;
    if (first > place.start && this.#steps.reachMs(slot.slice.program.rule as R) > 0) first--;
    for (let k = first; k <= i; k++) {
      if ((place.times[k] as number) < slot.slice.from) continue;
      this.#steps.step(slot.state, { ...this.#stepAt(watch, slot.slice, place, k), ...quietOf(slot.slice) });
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

  setAside(watch: number): Slot<S> & { readonly calmUntil: number; readonly maxGap: number } {
    const { slice, state } = this.#slotOf(watch);
    return {
      slice,
      state: this.#steps.copy(state),
      calmUntil: this.#watches.calmUntil[watch] as number,
      maxGap: this.#watches.maxGap[watch] as number,
    };
  }

  putBack(watch: number, { slice, state, calmUntil, maxGap }: ReturnType<this['setAside']>): void {
    const slot = this.#slotOf(watch);
    slot.slice = slice;
    slot.state = state;
    this.#watches.calmUntil[watch] = calmUntil;
    this.#watches.maxGap[watch] = maxGap;
    if (slice === null) this.#watches.rest(watch, calmUntil);
    else this.#watches.stayAwake(watch);
  }

  provenNow(watch: number, _place: Place, { endedBy }: Finding): number {
    const { slice } = this.#slotOf(watch);
    return endedBy === 'rule' && slice !== null && Number.isFinite(slice.to) ? slice.to : Number.NEGATIVE_INFINITY;
  }

  #slotOf(watch: number): Slot<S> {
    return this.#slots[this.#watches.slot[watch] as number] as Slot<S>;
  }

  #begin(watch: number, time: number): void {
    const slot = this.#slotOf(watch);
    slot.slice = this.#watches.sliceAt(watch, time) ?? null;
    slot.state = this.#steps.fresh();
    if (slot.slice === null) this.#watches.rest(watch, this.#watches.nextSliceAfter(watch, time));
    else {
      this.#watches.enter(watch, slot.slice);
      this.#watches.stayAwake(watch);
    }
  }

  #stepAt(watch: number, slice: Slice<KeyRule>, place: Place, i: number): Step<R> {
    const watches = this.#watches;
    return {
      rule: slice.program.rule as R,
      place,
      i,
      time: place.times[i] as number,
      value: place.values[i] as number,
      sliceFrom: slice.from,
      hasBefore: i > place.start && (place.times[i - 1] as number) >= slice.from,
      isGap: (at) => watches.isGap(watch, place, at),
      open(given) {
        const draft = draftFrom(slice, given);
        watches.addDraft(watch, draft);
        return draft;
      },
      changed: (draft) => watches.markDirty(watch, draft.from),
      // Times are whole milliseconds, drafts of a watch ascend, and this one is the last.
      retract: (draft) => watches.cutDraftsAfter(watch, draft.from - 1),
    };
  }

  #most(watch: number, of: (rule: R) => number): number {
    const { slices } = this.#watches.plans[watch] ?? { slices: [] };
    return slices.reduce((most, { program }) => Math.max(most, of(program.rule as R)), 0);
  }
}

function draftFrom(
  { program }: Slice<KeyRule>,
  given: Pick<Draft, 'from' | 'to' | 'endedBy' | 'extreme' | 'readings'>,
): Draft {
  const limit = limitOf(program.rule);
  return { program, distance: Number.NEGATIVE_INFINITY, limit, runs: [], ...given };
}

function limitOf(rule: KeyRule): number | null {
  if ('limit' in rule) return rule.limit;
  return rule.kind === 'forecast' ? (rule.above ?? rule.below ?? null) : null;
}

/** Steps that leave no trace but in the state. */
function quietOf(slice: Slice<KeyRule>) {
  return {
    open: (given: Parameters<typeof draftFrom>[1]) => draftFrom(slice, given),
    changed() {},
    retract() {},
  };
}
