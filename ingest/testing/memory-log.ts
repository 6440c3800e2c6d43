import {
  type Checkpoints,
  type Consumer,
  type ConsumerLag,
  type ConsumerOptions,
  decodeReadings,
  encodeReadings,
  type Family,
  type Log,
  type LogBatch,
  type LogRecord,
  type NewRecord,
  type Receipt,
  readingsOfSlots,
  type Trouble,
} from '../../domain/index.ts';

/** A log in memory that commits when the test lets it: for what stands in front of a log, not behind it. */
export class MemoryLog implements Log {
  readonly #partitions: number;
  /** What was made of the messages. */
  readonly records: LogRecord[] = [];
  /** And the messages themselves. */
  readonly originals: LogRecord[] = [];
  /** Called for each append; what it returns is awaited before the commit, and what it throws fails it. */
  commit: (records: readonly NewRecord[]) => Promise<void> = async () => {};
  appends = 0;
  #position = 0;

  constructor(readingsPartitions = 1) {
    this.#partitions = readingsPartitions;
  }

  async append(records: readonly NewRecord[]): Promise<readonly Receipt[]> {
    this.appends++;
    await this.commit(records);
    return records.map((given) => {
      const receipts = this.#parted(given).map((record) => this.#keep(record));
      const position = Math.max(...receipts.map((receipt) => receipt.position));
      return { position, isDuplicate: receipts.every(({ isDuplicate }) => isDuplicate) };
    });
  }

  #keep(record: Placed): Receipt {
    const known = this.records.find((other) => isResent(record, other));
    if (known !== undefined) return { position: known.position, isDuplicate: true };
    this.#position++;
    const kept = record.family === 'originals' ? this.originals : this.records;
    kept.push({ ...record, position: this.#position });
    return { position: this.#position, isDuplicate: false };
  }

  /** As a home with several partitions of readings parts a record by the slots of its devices. */
  #parted(record: NewRecord): Placed[] {
    if (this.#partitions === 1 || record.kind !== 'readings') return [{ ...record, partition: 0 }];
    const columns = decodeReadings(record.payload);
    return Array.from({ length: this.#partitions }, (_, partition) => ({
      partition,
      part: readingsOfSlots(columns, (slot) => slot % this.#partitions === partition),
    }))
      .filter(({ part }) => part.count > 0)
      .map(({ partition, part }) => ({ ...record, partition, payload: encodeReadings(part) }));
  }

  consumer(_options: ConsumerOptions): Consumer {
    throw new Error('a MemoryLog has no consumers');
  }

  follow(_families: readonly Family[], _onBatch: (batch: LogBatch) => void): { stop(): void } {
    throw new Error('a MemoryLog has no followers');
  }

  async heads(): Promise<Checkpoints> {
    const heads: Record<string, number> = {};
    for (const { family, partition, position } of this.records) heads[`${family}/${partition}`] = position;
    return heads;
  }

  async checkpoints(): Promise<Checkpoints> {
    return {};
  }

  async lag(): Promise<readonly ConsumerLag[]> {
    return [];
  }

  troubles(): readonly Trouble[] {
    return [];
  }
}

type Placed = Omit<LogRecord, 'position'>;

function isResent(record: Placed, other: Placed): boolean {
  return (
    record.sequence !== null &&
    record.sequence === other.sequence &&
    record.source === other.source &&
    record.family === other.family &&
    record.partition === other.partition &&
    record.kind === other.kind &&
    Buffer.compare(record.payload, other.payload) === 0
  );
}
