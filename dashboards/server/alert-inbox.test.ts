import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseRouting } from '../../alerts/index.ts';
import { type Finding, systemTime } from '../../domain/index.ts';
import type { AlertActedView, AlertDetail, AlertGroupsView, AlertView, Problem } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const iso = (at: number) => new Date(at).toISOString();
const LOGGERS = ['logger-1', 'logger-2', 'logger-3', 'logger-4'];

let house: Installation;
const ids = new Map<string, string>();

beforeAll(async () => {
  const routing = parseRouting(
    `people:
  anna: { notify: { critical: [sms], warning: [sms] } }
  ben: { notify: { critical: [sms], warning: [sms] } }
route: { name: all, group: { by: [rule], wait: 1h }, to: [{ person: anna }], escalation: [{ after: 15m, to: [{ person: ben }] }] }`,
    'routing.yaml',
    ['sms'],
  );
  house = await Installation.start({ routing });
  await house.tell({
    type: 'place',
    place: { id: 'site:berlin', kind: 'site', name: 'Berlin', parent: null, zone: 'Europe/Berlin' },
    by: 'test',
  });
  await house.database.query(
    `INSERT INTO attachments_histories (history, value, since, until, position, source, holds)
     VALUES (9001, 'site:berlin', 0, NULL, 1, 'test', true)`,
  );
  await house.database.query("INSERT INTO attachments_members (subject, history) VALUES ('logger-1', 9001)");
  for (const [n, logger] of LOGGERS.entries()) {
    await house.find({ ...EXCURSION, key: `${logger}/temperature`, severity: n === 0 ? 'critical' : 'warning' });
  }
  while (ids.size < LOGGERS.length) {
    for (const { id, subject } of await alerts('')) ids.set(subject.device ?? '', id);
    await systemTime.sleep('test: alerts', 20);
  }
});
afterAll(() => house.stop());

const EXCURSION: Finding = {
  ...{ rule: 'too-warm', ruleVersion: 1, kind: 'threshold', severity: 'critical', key: 'logger-1/temperature' },
  ...{ from: NOW - 60 * MINUTE, to: NOW - MINUTE, endedBy: 'recovery', extreme: 9, readings: 0, limit: 8 },
  ...{ minutesOutOfRange: 59, runs: [], detectedAt: NOW, detectedLate: false },
};
const alerts = async (query: string) =>
  ((await house.ask('operations', 'GET', `/alerts?${query}`)).body as { items: AlertView[] }).items;
const groups = async (by: string, query = '') =>
  (await house.ask('operations', 'GET', `/alerts/groups?by=${by}&${query}`)).body as AlertGroupsView;
const many = (body: unknown) => house.ask('operations', 'POST', '/alerts/actions', body);
const of = (logger: string) => ids.get(logger) ?? '';
const detail = async (logger: string) =>
  (await house.ask('operations', 'GET', `/alerts/${of(logger)}`)).body as AlertDetail;

test('alerts are listed by the kind of their rule', async () => {
  expect((await alerts('kind=threshold')).length).toBe(LOGGERS.length);
  expect(await alerts('kind=shock')).toEqual([]);
});

test('alerts are counted by what they have in common, and each count is that of the list it opens', async () => {
  expect(await groups('rule', 'state=open')).toMatchObject({
    total: 4,
    groups: [{ key: 'too-warm', label: 'too-warm', alerts: 4, open: 4, critical: 1, warning: 3 }],
  });
  const bySite = await groups('site', 'state=open,acknowledged');
  expect(bySite).toMatchObject({
    total: 4,
    groups: [
      { key: 'site:berlin', label: 'Berlin', alerts: 1, critical: 1 },
      { key: null, label: null, alerts: 3, critical: 0 },
    ],
  });
  expect((await alerts('state=open&site=site:berlin')).map(({ id }) => id)).toEqual([of('logger-1')]);
  expect(await alerts('state=open&without=site')).toHaveLength(3);
  // As they are told together.
  const byNotice = await groups('notice', 'state=open');
  expect(byNotice).toMatchObject({ total: 4, groups: [{ label: 'all · too-warm', alerts: 4 }] });
  expect(await alerts(`notice=${byNotice.groups[0]?.key}`)).toHaveLength(4);
  for (const by of ['shipment', 'gateway']) {
    expect([by, await groups(by)]).toMatchObject([by, { total: 4, groups: [{ key: null, alerts: 4 }] }]);
    expect([by, await alerts(`without=${by}`)]).toMatchObject([by, { length: 4 }]);
  }
  expect((await house.ask('operations', 'GET', '/alerts/groups?by=colour')).status).toBe(400);
});

test('of many acted on at once each has its own answer: done, or why not and how it is now', async () => {
  const seen = new Map((await alerts('')).map(({ id, revision }) => [id, revision]));
  const given = (logger: string) => ({ id: of(logger), revision: seen.get(of(logger)) ?? 0 });
  // Somebody was first with one of them.
  await house.ask('quality', 'POST', `/alerts/${of('logger-2')}/acknowledge`, {});
  const asked = [...['logger-1', 'logger-2', 'logger-3'].map(given), { id: 'no-such-alert' }];
  const { status, body } = await many({ action: 'acknowledge', alerts: asked, reason: 'we look at the cold room' });
  expect(status).toBe(200);
  const items = (body as { items: AlertActedView[] }).items;
  expect(items.map(({ id, alert, problem }) => [id, alert?.state, problem?.status, problem?.code])).toEqual([
    [of('logger-1'), 'acknowledged', undefined, undefined],
    [of('logger-2'), undefined, 409, 'ALERT_STATE_CONFLICT'],
    [of('logger-3'), 'acknowledged', undefined, undefined],
    ['no-such-alert', undefined, 404, 'ALERT_UNKNOWN'],
  ]);
  expect(items[1]?.problem?.current).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'test-quality' });
  for (const logger of ['logger-1', 'logger-3']) {
    expect((await detail(logger)).history.at(-1)).toMatchObject({
      ...{ by: 'test-operations', action: 'acknowledged', comment: 'we look at the cold room' },
    });
  }
  expect((await detail('logger-2')).history.filter(({ action }) => action === 'acknowledged')).toHaveLength(1);
});

test('what an action on many lacks is asked for once, by its field, before anything is done', async () => {
  const one = [{ id: of('logger-4') }];
  for (const [body, path] of [
    [{ action: 'resolve', alerts: one }, 'reason'],
    [{ action: 'resolve', alerts: one, reason: '  ' }, 'reason'],
    [{ action: 'assign', alerts: one }, 'to'],
    [{ action: 'snooze', alerts: one }, 'until'],
    [{ action: 'acknowledge', alerts: [] }, 'alerts'],
    [{ action: 'acknowledge', alerts: [...one, ...one] }, 'alerts'],
    [{ action: 'delete', alerts: one }, 'action'],
  ] as const) {
    const refused = await many(body);
    expect([body.action, refused.status, (refused.body as Problem).errors?.[0]?.path]).toEqual([
      body.action,
      400,
      path,
    ]);
  }
  expect((await detail('logger-4')).state).toBe('open');
  expect((await house.ask('dock', 'POST', '/alerts/actions', { action: 'acknowledge', alerts: one })).status).toBe(403);
  const later = iso(NOW + 120 * MINUTE);
  await many({ action: 'assign', alerts: one, to: 'paula' });
  const { body } = await many({ action: 'snooze', alerts: one, until: later });
  expect((body as { items: AlertActedView[] }).items[0]?.alert).toMatchObject({
    ...{ assignedTo: 'paula', snoozedUntil: later },
  });
  expect((await alerts('assignedTo=paula')).map(({ id }) => id)).toEqual(one.map(({ id }) => id));
});

test('whoever is next is told at once where somebody asks for it, and it says so where nobody is', async () => {
  const escalate = () => house.ask('operations', 'POST', `/alerts/${of('logger-4')}/escalate`, {});
  const { status, body } = await escalate();
  expect(status).toBe(200);
  const { notices, history } = body as AlertDetail;
  expect(notices.find(({ who }) => who === 'ben')).toMatchObject({ step: 'escalation 1', state: 'sent' });
  expect(history.at(-1)).toMatchObject({ by: 'test-operations', action: 'escalated' });
  expect(await escalate()).toMatchObject({
    status: 409,
    body: { code: 'ALERT_NOBODY_NEXT', current: { state: 'open' } },
  });
  expect((await house.ask('operations', 'POST', `/alerts/${of('logger-1')}/escalate`, {})).body).toMatchObject({
    code: 'ALERT_STATE_CONFLICT',
  });
});
