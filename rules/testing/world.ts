import {
  type Checkpoints,
  type ConsumerState,
  type Effects,
  encodeJson,
  encodeReadings,
  type Fact,
  type Facts,
  type Finding,
  type FindingChange,
  type FindingStore,
  findingId,
  type History,
  type HistoryScan,
  type KeptFact,
  type KeyReadings,
  type LogGap,
  type LogRecord,
  ManualTime,
  ReadingBuilder,
  silentLogger,
  silentMeter,
  type Tick,
} from '../../domain/index.ts';
import type { TailSize } from '../engine/series.ts';
import { Evaluator } from '../evaluator/evaluator.ts';
import { memoryOf } from '../evaluator/memory.ts';
import type { EvaluatorShare, FormerShare, NextShare } from '../evaluator/shares.ts';

export interface WorldReading {
  readonly device: string;
  readonly metric: number;
  readonly time: number;
  readonly value: number;
}

/**
 * A log of two families, a writer that stores readings when told to, the facts as the tracer keeps them, a store of
 * findings with transactions, and an evaluator on top: all in memory, moved step by step by a test.
 */
export class World {
  readonly #readings: LogRecord[];
  readonly #contents: WorldReading[][];
  readonly #trace: LogRecord[];
  readonly #stored: Map<string, Map<number, number>>;
  readonly #tail: TailSize;
  readonly #hasConsumerState: boolean;
  #state: Uint8Array | null = null;
  #stagedState: Uint8Array | null = null;
  /** By how many records the writer has come. */
  readonly #written: { records: number };
  /** Committed positions of the evaluator, per family. */
  #consumed = { readings: 0, trace: 0 };
  readonly #present: Map<string, Finding>;
  readonly #share: EvaluatorShare | null;
  #staged: FindingChange[] = [];
  #mustRestore = true;
  #evaluator: Evaluator;
  /** Every committed change, in order. */
  readonly changes: FindingChange[] = [];
  historyReads = 0;
  /** How long a look into history takes. */
  historyMs = 0;
  /** Whoever sleeps gives the writer time for one more record. */
  readonly time = Object.assign(new ManualTime(0), { sleep: async () => this.write(1) });

  /**
   * @param options.share the part of the devices that its evaluator judges
   * @param options.present a store of findings shared with the worlds of other evaluators
   * @param options.beside a world whose log, writer and facts this one's evaluator shares
   * @param options.from where its evaluator begins; default at the beginning
   */
  constructor(
    tail: TailSize,
    {
      hasConsumerState = true,
      share = null,
      present = new Map(),
      beside = null,
      from = null,
    }: {
      readonly hasConsumerState?: boolean;
      readonly share?: EvaluatorShare | null;
      readonly present?: Map<string, Finding>;
      readonly beside?: World | null;
      readonly from?: Pick<NextShare, 'checkpoints' | 'memory'> | null;
    } = {},
  ) {
    this.#present = present;
    this.#readings = beside === null ? [] : beside.#readings;
    this.#contents = beside === null ? [] : beside.#contents;
    this.#trace = beside === null ? [] : beside.#trace;
    this.#stored = beside === null ? new Map() : beside.#stored;
    this.#written = beside === null ? { records: 0 } : beside.#written;
    if (from !== null) {
      const { checkpoints, memory } = from;
      this.#consumed = { readings: checkpoints['readings/0'] ?? 0, trace: checkpoints['trace/0'] ?? 0 };
      this.#state = encodeJson(memory);
    }
    this.#share = share;
    this.#tail = tail;
    this.#hasConsumerState = hasConsumerState;
    this.#evaluator = this.#start();
  }

  append(readings: readonly WorldReading[]): void {
    const builder = new ReadingBuilder();
    for (const { device, metric, time, value } of readings) builder.add(device, metric, time, value);
    this.#contents.push([...readings]);
    this.#readings.push(record('readings', this.#readings.length + 1, 'readings', encodeReadings(builder.view())));
  }

  tell(fact: Fact): void {
    this.#trace.push(record('trace', this.#trace.length + 1, 'fact', encodeJson(fact)));
  }

  /** @param more heads of other partitions than the one that its readings are in */
  tick(now: number, more: Checkpoints = {}): void {
    const tick: Tick = { now, heads: { 'readings/0': this.#readings.length, ...more } };
    this.#trace.push(record('trace', this.#trace.length + 1, 'tick', encodeJson(tick)));
  }

  /** The writer stores the next `records`, of one identity the first. */
  write(records: number): void {
    for (const contents of this.#contents.slice(this.#storedUpTo, this.#storedUpTo + records)) {
      for (const { device, metric, time, value } of contents) {
        const key = `${device}/${metric}`;
        const stored = this.#stored.get(key) ?? new Map<number, number>();
        this.#stored.set(key, stored);
        if (!stored.has(time)) stored.set(time, value);
      }
    }
    this.#written.records = Math.min(this.#contents.length, this.#storedUpTo + records);
  }

  /** The evaluator takes the next records of a family in one transaction; with `fails` it is rolled back. */
  async consume(family: 'readings' | 'trace', records: number, fails = false): Promise<void> {
    const log = family === 'readings' ? this.#readings : this.#trace;
    const from = this.#consumed[family];
    const [first, ...rest] = log.slice(from, from + records);
    if (first === undefined) return;
    if (this.#mustRestore) await this.#evaluator.restore(this.#checkpoints());
    this.#mustRestore = false;
    this.#staged = [];
    this.#stagedState = this.#state;
    await this.#evaluator.handle({ family, partition: 0, records: [first, ...rest] }, EFFECTS);
    if (fails) {
      this.#evaluator.rolledBack();
      this.#mustRestore = true;
      return;
    }
    this.#consumed[family] = from + 1 + rest.length;
    for (const change of this.#staged) this.#commit(change);
    this.#state = this.#stagedState;
  }

  /** The evaluator's checkpoint moves without a batch. */
  async passOver(gap: LogGap): Promise<void> {
    this.#staged = [];
    this.#stagedState = this.#state;
    await this.#evaluator.passedOver(gap, EFFECTS);
    for (const change of this.#staged) this.#commit(change);
    this.#state = this.#stagedState;
  }

  restart(): void {
    this.#evaluator = this.#start();
  }

  /** Everything is written, consumed and, with a last tick, judged. */
  async finish(now: number): Promise<Finding[]> {
    this.write(Number.POSITIVE_INFINITY);
    await this.consume('trace', Number.POSITIVE_INFINITY);
    await this.consume('readings', Number.POSITIVE_INFINITY);
    await this.time.advance(60_000);
    this.tick(now);
    await this.consume('trace', Number.POSITIVE_INFINITY);
    return this.present();
  }

  present(): Finding[] {
    return [...this.#present.values()].sort(
      (a, b) => compare(a.rule, b.rule) || compare(a.key, b.key) || a.from - b.from,
    );
  }

  /** Accepted readings of a key, ascending: of one identity the first in log order. */
  accepted(device: string, metric: number): { time: number; value: number }[] {
    const byTime = new Map<number, number>();
    for (const reading of this.#contents.flat()) {
      if (reading.device !== device || reading.metric !== metric || byTime.has(reading.time)) continue;
      byTime.set(reading.time, reading.value);
    }
    return [...byTime].map(([time, value]) => ({ time, value })).sort((a, b) => a.time - b.time);
  }

  /** Where its evaluator stands, with the slots it has. */
  stand(slots: ReadonlySet<number>): FormerShare {
    return { slots, checkpoints: this.#checkpoints(), memory: memoryOf(this.#state) };
  }

  get #storedUpTo(): number {
    return this.#written.records;
  }

  #start(): Evaluator {
    this.#mustRestore = true;
    return new Evaluator({
      findings: this.#findingStore(),
      history: this.#history(),
      scan: this.#scan(),
      facts: this.#facts(),
      ready: async (positions) => this.write(Math.max(0, (positions['readings/0'] ?? 0) - this.#storedUpTo)),
      storedUpTo: async () => ({ 'readings/0': this.#storedUpTo }),
      ...(this.#share === null ? {} : { share: this.#share }),
      ...(this.#hasConsumerState ? { consumerState: this.#consumerState() } : {}),
      time: this.time,
      logger: silentLogger,
      meter: silentMeter,
      tail: this.#tail,
    });
  }

  #checkpoints(): Checkpoints {
    return { 'readings/0': this.#consumed.readings, 'trace/0': this.#consumed.trace };
  }

  #commit(change: FindingChange): void {
    const id = findingId(change.finding);
    this.changes.push(change);
    if (change.event === 'retracted' && !this.#present.delete(id)) throw new Error(`retracted but not present: ${id}`);
    if (change.event === 'opened' && this.#present.has(id)) throw new Error(`opened twice: ${id}`);
    if (change.event !== 'retracted') this.#present.set(id, change.finding);
  }

  #consumerState(): ConsumerState {
    return {
      load: async () => this.#state,
      save: async (_effects, _consumer, state) => {
        this.#stagedState = state;
      },
    };
  }

  #findingStore(): FindingStore {
    return {
      apply: async (_, changes) => {
        this.#staged.push(...changes);
      },
      present: async (kinds) => this.present().filter(({ kind }) => kinds.includes(kind)),
      markExposureChanged: async () => {},
    };
  }

  #facts(): Facts {
    return {
      keep: async () => {},
      all: async () =>
        this.#trace
          .filter(({ kind }) => kind === 'fact')
          .map(({ position, arrival, payload }): KeptFact => {
            const fact: Fact = JSON.parse(new TextDecoder().decode(payload));
            return { position, arrival, fact };
          }),
    };
  }

  #ascending(device: string, metric: number): [number, number][] {
    return [...(this.#stored.get(`${device}/${metric}`) ?? [])].sort((a, b) => a[0] - b[0]);
  }

  /** A block a key. */
  #scan(): HistoryScan {
    const ascending = (device: string, metric: number) => this.#ascending(device, metric);
    const keys = () => [...this.#stored.keys()].map((key) => key.split('/') as [string, string]);
    return {
      keys: async () => keys().map(([device, code]) => ({ device, metric: Number(code) })),
      newest: async function* (count, wanted, isOwn = null) {
        for (const [device, code] of keys()) {
          if (wanted === null && isOwn !== null && !isOwn(device)) continue;
          if (wanted !== null && !wanted.some((key) => key.device === device && key.metric === Number(code))) continue;
          const all = ascending(device, Number(code));
          const readings = columns(all.slice(-count));
          yield [{ device, metric: Number(code), readings, firstTime: all[0]?.[0] ?? 0 }];
        }
      },
      between: async function* (wanted, from, to) {
        for (const { device, metric } of wanted) {
          const readings = columns(ascending(device, metric).filter(([time]) => time >= from && time < to));
          if (readings.count > 0) yield [{ device, metric, readings }];
        }
      },
      runsBetween: () => {
        throw new Error('not asked here');
      },
    };
  }

  async #look(): Promise<void> {
    this.historyReads++;
    await this.time.advance(this.historyMs);
  }

  #history(): History {
    const ascending = (device: string, metric: number) => this.#ascending(device, metric);
    return {
      read: async (device, metric, from, to, limit) => {
        await this.#look();
        return columns(
          ascending(device, metric)
            .filter(([time]) => time >= from && time < to)
            .slice(0, limit),
        );
      },
      before: async (device, metric, before, count) => {
        await this.#look();
        return columns(
          ascending(device, metric)
            .filter(([time]) => time < before)
            .slice(-count),
        );
      },
      keys: async () =>
        [...this.#stored.keys()].map((key) => {
          const [device = '', metric = '0'] = key.split('/');
          const [lastTime, lastValue] = ascending(device, Number(metric)).at(-1) ?? [0, 0];
          return { device, metric: Number(metric), lastTime, lastValue };
        }),
    };
  }
}

const EFFECTS = {} as Effects;

function record(
  family: 'readings' | 'trace',
  position: number,
  kind: LogRecord['kind'],
  payload: Uint8Array,
): LogRecord {
  return {
    family,
    partition: 0,
    kind,
    version: 1,
    source: 'test',
    sequence: position,
    arrival: position,
    position,
    payload,
  };
}

function columns(readings: readonly (readonly [number, number])[]): KeyReadings {
  return {
    count: readings.length,
    time: Float64Array.from(readings, ([time]) => time),
    value: Float64Array.from(readings, ([, value]) => value),
  };
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
