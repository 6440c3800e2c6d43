import { afterAll, beforeAll, expect, it } from 'vitest';
import { effectsOf } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { by } from '../storage/testing/people.ts';
import { excursion, Scene } from './testing/scene.ts';
import { VerdictEnds } from './verdict-ends.ts';

const database = await testDatabase();
const hook = { id: 'mail', kind: 'webhook' as const, url: 'http://127.0.0.1:9/', secret: 'whsec_c2VjcmV0' };
const scene = new Scene(database, { config: { channels: [hook], route: { channel: 'mail' } } });
const ends = new VerdictEnds(scene);

beforeAll(() => scene.worker.start());
afterAll(() => scene.worker.stop());

it('whoever was told of an alert is told that a signed word ended it, and that it counts after all; once each', async () => {
  await scene.found({ event: 'opened', finding: excursion() });
  const [alert] = await scene.alerts();
  const { rows } = await database.query<{ number: number }>('SELECT number FROM alerts WHERE id = $1', [alert?.id]);
  const numbers = rows.map(({ number }) => number);
  const verdict = {
    ...{ case: 'C-000001', step: 1, said: 'handling', reason: 'it lay in the office', at: scene.time.now() },
    who: by('quinn'),
  };
  const say = (what: 'ended' | 'counted') =>
    database.transaction((client) => ends[what](effectsOf(client), numbers, verdict));
  await say('ended');
  await say('ended');
  expect((await scene.alerts())[0]).toMatchObject({ state: 'resolved', resolvedBy: 'quinn' });
  await say('counted');
  await say('counted');
  expect((await scene.alerts())[0]).toMatchObject({ state: 'open', reopened: 1, resolvedBy: null });
  const told = await database.query<{ type: string }>('SELECT type FROM outbox ORDER BY position');
  expect(told.rows.map(({ type }) => type)).toEqual(['alert.opened', 'alert.resolved', 'alert.opened']);
});
