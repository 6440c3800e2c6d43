import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Accounts } from '../../access/index.ts';
import { InputError, type Logger, parseTimestamp, type TimeSource } from '../../domain/index.ts';
import {
  type EpcisNamedQueries,
  type EpcisParameters,
  type EpcisQueries,
  type EpcisSchedule,
  nextArrived,
  nextRun,
  queryDocument,
  SCHEDULE_FIELDS,
} from '../../trace/index.ts';
import { epcisQueryOperations } from '../api/index.ts';
import { admit, type Identity, isSameOrigin } from './identity.ts';
import { problemOf, Refusal } from './problems.ts';

export interface EpcisSocketsOptions {
  readonly accounts: Accounts;
  readonly named: EpcisNamedQueries;
  readonly queries: EpcisQueries;
  readonly time: TimeSource;
  readonly logger: Logger;
}

/** What a subscriber asked for by the address. */
interface Wanted {
  readonly name: string;
  /** null: as events come. */
  readonly schedule: EpcisSchedule | null;
  readonly reportIfEmpty: boolean;
  readonly since: number | null;
}

const MOST = 100;
const BATCH = 100;
const LOOK_EVERY_MS = 500;
const PING_EVERY_MS = 30_000;
/** What a subscriber has not taken of what was sent to it, bytes. */
const MOST_BUFFERED = 1024 * 1024;
const SLOW_MS = 30_000;
/** Codes of RFC 6455, section 7.4.1, and what WebSocket registries have besides. */
const GOING_AWAY = 1001;
const POLICY = 1008;
const TRY_AGAIN_LATER = 1013;

/**
 * Subscriptions over a WebSocket at the address of a named query's events (EPCIS 2.0, section 12.6): for as long as it is open.
 * What is missed while it is not, `initialRecordTime` brings back.
 */
export class EpcisSockets {
  readonly #options: EpcisSocketsOptions;
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: 1_024 });
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor(options: EpcisSocketsOptions) {
    this.#options = options;
  }

  /** Whether an upgrade asks for this. */
  takes({ url = '' }: IncomingMessage): boolean {
    return PATH.test(url.split('?')[0] ?? '');
  }

  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    socket.on('error', () => socket.destroy());
    try {
      const { accounts, named } = this.#options;
      if (!isSameOrigin(request.headers)) throw new Refusal(403, 'ORIGIN_NOT_ALLOWED', 'a page of another site asks');
      const identity = await admit(accounts, epcisQueryOperations.queryEvents, request);
      const wanted = wantedIn(request.url ?? '');
      const parameters = await named.parameters(wanted.name);
      if (wanted.schedule !== null) nextRun(wanted.schedule, this.#options.time.now());
      if (this.#running.size >= MOST || this.#stopping.signal.aborted) {
        throw new Refusal(503, 'EPCIS_SOCKETS_TOO_MANY', `there are ${MOST} subscribers by WebSocket already`);
      }
      if (identity === null || socket.destroyed) return void socket.destroy();
      this.#server.handleUpgrade(request, socket, head, (opened) => {
        const run = this.#tell(opened, { identity, wanted, parameters }).finally(() => this.#running.delete(run));
        this.#running.add(run);
      });
    } catch (error) {
      refuse(socket, error);
    }
  }

  /** Ends every subscription. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const client of this.#server.clients) client.close(GOING_AWAY);
    await Promise.all(this.#running);
    for (const client of this.#server.clients) client.terminate();
  }

  async #tell(socket: WebSocket, asked: Asked): Promise<void> {
    const { accounts, logger, time } = this.#options;
    const { identity, wanted } = asked;
    const ended = new AbortController();
    const end = () => ended.abort();
    socket.once('close', end);
    socket.on('error', end);
    let isAlive = true;
    socket.on('pong', () => {
      isAlive = true;
    });
    const pings = time.every('epcis: ping subscribers', PING_EVERY_MS, () => {
      if (!isAlive) socket.terminate();
      isAlive = false;
      socket.ping();
    });
    const letGo = accounts.revocations.hold(
      identity.grants,
      () => socket.close(POLICY, 'may no longer read events'),
      0,
    );
    this.#stopping.signal.addEventListener('abort', end, { once: true });
    try {
      await this.#follow(socket, asked, ended.signal);
    } catch (error) {
      const isGone = error instanceof InputError;
      if (!isGone) logger.debug({ query: wanted.name, error }, 'a subscriber by WebSocket was let go');
      socket.close(isGone ? POLICY : TRY_AGAIN_LATER, isGone ? 'the query was removed' : 'try again later');
    } finally {
      this.#stopping.signal.removeEventListener('abort', end);
      pings.cancel();
      letGo();
    }
  }

  async #follow(socket: WebSocket, { identity, wanted, parameters }: Asked, ended: AbortSignal): Promise<void> {
    const { named, queries, time } = this.#options;
    const began = time.now();
    const since = wanted.since ?? began;
    let after = since < began ? 0 : await queries.lastArrival();
    while (!ended.aborted) {
      const now = time.now();
      const due = wanted.schedule === null ? now : nextRun(wanted.schedule, now);
      while (time.now() < due && !ended.aborted) await sleep(time, due - time.now(), ended);
      if (ended.aborted) return;
      if (identity.expiresAt !== null && identity.expiresAt <= time.now()) return socket.close(POLICY, 'signed out');
      // Removed meanwhile: that is its end.
      await named.get(wanted.name);
      const last = await queries.lastArrival();
      let isTold = false;
      while (after < last && !ended.aborted) {
        const { events, upTo } = await nextArrived(queries, parameters, {
          ...{ after, last, since, most: BATCH },
          isTimeUp: () => ended.aborted,
        });
        after = upTo;
        if (events.length === 0) continue;
        isTold = true;
        socket.send(JSON.stringify(queryDocument(events, { now: time.now(), queryName: wanted.name })));
        if (!(await this.#isTaken(socket, ended))) return socket.terminate();
      }
      if (!isTold && wanted.schedule !== null && wanted.reportIfEmpty) {
        socket.send(JSON.stringify(queryDocument([], { now: time.now(), queryName: wanted.name })));
      }
      if (wanted.schedule === null) await sleep(time, LOOK_EVERY_MS, ended);
    }
  }

  /** A subscriber that does not read is not waited for, nor is what it was sent kept. */
  async #isTaken(socket: WebSocket, ended: AbortSignal): Promise<boolean> {
    const { time } = this.#options;
    const from = time.monotonic();
    while (socket.bufferedAmount > MOST_BUFFERED && !ended.aborted) {
      if (time.monotonic() - from > SLOW_MS) return false;
      await sleep(time, LOOK_EVERY_MS, ended);
    }
    return true;
  }
}

interface Asked {
  readonly identity: Identity;
  readonly wanted: Wanted;
  readonly parameters: EpcisParameters;
}

const PATH = /^\/epcis\/v2\/queries\/([^/]+)\/events$/;
const KNOWN: ReadonlySet<string> = new Set([...SCHEDULE_FIELDS, 'stream', 'reportIfEmpty', 'initialRecordTime']);

/** @throws {InputError} EPCIS_SUBSCRIPTION */
function wantedIn(url: string): Wanted {
  const { pathname, searchParams } = new URL(url, 'http://localhost');
  const given = Object.fromEntries(searchParams);
  const unknown = Object.keys(given).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw bad(unknown, given[unknown] ?? '', [...KNOWN].join(', '));
  const fields = SCHEDULE_FIELDS.flatMap((field) =>
    given[field] === undefined ? [] : [[field, given[field]] as const],
  );
  const isStream = truth('stream', given.stream);
  if (isStream === fields.length > 0)
    throw bad('stream', given.stream ?? 'nothing', 'stream=true, or a schedule, not both');
  const time = given.initialRecordTime;
  const since = time === undefined ? null : parseTimestamp(time);
  if (time !== undefined && since === null) throw bad('initialRecordTime', time, 'a time, RFC 3339 with zone');
  return {
    name: decoded(PATH.exec(pathname)?.[1] ?? ''),
    schedule: isStream ? null : Object.fromEntries(fields),
    reportIfEmpty: truth('reportIfEmpty', given.reportIfEmpty),
    since,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw bad('name', part, 'a name, percent-encoded as UTF-8');
  }
}

function truth(name: string, given: string | undefined): boolean {
  if (given === undefined || given === 'false') return false;
  if (given === 'true') return true;
  throw bad(name, given, 'true or false');
}

function bad(name: string, given: string, allowed: string): InputError {
  return new InputError('EPCIS_SUBSCRIPTION', `${name}: "${given.slice(0, 100)}" given; allowed: ${allowed}`);
}

/** Until then, or until it has ended. */
async function sleep(time: TimeSource, ms: number, ended: AbortSignal): Promise<void> {
  await time.sleep('epcis: subscriber by WebSocket', Math.min(ms, 86_400_000), ended);
}

/** An upgrade that is refused is answered as a request is. */
function refuse(socket: Duplex, error: unknown): void {
  const problem = problemOf(error);
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} Refused\r\nConnection: close\r\nContent-Type: application/problem+json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
