import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AtStake, SeverityStep } from '../domain/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { by } from '../storage/testing/people.ts';
import { parseRouting } from './routing/routing-file.ts';
import { excursion, MINUTE, pallet, Scene, sgtin } from './testing/scene.ts';

const plan = parseRouting(
  `people:
  anna: { notify: { critical: [sms, mail], warning: [mail] } }
  ben: { notify: { critical: [sms] } }
route: { name: all, to: [{ person: anna }], escalation: [{ after: 15m, to: [{ person: ben }] }] }`,
  'routing.yaml',
  ['sms', 'mail'],
);
const database = await testDatabase();
const hook = (id: string) => ({ id, kind: 'webhook' as const, url: 'http://127.0.0.1:9/', secret: 'whsec_c2VjcmV0' });
let steps: readonly SeverityStep[] = [];
let atStake: AtStake | null = null;
const scene = new Scene(database, {
  ...{ plan, config: { channels: [hook('sms'), hook('mail')], route: null } },
  severitySteps: async () => steps,
  stakes: { of: async () => atStake },
});

beforeAll(() => scene.worker.start());
afterAll(() => scene.worker.stop());
beforeEach(async () => {
  await scene.clear();
  await database.query('TRUNCATE alert_notices, routed_alerts');
  steps = [
    { by: 'serials', atLeast: 3, severity: 'critical' },
    { by: 'budgetLeft', atMost: 60 * MINUTE, severity: 'critical' },
  ];
  atStake = { valueClasses: [{ valueClass: 2, serials: 2 }], budgetLeftMinutes: 300 };
});

const warm = (change: Parameters<typeof excursion>[0] = {}) => excursion({ severity: 'warning', ...change });

async function only() {
  const [alert] = await scene.alerts();
  if (alert === undefined) throw new Error('no alert was opened');
  return alert;
}

async function told(): Promise<readonly string[]> {
  const { rows } = await database.query<{ text: string }>(
    `SELECT type || ' ' || channel || coalesce(' ' || (body::jsonb #>> '{data,change,severity,now}'), '') AS text
     FROM outbox ORDER BY position`,
  );
  return rows.map(({ text }) => text);
}

describe('an alert whose goods are more than they were', () => {
  it('is raised by late facts: who is told of worse ones is told of it, and who was told is told what changed', async () => {
    scene.exposed.set('logger-7', [pallet(2)]);
    await scene.found({ event: 'opened', finding: warm() });
    expect(await only()).toMatchObject({ severity: 'warning', atStake });
    expect(await told()).toEqual(['alert.opened mail']);
    scene.exposed.set('logger-7', [pallet(3)]);
    await scene.exposureChanged('logger-7', 'the notice SHP-1001 arrived');
    const { id, severity } = await only();
    expect(severity).toBe('critical');
    expect((await told()).slice(1)).toEqual(['alert.changed mail critical', 'alert.opened sms']);
    const waiting = (await scene.service.notices(id)).filter((one) => one.toldAt === null && one.cancelledAt === null);
    expect(waiting.map(({ step, person }) => `${step} ${person}`)).toEqual(['escalation 1 ben']);
    const raised = (await scene.service.events(id)).find(({ action }) => action === 'changed');
    expect(raised?.detail).toMatchObject({
      severity: { before: 'warning', now: 'critical' },
      reason: 'the notice SHP-1001 arrived',
    });
  });

  it('and then fewer again is told so, and its severity is that of its rule', async () => {
    scene.exposed.set('logger-7', [pallet(3)]);
    await scene.found({ event: 'opened', finding: warm() });
    expect(await told()).toEqual(['alert.opened sms', 'alert.opened mail']);
    scene.exposed.set('logger-7', [pallet(1)]);
    await scene.exposureChanged('logger-7', 'the pallet was packed otherwise');
    expect((await only()).severity).toBe('warning');
    expect((await told()).slice(2).toSorted()).toEqual(['alert.changed mail warning', 'alert.changed sms warning']);
  });

  it('is raised while it runs, as its budget is spent', async () => {
    scene.exposed.set('logger-7', [pallet(1)]);
    await scene.found({ event: 'opened', finding: warm() });
    atStake = { valueClasses: [], budgetLeftMinutes: 60 };
    await scene.found({ event: 'extended', finding: warm({ minutesOutOfRange: 21 }) });
    expect(await only()).toMatchObject({ severity: 'critical', atStake });
  });

  it('is not told to others where somebody is on it already: only what changed, to who was told', async () => {
    scene.exposed.set('logger-7', [pallet(1)]);
    await scene.found({ event: 'opened', finding: warm() });
    await scene.service.acknowledge((await only()).id, by('anna'), {});
    scene.exposed.set('logger-7', [pallet(1, { serials: [1, 2, 3, 4].map(sgtin) })]);
    await scene.exposureChanged('logger-7', 'packed otherwise');
    expect((await told()).slice(1)).toEqual(['alert.acknowledged mail', 'alert.changed mail critical']);
  });

  it('says the same where the same comes again: nothing is written', async () => {
    scene.exposed.set('logger-7', [pallet(2)]);
    await scene.found({ event: 'opened', finding: warm({ to: scene.time.now(), endedBy: 'recovery' }) });
    const { revision } = await only();
    await scene.exposureChanged('logger-7', 'the same again');
    expect((await only()).revision).toBe(revision);
  });
});
