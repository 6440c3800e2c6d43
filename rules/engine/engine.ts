import { type Finding, type FindingChange, type KeyReadings, keyOf, type ReadingColumns } from '../../domain/index.ts';
import type { Detection } from './changes.ts';
import { type Draft, draftOf } from './draft.ts';
import { forecastSteps } from './forecast.ts';
import { freezeThawSteps } from './freeze-thaw.ts';
import { intervalSteps } from './interval.ts';
import type { Machine } from './machine.ts';
import { MktMachine } from './mkt.ts';
import { changedFrom, isKeyKind, type Plan, type WatchPlan } from './program.ts';
import { compareFindings, Published } from './published.ts';
import { rateSteps } from './rate.ts';
import { type Rewound, rewind } from './rewind.ts';
import { firstNotBefore, type Reach, Series, type TailSize } from './series.ts';
import { shockSteps } from './shock.ts';
import { SilenceMachine } from './silence.ts';
import { StepMachine } from './step-machine.ts';
import { ThresholdMachine } from './threshold.ts';
import { Watches, type Window } from './watches.ts';

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
}

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
  readonly #series: Series;
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

  constructor({ plan, tail }: { readonly plan: Plan; readonly tail: TailSize }) {
    this.#plan = plan;
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
      gaps: this.#series.gaps,
      ...{ start: 0, end: 0, isWhole: true, firstTime: 0 },
    };
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
    for (const [key, touched] of this.#touched) this.#rewindFromTail(key, touched.from, touched.to);
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
    widen(this.#parked, key, from);
    widen(this.#parked, key, to);
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
    const window = this.#joined(key, stored);
    for (let watch = this.#watches.first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      const outcome = this.#rewind(watch, window, from, to, stored.reachesTail);
      if (outcome !== 'done') return outcome;
    }
    this.#parked.delete(key);
    if (stored.reachesTail) this.#lengthenTail(key, window);
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
    const { time, value, count } = readings;
    this.#series.noteFirst(index, firstTime);
    const window = windowOf({ times: time, values: value, isWhole, firstTime }, count);
    const end = Number.POSITIVE_INFINITY;
    for (let watch = this.#watches.first[index] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      this.#restoreFindings(watch, findings);
      const outcome = this.#rewind(watch, window, end, end, true);
      if (outcome !== 'done') return outcome;
      const last = this.#published.last(watch);
      if (last !== undefined) {
        this.#provenNow = Math.max(this.#provenNow, this.#machineOf(watch).provenNow(watch, window, last));
      }
    }
    this.#series.replace(index, time, value, isWhole);
    return 'done';
  }

  /** After the last `restore`: the clock is at least what the published findings prove. */
  restored(): void {
    this.#rewound.clear();
    this.setNow(this.#provenNow);
  }

  /**
   * Rules or contexts have changed: asks the plan again and evaluates again from where it differs.
   * @param device whose keys are asked about; null = all
   */
  replan(device: string | null): void {
    if (device !== null) for (const key of this.#series.keysOf(device)) this.#replanKey(key);
    else for (let key = 0; key < this.#series.count; key++) this.#replanKey(key);
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

  #judge(key: number, time: number, value: number): void {
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
    const insertion = this.#series.insert(key, time, value);
    if (insertion === 'present' && !isRecheck && !(time < (this.#fromHistory.get(key) ?? 0))) return;
    widen(insertion === 'beyond' ? this.#parked : this.#touched, key, time);
  }

  /** Where a rule is new, its windows may reach back further than the tail does. */
  #lengthenTail(key: number, window: Window): void {
    if (!this.#series.isShort(key)) return;
    this.#fromHistory.set(key, this.tailFrom(key));
    this.#series.replace(key, window.times, window.values, window.isWhole);
  }

  #rewindFromTail(key: number, from: number, to: number): void {
    const window = this.#setWindow(key);
    for (let watch = this.#watches.first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      if (this.#rewind(watch, window, from, to, true) !== 'done') {
        widen(this.#parked, key, from);
        widen(this.#parked, key, to);
      }
    }
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
    if (this.#rewind(watch, this.#setWindow(key), from, end, true) === 'done') {
      // No reading was late: what is found now is found because of the rule.
      this.#rewound.delete(watch);
      return;
    }
    widen(this.#parked, key, from);
    widen(this.#parked, key, end);
  }

  #changePlan(watch: number, from: number): void {
    this.#replanned.set(watch, Math.min(from, this.#replanned.get(watch) ?? from));
    this.#watches.touch(watch);
  }

  /** Stored readings and, where they meet it, the key's tail, as one window. */
  #joined(key: number, { readings, isWhole, reachesTail }: StoredReadings): Window {
    const { count, time, value } = readings;
    const firstTime = this.#series.firstTime(key);
    if (!reachesTail) return windowOf({ times: time, values: value, isWhole, firstTime }, count);
    const from = this.#series.startOf(key);
    const to = this.#series.endOf(key);
    const end = count + to - from;
    const times = new Float64Array(end);
    const values = new Float64Array(end);
    times.set(time.subarray(0, count));
    values.set(value.subarray(0, count));
    times.set(this.#series.times.subarray(from, to), count);
    values.set(this.#series.values.subarray(from, to), count);
    return windowOf({ times, values, isWhole, firstTime }, end);
  }

  /** Findings of rules that judge the key no more get a watch without slices, which takes them back. */
  #openForOrphans(key: number, findings: readonly Finding[]): void {
    const plans: WatchPlan[] = [];
    for (let watch = this.#watches.first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      plans.push(this.#watches.plans[watch] as WatchPlan);
    }
    for (const { rule, kind } of findings) {
      if (plans.some((plan) => plan.ruleId === rule && plan.kind === kind) || !isKeyKind(kind)) continue;
      const plan = { ruleId: rule, kind, slices: [], intervalMs: null, reportsEveryMs: 0 };
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
    this.#machineOf(watch).settle(watch, this.#setWindow(key), this.#now);
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

  #setWindow(key: number): Window {
    const window = this.#window;
    window.times = this.#series.times;
    window.values = this.#series.values;
    window.gaps = this.#series.gaps;
    window.start = this.#series.startOf(key);
    window.end = this.#series.endOf(key);
    window.isWhole = this.#series.isWhole(key);
    window.firstTime = this.#series.firstTime(key);
    return window;
  }
}

/** Readings that are not in the tail. */
function windowOf(given: Pick<Window, 'times' | 'values' | 'isWhole' | 'firstTime'>, end: number): Window {
  return { ...given, gaps: new Uint8Array(end), start: 0, end };
}

function further(a: Reach, b: Reach): Reach {
  return {
    windowMs: Math.max(a.windowMs, b.windowMs),
    newestMs: Math.max(a.newestMs, b.newestMs),
    newest: Math.max(a.newest, b.newest),
  };
}

function widen(spans: Map<number, Span>, key: number, time: number): void {
  const span = spans.get(key);
  if (span === undefined) spans.set(key, { from: time, to: time, reasons: 1 });
  else {
    span.from = Math.min(span.from, time);
    span.to = Math.max(span.to, time);
    span.reasons++;
  }
}

function byRuleKeyFrom(a: FindingChange, b: FindingChange): number {
  return compareFindings(a.finding, b.finding);
}
