import {
  type DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type RetentionPolicy,
  type StorageType,
  type StoredMsg,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import { InputError, type NewRecord, UnavailableError } from '../../../domain/index.ts';
import { asUnavailable } from './connection.ts';
import { decodeFrame, encodeFrame } from './frame.ts';
import type { Holes } from './holes.ts';
import type { NatsLink } from './link.ts';
import { DUPLICATE_WINDOW_MS, type HoleReason, type NatsOptions } from './options.ts';

export interface StreamOptions {
  readonly partition: number;
  /** How many partitions there are since that was raised last; null: as many as at first. Tells subjects apart. */
  readonly raisedTo: number | null;
  readonly nats: NatsOptions;
  readonly link: NatsLink;
  readonly holes: Holes;
  /** Bytes it may hold; a publish beyond them is refused, nothing is dropped for it. */
  readonly maxBytes: number;
}

/** A message as it was sent, or a place where one was. */
export interface StreamMessage {
  readonly sequence: number;
  readonly records: readonly NewRecord[];
}

export interface StreamSlice {
  /** In order, every sequence between the first and the last; those of holes hold nothing. */
  readonly messages: readonly StreamMessage[];
  /** Sequence of the first message that is still there. */
  readonly first: number | null;
}

export interface StreamState {
  readonly first: number;
  readonly last: number;
  readonly bytes: number;
  /** It refuses messages beyond so many. */
  readonly maxBytes: number;
  /** When the first message came, epoch ms UTC; null where there is none. */
  readonly oldest: number | null;
  /** It takes nothing any more, and nothing is dropped of it (way-back.ts). */
  readonly isSealed: boolean;
  /** Servers whose copy is away or behind. */
  readonly away: readonly string[];
}

export interface Published {
  readonly sequence: number;
  readonly isDuplicate: boolean;
}

const NANOSECONDS_A_MS = 1e6;
const GIB = 1_073_741_824;
const BATCH = 256;
const FOUND_AT_ONCE_BYTES = 8 * 1_048_576;
const ID_HEADER = 'Nats-Msg-Id';
const MAX_BYTES_EXCEEDED = 10_077;
const REPLICAS_NOT_SUPPORTED = 10_074;
const NO_SUITABLE_PEERS = 10_005;
const STORAGE_RESERVED = 10_047;
const DAMAGE = /checksum|corrupt|bad msg|malformed|invalid|hash/i;

/** One partition's stream. What it gives is checked: every sequence is there, and every message is what was sent. */
export class ReadingsStream {
  readonly name: string;
  readonly partition: number;
  readonly #subject: string;
  readonly #options: StreamOptions;

  constructor(options: StreamOptions) {
    const { nats, partition } = options;
    this.#options = options;
    this.partition = partition;
    this.name = `${nats.stream}-${partition}`;
    // Whoever parts readings over fewer streams publishes to a subject that none has any more.
    const raised = options.raisedTo === null ? '' : `.of-${options.raisedTo}`;
    this.#subject = `${nats.stream}.${partition}${raised}`;
  }

  /**
   * Makes the stream where there is none, beginning at `first`; brings the settings of one that is there up to date, its
   * subject too. Called by one at a time (`lockDivision`).
   * @throws {InputError} NATS_STREAM_FOREIGN, NATS_REPLICAS, NATS_STORAGE_SMALL
   */
  async open(first: number): Promise<StreamState> {
    const { nats, link, maxBytes } = this.#options;
    const { streams } = link.manager;
    const settings = {
      subjects: [this.#subject],
      num_replicas: nats.replicas,
      max_bytes: maxBytes,
      discard: 'new' as DiscardPolicy,
      duplicate_window: DUPLICATE_WINDOW_MS * NANOSECONDS_A_MS,
      allow_direct: true,
      description: 'Readings of Isotherm: dropped by it alone, when every consumer has passed them',
    };
    const fixed = { storage: 'file' as StorageType, retention: 'limits' as RetentionPolicy };
    const found = await this.#info();
    try {
      if (found === null) {
        const made = await streams.add({ name: this.name, ...fixed, ...settings, first_seq: first, deny_delete: true });
        return stateOf(made);
      }
      const { config } = found;
      // Sealed: it is being left, and read to its end; or it was, and readings come to NATS anew.
      if (config.sealed && found.state.last_seq >= first) return stateOf(found);
      // Or it was made for more partitions, and left before there were any.
      const isLeftOver = found.state.messages === 0 && found.state.last_seq < first - 1;
      if (config.sealed || isLeftOver) {
        await streams.delete(this.name);
        return await this.open(first);
      }
      const isOurs =
        config.storage === fixed.storage &&
        config.retention === fixed.retention &&
        config.max_age === 0 &&
        config.subjects.every((subject) => this.#isOwn(subject));
      if (!isOurs) {
        const message = `the stream ${this.name} on NATS is not as Isotherm makes it: give nats.stream another name`;
        throw new InputError('NATS_STREAM_FOREIGN', message, { stream: this.name });
      }
      // Where it holds more than is its share from now on, what comes still has room.
      const isOver = found.state.bytes > maxBytes;
      const max_bytes = isOver ? Math.max(maxBytes, config.max_bytes) : maxBytes;
      return stateOf(await streams.update(this.name, { ...settings, max_bytes }));
    } catch (error) {
      if (isApi(error, REPLICAS_NOT_SUPPORTED) || isApi(error, NO_SUITABLE_PEERS)) {
        throw new InputError(
          'NATS_REPLICAS',
          `NATS has fewer servers than the ${nats.replicas} copies that nats.replicas asks for: ` +
            'run a cluster of three, wait for the one that is away, or set nats.replicas: 1 and know that its disk is the only one',
          { replicas: nats.replicas },
          error,
        );
      }
      if (isApi(error, STORAGE_RESERVED)) {
        throw new InputError(
          'NATS_STORAGE_SMALL',
          `NATS may not hold the ${Math.ceil(maxBytes / GIB)} GiB of ${this.name}: raise max_file_store of every server`,
          { stream: this.name, maxBytes },
          error,
        );
      }
      throw asUnavailable(error);
    }
  }

  /**
   * Durable when it resolves. The same id within the window is the same message.
   * @param after only directly behind this sequence
   * @throws {UnavailableError} LOG_FULL, NATS_UNAVAILABLE, NATS_STREAM_MOVED
   */
  async publish(
    records: readonly NewRecord[],
    { id, timeoutMs, after }: { readonly id: string; readonly timeoutMs: number; readonly after?: number },
  ): Promise<Published> {
    try {
      const { seq, duplicate } = await this.#options.link.client.publish(
        this.#subject,
        encodeFrame(this.name, records),
        {
          msgID: id,
          timeout: timeoutMs,
          expect: { streamName: this.name, ...(after === undefined ? {} : { lastSequence: after }) },
        },
      );
      return { sequence: seq, isDuplicate: duplicate };
    } catch (error) {
      if (isApi(error, MAX_BYTES_EXCEEDED)) {
        const message = `the log is full: ${this.name} holds all the bytes that it may`;
        throw new UnavailableError('LOG_FULL', message, { stream: this.name }, error);
      }
      if (isApi(error, JetStreamApiCodes.StreamWrongLastSequence)) {
        throw new UnavailableError('NATS_STREAM_MOVED', `${this.name} has grown meanwhile`, {}, error);
      }
      throw asUnavailable(error);
    }
  }

  /**
   * The message that was published under an id, among those in (after, through].
   * @returns its sequence; null: none was, or it is gone
   * @throws {UnavailableError} NATS_UNAVAILABLE
   */
  async find(id: string, { after, through }: { readonly after: number; readonly through: number }) {
    for (let next = after + 1; next <= through; ) {
      const stored = await this.#batch(next, FOUND_AT_ONCE_BYTES);
      // A copy may be behind: what it does not give is asked of the leader.
      const first = stored[0]?.seq === next ? stored : [await this.#fromLeader(next)];
      for (const message of first) {
        if (message !== null && message.seq !== next) break;
        if (message?.header.get(ID_HEADER) === id) return next;
        next++;
      }
    }
    return null;
  }

  /** Whether its subject is that of as many partitions. @throws {UnavailableError} NATS_UNAVAILABLE */
  async isMoved(): Promise<boolean> {
    return (await this.#info())?.config.subjects.join() === this.#subject;
  }

  /** Nothing is appended to it from when this resolves, whoever tries. @throws {UnavailableError} NATS_UNAVAILABLE */
  async seal(): Promise<void> {
    try {
      const sealed: Partial<StreamConfig> = { sealed: true };
      await this.#options.link.manager.streams.update(this.name, sealed);
    } catch (error) {
      if ((await this.state())?.isSealed === true) return;
      throw asUnavailable(error);
    }
  }

  /** As its leader knows it. @returns null where there is no such stream */
  async state(): Promise<StreamState | null> {
    const info = await this.#info();
    return info === null ? null : stateOf(info);
  }

  /**
   * Messages from `from` on, at least one where there is one up to `last`, about as many bytes as are asked for. What is
   * gone or changed is told (`Holes`) before it is passed over.
   * @throws {UnavailableError} NATS_UNAVAILABLE
   */
  async read(from: number, last: number, maxBytes: number): Promise<StreamSlice> {
    const messages: StreamMessage[] = [];
    let expected = from;
    let first: number | null = null;
    for (const stored of await this.#batch(from, maxBytes)) {
      if (stored.seq > last) break;
      if (stored.seq > expected) {
        first ??= await this.#first();
        // Dropped by the upkeep: whoever reads on from there is told so by the floor.
        if (expected < first) expected = Math.min(first, stored.seq);
        while (expected < stored.seq) {
          messages.push(await this.#recovered(expected, 'missing', null));
          expected++;
        }
      }
      const records = decodeFrame(this.name, stored.data);
      messages.push(
        records === null
          ? await this.#recovered(stored.seq, 'changed', stored.data)
          : { sequence: stored.seq, records },
      );
      expected = stored.seq + 1;
    }
    if (messages.length > 0 || from > last) return { messages, first };
    const state = await this.state();
    // Not there yet: it was heard of before its server has it, or lost with the end of the stream (home.ts).
    if (state === null || state.last < from) return { messages, first };
    if (state.first > from) return { messages, first: state.first };
    return { messages: [await this.#recovered(from, 'missing', null)], first: state.first };
  }

  /** Its messages before `sequence` are needed no more. */
  async drop(sequence: number): Promise<void> {
    try {
      await this.#options.link.manager.streams.purge(this.name, { seq: sequence });
    } catch (error) {
      throw asUnavailable(error);
    }
  }

  /** When a message came, epoch ms UTC; null where it is not there. */
  async timeOf(sequence: number): Promise<number | null> {
    return (await this.#fromLeader(sequence))?.time.getTime() ?? null;
  }

  async #batch(from: number, maxBytes: number): Promise<readonly StoredMsg[]> {
    const found: StoredMsg[] = [];
    try {
      const query = { seq: from, batch: BATCH, max_bytes: maxBytes };
      for await (const message of await this.#options.link.manager.direct.getBatch(this.name, query))
        found.push(message);
    } catch {
      // Any copy may answer, and one may be behind or damaged: what it did not give is asked of the leader.
    }
    return found;
  }

  /** What the leader has in a place where another server gave nothing, or something else than was sent. */
  async #recovered(sequence: number, reason: HoleReason, bytes: Uint8Array | null): Promise<StreamMessage> {
    const { holes } = this.#options;
    const stored = await this.#fromLeader(sequence);
    const records = stored === null ? null : decodeFrame(this.name, stored.data);
    if (records !== null) return { sequence, records };
    const { partition } = this;
    const found = stored === null ? reason : 'changed';
    await holes.report({ partition, first: sequence, last: sequence, reason: found, bytes: stored?.data ?? bytes });
    return { sequence, records: [] };
  }

  async #fromLeader(sequence: number): Promise<StoredMsg | null> {
    try {
      return await this.#options.link.manager.streams.getMessage(this.name, { seq: sequence });
    } catch (error) {
      if (isApi(error, JetStreamApiCodes.NoMessageFound)) return null;
      if (error instanceof JetStreamApiError && DAMAGE.test(error.message)) return null;
      throw asUnavailable(error);
    }
  }

  async #first(): Promise<number> {
    return (await this.state())?.first ?? 0;
  }

  /** With as many partitions as now, or as there were. */
  #isOwn(subject: string): boolean {
    const base = `${this.#options.nats.stream}.${this.partition}`;
    return subject === base || (subject.startsWith(`${base}.of-`) && /^\d+$/.test(subject.slice(base.length + 4)));
  }

  async #info(): Promise<StreamInfo | null> {
    try {
      return await this.#options.link.quick.streams.info(this.name);
    } catch (error) {
      if (isApi(error, JetStreamApiCodes.StreamNotFound)) return null;
      throw asUnavailable(error);
    }
  }
}

function isApi(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}

function stateOf({ config, state, cluster }: StreamInfo): StreamState {
  const { first_seq: first, last_seq: last, bytes, messages, first_ts } = state;
  const oldest = messages === 0 ? null : Date.parse(first_ts);
  const { sealed: isSealed, max_bytes: maxBytes } = config;
  return { first, last, bytes, maxBytes, oldest, isSealed, away: awayOf(cluster) };
}

/** Servers of a stream's cluster that do not have all of it just now. */
export function awayOf(cluster: StreamInfo['cluster'] | undefined): readonly string[] {
  return (cluster?.replicas ?? [])
    .filter(({ current, offline }) => offline || !current)
    .map(({ name }) => name)
    .sort();
}
