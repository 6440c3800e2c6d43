import { type Finding, type FindingChange, metricByCode, type ReadingColumns } from '../../domain/index.ts';
import { changesBetween, type Detection, findingOf } from './changes.ts';
import type { Draft } from './draft.ts';
import type { Machine } from './machine.ts';
import type { KeyKind, Plan } from './program.ts';
import { type Rewound, rewind } from './rewind.ts';
import { firstNotBefore, Series, type TailSize } from './series.ts';
import { SilenceMachine } from './silence.ts';
import { ThresholdMachine } from './threshold.ts';
import { type Place, Watches } from './watches.ts';

/** Kinds by their code in the watches' columns. */
const KINDS: readonly KeyKind[] = ['threshold', 'silence'];

/** A key whose late readings lie beyond its tail: it waits for its history. */
export interface ParkedKey {
  readonly key: number;
  readonly device: string;
  readonly metric: number;
  /** Event times touched. */
  readonly from: number;
  readonly to: number;
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
  /** First watch of each key, -1 where no rule judges it. */
  #first: number[] = [];
  /** What was last published, per watch, by `from`. */
  readonly #published: (Finding[] | null)[] = [];
  readonly #keyName: string[] = [];
  /** Event times that late readings touched, per key, since the last flush. */
  readonly #touched = new Map<number, { from: number; to: number }>();
  readonly #parked = new Map<number, { from: number; to: number }>();
  readonly #rewound = new Set<number>();
  #now = Number.NEGATIVE_INFINITY;
  /** No deadline lies before it. */
  #earliestDeadline = Number.POSITIVE_INFINITY;
  #deviceScratch = new Int32Array(64);
  readonly #place: Place;

  constructor({ plan, tail }: { readonly plan: Plan; readonly tail: TailSize }) {
    this.#plan = plan;
    this.#series = new Series(tail);
    this.#machines = [new ThresholdMachine(this.#watches), new SilenceMachine(this.#watches)];
    this.#place = { times: this.#series.times, values: this.#series.values, start: 0, end: 0, isWhole: true };
  }

  get now(): number {
    return this.#now;
  }

  get keys(): number {
    return this.#series.count;
  }

  /** Takes readings in log order. A second reading of one identity changes nothing, whatever its value. */
  apply(columns: ReadingColumns): void {
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
      else this.#takeLate(key, at, value[row] as number);
    }
  }

  /** Moves the clock to the last tick; it never goes back. */
  setNow(now: number): void {
    if (now <= this.#now) return;
    this.#now = now;
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

  /** Rewinds what late readings touched and gives what changed since the last flush, by rule, key and from. */
  flush(at: number): FindingChange[] {
    for (const [key, touched] of this.#touched) this.#rewindFromTail(key, touched.from, touched.to);
    this.#touched.clear();
    const changes: FindingChange[] = [];
    for (const watch of this.#watches.takeDirty()) this.#publish(watch, at, changes);
    this.#rewound.clear();
    return changes.sort(byRuleKeyFrom);
  }

  /** Keys that wait for their history. */
  parked(): ParkedKey[] {
    return [...this.#parked].map(([key, { from, to }]) => ({
      key,
      device: this.#series.deviceOf(key),
      metric: this.#series.metricOf(key),
      from,
      to,
    }));
  }

  /** Event time from which the key's tail is complete; what lies before has to come from history. */
  tailFrom(key: number): number {
    const start = this.#series.startOf(key);
    return start === this.#series.endOf(key) ? Number.POSITIVE_INFINITY : (this.#series.times[start] as number);
  }

  /** Every present finding as last published. */
  present(): Finding[] {
    return this.#published.flatMap((findings) => findings ?? []).sort(compareFindings);
  }

  #resolve(names: readonly string[]): Int32Array {
    if (this.#deviceScratch.length < names.length) this.#deviceScratch = new Int32Array(names.length * 2);
    for (let i = 0; i < names.length; i++) this.#deviceScratch[i] = this.#series.deviceIndex(names[i] as string);
    return this.#deviceScratch;
  }

  #judge(key: number, time: number, value: number): void {
    const i = this.#series.append(key, time, value);
    const { calmLow, calmHigh, calmUntil, next } = this.#watches;
    for (let watch = this.#first[key] as number; watch >= 0; watch = next[watch] as number) {
      const isCalm =
        value >= (calmLow[watch] as number) &&
        value <= (calmHigh[watch] as number) &&
        time < (calmUntil[watch] as number);
      if (!isCalm) this.#advance(key, watch, i);
    }
  }

  #advance(key: number, watch: number, i: number): void {
    this.#setPlace(key);
    this.#machineOf(watch).advance(watch, this.#place, i);
    const deadline = this.#watches.deadline[watch] as number;
    if (deadline < this.#now) this.#watches.touch(watch);
    else if (deadline < this.#earliestDeadline) this.#earliestDeadline = deadline;
  }

  #takeLate(key: number, time: number, value: number): void {
    if (time === this.#series.lastTime(key)) return;
    const insertion = this.#series.insert(key, time, value);
    if (insertion === 'present') return;
    widen(insertion === 'inserted' ? this.#touched : this.#parked, key, time);
  }

  #rewindFromTail(key: number, from: number, to: number): void {
    this.#setPlace(key);
    for (let watch = this.#first[key] as number; watch >= 0; watch = this.#watches.next[watch] as number) {
      if (this.#rewind(watch, this.#place, from, to, true) !== 'done') {
        widen(this.#parked, key, from);
        widen(this.#parked, key, to);
      }
    }
  }

  #rewind(watch: number, place: Place, from: number, to: number, isLive: boolean): Rewound {
    const { times, start, end } = place;
    const outcome = rewind({
      watches: this.#watches,
      machine: this.#machineOf(watch),
      watch,
      place,
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

  #publish(watch: number, at: number, changes: FindingChange[]): void {
    const key = this.#watches.key[watch] as number;
    this.#setPlace(key);
    this.#machineOf(watch).settle(watch, this.#place, this.#now);
    const deadline = this.#watches.deadline[watch] as number;
    if (deadline < this.#earliestDeadline) this.#earliestDeadline = deadline;
    const dirtyFrom = this.#watches.dirtyFrom[watch] as number;
    if (dirtyFrom === Number.POSITIVE_INFINITY) return;
    this.#watches.dirtyFrom[watch] = Number.POSITIVE_INFINITY;
    const published = this.#published[watch] ?? [];
    const drafts = this.#watches.drafts[watch] ?? [];
    const earlier = published.splice(indexFrom(published, dirtyFrom));
    const known = new Map(earlier.map((finding) => [finding.from, finding]));
    const detection: Detection = { at, isLate: this.#rewound.has(watch) };
    const name = this.#keyName[key] as string;
    const later = drafts
      .slice(indexFrom(drafts, dirtyFrom))
      .map((draft) => findingOf(draft, name, known.get(draft.from), detection));
    published.push(...later);
    this.#published[watch] = published;
    changes.push(...changesBetween(earlier, later));
  }

  #openKey(device: number, metric: number): number {
    const key = this.#series.open(device, metric);
    const name = this.#series.deviceOf(key);
    this.#keyName.push(`${name}/${metricByCode(metric)?.name ?? metric}`);
    this.#first.push(-1);
    let last = -1;
    for (const plan of this.#plan(name, metric)) {
      const kind = KINDS.indexOf(plan.kind);
      const watch = this.#watches.open(key, kind, plan);
      this.#published.push(null);
      this.#machineOf(watch).open(watch);
      if (last < 0) this.#first[key] = watch;
      else this.#watches.next[last] = watch;
      last = watch;
    }
    return key;
  }

  #machineOf(watch: number): Machine {
    return this.#machines[this.#watches.kind[watch] as number] as Machine;
  }

  #setPlace(key: number): void {
    const place = this.#place;
    place.times = this.#series.times;
    place.values = this.#series.values;
    place.start = this.#series.startOf(key);
    place.end = this.#series.endOf(key);
    place.isWhole = this.#series.isWhole(key);
  }
}

function widen(spans: Map<number, { from: number; to: number }>, key: number, time: number): void {
  const span = spans.get(key);
  if (span === undefined) spans.set(key, { from: time, to: time });
  else {
    span.from = Math.min(span.from, time);
    span.to = Math.max(span.to, time);
  }
}

/** Index of the first entry that begins at or after `from`, looking from the end, where changes are. */
function indexFrom(entries: readonly (Finding | Draft)[], from: number): number {
  let at = entries.length;
  while (at > 0 && (entries[at - 1] as Finding | Draft).from >= from) at--;
  return at;
}

function byRuleKeyFrom(a: FindingChange, b: FindingChange): number {
  return compareFindings(a.finding, b.finding);
}

/** By rule, key and from; text by UTF-16 code units. */
export function compareFindings(a: Finding, b: Finding): number {
  if (a.rule !== b.rule) return a.rule < b.rule ? -1 : 1;
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return a.from - b.from;
}
