import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { testDatabase } from '../../storage/testing/database.ts';
import { by } from '../../storage/testing/people.ts';
import { noticesOfAlert } from '../index.ts';
import { excursion, MINUTE, Scene } from '../testing/scene.ts';
import { tellDue } from './due-notices.ts';
import { parseRouting } from './routing-file.ts';

const plan = parseRouting(
  `people:
  anna: { notify: { critical: [sms, mail] } }
  ben: { notify: { critical: [sms] } }
route:
  name: all
  to: [{ person: anna }]
  escalation: [{ after: 15m, to: [{ person: ben }] }]
  repeat: 60m`,
  'routing.yaml',
  ['sms', 'mail'],
);
const database = await testDatabase();
const hook = (id: string) => ({ id, kind: 'webhook' as const, url: 'http://127.0.0.1:9/', secret: 'whsec_c2VjcmV0' });
const scene = new Scene(database, { plan, config: { channels: [hook('sms'), hook('mail')], route: null } });
const { service } = scene;

beforeAll(() => scene.worker.start());
afterAll(() => scene.worker.stop());
beforeEach(async () => {
  await scene.clear();
  await database.query('TRUNCATE alert_notices');
});

async function opened(): Promise<string> {
  await scene.found({ event: 'opened', finding: excursion() });
  const [alert] = await scene.alerts();
  if (alert === undefined) throw new Error('no alert was opened');
  return alert.id;
}

/** What stands in the outbox, by time: what it is of, by which channel, for whom. */
async function messages(): Promise<string[]> {
  const { rows } = await database.query<{ type: string; channel: string; people: string[] | null }>(
    `SELECT type, channel, (body::jsonb #> '{data,notice,people}') AS people FROM outbox ORDER BY created_at, type, channel`,
  );
  return rows.map(({ type, channel, people }) => `${type} ${channel} ${(people ?? []).join('+')}`.trim());
}

/** So long after the clock stands: which stands still here, so that nobody else tells. */
function later(ms: number): Promise<number> {
  return tellDue({ audit: scene.audit, database }, scene.time.now() + ms);
}

describe('who is told of an alert', () => {
  it('is first whom its route names, then whoever is next, while nobody acknowledges', async () => {
    const id = await opened();
    expect(await messages()).toEqual(['alert.opened mail anna', 'alert.opened sms anna']);
    expect(await later(14 * MINUTE)).toBe(0);
    expect(await later(15 * MINUTE)).toBe(1);
    expect(await later(15 * MINUTE)).toBe(0);
    expect((await messages()).slice(2)).toEqual(['alert.escalated sms ben']);
    expect((await service.events(id)).map(({ action, by }) => [action, by])).toEqual([
      ['opened', null],
      ['escalated', null],
    ]);
  });

  it('is nobody more once somebody has acknowledged; whoever was told is told that', async () => {
    const id = await opened();
    await service.acknowledge(id, by('anna'), {});
    expect(await later(120 * MINUTE)).toBe(0);
    expect((await messages()).filter((message) => message.startsWith('alert.acknowledged'))).toEqual([
      'alert.acknowledged mail',
      'alert.acknowledged sms',
    ]);
    const notices = await noticesOfAlert(database, id);
    expect(notices.filter(({ toldAt }) => toldAt !== null).map(({ step, channel }) => `${step} ${channel}`)).toEqual([
      'first sms',
      'first mail',
    ]);
    expect(new Set(notices.flatMap(({ cancelledWhy }) => cancelledWhy ?? []))).toEqual(
      new Set(['the alert was acknowledged']),
    );
  });

  it('that did not happen is taken back from everybody who was told, and from nobody else', async () => {
    await opened();
    await later(15 * MINUTE);
    await scene.found({ event: 'retracted', finding: excursion() });
    expect((await messages()).filter((message) => message.startsWith('alert.retracted'))).toEqual([
      'alert.retracted mail',
      'alert.retracted sms',
    ]);
  });

  it('is told once where several steps came due while nothing could be told', async () => {
    const id = await opened();
    expect(await later(3 * 60 * MINUTE + MINUTE)).toBe(1);
    expect((await messages()).slice(2)).toEqual(['alert.escalated sms ben+anna', 'alert.reminded mail anna']);
    const overtaken = (await noticesOfAlert(database, id)).filter(({ cancelledAt }) => cancelledAt !== null);
    expect(overtaken.map(({ step }) => step)).toEqual(['repeat 1', 'repeat 1', 'repeat 2', 'repeat 2']);
  });

  it('waits for the end of a snooze', async () => {
    const id = await opened();
    await service.snooze(id, by('anna'), scene.time.now() + 30 * MINUTE);
    expect(await later(20 * MINUTE)).toBe(0);
    expect(await later(31 * MINUTE)).toBe(1);
    expect((await messages()).at(-1)).toBe('alert.escalated sms ben');
  });

  it('starts again where the alert opens again', async () => {
    const id = await opened();
    await service.resolve(id, by('anna'), { comment: 'door closed' });
    await service.reopen(id, by('anna'), { comment: 'it was not' });
    expect((await messages()).filter((message) => message.startsWith('alert.opened'))).toHaveLength(4);
    expect(await later(15 * MINUTE)).toBe(1);
  });

  it('is counted apart for two who tell at once: each notice goes out once', async () => {
    await opened();
    const told = await Promise.all([1, 2, 3].map(() => later(15 * MINUTE)));
    expect(told.reduce((sum, one) => sum + one, 0)).toBe(1);
    expect((await messages()).filter((message) => message.startsWith('alert.escalated'))).toHaveLength(1);
  });
});
