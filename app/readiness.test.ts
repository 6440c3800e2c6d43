import { expect, test } from 'vitest';
import { type ConsumerLag, type Log, systemTime, Troubles, UnavailableError } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { readiness, START } from './readiness.ts';

const database = await testDatabase();
const logOf = (lag: () => Promise<readonly ConsumerLag[]>) => ({ lag, troubles: () => [] }) as Partial<Log> as Log;
const sourcesWith = (log: Log) => ({ isUp: () => true, database, log, time: systemTime, troubles: new Troubles() });
const sources = sourcesWith(logOf(async () => []));
const WELL = { ready: true, database: true, lag: [], dead: 0, troubles: [] };
const AWAY = { ready: false, database: false, lag: [], dead: null };

test('a dead record is counted until a person has dealt with it', async () => {
  expect(await readiness(sources)).toEqual(WELL);
  await database.query(
    `INSERT INTO log_dead (consumer, family, partition, position, kind, version, source, sequence, arrival, reason, payload, at)
     VALUES ('writer', 'readings', 0, 1, 'readings', 1, 'logger-7', NULL, 0, 'broken', '', 0)`,
  );
  expect(await readiness(sources)).toEqual({ ...WELL, dead: 1 });
  await database.query('DELETE FROM log_dead');
});

// It was an error of ours (500) while the database was away: nobody had asked what lag() does then.
test('a database that is away is an answer: not ready, with the reason', async () => {
  const away = async () => {
    throw new UnavailableError('DATABASE_UNAVAILABLE', 'the database is away');
  };
  const trouble = { part: 'database', code: 'DATABASE_UNAVAILABLE', since: expect.any(Number) as number };
  expect(await readiness(sourcesWith(logOf(away)))).toEqual({
    ...AWAY,
    troubles: [{ ...trouble, text: expect.stringContaining('the database is away') as string }],
  });
  expect(await readiness({ ...sourcesWith(logOf(away)), isUp: () => false })).toEqual({
    ...AWAY,
    troubles: [{ ...trouble, text: expect.stringContaining('PostgreSQL recovers') as string }],
  });
});

// A disk that was full, and connections that were reset, were 500 DEFECT: neither is an UnavailableError.
test.each([
  ['53100', 'could not extend file: No space left on device', 'SQLSTATE_53100'],
  ['ECONNRESET', 'read ECONNRESET', 'ECONNRESET'],
  ['57P01', 'terminating connection due to administrator command', 'SQLSTATE_57P01'],
])('a database that fails with %s is an answer, with the reason', async (code, message, shown) => {
  const log = logOf(async () => {
    throw Object.assign(new Error(message), { code });
  });
  const troubled = sourcesWith(log);
  const first = await readiness(troubled);
  expect(first).toMatchObject({ ...AWAY, troubles: [{ part: 'database', code: shown }] });
  expect(first.troubles[0]?.text).toContain(message);
  expect((await readiness(troubled)).troubles[0]?.since).toBe(first.troubles[0]?.since);
  expect(await readiness({ ...sources, troubles: troubled.troubles })).toEqual(WELL);
});

test('a database that does not answer is away', async () => {
  expect(await readiness(sourcesWith(logOf(() => new Promise(() => {}))))).toMatchObject({
    ...AWAY,
    troubles: [{ part: 'database', code: 'DATABASE_SILENT' }],
  });
});

// /readyz was 200 before the demo had its people: sign-in was 401 for up to 39 s after that.
test('what is still being started is not ready, though the database answers', async () => {
  const troubles = new Troubles();
  troubles.failed(START, new UnavailableError('STARTING', 'Isotherm is starting'), systemTime.now());
  expect(await readiness({ ...sources, troubles })).toMatchObject({
    ...{ ready: false, database: true },
    troubles: [{ part: 'start', code: 'STARTING', text: expect.stringContaining('Isotherm is starting') as string }],
  });
  troubles.passed(START);
  expect(await readiness({ ...sources, troubles })).toEqual(WELL);
});
