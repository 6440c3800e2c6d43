import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { afterAll, expect, test } from 'vitest';
import { BY_PLATFORM, ReadingBuilder, systemTime } from '../domain/index.ts';
import { underWay } from '../tests/testing/under-way.ts';
import { PostgresAuditTrail, verifyAudit } from './audit/index.ts';
import { effectsOf } from './effects.ts';
import { addLeaf, SigningKey, verifyLedger } from './ledger/index.ts';
import { packedWeeks } from './packed/index.ts';
import { ReadingStore } from './readings/reading-store.ts';
import { testDatabase } from './testing/database.ts';
import { timestamp } from './types.ts';

/*
 * Two processes do over one database what `serve --only storage` does. One is stopped in the middle of packing until the other has
 * done it, and comes back; one is killed. All the while entries of the audit trail and leaves of the ledger come in.
 */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const WEEK = 7 * DAY;
const WEEKS = 7;
const DEVICES = 4;
const LEASE_MS = 1_000;
/** Of seven weeks the first three are older. */
const RETENTION_MS = 4 * WEEK;

const database = await testDatabase({ maxConnections: 4 });
const first = Math.floor(systemTime.now() / WEEK) * WEEK - WEEKS * WEEK;
const key = SigningKey.random(() => 'test/ledger');
const workers: Worker[] = [];
const telling = new AbortController();
let entries = Promise.resolve(0);
afterAll(async () => {
  // It would go on over a database that is gone, wherever the test has failed.
  telling.abort();
  await entries;
  for (const { child } of workers) {
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
});

interface Worker {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  readonly lines: string[];
  /** Told each line as it comes. */
  heard: (line: string) => void;
}

async function worker(): Promise<Worker> {
  const script = new URL('./testing/upkeep-process.ts', import.meta.url).pathname;
  const args = [script, database.url, key.secret(), String(LEASE_MS), String(RETENTION_MS)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines: string[] = [];
  const one: Worker = { child, lines, heard: () => {} };
  child.stdin.on('error', () => {});
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line);
    one.heard(line);
    // It waits for it: whoever is to stop there has been stopped by now.
    if (line === 'block') child.stdin.write('on\n');
  });
  workers.push(one);
  await expect.poll(() => lines, { timeout: 30_000, interval: 5 }).toContain('begun');
  return one;
}

const told = (one: Worker, what: string) => one.lines.filter((line) => line.startsWith(what)).length;
const until = (holds: () => boolean | Promise<boolean>) =>
  expect.poll(holds, { timeout: 60_000, interval: 5 }).toBe(true);

/** Signals whichever of them is the first to have made three parts of a week, at once. @param from counted from this line on */
function signalled(some: readonly Worker[], signal: NodeJS.Signals, from: string): Promise<Worker> {
  return new Promise((resolve) => {
    for (const one of some) {
      let parts = from === 'block' ? 0 : -1;
      one.heard = (line) => {
        if (line === from && parts < 0) parts = 0;
        if (line !== 'block' || parts < 0 || ++parts < 3) return;
        one.child.kill(signal);
        for (const each of some) each.heard = () => {};
        resolve(one);
      };
    }
  });
}

/** Hourly, up to now. */
async function measured(): Promise<void> {
  const builder = new ReadingBuilder();
  for (let at = first; at < systemTime.now(); at += HOUR) {
    for (let device = 0; device < DEVICES; device++) builder.add(`logger-${device}`, 1, at, valueAt(device, at));
  }
  await database.transaction((client) => new ReadingStore({ database }).insert(effectsOf(client), builder.view()));
}

function valueAt(device: number, at: number): number {
  return 4 + ((device * 7 + (at - first) / HOUR) % 37) / 10;
}

/** Entries and leaves come in until it is aborted. */
async function tell(stopping: AbortSignal): Promise<number> {
  const audit = new PostgresAuditTrail({ database });
  let count = 0;
  for (; !stopping.aborted; count++) {
    const subject = `case:${count}` as const;
    await database.transaction(async (client) => {
      const entry = { ...BY_PLATFORM, at: systemTime.now(), action: 'case.open', subject } as const;
      await audit.add(effectsOf(client), { ...entry, new: { count } });
      await addLeaf(effectsOf(client), { kind: 'decision', subject, content: { count } });
    });
    await systemTime.sleep('told', 20);
  }
  return count;
}

test('a storage that is stopped past its turn, and one that is killed, lose and double nothing of what two of them do', async () => {
  await measured();
  entries = underWay(tell(telling.signal)).end;
  const [one, other] = [await worker(), await worker()];

  // Whichever packs first is stopped between two parts of a week, and holds what it held until the other has packed that week.
  const stopped = await signalled([one, other], 'SIGSTOP', 'block');
  const going = stopped === one ? other : one;
  // The other is killed in the middle of the next one.
  const killed = signalled([going], 'SIGKILL', 'packed');
  await until(() => told(going, 'packed') > 0);
  await killed;
  // With both of them gone a third has the turn of whichever had it, and the first comes back to that.
  const next = await worker();
  const turns = `SELECT epoch FROM owners WHERE name = 'upkeep'`;
  await until(async () => ((await database.query<{ epoch: number }>(turns)).rows[0]?.epoch ?? 0) > 1);
  stopped.child.kill('SIGCONT');
  // It asks either its session, which is gone, or the table of that week, which is.
  await until(() => told(stopped, 'failed') > 0);
  const packed = async () => (await packedWeeks(database)).map(({ from }) => (from - first) / WEEK);
  // The last week may be over for less than a day.
  await until(async () => (await packed()).join().startsWith('3,4,5'));

  telling.abort();
  const count = await entries;
  const unplaced = 'SELECT (SELECT count(*) FROM audit_unplaced) + (SELECT count(*) FROM ledger_pending) AS waiting';
  await until(async () => (await database.query<{ waiting: number }>(unplaced)).rows[0]?.waiting === 0);
  for (const { child } of [stopped, next]) child.kill('SIGKILL');

  const { rows } = await database.query<{ device: string; time: number; value: number }>(
    `SELECT d.name AS device, one.time, one.value FROM devices AS d
     CROSS JOIN LATERAL readings_between(d.id, 1::int2, $1, 'infinity') AS one ORDER BY d.name, one.time`,
    [timestamp(first)],
  );
  const kept = first + 3 * WEEK;
  const expected = Array.from({ length: DEVICES }, (_, device) => device).flatMap((device) =>
    Array.from({ length: Math.ceil((systemTime.now() - kept) / HOUR) }, (_, n) => kept + n * HOUR).map((time) => ({
      ...{ device: `logger-${device}`, time, value: valueAt(device, time) },
    })),
  );
  expect(rows.length).toBe(expected.length);
  expect(rows).toEqual(expected);
  const { rows: amounts } = await database.query<{ packed: number; told: number }>(
    `SELECT (SELECT sum(packed_count(packed)) FROM packed_readings)::int AS packed, (SELECT sum(readings) FROM packed_weeks)::int AS told`,
  );
  expect(amounts[0]?.packed).toBe(amounts[0]?.told);

  // Each week that went stands in the log of deletions with what went, once.
  const { rows: deleted } = await database.query<{ week: number; readings: number }>(
    `SELECT from_at AS week, sum(deleted)::int AS readings FROM deletions WHERE deleted > 0 GROUP BY from_at ORDER BY from_at`,
  );
  expect(deleted.map(({ week, readings }) => [(week - first) / WEEK, readings])).toEqual(
    [0, 1, 2].map((week) => [week, DEVICES * 7 * 24]),
  );
  expect(await verifyAudit(database, null)).toMatchObject({ faults: [] });
  expect(await verifyLedger({ database, keys: [key.verifier], kept: null })).toMatchObject({ faults: [] });
  expect(count).toBeGreaterThan(20);
}, 180_000);
