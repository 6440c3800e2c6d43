import { expect, it } from 'vitest';
import { testDatabase } from './testing/database.ts';

const database = await testDatabase();

/** Resolves with what was called next, in turn. */
function calls<T>() {
  const waiting: ((value: T) => void)[] = [];
  const made: T[] = [];
  return {
    make(value: T) {
      const waiter = waiting.shift();
      if (waiter) waiter(value);
      else made.push(value);
    },
    next(): Promise<T> {
      const value = made.shift();
      return value === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(value);
    },
  };
}

it('a subscriber hears what is sent on its channels, when the sender commits', async () => {
  const heard = calls<string>();
  const subscription = await database.listen('alerts', (payload) => heard.make(`alerts ${payload}`));
  await database.listen('passes', (payload) => heard.make(`passes ${payload}`));
  const failed = database.transaction(async (client) => {
    await database.notify('alerts', 'rolled back', client);
    throw new Error('no');
  });
  await expect(failed).rejects.toThrow('no');
  await database.transaction((client) => database.notify('alerts', '1', client));
  expect(await heard.next()).toBe('alerts 1');
  await subscription.stop();
  await database.notify('alerts', '2');
  await database.notify('passes', '3');
  expect(await heard.next()).toBe('passes 3');
});

it('a subscriber whose connection broke is told so, and hears again', async () => {
  const heard = calls<string>();
  await database.listen(
    'shipments',
    (payload) => heard.make(payload),
    () => heard.make('reconnected'),
  );
  await database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'LISTEN%'`);
  expect(await heard.next()).toBe('reconnected');
  await database.notify('shipments', 'SHP-1001');
  expect(await heard.next()).toBe('SHP-1001');
});

it('new subscribers while the connection is away share the one that is made', async () => {
  const heard = calls<string>();
  const subscribe = () => database.listen('places', (payload) => heard.make(payload));
  await database.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'LISTEN%'`);
  // Whether these are early enough to be refused is the network's to say.
  await Promise.allSettled([subscribe(), subscribe()]);
  await subscribe();
  const { rows } = await database.query(`SELECT count(*) AS n FROM pg_stat_activity
    WHERE datname = current_database() AND query LIKE 'LISTEN%'`);
  expect(rows).toEqual([{ n: 1 }]);
});
