import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testDatabase } from '../../storage/testing/database.ts';
import { by } from '../../storage/testing/people.ts';
import { tellDue } from '../routing/due-notices.ts';
import { parseRouting } from '../routing/routing-file.ts';
import { excursion, MINUTE, Scene } from '../testing/scene.ts';
import { tellGroups } from './tell-groups.ts';

const plan = parseRouting(
  `people:
  anna: { notify: { critical: [sms] } }
route:
  name: all
  to: [{ person: anna }]
  repeat: 1h
  routes:
    - { name: machines, match: { kind: [silence] }, group: { by: [device], wait: 1m } }
    - { name: people }
flapping: never
cap: { notifications: 3, within: 10m }`,
  'routing.yaml',
  ['sms'],
);
const database = await testDatabase();
const channels = [{ id: 'sms', kind: 'webhook' as const, url: 'http://127.0.0.1:9/', secret: 'whsec_c2VjcmV0' }];
const scene = new Scene(database, { plan, config: { channels, route: null } });

beforeAll(() => scene.worker.start());
afterAll(() => scene.worker.stop());
beforeEach(async () => {
  await scene.clear();
  await database.query('TRUNCATE alert_notices, routed_alerts, alert_groups, alert_group_members');
});

const opened = (devices: number, change: Parameters<typeof excursion>[0] = {}) =>
  scene.found(
    ...Array.from({ length: devices }, (_, i) => ({
      event: 'opened' as const,
      finding: excursion({ key: `logger-${i + 1}/temperature`, ...change }),
    })),
  );

async function look(ms: number): Promise<void> {
  const dependencies = { audit: scene.audit, database, routing: scene.routing };
  await tellDue(dependencies, scene.time.now() + ms);
  await tellGroups(dependencies, scene.time.now() + ms);
}

async function told(): Promise<readonly string[]> {
  const { rows } = await database.query<{ text: string }>(
    `SELECT type || coalesce(' ' || (body::jsonb #>> '{data,group,counts,alerts}'), '') AS text FROM outbox
     ORDER BY position`,
  );
  return rows.map(({ text }) => text);
}

describe('what a rule tells beyond its cap', () => {
  it('follows in one summary with its count, and is in no alert left out', async () => {
    await opened(8);
    expect(await told()).toEqual(['alert.opened', 'alert.opened', 'alert.opened']);
    expect(await scene.alerts()).toHaveLength(8);
    await look(9 * MINUTE);
    expect(await told()).toHaveLength(3);
    await look(10 * MINUTE);
    expect((await told()).slice(3)).toEqual(['group.opened 5']);
    const { rows } = await database.query<{ summary: string; people: unknown }>(
      `SELECT body::jsonb #>> '{data,group,summary}' AS summary, body::jsonb #> '{data,notice,people}' AS people
       FROM outbox WHERE type = 'group.opened'`,
    );
    expect(rows).toEqual([{ summary: 'too-warm, 3 notifications in 10 min: 5 alerts, 5 going on', people: ['anna'] }]);
  });

  it('does not hold back what another rule tells', async () => {
    await opened(5);
    await opened(2, { rule: 'too-cold' });
    expect(await told()).toHaveLength(5);
  });

  it('is left out of the summary where somebody acknowledged or it did not happen', async () => {
    await opened(6);
    const [last, before] = (await scene.alerts()).toReversed().filter(({ subject }) => subject.device !== 'logger-1');
    const { rows } = await database.query<{ id: string; device: string }>(
      `SELECT a.id, a.device FROM alert_group_members m JOIN alerts a ON a.number = m.alert ORDER BY a.number`,
    );
    expect([last, before, rows.length]).toEqual([expect.anything(), expect.anything(), 3]);
    await scene.service.acknowledge(rows[0]?.id ?? '', by('anna'), {});
    await scene.found({
      event: 'retracted',
      finding: excursion({ key: `${rows[1]?.device}/temperature` }),
    });
    await look(10 * MINUTE);
    expect((await told()).filter((line) => line.startsWith('group'))).toEqual(['group.opened 1']);
  });

  it('is repeated with its summary while nobody acknowledges', async () => {
    await opened(5);
    await look(10 * MINUTE);
    await look(70 * MINUTE);
    const after = (await told()).slice(3);
    expect(after.filter((line) => line === 'alert.reminded')).toHaveLength(3);
    expect(after.filter((line) => line.startsWith('group'))).toEqual(['group.opened 2', 'group.reminded 2']);
  });

  it('counts a group as one notification, and what joins it as none', async () => {
    const silence = { kind: 'silence' as const, rule: 'silent', runs: [] };
    await opened(3, silence);
    await opened(3, { ...silence, from: scene.time.now() - MINUTE });
    await opened(5, { ...silence, from: scene.time.now() });
    await look(MINUTE);
    expect((await told()).toSorted()).toEqual(['group.opened 3', 'group.opened 3', 'group.opened 3']);
    await look(10 * MINUTE);
    expect((await told()).filter((line) => !line.endsWith('3'))).toEqual(['group.opened 2']);
  });
});
