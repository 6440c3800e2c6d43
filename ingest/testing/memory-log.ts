import type {
  Checkpoints,
  Consumer,
  ConsumerLag,
  ConsumerOptions,
  Family,
  Log,
  LogBatch,
  LogRecord,
  NewRecord,
  Receipt,
  Trouble,
} from '../../domain/index.ts';

/** A log in memory that commits when the test lets it: for what stands in front of a log, not behind it. */
export class MemoryLog implements Log {
  readonly partitions: Readonly<Record<Family, number>>;
  /** What was made of the messages. */
  readonly records: LogRecord[] = [];
  /** And the messages themselves. */
  readonly originals: LogRecord[] = [];
  /** Called for each append; what it returns is awaited before the commit, and what it throws fails it. */
  commit: (records: readonly NewRecord[]) => Promise<void> = async () => {};
  appends = 0;
  #position = 0;

  constructor(readingsPartitions = 1) {
    this.partitions = { readings: readingsPartitions, trace: 1, originals: 1 };
  }

  partitionOf(slot: number): number {
    return slot % this.partitions.readings;
  }

  async append(records: readonly NewRecord[]): Promise<readonly Receipt[]> {
    this.appends++;
    await this.commit(records);
    return records.map((given) => {
      const record = { partition: 0, ...given };
      const known = this.records.find((other) => isResent(record, other));
      if (known !== undefined) return { position: known.position, isDuplicate: true };
      this.#position++;
      const kept = record.family === 'originals' ? this.originals : this.records;
      kept.push({ ...record, position: this.#position });
      return { position: this.#position, isDuplicate: false };
    });
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

function isResent(record: NewRecord, other: NewRecord): boolean {
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
