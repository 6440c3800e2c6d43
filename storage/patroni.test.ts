import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { type Database, openDatabase } from './database.ts';
import { clientOf } from './effects.ts';
import { record, textOf } from './log/conformance.ts';
import { PostgresLog } from './log/postgres-log.ts';
import { migrate } from './migrate.ts';
import { PatroniCluster, type PatroniNode, patroniParts } from './testing/patroni.ts';

/*
 * PostgreSQL by Patroni with deploy/patroni/: whoever is killed, frozen or asked to hand over, nothing that was acknowledged is
 * lost or there twice, and what comes in is acknowledged again soon after another has taken over.
 */

const parts = patroniParts();
/** From the moment that another one takes writes (issue 20). */
const RESUMES_WITHIN_MS = 10_000;
/** Past the lease of the primary. */
const FROZEN_MS = 8_000;
const PAUSE_MS = 20;

let cluster: PatroniCluster;
let database: Database;
let log: PostgresLog;
let isOver = false;
let load: Promise<unknown>;
/** What was acknowledged: text of a record or number of a fact, and when. */
const appended = new Map<string, number>();
const told = new Map<number, number>();
const notes: string[] = [];

/** Sent again and again until it is acknowledged, as a gateway does. */
async function insist<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (isOver) throw error;
      await systemTime.sleep('test', 50);
    }
  }
}

async function send(who: number): Promise<void> {
  for (let n = 0; !isOver; n++) {
    const text = `reading ${who} ${n}`;
    await insist(() => log.append([record(text, { source: `gw-${who}`, sequence: n })]));
    appended.set(text, performance.now());
    await systemTime.sleep('test', PAUSE_MS);
  }
}

async function tell(): Promise<void> {
  for (let n = 0; !isOver; n++) {
    // Its outcome may be unknown, and it is told again.
    await insist(() =>
      database.transaction((client) => client.query('INSERT INTO told VALUES ($1) ON CONFLICT DO NOTHING', [n])),
    );
    told.set(n, performance.now());
    await systemTime.sleep('test', PAUSE_MS);
  }
}

/** Plays it and measures how long nothing is acknowledged. */
async function over(what: string, standby: PatroniNode, fault: () => Promise<void>): Promise<void> {
  const began = performance.now();
  await fault();
  const promoted = await standby.promoted();
  const resumed = await Promise.all(
    [appended, told].map(async (acknowledged) => {
      const first = () => [...acknowledged.values()].find((at) => at > promoted) ?? 0;
      await expect.poll(first, { timeout: 60_000 }).toBeGreaterThan(0);
      return first() - promoted;
    }),
  );
  const [readings = 0, facts = 0] = resumed;
  notes.push(
    `${what}: another takes writes ${seconds(promoted - began)} later, readings acknowledged ${seconds(readings)} and facts ` +
      `${seconds(facts)} after that; nothing acknowledged for ${seconds(longestGap(began))} in all`,
  );
  expect(Math.max(...resumed)).toBeLessThan(RESUMES_WITHIN_MS);
}

/** Between two acknowledgements, from then on. */
function longestGap(since: number): number {
  const times = [...appended.values(), ...told.values()].filter((at) => at > since).toSorted((a, b) => a - b);
  return Math.max(...times.map((at, n) => at - (times[n - 1] ?? since)));
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}

beforeAll(async () => {
  if (parts === null) return;
  cluster = await PatroniCluster.start(parts);
  database = await openDatabase({ url: cluster.ownerUrl, logger: silentLogger, time: systemTime });
  await migrate(database, silentLogger);
  await database.query('CREATE TABLE told (number integer PRIMARY KEY)');
  await database.query('CREATE TABLE written (line text)');
  log = new PostgresLog({ database, time: systemTime, logger: silentLogger, meter: silentMeter });
  await log.start();
  const consumer = log.consumer({
    ...{ name: 'patroni', families: ['readings'], isMandatory: true },
    handler: {
      async handle({ records }, effects) {
        const lines = records.map(({ payload }) => textOf(payload));
        await clientOf(effects).query('INSERT INTO written SELECT unnest($1::text[])', [lines]);
      },
    },
  });
  await consumer.start();
  load = Promise.all([send(0), send(1), tell()]);
}, 240_000);

afterAll(async () => {
  isOver = true;
  const ended = Promise.resolve(load)
    .catch(() => {})
    .then(() => log?.stop())
    .then(() => database?.close());
  // A commit that waits for a stand-by that never comes waits for good; nothing of the cluster outlives the test for that.
  await Promise.race([ended, systemTime.sleep('test', 20_000)]);
  await cluster?.stop();
  await ended;
});

test.skipIf(parts === null)(
  'an etcd that is away past the lease stops nobody: the nodes agree without it',
  async () => {
    const { primary } = await cluster.whole();
    cluster.signalEtcd('SIGSTOP');
    await systemTime.sleep('test', FROZEN_MS);
    expect(await primary.ask('SELECT pg_is_in_recovery()')).toBe(false);
    const before = appended.size;
    await expect.poll(() => appended.size).toBeGreaterThan(before);
    cluster.signalEtcd('SIGCONT');
  },
  120_000,
);

test.skipIf(parts === null)(
  'a switchover by patronictl costs moments',
  async () => {
    const { standby } = await cluster.whole();
    await over('a switchover', standby, () => cluster.switchover());
  },
  240_000,
);

test.skipIf(parts === null)(
  'a primary that stands still past its lease and comes back has nothing it takes acknowledged',
  async () => {
    const { primary, standby } = await cluster.whole();
    // A session from before: nothing has told it that there is another primary.
    const stale = new pg.Client(cluster.ownerUrl.replace(/@[^/]+/, `@127.0.0.1:${primary.port}`));
    stale.on('error', () => {});
    await stale.connect();
    await over('a frozen primary', standby, async () => primary.freeze());
    primary.thaw();
    const outcome = await stale.query('INSERT INTO told VALUES (-1)').then(
      () => 'acknowledged',
      () => 'not acknowledged',
    );
    expect(outcome).toBe('not acknowledged');
    // It has given up what it alone had, and follows.
    expect(await cluster.whole()).toMatchObject({ primary: { name: standby.name }, standby: { name: primary.name } });
    expect(await primary.ask('SELECT count(*)::integer FROM told WHERE number = -1')).toBe(0);
    // Rewound, not copied anew, which is hours where there is much: the socket in the data directory once kept pg_rewind from it.
    expect(primary.said()).not.toMatch(/Failed to rewind|Removing data directory/);
    expect(primary.said()).toMatch(/running pg_rewind/);
  },
  240_000,
);

test.skipIf(parts === null)(
  'a primary is killed with its Patroni: its stand-by has everything that was acknowledged, once',
  async () => {
    const { primary, standby } = await cluster.whole();
    await over('a killed primary', standby, () => primary.kill());
    isOver = true;
    await load;
    const lines = async () => (await database.query<{ line: string }>('SELECT line FROM written')).rows;
    await expect.poll(async () => (await lines()).length, { timeout: 30_000 }).toBeGreaterThanOrEqual(appended.size);
    expect((await lines()).map(({ line }) => line).toSorted()).toEqual([...appended.keys()].toSorted());
    const { rows } = await database.query<{ number: number }>('SELECT number FROM told ORDER BY number');
    expect(rows.map(({ number }) => number)).toEqual([...told.keys()]);
    process.stdout.write(
      `${notes.join('\n')}\n${appended.size} records and ${told.size} facts acknowledged, none lost or doubled\n`,
    );
  },
  240_000,
);
