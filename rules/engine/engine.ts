import {
  type Finding,
  type FindingChange,
  flagsByItself,
  isMeasuredAlike,
  isWithin,
  judgedValue,
  type KeyQuality,
  keyOf,
  keyQuality,
  mayStep,
  NEIGHBOURS,
  qualified,
  type ReadingColumns,
  type ReadingRun,
  SET_ASIDE,
  type TimeSpan,
} from '../../domain/index.ts';
import { Beside } from './beside.ts';
import type { Detection } from './changes.ts';
import { type Draft, draftOf } from './draft.ts';
import { Machines } from './machines.ts';
import { PassedOver } from './passed-over.ts';
import { changedFrom, isKeyKind, type Plan, type WatchPlan } from './program.ts';
import { compareFindings, Published } from './published.ts';
import type { Qualities } from './qualities.ts';
import { type ParkedKey, Rejudging } from './rejudging.ts';
import type { Rewound } from './rewind.ts';
import { firstNotBefore, type Reach, type Series, type TailSize } from './series.ts';
import { type StoredReadings, Tails } from './tails.ts';
import { Watches } from './watches.ts';
import { goodOf, type Window, windowOf } from './window.ts';

const NO_DRAFTS: readonly Draft[] = [];

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
  readonly #tails: Tails;
  /** Those of the tails. */
  readonly #series: Series;
  readonly #qualities: Qualities;
  readonly #watches = new Watches();
  readonly #machines = new Machines(this.#watches);
  readonly #rejudging: Rejudging;
  readonly #beside: Beside;
  readonly #passedOver: PassedOver;
  readonly #published = new Published();
  readonly #keyName: string[] = [];
  #now = Number.NEGATIVE_INFINITY;
  #provenNow = Number.NEGATIVE_INFINITY;
  /** No deadline lies before it. */
  #earliestDeadline = Number.POSITIVE_INFINITY;
  #resolved = new Int32Array(64);
  #resolvedNames: readonly string[] | null = null;
  #resolvedCount = 0;

  constructor({
    plan,
    tail,
    quality = (_, metric) => keyQuality(metric),
  }: { readonly plan: Plan; readonly tail: TailSize; readonly quality?: QualityOf }) {
    this.#plan = plan;
    this.#qualityOf = quality;
    this.#tails = new Tails(tail);
    this.#series = this.#tails.series;
    this.#beside = new Beside({ watches: this.#watches, tails: this.#tails });
    this.#qualities = this.#tails.qualities;
    this.#rejudging = new Rejudging({ watches: this.#watches, machines: this.#machines, tails: this.#tails });
    this.#passedOver = new PassedOver({
      ...{ tails: this.#tails, watches: this.#watches },
      ...{ beside: this.#beside, rejudging: this.#rejudging },
    });
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
    this.#passedOver.catchUp();
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
    this.#passedOver.catchUp();
    const deviceIndex = this.#series.deviceIndex(device);
    let key = this.#series.keyOf(deviceIndex, metric);
    if (key < 0) key = this.#openKey(deviceIndex, metric);
    if (time > this.#series.lastTime(key)) this.#judge(key, time, value);
    else this.#takeLate(key, time, value, false);
  }

  /**
   * Takes a run of a key's readings unread, newer than all before, where what is known of it says that none of them changes
   * anything. Only of an engine that is given all readings and flushed then.
   * @returns false where one may: nothing is taken, and all of them are to be applied
   */
  passOver(device: string, metric: number, run: ReadingRun): boolean {
    const deviceIndex = this.#series.deviceIndex(device);
    const known = this.#series.keyOf(deviceIndex, metric);
    return this.#passedOver.take(known < 0 ? this.#openKey(deviceIndex, metric) : known, run);
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
    this.#passedOver.catchUp();
    this.#rejudging.run();
    const changes: FindingChange[] = [];
    const inOrder = { at, isLate: false };
    const late = { at, isLate: true };
    for (const watch of this.#watches.takeDirty())
      this.#publish(watch, this.#rejudging.isRewound(watch) ? late : inOrder, changes);
    this.#rejudging.published();
    return changes.sort(byRuleKeyFrom);
  }

  /** Has a known key wait for its history: its readings in [from, to] are to be judged again. */
  park(device: string, metric: number, from: number, to: number): void {
    const key = this.#series.find(device, metric);
    if (key >= 0) this.#rejudging.park(key, from, to);
  }

  /** Keys that wait for their history. */
  parked(): ParkedKey[] {
    return this.#rejudging.parked();
  }

  /** See {@link Rejudging.reevaluate}. */
  reevaluate(key: ParkedKey, stored: StoredReadings, beside: ReadonlyMap<number, StoredReadings> = new Map()): Rewound {
    return this.#beside.during(key.key, beside, () => this.#rejudging.reevaluate(key, stored));
  }

  /** Other metrics of a key's device that its rules ask, each with how long before a reading it counts, ms. */
  askedBeside(
    key: number,
  ): readonly { readonly metric: number; readonly tailFrom: number; readonly reachMs: number }[] {
    return this.#beside.askedBy(key);
  }

  /** Event time from which the key's tail is complete; what lies before has to come from history. */
  tailFrom(key: number): number {
    return this.#tails.from(key);
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
      const window = this.#machines.seesSuspects(watch) ? all : good;
      this.#watches.isRestoring = true;
      const outcome = this.#rejudging.rewind(watch, window, end, end, true);
      this.#watches.isRestoring = false;
      if (outcome !== 'done') return outcome;
      if (this.#watches.lacksBeside) this.#rejudging.park(index, readings.time[0] ?? end, end, false);
      const last = this.#published.last(watch);
      if (last !== undefined) {
        this.#provenNow = Math.max(this.#provenNow, this.#machines.of(watch).provenNow(watch, window, last));
      }
    }
    // One that others ask was taken up with more before.
    if (this.#series.size(index) < all.end - all.start) this.#tails.replace(index, all);
    return 'done';
  }

  /** The readings of a key alone, before any other that asks it is restored. */
  restoreReadings(
    key: { readonly device: string; readonly metric: number },
    { readings, isWhole, firstTime }: Pick<StoredReadings, 'readings' | 'isWhole'> & { readonly firstTime: number },
  ): void {
    const device = this.#series.deviceIndex(key.device);
    const known = this.#series.keyOf(device, key.metric);
    const index = known < 0 ? this.#openKey(device, key.metric) : known;
    this.#series.noteFirst(index, firstTime);
    this.#series.hold(index, ASKED_AFTER_RESTART);
    const start = isWhole ? 0 : Math.min(NEIGHBOURS, readings.count);
    const own = qualified(readings, this.#qualities.of(index));
    this.#tails.replace(index, windowOf(own, { start, end: readings.count, isWhole, firstTime }));
  }

  /** After the last `restore`: the clock is at least what the published findings prove. */
  restored(): void {
    this.#rejudging.published();
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
    if (this.#beside.isAsked(key)) this.#excuseAgain(key, time, time, false);
  }

  #judgeFrom(first: number, key: number, i: number, step: number): void {
    const window = this.#tails.all(key);
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
    const value = judgedValue(quality, time, received);
    const i = this.#series.append(key, time, value, flagsByItself(quality, time, received, value));
    const start = this.#series.startOf(key);
    const wasGood = Array.from({ length: Math.min(NEIGHBOURS, i - start) }, (_, k) => this.#tails.isGood(i - 1 - k));
    this.#tails.flagStepsAround(key, i, i - NEIGHBOURS);
    // Of the readings just before, from the newest: which of them count otherwise now.
    const changed = wasGood.map((was, k) => was !== this.#tails.isGood(i - 1 - k));
    const first = i - 1 - changed.lastIndexOf(true);
    if (this.#beside.isAsked(key))
      this.#excuseAgain(key, this.#series.times[first] as number, time, changed.includes(true));
    const hasPassed = this.#rejudging.isPending(key) || wasGood.slice(0, i - first).some((was) => was);
    if (changed.includes(true) && hasPassed) {
      // What was judged before this reading was no measurement, or something was between it and what came before it.
      this.#rejudging.fromTail(key, { from: this.#series.times[first] as number, to: time, reasons: 1, isLate: false });
      return;
    }
    this.#advanceInOrder(key, changed.includes(true) ? first : i, i);
  }

  /** Judges the good ones of the tail's last readings, those from index `first` of the columns on; `last` is new. */
  #advanceInOrder(key: number, first: number, last: number): void {
    let good = 0;
    for (let k = first; k <= last; k++) if (this.#tails.isGood(k)) good++;
    for (let watch = this.#watches.first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      const window = this.#tails.seen(key, this.#machines.seesSuspects(watch));
      const count = this.#machines.seesSuspects(watch) ? last - first + 1 : good;
      for (let k = window.end - count; k < window.end; k++) this.#advance(watch, window, k);
    }
    this.#watches.keyBands.forget(key);
  }

  #advance(watch: number, window: Window, i: number): void {
    const watches = this.#watches;
    watches.lacksContext = false;
    watches.lacksBeside = false;
    this.#machines.of(watch).advance(watch, window, i);
    const deadline = watches.deadline[watch] as number;
    if (deadline < this.#now) watches.touch(watch);
    else if (deadline < this.#earliestDeadline) this.#earliestDeadline = deadline;
    // The tail is shorter than what the rule reads, where the rule is new: judged again from history.
    if (watches.lacksContext || watches.lacksBeside)
      this.#rejudging.park(watches.key[watch] as number, window.times[i] as number);
  }

  #takeLate(key: number, time: number, value: number, isRecheck: boolean): void {
    if (time === this.#series.lastTime(key) && !isRecheck) return;
    const quality = this.#qualities.of(key);
    const judged = judgedValue(quality, time, value);
    const hadSuspects = this.#series.suspects(key) > 0;
    const insertion = this.#series.insert(key, time, judged, flagsByItself(quality, time, value, judged));
    if (insertion === 'present' && !isRecheck && !this.#rejudging.isFromHistory(key, time)) return;
    if (insertion === 'present') {
      this.#rejudging.recheck(key, time, quality);
      if (this.#beside.isAsked(key)) this.#excuseFromHistory(key, time, true);
      return;
    }
    if (insertion === 'beyond') {
      this.#tails.forgetGood(key);
      this.#rejudging.park(key, time);
      if (this.#beside.isAsked(key)) this.#excuseFromHistory(key, time, true);
      return;
    }
    const { times } = this.#series;
    const start = this.#series.startOf(key);
    const i = firstNotBefore(times, start, this.#series.endOf(key), time);
    this.#tails.goodUpTo(key, i);
    this.#tails.flagStepsAround(key, i, i - NEIGHBOURS);
    if (this.#beside.isAsked(key)) {
      const [from, to] = [Math.max(start, i - NEIGHBOURS), Math.min(this.#series.endOf(key) - 1, i + NEIGHBOURS)];
      this.#excuseAgain(key, Math.min(time, times[from] as number), times[to] as number, true);
    }
    // All were good and are: nothing but this reading has changed.
    if (!hadSuspects && this.#series.suspects(key) === 0) {
      this.#rejudging.touch(key, time);
      return;
    }
    const [first, last] = [Math.max(start, i - NEIGHBOURS), Math.min(this.#series.endOf(key) - 1, i + NEIGHBOURS)];
    const isAlone = !mayStep(quality);
    this.#rejudging.touch(key, isAlone ? time : (times[first] as number), isAlone ? time : (times[last] as number));
  }

  /** Other facts of the device, or another word of a person, make other readings suspect. */
  #requalify(key: number, quality: KeyQuality): void {
    const before = this.#qualities.of(key);
    this.#qualities.set(key, quality);
    const last = this.#series.lastTime(key);
    if (last === Number.NEGATIVE_INFINITY) return;
    if (!isMeasuredAlike(before, quality)) {
      // The tail has the values as they were judged, not as they were received: all of them from history.
      this.#series.dropTail(key);
      this.#tails.forgetGood(key);
      this.#rejudging.park(key, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, false);
      if (this.#beside.isAsked(key)) this.#excuseFromHistory(key, Number.NEGATIVE_INFINITY, false);
      return;
    }
    const changed = differenceOf(before.setAside, quality.setAside);
    if (changed === null || changed.from > last) return;
    const to = Math.min(changed.to, last);
    const tailFrom = this.#tails.from(key);
    if (changed.from < tailFrom && !this.#series.isWhole(key)) this.#rejudging.park(key, changed.from, to, false);
    const [start, end] = [this.#series.startOf(key), this.#series.endOf(key)];
    const first = firstNotBefore(this.#series.times, start, end, changed.from);
    for (let i = first; i < end; i++) {
      const others = (this.#series.flags[i] as number) & ~SET_ASIDE;
      const isSetAside = isWithin(quality.setAside, this.#series.times[i] as number);
      this.#series.setFlags(key, i, isSetAside ? others | SET_ASIDE : others);
    }
    this.#tails.goodUpTo(key, first);
    this.#rejudging.touch(key, changed.from, to, false);
    if (this.#beside.isAsked(key)) this.#excuseFromHistory(key, changed.from, false);
  }

  /** What a metric says has changed in [since, until]: what it excuses of the device's others may have, too. */
  #excuseAgain(flag: number, since: number, until: number, isLate: boolean): void {
    for (const { key, from, to } of this.#beside.changedBy(flag, since, until, isLate)) {
      this.#rejudging.touch(key, from, to, isLate);
    }
  }

  /** The same from a time before its tail on. */
  #excuseFromHistory(flag: number, from: number, isLate: boolean): void {
    for (const key of this.#beside.askers(flag)) {
      if (this.#series.lastTime(key) >= from) this.#rejudging.park(key, from, Number.POSITIVE_INFINITY, isLate);
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
      if (from < Number.POSITIVE_INFINITY) this.#rejudging.changePlan(watch, from);
    }
    for (const plan of plans) {
      const watch = this.#openWatch(key, plan);
      this.#rejudging.changePlan(watch, plan.slices[0]?.from ?? Number.POSITIVE_INFINITY);
    }
    this.#hold(key);
  }

  /** The tails of a key, and of what its rules ask beside it, hold what they read. */
  #hold(key: number): void {
    for (const each of [key, ...this.#beside.asks(key)]) {
      this.#series.hold(each, this.#beside.reachOf(each, this.#machines.reachOf(each)));
    }
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

  #publish(watch: number, detection: Detection, changes: FindingChange[]): void {
    const key = this.#watches.key[watch] as number;
    const window = this.#tails.seen(key, this.#machines.seesSuspects(watch));
    // Where its last readings are still to come from history, nothing is known of the time since.
    const isAwaited = window.start === window.end && this.#rejudging.isParked(key);
    if (!isAwaited) this.#machines.of(watch).settle(watch, window, this.#now);
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
    this.#hold(key);
    return key;
  }

  #openWatch(key: number, plan: WatchPlan): number {
    const watch = this.#watches.open(key, plan);
    this.#machines.of(watch).open(watch);
    return watch;
  }
}

/** A run that is under way after a restart may have begun hours ago. */
const ASKED_AFTER_RESTART: Reach = { windowMs: 24 * 3_600_000, newestMs: 0, newest: 0 };

/** Of a device of which nothing is known. */
const UNDECLARED = { maxGapMs: null, paceMs: null, reportsOnChange: false, reportsEveryMs: 0 };

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
