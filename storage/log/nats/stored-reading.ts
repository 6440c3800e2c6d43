import type { LogPartition, LogRecord, LogSlice, ReadBounds } from '../../../domain/index.ts';
import type { Database } from '../../database.ts';
import type { MessageCounts } from './counts.ts';
import type { Holes } from './holes.ts';
import { noteDropped, readStreams } from './ledger.ts';
import { endOf, nextSequence, positionOf } from './positions.ts';
import type { Known } from './stream-ends.ts';

export interface StoredReadingOptions {
  readonly database: Database;
  readonly holes: Holes;
  /** Learns how many records each message that was read has. */
  readonly counts: MessageCounts;
}

const LEAST_READ_BYTES = 1_048_576;

/** What a consumer is given of a stream, where memory does not hold it any more: read back and checked. */
export class StoredReading {
  readonly #options: StoredReadingOptions;

  constructor(options: StoredReadingOptions) {
    this.#options = options;
  }

  /**
   * Records of a family behind a position, at least one where there is one. What is gone without having been dropped is told
   * (`Holes`) before it is passed over.
   * @throws {UnavailableError} NATS_UNAVAILABLE, or if the database is away
   */
  async after(known: Known, at: LogPartition, position: number, bounds: ReadBounds): Promise<LogSlice> {
    const { database, holes, counts } = this.#options;
    const { family, partition } = at;
    const stream = known.row.partition;
    const from = Math.max(nextSequence(position), known.row.first);
    const nothing: LogSlice = { records: [], floor: 0, isFromMemory: false };
    if (from > known.last) return nothing;
    const bytes = Math.max(bounds.maxBytes, LEAST_READ_BYTES);
    const { messages, first } = await known.stream.read(from, known.last, bytes);
    if (first !== null && first > from) {
      const dropped = await this.#droppedOf(known);
      if (from <= dropped) return { ...nothing, floor: endOf(Math.min(first - 1, dropped)) };
      await holes.report({ partition: stream, first: from, last: first - 1, reason: 'missing', bytes: null });
      await noteDropped(database, stream, first - 1);
      return { ...nothing, through: endOf(first - 1) };
    }
    const records: LogRecord[] = [];
    let [taken, isCut] = [0, false];
    for (const { sequence, records: all } of messages) {
      counts.learn(stream, sequence, all);
      const own = all.filter((record) => record.family === family);
      for (const [index, record] of own.entries()) {
        const at = positionOf(sequence, index, own.length);
        if (at <= position || isCut) continue;
        taken += record.payload.length;
        isCut = records.length > 0 && (taken > bounds.maxBytes || records.length >= bounds.maxRecords);
        if (!isCut) records.push({ ...record, partition, position: at });
      }
    }
    const end = messages.at(-1);
    if (records.length > 0 || end === undefined) return { ...nothing, records };
    return { ...nothing, through: endOf(end.sequence) };
  }

  async #droppedOf(known: Known): Promise<number> {
    const rows = await readStreams(this.#options.database);
    const { dropped = 0 } = rows.find(({ partition }) => partition === known.row.partition) ?? {};
    known.dropped = Math.max(known.dropped, dropped);
    return known.dropped;
  }
}
