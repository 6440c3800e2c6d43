import { randomUUID } from 'node:crypto';
import {
  type Backlog,
  type Checkpoints,
  DefectError,
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
import type { LogHomeOptions, StoppableHome } from '../options.ts';
import { PostgresHome } from '../postgres/home.ts';
import { requireStorable } from '../storable.ts';
import { Tail } from '../tail.ts';
import { AcknowledgedNotes } from './acknowledged-notes.ts';
import { Appender, PARTED_ANEW } from './appender.ts';
import { MessageCounts } from './counts.ts';
import {
  DIVIDED,
  type DividingOptions,
  type Division,
  finishRaise,
  headsSubject,
  raisePartitions,
  readDivision,
} from './divisions.ts';
import { STREAM_FAMILIES, type StreamFamily } from './frame.ts';
import { Holes } from './holes.ts';
import { enterStreams, furthest, isOf, lockDivision, noteDropped, noteStream, type StreamRow } from './ledger.ts';
import { type NatsLink, openLink } from './link.ts';
import type { NatsOptions } from './options.ts';
import { type Outgoing, weightOf } from './outgoing.ts';
import { endOf, MOST_MESSAGE_BYTES, positionOf, sequenceOf } from './positions.ts';
import { StoredReading } from './stored-reading.ts';
import { type Published, ReadingsStream, type StreamState } from './stream.ts';
import { type Known, StreamEnds } from './stream-ends.ts';
import { maxBytesOf, StreamUpkeep } from './upkeep.ts';

export interface NatsHomeOptions extends LogHomeOptions {
  readonly nats: NatsOptions;
}

/** As `/readyz` names them. */
const NATS_PART = 'nats';
const COPIES_PART = 'nats-copies';
/** Of a server's `max_payload`, for headers and the like. */
const HEADERS_BYTES = 16_384;

/**
 * The log with its readings on NATS JetStream, a stream a partition, and the messages they were made of beside them; all
 * else, and every checkpoint, is in PostgreSQL. See docs/decisions/0219-readings-on-jetstream.md.
 */
export class NatsHome implements StoppableHome {
  readonly #options: NatsHomeOptions;
  readonly #tables: PostgresHome;
  readonly #tail: Tail;
  readonly #appender: Appender;
  readonly #holes: Holes;
  readonly #ends: StreamEnds;
  readonly #notes: AcknowledgedNotes;
  readonly #reading: StoredReading;
  readonly #counts = new MessageCounts();
  readonly #upkeep: StreamUpkeep;
  readonly #tag = randomUUID().slice(0, 8);
  #link: NatsLink | null = null;
  #known: readonly Known[] = [];
  #following: Promise<void> | null = null;
  /** How far its stream reached before a message was sent for the first time. */
  readonly #sentAfter = new WeakMap<Outgoing, number>();
  #state: 'idle' | 'running' | 'stopped' = 'idle';
  #timer: Timer | null = null;
  #polling: Promise<void> | null = null;
  #full: UnavailableError | null = null;
  /** How often the connection was made. */
  #connections = 0;

  constructor(options: NatsHomeOptions) {
    const { limits, metrics, database, time, logger } = options;
    this.#options = options;
    this.#tables = new PostgresHome(options);
    this.#tail = new Tail(limits);
    this.#holes = new Holes({ database, time, logger, found: metrics.holes });
    this.#ends = new StreamEnds({
      ...{ database, time, holes: this.#holes },
      onReached: (known, last) => this.#reaches(known, last),
    });
    this.#notes = new AcknowledgedNotes({ database, time, logger, failures: metrics.upkeepFailures });
    this.#upkeep = new StreamUpkeep({ limits });
    this.#reading = new StoredReading({ database, holes: this.#holes, counts: this.#counts });
    this.#appender = new Appender({
      ...options,
      partitions: () => this.partitions.readings,
      messageBytes: () => this.#messageBytes(),
      fullBecause: () => this.#full,
      publish: (message, timeoutMs) => this.#publish(message, timeoutMs),
      onPublished: (message, published) => this.#published(message, published),
    });
  }

  /** Of readings as many as there are streams: at least as many as were asked for, and more once they are raised. */
  get partitions(): Readonly<Record<Family, number>> {
    const readings = this.#known.length || this.#options.nats.partitions;
    return { readings, trace: 1, originals: 1 + readings };
  }

  /**
   * @throws {UnavailableError} if the database or NATS is away
   * @throws {InputError} where the servers do not do: NATS_TOO_OLD, NATS_SYNC_LAZY, NATS_SYNC_UNSEEN, NATS_PAYLOAD_SMALL,
   *   NATS_REPLICAS, NATS_STORAGE_SMALL, NATS_STREAM_FOREIGN; NATS_PARTITIONS_UNEVEN
   */
  async start(): Promise<void> {
    if (this.#state !== 'idle') throw new DefectError('LOG_STARTED', 'a log may be started once');
    this.#state = 'running';
    const { database, nats, time, limits, logger } = this.#options;
    // Asked first: a server that does not do must not become the log's home.
    const link = await openLink(nats, `isotherm ${this.#tag}`);
    this.#link = link;
    await enterStreams(database, nats.partitions);
    const inForce = await raisePartitions(this.#dividing(link), nats.partitions);
    if (inForce > nats.partitions) {
      const fields = { given: nats.partitions, inForce };
      logger.info(fields, 'readings are parted over more streams than nats.partitions says; it is what is in force');
    }
    await this.#tables.start();
    await database.transaction(async (client) => {
      await lockDivision(client);
      const division = await readDivision(client);
      this.#known = division.rows.map((row) => this.#knownOf(row, division, link));
      for (const known of this.#known) await known.stream.open(await this.#ends.firstOf(known));
    });
    for (const known of this.#known) await this.#ends.settle(known);
    const heads = link.connection.subscribe(this.#headsSubject, {
      callback: (error, message) => {
        if (error === null) this.#notified(message.string());
      },
    });
    void this.#watch(link);
    this.#timer = time.every('log heads', limits.pollMs, () => void this.#poll());
    link.connection.publish(this.#headsSubject, DIVIDED);
    await link.connection.flush();
    logger.info({ heads: this.#tail.heads(), subscription: heads.getSubject() }, 'the log is open');
  }

  async stop(): Promise<void> {
    this.#state = 'stopped';
    await this.#appender.stop();
    await this.#notes.stop();
    this.#timer?.cancel();
    await this.#tables.stop();
    await this.#polling;
    await this.#following;
    await this.#link?.connection.close();
  }

  /** Nothing of it is under way any more. */
  async idle(): Promise<void> {
    await this.#polling;
    await this.#tables.idle();
  }

  async append(records: readonly NewRecord[]): Promise<readonly Receipt[]> {
    if (this.#state !== 'running') throw new UnavailableError('LOG_UNAVAILABLE', 'the log is not running');
    for (const record of records) this.#require(record);
    const hasReadings = records.some(({ family }) => family === 'readings');
    const isStreamed = (record: NewRecord) =>
      record.family === 'readings' ||
      (record.family === 'originals' && hasReadings && weightOf(record) <= this.#messageBytes());
    const [streamed, others] = [records.filter(isStreamed), records.filter((record) => !isStreamed(record))];
    // One after the other: what is told of a message never comes before its readings.
    const ofStreams = streamed.length === 0 ? [] : await this.#appender.append(streamed);
    const ofTables = others.length === 0 ? [] : await this.#tables.append(others);
    let [stream, table] = [0, 0];
    return records.map((record) => {
      const receipt = isStreamed(record) ? ofStreams[stream++] : ofTables[table++];
      if (receipt === undefined) throw new DefectError('LOG_APPEND_SILENT', 'an append gave no receipt');
      return receipt;
    });
  }

  async heads(): Promise<Checkpoints> {
    // Whoever waits for what is in the log now waits for the streams that were made meanwhile too.
    await this.#follow();
    const [tables] = await Promise.all([this.#tables.heads(), ...this.#known.map((known) => this.#ask(known))]);
    return { ...tables, ...this.#tail.heads() };
  }

  head(at: LogPartition): number {
    return this.#streamOf(at) === null ? this.#tables.head(at) : this.#tail.head(at.family, at.partition);
  }

  precedes(at: LogPartition): (LogPartition & { readonly position: number }) | null {
    const { parent = null, parentPosition = 0 } = (at.family === 'readings' && this.#streamOf(at)?.row) || {};
    return parent === null ? null : { family: 'readings', partition: parent, position: parentPosition };
  }

  holds(at: LogPartition, position: number, bytes: number): boolean {
    if (this.#streamOf(at) === null) return this.#tables.holds(at, position, bytes);
    return this.#tail.holds(at.family, at.partition, position, bytes);
  }

  async after(at: LogPartition, position: number, bounds: ReadBounds): Promise<LogSlice> {
    const known = this.#streamOf(at);
    if (known === null) return this.#tables.after(at, position, bounds);
    const { family, partition } = at;
    // From before there were streams.
    if (family === 'readings' && position < known.row.afterTable) {
      const slice = await this.#tables.after(at, position, bounds);
      if (slice.records.length > 0 || slice.floor > position) return slice;
    }
    const records = this.#tail.after(family, partition, position, bounds.maxBytes, bounds.maxRecords);
    if (records !== null) return { records, floor: 0, isFromMemory: true };
    const through = this.#tail.emptyUntil(family, partition, position);
    if (through !== null) return { records: [], floor: 0, through, isFromMemory: true };
    return this.#reading.after(known, at, position, bounds);
  }

  async count(positions: readonly (LogPartition & { readonly position: number })[]): Promise<readonly Backlog[]> {
    const ofTables = await this.#tables.count(positions);
    return positions.map(({ position, ...at }, index): Backlog => {
      const inTables = ofTables[index] ?? { head: 0, records: 0 };
      const known = this.#streamOf(at);
      if (known === null) return inTables;
      const from = Math.max(position, endOf(Math.max(known.row.first - 1, known.dropped)));
      const records = this.#counts.after(known.row.partition, at.family as StreamFamily, from, known.last);
      const isBehind = at.family === 'readings' && position < known.row.afterTable;
      return { head: this.head(at), records: records + (isBehind ? inTables.records : 0) };
    });
  }

  follow(reader: LogReader): Following {
    const inTables = this.#tables.follow(reader);
    this.#tail.add(reader);
    return {
      moved: (at) => {
        if (this.#streamOf(at) === null) inTables.moved(at);
        else this.#tail.trim(at.family, at.partition);
      },
      stop: () => {
        inTables.stop();
        this.#tail.remove(reader);
      },
    };
  }

  async trim(
    holders: readonly LogHolder[],
    detach: (consumers: readonly string[], family: Family) => Promise<void>,
  ): Promise<void> {
    await this.#tables.trim(holders, detach);
    let full: UnavailableError | null = null;
    for (const known of this.#known) full = (await this.#trimStream(known, holders, detach)) ?? full;
    const { logger, metrics } = this.#options;
    if (full !== null && this.#full === null) {
      logger.error({ error: full, ...full.details }, 'the log is full; appends are refused');
    }
    if (full === null && this.#full !== null) logger.info({}, 'the log takes appends again');
    this.#full = full;
    if (full !== null) metrics.isFull.set(1);
  }

  async #trimStream(
    known: Known,
    holders: readonly LogHolder[],
    detach: (consumers: readonly string[], family: Family) => Promise<void>,
  ): Promise<UnavailableError | null> {
    const { database, time, limits } = this.#options;
    const { partition } = known.row;
    const state = await this.#ask(known);
    if (state === null) return null;
    const own = holders.filter((holder) => isOf(holder, partition));
    const maxBytes = Math.max(state.maxBytes, maxBytesOf(limits.capBytes, this.#known.length));
    const plan = await this.#upkeep.plan(known.stream, { ...state, maxBytes }, own, time.now());
    for (const { consumers, family } of plan.detach) await detach(consumers, family);
    if (plan.dropThrough >= state.first && !state.isSealed) {
      await noteDropped(database, partition, plan.dropThrough);
      known.dropped = Math.max(known.dropped, plan.dropThrough);
      await known.stream.drop(plan.dropThrough + 1);
    }
    await noteStream(database, partition, { ...state, last: Math.max(state.last, known.last) }, time.now());
    return plan.full;
  }

  async #publish(message: Outgoing, timeoutMs: number): Promise<Published> {
    const known = this.#known[message.partition];
    if (known === undefined) throw new DefectError('LOG_PARTITION_UNKNOWN', 'a record for no partition of the log');
    const records = message.families.flatMap((family) => family.records.map(({ record }) => record));
    if (message.partitions !== this.partitions.readings) return this.#before(known, message);
    let { id } = message;
    for (;;) {
      if (known.isUnsettled) await this.#ends.settle(known);
      const [before, connections] = [known.last, this.#connections];
      if (!this.#sentAfter.has(message)) this.#sentAfter.set(message, before);
      const published = await this.#unlessDivided(known.stream.publish(records, { id, timeoutMs }));
      if (published.isDuplicate) return published;
      const isSame = connections === this.#connections;
      const least = isSame ? before : Math.max(before, await furthest(this.#options.database, known.row.partition));
      if (published.sequence > least) return published;
      // The stream had lost its end: consumers that were further would pass over this place. It is appended anew behind it.
      known.isUnsettled = true;
      id = `${message.id} ${randomUUID()}`;
    }
  }

  /** What refuses a message may be that readings are parted over more streams by now. */
  async #unlessDivided(publishing: Promise<Published>): Promise<Published> {
    try {
      return await publishing;
    } catch (error) {
      // Not waited for: PostgreSQL may be away, and the message is sent again all the same.
      void this.#followSoon();
      throw error;
    }
  }

  /** Of a message that was parted over fewer streams, and may have been published before there were more. */
  async #before({ row, stream }: Known, message: Outgoing): Promise<Published> {
    const after = this.#sentAfter.get(message);
    // Where the last message is that was appended so.
    const ends = this.#known.filter((one) => one.row.parent === row.partition);
    const through = Math.max(...ends.map((one) => sequenceOf(one.row.parentPosition)));
    const sequence = after === undefined ? null : await stream.find(message.id, { after, through });
    if (sequence === null) throw new UnavailableError(PARTED_ANEW, 'readings are parted over more streams by now');
    return { sequence, isDuplicate: true };
  }

  #dividing(link: NatsLink): DividingOptions {
    const { database, nats, time, limits } = this.#options;
    return { database, nats, time, link, holes: this.#holes, capBytes: limits.capBytes };
  }

  #knownOf(row: StreamRow, { rows, raisedTo }: Division, link: NatsLink): Known {
    const { nats, limits } = this.#options;
    const { partition, first, dropped } = row;
    const maxBytes = maxBytesOf(limits.capBytes, rows.length);
    const stream = new ReadingsStream({ partition, raisedTo, nats, link, holes: this.#holes, maxBytes });
    return { row, stream, last: first - 1, dropped, isUnsettled: true, settling: null };
  }

  /** Takes up the streams that are in force by now, and brings to its end what was begun. */
  #follow(): Promise<void> {
    this.#following ??= this.#followed().finally(() => {
      this.#following = null;
    });
    return this.#following;
  }

  async #followed(): Promise<void> {
    const { database, logger } = this.#options;
    const link = this.#link;
    if (link === null || this.#known.length === 0) return;
    let division = await readDivision(database);
    if (division.begun !== null) {
      await finishRaise(this.#dividing(link));
      division = await readDivision(database);
    }
    const from = this.#known.length;
    if (division.rows.length <= from || this.#state !== 'running') return;
    const next = division.rows.map((row) => this.#knownOf(row, division, link));
    for (const known of next.slice(from)) await this.#ends.settle(known);
    // At once: from here on records are parted so, and consumers find the streams.
    for (const [index, known] of this.#known.entries()) known.stream = next[index]?.stream ?? known.stream;
    this.#known = [...this.#known, ...next.slice(from)];
    logger.info({ from, to: division.rows.length }, 'readings are parted over more streams from here on');
    link.connection.publish(this.#headsSubject, DIVIDED);
  }

  async #followSoon(): Promise<void> {
    const { metrics, logger } = this.#options;
    try {
      await this.#follow();
    } catch (error) {
      if (this.#state !== 'running') return;
      metrics.upkeepFailures.add(1, { step: 'division' });
      logger.warn({ error, step: 'division' }, 'an upkeep step of the log failed; it is tried again');
    }
  }

  #published(message: Outgoing, { sequence }: Published): void {
    const { partition } = message;
    const known = this.#known[partition];
    if (known === undefined) return;
    known.last = Math.max(known.last, sequence);
    this.#notes.acknowledged(partition, sequence);
    const all = message.families.flatMap((family) => family.records.map(({ record }) => record));
    this.#counts.learn(partition, sequence, all);
    for (const family of STREAM_FAMILIES) {
      const own = message.families.find((one) => one.family === family)?.records ?? [];
      const at = partitionOf(family, partition);
      const records = own.map(({ record }, index) => ({
        ...{ ...record, partition: at },
        position: positionOf(sequence, index, own.length),
      }));
      this.#tail.committed(family, at, endOf(sequence - 1), endOf(sequence), records);
    }
    this.#link?.connection.publish(this.#headsSubject, `${partition}:${sequence}:${this.#tag}`);
  }

  /** How far the stream reaches, asked of its leader; one that ends before what was acknowledged is mended. */
  async #ask(known: Known): Promise<StreamState | null> {
    const before = known.last;
    const state = await known.stream.state();
    if (state === null || state.last < before || known.isUnsettled) {
      known.isUnsettled = true;
      await this.#ends.settle(known);
      return known.stream.state();
    }
    this.#reaches(known, state.last);
    return state;
  }

  #reaches(known: Known, last: number): void {
    known.last = Math.max(known.last, last);
    const { partition, first, afterTable } = known.row;
    const isBegun = known.last >= first;
    for (const family of STREAM_FAMILIES) {
      const head = isBegun ? endOf(known.last) : family === 'readings' ? afterTable : 0;
      this.#tail.reaches(family, partitionOf(family, partition), head);
    }
  }

  #notified(text: string): void {
    if (text === DIVIDED) return void this.#followSoon();
    const [partition = '', last = '', tag] = text.split(':');
    const known = this.#known[Number(partition)];
    if (tag !== this.#tag && known !== undefined) this.#reaches(known, Number(last));
  }

  /** A new connection may be to servers that have lost something. */
  async #watch({ connection }: NatsLink): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type !== 'disconnect' && type !== 'reconnect') continue;
      this.#connections++;
      for (const known of this.#known) known.isUnsettled = true;
      if (type === 'reconnect') void this.#poll();
    }
  }

  /** In case a notification was lost, or the end of a stream. */
  #poll(): Promise<void> {
    this.#polling ??= this.#asked().finally(() => {
      this.#polling = null;
    });
    return this.#polling;
  }

  async #asked(): Promise<void> {
    void this.#followSoon();
    const { metrics, logger, troubles, time } = this.#options;
    const away = new Set<string>();
    try {
      for (const known of this.#known) {
        if (this.#state !== 'running') return;
        for (const server of (await this.#ask(known))?.away ?? []) away.add(server);
      }
      troubles.passed(NATS_PART);
      if (away.size === 0) troubles.passed(COPIES_PART);
      else troubles.failed(COPIES_PART, copiesAway([...away]), time.now());
    } catch (error) {
      if (this.#state !== 'running') return;
      troubles.failed(NATS_PART, error, time.now());
      metrics.upkeepFailures.add(1, { step: 'heads' });
      logger.warn({ error, step: 'heads' }, 'an upkeep step of the log failed; it is tried again');
    }
  }

  #streamOf({ family, partition }: LogPartition): Known | null {
    return this.#known.find((known) => isOf({ family, partition }, known.row.partition)) ?? null;
  }

  #require(record: NewRecord): void {
    requireStorable(record);
    if (record.family !== 'readings' || weightOf(record) <= this.#messageBytes()) return;
    const { family, kind, source, payload } = record;
    const details = { family, kind, source, bytes: payload.length };
    throw new DefectError('LOG_RECORD_BAD', 'a record has a field the log cannot hold', details);
  }

  #messageBytes(): number {
    const payload = this.#link?.connection.info?.max_payload ?? MOST_MESSAGE_BYTES;
    return Math.min(payload, MOST_MESSAGE_BYTES) - HEADERS_BYTES;
  }

  get #headsSubject(): string {
    return headsSubject(this.#options.nats);
  }
}

function copiesAway(servers: readonly string[]): UnavailableError {
  const message = `of what is acknowledged now ${servers.join(' and ')} has no copy, or one that is behind`;
  return new UnavailableError('NATS_COPY_AWAY', message, { servers });
}

/** Of the log, for what a stream holds of a family: see {@link isOf}. */
function partitionOf(family: StreamFamily, stream: number): number {
  return family === 'readings' ? stream : stream + 1;
}
