import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { mayStill } from '../access/index.ts';
import { waitBeforeRetry } from '../alerts/index.ts';
import { Receiver } from '../alerts/testing/receiver.ts';
import { postDelivery } from '../app/platform/epcis-subscriptions.ts';
import type { HealthView } from '../dashboards/api/index.ts';
import { Installation } from '../dashboards/server/testing/installation.ts';
import {
  Outgoing,
  silentLogger,
  silentMeter,
  systemTime,
  type Timer,
  type TimeSource,
  Troubles,
} from '../domain/index.ts';
import { InstallationKey, PostgresAuditTrail } from '../storage/index.ts';
import { EpcisQueries, SubscriptionWorker, type SubscriptionWorkerOptions } from '../trace/index.ts';

const CONTEXT = 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld';
const TOKEN = '13df38d8275b13f05704629e5f1cf3d45d6132d5';
const WAIT = { timeout: 30_000, interval: 50 };
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.999999.${serial}`;

const key = InstallationKey.random();
const outgoing = new Outgoing({ allow: ['127.0.0.1'], lookup });
const troubles = new Troubles();
let house: Installation;
let worker: SubscriptionWorker;
let receiver: Receiver;
let dest: string;

beforeAll(async () => {
  house = await Installation.start({ key });
});
afterAll(() => house.stop());
beforeEach(async () => {
  receiver = new Receiver();
  dest = await receiver.start();
  worker = working();
});
afterEach(async () => {
  await worker.stop();
  // What a test leaves behind would be the first thing that the worker of the next one sends.
  await house.database.query('DELETE FROM epcis_subscriptions');
  await receiver.stop();
});

function working(change: Partial<SubscriptionWorkerOptions> = {}): SubscriptionWorker {
  const { database } = house;
  const started = new SubscriptionWorker({
    ...{ database, key, troubles, time: systemTime, logger: silentLogger, meter: silentMeter },
    audit: new PostgresAuditTrail({ database }),
    deliver: (delivery) => postDelivery(delivery, { outgoing, time: systemTime }),
    waitBeforeRetry: (attempts, ageMs) =>
      waitBeforeRetry({ firstMs: 10, mostMs: 20, eagerMs: 1e6, slowMs: 20, giveUpMs: 60_000 }, attempts, ageMs, 0.5),
    mayRead: (actor) => mayStill({ database, time: systemTime }, actor, 'events.subscribe'),
    ...change,
  });
  started.start();
  return started;
}

async function ask(method: string, path: string, given?: object) {
  const response = await fetch(`${house.url}/epcis/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${await house.token('logistics')}`, 'content-type': 'application/json' },
    ...(given !== undefined && { body: JSON.stringify(given) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

async function captured(...given: (number | { readonly serial: number })[]): Promise<void> {
  const eventList = given
    .map((one) => (typeof one === 'number' ? { serial: one } : one))
    .map(({ serial, ...more }) => ({
      ...{ type: 'ObjectEvent', eventTime: '2026-07-22T06:45:00.000+02:00', eventTimeZoneOffset: '+02:00' },
      ...{ action: 'OBSERVE', bizStep: 'shipping', epcList: [sgtin(serial)] },
      ...more,
    }));
  const head = {
    '@context': [CONTEXT, { ext: 'https://ext.example.com/' }],
    type: 'EPCISDocument',
    schemaVersion: '2.0',
  };
  const { headers, status } = await ask('POST', '/capture', {
    ...{ ...head, creationDate: '2026-07-22T10:30:00Z', epcisBody: { eventList } },
  });
  expect([201, 202]).toContain(status);
  // Where the machine is busy it is durable, and worked in a moment later.
  const job = headers.get('location')?.replace('/epcis/v2', '') ?? '';
  await vi.waitFor(async () => expect((await ask('GET', job)).body.running).toBe(false), WAIT);
}

let queries = 0;
/** A query of its own for these serials. */
async function named(...serials: number[]): Promise<string> {
  queries += 1;
  const name = `query-${queries}`;
  const { status } = await ask('POST', '/queries', { name, query: { MATCH_epc: serials.map(sgtin) } });
  expect(status).toBe(201);
  return name;
}

async function subscribed(query: string, wanted: object): Promise<string> {
  const { status, body } = await ask('POST', `/queries/${query}/subscriptions`, { dest, ...wanted });
  expect({ status, body }).toMatchObject({ status: 201 });
  return body.subscriptionID;
}

const shown = async (query: string, id: string) => (await ask('GET', `/queries/${query}/subscriptions/${id}`)).body;

/** The serials of what was received and taken, message by message. */
function serialsOf(bodies: readonly string[]): number[][] {
  return bodies.map((body) =>
    JSON.parse(body).epcisBody.queryResults.resultsBody.eventList.map(({ epcList }: { epcList: string[] }) =>
      Number(epcList[0]?.split('.').at(-1)),
    ),
  );
}

describe('a subscriber', () => {
  test('is told of each event as it comes, signed both ways, and of none that the query does not ask for', async () => {
    const query = await named(1, 2);
    const id = await subscribed(query, { stream: true, signatureToken: TOKEN });
    await captured(1, 3);
    await receiver.gets(1);
    await captured(2);
    const [first, second] = await receiver.gets(2);
    expect(serialsOf([first?.body ?? '', second?.body ?? ''])).toEqual([[1], [2]]);
    expect(JSON.parse(first?.body ?? '')).toMatchObject({
      ...{ type: 'EPCISQueryDocument', schemaVersion: '2.0' },
      epcisBody: { queryResults: { queryName: query, subscriptionID: id } },
    });
    const { headers = {}, body = '' } = first ?? {};
    new Webhook(TOKEN, { format: 'raw' }).verify(body, headers as Record<string, string>);
    expect(headers['gs1-signature']).toBe(createHmac('sha256', TOKEN).update(body).digest('hex'));
    expect(headers['gs1-epcis-version']).toBe('2.0.0');
    await vi.waitFor(async () => expect(await shown(query, id)).toHaveProperty('lastNotifiedAt'), WAIT);
    expect(JSON.stringify(await shown(query, id))).not.toContain(TOKEN);
  });

  test('has what was recorded before, where they ask from then on', async () => {
    await captured(11, 12);
    const query = await named(11, 12, 13);
    await subscribed(query, { stream: true, initialRecordTime: '2020-01-01T00:00:00Z' });
    expect(serialsOf((await receiver.gets(1)).map(({ body }) => body))).toEqual([[11, 12]]);
    await captured(13);
    expect(serialsOf((await receiver.gets(2)).map(({ body }) => body)).at(1)).toEqual([13]);
    expect(receiver.received[0]?.headers).not.toHaveProperty('gs1-signature');
  });

  test('that does not answer is tried again with the same message under the same id, and then has the rest in order', async () => {
    receiver.answer = (response, n) => response.writeHead(n < 3 ? 503 : 204).end();
    const query = await named(21, 22);
    const id = await subscribed(query, { stream: true });
    await captured(21);
    await vi.waitFor(
      async () => expect(await shown(query, id)).toMatchObject({ lastError: expect.stringContaining('503') }),
      WAIT,
    );
    await captured(22);
    const received = await receiver.gets(5);
    const same = received.slice(0, 4);
    expect(new Set(same.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(same.map(({ body }) => body)).size).toBe(1);
    expect(serialsOf(received.slice(3).map(({ body }) => body))).toEqual([[21], [22]]);
    await vi.waitFor(async () => expect(await shown(query, id)).not.toHaveProperty('failingSince'), WAIT);
  });

  test('that a process died in the middle of telling is told again under the same id, by another one', async () => {
    // The first one dies between the answer and keeping it: nothing of it comes after.
    await worker.stop();
    const timers: Timer[] = [];
    const every: TimeSource['every'] = (...given) => {
      const timer = systemTime.every(...given);
      timers.push(timer);
      return timer;
    };
    working({
      time: { ...systemTime, every },
      deliver: async (delivery) => {
        expect(delivery.dest).toBe(dest);
        for (const timer of timers) timer.cancel();
        await postDelivery(delivery, { outgoing, time: systemTime });
        await new Promise(() => {});
      },
    });
    const query = await named(31, 32);
    const id = await subscribed(query, { stream: true });
    await captured(31);
    await receiver.gets(1);
    await captured(32);
    await house.database.query('UPDATE epcis_subscriptions SET claimed_until = 0 WHERE id = $1', [id]);
    worker = working();
    const received = await receiver.gets(3);
    expect(serialsOf(received.map(({ body }) => body))).toEqual([[31], [31], [32]]);
    expect(received[0]?.headers['webhook-id']).toBe(received[1]?.headers['webhook-id']);
    expect(received[0]?.body).toBe(received[1]?.body);
    expect(received[2]?.headers['webhook-id']).not.toBe(received[1]?.headers['webhook-id']);
  });

  test('that takes no large messages has smaller ones, each event once', async () => {
    const taken: string[] = [];
    receiver.answer = (response, n) => {
      const body = receiver.received[n]?.body ?? '';
      const isSmall = (serialsOf([body])[0]?.length ?? 0) <= 2;
      if (isSmall) taken.push(body);
      response.writeHead(isSmall ? 204 : 413).end();
    };
    const serials = [41, 42, 43, 44, 45, 46, 47];
    const query = await named(...serials);
    await captured(...serials);
    await subscribed(query, { stream: true, initialRecordTime: '2020-01-01T00:00:00Z' });
    await vi.waitFor(() => expect(serialsOf(taken).flat()).toEqual(serials), WAIT);
  });

  test('that answers 410 is told nothing more, and it is shown and in the audit trail', async () => {
    receiver.answer = (response) => response.writeHead(410).end('moved away');
    const query = await named(51);
    const id = await subscribed(query, { stream: true });
    await captured(51);
    await vi.waitFor(
      async () => expect(await shown(query, id)).toMatchObject({ endedBecause: expect.stringContaining('410') }),
      WAIT,
    );
    expect((await ask('GET', `/queries/${query}/subscriptions`)).body).toEqual([]);
    expect(receiver.received).toHaveLength(1);
    const { rows } = await house.database.query('SELECT action FROM audit_entries WHERE subject = $1', [
      `epcis-subscription:${id}`,
    ]);
    expect(rows).toContainEqual({ action: 'epcis-subscription.end' });
  });

  test('that takes nothing for too long is given up; one that may no longer read is ended untold', async () => {
    await worker.stop();
    receiver.answer = (response) => response.writeHead(500).end();
    worker = working({ waitBeforeRetry: (attempts) => (attempts >= 3 ? null : 10) });
    const query = await named(61, 62);
    const id = await subscribed(query, { stream: true });
    await captured(61);
    await vi.waitFor(
      async () =>
        expect(await shown(query, id)).toMatchObject({ endedBecause: expect.stringMatching(/^given up after 3/) }),
      WAIT,
    );
    await house.database.query(
      "UPDATE epcis_subscriptions SET ended_at = NULL, actor = 'token:999999', next_at = 0 WHERE id = $1",
      [id],
    );
    await vi.waitFor(
      async () =>
        expect(await shown(query, id)).toMatchObject({ endedBecause: expect.stringContaining('may no longer') }),
      WAIT,
    );
    expect(receiver.received).toHaveLength(3);
  });

  test('that was given up is shown with the reason, and goes on from where it was under the id of the message it did not take', async () => {
    await worker.stop();
    receiver.answer = (response) => response.writeHead(500).end();
    worker = working({ waitBeforeRetry: (attempts) => (attempts >= 2 ? null : 10) });
    const query = await named(65, 66);
    const id = await subscribed(query, { stream: true, signatureToken: TOKEN });
    await captured(65);
    await vi.waitFor(async () => expect(await shown(query, id)).toHaveProperty('endedAt'), WAIT);
    await captured(66);
    const ended = async () => ((await house.ask('operations', 'GET', '/health')).body as HealthView).subscriptions;
    const because = expect.stringContaining('given up after 2 attempts');
    expect(await ended()).toEqual([expect.objectContaining({ id, query, dest, because, by: expect.any(String) })]);
    const path = `/ended-subscriptions/${id}`;
    expect((await house.ask('operations', 'POST', `${path}/resume`)).status).toBe(403);
    receiver.answer = (response) => response.writeHead(204).end();
    expect((await house.ask('logistics', 'POST', `${path}/resume`)).status).toBe(204);
    const received = await receiver.gets(4);
    expect(serialsOf(received.map(({ body }) => body))).toEqual([[65], [65], [65], [66]]);
    const [first, , again, next] = received.map(({ body, headers }) => ({ id: headers['webhook-id'], body }));
    expect(again).toEqual(first);
    expect(next?.id).not.toBe(first?.id);
    expect(await ended()).toEqual([]);
    expect((await house.ask('logistics', 'POST', `${path}/resume`)).status).toBe(404);
  });

  test('of a narrow query with a long past is not searched in one stretch, and holds up none of the others', async () => {
    await worker.stop();
    const past = await house.database.query<{ most: number }>(
      'SELECT max(arrival)::bigint AS most FROM epcis_arrivals',
    );
    const most = past.rows[0]?.most ?? 0;
    // As many arrivals as several windows, of events that are there already.
    await house.database.query(
      `INSERT INTO epcis_arrivals (arrival, position, index)
       SELECT $1::bigint + n, position, index FROM generate_series(1, 20000) AS n,
         (SELECT position, index FROM epcis_events ORDER BY record_time LIMIT 1) AS one`,
      [most],
    );
    // Every look at the clock is ten seconds on: a window is a stretch.
    let now = 0;
    const time = { ...systemTime, monotonic: () => (now += 10_000) };
    const stretches: number[] = [];
    const query = await named(67);
    const id = await subscribed(query, { stream: true, initialRecordTime: '2020-01-01T00:00:00Z' });
    const beside = await named(68);
    await subscribed(beside, { stream: true });
    await captured(68);
    worker = working({ time });
    await receiver.gets(1);
    await vi.waitFor(async () => {
      const { rows } = await house.database.query<{ arrival: number }>(
        'SELECT arrival FROM epcis_subscriptions WHERE id = $1',
        [id],
      );
      stretches.push(rows[0]?.arrival ?? 0);
      expect(rows[0]?.arrival).toBeGreaterThan(most + 20_000);
    }, WAIT);
    expect(new Set(stretches).size).toBeGreaterThan(2);
    await captured(67);
    expect(serialsOf((await receiver.gets(2)).map(({ body }) => body))).toEqual([[68], [67]]);
    await house.database.query('DELETE FROM epcis_arrivals WHERE arrival BETWEEN $1 AND $2', [most + 1, most + 20_000]);
  });

  test('has large events in messages of about a megabyte, each event once and in order', async () => {
    const serials = [691, 692, 693, 694, 695];
    const query = await named(...serials);
    await captured(...serials.map((serial) => ({ serial, 'ext:note': 'x'.repeat(400_000) })));
    await subscribed(query, { stream: true, initialRecordTime: '2020-01-01T00:00:00Z' });
    const received = await receiver.gets(3);
    expect(serialsOf(received.map(({ body }) => body))).toEqual([[691, 692], [693, 694], [695]]);
    // Who asks has pages that are bounded so, too.
    const pages = new EpcisQueries({ database: house.database, mostPageBytes: 1_000_000 });
    const found: unknown[] = [];
    for (let token: string | null = ''; token !== null; ) {
      const wanted = { MATCH_epc: serials.map(sgtin), orderBy: ['recordTime'], orderDirection: ['ASC'] };
      const page = await pages.events(
        new Map(Object.entries({ ...wanted, ...(token !== '' && { nextPageToken: [token] }) })),
      );
      expect(page.events.length).toBeLessThanOrEqual(2);
      found.push(...page.events.map(({ event }) => event.epcList));
      token = page.nextPageToken;
    }
    expect(found).toEqual(serials.map((serial) => [sgtin(serial)]));
  });

  test('with a schedule is told at its moments, also of nothing where they ask for that', async () => {
    const query = await named(71);
    const quiet = await subscribed(query, { schedule: { second: '*' } });
    const id = await subscribed(query, { schedule: { second: '*' }, reportIfEmpty: true });
    await captured(71);
    const told = () =>
      receiver.received.map(({ body }) => ({
        id: JSON.parse(body).epcisBody.queryResults.subscriptionID,
        serials: serialsOf([body])[0],
      }));
    await vi.waitFor(() => {
      expect(told()).toContainEqual({ id, serials: [71] });
      expect(told()).toContainEqual({ id: quiet, serials: [71] });
      expect(told().filter((one) => one.id === id && one.serials?.length === 0).length).toBeGreaterThan(0);
    }, WAIT);
    expect(told().filter((one) => one.id === quiet)).toHaveLength(1);
    expect(told().filter((one) => one.id === id && one.serials?.length === 1)).toHaveLength(1);
  });

  test('is told nothing once the subscription or its query is removed', async () => {
    const query = await named(81);
    const id = await subscribed(query, { stream: true });
    expect((await ask('DELETE', `/queries/${query}/subscriptions/${id}`)).status).toBe(204);
    const other = await subscribed(query, { stream: true });
    expect((await ask('DELETE', `/queries/${query}`)).status).toBe(204);
    expect((await ask('GET', `/queries/${query}/subscriptions/${other}`)).status).toBe(404);
    // One that is told after them shows that they would have been.
    const last = await named(81);
    await subscribed(last, { stream: true });
    await captured(81);
    await receiver.gets(1);
    expect(receiver.received.map(({ body }) => JSON.parse(body).epcisBody.queryResults.queryName)).toEqual([last]);
  });
});

describe('a subscriber by WebSocket', () => {
  async function opened(query: string, search: string, token?: string): Promise<WebSocket> {
    const url = `${house.url.replace('http', 'ws')}/epcis/v2/queries/${query}/events?${search}`;
    const headers = { authorization: `Bearer ${token ?? (await house.token('logistics'))}` };
    return new WebSocket(url, { headers });
  }
  /** The status that an upgrade is refused with. */
  async function refused(query: string, search: string, token?: string): Promise<number | undefined> {
    const socket = await opened(query, search, token);
    const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
    socket.on('error', () => {});
    socket.terminate();
    return response.statusCode;
  }
  function heard(socket: WebSocket): string[] {
    const bodies: string[] = [];
    socket.on('message', (data) => bodies.push(String(data)));
    return bodies;
  }

  test('is told of events as they come, and of those before where they ask; the end of the query is its end', async () => {
    await captured(101);
    const query = await named(101, 102);
    const socket = await opened(query, 'stream=true&initialRecordTime=2020-01-01T00:00:00Z');
    const bodies = heard(socket);
    await once(socket, 'open');
    await vi.waitFor(() => expect(serialsOf(bodies)).toEqual([[101]]), WAIT);
    await captured(102, 103);
    await vi.waitFor(() => expect(serialsOf(bodies)).toEqual([[101], [102]]), WAIT);
    const closed = once(socket, 'close');
    await ask('DELETE', `/queries/${query}`);
    expect((await closed)[0]).toBe(1008);
  });

  test('with a schedule is told at its moments, also of nothing', async () => {
    const query = await named(111);
    const socket = await opened(query, 'second=*&reportIfEmpty=true');
    const bodies = heard(socket);
    await once(socket, 'open');
    await vi.waitFor(() => expect(serialsOf(bodies)).toContainEqual([]), WAIT);
    await captured(111);
    await vi.waitFor(() => expect(serialsOf(bodies)).toContainEqual([111]), WAIT);
    const closed = once(socket, 'close');
    socket.close();
    await closed;
  });

  test('is let go when the token is revoked', async () => {
    const token = await house.accounts.tokens.create({ name: 'listener', role: 'logistics' });
    const socket = await opened(await named(121), 'stream=true', token);
    await once(socket, 'open');
    const closed = once(socket, 'close');
    await house.accounts.tokens.revoke('listener');
    expect((await closed)[0]).toBe(1008);
  });

  test('is refused as a request is', async () => {
    const query = await named(131);
    expect(await refused(query, 'stream=true', 'none')).toBe(401);
    expect(await refused('none', 'stream=true')).toBe(404);
    expect(await refused('%E0%A4%A', 'stream=true')).toBe(400);
    for (const search of ['', 'stream=false', 'stream=true&hour=1', 'hour=25', 'stream=true&EQ_action=ADD']) {
      expect(await refused(query, search), search).toBe(400);
    }
  });
});

describe('a subscription is refused', () => {
  test.each([
    [
      'to an address of the house',
      { dest: 'http://169.254.169.254/latest/meta-data', stream: true },
      'OUTGOING_FORBIDDEN',
    ],
    ['to a local address', { dest: 'http://localhost:5432/', stream: true }, 'OUTGOING_FORBIDDEN'],
    ['to no address', { dest: 'javascript:alert(1)', stream: true }, 'OUTGOING_FORBIDDEN'],
    ['with a password in the address', { dest: 'https://a:b@example.com/', stream: true }, 'OUTGOING_FORBIDDEN'],
    ['without stream or schedule', {}, 'EPCIS_SUBSCRIPTION'],
    ['with both', { stream: true, schedule: { hour: '1' } }, 'EPCIS_SUBSCRIPTION'],
    ['with a schedule that never comes', { schedule: { dayOfMonth: '31', month: '2' } }, 'EPCIS_SUBSCRIPTION'],
    ['with a schedule of nothing', { schedule: {} }, 'EPCIS_SUBSCRIPTION'],
    ['with an unknown member', { stream: true, secret: 'x' }, 'BODY_INVALID'],
  ])('%s', async (_, wanted, code) => {
    const query = await named(91);
    const answer = await ask('POST', `/queries/${query}/subscriptions`, {
      dest: 'https://example.com/hook',
      ...wanted,
    });
    expect(answer.body).toMatchObject({ code, type: expect.stringMatching(/^epcisException:/) });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });

  test('to a query that is not there, or has an end of its own', async () => {
    expect(await ask('POST', '/queries/none/subscriptions', { dest, stream: true })).toMatchObject({
      ...{ status: 404, body: { code: 'EPCIS_QUERY_UNKNOWN', type: 'epcisException:NoSuchNameException' } },
    });
    await ask('POST', '/queries', { name: 'newest', query: { orderBy: 'eventTime', eventCountLimit: 1 } });
    expect(await ask('POST', '/queries/newest/subscriptions', { dest, stream: true })).toMatchObject({
      ...{ status: 400, body: { code: 'EPCIS_SUBSCRIPTION', type: 'epcisException:SubscriptionControlsException' } },
    });
  });

  test('beyond a thousand of them', async () => {
    const query = await named(92);
    await house.database.query(
      `INSERT INTO epcis_subscriptions (id, query, dest, report_if_empty, initial_record_time, created_at, created_by, actor,
         arrival, batch, next_at)
       SELECT 'many-' || n, $1, 'https://example.com', false, 0, 0, 'test', 'token:0', 0, 1, 8640000000000000
       FROM generate_series(1, 1000) AS n`,
      [query],
    );
    expect(await ask('POST', `/queries/${query}/subscriptions`, { dest, stream: true })).toMatchObject({
      ...{ status: 409, body: { code: 'EPCIS_SUBSCRIPTIONS_TOO_MANY' } },
    });
    await ask('DELETE', `/queries/${query}`);
  });
});
