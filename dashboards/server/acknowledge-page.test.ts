import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { AcknowledgeLinks } from '../../alerts/index.ts';
import { systemTime } from '../../domain/index.ts';
import { InstallationKey } from '../../storage/index.ts';
import type { AlertDetail } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const key = InstallationKey.random();
const links = new AcknowledgeLinks(key);

let house: Installation;
let alert: AlertDetail;
let rule = 0;

beforeAll(async () => {
  house = await Installation.start({ key });
});
afterAll(() => house.stop());
beforeEach(async () => {
  const id = `too-warm-${rule++}`;
  await house.find({
    ...{ rule: id, ruleVersion: 1, kind: 'threshold', severity: 'critical', key: 'logger-7/temperature' },
    ...{ from: NOW - 60 * MINUTE, to: NOW - MINUTE, endedBy: 'recovery', extreme: 9, readings: 0, limit: 8 },
    ...{ minutesOutOfRange: 59, runs: [], detectedAt: NOW, detectedLate: false },
  });
  for (;;) {
    const { items } = (await house.ask('quality', 'GET', '/alerts')).body as { items: AlertDetail[] };
    const found = items.find((one) => one.rule.id === id);
    if (found !== undefined) {
      alert = (await house.ask('quality', 'GET', `/alerts/${found.id}`)).body as AlertDetail;
      return;
    }
    await systemTime.sleep('test: an alert', 20);
  }
});

function link(people: readonly string[] = ['anna'], now = Date.now()): string {
  return links.of(house.url, 'sms', now).acknowledge?.(alert, people) ?? '';
}
const press = (url: string, seen: number | string = alert.revision, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: `seen=${seen}`,
  });
const present = async () => (await house.ask('quality', 'GET', `/alerts/${alert.id}`)).body as AlertDetail;

test('a link that is opened, by a person or by what looks at links before people do, acknowledges nothing', async () => {
  for (const method of ['GET', 'HEAD', 'GET']) {
    const answer = await fetch(link(), { method });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    if (method === 'GET')
      expect(await answer.text()).toMatch(/acknowledges this alert as anna[\s\S]*<form method="post">/);
  }
  expect((await present()).state).toBe('open');
});

test('the button of its page acknowledges once, as whom the message went to, and the audit trail says by which channel', async () => {
  const url = link();
  const page = await (await press(url)).text();
  expect(page).toContain('Acknowledged as anna');
  expect(page).not.toContain('<form');
  expect(await present()).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'anna' });
  const again = await (await press(url)).text();
  expect(again).toContain('Nothing was done: the alert is acknowledged by now, by anna.');
  const { items } = (await house.ask('admin', 'GET', `/audit?subject=alert:${alert.id}`)).body as {
    items: { action: string; actor: { id: string; name: string } }[];
  };
  expect(items.find(({ action }) => action === 'alert.acknowledged' || action === 'alert.acknowledge')).toMatchObject({
    actor: { id: 'link:sms', name: 'anna' },
  });
});

test('a link of an earlier opening, one past its end, one that was cut, changed or made with another key do nothing', async () => {
  const old = link();
  const ofOther = new AcknowledgeLinks(InstallationKey.random()).of(house.url, 'sms', Date.now());
  const whole = link();
  const bad = [
    ...[`${house.url}/acknowledge/x`, whole.slice(0, -1), whole.slice(0, -4), `${whole}A`],
    ...[whole.replace(/.{6}$/, 'AAAAAA'), ofOther.acknowledge?.(alert, ['anna']) ?? ''],
  ];
  for (const url of bad) expect([url, (await press(url)).status]).toEqual([url, 404]);
  expect((await press(`${house.url}/acknowledge/%00`)).status).toBe(400);
  expect((await press(link(['anna'], Date.now() - 4 * 24 * 3_600_000))).status).toBe(410);
  await house.ask('quality', 'POST', `/alerts/${alert.id}/resolve`, { reason: 'looked at' });
  await house.ask('quality', 'POST', `/alerts/${alert.id}/reopen`, { reason: 'it was not' });
  expect((await press(old, 99)).status).toBe(409);
  expect((await present()).state).toBe('open');
});

test('a form of another site, one without the page having been seen, and one that saw an older alert do nothing', async () => {
  const url = link();
  expect((await press(url, alert.revision, { origin: 'https://evil.example' })).status).toBe(403);
  expect((await press(url, alert.revision, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  expect(await (await press(url, '')).text()).toContain('<form');
  await house.ask('quality', 'POST', `/alerts/${alert.id}/assign`, { to: 'paula', revision: alert.revision });
  const page = await (await press(url)).text();
  expect(page).toContain('the alert changed since the message was sent');
  expect((await present()).state).toBe('open');
  expect(await (await press(url, (await present()).revision)).text()).toContain('Acknowledged as anna');
});

test('two who press at once: one acknowledges, the other is told who did', async () => {
  const pages = await Promise.all([press(link(['anna'])), press(link(['ben']))]).then((both) =>
    Promise.all(both.map((answer) => answer.text())),
  );
  expect(pages.filter((page) => page.includes('You may close this page'))).toHaveLength(1);
  expect(pages.filter((page) => page.includes('Nothing was done'))).toHaveLength(1);
});

test('where a site asks for a comment, the page of the link asks for it and the button does nothing without', async () => {
  const place = { zone: 'Europe/Berlin', commentRequired: true };
  expect((await house.ask('admin', 'PUT', '/places/site:berlin', place)).status).toBe(200);
  await house.database.query(
    `INSERT INTO attachments_histories (history, value, since, until, position, source, holds)
     VALUES (9001, 'site:berlin', 0, NULL, 1, 'test', true)`,
  );
  await house.database.query("INSERT INTO attachments_members (subject, history) VALUES ('logger-7', 9001)");
  const url = link();
  expect(await (await fetch(url)).text()).toContain('<textarea name="comment"');
  expect(await (await press(url)).text()).toContain('<textarea name="comment"');
  expect((await present()).state).toBe('open');
  const page = await (await press(url, `${alert.revision}&comment=${encodeURIComponent('on my way <b>')}`)).text();
  expect(page).toContain('Acknowledged as anna');
  const { state, history } = await present();
  expect([state, history.at(-1)?.comment]).toEqual(['acknowledged', 'on my way <b>']);
});
