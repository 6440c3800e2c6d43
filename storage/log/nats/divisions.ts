import { randomUUID } from 'node:crypto';
import {
  ConflictError,
  InputError,
  type Logger,
  silentMeter,
  type TimeSource,
  UnavailableError,
} from '../../../domain/index.ts';
import type { Database } from '../../database.ts';
import { logMetrics } from '../metrics.ts';
import { DEFAULT_LIMITS } from '../options.ts';
import type { Queryable } from '../queryable.ts';
import { Holes } from './holes.ts';
import { beyondTables, lockDivision, readStreams, type StreamRow } from './ledger.ts';
import { type NatsLink, openLink } from './link.ts';
import type { NatsOptions } from './options.ts';
import { endOf } from './positions.ts';
import { ReadingsStream } from './stream.ts';
import { maxBytesOf } from './upkeep.ts';

/** How readings are parted over streams. */
export interface Division {
  /** A stream each, in order. */
  readonly rows: readonly StreamRow[];
  /** How many there are since that was raised last; null: as many as at first. */
  readonly raisedTo: number | null;
  /** What is being raised, and has not come to its end. */
  readonly begun: Begun | null;
}

interface Begun {
  readonly partitions: number;
  /** Sequence that the new streams begin with. */
  readonly first: number;
}

export interface DividingOptions {
  readonly database: Database;
  readonly nats: NatsOptions;
  readonly link: NatsLink;
  readonly holes: Holes;
  readonly time: TimeSource;
  /** Bytes that the log may hold. */
  readonly capBytes: number;
}

/** What processes are told when readings are parted over more streams. */
export const DIVIDED = 'divided';
/** Slots that devices hash into (domain/reading.ts). */
const MOST = 64;
/** A stream whose subject has just been changed may have nobody who answers for a moment. */
const END_PATIENCE_MS = 5_000;
const AGAIN_MS = 50;
const ANSWER_MS = 1_500;

/** As PostgreSQL has it. */
export async function readDivision(client: Queryable): Promise<Division> {
  const { rows } = await client.query<Begun & { isInForce: boolean }>(
    `SELECT partitions, first_sequence AS first, in_force IS NOT NULL AS "isInForce" FROM log_divisions ORDER BY partitions`,
    [],
  );
  return {
    rows: await readStreams(client),
    raisedTo: rows.findLast(({ isInForce }) => isInForce)?.partitions ?? null,
    begun: rows.find(({ isInForce }) => !isInForce) ?? null,
  };
}

export interface RaisingOptions extends Pick<DividingOptions, 'database' | 'nats' | 'time'> {
  readonly logger: Logger;
}

/**
 * As {@link raisePartitions}, from beside the processes, which are told.
 * @throws {ConflictError} LOG_NOT_ON_NATS
 */
export async function raiseStreams(options: RaisingOptions, partitions: number): Promise<number> {
  const { database, nats } = options;
  if ((await readStreams(database)).length === 0) {
    throw new ConflictError('LOG_NOT_ON_NATS', 'the readings of this installation are in PostgreSQL');
  }
  const link = await openLink({ ...nats, acceptsUnsynced: true }, 'isotherm more partitions');
  try {
    const holes = new Holes({ ...options, found: logMetrics(silentMeter).holes });
    const inForce = await raisePartitions({ ...options, link, holes, capBytes: DEFAULT_LIMITS.capBytes }, partitions);
    link.connection.publish(headsSubject(nats), DIVIDED);
    await link.connection.flush();
    return inForce;
  } finally {
    await link.connection.close();
  }
}

/** By which processes tell one another how far streams reach, and that there are more. */
export function headsSubject({ stream }: NatsOptions): string {
  return `${stream}-heads`;
}

/**
 * Readings are parted over more streams from here on, while everything runs (docs/decisions/0256). Nothing is done where
 * there are as many. Broken off anywhere, it is brought to its end by whoever notices (`finishRaise`).
 *
 * @returns how many there are then
 * @throws {InputError} NATS_PARTITIONS_UNEVEN, NATS_STORAGE_SMALL: nothing has changed
 * @throws {UnavailableError} NATS_UNAVAILABLE, LOG_STREAM_AWAY
 */
export async function raisePartitions(options: DividingOptions, partitions: number): Promise<number> {
  const { database, time } = options;
  for (;;) {
    const { rows, begun } = await readDivision(database);
    if (begun !== null) await finishRaise(options);
    else if (rows.length >= partitions) return rows.length;
    else {
      requireMultiple(rows.length, partitions);
      await database.transaction((client) => begin(client, rows.length, partitions, time.now()));
    }
  }
}

/** A device then only ever moves to a new stream, and what it has in the one before is read first. */
function requireMultiple(before: number, partitions: number): void {
  if (partitions % before === 0 && partitions <= MOST) return;
  const allowed = Array.from({ length: Math.floor(MOST / before) }, (_, n) => (n + 1) * before);
  throw new InputError(
    'NATS_PARTITIONS_UNEVEN',
    `nats.partitions: given ${partitions}, allowed: a multiple of the ${before} that there are, ${allowed.join(', ')}`,
    { given: partitions, before },
  );
}

async function begin(client: Queryable, before: number, partitions: number, now: number): Promise<void> {
  await lockDivision(client);
  const { rows, begun } = await readDivision(client);
  if (begun !== null || rows.length !== before) return;
  await client.query('INSERT INTO log_divisions (partitions, first_sequence, begun) VALUES ($1, $2, $3)', [
    ...[partitions, await beyondTables(client), now],
  ]);
}

/**
 * Brings what was begun to its end, if it is not. First the new streams are made; then the subjects of those there were are
 * changed, so that a process that still parts readings over fewer of them appends nothing, whether it knows or not; then each
 * of those is given an empty message, which stands behind all that was appended so. Up to there a consumer reads it before it
 * begins with a new one. From when that is written down readings are parted anew.
 */
export async function finishRaise(options: DividingOptions): Promise<void> {
  const refused = await options.database.transaction(async (client) => {
    await lockDivision(client);
    const { rows, begun } = await readDivision(client);
    if (begun === null) return null;
    const { partitions, first } = begun;
    const streams = Array.from({ length: partitions }, (_, partition) => streamOf(options, partition, partitions));
    const former = streams.slice(0, rows.length);
    try {
      for (const stream of streams.slice(rows.length)) await stream.open(first);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      for (const stream of former) if (await stream.isMoved()) throw error;
      // NATS does not take them: it stays as it is.
      await client.query('DELETE FROM log_divisions WHERE partitions = $1', [partitions]);
      return error;
    }
    for (const [index, row] of rows.entries()) {
      const stream = former[index];
      if (stream === undefined || (await stream.state()) === null) throw streamAway(options, row.partition);
      await stream.open(row.first);
    }
    const ends: number[] = [];
    for (const stream of former) ends.push(endOf(await endOfFormer(options.time, stream)));
    await enterRaised(client, { begun, ends, now: options.time.now() });
    return null;
  });
  if (refused !== null) throw refused;
}

function streamOf({ nats, link, holes, capBytes }: DividingOptions, partition: number, partitions: number) {
  const maxBytes = maxBytesOf(capBytes, partitions);
  return new ReadingsStream({ partition, raisedTo: partitions, nats, link, holes, maxBytes });
}

function streamAway({ nats }: DividingOptions, partition: number): UnavailableError {
  const stream = `${nats.stream}-${partition}`;
  return new UnavailableError('LOG_STREAM_AWAY', `the stream ${stream} is not there`, { stream });
}

/** Behind everything that was appended while readings were parted over fewer. @returns its sequence */
async function endOfFormer(time: TimeSource, stream: ReadingsStream): Promise<number> {
  const until = time.monotonic() + END_PATIENCE_MS;
  for (;;) {
    try {
      return (await stream.publish([], { id: randomUUID(), timeoutMs: ANSWER_MS })).sequence;
    } catch (error) {
      if (time.monotonic() >= until) throw error;
      await time.sleep('log stream divided', AGAIN_MS);
    }
  }
}

/** The new streams, with what is read before them, and for every consumer a place before their first message. */
async function enterRaised(
  client: Queryable,
  { begun, ends, now }: { readonly begun: Begun; readonly ends: readonly number[]; readonly now: number },
): Promise<void> {
  const { partitions, first } = begun;
  await client.query(
    `INSERT INTO log_streams (partition, first_sequence, last_sequence, dropped, parent, parent_position)
     SELECT p, $3::bigint, $3::bigint - 1, $3::bigint - 1, p % $1, ($4::bigint[])[p % $1 + 1]
       FROM generate_series($1::int, $2::int - 1) p`,
    [ends.length, partitions, first, [...ends]],
  );
  await client.query(
    `INSERT INTO log_checkpoints (consumer, family, partition, detached)
     SELECT c.consumer, c.family, p + (c.family = 'originals')::int, c.detached
       FROM log_checkpoints c, generate_series($1::int, $2::int - 1) p
      WHERE (c.family = 'readings' AND c.partition = 0) OR (c.family = 'originals' AND c.partition = 1)
     ON CONFLICT DO NOTHING`,
    [ends.length, partitions],
  );
  await client.query('UPDATE log_divisions SET in_force = $2 WHERE partitions = $1', [partitions, now]);
}
