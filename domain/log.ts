import type { Trouble } from './troubles.ts';

/**
 * The log: what is in it is never lost, what is not in it was never acknowledged. One interface, two homes
 * (Postgres tables, NATS JetStream); nothing above it knows which.
 *
 * `readings` is ordered per device (devices hash into 64 slots, a home groups slots into partitions as it sees fit);
 * `trace` is one totally ordered partition. `originals` carries the messages themselves to the archive, in the commit of
 * what was made of them. Positions become visible in order and only ever grow; they may skip.
 */
export const FAMILIES = ['readings', 'trace', 'originals'] as const;
export type Family = (typeof FAMILIES)[number];

/**
 * What a payload is:
 * - `readings` (family readings): columns, see domain/reading.ts
 * - `quarantine` (family readings): JSON of {@link Quarantined}, what was refused and why
 * - `refusals` (family readings): JSON of {@link RefusalCount}, how much was refused of whom
 * - `sightings` (family trace): a gateway batch without its readings, see codecs/batch
 * - `fact` (family trace): JSON of a {@link Fact}, see domain/fact.ts
 * - `tick` (family trace): JSON of a {@link Tick}
 * - `originals` (family originals): messages as they were received, see domain/original.ts
 */
export type RecordKind = 'readings' | 'quarantine' | 'refusals' | 'sightings' | 'fact' | 'tick' | 'originals';

export interface NewRecord {
  readonly family: Family;
  readonly kind: RecordKind;
  /** Format version of the payload. */
  readonly version: number;
  /** Who sent it: a gateway id, `mqtt` for a group of device messages, `http`, `ingest`. */
  readonly source: string;
  /**
   * The source's own number for it, or null. The same content under the same (source, sequence, family) is recognised
   * when resent.
   */
  readonly sequence: number | null;
  /** Arrival time, epoch ms UTC. */
  readonly arrival: number;
  readonly payload: Uint8Array;
}

export interface LogRecord extends NewRecord {
  readonly partition: number;
  readonly position: number;
}

export interface Receipt {
  readonly position: number;
  /** The record had been appended before under the same identity; nothing was added. */
  readonly isDuplicate: boolean;
}

/** The transaction in which a consumer's effects and its checkpoint commit together. Opaque here; storage opens it. */
export interface Effects {
  readonly effects: unique symbol;
}

export interface LogBatch {
  readonly family: Family;
  readonly partition: number;
  /** In position order, never empty. */
  readonly records: readonly LogRecord[];
}

/** Records that were dropped before a consumer came to them: those in (after, through]. */
export interface LogGap {
  readonly family: Family;
  readonly partition: number;
  readonly after: number;
  readonly through: number;
}

/**
 * A consumer's work. Called with one batch at a time, partitions in turn. What it writes through `effects` commits
 * together with its checkpoint; replays after a failure must have no further effect.
 */
export interface ConsumerHandler {
  /** Once per (re)start, holding the consumer's lock, before the first batch: rebuild in-memory state. */
  restore?(checkpoints: Checkpoints): Promise<void>;
  handle(batch: LogBatch, effects: Effects): Promise<void>;
  /**
   * Only for an optional consumer that was detached, or one declared when records had been dropped already: what it
   * missed is in the record tables. Its checkpoint moves past the gap in the same transaction.
   */
  skipped?(gap: LogGap, effects: Effects): Promise<void>;
  /** Its checkpoint moves over places where there is nothing for it, in (after, through], without a batch. */
  passedOver?(gap: LogGap, effects: Effects): Promise<void>;
  /** The transaction of the last `handle` committed: publish what depends on it. */
  committed?(batch: LogBatch): void;
  /** It did not: in-memory state must be thrown away; `restore` is called before the next batch. */
  rolledBack?(error: unknown): void;
  /** It is another's from here on, or nobody's: what `restore` has built up can go. */
  released?(): void;
}

/** Which of the consumers that share a work this process may have just now. */
export interface Turns {
  /** @returns null: not now; else aborted once the consumer is to be given to another process */
  ask(consumer: string): Promise<AbortSignal | null>;
  /** The consumer has become this process's, or is no more. */
  told(consumer: string, isOwn: boolean): void;
}

export interface ConsumerOptions {
  /** Stable name: the key of its checkpoint, e.g. `writer`. */
  readonly name: string;
  readonly families: readonly Family[];
  /** A mandatory consumer holds back the dropping of segments and, past the cap, stops appends. */
  readonly isMandatory: boolean;
  /** Most payload bytes in one batch; default 4 MiB. At least one record is always handed over. */
  readonly batchBytes?: number;
  /** ms it may wait after a small batch so that the next one is larger; default none: as soon as there is anything. */
  readonly lingerMs?: number;
  /** A batch of this many payload bytes is large enough, and so much waiting ends the wait; default 128 KiB. */
  readonly lingerBytes?: number;
  /** Where several processes share its work with others of its kind; default: whoever is first has it. */
  readonly turns?: Turns;
  readonly handler: ConsumerHandler;
}

/** Position per family and partition, key `readings/0`. Absent = 0 = before the first record. */
export type Checkpoints = Readonly<Record<string, number>>;

/** How far the one order of `trace` has come, as checkpoints. */
export function tracePosition(position: number): Checkpoints {
  return { [checkpointKey('trace', 0)]: position };
}

/** The position in the one order of `trace`, or of `originals`. */
export function positionIn(checkpoints: Checkpoints, family: 'trace' | 'originals'): number {
  return checkpoints[checkpointKey(family, 0)] ?? 0;
}

export function checkpointKey(family: Family, partition: number): string {
  return `${family}/${partition}`;
}

export interface Consumer {
  readonly name: string;
  start(): Promise<void>;
  /** Finishes the batch under way and releases the lock. */
  stop(): Promise<void>;
  /** Resolves when the consumer has committed everything it consumes up to these positions; others are passed over. */
  passed(positions: Checkpoints, signal?: AbortSignal): Promise<void>;
}

export interface ConsumerLag {
  readonly consumer: string;
  readonly family: Family;
  readonly partition: number;
  readonly checkpoint: number;
  readonly head: number;
  /** Records appended and not yet consumed. */
  readonly records: number;
  readonly isMandatory: boolean;
  /** Fell behind the cap: records it has not consumed may be gone. */
  readonly isDetached: boolean;
}

export interface Log {
  /**
   * Durable when it resolves; positions in the order of the arguments. Concurrent calls share commits.
   * Payloads are handed on to consumers as they are: whoever appends must not change them afterwards.
   * @throws {UnavailableError} LOG_FULL a mandatory consumer is past the cap
   * @throws {UnavailableError} LOG_BUSY too much is waiting to be committed; nothing was appended
   * @throws {UnavailableError} LOG_UNAVAILABLE the home is away or stalled; whether it was appended is unknown
   */
  append(records: readonly NewRecord[]): Promise<readonly Receipt[]>;

  /** Declares a consumer; nothing runs until its `start()`. */
  consumer(options: ConsumerOptions): Consumer;

  /** Records from now on, in order, without checkpoint or effects, for live views; gaps are allowed under load. */
  follow(families: readonly Family[], onBatch: (batch: LogBatch) => void): { stop(): void };

  /** Position of the last record per partition. */
  heads(): Promise<Checkpoints>;
  /** Position a consumer has committed, per partition. */
  checkpoints(consumer: string): Promise<Checkpoints>;
  lag(): Promise<readonly ConsumerLag[]>;
  /** What does not get on just now, in this process. */
  troubles(): readonly Trouble[];
}

/** Appended by ingest every 10 s: the clock of everything behind the log. */
export interface Tick {
  /** Epoch ms UTC. */
  readonly now: number;
  /** Heads of the readings partitions at that moment: silence is judged once these have been consumed. */
  readonly heads: Checkpoints;
}

export const TICK_EVERY_MS = 10_000;

/** A message or part of one that could not be taken; kept with its reason, counted per device, shown to operations. */
export interface Quarantined {
  readonly arrival: number;
  /** Device or gateway id, where known. */
  readonly source: string | null;
  readonly topic: string;
  /** Stable code: `PAYLOAD_NOT_JSON`, `VALUE_NOT_PHYSICAL`, `TIME_AHEAD`, `TIME_TOO_OLD`, `CONFLICT`... */
  readonly reason: string;
  /** One line for a person: what, where, what is allowed. */
  readonly detail: string;
  /** base64, at most 64 KiB: the message as received, or where that is longer the refused readings in the native form. */
  readonly payload: string;
}

/** How many readings or messages of a source were refused for a reason, since the record of them before. */
export interface RefusalCount {
  /** Device or gateway id. */
  readonly source: string;
  readonly reason: string;
  readonly count: number;
  /** Arrivals of the first and the last of them, epoch ms UTC. */
  readonly from: number;
  readonly to: number;
  /** Of the last one. */
  readonly topic: string;
  readonly detail: string;
}
