import {
  type Checkpoints,
  type ConsumerHandler,
  type ConsumerState,
  checkpointKey,
  decodeJson,
  decodeReadings,
  type Effects,
  type Fact,
  type Facts,
  type FactType,
  type FindingChange,
  type FindingStore,
  type History,
  type HistoryScan,
  type KeptFact,
  type LogBatch,
  type LogGap,
  type Logger,
  type Meter,
  positionIn,
  readingsOfSlots,
  slotOf,
  type Tick,
  type TimeSource,
  UnavailableError,
} from '../../domain/index.ts';
import { Engine } from '../engine/engine.ts';
import { KEY_KINDS } from '../engine/program.ts';
import { BOUNDED_TAIL, type TailSize } from '../engine/series.ts';
import { qualityOf } from '../rulebook.ts';
import { Clock, hasReached } from './clock.ts';
import { Contexts, type FactEffect } from './contexts.ts';
import { inParallel } from './in-parallel.ts';
import { EvaluatorMemory, type Origin } from './memory.ts';
import { type EvaluatorMetrics, evaluatorMetrics } from './metrics.ts';
import { EVALUATOR, type EvaluatorShare, standing } from './shares.ts';
import { reevaluateKey, restoreKeys } from './stored-key.ts';

export interface EvaluatorParts {
  readonly findings: FindingStore;
  readonly history: History;
  /** The same readings, of all keys at once: for taking up their state after a restart. */
  readonly scan: HistoryScan;
  readonly facts: Facts;
  /** Resolves once the writer and the tracer have passed these positions. */
  readonly ready: (positions: Checkpoints) => Promise<void>;
  /** Positions of the readings family that `history` holds at least. */
  readonly storedUpTo: () => Promise<Checkpoints>;
  /**
   * Where parked keys are remembered. Without it they are not: a call with readings later than a key's tail waits until
   * the writer has passed them, so that nothing is committed that a restart would forget.
   */
  readonly consumerState?: ConsumerState;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
  /** Readings of a key kept in memory; a late reading that is older waits for the writer and is judged from history. */
  readonly tail?: TailSize;
  /**
   * Default: it judges all devices. With a share it passes over the readings of others, so that one partition serves many
   * evaluators; each takes all of the one order of facts and ticks.
   */
  readonly share?: EvaluatorShare;
}

/** Facts that decide which rules judge a key. */
const FACT_TYPES: readonly FactType[] = ['rule', 'device', 'calibration', 'asn', 'attachment', 'place', 'setAside'];
/** Parked keys read from history at once. */
const AT_ONCE = 8;
/**
 * How long one call may spend on parked keys where they are remembered; the rest waits for a next one. For as long as it took
 * none is judged: a backlog parks the same keys with each batch, and half the time goes on with it.
 */
const PARKED_BUDGET_MS = 2_000;
/** How long a call waits for the writer where they are not, and how often it looks. */
const LONGEST_WAIT_MS = 30_000;
const LOOK_EVERY_MS = 20;

/** What was taken up. */
interface Restored {
  /** Keys with findings. */
  readonly withFindings: number;
  /** Keys that had to be read further back. */
  readonly readFurther: number;
}

/** Why a parked key has to wait, as it stood when last looked at. */
interface Wait {
  readonly reasons: number;
  /** Where its tail began, and those of what its rules ask beside it. */
  readonly tailFrom: string;
  /** Where this consumer stood: once all of that is stored, history has what the tail has not. */
  readonly until: Checkpoints;
}

/**
 * The consumer that runs the engine on the log: readings and ticks in, findings out, in one transaction with its
 * checkpoint.
 *
 * What it holds in memory is rebuilt by `restore` from the record tables: rules and contexts from the facts up to its
 * checkpoint, each key from its newest stored readings, the findings that are present from their store. History may be
 * ahead of the checkpoint; records up to where it stood then are taken as a recheck, which changes nothing twice.
 */
export class Evaluator implements ConsumerHandler {
  readonly #parts: EvaluatorParts;
  readonly #metrics: EvaluatorMetrics;
  readonly #memory: EvaluatorMemory | null;
  readonly #slots: ReadonlySet<number> | null;
  #contexts: Contexts;
  #engine: Engine;
  #clock = new Clock();
  #positions: Checkpoints = {};
  /** Where history stood when the state was rebuilt from it. */
  #rebuiltUpTo: Checkpoints = {};
  #waits = new Map<number, Wait>();
  /** Monotonic ms until which parked keys that are remembered are left alone. */
  #parkedRestUntil = Number.NEGATIVE_INFINITY;
  /** The state was taken up from evaluators of other shares, and what that changes is yet to be told. */
  #owesChanges = false;

  constructor(parts: EvaluatorParts) {
    this.#parts = parts;
    this.#metrics = evaluatorMetrics(parts.meter);
    const { consumerState, share } = parts;
    this.#memory = consumerState === undefined ? null : new EvaluatorMemory(consumerState, share?.name ?? EVALUATOR);
    this.#slots = share?.slots ?? null;
    this.#contexts = this.#newContexts();
    this.#engine = this.#newEngine();
  }

  async restore(checkpoints: Checkpoints): Promise<void> {
    const { ready, storedUpTo, time, logger } = this.#parts;
    const started = time.monotonic();
    const recalled = (await this.#memory?.recallOrigins()) ?? null;
    const origins = recalled === null ? null : standing(recalled, checkpoints);
    await ready(furthest([checkpoints, ...(origins ?? []).map((origin) => origin.checkpoints)]));
    // What was saved last may have gone with a database that crashed.
    this.#memory?.forget();
    this.#contexts = this.#newContexts();
    this.#engine = this.#newEngine();
    this.#clock = new Clock();
    this.#waits = new Map();
    this.#positions = checkpoints;
    this.#owesChanges = origins !== null;
    const { withFindings, readFurther } =
      origins === null ? await this.#restoreOwn(checkpoints) : await this.#restoreFrom(origins);
    await this.#memory?.recallParked(this.#engine);
    // Asked for last: at least this much may have been in what was read.
    this.#rebuiltUpTo = await storedUpTo();
    const ms = Math.round(time.monotonic() - started);
    const { keys } = this.#engine;
    logger.info({ keys, readFurther, withFindings, ms }, 'the evaluator has taken up its state');
  }

  /** From where this evaluator stood. */
  async #restoreOwn(checkpoints: Checkpoints): Promise<Restored> {
    const facts = await this.#parts.facts.all(FACT_TYPES);
    const upTo = positionIn(checkpoints, 'trace');
    this.#contexts.add(facts.filter(({ position }) => position <= upTo));
    await this.#memory?.recallClock(this.#engine);
    const restored = await this.#restoreKeys(this.#slots);
    this.#engine.restored();
    return restored;
  }

  /**
   * From where those of other shares stood: the keys of each with the facts it had, then all with those that the foremost
   * had, and with its time. What comes of that is told with the first batch.
   */
  async #restoreFrom(origins: readonly Origin[]): Promise<Restored> {
    const facts = (await this.#parts.facts.all(FACT_TYPES)).toSorted((a, b) => a.position - b.position);
    const clocks = origins.map(({ now }) => now ?? Number.NEGATIVE_INFINITY);
    this.#engine.setNow(Math.min(...clocks));
    const sum = { withFindings: 0, readFurther: 0 };
    const positionOf = ({ checkpoints }: Origin) => positionIn(checkpoints, 'trace');
    const later: FactEffect[] = [];
    let upTo = Number.NEGATIVE_INFINITY;
    for (const origin of origins.toSorted((a, b) => positionOf(a) - positionOf(b))) {
      const [from, until] = [upTo, positionOf(origin)];
      const effect = this.#contexts.add(facts.filter(({ position }) => position > from && position <= until));
      if (from > Number.NEGATIVE_INFINITY) later.push(effect);
      const { withFindings, readFurther } = await this.#restoreKeys(new Set(origin.slots));
      sum.withFindings += withFindings;
      sum.readFurther += readFurther;
      upTo = until;
    }
    this.#engine.restored();
    for (const effect of later) this.#replan(effect);
    this.#engine.setNow(Math.max(...clocks));
    return sum;
  }

  /** @param slots whose keys; null: all */
  async #restoreKeys(slots: ReadonlySet<number> | null): Promise<Restored> {
    const { findings, scan } = this.#parts;
    const isOwn = slots === null ? null : (device: string) => slots.has(slotOf(device));
    const own = (await findings.present(KEY_KINDS)).filter(({ key }) => isOwn === null || isOwn(deviceIn(key)));
    const present = Map.groupBy(own, ({ key }) => key);
    const asked = this.#contexts.rulebook.askedBeside;
    const readFurther = await restoreKeys(this.#engine, scan, present, isOwn, asked);
    return { withFindings: present.size, readFurther };
  }

  async handle(batch: LogBatch, effects: Effects): Promise<void> {
    const changes = batch.family === 'readings' ? this.#takeReadings(batch) : this.#takeTrace(batch);
    append(changes, this.#reached(batch, lastOf(batch).position));
    append(changes, await this.#judgeParked(lastOf(batch).arrival));
    if (this.#owesChanges) append(changes, this.#engine.flush(lastOf(batch).arrival));
    this.#owesChanges = false;
    await this.#memory?.keep(this.#engine, effects);
    if (changes.length > 0) await this.#parts.findings.apply(effects, changes);
    this.#measure(changes);
  }

  /** Nothing was there, and yet a tick may have waited for that place to be passed. */
  async passedOver({ family, partition, through }: LogGap, effects: Effects): Promise<void> {
    const changes = this.#reached({ family, partition }, through);
    if (changes.length === 0) return;
    this.#owesChanges = false;
    await this.#memory?.keep(this.#engine, effects);
    await this.#parts.findings.apply(effects, changes);
    this.#measure(changes);
  }

  /** It stands there now; what the ticks change that waited for that. */
  #reached({ family, partition }: Pick<LogBatch, 'family' | 'partition'>, position: number): readonly FindingChange[] {
    this.#positions = { ...this.#positions, [checkpointKey(family, partition)]: position };
    const now = this.#clock.reached(this.#positions);
    if (now === null) return [];
    this.#engine.setNow(now);
    return this.#engine.flush(now);
  }

  rolledBack(): void {
    // What memory holds is ahead of the checkpoint now; restore is called before the next batch.
    this.#engine = this.#newEngine();
    this.#memory?.forget();
  }

  released(): void {
    this.#contexts = this.#newContexts();
    this.#engine = this.#newEngine();
    this.#metrics.keys.set(0);
    this.#metrics.parked.set(0);
    this.#metrics.heldTicks.set(0);
  }

  #takeReadings(batch: LogBatch): FindingChange[] {
    const rebuiltUpTo = this.#rebuiltUpTo[checkpointKey(batch.family, batch.partition)] ?? 0;
    for (const record of batch.records) {
      if (record.kind !== 'readings') continue;
      const all = decodeReadings(record.payload);
      const slots = this.#slots;
      const columns = slots === null ? all : readingsOfSlots(all, (slot) => slots.has(slot));
      this.#engine.apply(columns, record.position <= rebuiltUpTo);
      this.#metrics.readings.add(columns.count);
    }
    return this.#engine.flush(lastOf(batch).arrival);
  }

  #takeTrace(batch: LogBatch): FindingChange[] {
    const facts: KeptFact[] = [];
    for (const { kind, payload, position, arrival } of batch.records) {
      if (kind === 'fact') facts.push({ position, arrival, fact: decodeJson<Fact>(payload) });
      if (kind === 'tick') this.#clock.add(decodeJson<Tick>(payload));
    }
    if (facts.length === 0) return [];
    this.#replan(this.#contexts.add(facts));
    return this.#engine.flush(lastOf(batch).arrival);
  }

  #replan({ hasNewRules, devices }: FactEffect): void {
    if (hasNewRules || devices === null) this.#engine.replan(null);
    else for (const device of devices) this.#engine.replan(device);
  }

  /** Judges parked keys again: where they are remembered, those that may be by now, else all of them. */
  async #judgeParked(at: number): Promise<FindingChange[]> {
    const { time } = this.#parts;
    const changes: FindingChange[] = [];
    if (this.#memory !== null) {
      const from = time.monotonic();
      if (from >= this.#parkedRestUntil) {
        append(changes, await this.#takeUpParked(at, from + PARKED_BUDGET_MS));
        const until = time.monotonic();
        this.#parkedRestUntil = until + (until - from);
      }
    } else {
      const until = time.monotonic() + LONGEST_WAIT_MS;
      for (;;) {
        append(changes, await this.#takeUpParked(at, Number.POSITIVE_INFINITY));
        if (this.#engine.parked().length === 0) break;
        if (time.monotonic() > until) {
          throw new UnavailableError(
            'RULES_WRITER_BEHIND',
            'late readings cannot be judged until the writer has stored them',
          );
        }
        await time.sleep('evaluator waits for the writer', LOOK_EVERY_MS);
      }
    }
    this.#metrics.parked.set(this.#engine.parked().length);
    return changes;
  }

  /** Judges the parked keys whose readings history holds by now. */
  async #takeUpParked(at: number, until: number): Promise<FindingChange[]> {
    const { history, storedUpTo, time } = this.#parts;
    const parked = this.#engine.parked();
    if (parked.length === 0) return [];
    const stored = await storedUpTo();
    await inParallel(AT_ONCE, parked, async (key) => {
      if (time.monotonic() > until || !this.#mayTakeUp(key.key, key.reasons, stored)) return;
      await reevaluateKey(this.#engine, history, key);
      this.#waits.delete(key.key);
      this.#metrics.reevaluated.add();
    });
    return this.#engine.flush(at);
  }

  /**
   * Whether history has every reading of the key that its tail has not. What was consumed before the key was parked, or
   * has left the tail since, is stored once the writer has passed where this consumer stood then.
   */
  #mayTakeUp(key: number, reasons: number, stored: Checkpoints): boolean {
    const tails = [this.#engine.tailFrom(key), ...this.#engine.askedBeside(key).map((asked) => asked.tailFrom)];
    const tailFrom = tails.join();
    let wait = this.#waits.get(key);
    if (wait === undefined || wait.reasons !== reasons || wait.tailFrom !== tailFrom) {
      wait = { reasons, tailFrom, until: readingsOnly(this.#positions) };
      this.#waits.set(key, wait);
    }
    return hasReached(stored, wait.until);
  }

  #measure(changes: readonly FindingChange[]): void {
    for (const { event } of changes) this.#metrics.changes.add(1, { event });
    this.#metrics.keys.set(this.#engine.keys);
    this.#metrics.heldTicks.set(this.#clock.waiting);
  }

  #newContexts(): Contexts {
    return new Contexts({
      onRefused: ({ rule, version }, { message }) => {
        this.#metrics.refusedRules.add();
        this.#parts.logger.error(
          { rule: rule.id, version, message },
          'a rule version does not compile; it judges nothing',
        );
      },
    });
  }

  #newEngine(): Engine {
    return new Engine({
      plan: (device, metric) => this.#contexts.rulebook.watches(metric, this.#contexts.recordOf(device)),
      quality: (device, metric) => qualityOf(metric, this.#contexts.recordOf(device)),
      tail: this.#parts.tail ?? BOUNDED_TAIL,
    });
  }
}

/** Of a finding's key, `device/metric`. */
function deviceIn(key: string): string {
  return key.slice(0, key.lastIndexOf('/'));
}

function lastOf({ records }: LogBatch) {
  const last = records.at(-1);
  if (last === undefined) throw new RangeError('a batch is never empty');
  return last;
}

/** The foremost in each partition. */
function furthest(all: readonly Checkpoints[]): Checkpoints {
  const positions: Record<string, number> = {};
  for (const checkpoints of all) {
    for (const [key, position] of Object.entries(checkpoints)) {
      positions[key] = Math.max(position, positions[key] ?? 0);
    }
  }
  return positions;
}

function readingsOnly(positions: Checkpoints): Checkpoints {
  return Object.fromEntries(Object.entries(positions).filter(([key]) => key.startsWith('readings/')));
}

/** One by one: a fleet that falls silent at once is more changes than one call takes arguments. */
function append(changes: FindingChange[], more: readonly FindingChange[]): void {
  for (const change of more) changes.push(change);
}
