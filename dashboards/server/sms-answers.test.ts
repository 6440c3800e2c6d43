import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { senderOf } from '../../alerts/delivery/sender.ts';
import { AcknowledgePins, channelSchema } from '../../alerts/index.ts';
import { Receiver } from '../../alerts/testing/receiver.ts';
import { ManualTime, systemTime } from '../../domain/index.ts';
import { InstallationKey } from '../../storage/index.ts';
import type { AlertDetail } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const NUMBER = '+4915112345678';
const SECRET = 'a-secret-of-the-provider';
const key = InstallationKey.random();
const provider = new Receiver();

let house: Installation;
let pins: AcknowledgePins;
let alert: AlertDetail;
let channel: ReturnType<typeof channelSchema.parse>;
let rule = 0;

beforeAll(async () => {
  house = await Installation.start({
    key,
    webhookSecrets: new Map([
      ['sms', SECRET],
      ['twilio', '12345'],
    ]),
  });
  pins = new AcknowledgePins({ database: house.database, key, time: systemTime });
  channel = channelSchema.parse({
    ...{ id: 'sms', kind: 'http', url: await provider.start(), to: ['+33100'] },
    body: '{"to":"{{to}}","text":"{{text}}","pin":"{{pin}}"}',
  });
});
afterAll(async () => {
  await provider.stop();
  await house?.stop();
});
beforeEach(async () => {
  await house.database.query('TRUNCATE alert_pins, alert_pin_tries');
  const id = `sms-${rule++}`;
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

/** An SMS about the alert, as the provider is asked to send it. */
async function sent(state = 'open'): Promise<{ to: string; text: string; pin: string }> {
  provider.received.length = 0;
  const sender = senderOf(channel, {
    ...{ time: systemTime, outgoing: null, pins },
    links: () => ({ page: 'https://iso.example', acknowledge: null }),
    recipients: async () => ({
      ...{ people: ['anna'], own: [NUMBER], whose: new Map([[NUMBER, 'anna']]), isShared: false },
      wording: { language: 'de', zone: 'Europe/Berlin' },
    }),
  });
  const told = {
    ...{ id: alert.id, kind: 'threshold', severity: 'critical', state, summary: 'truck-7 above 8 °C', reopened: 0 },
    ...{ subject: {}, from: '2026-11-22T10:00:00.000Z', to: null, detectedLate: false, revision: alert.revision },
    ...{ evidence: { limit: 8, extreme: 9, minutesOutOfRange: 59 }, affected: { count: 0, serials: [] } },
  };
  const body = JSON.stringify({ type: 'alert.opened', data: { alert: told } });
  await sender.send({ event: 'evt_1', body }, new AbortController().signal);
  return JSON.parse(provider.received[0]?.body ?? '');
}
const made = () => pins.make({ alert: alert.id, reopened: 0, person: 'anna', number: NUMBER });
const answer = (body: string, type = 'application/x-www-form-urlencoded', authorization = `Bearer ${SECRET}`) =>
  fetch(`${house.url}/api/v1/webhooks/sms`, { method: 'POST', headers: { 'content-type': type, authorization }, body });
const form = (Body: string, From = NUMBER) => answer(new URLSearchParams({ From, Body, MessageSid: 'SM1' }).toString());
const state = async () => ((await house.ask('quality', 'GET', `/alerts/${alert.id}`)).body as AlertDetail).state;
const wrongOf = (pin: string) => String((Number(pin) + 1) % 1_000_000).padStart(6, '0');

test('an SMS about an open alert ends with a PIN; answering with it acknowledges once, as that person, from that number', async () => {
  const { to, text, pin } = await sent();
  expect([to, pin]).toEqual([NUMBER, expect.stringMatching(/^\d{6}$/)]);
  expect(text).toContain(`Zum Bestätigen ${pin} antworten.`);
  expect(text.length).toBeLessThanOrEqual(300);
  expect((await form(`${pin} ist in Arbeit`)).status).toBe(204);
  const { body } = await house.ask('quality', 'GET', `/alerts/${alert.id}`);
  expect(body).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'anna' });
  const entries = (await house.ask('admin', 'GET', `/audit?subject=alert:${alert.id}`)).body as {
    items: { action: string; actor: object }[];
  };
  expect(entries.items.map(({ actor }) => actor)).toContainEqual(
    expect.objectContaining({ id: `sms:${NUMBER}`, name: 'anna' }),
  );
  const { rows } = await house.database.query('SELECT * FROM alert_pins');
  expect(rows).toEqual([]);
  expect((await sent('acknowledged')).pin).toBe('');
});

test('forms of other providers are read; what is neither says what is asked for', async () => {
  const json = (value: object) => answer(JSON.stringify(value), 'application/json');
  expect((await json({ msisdn: '4915112345678', text: await made() })).status).toBe(204);
  expect(await state()).toBe('acknowledged');
  for (const body of ['{"from":"+49"}', '{"from":', 'Body=1', '']) {
    const refused = await answer(body);
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([422, 'SMS_MALFORMED']);
  }
});

test('a wrong PIN, one of another number, one that is past and one of nobody are answered alike and do nothing', async () => {
  const pin = await made();
  await pins.make({ alert: alert.id, reopened: 0, person: 'ben', number: '+4822' });
  const time = new ManualTime(Date.now() - 13 * 3_600_000);
  const past = await new AcknowledgePins({ database: house.database, key, time }).make({
    ...{ alert: alert.id, reopened: 0, person: 'carl', number: '+331' },
  });
  const answers = [
    ...[form(wrongOf(pin)), form(pin, '+4822'), form(past, '+331'), form(pin, '+1555'), form('yes'), form(`1${pin}`)],
  ];
  for (const one of await Promise.all(answers)) expect([one.status, await one.text()]).toEqual([204, '']);
  expect(await state()).toBe('open');
  expect((await form(pin)).status).toBe(204);
  expect(await state()).toBe('acknowledged');
});

test('guessing ends after five, also of many at once; who was sent no PIN takes up nobody’s tries', async () => {
  const pin = await made();
  await Promise.all(Array.from({ length: 8 }, (_, n) => form(pin, `+1555000${n}`)));
  await Promise.all(Array.from({ length: 8 }, () => form(wrongOf(pin))));
  const { rows } = await house.database.query('SELECT number FROM alert_pin_tries');
  expect(rows).toHaveLength(5);
  await form(pin);
  expect(await state()).toBe('open');
  await house.database.query("UPDATE alert_pin_tries SET tried_at = tried_at - interval '61 minutes'");
  await form(pin);
  expect(await state()).toBe('acknowledged');
});

test('a PIN of an earlier opening does nothing, and the database has none that can be read', async () => {
  const pin = await pins.make({ alert: alert.id, reopened: 1, person: 'anna', number: NUMBER });
  const { rows } = await house.database.query('SELECT * FROM alert_pins');
  expect(JSON.stringify(rows)).not.toContain(pin);
  await form(pin);
  expect(await state()).toBe('open');
});

test('who does not know the secret brings nothing', async () => {
  const pin = await made();
  const body = `From=${encodeURIComponent(NUMBER)}&Body=${pin}`;
  for (const authorization of ['', 'Bearer wrong'])
    expect((await answer(body, undefined, authorization)).status).toBe(401);
  expect(await state()).toBe('open');
  const basic = `Basic ${Buffer.from(`sms:${SECRET}`).toString('base64')}`;
  expect((await answer(body, undefined, basic)).status).toBe(204);
  expect(await state()).toBe('acknowledged');
});

test('where a site asks for a comment, a PIN alone does nothing and is not used up; what stands beside it is the comment', async () => {
  const place = { zone: 'Europe/Berlin', commentRequired: true };
  expect((await house.ask('admin', 'PUT', '/places/site:berlin', place)).status).toBe(200);
  await house.database.query(
    `INSERT INTO attachments_histories (history, value, since, until, position, source, holds)
     VALUES (9001, 'site:berlin', 0, NULL, 1, 'test', true)`,
  );
  await house.database.query("INSERT INTO attachments_members (subject, history) VALUES ('logger-7', 9001)");
  const pin = await made();
  expect((await form(pin)).status).toBe(204);
  expect(await state()).toBe('open');
  await form(`${pin} on my way`);
  const { body } = await house.ask('quality', 'GET', `/alerts/${alert.id}`);
  const { state: now, history } = body as AlertDetail;
  expect([now, history.at(-1)?.comment]).toEqual(['acknowledged', 'on my way']);
});

test('an SMS about alerts told together has a PIN for those of which somebody was told, and for no others', async () => {
  const { rows } = await house.database.query<{ number: number }>('SELECT number FROM alerts WHERE id = $1', [
    alert.id,
  ]);
  const first = alert;
  const group = async (reason: string) => {
    const { rows: made } = await house.database.query<{ id: string }>(
      `INSERT INTO alert_groups (route, key, by_values, interval_ms, repeat_ms, opened_at, due_at)
       VALUES ('all', $1, '{}', 1000, 0, now(), now()) RETURNING id`,
      [reason],
    );
    const id = made[0]?.id ?? '';
    const member = 'INSERT INTO alert_group_members (grp, alert, told_at) VALUES ($1, $2, $3)';
    await house.database.query(member, [id, rows[0]?.number, new Date(Date.now() - MINUTE)]);
    return String(id);
  };
  const id = await group('one');
  const sender = senderOf(channel, {
    ...{ time: systemTime, outgoing: null, pins },
    links: () => ({ page: 'https://iso.example', acknowledge: null }),
    recipients: async () => ({
      ...{ people: ['anna'], own: [NUMBER], whose: new Map([[NUMBER, 'anna']]), isShared: false },
      wording: { language: 'en', zone: 'UTC' },
    }),
  });
  const told = async (type: string, open: number) => {
    provider.received.length = 0;
    const counts = { alerts: 1, open, acknowledged: 0, resolved: 0, retracted: 0, running: 1 };
    const view = { id, route: 'all', by: {}, summary: 'storm', severity: 'critical', openedAt: '2026-11-29T12:00:00Z' };
    const data = { group: { ...view, counts, added: 1, alerts: [] }, notice: { step: 'first', people: ['anna'] } };
    await sender.send({ event: `evt_${type}`, body: JSON.stringify({ type, data }) }, new AbortController().signal);
    return JSON.parse((await provider.gets(1))[0]?.body ?? '').pin as string;
  };
  const pin = await told('group.opened', 1);
  expect(pin).toMatch(/^\d{6}$/);
  expect([await told('group.ended', 0), await told('group.reminded', 0)]).toEqual(['', '']);
  await house.database.query('UPDATE alert_group_members SET told_at = $2 WHERE grp = $1', [
    id,
    new Date(Date.now() + MINUTE),
  ]);
  await form(`${pin} on my way`);
  expect(await state()).toBe('open');
  const other = await group('two');
  const second = await pins.makeForGroup({ group: other, person: 'anna', number: NUMBER });
  await form(`${second} on my way`);
  const { body } = await house.ask('quality', 'GET', `/alerts/${first.id}`);
  expect(body).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'anna' });
});

test('what Twilio signed is taken by its signature; with a wrong one the right secret does not help', async () => {
  const pin = await made();
  const url = `${house.url}/api/v1/webhooks/sms`;
  const signed = (token: string) =>
    createHmac('sha1', token).update(`${url}Body${pin} on my wayFrom${NUMBER}`).digest('base64');
  const bring = (signature: string, authorization = '') =>
    fetch(url, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature },
        ...(authorization !== '' && { authorization }),
      },
      body: new URLSearchParams({ From: NUMBER, Body: `${pin} on my way` }).toString(),
    });
  expect((await bring(signed('54321'))).status).toBe(401);
  expect((await bring(signed('54321'), `Bearer ${SECRET}`)).status).toBe(401);
  expect(await state()).toBe('open');
  expect((await bring(signed('12345'))).status).toBe(204);
  expect(await state()).toBe('acknowledged');
});
