import {
  ConflictError,
  DefectError,
  type Logger,
  type Meter,
  type Timer,
  type TimeSource,
  type Troubles,
} from '../../domain/index.ts';
import type { Database } from '../database.ts';
import type { Partition } from '../readings/partition.ts';
import type { PartitionManager } from '../readings/partitions.ts';
import { checkPacked } from './damaged-stretches.ts';
import { type PackingMetrics, packingMetrics } from './metrics.ts';
import { readyWeeks } from './ready-weeks.ts';
import { WeekPacker } from './week-packer.ts';

export interface PackingOptions {
  readonly database: Database;
  readonly partitions: PartitionManager;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
  readonly troubles?: Troubles;
  /** Whether weeks are packed; what is packed is checked either way. */
  readonly isOn: boolean;
}

const FIRST_AFTER_MS = 2 * 60_000;
const EVERY_MS = 10 * 60_000;
const CHECK_EVERY_MS = 24 * 3_600_000;
/** Intake and readers have at least half of a core that packing takes. */
const REST = 1;

/** As /readyz names them. */
export const PACKING = 'packing';
export const DAMAGED_READINGS = 'packed-readings';

/**
 * Packs weeks of readings as they become ready, every ten minutes and at half speed, and once a day compares all that is
 * packed with its checks. A week that cannot be packed just now is left for the next round; one that failed stands in
 * `/readyz` until a round comes through.
 */
export class ReadingsPacking {
  readonly #options: PackingOptions;
  readonly #metrics: PackingMetrics;
  readonly #packer: WeekPacker;
  readonly #stopping = new AbortController();
  #timers: Timer[] = [];
  #running: Promise<void> | null = null;
  /** Monotonic ms. */
  #checkedAt = Number.NEGATIVE_INFINITY;

  constructor(options: PackingOptions) {
    this.#options = options;
    this.#metrics = packingMetrics(options.meter);
    this.#packer = new WeekPacker(options);
  }

  start(): void {
    const { time } = this.#options;
    this.#metrics.lastRun.set(0);
    const run = () => void this.run();
    this.#timers = [time.after('first packing', FIRST_AFTER_MS, run), time.every('packing', EVERY_MS, run)];
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) timer.cancel();
    this.#stopping.abort();
    await this.#running;
  }

  /** One round now; joins the one under way. Failures are counted and told, not thrown. */
  run(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #round(): Promise<void> {
    const { isOn, time, troubles, logger } = this.#options;
    try {
      if (isOn) await this.#pack();
      await this.#check();
      troubles?.passed(PACKING);
      this.#metrics.lastRun.set(time.now() / 1000);
    } catch (error) {
      this.#metrics.failures.add();
      troubles?.failed(PACKING, error, time.now());
      logger.warn({ error }, 'a round of packing readings failed; it is tried again');
    }
  }

  async #pack(): Promise<void> {
    const { time } = this.#options;
    const weeks = (await readyWeeks({ ...this.#options, now: time.now() })) ?? [];
    let waiting = weeks.length;
    const unfit: string[] = [];
    const failed: unknown[] = [];
    for (const week of weeks) {
      this.#metrics.waiting.set(waiting);
      if (this.#stopping.signal.aborted) return;
      try {
        const outcome = await this.#packWeek(week);
        if (outcome === 'packed') waiting--;
        if (outcome === 'unfit') unfit.push(week.table);
      } catch (error) {
        // One week does not hold up the others.
        failed.push(error);
      }
    }
    this.#metrics.waiting.set(waiting);
    if (failed.length > 0) throw failed[0];
    if (unfit.length > 0) throw unfitError(unfit);
  }

  async #packWeek(week: Partition) {
    const { database, partitions, logger, time } = this.#options;
    const { signal } = this.#stopping;
    const outcome = await this.#packer.pack(week, {
      signal,
      onBlock: (_done, _of, tookMs) => time.sleep('packing gives way', tookMs * REST, signal),
      onPacked: ({ readings, stretches, bytes }) => {
        this.#metrics.readings.add(readings);
        this.#metrics.stretches.add(stretches);
        this.#metrics.bytes.add(bytes);
        logger.info({ week: week.table, readings, stretches, bytes }, 'packed a week of readings');
      },
    });
    if (outcome !== 'packed') return outcome;
    partitions.forget();
    // Without statistics of it the planner takes the whole table for one stretch.
    await database.query('ANALYZE packed_readings');
    return outcome;
  }

  async #check(): Promise<void> {
    const { database, time, troubles, logger } = this.#options;
    if (time.monotonic() - this.#checkedAt < CHECK_EVERY_MS) return;
    const { damaged } = await checkPacked(database, this.#stopping.signal);
    if (this.#stopping.signal.aborted) return;
    this.#checkedAt = time.monotonic();
    this.#metrics.damaged.set(damaged.length);
    const [first] = damaged;
    if (first === undefined) return troubles?.passed(DAMAGED_READINGS);
    for (const { device, metric, since } of damaged.slice(0, 20)) {
      logger.error({ device, metric, since: new Date(since).toISOString() }, 'packed readings are damaged');
    }
    const where = `device ${first.device}, metric ${first.metric}, from ${new Date(first.since).toISOString()}`;
    const text = `${damaged.length} stretches of packed readings are damaged, the first of ${where}; isotherm readings check names all of them`;
    troubles?.failed(DAMAGED_READINGS, new DefectError('PACKED_STRETCH_DAMAGED', text), time.now());
  }
}

function unfitError(tables: readonly string[]): ConflictError {
  return new ConflictError(
    'PACKING_UNFIT',
    `${tables.join(', ')} cannot be packed: it has times between two milliseconds, which Isotherm does not write; it stays rows`,
    { tables },
  );
}
