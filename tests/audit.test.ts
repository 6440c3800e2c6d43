import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger, systemTime } from '../domain/index.ts';
import { AuditSequencer, effectsOf, PostgresAuditTrail } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { by } from '../storage/testing/people.ts';
import { isotherm } from './isotherm-process.ts';

/* The audit trail as an administrator checks it: on the command line, whatever somebody did to its rows with SQL. */

const database = await testDatabase();
const trail = new PostgresAuditTrail({ database });
const sequencer = new AuditSequencer({ database, time: systemTime, logger: silentLogger });
let dataDir = '';

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'isotherm-audit-'));
  const entries = ['SHP-1', 'SHP-2', 'SHP-3'].map((id) => ({
    ...by('paula'),
    ...{ at: systemTime.now(), action: 'hold.set', subject: `shipment:${id}` as const, reason: 'complaint' },
    origin: { via: 'http', address: '192.0.2.7' } as const,
  }));
  await database.transaction((client) => trail.addAll(effectsOf(client), entries));
  await sequencer.placeAll();
});
afterAll(() => rmSync(dataDir, { recursive: true }));

const run = (command: string, ...more: string[]) =>
  isotherm([...command.split(' '), ...more], { dataDir, env: { DATABASE_URL: database.url } });

/** With the rights of the tables' owner, past every trigger. */
async function tamper(sql: string): Promise<void> {
  await database.transaction(async (client) => {
    await client.query('SET LOCAL session_replication_role = replica');
    await client.query(sql);
  });
}

test('a trail as it was written verifies, and its personal values can be erased by a recorded act', async () => {
  const whole = await run('audit verify');
  expect([whole.code, whole.stderr]).toEqual([0, '']);
  expect(JSON.parse(whole.stdout)).toMatchObject({ entries: 3, placed: 3, waiting: 0, faults: [] });
  expect((await run('audit erase --actor user:paula')).code).toBe(2);
  const erased = await run('audit erase --actor user:paula --reason', 'asked for it');
  expect(JSON.parse(erased.stdout)).toEqual({ actor: 'user:paula', erased: 3 });
  const after = await run('audit verify');
  expect([after.code, JSON.parse(after.stdout)]).toMatchObject([0, { entries: 4, waiting: 1, erased: 3, faults: [] }]);
});

test('a row changed by SQL is named, with exit code 1', async () => {
  await tamper(
    `UPDATE audit_entries SET leaf = replace(leaf, 'complaint', 'nothing') WHERE subject = 'shipment:SHP-2'`,
  );
  const found = await run('audit verify');
  expect(found.code).toBe(1);
  expect(found.stderr).toMatch(/^place 2, evt_[0-9a-f-]+: changed: the entry is not what was hashed\n$/);
  expect(JSON.parse(found.stdout)).toMatchObject({ faults: [{ place: 2 }] });
});

test('rows cut off the end are missed by the head that is kept outside the database', async () => {
  writeFileSync(join(dataDir, 'audit-head.json'), `{"place":9,"chain":"${'a'.repeat(64)}"}`);
  expect((await run('audit verify')).stderr).toContain('removed: the trail ends at place 3, it had come to 9');
  writeFileSync(join(dataDir, 'audit-head.json'), 'not a head');
  expect(await run('audit verify')).toMatchObject({ code: 2, stderr: expect.stringContaining('audit-head.json') });
});
