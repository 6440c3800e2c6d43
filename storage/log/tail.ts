import { type Checkpoints, checkpointKey, type Family, type LogReader, type LogRecord } from '../../domain/index.ts';

export interface TailLimits {
  readonly handOverBytes: number;
}

interface RecentRecords {
  readonly key: string;
  readonly family: Family;
  /** Last position known to be in the log. */
  head: number;
  /** `records` is everything in (from, to], in order. */
  from: number;
  to: number;
  records: LogRecord[];
  bytes: number;
}

/**
 * The end of the log as this process knows it: how far every partition reaches, and the records this process
 * committed last, so that consumers here need not read back what was just written. Whoever is not within them reads
 * the table.
 */
export class Tail {
  readonly #limits: TailLimits;
  readonly #partitions = new Map<string, RecentRecords>();
  readonly #readers = new Set<LogReader>();

  constructor(limits: TailLimits) {
    this.#limits = limits;
  }

  add(reader: LogReader): void {
    this.#readers.add(reader);
  }

  remove(reader: LogReader): void {
    this.#readers.delete(reader);
  }

  heads(): Checkpoints {
    return Object.fromEntries([...this.#partitions.values()].map(({ key, head }) => [key, head]));
  }

  head(family: Family, partition: number): number {
    return this.#partitions.get(checkpointKey(family, partition))?.head ?? 0;
  }

  /** The log reaches at least to `head`, as the table or another process shows. */
  reaches(family: Family, partition: number, head: number): void {
    const recent = this.#recent(family, partition);
    if (head <= recent.head) return;
    recent.head = head;
    this.#wake(family);
  }

  /** This process has committed these records: all there is in (previous, head]. */
  committed(family: Family, partition: number, previous: number, head: number, records: readonly LogRecord[]): void {
    const recent = this.#recent(family, partition);
    if (recent.to !== previous) {
      recent.records = [];
      recent.bytes = 0;
      recent.from = previous;
    }
    for (const record of records) {
      recent.records.push(record);
      recent.bytes += weightOf(record);
    }
    recent.to = head;
    recent.head = Math.max(recent.head, head);
    this.#trim(recent);
    this.#wake(family);
  }

  /**
   * @returns the next records after `position`, at least one and no more than the limits allow; null where they are
   *   not in memory
   */
  after(family: Family, partition: number, position: number, maxBytes: number, maxRecords: number): LogRecord[] | null {
    const recent = this.#partitions.get(checkpointKey(family, partition));
    if (recent === undefined || position < recent.from || position >= recent.to) return null;
    const first = firstAfter(recent.records, position);
    let bytes = 0;
    let end = first;
    while (end < recent.records.length && end - first < maxRecords) {
      bytes += recent.records[end]?.payload.length ?? 0;
      if (bytes > maxBytes && end > first) break;
      end++;
    }
    return end === first ? null : recent.records.slice(first, end);
  }

  /** Up to where nothing follows, where that is known and beyond `position`; else null. */
  emptyUntil(family: Family, partition: number, position: number): number | null {
    const recent = this.#partitions.get(checkpointKey(family, partition));
    if (recent === undefined || position < recent.from || position >= recent.to) return null;
    return firstAfter(recent.records, position) === recent.records.length ? recent.to : null;
  }

  /** Whether at least so many payload bytes have come after `position`, as far as this process knows. */
  holds(family: Family, partition: number, position: number, bytes: number): boolean {
    const recent = this.#partitions.get(checkpointKey(family, partition));
    if (recent === undefined || recent.head <= position) return false;
    if (position < recent.from || position >= recent.to) return true;
    let held = 0;
    for (let index = firstAfter(recent.records, position); index < recent.records.length && held < bytes; index++) {
      held += recent.records[index]?.payload.length ?? 0;
    }
    return held >= bytes;
  }

  /** Lets go of what every reader has passed. */
  trim(family: Family, partition: number): void {
    this.#trim(this.#recent(family, partition));
  }

  #trim(recent: RecentRecords): void {
    let passed = recent.to;
    for (const { positions } of this.#readers) passed = Math.min(passed, positions[recent.key] ?? passed);
    let drop = passed <= recent.from ? 0 : firstAfter(recent.records, passed);
    let bytes = recent.bytes;
    for (let index = 0; index < drop; index++) bytes -= weightOf(recent.records[index]);
    while (bytes > this.#limits.handOverBytes && drop < recent.records.length) {
      bytes -= weightOf(recent.records[drop]);
      drop++;
    }
    if (drop === 0) return;
    recent.from = recent.records[drop - 1]?.position ?? recent.from;
    recent.records = recent.records.slice(drop);
    recent.bytes = bytes;
  }

  #wake(family: Family): void {
    for (const reader of this.#readers) if (reader.families.includes(family)) reader.wake();
  }

  #recent(family: Family, partition: number): RecentRecords {
    const key = checkpointKey(family, partition);
    let recent = this.#partitions.get(key);
    if (recent === undefined) {
      recent = { key, family, head: 0, from: 0, to: 0, records: [], bytes: 0 };
      this.#partitions.set(key, recent);
    }
    return recent;
  }
}

/** Index of the first record beyond `position`. */
function firstAfter(records: readonly LogRecord[], position: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((records[middle]?.position ?? 0) <= position) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Roughly what a record takes in memory besides its payload. */
const RECORD_BYTES = 256;

function weightOf(record: LogRecord | undefined): number {
  return record === undefined ? 0 : RECORD_BYTES + record.payload.length;
}
