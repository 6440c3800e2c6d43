import { afterAll, beforeAll, expect, test } from 'vitest';
import { ManualTime, silentLogger } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { type NeighbourNews, Neighbours } from './neighbours.ts';
import { SignInThrottle } from './throttle.ts';

const database = await testDatabase();
const here = new Neighbours({ database, logger: silentLogger });
const there = new Neighbours({ database, logger: silentLogger });
const heardHere: NeighbourNews[] = [];
const heardThere: NeighbourNews[] = [];

beforeAll(async () => {
  here.onNews((news) => heardHere.push(news));
  there.onNews((news) => heardThere.push(news));
  await Promise.all([here.start(), there.start()]);
});
afterAll(() => Promise.all([here.stop(), there.stop()]));

/** Until what was told before this has been heard. @param last unique */
async function heard(last: string): Promise<void> {
  here.tell({ what: 'device', id: last });
  await expect.poll(() => heardThere).toContainEqual({ what: 'device', id: last });
}

test('the others hear what is told, who tells does not', async () => {
  here.tell({ what: 'registered' });
  await heard('one');
  expect(heardThere).toEqual([{ what: 'registered' }, { what: 'device', id: 'one' }]);
  expect(heardHere).toEqual([]);
});

test('what no version of ours says is left out, and what comes after it is heard', async () => {
  for (const payload of ['no JSON', '{"from":"x","news":{"what":"tomorrow"}}', '{}', '[]'])
    await database.notify('isotherm_web', payload);
  heardThere.length = 0;
  await heard('two');
  expect(heardThere).toHaveLength(1);
});

test('tries of a password count wherever they are made, and the right one ends them everywhere', async () => {
  const time = new ManualTime(0);
  const second = new SignInThrottle({ time });
  const first = new SignInThrottle({ time, onTry: (news) => here.tell({ what: 'try', ...news }) });
  there.onNews((news) => {
    if (news.what === 'try') second.triedElsewhere(news);
  });
  // A name as long as a stranger likes: what is told of it has room in a notification (8,000 bytes).
  const name = 'quality'.repeat(2_000);
  for (let guess = 0; guess < 5; guess++) await first.attempt(name, '10.0.0.9');
  await heard('tried');
  let isLookedAt = false;
  const sixth = second.attempt(name, '10.0.0.9').then(() => {
    isLookedAt = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isLookedAt).toBe(false);
  await time.advance(1_000);
  await sixth;
  first.succeeded(name, '10.0.0.9');
  await heard('let in');
  // At once.
  await second.attempt(name, '10.0.0.9');
});
