import { afterEach, expect, it } from 'vitest';
import { type Owned, systemTime } from '../domain/index.ts';
import { effectsOf } from './effects.ts';
import { PostgresOwnership } from './ownership.ts';
import { testDatabase } from './testing/database.ts';

const database = await testDatabase();
const ownership = new PostgresOwnership({ database, time: systemTime });
const forGood = new AbortController().signal;
const held: Owned[] = [];

afterEach(async () => {
  for (const owned of held.splice(0)) await owned.release();
});

async function own(name: string): Promise<Owned> {
  const owned = await ownership.own(name, forGood);
  held.push(owned);
  return owned;
}

const work = (owned: Owned) => database.transaction((client) => owned.check(effectsOf(client)));

it('one at a time owns a thing; the next one has a higher epoch, and the former one can commit nothing more', async () => {
  const first = await own('ticks');
  await work(first);
  const second = own('ticks');
  const isOwned = await Promise.race([
    second.then(() => true),
    systemTime.sleep('still the first', 100).then(() => false),
  ]);
  expect(isOwned).toBe(false);
  await first.release();
  expect((await second).epoch).toBe(first.epoch + 1);
  await expect(work(first)).rejects.toMatchObject({ code: 'OWNERSHIP_LOST' });
  await work(await second);
});

it('things of other names are owned beside each other', async () => {
  const [one, other] = [await own('one'), await own('other')];
  await Promise.all([work(one), work(other)]);
});

it('an owner whose connections are cut is the owner still, and whoever is replaced is told', async () => {
  const quick = { database, time: systemTime, leaseMs: 300 };
  const first = await new PostgresOwnership(quick).own('cut', forGood);
  held.push(first);
  const renewed = await untilOf('cut');
  await database.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'isotherm leases' AND datname = current_database()`,
  );
  await expect.poll(() => untilOf('cut')).toBeGreaterThan(renewed + 600);
  expect(first.lost.aborted).toBe(false);
  await work(first);
  await database.query(
    `UPDATE owners SET until = '-infinity', holder = 'another', epoch = epoch + 1 WHERE name = 'cut'`,
  );
  await expect.poll(() => first.lost.aborted).toBe(true);
  await expect(work(first)).rejects.toMatchObject({ code: 'OWNERSHIP_LOST' });
  expect((await own('cut')).epoch).toBe(first.epoch + 2);
});

async function untilOf(name: string): Promise<number> {
  const { rows } = await database.query<{ until: number }>(
    `SELECT (EXTRACT(EPOCH FROM until) * 1000)::float8 AS until FROM owners WHERE name = $1`,
    [name],
  );
  return rows[0]?.until ?? 0;
}

it('a next owner waits for what the former one has under way, which then commits', async () => {
  const first = await own('slow');
  let next: Promise<Owned> | null = null;
  await database.transaction(async (client) => {
    await first.check(effectsOf(client));
    await first.release();
    next = own('slow');
    const isOwned = await Promise.race([next.then(() => true), systemTime.sleep('not yet', 300).then(() => false)]);
    expect(isOwned).toBe(false);
  });
  expect((await (next as Promise<Owned> | null))?.epoch).toBe(first.epoch + 1);
});

it('waiting ends with its signal', async () => {
  await own('waited-for');
  const waiting = new AbortController();
  const second = ownership.own('waited-for', waiting.signal);
  waiting.abort(new Error('stopping'));
  await expect(second).rejects.toThrow('stopping');
});
