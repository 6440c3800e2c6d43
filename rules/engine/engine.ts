import {
  type Finding,
  type FindingChange,
  flagSteps,
  flagsByItself,
  GOOD,
  IMPLAUSIBLE_STEP,
  isImplausible,
  isSameMeasure,
  isWithin,
  judgedValue,
  type KeyQuality,
  type KeyReadings,
  keyOf,
  keyQuality,
  NEIGHBOURS,
  type QualifiedReadings,
  qualified,
  type ReadingColumns,
  SET_ASIDE,
  STEPS_LEARNT_FROM,
  type TimeSpan,
} from '../../domain/index.ts';
import type { Detection } from './changes.ts';
import { type Draft, draftOf } from './draft.ts';
import { forecastSteps } from './forecast.ts';
import { freezeThawSteps } from './freeze-thaw.ts';
import { intervalSteps } from './interval.ts';
import type { Machine } from './machine.ts';
import { MktMachine } from './mkt.ts';
import { changedFrom, isKeyKind, KEY_KINDS, type Plan, type WatchPlan } from './program.ts';
import { compareFindings, Published } from './published.ts';
import { Qualities } from './qualities.ts';
import { rateSteps } from './rate.ts';
import { type Rewound, rewind } from './rewind.ts';
import { firstNotBefore, type Reach, Series, type TailSize } from './series.ts';
import { shockSteps } from './shock.ts';
import { SilenceMachine } from './silence.ts';
import { StepMachine } from './step-machine.ts';
import { ThresholdMachine } from './threshold.ts';
import { Watches } from './watches.ts';
import { GoodReadings, goodOf, type Window, windowOf } from './window.ts';

const NO_DRAFTS: readonly Draft[] = [];

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

/** A part of a key's stored readings, for {@link Engine.reevaluate}. */
export interface StoredReadings {
  readonly readings: KeyReadings;
  /** It begins with the first reading the key ever had. */
  readonly isWhole: boolean;
  /** Nothing is stored between its end and the key's tail. */
  readonly reachesTail: boolean;
}

interface Span {
  from: number;
  to: number;
  reasons: number;
  /** Some of it is late; else it is only that the quality of readings has changed. */
  isLate: boolean;
}

/** How good the readings of a key are; asked when a key appears and again when its device's facts change. */
export type QualityOf = (device: string, metric: number) => KeyQuality;

/**
 * Evaluates the rules of stage 1 over keys (docs/rules.md).
 *
 * Readings go in as columns, in any order; findings come out of `flush` as changes against what it gave before. A
 * reading newer than its key's newest is judged at once. An older one goes into the key's tail and rewinds that key at
 * the next flush; one that is older than the tail parks the key until its history is brought by `reevaluate`.
 *
 * Knows no clock (`setNow` is told the last tick) and no storage.
 */
export class Engine {
  readonly #plan: Plan;
  readonly #qualityOf: QualityOf;
  readonly #series: Series;
  readonly #qualities: Qualities = new Qualities();
  /** The good readings of tails that have suspect ones. */
  readonly #good = new Map<number, GoodReadings>();
  readonly #watches = new Watches();
  readonly #machines: readonly Machine[];
  readonly #published = new Published();
  readonly #keyName: string[] = [];
  /** Event times that late readings touched, per key, since the last flush. */
  readonly #touched = new Map<number, Span>();
  readonly #parked = new Map<number, Span>();
  /** Readings before this time came into the key's tail from history, which may be ahead of the log. */
  readonly #fromHistory = new Map<number, number>();
  /** Event time from which other rules judge, per watch, since the last flush. */
  readonly #replanned = new Map<number, number>();
  readonly #rewound = new Set<number>();
  #now = Number.NEGATIVE_INFINITY;
  #provenNow = Number.NEGATIVE_INFINITY;
  /** No deadline lies before it. */
  #earliestDeadline = Number.POSITIVE_INFINITY;
  #resolved = new Int32Array(64);
  #resolvedNames: readonly string[] | null = null;
  #resolvedCount = 0;
  readonly #window: Window;
  readonly #goodWindow: Window;

  constructor({
    plan,
    tail,
    quality = (_, metric) => keyQuality(metric),
  }: { readonly plan: Plan; readonly tail: TailSize; readonly quality?: QualityOf }) {
    this.#plan = plan;
    this.#qualityOf = quality;
    this.#series = new Series(tail);
    this.#machines = [
      new ThresholdMachine(this.#watches),
      new SilenceMachine(this.#watches),
      new MktMachine(this.#watches),
      new StepMachine(this.#watches, rateSteps),
      new StepMachine(this.#watches, shockSteps),
      new StepMachine(this.#watches, intervalSteps),
      new StepMachine(this.#watches, freezeThawSteps),
      new StepMachine(this.#watches, forecastSteps(this.#watches)),
    ];
    this.#window = {
      times: this.#series.times,
      values: this.#series.values,
      ...{ gaps: this.#series.gaps, flags: this.#series.flags },
      ...{ start: 0, end: 0, isWhole: true, firstTime: 0, among: null },
    };
    this.#goodWindow = { ...this.#window };
  }

  get now(): number {
    return this.#now;
  }

  get keys(): number {
    return this.#series.count;
  }

  /**
   * Takes readings in log order. A second reading of one identity changes nothing, whatever its value.
   *
   * @param isRecheck these readings may be in the state already without having been judged in every place they touch
   * (the state was rebuilt from history that was ahead of the log): known ones rewind their key as new ones do
   */
  apply(columns: ReadingColumns, isRecheck = false): void {
    const devices = this.#resolve(columns.devices);
    const { count, device, metric, time, value } = columns;
    const series = this.#series;
    for (let row = 0; row < count; row++) {
      const deviceIndex = devices[device[row] as number] as number;
      const metricCode = metric[row] as number;
      let key = series.keyOf(deviceIndex, metricCode);
      if (key < 0) key = this.#openKey(deviceIndex, metricCode);
      const at = time[row] as number;
      if (at > series.lastTime(key)) this.#judge(key, at, value[row] as number);
      else this.#takeLate(key, at, value[row] as number, isRecheck);
    }
  }

  /** The same for one reading. */
  applyOne(device: string, metric: number, time: number, value: number): void {
    const deviceIndex = this.#series.deviceIndex(device);
    let key = this.#series.keyOf(deviceIndex, metric);
    if (key < 0) key = this.#openKey(deviceIndex, metric);
    if (time > this.#series.lastTime(key)) this.#judge(key, time, value);
    else this.#takeLate(key, time, value, false);
  }

  /** Moves the clock to the last tick; it never goes back. */
  setNow(now: number): void {
    if (now <= this.#now) return;
    this.#now = now;
    this.#watches.now = now;
    if (now <= this.#earliestDeadline) return;
    const { deadline, count } = this.#watches;
    let earliest = Number.POSITIVE_INFINITY;
    for (let watch = 0; watch < count; watch++) {
      const due = deadline[watch] as number;
      if (due < now) this.#watches.touch(watch);
      else if (due < earliest) earliest = due;
    }
    this.#earliestDeadline = earliest;
  }

  /** Rewinds what late readings and changed rules touched and gives what changed since the last flush, sorted. */
  flush(at: number): FindingChange[] {
    for (const [watch, from] of this.#replanned) this.#rewindReplanned(watch, from);
    this.#replanned.clear();
    for (const [key, touched] of this.#touched) this.#rewindFromTail(key, touched);
    this.#touched.clear();
    const changes: FindingChange[] = [];
    const inOrder = { at, isLate: false };
    const late = { at, isLate: true };
    for (const watch of this.#watches.takeDirty())
      this.#publish(watch, this.#rewound.has(watch) ? late : inOrder, changes);
    this.#rewound.clear();
    return changes.sort(byRuleKeyFrom);
  }

  /** Has a known key wait for its history: its readings in [from, to] are to be judged again. */
  park(device: string, metric: number, from: number, to: number): void {
    const key = this.#series.find(device, metric);
    if (key < 0) return;
    widen(this.#parked, key, from, to);
  }

  /** Keys that wait for their history. */
  parked(): ParkedKey[] {
    return [...this.#parked].map(([key, { from, to, reasons }]) => ({
      key,
      device: this.#series.deviceOf(key),
      metric: this.#series.metricOf(key),
      from,
      to,
      reasons,
    }));
  }

  /**
   * Judges a parked key again with its stored readings, those before its tail; what comes of it is in the next flush.
   *
   * @returns `done`, or on which side more readings are needed; nothing has changed for the watches that need them
   */
  reevaluate({ key, from, to }: ParkedKey, stored: StoredReadings): Rewound {
    const all = this.#joined(key, stored);
    const good = goodOf(all);
    // The quality of the neighbours may have changed with what has.
    const first = Math.max(all.start, firstNotBefore(all.times, all.start, all.end, from) - NEIGHBOURS);
    const last = Math.min(all.end - 1, firstNotBefore(all.times, all.start, all.end, to) + NEIGHBOURS);
    const [since, until] = [Math.min(from, all.times[first] ?? from), Math.max(to, all.times[last] ?? to)];
    for (let watch = this.#watches.first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      const window = this.#seesSuspects(watch) ? all : good;
      const outcome = this.#rewind(watch, window, since, until, stored.reachesTail);
      if (outcome !== 'done') return outcome;
    }
    // What only the quality of readings has changed is not late.
    if (this.#parked.get(key)?.isLate === false) this.#forgetRewound(key);
    this.#parked.delete(key);
    if (stored.reachesTail) this.#keepTail(key, all);
    return 'done';
  }

  /**
   * Restores a key to where an earlier engine left it.
   *
   * @param stored its newest readings, ascending, and the event time of its very first one
   * @param findings what was published for it
   * @returns `moreBefore` where the state after the last reading depends on older ones than these: call again with more
   */
  restore(
    key: { readonly device: string; readonly metric: number },
    { readings, isWhole, firstTime }: Pick<StoredReadings, 'readings' | 'isWhole'> & { readonly firstTime: number },
    findings: readonly Finding[],
  ): Rewound {
    const device = this.#series.deviceIndex(key.device);
    const known = this.#series.keyOf(device, key.metric);
    const index = known < 0 ? this.#openKey(device, key.metric) : known;
    this.#openForOrphans(index, findings);
    this.#series.noteFirst(index, firstTime);
    const own = qualified(readings, this.#qualities.of(index));
    // The first two lack the neighbours that their quality rests on.
    const start = isWhole ? 0 : Math.min(NEIGHBOURS, readings.count);
    const all = windowOf(own, { start, end: readings.count, isWhole, firstTime });
    const good = goodOf(all);
    const end = Number.POSITIVE_INFINITY;
    for (let watch = this.#watches.first[index] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      this.#restoreFindings(watch, findings);
      const window = this.#seesSuspects(watch) ? all : good;
      const outcome = this.#rewind(watch, window, end, end, true);
      if (outcome !== 'done') return outcome;
      const last = this.#published.last(watch);
      if (last !== undefined) {
        this.#provenNow = Math.max(this.#provenNow, this.#machineOf(watch).provenNow(watch, window, last));
      }
    }
    this.#replaceTail(index, all);
    return 'done';
  }

  /** After the last `restore`: the clock is at least what the published findings prove. */
  restored(): void {
    this.#rewound.clear();
    this.setNow(this.#provenNow);
  }

  /**
   * Rules, contexts or what people say of readings have changed: asks for the plan and the quality again and evaluates
   * again from where they differ.
   * @param device whose keys are asked about; null = all
   */
  replan(device: string | null): void {
    if (device !== null) for (const key of this.#series.keysOf(device)) this.#askAgain(key);
    else for (let key = 0; key < this.#series.count; key++) this.#askAgain(key);
  }

  /** Event time from which the key's tail is complete; what lies before has to come from history. */
  tailFrom(key: number): number {
    const start = this.#series.startOf(key);
    return start === this.#series.endOf(key) ? Number.POSITIVE_INFINITY : (this.#series.times[start] as number);
  }

  /** Every present finding as last published. */
  present(): Finding[] {
    return this.#published.all();
  }

  /** The devices of a batch as integers; batches that share their list of names share the answer. */
  #resolve(names: readonly string[]): Int32Array {
    if (names === this.#resolvedNames && names.length === this.#resolvedCount) return this.#resolved;
    if (this.#resolved.length < names.length) this.#resolved = new Int32Array(names.length * 2);
    for (let i = 0; i < names.length; i++) this.#resolved[i] = this.#series.deviceIndex(names[i] as string);
    this.#resolvedNames = names;
    this.#resolvedCount = names.length;
    return this.#resolved;
  }

  #askAgain(key: number): void {
    this.#requalify(key, this.#qualityOf(this.#series.deviceOf(key), this.#series.metricOf(key)));
    this.#replanKey(key);
  }

  #judge(key: number, time: number, value: number): void {
    const isPlain =
      this.#series.suspects(key) === 0 && this.#qualities.isPlain(key, value, this.#series.lastValue(key));
    if (!isPlain) {
      this.#judgeCarefully(key, time, value);
      return;
    }
    const step = time - this.#series.lastTime(key);
    const i = this.#series.append(key, time, value);
    const isBypassed = this.#watches.keyBands.isBypassed(key, value, time, step);
    const first = (isBypassed ? this.#watches.firstUnbypassed[key] : this.#watches.first[key]) as number;
    if (first >= 0) this.#judgeFrom(first, key, i, step);
  }

  #judgeFrom(first: number, key: number, i: number, step: number): void {
    const window = this.#setWindow(key);
    const time = window.times[i] as number;
    const value = window.values[i] as number;
    const { next } = this.#watches;
    const firstUnbypassed = this.#watches.firstUnbypassed[key] as number;
    let watch = first;
    for (; watch !== firstUnbypassed; watch = next[watch] as number) {
      if (!this.#watches.isBypassed(watch, value, time, step)) this.#advance(watch, window, i);
    }
    for (; watch >= 0; watch = next[watch] as number) this.#advance(watch, window, i);
    if (first !== firstUnbypassed) this.#watches.joinBands(key);
  }

  /** The same where the key's tail has suspect readings, or this may be one. */
  #judgeCarefully(key: number, time: number, received: number): void {
    const quality = this.#qualities.of(key);
    const value = judgedValue(quality, received);
    const i = this.#series.append(key, time, value, flagsByItself(quality, time, received, value));
    const start = this.#series.startOf(key);
    const wasGood = Array.from({ length: Math.min(NEIGHBOURS, i - start) }, (_, k) => this.#isGood(i - 1 - k));
    this.#flagStepsAround(key, i, i - NEIGHBOURS);
    // Of the readings just before, from the newest: which of them count otherwise now.
    const changed = wasGood.map((was, k) => was !== this.#isGood(i - 1 - k));
    const first = i - 1 - changed.lastIndexOf(true);
    const hasPassed = wasGood.slice(0, i - first).some((was) => was);
    if (changed.includes(true) && hasPassed) {
      // What was judged before this reading was no measurement, or something was between it and what came before it.
      this.#rewindFromTail(key, { from: this.#series.times[first] as number, to: time, reasons: 1, isLate: false });
      return;
    }
    this.#advanceInOrder(key, changed.includes(true) ? first : i, i);
  }

  /** Judges the good ones of the tail's last readings, those from index `first` of the columns on; `last` is new. */
  #advanceInOrder(key: number, first: number, last: number): void {
    let good = 0;
    for (let k = first; k <= last; k++) if (this.#isGood(k)) good++;
    for (let watch = this.#watches.first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      const window = this.#windowFor(watch, key);
      const count = this.#seesSuspects(watch) ? last - first + 1 : good;
      for (let k = window.end - count; k < window.end; k++) this.#advance(watch, window, k);
    }
    this.#watches.keyBands.forget(key);
  }

  #isGood(i: number): boolean {
    return this.#series.flags[i] === GOOD;
  }

  /**
   * Looks again at the plausibility of the readings around index `i` of the columns, none before `from`.
   */
  #flagStepsAround(key: number, i: number, from: number): void {
    const { stepPerMinute } = this.#qualities.of(key);
    const series = this.#series;
    const [start, end] = [series.startOf(key), series.endOf(key)];
    if (stepPerMinute === Number.POSITIVE_INFINITY) return;
    for (let k = Math.max(start, from); k <= Math.min(end - 1, i + NEIGHBOURS); k++) {
      const before = series.flags[k] as number;
      const others = before & ~IMPLAUSIBLE_STEP;
      const flags = isImplausible(series, start, end, k, stepPerMinute) ? others | IMPLAUSIBLE_STEP : others;
      if (flags === before) continue;
      series.setFlags(key, k, flags);
      this.#good.get(key)?.cutBack(k - start);
    }
  }

  #advance(watch: number, window: Window, i: number): void {
    const watches = this.#watches;
    watches.lacksContext = false;
    this.#machineOf(watch).advance(watch, window, i);
    const deadline = watches.deadline[watch] as number;
    if (deadline < this.#now) watches.touch(watch);
    else if (deadline < this.#earliestDeadline) this.#earliestDeadline = deadline;
    // The tail is shorter than what the rule reads, where the rule is new: judged again from history.
    if (watches.lacksContext) widen(this.#parked, watches.key[watch] as number, window.times[i] as number);
  }

  #takeLate(key: number, time: number, value: number, isRecheck: boolean): void {
    if (time === this.#series.lastTime(key) && !isRecheck) return;
    const quality = this.#qualities.of(key);
    const judged = judgedValue(quality, value);
    const hadSuspects = this.#series.suspects(key) > 0;
    const insertion = this.#series.insert(key, time, judged, flagsByItself(quality, time, value, judged));
    if (insertion === 'present' && !isRecheck && !(time < (this.#fromHistory.get(key) ?? 0))) return;
    if (insertion === 'present') {
      this.#recheck(key, time, quality);
      return;
    }
    if (insertion === 'beyond') {
      this.#good.delete(key);
      widen(this.#parked, key, time);
      return;
    }
    const { times } = this.#series;
    const start = this.#series.startOf(key);
    const i = firstNotBefore(times, start, this.#series.endOf(key), time);
    this.#good.get(key)?.cutBack(i - start);
    this.#flagStepsAround(key, i, i - NEIGHBOURS);
    // All were good and are: nothing but this reading has changed.
    if (!hadSuspects && this.#series.suspects(key) === 0) {
      widen(this.#touched, key, time);
      return;
    }
    const [first, last] = [Math.max(start, i - NEIGHBOURS), Math.min(this.#series.endOf(key) - 1, i + NEIGHBOURS)];
    const mayStep = quality.stepPerMinute < Number.POSITIVE_INFINITY;
    widen(this.#touched, key, mayStep ? (times[first] as number) : time, mayStep ? (times[last] as number) : time);
  }

  /**
   * A reading that history had brought before the log did: what was published may be from when it was not there, and the
   * quality of its neighbours with it.
   */
  #recheck(key: number, time: number, { stepPerMinute }: KeyQuality): void {
    const { times } = this.#series;
    const [start, end] = [this.#series.startOf(key), this.#series.endOf(key)];
    const i = firstNotBefore(times, start, end, time);
    if (stepPerMinute === Number.POSITIVE_INFINITY) widen(this.#touched, key, time);
    else if (i - start < NEIGHBOURS && !this.#series.isWhole(key)) widen(this.#parked, key, time);
    else {
      const [first, last] = [Math.max(start, i - NEIGHBOURS), Math.min(end - 1, i + NEIGHBOURS)];
      widen(this.#touched, key, times[first] as number, times[last] as number);
    }
  }

  /**
   * After a rewind from history: the tail takes over what has become of the quality of its readings, and where a rule is
   * new, more readings, as its windows may reach back further than the tail does.
   */
  #keepTail(key: number, all: Window): void {
    const series = this.#series;
    const [start, end] = [series.startOf(key), series.endOf(key)];
    const isMore = end - start < Math.min(LEAST_TAIL, all.end - all.start);
    if (series.isShort(key) || (isMore && !series.isWhole(key))) {
      this.#fromHistory.set(key, this.tailFrom(key));
      this.#replaceTail(key, all);
      return;
    }
    for (let i = start; i < end; i++) series.setFlags(key, i, all.flags[all.end - end + i] as number);
    this.#good.delete(key);
  }

  #forgetRewound(key: number): void {
    for (let watch = this.#watches.first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      this.#rewound.delete(watch);
    }
  }

  #replaceTail(key: number, { times, values, flags, start, end, isWhole }: Window): void {
    const tail = {
      times: times.subarray(start, end),
      values: values.subarray(start, end),
      flags: flags.subarray(start, end),
    };
    this.#series.replace(key, tail, isWhole);
    this.#good.delete(key);
  }

  #rewindFromTail(key: number, { from, to, isLate }: Span): void {
    for (let watch = this.#watches.first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      if (this.#rewind(watch, this.#windowFor(watch, key), from, to, true) !== 'done') {
        widen(this.#parked, key, from, to, isLate);
      } else if (!isLate) this.#rewound.delete(watch);
    }
  }

  /** Other facts of the device, or another word of a person, make other readings suspect. */
  #requalify(key: number, quality: KeyQuality): void {
    const before = this.#qualities.of(key);
    this.#qualities.set(key, quality);
    const last = this.#series.lastTime(key);
    if (last === Number.NEGATIVE_INFINITY) return;
    if (!isSameMeasure(before, quality)) {
      // The tail has the values as they were judged, not as they were received: all of them from history.
      this.#series.dropTail(key);
      this.#good.delete(key);
      widen(this.#parked, key, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, false);
      return;
    }
    const changed = differenceOf(before.setAside, quality.setAside);
    if (changed === null || changed.from > last) return;
    const to = Math.min(changed.to, last);
    const tailFrom = this.tailFrom(key);
    if (changed.from < tailFrom && !this.#series.isWhole(key)) widen(this.#parked, key, changed.from, to, false);
    const [start, end] = [this.#series.startOf(key), this.#series.endOf(key)];
    const first = firstNotBefore(this.#series.times, start, end, changed.from);
    for (let i = first; i < end; i++) {
      const others = (this.#series.flags[i] as number) & ~SET_ASIDE;
      const isSetAside = isWithin(quality.setAside, this.#series.times[i] as number);
      this.#series.setFlags(key, i, isSetAside ? others | SET_ASIDE : others);
    }
    this.#good.get(key)?.cutBack(first - start);
    widen(this.#touched, key, changed.from, to, false);
  }

  #replanKey(key: number): void {
    const plans = [...this.#plan(this.#series.deviceOf(key), this.#series.metricOf(key))];
    for (let watch = this.#watches.first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      const old = this.#watches.plans[watch] as WatchPlan;
      const at = plans.findIndex(({ ruleId, kind }) => ruleId === old.ruleId && kind === old.kind);
      const plan = at < 0 ? { ...old, slices: [] } : (plans.splice(at, 1)[0] as WatchPlan);
      const from = changedFrom(old, plan);
      this.#watches.plans[watch] = plan;
      if (from < Number.POSITIVE_INFINITY) this.#changePlan(watch, from);
    }
    for (const plan of plans) {
      const watch = this.#openWatch(key, plan);
      this.#changePlan(watch, plan.slices[0]?.from ?? Number.POSITIVE_INFINITY);
    }
    this.#holdReadings(key);
  }

  #rewindReplanned(watch: number, from: number): void {
    const key = this.#watches.key[watch] as number;
    const end = Number.POSITIVE_INFINITY;
    if (this.#rewind(watch, this.#windowFor(watch, key), from, end, true) === 'done') {
      // No reading was late: what is found now is found because of the rule.
      this.#rewound.delete(watch);
      return;
    }
    widen(this.#parked, key, from, end);
  }

  #changePlan(watch: number, from: number): void {
    this.#replanned.set(watch, Math.min(from, this.#replanned.get(watch) ?? from));
    this.#watches.touch(watch);
  }

  /** Stored readings and, where they meet it, the key's tail, as one window. */
  #joined(key: number, { readings, isWhole, reachesTail }: StoredReadings): Window {
    const quality = this.#qualities.of(key);
    const { count } = readings;
    const firstTime = this.#series.firstTime(key);
    const stored = qualified(readings, quality);
    // At an end that is cut off two readings lack the neighbours that their quality rests on.
    const start = isWhole ? 0 : Math.min(NEIGHBOURS, count);
    if (!reachesTail) {
      return windowOf(stored, { start, end: Math.max(start, count - NEIGHBOURS), isWhole, firstTime });
    }
    const joined = joinQualified(stored, this.#tailOf(key));
    flagSteps(
      joined,
      Math.max(0, count - NEIGHBOURS),
      Math.min(joined.times.length, count + NEIGHBOURS),
      quality.stepPerMinute,
    );
    return windowOf(joined, { start, end: joined.times.length, isWhole, firstTime });
  }

  #tailOf(key: number): QualifiedReadings {
    const [from, to] = [this.#series.startOf(key), this.#series.endOf(key)];
    const { times, values, flags } = this.#series;
    return { times: times.subarray(from, to), values: values.subarray(from, to), flags: flags.subarray(from, to) };
  }

  /** Findings of rules that judge the key no more get a watch without slices, which takes them back. */
  #openForOrphans(key: number, findings: readonly Finding[]): void {
    const plans: WatchPlan[] = [];
    for (let watch = this.#watches.first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      plans.push(this.#watches.plans[watch] as WatchPlan);
    }
    for (const { rule, kind } of findings) {
      if (plans.some((plan) => plan.ruleId === rule && plan.kind === kind) || !isKeyKind(kind)) continue;
      const plan = { ruleId: rule, kind, slices: [], ...UNDECLARED };
      plans.push(plan);
      this.#openWatch(key, plan);
    }
  }

  #restoreFindings(watch: number, findings: readonly Finding[]): void {
    const { ruleId, kind, slices } = this.#watches.plans[watch] as WatchPlan;
    const own = findings.filter((finding) => finding.rule === ruleId && finding.kind === kind);
    this.#published.restore(watch, own);
    this.#watches.drafts.delete(watch);
    for (const finding of own) {
      const slice = slices.find(({ program }) => program.version === finding.ruleVersion);
      // A finding of a version that judges the key no more goes with the next flush.
      if (slice === undefined) this.#watches.markDirty(watch, finding.from);
      else this.#watches.addDraft(watch, draftOf(finding, slice.program));
    }
  }

  #rewind(watch: number, window: Window, from: number, to: number, isLive: boolean): Rewound {
    const { times, start, end } = window;
    const outcome = rewind({
      watches: this.#watches,
      machine: this.#machineOf(watch),
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

  #publish(watch: number, detection: Detection, changes: FindingChange[]): void {
    const key = this.#watches.key[watch] as number;
    this.#machineOf(watch).settle(watch, this.#windowFor(watch, key), this.#now);
    this.#watches.settled(watch);
    const deadline = this.#watches.deadline[watch] as number;
    if (deadline < this.#earliestDeadline) this.#earliestDeadline = deadline;
    const dirtyFrom = this.#watches.dirtyFrom.get(watch);
    if (dirtyFrom === undefined) return;
    this.#watches.dirtyFrom.delete(watch);
    const drafts = this.#watches.drafts.get(watch) ?? NO_DRAFTS;
    this.#published.publish(watch, dirtyFrom, drafts, { key: this.#keyName[key] as string, detection }, changes);
  }

  #openKey(device: number, metric: number): number {
    const key = this.#series.open(device, metric);
    const name = this.#series.deviceOf(key);
    this.#keyName.push(keyOf({ device: name, metric }));
    this.#qualities.set(key, this.#qualityOf(name, metric));
    this.#watches.openKey();
    for (const plan of this.#plan(name, metric)) this.#openWatch(key, plan);
    this.#holdReadings(key);
    return key;
  }

  #openWatch(key: number, plan: WatchPlan): number {
    const watch = this.#watches.open(key, plan);
    this.#machineOf(watch).open(watch);
    return watch;
  }

  /** Has the key's tail hold what its rules read where it lies. */
  #holdReadings(key: number): void {
    let held: Reach | null = null;
    for (let watch = this.#watches.first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      for (const reach of this.#machineOf(watch).reads?.(watch) ?? [])
        held = held === null ? reach : further(held, reach);
    }
    this.#series.hold(key, held);
  }

  #machineOf(watch: number): Machine {
    return this.#machines[this.#watches.kind[watch] as number] as Machine;
  }

  /** Whether the watch sees suspect readings too: they end a silence. */
  #seesSuspects(watch: number): boolean {
    return this.#watches.kind[watch] === SILENCE;
  }

  /** The key's tail as a watch sees it; valid until the next call. */
  #windowFor(watch: number, key: number): Window {
    const all = this.#setWindow(key);
    return this.#seesSuspects(watch) || this.#series.suspects(key) === 0 ? all : this.#setGoodWindow(key, all);
  }

  #setWindow(key: number): Window {
    const window = this.#window;
    const series = this.#series;
    window.times = series.times;
    window.values = series.values;
    window.gaps = series.gaps;
    window.flags = series.flags;
    window.start = series.startOf(key);
    window.end = series.endOf(key);
    window.isWhole = series.isWhole(key);
    window.firstTime = series.firstTime(key);
    return window;
  }

  #setGoodWindow(key: number, all: Window): Window {
    let good = this.#good.get(key);
    if (good === undefined || !good.isOf(all)) {
      good = new GoodReadings(all);
      this.#good.set(key, good);
    }
    good.follow(all);
    const window = this.#goodWindow;
    window.times = good.times;
    window.values = good.values;
    window.gaps = good.gaps;
    window.start = 0;
    window.end = good.count;
    window.isWhole = all.isWhole;
    window.firstTime = all.firstTime;
    window.among = { times: all.times, start: all.start, places: good.places };
    return window;
  }
}

/** A tail with fewer readings takes more from history where it can: learnt gaps look back on twenty steps. */
const LEAST_TAIL = STEPS_LEARNT_FROM + 2;

/** Of a device of which nothing is known. */
const UNDECLARED = { maxGapMs: null, paceMs: null, reportsOnChange: false, reportsEveryMs: 0 };

const SILENCE = KEY_KINDS.indexOf('silence');

function further(a: Reach, b: Reach): Reach {
  return {
    windowMs: Math.max(a.windowMs, b.windowMs),
    newestMs: Math.max(a.newestMs, b.newestMs),
    newest: Math.max(a.newest, b.newest),
  };
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

function joinQualified(a: QualifiedReadings, b: QualifiedReadings): QualifiedReadings {
  const count = a.times.length;
  const times = new Float64Array(count + b.times.length);
  const values = new Float64Array(times.length);
  const flags = new Uint8Array(times.length);
  times.set(a.times);
  times.set(b.times, count);
  values.set(a.values);
  values.set(b.values, count);
  flags.set(a.flags);
  flags.set(b.flags, count);
  return { times, values, flags };
}

/** From the first to the last moment that is set aside in one and not in the other; null where there is none. */
function differenceOf(a: readonly TimeSpan[], b: readonly TimeSpan[]): TimeSpan | null {
  const has = (spans: readonly TimeSpan[], span: TimeSpan) =>
    spans.some(({ from, to }) => from === span.from && to === span.to);
  const changed = [...a.filter((span) => !has(b, span)), ...b.filter((span) => !has(a, span))];
  if (changed.length === 0) return null;
  return { from: Math.min(...changed.map(({ from }) => from)), to: Math.max(...changed.map(({ to }) => to)) };
}

function byRuleKeyFrom(a: FindingChange, b: FindingChange): number {
  return compareFindings(a.finding, b.finding);
}
