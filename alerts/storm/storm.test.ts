import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { by } from '../../storage/testing/people.ts';
import { parseRouting } from '../routing/routing-file.ts';
import { at, excursion, MINUTE, Scene } from '../testing/scene.ts';
import { tellGroups } from './tell-groups.ts';

const DEVICES = 1_000;
const plan = parseRouting(
  `people:
  anna: { notify: { critical: [sms] } }
route:
  name: all
  to: [{ person: anna }]
  group: { by: [site], wait: 30s, interval: 5m }
  repeat: 1h
  escalation: [{ after: 15m, to: [{ channel: boss }] }]
  routes:
    - { name: machines, match: { kind: [silence] }, to: [{ channel: hook }], escalation: [], group: { by: [site, rule] }, continue: true }
    - { name: people }`,
  'routing.yaml',
  ['sms', 'hook', 'boss'],
);
const hook = (id: string) => ({ id, kind: 'webhook' as const, url: 'http://127.0.0.1:9/', secret: 'whsec_c2VjcmV0' });
const database = await testDatabase();
const scene = new Scene(database, {
  plan,
  config: { channels: [hook('sms'), hook('hook'), hook('boss')], route: null },
  concurrency: 8,
});

beforeAll(async () => {
  await scene.worker.start();
  await database.query(
    `INSERT INTO places (id, kind, name, zone, position)
     VALUES ('site:berlin', 'site', 'Berlin', 'Europe/Berlin', 1), ('site:lyon', 'site', 'Lyon', 'Europe/Paris', 1)`,
  );
  await database.query(
    `INSERT INTO attachments_histories (history, value, since, until, position, source, holds)
     VALUES (1, 'site:berlin', 0, NULL, 1, 'test', true), (2, 'site:lyon', 0, NULL, 1, 'test', true)`,
  );
  await database.query(
    `INSERT INTO attachments_members (subject, history)
     SELECT 'logger-' || n, 1 FROM generate_series(1, ${DEVICES}) AS n UNION ALL VALUES ('lyon-1', 2)`,
  );
});
afterAll(() => scene.worker.stop());
beforeEach(async () => {
  await scene.clear();
  await database.query('TRUNCATE alert_notices, alert_groups, alert_group_members, routed_alerts');
});

const silent = (device: string, change: Partial<Finding> = {}) =>
  excursion({ rule: 'silent', kind: 'silence', key: `${device}/temperature`, runs: [], ...change });

const later = (ms: number) =>
  tellGroups({ audit: scene.audit, database, routing: scene.routing }, scene.time.now() + ms);

interface Sent {
  readonly type: string;
  readonly channel: string;
  readonly by: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly listed: number;
}

async function sent(): Promise<readonly Sent[]> {
  const { rows } = await database.query<Sent>(
    `SELECT type, channel, body::jsonb #> '{data,group,by}' AS by, body::jsonb #>> '{data,group,summary}' AS summary,
       body::jsonb #> '{data,group,counts}' AS counts, jsonb_array_length(body::jsonb #> '{data,group,alerts}') AS listed
     FROM outbox ORDER BY created_at, channel, body::jsonb #>> '{data,group,by}'`,
  );
  return rows;
}

const lines = async () => (await sent()).map(({ type, channel, summary }) => `${type} ${channel} ${summary}`);

describe('a storm', () => {
  it('of 1,000 devices of a site is one notification a route, counted right, and its end is told once', async () => {
    const devices = Array.from({ length: DEVICES }, (_, i) => `logger-${i + 1}`);
    const found = devices.map((device, i) => silent(device, { from: at('10:00') + (i % 60) * 1_000 }));
    await scene.found(...found.map((finding) => ({ event: 'opened' as const, finding })));
    expect(await later(29_000)).toBe(0);
    expect(await later(30_000)).toBe(2);
    expect(await sent()).toMatchObject([
      { type: 'group.opened', channel: 'hook', by: { site: 'site:berlin', rule: 'silent' }, listed: 100 },
      { type: 'group.opened', channel: 'sms', by: { site: 'site:berlin' }, listed: 100 },
    ]);
    for (const { counts } of await sent()) {
      expect(counts).toMatchObject({ alerts: DEVICES, open: DEVICES, running: DEVICES, acknowledged: 0, retracted: 0 });
    }
    // One is still away: the storm is not over. Then it is.
    const over = found.map((finding) => ({ ...finding, to: at('11:00'), endedBy: 'recovery' as const }));
    await scene.found(...over.slice(1).map((finding) => ({ event: 'closed' as const, finding })));
    expect(await later(6 * MINUTE)).toBe(0);
    await scene.found({ event: 'closed', finding: over[0] ?? silent('logger-1') });
    expect(await later(11 * MINUTE)).toBe(2);
    expect(await later(12 * MINUTE)).toBe(0);
    expect((await lines()).slice(2)).toEqual([
      `group.ended hook silent, site:berlin: over; 1,000 alerts, 1,000 of them acknowledged by nobody, 0 taken back`,
      `group.ended sms site:berlin: over; 1,000 alerts, 1,000 of them acknowledged by nobody, 0 taken back`,
    ]);
    // Nobody acknowledged: the next is told once for all of them.
    expect(await later(16 * MINUTE)).toBe(1);
    expect((await lines()).slice(4).map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      'group.escalated boss',
    ]);
    // Two thousand findings are settled one by one; 5,000 devices at once, and how fast, is the matter of the bench.
  }, 600_000);
});

describe('alerts of a route that groups', () => {
  it('go on while excursions run, whose end is their last reading so far; their end is told once', async () => {
    // As the engine leaves a running threshold: two of them were told as if they were over, and their end never was.
    const running = ['logger-1', 'logger-2'].map((device) =>
      excursion({ key: `${device}/temperature`, to: at('10:20') }),
    );
    await scene.found(...running.map((finding) => ({ event: 'opened' as const, finding })));
    expect(await later(30_000)).toBe(1);
    expect(await sent()).toMatchObject([{ type: 'group.opened', counts: { alerts: 2, running: 2 } }]);
    expect(await later(6 * MINUTE)).toBe(0);
    const over = running.map((finding) => ({ ...finding, to: at('10:30'), endedBy: 'recovery' as const }));
    await scene.found(...over.map((finding) => ({ event: 'closed' as const, finding })));
    expect(await later(11 * MINUTE)).toBe(1);
    expect(await later(12 * MINUTE)).toBe(0);
    expect((await sent()).at(-1)).toMatchObject({ type: 'group.ended', counts: { alerts: 2, running: 0 } });
  });

  it('are told apart by what they are grouped by', async () => {
    await scene.found({ event: 'opened', finding: silent('logger-1') }, { event: 'opened', finding: silent('lyon-1') });
    expect(await later(30_000)).toBe(4);
    expect((await sent()).map(({ channel, by }) => `${channel} ${by.site}`).toSorted()).toEqual([
      'hook site:berlin',
      'hook site:lyon',
      'sms site:berlin',
      'sms site:lyon',
    ]);
  });

  it('that come later wait for the interval, and are counted as new', async () => {
    await scene.found({ event: 'opened', finding: silent('logger-1') });
    await later(30_000);
    await scene.found({ event: 'opened', finding: silent('logger-2') });
    expect(await later(2 * MINUTE)).toBe(0);
    expect(await later(5 * MINUTE + 30_000)).toBe(2);
    expect((await lines()).at(-1)).toBe(
      'group.changed sms site:berlin: 2 alerts, 2 going on, 1 of them new, 0 taken back',
    );
  });

  it('are not told where somebody acknowledged or they were taken back before', async () => {
    await scene.found(
      { event: 'opened', finding: silent('logger-1') },
      { event: 'opened', finding: silent('logger-2') },
    );
    const first = (await scene.alerts()).find(({ subject }) => subject.device === 'logger-1');
    await scene.service.acknowledge(first?.id ?? '', by('anna'), {});
    await scene.found({ event: 'retracted', finding: silent('logger-2') });
    expect(await later(30_000)).toBe(0);
    expect(await sent()).toEqual([]);
  });

  it('that were told and did not happen are taken back, also after the end', async () => {
    await scene.found(
      { event: 'opened', finding: silent('logger-1') },
      { event: 'opened', finding: silent('logger-2', { to: at('10:30'), endedBy: 'recovery' }) },
    );
    await later(30_000);
    await scene.found({ event: 'retracted', finding: silent('logger-1') });
    expect(await later(6 * MINUTE)).toBe(2);
    expect((await lines()).at(-1)).toBe(
      'group.ended sms site:berlin: over; 2 alerts, 1 of them acknowledged by nobody, 1 taken back',
    );
    await scene.found({ event: 'retracted', finding: silent('logger-2') });
    expect(await later(12 * MINUTE)).toBe(2);
    expect((await lines()).at(-1)).toBe(
      'group.changed sms site:berlin: 2 alerts, 0 going on, 0 of them new, 2 taken back',
    );
  });

  it('are repeated as one while nobody acknowledges', async () => {
    await scene.found(
      { event: 'opened', finding: silent('logger-1') },
      { event: 'opened', finding: silent('logger-2') },
    );
    await later(30_000);
    expect(await later(16 * MINUTE)).toBe(1);
    expect(await later(80 * MINUTE)).toBe(2);
    expect((await lines()).at(-1)).toBe(
      'group.reminded sms site:berlin: still nobody has acknowledged 2 alerts of 2, 2 going on',
    );
    for (const { id } of await scene.alerts()) await scene.service.acknowledge(id, by('anna'), {});
    expect(await later(3 * 60 * MINUTE)).toBe(0);
  });

  it('are told once where several tell at once', async () => {
    await scene.found({ event: 'opened', finding: silent('logger-1') });
    const told = await Promise.all([1, 2, 3].map(() => later(30_000)));
    expect(told.reduce((sum, one) => sum + one, 0)).toBe(2);
    expect(await sent()).toHaveLength(2);
  });
});
