import {
  type Checkpoints,
  type ConsumerHandler,
  checkpointKey,
  DefectError,
  decodeReadings,
  type Effects,
  type LogBatch,
  type LogGap,
  type Logger,
  type Meter,
  READINGS_VERSION,
  type ReadingColumns,
  type TimeSource,
} from '../domain/index.ts';
import type { Database } from '../storage/index.ts';
import { AcceptedReadings } from '../storage/index.ts';
import { CopyOfReadings } from './copy.ts';
import { InfluxServer, type InfluxSettings, REQUEST_POINTS } from './influx-server.ts';
import { type MirrorMetrics, mirrorMetrics } from './metrics.ts';
import { gathered, pointLines } from './points.ts';
import { keepRefused } from './refused.ts';
import { type RefusedPoints, send } from './sender.ts';

export interface InfluxMirrorOptions {
  readonly database: Database;
  readonly influx: InfluxSettings;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
  /** Resolves when the writer has committed everything up to these positions. */
  readonly stored: (positions: Checkpoints) => Promise<void>;
  /** How far the writer has come. */
  readonly storedUpTo: () => Promise<Checkpoints>;
  /** Aborted when the platform stops: a server that does not answer must not keep it. */
  readonly stopping: AbortSignal;
}

/**
 * The consumer that keeps InfluxDB a copy of `readings`. It sends what is *stored* for each identity the log names, so
 * that InfluxDB, where the last write of an identity wins, ends up with the value that was first in the log. Its
 * checkpoint moves only when the server has confirmed; what is sent again overwrites itself. Optional: past the log's
 * cap it is detached and copies `readings` as a whole (docs/decisions/0019-influxdb-mirror.md).
 */
export class InfluxMirror implements ConsumerHandler {
  readonly #options: InfluxMirrorOptions;
  readonly #metrics: MirrorMetrics;
  readonly #server: InfluxServer;
  readonly #accepted: AcceptedReadings;
  readonly #copy: CopyOfReadings;

  constructor(options: InfluxMirrorOptions) {
    this.#options = options;
    this.#metrics = mirrorMetrics(options.meter);
    this.#server = new InfluxServer(options.influx, options.stopping);
    this.#accepted = new AcceptedReadings(options);
    this.#copy = new CopyOfReadings(options);
  }

  async handle({ family, partition, records }: LogBatch, effects: Effects): Promise<void> {
    const { stored, time } = this.#options;
    const first = records[0]?.arrival ?? time.now();
    this.#metrics.lagSeconds.set((time.now() - first) / 1000);
    await stored({ [checkpointKey(family, partition)]: records.at(-1)?.position ?? 0 });
    const parts: ReadingColumns[] = [];
    for (const { kind, version, position, payload } of records) {
      if (kind === 'quarantine' || kind === 'refusals') continue;
      if (kind !== 'readings' || version !== READINGS_VERSION) {
        throw new DefectError('RECORD_UNKNOWN', `record ${position}: kind ${kind}, version ${version}`, { position });
      }
      parts.push(decodeReadings(payload));
    }
    const refused: RefusedPoints[] = [];
    for (const rows of gathered(parts, REQUEST_POINTS)) {
      refused.push(...(await this.#send(pointLines(rows, await this.#accepted.values(rows)))));
    }
    await keepRefused(effects, refused, time.now());
  }

  /** Records are gone from the log: everything stored is sent. */
  async skipped({ family, partition, through }: LogGap, effects: Effects): Promise<void> {
    const { stored, storedUpTo, time, logger } = this.#options;
    const key = checkpointKey(family, partition);
    await stored({ [key]: through });
    const covered = (await storedUpTo())[key] ?? through;
    logger.info({ through }, 'copying all stored readings to InfluxDB');
    await this.#copy.run({ partition, through, stored: covered }, REQUEST_POINTS, async (page) => {
      await keepRefused(effects, await this.#send(pointLines(page, page.value)), time.now());
    });
    logger.info({ through }, 'all stored readings are in InfluxDB');
  }

  async #send(lines: readonly string[]): Promise<RefusedPoints[]> {
    const { time } = this.#options;
    const from = time.monotonic();
    try {
      const refused = await send(this.#server, lines);
      const left = refused.reduce((sum, { lines }) => sum + lines.length, 0);
      this.#metrics.up.set(1);
      this.#metrics.points.add(lines.length - left);
      this.#metrics.refused.add(left);
      return refused;
    } catch (error) {
      this.#metrics.up.set(0);
      this.#metrics.failures.add();
      throw error;
    } finally {
      this.#metrics.requestSeconds.observe((time.monotonic() - from) / 1000);
    }
  }
}
