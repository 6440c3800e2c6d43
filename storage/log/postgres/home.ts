import { randomUUID } from 'node:crypto';
import {
  type Backlog,
  type Checkpoints,
  DefectError,
  FAMILIES,
  type Family,
  type Following,
  type LogHolder,
  type LogPartition,
  type LogReader,
  type LogSlice,
  type NewRecord,
  type ReadBounds,
  type Receipt,
  type Timer,
  UnavailableError,
} from '../../../domain/index.ts';
import { forgetIdentities } from '../identity.ts';
import type { LogHomeOptions, StoppableHome } from '../options.ts';
import { requireStorable } from '../storable.ts';
import { Tail } from '../tail.ts';
import { Committer } from './committer.ts';
import { countAfter, openHeads, readHeads } from './heads.ts';
import { readAfter } from './reader.ts';
import { SEGMENT_WIDTH, Segments } from './segments.ts';

/** Written on every commit: `family/partition:head:tag`. */
const CHANNEL = 'isotherm_log';
const FORGET_IDENTITIES_EVERY_MS = 60 * 60 * 1000;

/**
 * The log's home in PostgreSQL tables. One appender commits for the whole process, and what was committed here is handed
 * on from memory; see docs/decisions/0003-the-log-in-postgres.md.
 */
export class PostgresHome implements StoppableHome {
  /** One machine's PostgreSQL takes millions of readings a second through one partition; nothing is gained by more. */
  readonly partitions: Readonly<Record<Family, number>> = { readings: 1, trace: 1, originals: 1 };
  readonly #options: LogHomeOptions;
  readonly #tail: Tail;
  readonly #segments: Segments;
  readonly #committer: Committer;
  readonly #tag = randomUUID().slice(0, 8);
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  #listening: { stop(): Promise<void> } | null = null;
  #timer: Timer | null = null;
  #polling: Promise<void> | null = null;
  #full: UnavailableError | null = null;
  #identitiesForgottenAt = Number.NEGATIVE_INFINITY;

  constructor(options: LogHomeOptions) {
    const { database, time, logger, limits, metrics, troubles, onSegment } = options;
    this.#options = options;
    this.#tail = new Tail(limits);
    this.#segments = new Segments({ database, time, limits, metrics });
    this.#committer = new Committer({
      ...{ database, time, logger, limits, metrics, troubles, tag: this.#tag },
      fullBecause: () => this.#full,
      createSegments: () => this.#segments.createAhead(),
      onUnknown: () => void this.#poll(),
      onCommitted: (part, records) => {
        this.#tail.committed(part.family, part.partition, part.previous, part.head, records);
        // The segment after it is due as well: `trim` makes it.
        if (part.segment !== segmentOf(part.previous)) onSegment();
      },
    });
  }

  /** @throws {UnavailableError} if the database is away */
  async start(): Promise<void> {
    if (this.#state !== 'idle') throw new DefectError('LOG_STARTED', 'a log may be started once');
    this.#state = 'running';
    const { database, time, limits, logger } = this.#options;
    await openHeads(database, this.partitions);
    this.#listening = await database.listen(
      CHANNEL,
      (payload) => this.#notified(payload),
      () => void this.#poll(),
    );
    await this.heads();
    await this.#segments.createAhead();
    this.#timer = time.every('log heads', limits.pollMs, () => void this.#poll());
    logger.info({ heads: this.#tail.heads() }, 'the log is open');
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    await this.#committer.stop();
    this.#timer?.cancel();
    await this.#listening?.stop();
  }

  /** Nothing of it is under way any more. */
  async idle(): Promise<void> {
    await this.#polling;
  }

  append(records: readonly NewRecord[]): Promise<readonly Receipt[]> {
    if (this.#state !== 'running') {
      return Promise.reject(new UnavailableError('LOG_UNAVAILABLE', 'the log is not running'));
    }
    try {
      for (const record of records) requireStorable(record);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#committer.append(records);
  }

  async heads(): Promise<Checkpoints> {
    const heads = await readHeads(this.#options.database);
    for (const [key, head] of Object.entries(heads)) this.#reaches(key, head);
    return heads;
  }

  head({ family, partition }: LogPartition): number {
    return this.#tail.head(family, partition);
  }

  precedes(): null {
    return null;
  }

  holds({ family, partition }: LogPartition, position: number, bytes: number): boolean {
    return this.#tail.holds(family, partition, position, bytes);
  }

  async after({ family, partition }: LogPartition, position: number, bounds: ReadBounds): Promise<LogSlice> {
    const { maxBytes, maxRecords } = bounds;
    const records = this.#tail.after(family, partition, position, maxBytes, maxRecords);
    if (records !== null) return { records, floor: 0, isFromMemory: true };
    const from = { family, partition, after: position, ...bounds };
    return { ...(await readAfter(this.#options.database, from)), isFromMemory: false };
  }

  count(positions: readonly (LogPartition & { readonly position: number })[]): Promise<readonly Backlog[]> {
    return countAfter(this.#options.database, positions);
  }

  follow(reader: LogReader): Following {
    this.#tail.add(reader);
    return {
      moved: ({ family, partition }) => this.#tail.trim(family, partition),
      stop: () => this.#tail.remove(reader),
    };
  }

  async trim(
    holders: readonly LogHolder[],
    detach: (consumers: readonly string[], family: Family) => Promise<void>,
  ): Promise<void> {
    const { logger, metrics } = this.#options;
    const { dropped, full } = await this.#segments.trim(holders, detach);
    for (const { family, number } of dropped) logger.info({ family, segment: number }, 'dropped a log segment');
    if (full !== null && this.#full === null) {
      logger.error({ error: full, ...full.details }, 'the log is full; appends are refused');
    }
    if (full === null && this.#full !== null) logger.info({}, 'the log takes appends again');
    this.#full = full;
    metrics.isFull.set(full === null ? 0 : 1);
    await this.#attempt('identities', () => this.#forgetIdentities());
  }

  async #forgetIdentities(): Promise<void> {
    const { database, time, limits } = this.#options;
    const now = time.now();
    if (now - this.#identitiesForgottenAt < FORGET_IDENTITIES_EVERY_MS) return;
    await forgetIdentities(database, { now, keepMs: limits.identityMs, most: limits.identities });
    this.#identitiesForgottenAt = now;
  }

  /** In case a notification was lost. */
  #poll(): Promise<void> {
    this.#polling ??= this.#attempt('heads', () => this.heads()).finally(() => {
      this.#polling = null;
    });
    return this.#polling;
  }

  async #attempt(step: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#options.metrics.upkeepFailures.add(1, { step });
      this.#options.logger.warn({ error, step }, 'an upkeep step of the log failed; it is tried again');
    }
  }

  #notified(payload: string): void {
    const [key = '', head = '', tag] = payload.split(':');
    if (tag !== this.#tag) this.#reaches(key, Number(head));
  }

  #reaches(key: string, head: number): void {
    const [name, partition] = key.split('/');
    const family = FAMILIES.find((known) => known === name);
    if (family !== undefined) this.#tail.reaches(family, Number(partition), head);
  }
}

function segmentOf(position: number): number {
  return Math.floor(position / SEGMENT_WIDTH);
}
