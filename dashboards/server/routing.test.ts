import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RoutingDraftView, RoutingView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const FIRST = `people:
  anna: { zone: Europe/Berlin, notify: { critical: [ops] } }
  ben: { notify: { critical: [ops] } }
schedules:
  duty:
    zone: Europe/Berlin
    people: [anna, ben]
    start: "2026-11-02"
    days: 7
    handOver: "08:00"
route:
  name: all
  to: [{ schedule: duty }]
  escalation: [{ after: 15m, to: [{ person: ben }] }]
`;

let house: Installation;
beforeAll(async () => {
  house = await Installation.start();
  await house.ask('admin', 'PUT', '/channels/ops', { url: 'http://127.0.0.1:9/hook' });
});
afterAll(() => house.stop());

async function put(text: string, version: number, role: 'operations' | 'dock' = 'operations', query = '') {
  const body = { text, reason: 'who is here in winter' };
  const { status, body: answer } = await house.ask(role, 'PUT', `/routing?version=${version}${query}`, body);
  return { status, answer: answer as RoutingView & { code: string; detail: string } };
}

test('a routing is written on the page, in force at once, and every version stays with who, when and why', async () => {
  expect((await house.ask('operations', 'GET', '/routing')).body).toMatchObject({ source: 'none', version: 0 });
  const { status, answer } = await put(FIRST, 0);
  expect(status).toBe(200);
  expect(answer).toMatchObject({
    ...{ source: 'edited', version: 1, text: FIRST, file: null, problems: [] },
    people: [{ id: 'anna', channels: ['ops'] }, { id: 'ben' }],
    versions: [{ version: 1, author: 'test-operations', reason: 'who is here in winter' }],
  });
  const { shifts } = answer.schedules[0] ?? { shifts: [] };
  expect(shifts.map(({ people }) => people[0])).toEqual(
    [...new Array(shifts.length).keys()].map(
      (n) => ['anna', 'ben'][(n + ['anna', 'ben'].indexOf(shifts[0]?.people[0] ?? '')) % 2],
    ),
  );
  await put(`${FIRST}  repeat: 1h\n`, 1);
  expect((await house.ask('quality', 'GET', '/routing/versions/1')).body).toMatchObject({ version: 1, text: FIRST });
  expect((await house.ask('quality', 'GET', '/routing/versions/9')).status).toBe(404);
});

test('a routing with a fault is refused whole, in one line that says where; the one in force goes on', async () => {
  const before = (await house.ask('operations', 'GET', '/routing')).body as RoutingView;
  const { status, answer } = await put(FIRST.replace('people: [anna, ben]', 'people: [anna, carl]'), before.version);
  expect({ status, code: answer.code }).toEqual({ status: 422, code: 'ROUTING_FILE_BAD' });
  expect(answer.detail).toBe('routing:7: schedules.duty.people[1]: "carl", allowed: a person that there is: anna, ben');
  const late = await put(FIRST, before.version - 1);
  expect({ status: late.status, code: late.answer.code }).toEqual({ status: 409, code: 'ROUTING_EDITED' });
  expect((await put(FIRST, before.version, 'dock')).status).toBe(403);
  expect((await put(FIRST, before.version, 'operations', '&dryRun=true')).status).toBe(200);
  const after = (await house.ask('operations', 'GET', '/routing')).body as RoutingView;
  expect(after).toMatchObject({ version: before.version, text: before.text });
});

test('who would be told of an invented alert is asked of the routing in force, or of one that is being written', async () => {
  const asked = { severity: 'critical', at: '2026-11-10T12:00:00Z' };
  const steps = async (body: object) => {
    const { body: answer } = await house.ask('logistics', 'POST', '/routing/trial', body);
    return (answer as { items: { who: string; when: string; step: string }[] }).items
      .filter(({ step }) => !step.startsWith('repeat'))
      .map(({ who, when, step }) => `${when} ${who} ${step}`);
  };
  expect(await steps(asked)).toEqual([
    '2026-11-10T12:00:00.000Z ben first',
    '2026-11-10T12:15:00.000Z ben escalation 1',
  ]);
  const draft = FIRST.replace('after: 15m', 'after: 5m');
  expect(await steps({ ...asked, text: draft })).toContain('2026-11-10T12:05:00.000Z ben escalation 1');
  expect((await house.ask('logistics', 'POST', '/routing/trial', { alert: 'none' })).status).toBe(404);
});

test('a form changes one entry of the text, says what the next two weeks look like then, and saves nothing', async () => {
  const before = (await house.ask('operations', 'GET', '/routing')).body as RoutingView;
  const draft = async (change: object | undefined, text = `# all of us\n${FIRST}`) => {
    const { status, body } = await house.ask('logistics', 'POST', '/routing/draft', { text, change });
    return { status, body: body as RoutingDraftView & { code: string; detail: string } };
  };
  const year = new Date().getUTCFullYear() + 1;
  const instead = [{ from: `${year}-01-05T08:00:00+01:00`, to: `${year}-01-06T08:00:00+01:00`, person: 'anna' }];
  const { body } = await draft({ section: 'schedules', id: 'duty', value: { instead } });
  expect(body.text).toBe(
    `# all of us\n${FIRST.replace('handOver: "08:00"\n', (line) => `${line}    instead:\n      - { from: "${instead[0]?.from}", to: "${instead[0]?.to}", person: anna }\n`)}`,
  );
  expect(body).toMatchObject({ lost: [], schedules: [{ id: 'duty', handOver: '08:00', instead, holidays: [] }] });
  expect(body.people[0]).toMatchObject({ id: 'anna', notify: { critical: ['ops'], warning: [] }, quiet: [] });
  const gone = await draft({ section: 'people', id: 'anna', value: null });
  expect(gone).toMatchObject({ status: 422, body: { code: 'ROUTING_FILE_BAD' } });
  expect(gone.body.detail).toContain('schedules.duty.people[0]: "anna", allowed: a person that there is: ben');
  expect((await draft(undefined, 'people: [')).status).toBe(422);
  expect((await house.ask('dock', 'POST', '/routing/draft', { text: FIRST })).status).toBe(403);
  expect((await house.ask('operations', 'GET', '/routing')).body).toMatchObject({ version: before.version });
});

test('how alerts went is counted by rule and the like; a time that is none, or longer than 400 days, is refused', async () => {
  const asked = (query: string) => house.ask('quality', 'GET', `/statistics/alerts?${query}`);
  const nothing = { alerts: 0, standing: 0, retracted: 0, decided: 0, withoutAction: 0, acknowledgeSeconds: null };
  expect((await asked('by=lane')).body).toMatchObject({ by: 'lane', total: nothing, worst: [], proposals: [] });
  for (const query of ['from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'from=2020-01-01T00:00:00Z']) {
    expect((await asked(query)).body).toMatchObject({ code: 'STATISTICS_PERIOD' });
  }
  expect((await house.ask('dock', 'GET', '/statistics/alerts')).status).toBe(403);
});
