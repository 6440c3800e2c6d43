import type { Checkpoints, Family, LogRecord, NewRecord, Receipt } from './log.ts';

/** One of the orders that a home keeps. */
export interface LogPartition {
  readonly family: Family;
  readonly partition: number;
}

/** At least one record is given, whatever its size. */
export interface ReadBounds {
  readonly maxBytes: number;
  readonly maxRecords: number;
}

/** What follows a position. */
export interface LogSlice {
  /** In order, without a hole; empty where there is nothing yet. */
  readonly records: readonly LogRecord[];
  /** Records up to here have been dropped; where it is beyond the position asked for, the reader has missed some. */
  readonly floor: number;
  /** Where there are no records: the position up to which there are none, where that is beyond the one asked for. */
  readonly through?: number;
  /** Handed over as this process appended it, not read back. */
  readonly isFromMemory: boolean;
}

/** Someone who reads on. What lies behind the slowest reader need not be kept in memory. */
export interface LogReader {
  readonly families: readonly Family[];
  /** Last position read, by checkpoint key; a partition that is not here is not being read just now. */
  readonly positions: Checkpoints;
  /** There may be something new. */
  wake(): void;
}

/** A consumer that has come up to a position of a partition and still needs what follows. */
export interface LogHolder extends LogPartition {
  readonly consumer: string;
  readonly isMandatory: boolean;
  readonly position: number;
}

/** What follows a position, counted. */
export interface Backlog {
  readonly head: number;
  readonly records: number;
}

/**
 * Where the records of the log are kept: PostgreSQL, or for readings NATS JetStream. A home orders and keeps records and says
 * how far they reach. It knows nothing of consumers but who still needs what: their work, checkpoints, retries and dead
 * letters are in PostgreSQL with any home (storage/log/consuming). What every home must do is in
 * storage/log/home-conformance.ts.
 */
export interface LogHome {
  /** Of each family; those of readings may become more while it runs. */
  readonly partitions: Readonly<Record<Family, number>>;

  start(): Promise<void>;
  /** Commits what is queued, then takes nothing more. */
  stop(): Promise<void>;

  /**
   * As `Log.append`. The home chooses the partition: one with several partitions of `readings` parts a record by the slots
   * of its devices (`readingsOfSlots`), so that each device stays in one order.
   */
  append(records: readonly NewRecord[]): Promise<readonly Receipt[]>;

  /** Last position of every partition, asked of the home. */
  heads(): Promise<Checkpoints>;
  /** Last position, as far as this process knows. */
  head(at: LogPartition): number;
  /**
   * What is read before a partition, where its devices were in another one before: that one, up to a position. Without that a
   * device would not keep its order. Null where nothing is.
   */
  precedes(at: LogPartition): (LogPartition & { readonly position: number }) | null;
  /** Whether at least so many payload bytes follow a position, as far as this process knows. */
  holds(at: LogPartition, position: number, bytes: number): boolean;
  after(at: LogPartition, position: number, bounds: ReadBounds): Promise<LogSlice>;
  count(positions: readonly (LogPartition & { readonly position: number })[]): Promise<readonly Backlog[]>;

  /** Wakes the reader whenever a partition of its families grows. */
  follow(reader: LogReader): Following;

  /**
   * Drops what no holder needs and, past the cap, what only optional ones still need. While a mandatory one needs what is
   * past the cap, appends are refused with LOG_FULL.
   * @param detach called before records are dropped that these optional consumers have not had
   */
  trim(
    holders: readonly LogHolder[],
    detach: (consumers: readonly string[], family: Family) => Promise<void>,
  ): Promise<void>;
}

export interface Following {
  /** The reader has moved on in a partition. */
  moved(at: LogPartition): void;
  stop(): void;
}
