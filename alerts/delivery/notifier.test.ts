import { Webhook } from 'standardwebhooks';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { silentLogger, silentMeter, systemTime, Troubles } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { by } from '../../storage/testing/people.ts';
import { Link } from '../../tests/chaos/link.ts';
import { systemPart } from '../../tests/parts.ts';
import { type AlertsConfig, outboxState, undeliveredMessages } from '../index.ts';
import { Receiver } from '../testing/receiver.ts';
import { TestRedis } from '../testing/redis.ts';
import { excursion, pallet, Scene } from '../testing/scene.ts';
import { Notifier, type NotifierDependencies } from './notifier.ts';
import { RETRY_SCHEDULE } from './retry.ts';

const database = await testDatabase({ maxConnections: 20 });
const secret = `whsec_${Buffer.from('a key of twenty-four byte').toString('base64')}`;
/** The alerts of a scene are as old as its clock says; deliveries run on the machine's. */
const ALWAYS = Number.POSITIVE_INFINITY;
const FAST = { ...RETRY_SCHEDULE, firstMs: 20, mostMs: 40, eagerMs: ALWAYS, giveUpMs: ALWAYS };

let receiver: Receiver;
let config: AlertsConfig;
let scene: Scene;
const running: { stop(): Promise<void> }[] = [];

beforeEach(async () => {
  receiver = new Receiver();
  const url = await receiver.start();
  config = { channels: [{ id: 'ops-hook', kind: 'webhook', url, secret }], route: { channel: 'ops-hook' } };
  scene = new Scene(database, { config });
  await scene.clear();
  await database.query('DROP SCHEMA IF EXISTS bullmq CASCADE');
  await scene.worker.start();
  running.push(scene.worker, receiver);
});
afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
});

async function notifier(change: Partial<NotifierDependencies> = {}): Promise<Notifier> {
  const started = new Notifier({
    ...{ database, channels: config.channels, time: systemTime, logger: silentLogger, meter: silentMeter },
    schedule: FAST,
    ...change,
  });
  await started.start();
  running.push(started);
  return started;
}

async function outbox(): Promise<{ type: string; attempts: number; delivered: boolean; dead: boolean }[]> {
  const { rows } = await database.query<{ type: string; attempts: number; delivered: boolean; dead: boolean }>(
    `SELECT type, attempts, delivered_at IS NOT NULL AS delivered, dead_at IS NOT NULL AS dead
     FROM outbox ORDER BY created_at, id`,
  );
  return rows;
}

/** Waits, by looking, for what a receiver cannot show: it has answered before we write down that it did. */
async function untilOutbox(isSo: (rows: Awaited<ReturnType<typeof outbox>>) => boolean) {
  for (;;) {
    const rows = await outbox();
    if (isSo(rows)) return rows;
    await systemTime.sleep('test: look at the outbox', 10);
  }
}

describe('a webhook, with its jobs on postgres', () => {
  // Seen after kill -9 of PostgreSQL: an idle connection of the job queue broke and took the whole process with it.
  it('outlives its connections, idle or not', async () => {
    await notifier();
    scene.exposed.set('logger-7', [pallet(2)]);
    await database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'isotherm-jobs' AND datname = current_database()",
    );
    await scene.found({ event: 'opened', finding: excursion() });
    await receiver.gets(1);
    expect(await untilOutbox((rows) => rows.every(({ delivered }) => delivered))).toHaveLength(1);
  });
});

const redisServer = systemPart('redis-server');

describe.each(['postgres', 'redis'] as const)('a webhook, with its jobs on %s', (backend) => {
  const redis = new TestRedis(redisServer ?? '');
  const isSkipped = backend === 'redis' && redisServer === null;
  let where: Partial<NotifierDependencies> = {};

  beforeAll(async () => {
    if (backend === 'redis' && !isSkipped) where = { redisUrl: await redis.start() };
  });
  afterAll(() => redis.stop());

  it.skipIf(isSkipped)('gets each step of an alert, signed, with the alert as it stood', async () => {
    await notifier(where);
    scene.exposed.set('logger-7', [pallet(150)]);
    await scene.found({ event: 'opened', finding: excursion() });
    const [alert] = await scene.alerts();
    await receiver.gets(1);
    await scene.service.acknowledge(alert?.id ?? '', by('paula'));
    await receiver.gets(2);
    await scene.service.resolve(alert?.id ?? '', by('paula'), { comment: 'looked at' });
    const received = await receiver.gets(3);
    const bodies = received.map(({ body, headers }) =>
      new Webhook(secret).verify(body, headers as Record<string, string>),
    );
    expect(bodies).toMatchObject([
      {
        type: 'alert.opened',
        timestamp: '2026-11-22T12:00:00.000Z',
        data: {
          alert: {
            id: alert?.id,
            state: 'open',
            from: '2026-11-22T10:00:00.000Z',
            to: null,
            detectedAt: '2026-11-22T10:10:00.000Z',
            affected: { count: 150 },
          },
        },
      },
      { type: 'alert.acknowledged', data: { alert: { state: 'acknowledged', acknowledgedBy: 'paula' } } },
      { type: 'alert.resolved', data: { alert: { state: 'resolved', resolvedBy: 'paula' } } },
    ]);
    expect(JSON.parse(received[0]?.body ?? '').data.alert.affected.serials).toHaveLength(100);
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(3);
    expect(await untilOutbox((rows) => rows.every(({ delivered }) => delivered))).toHaveLength(3);
  });

  it.skipIf(isSkipped)('is told again, under the same id, until it answers 2xx', async () => {
    receiver.answer = (response, n) => response.writeHead(n < 3 ? 500 : 204).end();
    await notifier(where);
    await scene.found({ event: 'opened', finding: excursion() });
    const received = await receiver.gets(4);
    expect(new Set(received.map(({ headers, body }) => `${headers['webhook-id']} ${body}`)).size).toBe(1);
    expect(await untilOutbox((rows) => rows.every(({ delivered }) => delivered))).toEqual([
      { type: 'alert.opened', attempts: 4, delivered: true, dead: false },
    ]);
  });

  it.skipIf(isSkipped)('that does not follow hears nothing elsewhere: a redirect is a failure', async () => {
    receiver.answer = (response, n) => response.writeHead(n === 0 ? 307 : 204, { location: '/elsewhere' }).end();
    await notifier(where);
    await scene.found({ event: 'opened', finding: excursion() });
    expect((await receiver.gets(2)).map(({ path }) => path)).toEqual(['/hook', '/hook']);
  });

  it.skipIf(isSkipped)('gets after a restart what was under way when the process went down', async () => {
    receiver.answer = (response, n) => {
      // The first is never answered.
      if (n > 0) response.writeHead(204).end();
    };
    const first = await notifier(where);
    await scene.found({ event: 'opened', finding: excursion() });
    await receiver.gets(1);
    await first.stop();
    running.splice(running.indexOf(first), 1);
    expect(await outbox()).toEqual([{ type: 'alert.opened', attempts: 0, delivered: false, dead: false }]);
    await notifier(where);
    const [cut, again] = await receiver.gets(2);
    expect(again?.headers['webhook-id']).toBe(cut?.headers['webhook-id']);
    await untilOutbox((rows) => rows.every(({ delivered }) => delivered));
  });

  it.skipIf(isSkipped)(
    'hears of one alert in the order in which it happened, however the first attempt ends',
    async () => {
      receiver.answer = (response, n) => response.writeHead(n < 3 ? 500 : 204).end();
      await notifier(where);
      await scene.found({ event: 'opened', finding: excursion() });
      const [alert] = await scene.alerts();
      await scene.service.acknowledge(alert?.id ?? '', by('paula'));
      await scene.service.resolve(alert?.id ?? '', by('paula'), { comment: 'looked at' });
      const received = await receiver.gets(6);
      expect(received.map(({ body }) => JSON.parse(body).type)).toEqual([
        ...Array(4).fill('alert.opened'),
        ...['alert.acknowledged', 'alert.resolved'],
      ]);
    },
  );

  it.skipIf(isSkipped)('that asks for time is left alone for so long', async () => {
    receiver.answer = (response, n) => response.writeHead(n === 0 ? 429 : 204, { 'retry-after': '1' }).end();
    await notifier(where);
    const began = systemTime.monotonic();
    await scene.found({ event: 'opened', finding: excursion() });
    await receiver.gets(2);
    expect(systemTime.monotonic() - began).toBeGreaterThanOrEqual(1_000);
  });

  it.skipIf(isSkipped)('that stays dead lags alone', async () => {
    const dead = new Receiver();
    running.push(dead);
    dead.answer = () => {};
    const url = await dead.start();
    const channels = [
      ...config.channels,
      { ...config.channels[0], id: 'dead-hook', kind: 'webhook' as const, url, secret },
    ];
    await database.query(
      `INSERT INTO outbox (id, event, type, alert_id, channel, body, created_at, next_attempt_at)
       SELECT 'evt_' || n || '.dead-hook', 'evt_' || n, 'alert.opened', '', 'dead-hook', '{}', now(), now()
       FROM generate_series(1, 50) AS n`,
    );
    await notifier({ ...where, channels });
    await dead.gets(1);
    await scene.found({ event: 'opened', finding: excursion() });
    await receiver.gets(1);
    await untilOutbox((rows) => rows.filter(({ delivered }) => delivered).length === 1);
    expect(await outboxState(database)).toMatchObject([{ channel: 'dead-hook', pending: 50, dead: 0 }]);
  });

  it.skipIf(isSkipped)('that never comes back becomes a dead letter, kept and counted', async () => {
    receiver.answer = (response) => response.writeHead(503).end('closed for the season');
    await notifier({ ...where, schedule: { ...FAST, giveUpMs: 0 } });
    await scene.found({ event: 'opened', finding: excursion() });
    const rows = await untilOutbox(([row]) => row?.dead === true);
    expect(rows).toEqual([{ type: 'alert.opened', attempts: 1, delivered: false, dead: true }]);
    expect(await outboxState(database)).toEqual([{ channel: 'ops-hook', pending: 0, dead: 1, oldest: null }]);
    expect(await undeliveredMessages(database, 10)).toMatchObject([
      { type: 'alert.opened', channel: 'ops-hook', attempts: 1, lastError: 'answered 503: closed for the season' },
    ]);
  });

  it.skipIf(isSkipped)('gets what the job queue had lost, when the outbox is swept', async () => {
    await database.query(
      `INSERT INTO outbox (id, event, type, alert_id, channel, body, created_at, queued_at, attempts, next_attempt_at)
       VALUES ('evt_1.ops-hook', 'evt_1', 'alert.opened', '', 'ops-hook', '{}', now(), now(), 3, now())`,
    );
    await notifier(where);
    expect((await receiver.gets(1))[0]?.headers['webhook-id']).toBe('evt_1');
  });
});

describe('a notifier whose Redis is away', () => {
  it.skipIf(redisServer === null)('starts, says what is away, and tells once it is there', async () => {
    const redis = new TestRedis(redisServer ?? '');
    const link = new Link({ host: '127.0.0.1', port: Number(new URL(await redis.start()).port) });
    await link.start();
    running.push(redis, { stop: async () => link.stop() });
    link.state = 'cut';
    const troubles = new Troubles();
    await notifier({ redisUrl: `redis://127.0.0.1:${link.port}`, troubles });
    // There is nothing to tell yet.
    await expect.poll(() => troubles.list()).toMatchObject([{ code: 'JOB_QUEUE_UNAVAILABLE' }]);
    await scene.found({ event: 'opened', finding: excursion() });
    expect(receiver.received).toEqual([]);
    link.state = 'open';
    await receiver.gets(1);
    await untilOutbox((rows) => rows.every(({ delivered }) => delivered));
    await expect.poll(() => troubles.list()).toEqual([]);
  });

  it.skipIf(redisServer === null)('does not wait for it when it stops', async () => {
    const away = new TestRedis(redisServer ?? '');
    const started = await notifier({ redisUrl: await away.start() });
    await away.stop();
    // Its job waits for the queue to come back, and must not make the notifier wait with it.
    await scene.found({ event: 'opened', finding: excursion() });
    await started.stop();
    running.splice(running.indexOf(started), 1);
    expect(await outbox()).toMatchObject([{ delivered: false, dead: false }]);
  });
});

describe('a notifier that was stopped', () => {
  it('leaves no connection to the database behind', async () => {
    const stopped = await notifier();
    await scene.found({ event: 'opened', finding: excursion() });
    await receiver.gets(1);
    expect(await connections()).toBeGreaterThan(1);
    await stopped.stop();
    running.splice(running.indexOf(stopped), 1);
    // The server notices a moment after the client has gone.
    await expect.poll(connections).toBe(0);
  });
});

async function connections(): Promise<number> {
  const { rows } = await database.query<{ n: number }>(
    `SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name ~ 'jobs|alerts-'`,
  );
  return rows[0]?.n ?? 0;
}
