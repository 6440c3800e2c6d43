import {
  type ConsumerHandler,
  type Counter,
  DefectError,
  decodeJson,
  decodeReadings,
  type Effects,
  type LogBatch,
  type LogRecord,
  type Meter,
  type Quarantined,
  READINGS_VERSION,
  type ReadingColumns,
  type RefusalCount,
  readingsTopic,
} from '../domain/index.ts';
import type {
  QuarantineEntry,
  QuarantineStore,
  ReadingConflict,
  ReadingStore,
  RefusalStore,
} from '../storage/index.ts';
import { QUARANTINE_VERSION, REFUSALS_VERSION } from './group.ts';
import { INGEST_METRICS } from './metrics.ts';

export interface WriterOptions {
  readonly readings: Pick<ReadingStore, 'insert' | 'forget'>;
  readonly quarantine: Pick<QuarantineStore, 'keep'>;
  readonly refusals: Pick<RefusalStore, 'add'>;
  readonly meter: Meter;
}

/**
 * The consumer that turns the `readings` family into tables: columns into `readings`, refusals into `quarantine`. The
 * records of a batch are written by one insert. A reading whose identity has another value already is refused as
 * `CONFLICT`: the first in the log stays. A record that cannot be read throws; the log sets it aside.
 */
export class Writer implements ConsumerHandler {
  readonly #options: WriterOptions;
  readonly #written: Counter;
  readonly #repeated: Counter;
  readonly #conflicts: Counter;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.#written = options.meter.counter(INGEST_METRICS.written);
    this.#repeated = options.meter.counter(INGEST_METRICS.repeated);
    this.#conflicts = options.meter.counter(INGEST_METRICS.conflicts);
  }

  async handle({ records }: LogBatch, effects: Effects): Promise<void> {
    const { readings, quarantine, refusals } = this.#options;
    const columns: ReadingColumns[] = [];
    const sources: LogRecord[] = [];
    const refused: QuarantineEntry[] = [];
    const counts: RefusalCount[] = [];
    for (const record of records) {
      if (record.kind === 'readings' && record.version === READINGS_VERSION) {
        columns.push(decodeReadings(record.payload));
        sources.push(record);
      } else if (record.kind === 'quarantine' && record.version === QUARANTINE_VERSION) {
        const { partition, position } = record;
        for (const [index, entry] of decodeJson<Quarantined[]>(record.payload).entries()) {
          refused.push({ ...entry, partition, position, index });
        }
      } else if (record.kind === 'refusals' && record.version === REFUSALS_VERSION) {
        counts.push(...decodeJson<RefusalCount[]>(record.payload));
      } else {
        const { kind, version, position } = record;
        throw new DefectError('RECORD_UNKNOWN', `record ${position}: kind ${kind}, version ${version}`, { position });
      }
    }
    if (columns.length > 0) {
      const { inserted, duplicates, conflicts } = await readings.insert(effects, columns);
      for (const conflict of conflicts) {
        const record = sources[conflict.part];
        if (record === undefined) continue;
        const entry = asQuarantined(conflict, record);
        refused.push(entry);
        counts.push({ ...entry, source: conflict.device, count: 1, from: record.arrival, to: record.arrival });
      }
      this.#written.add(inserted);
      this.#repeated.add(duplicates);
      this.#conflicts.add(conflicts.length);
    }
    await quarantine.keep(effects, refused);
    await refusals.add(effects, counts);
  }

  /** What the store remembers of the tables may have been undone with the transaction. */
  rolledBack(): void {
    this.#options.readings.forget();
  }
}

function asQuarantined(conflict: ReadingConflict, record: LogRecord): QuarantineEntry {
  const { device, metric, time, kept, refused, row } = conflict;
  const at = new Date(time).toISOString();
  return {
    partition: record.partition,
    position: record.position,
    index: row,
    arrival: record.arrival,
    source: device,
    topic: readingsTopic(device),
    reason: 'CONFLICT',
    detail: `${metric} of ${at} is ${kept} already; ${refused} is refused`,
    payload: Buffer.from(JSON.stringify({ time, [metric]: refused })).toString('base64'),
  };
}
