import { expect, test } from 'vitest';
import { type ConsumerLag, type Log, systemTime, UnavailableError } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { readiness } from './readiness.ts';

const database = await testDatabase();
const logOf = (lag: () => Promise<readonly ConsumerLag[]>) => ({ lag, troubles: () => [] }) as Partial<Log> as Log;
const sources = { isUp: () => true, database, log: logOf(async () => []), time: systemTime };
const AWAY = { database: false, lag: [], dead: null, troubles: [] };

test('a dead record is counted until a person has dealt with it', async () => {
  expect(await readiness(sources)).toEqual({ database: true, lag: [], dead: 0, troubles: [] });
  await database.query(
    `INSERT INTO log_dead (consumer, family, partition, position, kind, version, source, sequence, arrival, reason, payload, at)
     VALUES ('writer', 'readings', 0, 1, 'readings', 1, 'logger-7', NULL, 0, 'broken', '', 0)`,
  );
  expect(await readiness(sources)).toEqual({ database: true, lag: [], dead: 1, troubles: [] });
});

// It was an error of ours (500) while the database was away: nobody had asked what lag() does then.
test('a database that is away is an answer: not ready', async () => {
  const away = async () => {
    throw new UnavailableError('DATABASE_UNAVAILABLE', 'the database is away');
  };
  expect(await readiness({ ...sources, log: logOf(away) })).toEqual(AWAY);
  expect(await readiness({ ...sources, isUp: () => false })).toEqual(AWAY);
});

test('a database that does not answer is away', async () => {
  expect(await readiness({ ...sources, log: logOf(() => new Promise(() => {})) })).toEqual(AWAY);
});
