import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemTime } from '../../domain/index.ts';
import type { AlertDetail, Problem } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;

let house: Installation;
let id = '';

beforeAll(async () => {
  house = await Installation.start();
  await house.find({
    ...{ rule: 'too-warm', ruleVersion: 1, kind: 'threshold', severity: 'critical', key: 'logger-7/temperature' },
    ...{ from: NOW - 60 * MINUTE, to: NOW - MINUTE, endedBy: 'recovery', extreme: 9, readings: 0, limit: 8 },
    ...{ minutesOutOfRange: 59, runs: [], detectedAt: NOW, detectedLate: false },
  });
  while (id === '') {
    const { items } = (await house.ask('quality', 'GET', '/alerts')).body as { items: { id: string }[] };
    id = items[0]?.id ?? '';
    await systemTime.sleep('test: an alert', 20);
  }
});
afterAll(() => house.stop());

const act = (verb: string, body: unknown) => house.ask('quality', 'POST', `/alerts/${id}/${verb}`, body);

// Seen: a critical excursion was resolved without a word, and the page could not open it again.
test('a critical alert is resolved with a reason, which is asked for by field, and opened again with one', async () => {
  for (const body of [{}, { reason: '' }, { comment: '  ' }]) {
    const refused = await act('resolve', body);
    expect([refused.status, (refused.body as Problem).errors?.map(({ path }) => path)]).toEqual([400, ['reason']]);
  }
  expect((await act('reopen', { reason: 'why' })).status).toBe(409);
  expect(await act('resolve', { reason: 'the probe lay on the cooling plate' })).toMatchObject({
    status: 200,
    body: { state: 'resolved', resolvedBy: 'test-quality' },
  });
  expect((await act('reopen', {})).status).toBe(400);
  const again = await act('reopen', { reason: 'it did not' });
  expect(again).toMatchObject({ status: 200, body: { id, state: 'open', reopened: 1, resolvedBy: null } });
  const { history } = again.body as AlertDetail;
  expect(history.slice(-2).map(({ action, comment }) => [action, comment])).toEqual([
    ['resolved', 'the probe lay on the cooling plate'],
    ['reopened', 'it did not'],
  ]);
  expect((await house.ask('dock', 'POST', `/alerts/${id}/reopen`, { reason: 'x' })).status).toBe(403);
});

test('of two who act on the same revision the second is told what the alert is now', async () => {
  const { revision } = (await house.ask('quality', 'GET', `/alerts/${id}`)).body as AlertDetail;
  expect((await act('assign', { to: 'paula', revision })).status).toBe(200);
  expect(await act('assign', { to: 'quentin', revision })).toMatchObject({
    status: 409,
    body: { code: 'ALERT_CHANGED', current: { state: 'open', assignedTo: 'paula', revision: revision + 1 } },
  });
  const both = await Promise.all([act('acknowledge', {}), act('acknowledge', {})]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
});

test('each action on a revision that somebody acted on since is refused with how the alert is now, and does nothing', async () => {
  const detail = async () => (await house.ask('quality', 'GET', `/alerts/${id}`)).body as AlertDetail;
  const stale = (await detail()).revision;
  await act('assign', { to: 'paula' });
  const bodies = {
    assign: { to: 'quentin' },
    snooze: { until: new Date(NOW + 24 * 60 * MINUTE).toISOString() },
    resolve: { reason: 'r' },
  };
  for (const [verb, body] of Object.entries(bodies)) {
    const before = await detail();
    expect([verb, await act(verb, { ...body, revision: stale })]).toMatchObject([
      verb,
      { status: 409, body: { code: 'ALERT_CHANGED', current: { state: before.state, assignedTo: 'paula' } } },
    ]);
    const { state, assignedTo, snoozedUntil, history } = await detail();
    expect({ state, assignedTo, snoozedUntil, history }).toEqual({
      ...{ state: before.state, assignedTo: before.assignedTo, snoozedUntil: before.snoozedUntil },
      history: before.history,
    });
  }
  // What its state does not allow is refused too, whatever was seen.
  expect(await act('acknowledge', { comment: 'c' })).toMatchObject({
    status: 409,
    body: { code: 'ALERT_STATE_CONFLICT', current: { state: 'acknowledged' } },
  });
  expect((await act('resolve', { reason: 'r' })).status).toBe(200);
  for (const [verb, body] of Object.entries(bodies)) {
    expect([verb, (await act(verb, body)).status]).toEqual([verb, 409]);
  }
  const resolved = (await detail()).revision;
  const both = await Promise.all([1, 2].map(() => act('reopen', { reason: 'r', revision: resolved })));
  expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
  expect(await detail()).toMatchObject({ id, state: 'open', reopened: 2 });
});

test('where a site asks for a comment, an alert of a room there is acknowledged with one', async () => {
  const place = { name: 'Berlin', zone: 'Europe/Berlin', commentRequired: true };
  expect((await house.ask('admin', 'PUT', '/places/site:berlin', place)).body).toMatchObject({ commentRequired: true });
  await house.ask('admin', 'PUT', '/places/room:berlin-cold', { parent: 'site:berlin' });
  await house.database.query(
    `INSERT INTO attachments_histories (history, value, since, until, position, source, holds)
     VALUES (9001, 'room:berlin-cold', 0, NULL, 1, 'test', true)`,
  );
  await house.database.query("INSERT INTO attachments_members (subject, history) VALUES ('logger-7', 9001)");
  expect((await house.ask('quality', 'GET', `/alerts/${id}`)).body).toMatchObject({
    state: 'open',
    needsComment: true,
  });
  for (const body of [{}, { comment: ' ' }]) {
    const refused = await act('acknowledge', body);
    expect([refused.status, (refused.body as Problem).code, (refused.body as Problem).errors?.[0]?.path]).toEqual([
      ...[422, 'COMMENT_REQUIRED', 'comment'],
    ]);
  }
  const taken = await act('acknowledge', { comment: 'the door is being closed' });
  expect(taken).toMatchObject({ status: 200, body: { state: 'acknowledged', needsComment: true } });
  expect((taken.body as AlertDetail).history.at(-1)).toMatchObject({
    action: 'acknowledged',
    comment: 'the door is being closed',
  });
});
