import type { Logger, Meter, Timer, TimeSource } from '../../domain/index.ts';
import { type ReadingsMetrics, readingsMetrics } from './metrics.ts';
import type { PartitionManager } from './partitions.ts';
import type { Rollups } from './rollups.ts';

export interface ReadingsUpkeepOptions {
  readonly partitions: PartitionManager;
  readonly rollups: Rollups;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
}

const EVERY_MS = 10_000;

/**
 * What has to be done for the readings again and again: partitions before they are needed, rollups behind the writer. A
 * step that fails is counted and done again next time; whichever process does it, doing it twice changes nothing.
 */
export class ReadingsUpkeep {
  readonly #options: ReadingsUpkeepOptions;
  readonly #metrics: ReadingsMetrics;
  #timer: Timer | undefined;
  #running: Promise<void> | null = null;
  #isStopped = false;

  constructor(options: ReadingsUpkeepOptions) {
    this.#options = options;
    this.#metrics = readingsMetrics(options.meter);
  }

  /** After the first partitions are there. A first round of rollups may take minutes and holds up nobody. */
  async start(): Promise<void> {
    await this.#attempt('partitions', () => this.#makePartitions());
    void this.run();
    this.#timer = this.#options.time.every('readings upkeep', EVERY_MS, () => void this.run());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await this.#running;
  }

  /** One round now; joins the one under way. */
  run(): Promise<void> {
    this.#running ??= this.#round().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #round(): Promise<void> {
    await this.#attempt('partitions', () => this.#makePartitions());
    await this.#attempt('rollups', () => this.#advance());
    await this.#attempt('repair', () => this.#repair());
  }

  async #makePartitions(): Promise<void> {
    const { partitions, time, logger } = this.#options;
    const made = await partitions.makeAhead(time.now());
    if (made === 0) return;
    this.#metrics.partitionsMade.add(made);
    logger.info({ made }, 'made partitions for readings');
  }

  async #advance(): Promise<void> {
    const { rollups, time } = this.#options;
    while (!this.#isStopped && (await rollups.advance(time.now())));
  }

  async #repair(): Promise<void> {
    const { rollups, time } = this.#options;
    while (!this.#isStopped) {
      const from = time.monotonic();
      const marks = await rollups.repair();
      if (marks === 0) return;
      this.#metrics.repairedMarks.add(marks);
      this.#metrics.repairSeconds.observe((time.monotonic() - from) / 1000);
    }
  }

  async #attempt(step: string, work: () => Promise<void>): Promise<void> {
    if (this.#isStopped) return;
    try {
      await work();
    } catch (error) {
      this.#options.partitions.forget();
      this.#metrics.upkeepFailures.add(1, { step });
      this.#options.logger.warn({ error, step }, 'an upkeep step of the readings failed; it is tried again');
    }
  }
}
