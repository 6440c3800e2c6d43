import { type Finding, MKT_KELVIN, type MktRule, ZERO_CELSIUS_KELVIN } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import type { Machine } from './machine.ts';
import { factorOf, HOUR_MS, MktHours } from './mkt-hour.ts';
import type { KeyRule, Slice, WatchPlan } from './program.ts';
import type { Watches } from './watches.ts';
import type { Window } from './window.ts';

/**
 * MKT is compared and reported to 1e-9 °C: the formula in doubles gives a constant 8 °C as 8.00000000000006, and what is
 * exactly at the limit must not depend on the order of a sum.
 */
const PRECISION = 1e9;

/**
 * Until a watch has been restored or has seen its key's first reading it judges nothing, and what findings it has been
 * given stay as they are: it waits for history.
 */
const UNJUDGED = Number.POSITIVE_INFINITY;

interface HourValue {
  readonly hour: number;
  /** °C over the window that ends at `hour`; null where it is not known. */
  readonly mkt: number | null;
  /** A gap lies around it: what is above ends with it, and later hours are not known until the gap is over. */
  readonly isInGap: boolean;
}

/** One slice of a watch. */
interface MktSlice {
  readonly slice: Slice<KeyRule>;
  /** What each hour of the window weighs, by hour modulo their number: one more than the window has. */
  readonly hourOf: Float64Array;
  readonly sum: Float64Array;
  readonly weight: Float64Array;
  /** The first hour that later readings may still change. */
  nextHour: number;
  /** Hours known for good that now has not reached, or that belong to a finding still open. */
  known: HourValue[];
  /** Findings that begin later are computed again at each settling; those before are final. */
  openAfter: number;
}

/**
 * mkt (docs/rules.md): mean kinetic temperature over a sliding window at each whole UTC hour.
 *
 * State per watch: the window as one sum and one weight per hour. An hour up to the last reading is known for good; the
 * one after it is worked out at each settling from what the window holds, and later ones wait for the next reading. The
 * hour under way is carried apart (`mkt-hour.ts`).
 */
export class MktMachine implements Machine {
  readonly #watches: Watches;
  readonly #states: MktSlice[][] = [];
  readonly #hours: MktHours;

  constructor(watches: Watches) {
    this.#watches = watches;
    this.#hours = new MktHours(watches);
  }

  open(watch: number): void {
    this.#watches.slot[watch] = this.#states.length;
    this.#states.push([]);
    this.#watches.neverBypass(watch);
    this.#begin(watch, UNJUDGED);
  }

  advance(watch: number, window: Window, i: number): void {
    if (this.#hours.passes(watch, window, i)) return;
    const { now } = this.#watches;
    const states = this.#of(watch);
    this.#putAway(watch, states);
    for (const state of states) {
      const { openAfter, nextHour } = state;
      const hours = state.known.length;
      this.#feed(watch, state, window, i);
      // Nearly always within an hour that now has not reached: nothing is reported before that. The first reading is
      // settled in any case, also behind suspect ones: it sets the hour that now is waited for.
      const isFirst = openAfter === UNJUDGED || nextHour === Number.POSITIVE_INFINITY;
      if (state.known.length > hours || nextHour <= now || isFirst) this.#watches.touch(watch);
    }
    this.#carry(watch, states, window, i);
  }

  settle(watch: number, window: Window, now: number): void {
    if (this.#settleQuietly(watch, window, now)) return;
    this.#putAway(watch, this.#of(watch));
    let deadline = Number.POSITIVE_INFINITY;
    this.#rebuild(watch, (state) => {
      const hours = this.#hoursUntil(watch, state, window, now);
      deadline = Math.min(deadline, hours.nextChange - 1);
      return draftsOf(state, hours.values, now);
    });
    for (const state of this.#of(watch)) trim(state, now);
    this.#watches.deadline[watch] = deadline;
  }

  beforeRewind(watch: number): void {
    const { now } = this.#watches;
    this.#rebuild(watch, (state) =>
      draftsOf(
        state,
        state.known.filter(({ hour }) => hour <= now),
        now,
      ),
    );
    for (const state of this.#of(watch)) trim(state, now);
  }

  isClean(watch: number, window: Window, i: number): boolean {
    const time = window.times[i] as number;
    // Hours that now has not reached are in no draft yet.
    if (time > this.#watches.now) return false;
    return window.isWhole || (window.times[window.start] as number) <= hourFloor(time) - this.#windowMs(watch);
  }

  restoreAt(watch: number, window: Window, i: number): void {
    const states = this.#begin(watch, Number.NEGATIVE_INFINITY);
    if (i < window.start) return;
    const time = window.times[i] as number;
    const covered = hourFloor(time) - this.#windowMs(watch);
    for (const state of states) {
      for (let k = window.start + 1; k <= i; k++) {
        if ((window.times[k] as number) > covered) this.#feed(watch, state, window, k);
      }
      state.known = [];
      state.nextHour = hourFloor(time) + HOUR_MS;
      state.openAfter = time;
    }
  }

  isQuiet(watch: number): boolean {
    const { now } = this.#watches;
    return this.#of(watch).every(({ slice, known }) => {
      const last = known.at(-1);
      return last === undefined || (last.hour <= now && !goesOn(slice, last));
    });
  }

  holdMs(): number {
    return 0;
  }

  reachMs(watch: number): number {
    return this.#windowMs(watch) + HOUR_MS;
  }

  snapshot(watch: number): MktSlice[] {
    this.#putAway(watch, this.#of(watch));
    return this.#of(watch).map((state) => ({
      ...state,
      hourOf: state.hourOf.slice(),
      sum: state.sum.slice(),
      weight: state.weight.slice(),
      known: [...state.known],
    }));
  }

  restore(watch: number, states: MktSlice[]): void {
    this.#hours.drop(watch);
    this.#states[this.#watches.slot[watch] as number] = states;
  }

  rejoin(watch: number, states: MktSlice[], time: number): void {
    this.beforeRewind(watch);
    this.restore(watch, states);
    for (const state of states) {
      state.known = state.known.filter(({ hour }) => hour > time);
      state.openAfter = Math.max(state.openAfter, time);
    }
  }

  provenNow(watch: number, window: Window, { from, to, endedBy, readings }: Finding): number {
    const [state] = this.#of(watch);
    const last = window.times[window.end - 1];
    if (to === null) return from + (readings - 1) * HOUR_MS;
    if (endedBy !== 'silence' || state === undefined || last === undefined || last >= to) return to;
    // No reading ended it: now had come past the longest step that is no gap.
    const silentAfter = this.#silentAfter(watch, state, window);
    return Number.isFinite(silentAfter) ? Math.max(to, Math.floor(silentAfter) + 1) : to;
  }

  #of(watch: number): MktSlice[] {
    return this.#states[this.#watches.slot[watch] as number] as MktSlice[];
  }

  #begin(watch: number, openAfter: number): MktSlice[] {
    const { slices } = this.#watches.plans[watch] as WatchPlan;
    const states = slices.map((slice): MktSlice => {
      const size = ruleOf(slice).windowMs / HOUR_MS + 1;
      return {
        slice,
        hourOf: new Float64Array(size).fill(Number.NaN),
        sum: new Float64Array(size),
        weight: new Float64Array(size),
        nextHour: Number.POSITIVE_INFINITY,
        known: [],
        openAfter,
      };
    });
    this.#states[this.#watches.slot[watch] as number] = states;
    this.#hours.drop(watch);
    return states;
  }

  /** From here on the hour of reading `i` is carried, where it lies in the one slice there is. */
  #carry(watch: number, [state, ...others]: readonly MktSlice[], window: Window, i: number): void {
    if (state === undefined || others.length > 0 || state.openAfter === UNJUDGED || i === window.start) return;
    const { slice, nextHour } = state;
    if (nextHour > slice.to || (window.times[i] as number) <= slice.from - ruleOf(slice).windowMs) return;
    const hour = nextHour - HOUR_MS;
    const at = bucketOf(state, hour);
    const isBegun = state.hourOf[at] === hour;
    const [sum, weight] = isBegun ? [state.sum[at] as number, state.weight[at] as number] : [0, 0];
    this.#hours.carry(watch, { hour, sum, weight });
  }

  #putAway(watch: number, [state]: readonly MktSlice[]): void {
    const carried = this.#hours.drop(watch);
    if (carried === null || state === undefined) return;
    const at = bucketOf(state, carried.hour);
    state.hourOf[at] = carried.hour;
    state.sum[at] = carried.sum;
    state.weight[at] = carried.weight;
  }

  #windowMs(watch: number): number {
    const { slices } = this.#watches.plans[watch] as WatchPlan;
    return slices.reduce((most, slice) => Math.max(most, ruleOf(slice).windowMs), 0);
  }

  /** Weighs the step into reading `i` hour by hour, and notes each hour that ends in it as known. */
  #feed(watch: number, state: MktSlice, window: Window, i: number): void {
    const to = window.times[i] as number;
    state.nextHour = hourFloor(to) + HOUR_MS;
    if (i === window.start) {
      if (state.openAfter === UNJUDGED) state.openAfter = Number.NEGATIVE_INFINITY;
      return;
    }
    if (state.openAfter === UNJUDGED) return;
    const from = window.times[i - 1] as number;
    const { slice } = state;
    if (from >= slice.to || to <= slice.from - ruleOf(slice).windowMs) return;
    this.#watches.enter(watch, slice);
    const isGap = this.#watches.isGap(watch, window, i);
    const factor = factorOf(window.values[i - 1] as number);
    for (let hour = hourFloor(from); hour < to; hour += HOUR_MS) {
      const end = hour + HOUR_MS;
      if (!isGap) addWeight(state, hour, Math.min(to, end) - Math.max(from, hour), factor);
      if (end > to || end >= slice.to) break;
      if (end >= firstHourOf(state, window.firstTime)) state.known.push(hourAfter(state, end, from, isGap));
      // Nothing changes until the gap ends.
      if (isGap) break;
    }
  }

  /** Until when the step from the last reading to now is no gap. */
  #silentAfter(watch: number, { slice }: MktSlice, window: Window): number {
    this.#watches.enter(watch, slice);
    return (window.times[window.end - 1] as number) + this.#watches.gapLimitAtEnd(watch, window);
  }

  /** The hours from the first that may belong to an open finding to now, and when more may be known of them. */
  #hoursUntil(
    watch: number,
    state: MktSlice,
    window: Window,
    now: number,
  ): { values: HourValue[]; nextChange: number } {
    const { slice, openAfter, nextHour } = state;
    if (openAfter === UNJUDGED) return { values: [], nextChange: Number.POSITIVE_INFINITY };
    const values = state.known.filter(({ hour }) => hour <= now);
    const later = state.known[values.length];
    if (later !== undefined) return { values, nextChange: later.hour };
    const isOver = now >= slice.to;
    const end = isOver ? Number.POSITIVE_INFINITY : slice.to;
    if (window.end === window.start || nextHour >= slice.to || nextHour < firstHourOf(state, window.firstTime)) {
      return { values, nextChange: end };
    }
    if (nextHour > now) return { values, nextChange: Math.min(nextHour, end) };
    const silentAfter = this.#silentAfter(watch, state, window);
    const isGap = now > silentAfter;
    const last = window.times[window.end - 1] as number;
    // Right at the hour nothing is known of the one that follows: it waits for a reading, or for the gap.
    if (isGap || last > nextHour - HOUR_MS) values.push(hourAfter(state, nextHour, last, isGap));
    return { values, nextChange: isGap ? end : Math.min(silentAfter + 1, end) };
  }

  /**
   * Settles a watch that has no finding under way where no hour up to now is above the limit and none has to be worked out
   * from the window, nearly all of them: there is nothing to rebuild, and the hour carried stays. False where it has
   * done nothing.
   */
  #settleQuietly(watch: number, { firstTime }: Window, now: number): boolean {
    const [state, ...others] = this.#of(watch);
    if (state === undefined || others.length > 0) return false;
    const { slice, known, nextHour, openAfter } = state;
    if (openAfter === UNJUDGED || nextHour <= now) return false;
    if ((this.#watches.lastDraft(watch)?.from ?? Number.NEGATIVE_INFINITY) > openAfter) return false;
    let reached = 0;
    for (let each = known[0]; each !== undefined && each.hour <= now; each = known[++reached]) {
      if (isAbove(slice, each)) return false;
    }
    const next = known[reached]?.hour ?? Math.min(Math.max(nextHour, firstHourOf(state, firstTime)), slice.to);
    this.#watches.deadline[watch] = now >= slice.to ? Number.POSITIVE_INFINITY : next - 1;
    trim(state, now);
    return true;
  }

  /** Puts `rebuilt` drafts in place of those that are not for good. */
  #rebuild(watch: number, rebuilt: (state: MktSlice) => Draft[]): void {
    const states = this.#of(watch);
    const old = this.#watches.cutDraftsAfter(watch, Math.min(...states.map(({ openAfter }) => openAfter)));
    for (const state of states) {
      const { slice, openAfter } = state;
      const kept = old.filter(({ from }) => from >= slice.from && from < slice.to && from <= openAfter);
      for (const draft of [...kept, ...rebuilt(state)]) this.#watches.addDraft(watch, draft);
    }
  }
}

function addWeight(state: MktSlice, hour: number, weight: number, factor: number): void {
  const at = bucketOf(state, hour);
  if (state.hourOf[at] !== hour) {
    state.hourOf[at] = hour;
    state.sum[at] = 0;
    state.weight[at] = 0;
  }
  state.sum[at] = (state.sum[at] as number) + weight * factor;
  state.weight[at] = (state.weight[at] as number) + weight;
}

/** MKT over the window that ends at `end`, °C. */
function mktAt(state: MktSlice, end: number): number | null {
  let sum = 0;
  let weight = 0;
  for (let hour = end - ruleOf(state.slice).windowMs; hour < end; hour += HOUR_MS) {
    const at = bucketOf(state, hour);
    if (state.hourOf[at] !== hour) continue;
    sum += state.sum[at] as number;
    weight += state.weight[at] as number;
  }
  if (weight === 0) return null;
  const celsius = MKT_KELVIN / -Math.log(sum / weight) - ZERO_CELSIUS_KELVIN;
  return Math.round(celsius * PRECISION) / PRECISION;
}

/** The first whole hour after the reading at `last`: in a gap it is known as far as something of it was measured. */
function hourAfter(state: MktSlice, hour: number, last: number, isInGap: boolean): HourValue {
  return { hour, mkt: isInGap && last <= hour - HOUR_MS ? null : mktAt(state, hour), isInGap };
}

/** The findings that a series of hours makes; the last one is open where the series ends above. */
function draftsOf({ slice }: MktSlice, hours: readonly HourValue[], now: number): Draft[] {
  const drafts: Draft[] = [];
  let open: Draft | null = null;
  for (const each of hours) {
    const { hour, mkt, isInGap } = each;
    if (mkt !== null && isAbove(slice, each)) {
      if (open === null) {
        open = newDraft(slice, hour);
        drafts.push(open);
      }
      open.readings++;
      open.extreme = Math.max(open.extreme ?? mkt, mkt);
    } else if (open !== null) {
      open.to = hour;
      open.endedBy = mkt === null ? 'silence' : 'recovery';
      open = null;
    }
    if (open !== null && isInGap) {
      open.to = hour;
      open.endedBy = 'silence';
      open = null;
    }
  }
  if (open !== null && now >= slice.to) {
    open.to = slice.to;
    open.endedBy = 'rule';
  }
  return drafts;
}

function newDraft({ program }: Slice<KeyRule>, from: number): Draft {
  const limit = (program.rule as MktRule).above;
  return { program, from, to: null, endedBy: null, extreme: null, distance: 0, limit, readings: 0, runs: [] };
}

/** Drops the hours that now has reached and that no open finding needs. */
function trim(state: MktSlice, now: number): void {
  const { slice, known } = state;
  const last = known.findLastIndex((each) => each.hour <= now && !goesOn(slice, each));
  if (last < 0) return;
  state.openAfter = (known[last] as HourValue).hour;
  state.known = known.slice(last + 1);
}

function isAbove(slice: Slice<KeyRule>, { mkt }: HourValue): boolean {
  return mkt !== null && mkt > ruleOf(slice).above;
}

/** Whether a finding goes on after this hour. */
function goesOn(slice: Slice<KeyRule>, each: HourValue): boolean {
  return isAbove(slice, each) && !each.isInGap;
}

/** The first hour that is evaluated: at least a window after the key's first reading, inside the slice. */
function firstHourOf({ slice }: MktSlice, firstTime: number): number {
  return Math.ceil(Math.max(firstTime + ruleOf(slice).windowMs, slice.from) / HOUR_MS) * HOUR_MS;
}

function bucketOf({ hourOf }: MktSlice, hour: number): number {
  const at = (hour / HOUR_MS) % hourOf.length;
  return at < 0 ? at + hourOf.length : at;
}

function hourFloor(time: number): number {
  return Math.floor(time / HOUR_MS) * HOUR_MS;
}

function ruleOf({ program }: Slice<KeyRule>): MktRule {
  return program.rule as MktRule;
}
