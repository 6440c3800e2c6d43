import fc from 'fast-check';
import { expect, it } from 'vitest';
import { endLease, findLease, isLatest, renewLeases, takeLease } from './lease-rows.ts';
import { testDatabase } from './testing/database.ts';

/*
 * The rows of leases against a slow, obvious reference. Time passes by moving every lease back: what workers believe of
 * the time, how long they hang and when they die does not come into it, and must not.
 */
const database = await testDatabase({ maxConnections: 4 });
const LEASE_MS = 60_000;
const WORKERS = ['a', 'b', 'c'];

interface Reference {
  epoch: number;
  holder: string;
  /** ms; not above zero: it has run out. */
  left: number;
}

type Step =
  | { readonly kind: 'take' | 'renew' | 'release' | 'write' | 'forget'; readonly worker: string }
  | { readonly kind: 'pass'; readonly ms: number };

const steps = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom('take', 'take', 'renew', 'write', 'write', 'release', 'forget'),
      worker: fc.constantFrom(...WORKERS),
    }),
    fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(20_000, 45_000, 61_000) }),
  ),
  { maxLength: 30 },
) as fc.Arbitrary<Step[]>;

it('whoever is not the latest owner writes nothing, and somebody may always own what has run out', async () => {
  await database.query('CREATE TABLE written (worker text, epoch bigint)');
  let run = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (drawn) => {
      const name = `thing ${run++}`;
      const reference: Reference = { epoch: 0, holder: '', left: 0 };
      /** What each believes to hold: one that hangs or dies never learns better. */
      const believes = new Map<string, number>();
      let written = 0;
      for (const step of drawn) {
        if (step.kind === 'pass') {
          await database.query(`UPDATE owners SET until = until - $2 * interval '1 ms' WHERE name = $1`, [
            name,
            step.ms,
          ]);
          reference.left -= step.ms;
          continue;
        }
        const { worker } = step;
        const epoch = believes.get(worker) ?? 0;
        const isOwner = epoch > 0 && epoch === reference.epoch;
        if (step.kind === 'forget') believes.delete(worker);
        if (step.kind === 'take') {
          const found = await findLease(database, name);
          const isLeft = found?.holder === worker;
          const taken = await takeLease(database, { name, holder: worker, leaseMs: LEASE_MS, found, isLeft });
          const isFree = reference.left <= 0 || reference.holder === worker;
          expect(taken).toBe(isFree ? reference.epoch + 1 : null);
          if (taken !== null) {
            believes.set(worker, taken);
            Object.assign(reference, { epoch: taken, holder: worker, left: LEASE_MS });
          }
        }
        if (step.kind === 'renew') {
          const renewed = await renewLeases(database, worker, [{ name, epoch }], LEASE_MS);
          expect(renewed.has(name)).toBe(isOwner);
          if (isOwner) reference.left = LEASE_MS;
        }
        if (step.kind === 'release') {
          await endLease(database, worker, name, epoch);
          if (isOwner) reference.left = 0;
        }
        if (step.kind === 'write') {
          const isWritten = await database.transaction(async (client) => {
            if (!(await isLatest(client, name, epoch))) return false;
            await client.query('INSERT INTO written VALUES ($1, $2)', [worker, epoch]);
            return true;
          });
          expect(isWritten).toBe(isOwner);
          if (isWritten) written++;
        }
      }
      const { rows } = await database.query('SELECT FROM written');
      expect(rows).toHaveLength(written);
      await database.query('TRUNCATE written');
    }),
    { numRuns: 60 },
  );
}, 120_000);

it('of several that take at once what has run out, one has it', async () => {
  await takeLease(database, { name: 'raced', holder: 'gone', leaseMs: 0, found: null, isLeft: false });
  const found = await findLease(database, 'raced');
  const taken = await Promise.all(
    WORKERS.map((holder) => takeLease(database, { name: 'raced', holder, leaseMs: LEASE_MS, found, isLeft: false })),
  );
  expect(taken.filter((epoch) => epoch !== null)).toEqual([2]);
});

it('what is renewed is not waited for by a transaction of its holder, and that one is waited for by a new owner', async () => {
  const name = 'at work';
  await takeLease(database, { name, holder: 'a', leaseMs: LEASE_MS, found: null, isLeft: false });
  let taken: Promise<number | null> | null = null;
  let isDone = false;
  await database.transaction(async (client) => {
    expect(await isLatest(client, name, 1)).toBe(true);
    // On another connection: it would wait for this transaction for ever.
    expect(await renewLeases(database, 'a', [{ name, epoch: 1 }], 0)).toEqual(new Set([name]));
    const found = await findLease(database, name);
    taken = takeLease(database, { name, holder: 'b', leaseMs: LEASE_MS, found, isLeft: false });
    void taken.then(() => {
      isDone = true;
    });
    await expect
      .poll(async () => {
        const { rows } = await database.query(
          `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO owners%'`,
        );
        return rows.length;
      })
      .toBe(1);
    expect(isDone).toBe(false);
  });
  expect(await taken).toBe(2);
});

it('a check made while a new owner is being entered waits for it, and is refused then', async () => {
  const name = 'being taken';
  await takeLease(database, { name, holder: 'a', leaseMs: 0, found: null, isLeft: false });
  let checked: Promise<boolean> | null = null;
  await database.transaction(async (client) => {
    const found = await findLease(client, name);
    expect(await takeLease(client, { name, holder: 'b', leaseMs: LEASE_MS, found, isLeft: false })).toBe(2);
    checked = database.transaction((other) => isLatest(other, name, 1));
    await expect
      .poll(async () => {
        const { rows } = await database.query(
          `SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FOR KEY SHARE'`,
        );
        return rows.length;
      })
      .toBe(1);
  });
  expect(await checked).toBe(false);
});
