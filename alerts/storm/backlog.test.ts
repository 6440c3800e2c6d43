import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase } from '../../storage/testing/database.ts';
import { BACKLOG } from '../pending-groups.ts';
import { parseRouting } from '../routing/routing-file.ts';
import { at, excursion, MINUTE, Scene } from '../testing/scene.ts';
import { tellGroups } from './tell-groups.ts';

const hook = { id: 'hook', kind: 'webhook' as const, url: 'http://127.0.0.1:9/', secret: 'whsec_c2VjcmV0' };
const plan = parseRouting(
  `route:
  name: all
  to: [{ channel: hook }]
  group: { by: [rule], wait: 30s, interval: 1m }
  repeat: never`,
  'routing.yaml',
  ['hook'],
);
const database = await testDatabase();
const scene = new Scene(database, { plan, config: { channels: [hook], route: null } });

beforeAll(() => scene.worker.start());
afterAll(() => scene.worker.stop());

const later = (ms: number) =>
  tellGroups({ audit: scene.audit, database, routing: scene.routing }, scene.time.now() + ms);
const told = async () =>
  (
    await database.query<{ type: string; alerts: number }>(
      `SELECT type, (body::jsonb #>> '{data,group,counts,alerts}')::int AS alerts FROM outbox ORDER BY created_at`,
    )
  ).rows;
const found = (device: string) =>
  scene.found({ event: 'opened', finding: excursion({ key: `${device}/temperature`, from: at('10:00') }) });

// A storm of 10,000 alerts was told nine times, each time with another count.
test('a storm that is still being worked off is told at its begin, and then with its whole count', async () => {
  await found('logger-1');
  expect(await later(30_000)).toBe(1);
  await found('logger-2');
  await scene.worker.stop();
  await database.query(
    `INSERT INTO alert_work (rule, key, from_at) SELECT 'too-warm', 'logger-' || n || '/temperature', now()
     FROM generate_series(1, $1::int) n`,
    [BACKLOG + 1],
  );
  for (let minutes = 2; minutes <= 9; minutes++) expect(await later(minutes * MINUTE)).toBe(0);
  expect(await told()).toEqual([{ type: 'group.opened', alerts: 1 }]);
  // Worked off: what it comes to is told at the next look, not after ten minutes.
  await database.query('DELETE FROM alert_work');
  expect(await later(10 * MINUTE)).toBe(1);
  expect(await told()).toMatchObject([{}, { type: 'group.changed', alerts: 2 }]);
});
