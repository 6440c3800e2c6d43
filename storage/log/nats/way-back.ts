import type pg from 'pg';
import { InputError, type Logger, silentMeter, type TimeSource, UnavailableError } from '../../../domain/index.ts';
import type { Database } from '../../database.ts';
import { logMetrics } from '../metrics.ts';
import { DEFAULT_LIMITS } from '../options.ts';
import { SEGMENT_WIDTH, Segments } from '../postgres/segments.ts';
import { appendParts } from '../postgres/statement.ts';
import { finishRaise, readDivision } from './divisions.ts';
import { Holes } from './holes.ts';
import { endStreams, furthest, readStreams, type StreamRow, type Unread, unreadOf } from './ledger.ts';
import { type NatsLink, openLink } from './link.ts';
import type { NatsOptions } from './options.ts';
import { endOf, nextSequence, positionOf } from './positions.ts';
import { ReadingsStream } from './stream.ts';

export interface WayBackOptions {
  readonly database: Database;
  readonly nats: NatsOptions;
  readonly time: TimeSource;
  readonly logger: Logger;
  /** How long consumers are waited for, and a stream that has lost its leader. */
  readonly patienceMs: number;
  /** What is still to be read; called whenever that has been looked at. */
  readonly onWaiting: (unread: readonly Unread[]) => void;
  /** NATS did not answer; it is asked again. */
  readonly onAway: (error: UnavailableError) => void;
}

interface Closed {
  readonly row: StreamRow;
  readonly stream: ReadingsStream;
  /** Its last message. */
  readonly last: number;
  /** As far as a consumer of readings has to be. */
  readonly needed: number;
  /** Beyond every position that anybody has of it. */
  readonly top: number;
}

const LOOK_MS = 500;
const READ_BYTES = 8 * 1_048_576;

/**
 * The readings of the log go back into PostgreSQL. The streams are sealed, from when on nobody who still runs is acknowledged
 * anything; the consumers, which run as ever, read them to their ends; what the archive has not had yet of the originals goes
 * to the tables, slice by slice with its checkpoint; then, in one transaction, the streams are forgotten and readings are
 * appended to the tables again, behind every position there was. Broken off anywhere, it is called again. The streams stay
 * on NATS, sealed, until readings go there again.
 *
 * @returns how many originals were taken over
 * @throws {InputError} LOG_NOT_ON_NATS @throws {UnavailableError} LOG_UNREAD, NATS_UNAVAILABLE, LOG_STREAM_AWAY
 */
export async function leaveStreams(options: WayBackOptions): Promise<number> {
  const { database, nats, time } = options;
  if ((await readStreams(database)).length === 0) {
    throw new InputError('LOG_NOT_ON_NATS', 'the readings of this installation are in PostgreSQL already');
  }
  const until = time.monotonic() + options.patienceMs;
  let originals = 0;
  for (;;) {
    try {
      const link = await openLink({ ...nats, acceptsUnsynced: true }, 'isotherm going back');
      try {
        await leave(options, link, until, (count) => {
          originals += count;
        });
        return originals;
      } finally {
        await link.connection.close();
      }
    } catch (error) {
      // As where somebody calls this again. Servers and streams whose leader is lost have another after some seconds.
      if (!isAway(error) || time.monotonic() >= until) throw error;
      options.onAway(error);
      await time.sleep('log way back', LOOK_MS);
    }
  }
}

function isAway(error: unknown): error is UnavailableError {
  return error instanceof UnavailableError && error.code === 'NATS_UNAVAILABLE';
}

/** @param until on the monotonic clock @param onTaken originals that were taken over */
async function leave(options: WayBackOptions, link: NatsLink, until: number, onTaken: (count: number) => void) {
  const { database, nats, time } = options;
  const holes = new Holes({ ...options, found: logMetrics(silentMeter).holes });
  await finishRaise({ database, nats, link, holes, time, capBytes: DEFAULT_LIMITS.capBytes });
  const { rows, raisedTo } = await readDivision(database);
  const streams = rows.map(
    ({ partition }) => new ReadingsStream({ partition, raisedTo, nats, link, holes, maxBytes: 0 }),
  );
  for (const stream of streams) await stream.seal();
  for (;;) {
    const closed: Closed[] = [];
    for (const [index, stream] of streams.entries()) {
      const row = rows[index];
      if (row !== undefined) closed.push(await endOfStream(database, row, stream, holes));
    }
    await untilRead(options, closed, until);
    for (const one of closed) await handOver(options, one, onTaken);
    // What was under way when it was sealed may have come since, and a consumer may have been declared.
    if (await isFinished(options, closed)) return;
  }
}

async function endOfStream(database: Database, row: StreamRow, stream: ReadingsStream, holes: Holes): Promise<Closed> {
  const state = await stream.state();
  if (state === null) {
    const message = `the stream ${stream.name} is not there: start Isotherm with NATS_URL, it says what is lost`;
    throw new UnavailableError('LOG_STREAM_AWAY', message, { stream: stream.name });
  }
  const { last } = state;
  const { partition } = row;
  const acknowledged = await furthest(database, partition);
  if (last < acknowledged) {
    const lost = { first: Math.max(last + 1, row.first), last: acknowledged };
    await holes.report({ partition, ...lost, reason: 'cut', bytes: null });
  }
  const needed = last >= row.first ? endOf(last) : row.afterTable;
  return { row, stream, last, needed, top: endOf(Math.max(last, acknowledged, row.first)) };
}

/** @throws {UnavailableError} LOG_UNREAD */
async function untilRead(
  { database, time, patienceMs, onWaiting }: WayBackOptions,
  closed: readonly Closed[],
  until: number,
) {
  for (;;) {
    const unread = await unreadOf(database, neededOf(closed));
    onWaiting(unread);
    if (unread.length === 0) return;
    if (time.monotonic() >= until) {
      const who = unread.map(({ consumer, messages }) => `${consumer} (${messages} messages)`).join(', ');
      const message =
        `not read to the end within ${Math.round(patienceMs / 1_000)} s: ${who}; ` +
        'have Isotherm run with NATS_URL as before and call this again';
      throw new UnavailableError('LOG_UNREAD', message, { unread });
    }
    await time.sleep('log way back', LOOK_MS);
  }
}

function neededOf(closed: readonly Closed[]): ReadonlyMap<number, number> {
  return new Map(closed.map(({ row, needed }) => [row.partition, needed]));
}

/** Originals that the archive, their only consumer, has not had: into the tables, with its checkpoint. */
async function handOver(
  { database, time }: WayBackOptions,
  { row, stream, last }: Closed,
  onTaken: (count: number) => void,
): Promise<void> {
  const limits = DEFAULT_LIMITS;
  const segments = new Segments({ database, time, limits, metrics: logMetrics(silentMeter) });
  for (;;) {
    await segments.createAhead();
    const moved = await database.transaction(async (client) => {
      const position = await archivedThrough(client, row.partition);
      const from = Math.max(nextSequence(position ?? 0), row.first);
      if (position === null || from > last) return null;
      const { messages, first } = await stream.read(from, last, READ_BYTES);
      const isDropped = first !== null && first > from;
      const through = isDropped ? first - 1 : messages.at(-1)?.sequence;
      if (through === undefined) throw new UnavailableError('NATS_UNAVAILABLE', `${stream.name} gives nothing to read`);
      const records = messages.flatMap(({ sequence, records: all }) => {
        const own = all.filter(({ family }) => family === 'originals');
        return own.filter((_, index) => positionOf(sequence, index, own.length) > position);
      });
      if (records.length > 0) {
        const part = { family: 'originals', partition: 0, records, indexes: records.map((_, index) => index) } as const;
        const { segmentBytes, segmentMs } = limits;
        await appendParts({ client }, [part], { tag: 'way-back', now: time.now(), segmentBytes, segmentMs });
      }
      await client.query(
        `UPDATE log_checkpoints SET position = $2 WHERE family = 'originals' AND partition = $1 AND position < $2`,
        [row.partition + 1, endOf(through)],
      );
      return records.length;
    });
    if (moved === null) return;
    onTaken(moved);
  }
}

/** Held until the transaction ends; null where nobody reads originals. */
async function archivedThrough(client: pg.ClientBase, partition: number): Promise<number | null> {
  const { rows } = await client.query<{ position: number }>(
    `SELECT position FROM log_checkpoints WHERE family = 'originals' AND partition = $1 AND detached IS NULL
      ORDER BY position FOR UPDATE`,
    [partition + 1],
  );
  return rows[0]?.position ?? null;
}

/** @returns false where something has come since: nothing is changed then */
async function isFinished({ database, time }: WayBackOptions, closed: readonly Closed[]): Promise<boolean> {
  for (const { stream, last } of closed) if ((await stream.state())?.last !== last) return false;
  const segment = Math.floor(Math.max(...closed.map(({ top }) => top)) / SEGMENT_WIDTH) + 1;
  const isEnded = await database.transaction((client) =>
    endStreams(client, { needed: neededOf(closed), segment, width: SEGMENT_WIDTH, now: time.now() }),
  );
  return isEnded;
}
