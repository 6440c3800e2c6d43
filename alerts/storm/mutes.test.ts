import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Finding } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { by } from '../../storage/testing/people.ts';
import { tellDue } from '../routing/due-notices.ts';
import type { RuleLabels } from '../routing/routed-alert.ts';
import { parseRouting } from '../routing/routing-file.ts';
import { at, excursion, MINUTE, pallet, Scene, sgtin } from '../testing/scene.ts';
import { reviewMutes } from './mute-review.ts';
import { endSilences, Silences } from './silences.ts';
import { tellChanges } from './tell-changes.ts';

const plan = parseRouting(
  `people:
  anna: { notify: { critical: [sms], info: [mail] } }
route: { name: all, to: [{ person: anna }], repeat: 1h }
inhibit:
  - { name: the freezer says it, source: { rule: [frozen] }, target: { rule: [too-cold] }, equal: [device] }`,
  'routing.yaml',
  ['sms', 'mail'],
);
const hook = (id: string) => ({ id, kind: 'webhook' as const, url: 'http://127.0.0.1:9/', secret: 'whsec_c2VjcmV0' });
const database = await testDatabase();
const labels: RuleLabels = async (rule): Promise<Record<string, string>> =>
  rule === 'supply' ? { power: 'lost' } : {};
const scene = new Scene(database, { plan, config: { channels: [hook('sms'), hook('mail')], route: null }, labels });
/** A supply that its rule calls lost: as the engine leaves a running threshold, its end is its last reading so far. */
const lost = excursion({ rule: 'supply', key: 'ups-1/battery', to: at('10:20') });
const silences = new Silences({ audit: scene.audit, database, time: scene.time });

beforeAll(async () => {
  await scene.worker.start();
  await database.query(
    `INSERT INTO places (id, kind, name, zone, position) VALUES ('site:berlin', 'site', 'Berlin', 'Europe/Berlin', 1)`,
  );
  await database.query(
    `INSERT INTO credentials (id, sha256, created_at, kind)
     SELECT id, '', now(), 'gateway' FROM unnest(ARRAY['gw-1', 'gw-2']) AS id`,
  );
  await database.query(
    `INSERT INTO credential_sources (credential, source, state, first_seen_at)
     VALUES ('gw-1', 'logger-1', 'confirmed', now()), ('gw-2', 'logger-2', 'confirmed', now())`,
  );
  await database.query(
    `INSERT INTO attachments_histories (history, value, since, until, position, source, holds)
     VALUES (1, 'site:berlin', 0, NULL, 1, 'test', true)`,
  );
  await database.query(
    `INSERT INTO attachments_members (subject, history)
     SELECT id, 1 FROM unnest(ARRAY['gw-1', 'gw-2', 'logger-1', 'logger-2', 'logger-3', 'ups-1']) AS id`,
  );
});
afterAll(() => scene.worker.stop());
beforeEach(async () => {
  await scene.clear();
  await database.query('TRUNCATE alert_notices, alert_groups, alert_group_members, routed_alerts, alert_silences');
});

const silent = (device: string, change: Partial<Finding> = {}) =>
  excursion({ rule: 'silent', kind: 'silence', key: `${device}/temperature`, runs: [], ...change });
const opened = (finding: Finding) => scene.found({ event: 'opened', finding });
const over = (finding: Finding) =>
  scene.found({ event: 'closed', finding: { ...finding, to: scene.time.now(), endedBy: 'recovery' } });

/** What the worker does every ten seconds, so long after the clock stands. */
async function look(ms = 0): Promise<void> {
  const dependencies = { audit: scene.audit, database, routing: scene.routing };
  const now = scene.time.now() + ms;
  await endSilences(dependencies, now);
  await reviewMutes(dependencies, now);
  await tellChanges(dependencies, now);
  await tellDue(dependencies, now);
}

async function told(): Promise<readonly string[]> {
  const { rows } = await database.query<{ text: string }>(
    `SELECT type || ' ' || channel || ' ' || coalesce(body::jsonb #>> '{data,alert,subject,device}', '') AS text
     FROM outbox ORDER BY created_at, text`,
  );
  return rows.map(({ text }) => text.trim());
}

async function mutedBy(device: string): Promise<string | null> {
  const alert = (await scene.alerts()).find(({ subject, rule }) => subject.device === device && rule.id !== 'frozen');
  return (await scene.service.muted(alert?.id ?? ''))?.why ?? null;
}

describe('an alert that another says already', () => {
  it('is not told: a silent gateway mutes its devices, and what stands five minutes after it is back is', async () => {
    await opened(silent('gw-1'));
    await opened(silent('logger-1'));
    await opened(silent('logger-2'));
    expect(await told()).toEqual(['alert.opened sms gw-1', 'alert.opened sms logger-2']);
    expect(await mutedBy('logger-1')).toBe('a silent gateway: gw-1');
    await look(MINUTE);
    expect(await told()).toHaveLength(2);
    await over(silent('gw-1'));
    // What its devices spooled is under way: their silence is not known to stand yet.
    await look(4 * MINUTE);
    expect(await told()).toHaveLength(2);
    await look(5 * MINUTE);
    expect((await told()).slice(2)).toEqual(['alert.opened sms logger-1']);
    expect(await mutedBy('logger-1')).toBeNull();
  });

  it('is never told where the backlog of the gateway that is back ends it', async () => {
    await opened(silent('gw-1'));
    await opened(silent('logger-1'));
    await over(silent('gw-1'));
    await look(2 * MINUTE);
    await scene.found({ event: 'retracted', finding: silent('logger-1') });
    await look(61 * MINUTE);
    expect(await told()).toEqual(['alert.opened sms gw-1', 'alert.reminded sms gw-1']);
  });

  it('is repeated no more where the other came after it was told', async () => {
    await opened(silent('logger-1'));
    await opened(silent('gw-1'));
    await look(61 * MINUTE);
    expect((await told()).slice(2)).toEqual(['alert.reminded sms gw-1']);
    expect(await mutedBy('logger-1')).toBe('a silent gateway: gw-1');
    const [alert] = (await scene.alerts()).filter(({ subject }) => subject.device === 'logger-1');
    expect((await scene.service.events(alert?.id ?? '')).map(({ action }) => action)).toContain('muted');
  });

  it('at a site where several gateways are silent is that of devices of none of them too', async () => {
    await opened(silent('gw-1'));
    await opened(silent('logger-3'));
    expect(await mutedBy('logger-3')).toBeNull();
    await opened(silent('gw-2'));
    await look(61 * MINUTE);
    expect(await mutedBy('logger-3')).toBe('several gateways of a site: gw-1, gw-2');
  });

  it('at a site without power is every silence there, while the excursion of the supply runs', async () => {
    await opened(lost);
    await opened(silent('logger-1'));
    await opened(excursion({ key: 'logger-2/temperature' }));
    expect(await told()).toEqual(['alert.opened sms logger-2', 'alert.opened sms ups-1']);
    expect(await mutedBy('logger-1')).toBe('a site without power: ups-1');
    // Back at 10:40: what still stands is told.
    await scene.found({ event: 'closed', finding: { ...lost, to: at('10:40'), endedBy: 'recovery' } });
    await look(MINUTE);
    expect((await told()).slice(2)).toEqual(['alert.opened sms logger-1']);
  });

  it('is muted by an excursion that runs, whose end is its last reading so far', async () => {
    await opened(excursion({ rule: 'frozen', to: at('10:20') }));
    await opened(excursion({ rule: 'too-cold', to: at('10:20') }));
    expect(await told()).toHaveLength(1);
  });

  it('is never an excursion of a device behind a silent gateway', async () => {
    await opened(silent('gw-1'));
    await opened(excursion({ key: 'logger-1/temperature' }));
    expect(await told()).toContain('alert.opened sms logger-1');
  });

  it('is muted by rules of the routing file, until the other is resolved', async () => {
    await opened(excursion({ rule: 'frozen' }));
    await opened(excursion({ rule: 'too-cold' }));
    expect(await told()).toHaveLength(1);
    const frozen = (await scene.alerts()).find(({ rule }) => rule.id === 'frozen');
    await scene.service.resolve(frozen?.id ?? '', by('anna'), { comment: 'looked' });
    await look(MINUTE);
    expect((await told()).filter((line) => line.startsWith('alert.opened'))).toHaveLength(2);
  });
});

describe('a silence', () => {
  const until = (ms: number) => scene.time.now() + ms;

  it('ends: its author is told, and so is what still stands', async () => {
    await silences.add(
      { match: { site: ['site:berlin'] }, reason: 'works at the dock', until: until(MINUTE) },
      by('anna'),
    );
    await opened(silent('logger-1'));
    await opened(excursion({ key: 'logger-9/temperature' }));
    expect(await told()).toEqual(['alert.opened sms logger-9']);
    await look(30_000);
    expect(await mutedBy('logger-1')).toBe('silenced by anna: works at the dock');
    expect((await silences.list())[0]).toMatchObject({ author: 'anna', muted: 1, endedAt: null });
    await look(MINUTE);
    expect((await told()).slice(1)).toEqual(['alert.opened sms logger-1', 'silence.ended mail']);
    await look(2 * MINUTE);
    expect(await told()).toHaveLength(3);
  });

  it('has an end, thirty days away at most', async () => {
    const add = (ms: number) =>
      silences.add({ match: { kind: ['silence'] }, reason: 'x', until: until(ms) }, by('anna'));
    await expect(add(0)).rejects.toMatchObject({ code: 'SILENCE_END' });
    await expect(add(31 * 24 * 60 * MINUTE)).rejects.toMatchObject({ code: 'SILENCE_END' });
  });

  it('can be ended before its time, once', async () => {
    const { id } = await silences.add(
      { match: { device: ['logger-1'] }, reason: 'x', until: until(60 * MINUTE) },
      by('anna'),
    );
    await opened(silent('logger-1'));
    expect(await told()).toEqual([]);
    expect(await silences.end(id, by('ben'))).toMatchObject({ endedBy: 'ben' });
    expect(await silences.end(id, by('anna'))).toMatchObject({ endedBy: 'ben' });
    await look(1);
    expect(await told()).toEqual(['alert.opened sms logger-1']);
    await expect(silences.end(999_999, by('ben'))).rejects.toMatchObject({ code: 'SILENCE_UNKNOWN' });
  });
});

it('serials that come and go with every late message are told once in five minutes, and those that came back never', async () => {
  scene.exposed.set('logger-7', [pallet(3)]);
  await opened(excursion());
  const [alert] = await scene.alerts();
  await scene.service.acknowledge(alert?.id ?? '', by('anna'), {});
  const changes = async () => {
    const { rows } = await database.query<{ change: { serials: { addedEpcs: string[]; removedEpcs: string[] } } }>(
      `SELECT body::jsonb #> '{data,change}' AS change FROM outbox WHERE type = 'alert.changed' ORDER BY position`,
    );
    return rows.map(({ change }) => [change.serials.addedEpcs, change.serials.removedEpcs]);
  };
  const becomes = async (...serials: number[]) => {
    scene.exposed.set('logger-7', [pallet(3, { serials: serials.map(sgtin) })]);
    await scene.exposureChanged('logger-7', 'packed otherwise');
  };
  const first = [[sgtin(4)], []];
  await becomes(1, 2, 3, 4);
  expect(await changes()).toEqual([first]);
  await becomes(1, 2, 3, 4, 5);
  await becomes(2, 3, 4, 5);
  await becomes(2, 3, 4);
  await look(4 * MINUTE);
  expect(await changes()).toEqual([first]);
  await look(5 * MINUTE);
  expect(await changes()).toEqual([first, [[], [sgtin(1)]]]);
  await look(60 * MINUTE);
  expect(await changes()).toHaveLength(2);
});

it('whoever acknowledged an old list of serials is told which came and went', async () => {
  scene.exposed.set('logger-7', [pallet(3)]);
  await opened(excursion());
  const [alert] = await scene.alerts();
  await scene.service.acknowledge(alert?.id ?? '', by('anna'), {});
  scene.exposed.set('logger-7', [pallet(3, { serials: [sgtin(2), sgtin(3), sgtin(4)] })]);
  await scene.exposureChanged('logger-7', 'the pallet was packed otherwise');
  const { rows } = await database.query<{ change: unknown }>(
    `SELECT body::jsonb #> '{data,change}' AS change FROM outbox WHERE type = 'alert.changed' AND channel = 'sms'`,
  );
  expect(rows).toEqual([
    {
      change: {
        reason: 'the pallet was packed otherwise',
        serials: { added: 1, removed: 1, addedEpcs: [sgtin(4)], removedEpcs: [sgtin(1)] },
      },
    },
  ]);
});
