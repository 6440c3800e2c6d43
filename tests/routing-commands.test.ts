import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { systemTime } from '../domain/index.ts';
import { PostgresAuditTrail } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { isotherm } from './isotherm-process.ts';

/* Who is told of an alert, and of which nobody is told for a while, as operations ask at the command line. */

const database = await testDatabase();
const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-routing-'));
afterAll(() => rmSync(dataDir, { recursive: true }));
const run = (...words: string[]) => isotherm(words, { dataDir, env: { DATABASE_URL: database.url } });

test('a silence is made with a reason and an end, listed and ended; without an end there is none', async () => {
  const endless = await run('alerts', 'silence', 'add', '--site', 'site:berlin', '--reason', 'works at the ramp');
  expect([endless.code, endless.stderr]).toEqual([2, expect.stringContaining('usage: isotherm alerts silence')]);
  const forever = await run('alerts', 'silence', 'add', '--site', 'site:berlin', '--reason', 'x', '--for', '31d');
  expect([forever.code, forever.stderr]).toEqual([2, expect.stringContaining('no silence is forgotten')]);
  const added = await run(
    ...['alerts', 'silence', 'add', '--site', 'site:berlin', '--label', 'room=cold', '--severity', 'info,warning'],
    ...['--reason', 'works at the ramp', '--for', '2h'],
  );
  const silence = JSON.parse(added.stdout);
  expect(silence).toMatchObject({
    match: { site: ['site:berlin'], severity: ['info', 'warning'], labels: { room: 'cold' } },
    ...{ reason: 'works at the ramp', endedAt: null, muted: 0 },
  });
  const hours = (Date.parse(silence.until) - systemTime.now()) / 3_600_000;
  expect(hours).toBeGreaterThan(1.9);
  expect(hours).toBeLessThanOrEqual(2);
  const ended = await run('alerts', 'silence', 'end', String(silence.id));
  expect([ended.code, JSON.parse(ended.stdout).endedAt]).toEqual([0, expect.any(String)]);
  expect(JSON.parse((await run('alerts', 'silence', 'list')).stdout)).toMatchObject({ id: silence.id });
  const trail = await new PostgresAuditTrail({ database }).list({ subject: `silence:${silence.id}`, limit: 10 });
  expect(trail.items.map(({ action, actor }) => `${action} ${actor.kind}`)).toEqual([
    'silence.end command',
    'silence.add command',
  ]);
  expect((await run('alerts', 'silence', 'end', '99')).code).toBe(2);
}, 120_000);

test('who is told by the routing that people wrote is told at the command line too', async () => {
  expect(await run('alerts', 'route', '--severity', 'critical')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('nobody is told'),
  });
  await database.query(
    `INSERT INTO routing_versions VALUES (1, 'people: { anna: { notify: { critical: [ops] } } }
route: { name: all, to: [{ person: anna }] }', 'ada', now(), 'a first one')`,
  );
  const { code, stdout } = await run('alerts', 'route', '--severity', 'critical', '--at', '2026-12-25T03:00:00+01:00');
  expect([code, JSON.parse(stdout)]).toMatchObject([
    0,
    { who: 'anna', channel: 'ops', when: '2026-12-25T02:00:00.000Z', step: 'first', route: 'all' },
  ]);
});
