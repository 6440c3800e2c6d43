import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, expect, it } from 'vitest';
import { ManualTime, silentLogger, systemTime } from '../domain/index.ts';
import { openDatabase } from './database.ts';
import { LeaseHolder } from './lease-holder.ts';
import { isLatest } from './lease-rows.ts';
import { Leases } from './leases.ts';
import { testDatabase } from './testing/database.ts';

const database = await testDatabase({ maxConnections: 6 });
await database.query('CREATE TABLE effects (id serial, name text, epoch bigint)');

interface Worker {
  readonly child: ChildProcess;
  readonly lines: string[];
}

const workers: Worker[] = [];
afterEach(async () => {
  for (const { child } of workers.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

function worker(name: string, leaseMs = 6_000): Worker {
  const script = new URL('./testing/lease-process.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, database.url, name, String(leaseMs)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const one = { child, lines };
  workers.push(one);
  return one;
}

const said = (one: Worker, line: string) => expect.poll(() => one.lines, { interval: 20 }).toContain(line);

/** By the order of their numbers: none of a former owner comes after the first of the next one. */
async function epochsWritten(name: string): Promise<number[]> {
  const { rows } = await database.query<{ epoch: number }>('SELECT epoch FROM effects WHERE name = $1 ORDER BY id', [
    name,
  ]);
  return rows.map(({ epoch }) => epoch);
}

it('who is killed on the same machine is replaced at once', async () => {
  const first = worker('killed');
  await said(first, 'epoch 1');
  const second = worker('killed');
  await said(second, 'looks');
  const began = systemTime.monotonic();
  first.child.kill('SIGKILL');
  await said(second, 'epoch 2');
  const took = systemTime.monotonic() - began;
  process.stdout.write(`kill -9 of an owner: the next one after ${took.toFixed(0)} ms\n`);
  expect(took).toBeLessThan(10_000);
});

it('who hangs past its lease is replaced, writes nothing more, and stands by then', async () => {
  const name = 'hung';
  const first = worker(name, 1_500);
  await said(first, 'epoch 1');
  await expect.poll(async () => (await epochsWritten(name)).length).toBeGreaterThan(3);
  const second = worker(name, 1_500);
  await said(second, 'looks');
  first.child.kill('SIGSTOP');
  const began = systemTime.monotonic();
  await said(second, 'epoch 2');
  const took = systemTime.monotonic() - began;
  process.stdout.write(`SIGSTOP of an owner with a lease of 1.5 s: the next one after ${took.toFixed(0)} ms\n`);
  await expect.poll(() => epochsWritten(name)).toContain(2);
  const before = (await epochsWritten(name)).filter((epoch) => epoch === 1).length;
  first.child.kill('SIGCONT');
  await expect
    .poll(() => first.lines.slice(2), { interval: 20 })
    .toEqual([expect.stringMatching(/^(lost|refused (OWNERSHIP_LOST|DATABASE_UNAVAILABLE))$/)]);
  expect((await epochsWritten(name)).filter((epoch) => epoch === 1)).toHaveLength(before);
  second.child.kill('SIGKILL');
  await said(first, 'epoch 3');
  const epochs = await epochsWritten(name);
  expect(epochs).toEqual(epochs.toSorted((a, b) => a - b));
});

it('who hangs within a transaction does not keep the next one', async () => {
  // Its clock stands still: it renews nothing.
  const one = new Leases({ database, time: new ManualTime(0) });
  const other = new Leases({ database, time: systemTime });
  const lease = await one.take('open');
  const former = database.transaction(async (client) => {
    await isLatest(client, 'open', lease?.epoch ?? 0);
    await database.query(`UPDATE owners SET until = '-infinity' WHERE name = 'open'`);
    const next = await other.take('open');
    expect(next?.epoch).toBe(2);
    await next?.release();
  });
  await expect(former).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  await lease?.release();
});

it('an owner that cannot renew stops before its lease ends, whatever its clock of the day says', async () => {
  const time = new ManualTime(1_000_000_000_000);
  const away = await openDatabase({ url: database.url, logger: silentLogger, time: systemTime });
  let isAway = false;
  const cut = Object.assign(Object.create(away), {
    socket: () => {
      const socket = away.socket();
      if (isAway) socket.destroy(new Error('Connection terminated'));
      return socket;
    },
    pool: away.pool,
    query: away.query.bind(away),
    transaction: away.transaction.bind(away),
    watch: away.watch.bind(away),
  });
  const leases = new Leases({ database: cut, time });
  const lease = await leases.take('unrenewed');
  expect(lease?.lost.aborted).toBe(false);
  isAway = true;
  for (let ms = 0; ms < 5_400; ms += 100) await time.advance(100);
  expect(lease?.lost.aborted).toBe(false);
  for (let ms = 0; ms < 500; ms += 100) await time.advance(100);
  expect(lease?.lost.aborted).toBe(true);
  isAway = false;
  // Its own, still in the table: it need not wait.
  const again = await leases.take('unrenewed');
  expect(again?.epoch).toBe(2);
  await again?.release();
  await away.close();
});

it('an owner that stood still past its lease goes on where nobody else has come', async () => {
  const lease = await new Leases({ database, time: systemTime, leaseMs: 300 }).take('stood still');
  const until = systemTime.monotonic() + 700;
  while (systemTime.monotonic() < until);
  await systemTime.sleep('asked again', 300);
  expect(lease?.lost.aborted).toBe(false);
  await lease?.release();
  expect(lease?.lost.aborted).toBe(true);
});

it('an owner whose lease another has taken meanwhile is told so, not that a connection was cut', async () => {
  const time = new ManualTime(0);
  const lease = await new Leases({ database, time }).take('taken');
  await database.query(`UPDATE owners SET until = '-infinity' WHERE name = 'taken'`);
  const next = await new Leases({ database, time: systemTime }).take('taken');
  await time.advance(2_000);
  await expect.poll(() => lease?.lost.reason).toMatchObject({ code: 'OWNERSHIP_LOST' });
  await next?.release();
});

it('a process is known to have ended only where that is certain', async () => {
  const holder = new LeaseHolder();
  const [number, machine, pid, start] = holder.name.split(' ');
  expect(holder.isGone(holder.name)).toBe(false);
  expect(holder.isGone(`${number} ${machine} ${pid} 1`)).toBe(true);
  expect(holder.isGone(`${number} elsewhere/1 ${pid} 1`)).toBe(false);
  for (const odd of [
    '',
    'x',
    '- - - -',
    `${number} ${machine}`,
    `${number} ${machine} ../1 ${start}`,
    `x ${machine} 0 1`,
  ]) {
    expect(holder.isGone(odd)).toBe(false);
  }
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  expect(holder.isGone(`${number} ${machine} ${child.pid} ${start}`)).toBe(true);
});
