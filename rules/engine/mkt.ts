import { type Finding, MKT_KELVIN, type MktRule, ZERO_CELSIUS_KELVIN } from '../../domain/index.ts';
import type { Draft } from './draft.ts';
import type { Machine } from './machine.ts';
import { factorOf, HOUR_MS, MktHours } from './mkt-hour.ts';
import type { KeyRule, Slice, WatchPlan } from './program.ts';
import type { Place, Watches } from './watches.ts';

/**
 * MKT is compared and told to 1e-9 °C: the formula in doubles gives a constant 8 °C as 8.00000000000006, and what is
 * exactly at the limit must not depend on the order of a sum.
 */
const PRECISION = 1e9;

/**
 * Until a watch has been taken up or has seen its key's first reading it judges nothing, and what findings it has been
 * given stay as they are: it waits for history.
 */
const UNJUDGED = Number.POSITIVE_INFINITY;

interface HourValue {
  readonly hour: number;
  /** °C over the window that ends at `hour`; null where nothing in it has weight. */
  readonly mkt: number | null;
}

/** One slice of a watch. */
interface Stretch {
  readonly slice: Slice<KeyRule>;
  /** What each hour of the window weighs, by hour modulo their number: one more than the window has. */
  readonly hourOf: Float64Array;
  readonly sum: Float64Array;
  readonly weight: Float64Array;
  /** The first hour that later readings may still change. */
  nextHour: number;
  /** Hours known for good that now has not reached, or that belong to a finding still open. */
  known: HourValue[];
  /** Findings that begin later are worked out anew at each settling; those before are for good. */
  openAfter: number;
}

/**
 * mkt (docs/rules.md): mean kinetic temperature over a sliding window at each whole UTC hour.
 *
 * State per watch: the window as one sum and one weight per hour. An hour up to the last reading is known for good; the
 * hours between the last reading and now are worked out at each settling from what the window still holds. The hour under
 * way is carried apart (`mkt-hour.ts`).
 */
export class MktMachine implements Machine {
  readonly #watches: Watches;
  readonly #stretches: Stretch[][] = [];
  readonly #hours: MktHours;

  constructor(watches: Watches) {
    this.#watches = watches;
    this.#hours = new MktHours(watches);
  }

  open(watch: number): void {
    this.#watches.slot[watch] = this.#stretches.length;
    this.#stretches.push([]);
    this.#watches.stayAwake(watch);
    this.#begin(watch, UNJUDGED);
  }

  advance(watch: number, place: Place, i: number): void {
    if (this.#hours.passes(watch, place, i)) return;
    const { now } = this.#watches;
    const stretches = this.#of(watch);
    this.#putAway(watch, stretches);
    for (const stretch of stretches) {
      const { openAfter, nextHour } = stretch;
      const hours = stretch.known.length;
      this.#feed(watch, stretch, place, i);
      // Nearly always within an hour that now has not reached: nothing is told before that.
      if (stretch.known.length > hours || nextHour <= now || openAfter === UNJUDGED) this.#watches.touch(watch);
    }
    this.#carry(watch, stretches, place, i);
  }

  settle(watch: number, place: Place, now: number): void {
    if (this.#settleQuietly(watch, place, now)) return;
    this.#putAway(watch, this.#of(watch));
    let deadline = Number.POSITIVE_INFINITY;
    this.#rebuild(watch, (stretch) => {
      const hours = this.#hoursUntil(stretch, place, now);
      deadline = Math.min(deadline, hours.nextChange - 1);
      return draftsOf(stretch, hours.values, now);
    });
    for (const stretch of this.#of(watch)) trim(stretch, now);
    this.#watches.deadline[watch] = deadline;
  }

  beforeRewind(watch: number): void {
    const { now } = this.#watches;
    this.#rebuild(watch, (stretch) =>
      draftsOf(
        stretch,
        stretch.known.filter(({ hour }) => hour <= now),
        now,
      ),
    );
    for (const stretch of this.#of(watch)) trim(stretch, now);
  }

  isClean(watch: number, place: Place, i: number): boolean {
    const time = place.times[i] as number;
    // Hours that now has not reached are in no draft yet.
    if (time > this.#watches.now) return false;
    return place.isWhole || (place.times[place.start] as number) <= hourFloor(time) - this.#windowMs(watch);
  }

  takeUp(watch: number, place: Place, i: number): void {
    const stretches = this.#begin(watch, Number.NEGATIVE_INFINITY);
    if (i < place.start) return;
    const time = place.times[i] as number;
    const covered = hourFloor(time) - this.#windowMs(watch);
    for (const stretch of stretches) {
      for (let k = place.start + 1; k <= i; k++) {
        if ((place.times[k] as number) > covered) this.#feed(watch, stretch, place, k);
      }
      stretch.known = [];
      stretch.nextHour = hourFloor(time) + HOUR_MS;
      stretch.openAfter = time;
    }
  }

  isQuiet(watch: number): boolean {
    const { now } = this.#watches;
    return this.#of(watch).every(({ slice, known }) => {
      const last = known.at(-1);
      return last === undefined || (last.hour <= now && !isAbove(slice, last));
    });
  }

  holdMs(): number {
    return 0;
  }

  reachMs(watch: number): number {
    return this.#windowMs(watch) + HOUR_MS;
  }

  setAside(watch: number): Stretch[] {
    this.#putAway(watch, this.#of(watch));
    return this.#of(watch).map((stretch) => ({
      ...stretch,
      hourOf: stretch.hourOf.slice(),
      sum: stretch.sum.slice(),
      weight: stretch.weight.slice(),
      known: [...stretch.known],
    }));
  }

  putBack(watch: number, state: Stretch[]): void {
    this.#hours.drop(watch);
    this.#stretches[this.#watches.slot[watch] as number] = state;
  }

  rejoin(watch: number, state: Stretch[], time: number): void {
    this.beforeRewind(watch);
    this.putBack(watch, state);
    for (const stretch of state) {
      stretch.known = stretch.known.filter(({ hour }) => hour > time);
      stretch.openAfter = Math.max(stretch.openAfter, time);
    }
  }

  provenNow(_watch: number, _place: Place, { from, to, readings }: Finding): number {
    return to ?? from + (readings - 1) * HOUR_MS;
  }

  #of(watch: number): Stretch[] {
    return this.#stretches[this.#watches.slot[watch] as number] as Stretch[];
  }

  #begin(watch: number, openAfter: number): Stretch[] {
    const { slices } = this.#watches.plans[watch] as WatchPlan;
    const stretches = slices.map((slice): Stretch => {
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
    this.#stretches[this.#watches.slot[watch] as number] = stretches;
    this.#hours.drop(watch);
    return stretches;
  }

  /** From here on the hour of reading `i` is carried, where it lies in the one slice there is. */
  #carry(watch: number, [stretch, ...others]: readonly Stretch[], place: Place, i: number): void {
    if (stretch === undefined || others.length > 0 || stretch.openAfter === UNJUDGED || i === place.start) return;
    const { slice, nextHour } = stretch;
    if (nextHour > slice.to || (place.times[i] as number) <= slice.from - ruleOf(slice).windowMs) return;
    const hour = nextHour - HOUR_MS;
    const at = bucketOf(stretch, hour);
    const isBegun = stretch.hourOf[at] === hour;
    const [sum, weight] = isBegun ? [stretch.sum[at] as number, stretch.weight[at] as number] : [0, 0];
    this.#hours.carry(watch, { hour, sum, weight });
  }

  #putAway(watch: number, [stretch]: readonly Stretch[]): void {
    const carried = this.#hours.drop(watch);
    if (carried === null || stretch === undefined) return;
    const at = bucketOf(stretch, carried.hour);
    stretch.hourOf[at] = carried.hour;
    stretch.sum[at] = carried.sum;
    stretch.weight[at] = carried.weight;
  }

  #windowMs(watch: number): number {
    const { slices } = this.#watches.plans[watch] as WatchPlan;
    return slices.reduce((most, slice) => Math.max(most, ruleOf(slice).windowMs), 0);
  }

  /** Weighs the step into reading `i` hour by hour, and notes each hour that ends in it as known. */
  #feed(watch: number, stretch: Stretch, place: Place, i: number): void {
    const to = place.times[i] as number;
    stretch.nextHour = hourFloor(to) + HOUR_MS;
    if (i === place.start) {
      if (stretch.openAfter === UNJUDGED) stretch.openAfter = Number.NEGATIVE_INFINITY;
      return;
    }
    if (stretch.openAfter === UNJUDGED) return;
    const from = place.times[i - 1] as number;
    const { slice } = stretch;
    if (from >= slice.to || to <= slice.from - ruleOf(slice).windowMs) return;
    this.#watches.enter(watch, slice);
    const isGap = this.#watches.isGap(watch, place, i);
    const factor = factorOf(place.values[i - 1] as number);
    for (let hour = hourFloor(from); hour < to; hour += HOUR_MS) {
      const end = hour + HOUR_MS;
      if (!isGap) addWeight(stretch, hour, Math.min(to, end) - Math.max(from, hour), factor);
      if (end > to || end >= slice.to) break;
      if (end < firstHourOf(stretch, place.firstTime)) continue;
      const mkt = mktAt(stretch, end);
      stretch.known.push({ hour: end, mkt });
      // The window has run empty inside a gap: nothing changes until the gap ends.
      if (mkt === null) break;
    }
  }

  /** The hours from the first that may belong to an open finding to now, and when the next one is due. */
  #hoursUntil(stretch: Stretch, place: Place, now: number): { values: HourValue[]; nextChange: number } {
    if (stretch.openAfter === UNJUDGED) return { values: [], nextChange: Number.POSITIVE_INFINITY };
    const values = stretch.known.filter(({ hour }) => hour <= now);
    const later = stretch.known[values.length];
    if (later !== undefined) return { values, nextChange: later.hour };
    let hour = Math.max(stretch.nextHour, firstHourOf(stretch, place.firstTime));
    for (; hour <= now && hour < stretch.slice.to; hour += HOUR_MS) {
      const mkt = mktAt(stretch, hour);
      values.push({ hour, mkt });
      if (mkt === null) return { values, nextChange: Number.POSITIVE_INFINITY };
    }
    const isOver = now >= stretch.slice.to;
    return { values, nextChange: isOver ? Number.POSITIVE_INFINITY : Math.min(hour, stretch.slice.to) };
  }

  /**
   * Settles a watch that has no finding under way where no hour up to now is above the limit and none has to be worked out
   * from the window, nearly all of them: there is nothing to rebuild, and the hour carried is let be. False where it has
   * done nothing.
   */
  #settleQuietly(watch: number, { firstTime }: Place, now: number): boolean {
    const [stretch, ...others] = this.#of(watch);
    if (stretch === undefined || others.length > 0) return false;
    const { slice, known, nextHour, openAfter } = stretch;
    if (openAfter === UNJUDGED || nextHour <= now) return false;
    if ((this.#watches.lastDraft(watch)?.from ?? Number.NEGATIVE_INFINITY) > openAfter) return false;
    let reached = 0;
    for (let each = known[0]; each !== undefined && each.hour <= now; each = known[++reached]) {
      if (isAbove(slice, each)) return false;
    }
    const next = known[reached]?.hour ?? Math.min(Math.max(nextHour, firstHourOf(stretch, firstTime)), slice.to);
    this.#watches.deadline[watch] = now >= slice.to ? Number.POSITIVE_INFINITY : next - 1;
    trim(stretch, now);
    return true;
  }

  /** Puts `rebuilt` drafts in place of those that are not for good. */
  #rebuild(watch: number, rebuilt: (stretch: Stretch) => Draft[]): void {
    const stretches = this.#of(watch);
    const old = this.#watches.cutDraftsAfter(watch, Math.min(...stretches.map(({ openAfter }) => openAfter)));
    for (const stretch of stretches) {
      const { slice, openAfter } = stretch;
      const kept = old.filter(({ from }) => from >= slice.from && from < slice.to && from <= openAfter);
      for (const draft of [...kept, ...rebuilt(stretch)]) this.#watches.addDraft(watch, draft);
    }
  }
}

function addWeight(stretch: Stretch, hour: number, weight: number, factor: number): void {
  const at = bucketOf(stretch, hour);
  if (stretch.hourOf[at] !== hour) {
    stretch.hourOf[at] = hour;
    stretch.sum[at] = 0;
    stretch.weight[at] = 0;
  }
  stretch.sum[at] = (stretch.sum[at] as number) + weight * factor;
  stretch.weight[at] = (stretch.weight[at] as number) + weight;
}

/** MKT over the window that ends at `end`, °C. */
function mktAt(stretch: Stretch, end: number): number | null {
  let sum = 0;
  let weight = 0;
  for (let hour = end - ruleOf(stretch.slice).windowMs; hour < end; hour += HOUR_MS) {
    const at = bucketOf(stretch, hour);
    if (stretch.hourOf[at] !== hour) continue;
    sum += stretch.sum[at] as number;
    weight += stretch.weight[at] as number;
  }
  if (weight === 0) return null;
  const celsius = MKT_KELVIN / -Math.log(sum / weight) - ZERO_CELSIUS_KELVIN;
  return Math.round(celsius * PRECISION) / PRECISION;
}

/** The findings that a series of hours makes; the last one is open where the series ends above. */
function draftsOf({ slice }: Stretch, hours: readonly HourValue[], now: number): Draft[] {
  const drafts: Draft[] = [];
  let open: Draft | null = null;
  for (const each of hours) {
    const { hour, mkt } = each;
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

/** Lets go of the hours that now has reached and that no open finding needs. */
function trim(stretch: Stretch, now: number): void {
  const { slice, known } = stretch;
  const last = known.findLastIndex((each) => each.hour <= now && !isAbove(slice, each));
  if (last < 0) return;
  stretch.openAfter = (known[last] as HourValue).hour;
  stretch.known = known.slice(last + 1);
}

function isAbove(slice: Slice<KeyRule>, { mkt }: HourValue): boolean {
  return mkt !== null && mkt > ruleOf(slice).above;
}

/** The first hour that is evaluated: at least a window after the key's first reading, inside the slice. */
function firstHourOf({ slice }: Stretch, firstTime: number): number {
  return Math.ceil(Math.max(firstTime + ruleOf(slice).windowMs, slice.from) / HOUR_MS) * HOUR_MS;
}

function bucketOf({ hourOf }: Stretch, hour: number): number {
  const at = (hour / HOUR_MS) % hourOf.length;
  return at < 0 ? at + hourOf.length : at;
}

function hourFloor(time: number): number {
  return Math.floor(time / HOUR_MS) * HOUR_MS;
}

function ruleOf({ program }: Slice<KeyRule>): MktRule {
  return program.rule as MktRule;
}
