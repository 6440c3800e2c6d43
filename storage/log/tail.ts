import { type Checkpoints, checkpointKey, type Family, type LogRecord } from '../../domain/index.ts';

/** Someone who reads on from a position; what lies behind the slowest of them need not be kept. */
export interface Cursor {
  readonly families: readonly Family[];
  /** Last position read, by checkpoint key; absent: not reading this one from memory. */
  positions: Checkpoints;
  /** There may be something new. */
  wake(): void;
}

export interface TailLimits {
  readonly handOverBytes: number;
}

interface Stretch {
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
  readonly #stretches = new Map<string, Stretch>();
  readonly #cursors = new Set<Cursor>();

  constructor(limits: TailLimits) {
    this.#limits = limits;
  }

  add(cursor: Cursor): void {
    this.#cursors.add(cursor);
  }

  remove(cursor: Cursor): void {
    this.#cursors.delete(cursor);
  }

  heads(): Checkpoints {
    return Object.fromEntries([...this.#stretches.values()].map(({ key, head }) => [key, head]));
  }

  head(family: Family, partition: number): number {
    return this.#stretches.get(checkpointKey(family, partition))?.head ?? 0;
  }

  /** The log reaches at least to `head`, as the table or another process said. */
  reaches(family: Family, partition: number, head: number): void {
    const stretch = this.#stretch(family, partition);
    if (head <= stretch.head) return;
    stretch.head = head;
    this.#wake(family);
  }

  /** This process has committed these records: all there is in (previous, head]. */
  committed(family: Family, partition: number, previous: number, head: number, records: readonly LogRecord[]): void {
    const stretch = this.#stretch(family, partition);
    if (stretch.to !== previous) {
      stretch.records = [];
      stretch.bytes = 0;
      stretch.from = previous;
    }
    for (const record of records) {
      stretch.records.push(record);
      stretch.bytes += weightOf(record);
    }
    stretch.to = head;
    stretch.head = Math.max(stretch.head, head);
    this.#trim(stretch);
    this.#wake(family);
  }

  /**
   * @returns the next records after `position`, at least one and no more than the limits allow; null where they are
   *   not in memory
   */
  after(family: Family, partition: number, position: number, maxBytes: number, maxRecords: number): LogRecord[] | null {
    const stretch = this.#stretches.get(checkpointKey(family, partition));
    if (stretch === undefined || position < stretch.from || position >= stretch.to) return null;
    const first = firstAfter(stretch.records, position);
    let bytes = 0;
    let end = first;
    while (end < stretch.records.length && end - first < maxRecords) {
      bytes += stretch.records[end]?.payload.length ?? 0;
      if (bytes > maxBytes && end > first) break;
      end++;
    }
    return end === first ? null : stretch.records.slice(first, end);
  }

  /** Whether at least so many payload bytes have come after `position`, as far as this process can say. */
  holds(family: Family, partition: number, position: number, bytes: number): boolean {
    const stretch = this.#stretches.get(checkpointKey(family, partition));
    if (stretch === undefined || stretch.head <= position) return false;
    if (position < stretch.from || position >= stretch.to) return true;
    let held = 0;
    for (let index = firstAfter(stretch.records, position); index < stretch.records.length && held < bytes; index++) {
      held += stretch.records[index]?.payload.length ?? 0;
    }
    return held >= bytes;
  }

  /** Lets go of what every cursor has passed. */
  trim(family: Family, partition: number): void {
    this.#trim(this.#stretch(family, partition));
  }

  #trim(stretch: Stretch): void {
    let passed = stretch.to;
    for (const { positions } of this.#cursors) passed = Math.min(passed, positions[stretch.key] ?? passed);
    let drop = passed <= stretch.from ? 0 : firstAfter(stretch.records, passed);
    let bytes = stretch.bytes;
    for (let index = 0; index < drop; index++) bytes -= weightOf(stretch.records[index]);
    while (bytes > this.#limits.handOverBytes && drop < stretch.records.length) {
      bytes -= weightOf(stretch.records[drop]);
      drop++;
    }
    if (drop === 0) return;
    stretch.from = stretch.records[drop - 1]?.position ?? stretch.from;
    stretch.records = stretch.records.slice(drop);
    stretch.bytes = bytes;
  }

  #wake(family: Family): void {
    for (const cursor of this.#cursors) if (cursor.families.includes(family)) cursor.wake();
  }

  #stretch(family: Family, partition: number): Stretch {
    const key = checkpointKey(family, partition);
    let stretch = this.#stretches.get(key);
    if (stretch === undefined) {
      stretch = { key, family, head: 0, from: 0, to: 0, records: [], bytes: 0 };
      this.#stretches.set(key, stretch);
    }
    return stretch;
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

/** Lets a loop sleep until there may be something to do; a call while it is awake is not lost. */
export class Waker {
  #isCalled = false;
  #resolve: (() => void) | null = null;

  wake(): void {
    this.#isCalled = true;
    this.#resolve?.();
    this.#resolve = null;
  }

  /** From now on a call counts: look around after this. */
  arm(): void {
    this.#isCalled = false;
  }

  /** Resolves at the next call since {@link arm}. */
  sleep(): Promise<void> {
    if (this.#isCalled) return Promise.resolve();
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }
}
