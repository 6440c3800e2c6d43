import { once } from 'node:events';
import net from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AlertsConfig,
  messageAgain,
  Notifier,
  type NotifierDependencies,
  RETRY_SCHEDULE,
  undeliveredMessages,
} from '../alerts/index.ts';
import { Receiver } from '../alerts/testing/receiver.ts';
import { TestRedis } from '../alerts/testing/redis.ts';
import { excursion, Scene } from '../alerts/testing/scene.ts';
import { silentLogger, silentMeter, systemTime, Troubles } from '../domain/index.ts';
import { openDatabase } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { by } from '../storage/testing/people.ts';
import { Link } from './chaos/link.ts';
import { systemPart } from './parts.ts';

/*
 * What goes wrong between an alert and its receiver: everything arrives, of one alert in order, and each message under one
 * idempotency key. One fault at a time is in alerts/delivery/notifier.test.ts, the schedule of attempts in retry.test.ts.
 */

const ALERTS = 8;
const STEPS = ['alert.opened', 'alert.acknowledged', 'alert.resolved'];
/** Deliveries run on the machine's clock; the alerts of a scene are as old as its own says. */
const ALWAYS = Number.POSITIVE_INFINITY;
const FAST = { ...RETRY_SCHEDULE, firstMs: 20, mostMs: 40, eagerMs: ALWAYS, giveUpMs: ALWAYS };

const database = await testDatabase({ maxConnections: 20 });
const redisServer = systemPart('redis-server');
const running: { stop(): Promise<void> }[] = [];
let receiver: Receiver;
let scene: Scene;
let config: AlertsConfig;
/** What the receiver took, in the order in which it did. */
let taken: { readonly id: string; readonly type: string; readonly alert: string }[];
/** Every key under which a message came, taken or not. */
let keys: Map<string, Set<string>>;

beforeEach(async () => {
  receiver = new Receiver();
  const secret = `whsec_${Buffer.from('a key of twenty-four byte').toString('base64')}`;
  const url = await receiver.start();
  config = { channels: [{ id: 'ops-hook', kind: 'webhook', url, secret }], route: { channel: 'ops-hook' } };
  scene = new Scene(database, { config });
  await scene.clear();
  await database.query('DROP SCHEMA IF EXISTS bullmq CASCADE');
  await scene.worker.start();
  running.push(receiver, scene.worker);
  [taken, keys] = [[], new Map()];
});
afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
});

/** Answers the n-th request by the n-th way of failing, `null` being none, and from there on takes everything. */
function failing(ways: readonly (number | 'cut' | 'hang' | null)[]): void {
  receiver.answer = (response, n) => {
    const request = receiver.received[n];
    const { type, data } = JSON.parse(request?.body ?? '') as { type: string; data: { alert: { id: string } } };
    const [id, alert] = [String(request?.headers['webhook-id']), data.alert.id];
    keys.set(`${alert} ${type}`, (keys.get(`${alert} ${type}`) ?? new Set()).add(id));
    const way = ways[n] ?? null;
    if (way === 'hang') return;
    if (way === 'cut') response.destroy();
    else if (way !== null) response.writeHead(way, way === 429 ? { 'retry-after': '1' } : {}).end();
    else {
      taken.push({ id, type, alert });
      response.writeHead(204).end();
    }
  };
}

async function notifier(where: Partial<NotifierDependencies> = {}): Promise<Notifier> {
  const started = new Notifier({
    ...{ database, channels: config.channels, time: systemTime, logger: silentLogger, meter: silentMeter },
    ...{ schedule: FAST, ...where },
  });
  await started.start();
  running.push(started);
  return started;
}

async function stopped(part: { stop(): Promise<void> }): Promise<void> {
  running.splice(running.indexOf(part), 1);
  await part.stop();
}

/** Alerts that open, are acknowledged and resolved at once, whatever has been told of them by then. */
async function alertsHappen(): Promise<void> {
  for (let n = 0; n < ALERTS; n++) {
    await scene.found({ event: 'opened', finding: excursion({ key: `logger-${n}/temperature` }) });
  }
  const alerts = await scene.alerts();
  expect(alerts).toHaveLength(ALERTS);
  for (const { id } of alerts) {
    await scene.service.acknowledge(id, by('paula'));
    await scene.service.resolve(id, by('paula'), { comment: 'looked at' });
  }
}

async function untilAllDelivered(): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ waiting: number; dead: number }>(
      `SELECT count(*) FILTER (WHERE delivered_at IS NULL)::int AS waiting, count(dead_at)::int AS dead FROM outbox`,
    );
    expect(rows[0]?.dead).toBe(0);
    if (rows[0]?.waiting === 0) return;
    await systemTime.sleep('test: until everything is delivered', 20);
  }
}

function expectAllInOrder(): void {
  const ofAlert = Map.groupBy(taken, ({ alert }) => alert);
  expect(ofAlert.size).toBe(ALERTS);
  for (const messages of ofAlert.values()) {
    // One that was taken may come again, under its own key, where we died before we wrote it down.
    const first = messages.filter(({ id }, index) => messages.findIndex((one) => one.id === id) === index);
    expect(first.map(({ type }) => type)).toEqual(STEPS);
  }
  for (const ids of keys.values()) expect(ids.size).toBe(1);
  expect(new Set([...keys.values()].flatMap((ids) => [...ids])).size).toBe(ALERTS * STEPS.length);
}

const WAYS = [500, 'hang', 'cut', 429, 500, null, 503, 'cut', 429, null, 500, 502, 'cut', 500] as const;

describe.each(['postgres', 'redis'] as const)('with jobs on %s', (backend) => {
  it.skipIf(backend === 'redis' && redisServer === null)(
    'a receiver that fails, hangs, breaks off and asks for time gets every alert, in order, under one key each',
    async () => {
      failing(WAYS);
      let where = {};
      if (backend === 'redis') {
        const redis = new TestRedis(redisServer ?? '');
        where = { redisUrl: await redis.start() };
        running.push(redis);
      }
      await notifier(where);
      await alertsHappen();
      await untilAllDelivered();
      expectAllInOrder();
    },
  );
});

describe('between an alert and its delivery', () => {
  it.skipIf(redisServer === null)('Redis that is killed and comes back with nothing costs no message', async () => {
    failing(Array(6).fill(500));
    const first = new TestRedis(redisServer ?? '');
    const before = await notifier({ redisUrl: await first.start() });
    await first.stop('SIGKILL');
    await alertsHappen();
    expect(taken).toEqual([]);
    await stopped(before);
    const second = new TestRedis(redisServer ?? '');
    const redisUrl = await second.start();
    running.push(second);
    await notifier({ redisUrl });
    await untilAllDelivered();
    expectAllInOrder();
  });

  it('PostgreSQL that breaks every connection again and again costs no message', async () => {
    failing(Array(4).fill(500));
    await notifier();
    const breakConnections = () =>
      database.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'isotherm-jobs' AND datname = current_database()",
      );
    await breakConnections();
    await alertsHappen();
    await breakConnections();
    await untilAllDelivered();
    expectAllInOrder();
  });
});

describe('where jobs are out of reach', () => {
  const links: Link[] = [];
  afterEach(() => {
    for (const link of links.splice(0)) link.stop();
  });
  const linkTo = async (target: net.NetConnectOpts) => {
    const link = new Link(target);
    await link.start();
    links.push(link);
    return link;
  };
  const redisAt = async () => {
    const redis = new TestRedis(redisServer ?? '');
    const { port } = new URL(await redis.start());
    running.push(redis);
    return { host: '127.0.0.1', port: Number(port) };
  };
  const through = (link: Link) => ({ redisUrl: `redis://127.0.0.1:${link.port}` });
  const allCome = async () => {
    await alertsHappen();
    await untilAllDelivered();
    expectAllInOrder();
  };

  it.skipIf(redisServer === null)(
    'connections to Redis that died without a word cost seconds, no message',
    async () => {
      failing([]);
      const link = await linkTo(await redisAt());
      await notifier(through(link));
      link.state = 'lose';
      link.state = 'open';
      await allCome();
    },
  );

  it('connections to PostgreSQL that died without a word cost no message', async () => {
    failing([]);
    const host = new URL(database.url).searchParams.get('host') ?? '';
    const link = await linkTo({ path: join(host, '.s.PGSQL.5432') });
    const quick = await openDatabase({ url: database.url, logger: silentLogger, time: systemTime, silentMs: 2_000 });
    running.push({ stop: () => quick.close() });
    const databaseUrl = new URL(database.url);
    databaseUrl.searchParams.delete('host');
    databaseUrl.host = `127.0.0.1:${link.port}`;
    await notifier({ database: quick, databaseUrl: databaseUrl.href });
    link.state = 'lose';
    link.state = 'open';
    await allCome();
  });

  it.skipIf(redisServer === null)(
    'a Redis that was replaced and goes on as a replica is left for the new one',
    async () => {
      failing([]);
      const [former, next] = [await redisAt(), await redisAt()];
      const link = await linkTo(former);
      await notifier(through(link));
      link.target = next;
      const client = net.connect(former);
      client.write(`REPLICAOF ${next.host} ${next.port}\r\n`);
      await once(client, 'data');
      client.destroy();
      await allCome();
    },
  );

  it.skipIf(redisServer === null)('a Redis that does not answer is a trouble until it does', async () => {
    failing([]);
    const link = await linkTo(await redisAt());
    const troubles = new Troubles();
    await notifier({ ...through(link), troubles });
    link.state = 'cut';
    await alertsHappen();
    await expect.poll(() => troubles.list()).toMatchObject([{ part: 'notifier', code: 'JOB_QUEUE_UNAVAILABLE' }]);
    link.state = 'open';
    await untilAllDelivered();
    expectAllInOrder();
    await expect.poll(() => troubles.list()).toEqual([]);
  });
});

describe('a receiver that is away', () => {
  const HOUR = 3_600_000;
  const FIRST_DAYS = 3 * 24 * HOUR;
  // The contract's schedule, its waits shortened: what is counted in hours is counted by the clock, which is put on.
  const SHORT = { ...RETRY_SCHEDULE, firstMs: 20, mostMs: 40, slowMs: 60 };
  /** How far the clock of deliveries is put on, ms. */
  let on: number;
  const start = () => {
    on = 0;
    const since = systemTime.now();
    // As old as the scene says its alerts are.
    const now = () => scene.time.now() + on + systemTime.now() - since;
    return notifier({ time: { ...systemTime, now }, schedule: SHORT });
  };
  const attempts = async () => {
    const { rows } = await database.query<{ attempts: number; dead: number }>(
      'SELECT coalesce(sum(attempts), 0)::int AS attempts, count(dead_at)::int AS dead FROM outbox',
    );
    return rows[0] ?? { attempts: 0, dead: 0 };
  };
  const until = async (what: string, isSo: () => Promise<boolean>) => {
    while (!(await isSo())) await systemTime.sleep(`test: until ${what}`, 20);
  };
  const tries = async (more: number) => {
    const { attempts: before } = await attempts();
    await until('it was tried again', async () => (await attempts()).attempts >= before + more);
  };

  it('for an hour and more gets every alert afterwards, in order, under one key each', async () => {
    failing(Array(10_000).fill(500));
    await start();
    await alertsHappen();
    await tries(ALERTS);
    for (const ago of [HOUR / 2, HOUR - 1, 2 * HOUR]) {
      on = ago;
      await tries(ALERTS);
    }
    expect([taken, (await attempts()).dead]).toEqual([[], 0]);
    failing([]);
    await untilAllDelivered();
    expectAllInOrder();
  });

  it('for more than three days leaves dead letters, which are seen, and arrive when they are sent again', async () => {
    failing(Array(10_000).fill(503));
    await start();
    await alertsHappen();
    await tries(ALERTS);
    on = FIRST_DAYS;
    await until('all are given up', async () => (await attempts()).dead === ALERTS * STEPS.length);
    const letters = await undeliveredMessages(database, 100);
    expect(letters).toHaveLength(ALERTS * STEPS.length);
    const before = new Map([...keys].map(([message, ids]) => [message, [...ids]]));
    failing([]);
    await database.transaction(async (client) => {
      for (const { id } of letters) await messageAgain(client, id, scene.time.now() + on);
    });
    await untilAllDelivered();
    expectAllInOrder();
    for (const [message, ids] of before) expect([message, [...(keys.get(message) ?? [])]]).toEqual([message, ids]);
  });

  // Who works down the list, newest first, had told that an alert was resolved before that it had opened.
  it('for more than three days, the last letter of an alert sent again first, is told in order all the same', async () => {
    failing(Array(10_000).fill(503));
    await start();
    await alertsHappen();
    await tries(ALERTS);
    on = FIRST_DAYS;
    await until('all are given up', async () => (await attempts()).dead === ALERTS * STEPS.length);
    const again = (type: string) =>
      database.transaction(async (client) => {
        for (const { id, type: found } of await undeliveredMessages(database, 100)) {
          if (found === type) await messageAgain(client, id, scene.time.now() + on);
        }
      });
    // Eight times more it refuses: a first that is not taken keeps those behind it from being told without it.
    failing(Array(receiver.received.length + ALERTS).fill(503));
    await again('alert.resolved');
    await until('all are given up once more', async () => (await attempts()).dead === ALERTS * STEPS.length);
    expect(taken).toEqual([]);
    failing([]);
    await again('alert.resolved');
    await untilAllDelivered();
    expectAllInOrder();
  });
});
