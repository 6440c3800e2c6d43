import { afterAll, beforeEach, expect, test } from 'vitest';
import { systemTime } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { channelSchema } from '../config.ts';
import { parseRouting } from '../routing/routing-file.ts';
import { Receiver } from '../testing/receiver.ts';
import { excursion, Scene } from '../testing/scene.ts';
import { RecipientBook } from './recipients.ts';
import { senderOf } from './sender.ts';

const database = await testDatabase();
const plan = parseRouting(
  `people:
  anna: { zone: Europe/Berlin, language: de, notify: { critical: [sms] }, addresses: { sms: "+491511" } }
  jan: { zone: Europe/Warsaw, language: pl, notify: { critical: [sms] }, addresses: { sms: "+48222" } }
  ben: { notify: { critical: [sms] } }
route: { name: all, to: [{ person: anna }] }`,
  'routing.yaml',
  ['sms'],
);
const book = new RecipientBook({ database, plan: () => plan, zone: async () => 'Europe/Paris' });
const hook = new Receiver();
const url = await hook.start();
const sms = channelSchema.parse({
  ...{ id: 'sms', kind: 'http', url, to: ['+33100'] },
  body: '{"to":"{{to}}","text":"{{title}}","all":"{{full}}"}',
});
const links = () => ({ page: 'https://iso.example', acknowledge: null });
const sender = senderOf(sms, { time: systemTime, outgoing: null, links, recipients: book.of });
afterAll(() => hook.stop());
beforeEach(() => {
  hook.received.length = 0;
  hook.answer = (response) => response.writeHead(204).end();
});

const tested = (...people: string[]) =>
  JSON.stringify({ type: 'channel.test', data: { channel: 'sms', notice: { step: 'test', people } } });
async function send(body: string) {
  const note = await sender.send({ event: 'e', body }, new AbortController().signal);
  return { note, sent: hook.received.map((one) => JSON.parse(one.body) as { to: string; text: string; all: string }) };
}

test('somebody is told at their own address, in their language; somebody without one at that of the channel', async () => {
  expect((await send(tested('anna'))).sent).toMatchObject([{ to: '+491511', text: 'Dies ist ein Test' }]);
  hook.received.length = 0;
  const both = await send(tested('anna', 'ben'));
  expect(both.sent.map(({ to, text }) => `${to} ${text}`)).toEqual(['+491511 This is a test', '+33100 This is a test']);
  hook.received.length = 0;
  expect((await send(tested('anna', 'jan'))).sent.map(({ to }) => to)).toEqual(['+491511', '+48222']);
});

// One number that is gone kept the others awake for three days.
test('an address that does not take it is named, and those that have it are not told again', async () => {
  hook.answer = (response, n) => response.writeHead(n === 0 ? 400 : 204).end();
  const { note, sent } = await send(tested('anna', 'jan'));
  expect([note, sent.length]).toEqual(['it was not taken for +491511', 2]);
  hook.answer = (response) => response.writeHead(500).end();
  await expect(send(tested('anna', 'jan'))).rejects.toMatchObject({ code: 'WEBHOOK_FAILED' });
});

test('what became of an alert goes to whoever was told of it, by their clock', async () => {
  const scene = new Scene(database, { plan });
  await scene.worker.start();
  await scene.found({ event: 'opened', finding: excursion() });
  const { rows } = await database.query<{ body: string }>("SELECT body FROM outbox WHERE type = 'alert.opened'");
  const opened = JSON.parse(rows[0]?.body ?? '');
  const { notice: _, ...data } = opened.data;
  const { sent } = await send(JSON.stringify({ ...opened, type: 'alert.retracted', data }));
  expect(sent.map(({ to }) => to)).toEqual(['+491511']);
  expect(sent[0]?.all).toMatch(/Seit: 22\.11\.2026, 11:00 MEZ\n/);
  await database.query(
    `INSERT INTO places (id, kind, name, zone, position) VALUES ('site:porto', 'site', 'Porto', 'Europe/Lisbon', 0)`,
  );
  await database.query("UPDATE routed_alerts SET sites = ARRAY['site:porto']");
  hook.received.length = 0;
  const there = await send(JSON.stringify({ ...opened, type: 'alert.retracted', data }));
  expect(there.sent[0]?.all).toMatch(/Seit: 22\.11\.2026, 11:00 MEZ \(am Ort 22\.11\.2026, 10:00 WEZ\)\n/);
  await scene.worker.stop();
});

test('what is for nobody in particular is told in English, by the clock of the installation', async () => {
  expect(await book.of('sms', { type: 'channel.test', data: { channel: 'sms' } })).toEqual({
    ...{ people: [], own: [], whose: new Map(), isShared: true },
    wording: { language: 'en', zone: 'Europe/Paris' },
  });
});
