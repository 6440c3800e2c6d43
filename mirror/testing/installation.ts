import {
  type Consumer,
  type ConsumerHandler,
  decodeReadings,
  encodeReadings,
  type Meter,
  ReadingBuilder,
  silentLogger,
  silentMeter,
  systemTime,
} from '../../domain/index.ts';
import { type Database, PostgresLog, ReadingStore } from '../../storage/index.ts';
import { InfluxMirror } from '../mirror.ts';

export interface InstallationOptions {
  readonly url: string;
  /** False: there is no mirror yet. */
  readonly isMirroring: boolean;
}

/** Event time of the first reading: recent, so that no server thinks of retention. */
export const BASE = Math.floor(systemTime.now() / 1000) * 1000 - 3 * 3_600_000;
const TEMPERATURE = 1;

/** The log, its writer and the mirror, as one process of an installation runs them. */
export class Installation {
  /** Confirmed by the server, those sent again included. */
  pointsSent = 0;
  pointsRefused = 0;
  readonly #database: Database;
  readonly #log: PostgresLog;
  readonly #writer: Consumer;
  readonly #mirror: Consumer | null;
  readonly #stopping = new AbortController();

  constructor(database: Database, { url, isMirroring }: InstallationOptions) {
    this.#database = database;
    this.#log = new PostgresLog({
      ...{ database, time: systemTime, logger: silentLogger, meter: silentMeter },
      limits: { firstPauseMs: 1, longestPauseMs: 20, passedPollMs: 5, standbyMs: 10, segmentMs: 0, keepMs: 0 },
    });
    const families = ['readings'] as const;
    const handler = writing(new ReadingStore({ database }));
    const writer = this.#log.consumer({ name: 'writer', families, isMandatory: true, handler });
    this.#writer = writer;
    const mirror = () =>
      new InfluxMirror({
        ...{ database, time: systemTime, logger: silentLogger, meter: this.#meter() },
        influx: { url, token: null, org: 'isotherm', bucket: 'readings' },
        stored: (positions) => writer.passed(positions, this.#stopping.signal),
        storedUpTo: () => this.#log.checkpoints('writer'),
        stopping: this.#stopping.signal,
      });
    this.#mirror = isMirroring
      ? this.#log.consumer({ name: 'influx', families, isMandatory: false, handler: mirror() })
      : null;
  }

  async start(): Promise<void> {
    await this.#log.start();
    await this.#writer.start();
    await this.#mirror?.start();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#log.stop();
  }

  /** One record: `count` readings of each device, a second apart, from the one of number `first` on; value number / 8. */
  async append(devices: readonly string[], count: number, first: number): Promise<void> {
    const readings = new ReadingBuilder();
    for (let n = first; n < first + count; n++) {
      for (const device of devices) readings.add(device, TEMPERATURE, BASE + n * 1000, n / 8);
    }
    await this.#append(readings);
  }

  /** One record of one device: times and values in turn. */
  async say(device: string, ...timesAndValues: number[]): Promise<void> {
    const readings = new ReadingBuilder();
    for (let i = 0; i < timesAndValues.length; i += 2) {
      readings.add(device, TEMPERATURE, timesAndValues[i] ?? 0, timesAndValues[i + 1] ?? 0);
    }
    await this.#append(readings);
  }

  /** Everything appended has been stored. */
  async written(): Promise<void> {
    await this.#writer.passed(await this.#log.heads());
  }

  /** Everything appended has been confirmed by the server. */
  async mirrored(): Promise<void> {
    await this.#mirror?.passed(await this.#log.heads());
  }

  /** Drops every closed segment of the log. */
  async dropLog(): Promise<void> {
    await this.#log.maintain();
    const { rows } = await this.#database.query("SELECT FROM log_head WHERE family = 'readings' AND floor > 0");
    if (rows.length === 0) throw new Error('nothing was dropped');
  }

  async #append(readings: ReadingBuilder): Promise<void> {
    const payload = encodeReadings(readings.view());
    const arrival = systemTime.now();
    const rest = { kind: 'readings', version: 1, source: 'mqtt', sequence: null, arrival, payload } as const;
    await this.#log.append([{ family: 'readings', ...rest }]);
  }

  #meter(): Meter {
    const count =
      (name: string) =>
      (amount = 1) => {
        if (name === 'isotherm_mirror_points') this.pointsSent += amount;
        if (name === 'isotherm_mirror_refused_points') this.pointsRefused += amount;
      };
    return { ...silentMeter, counter: ({ name }) => ({ add: count(name) }) };
  }
}

function writing(store: ReadingStore): ConsumerHandler {
  return {
    handle: async ({ records }, effects) => {
      await store.insert(
        effects,
        records.map(({ payload }) => decodeReadings(payload)),
      );
    },
    rolledBack: () => store.forget(),
  };
}
