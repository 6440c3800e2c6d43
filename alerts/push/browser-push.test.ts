import { lookup } from 'node:dns';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { Outgoing, systemTime } from '../../domain/index.ts';
import { InstallationKey, PostgresAuditTrail } from '../../storage/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { by } from '../../storage/testing/people.ts';
import { channelSchema } from '../config.ts';
import { RecipientBook } from '../delivery/recipients.ts';
import { senderOf } from '../delivery/sender.ts';
import { messageOf } from '../message/message.ts';
import { parseRouting } from '../routing/routing-file.ts';
import { PushService } from '../testing/push-service.ts';
import { BrowserPush, pushText } from './browser-push.ts';
import { PushSubscriptions } from './push-subscriptions.ts';
import { vapidKeysOf } from './vapid.ts';

const database = await testDatabase();
const key = InstallationKey.random();
const service = await new PushService().start();
afterAll(() => service.stop());
const outgoing = new Outgoing({ allow: ['127.0.0.1'], lookup });
const given = { audit: new PostgresAuditTrail({ database }), database, key, time: systemTime };
const subscriptions = new PushSubscriptions({ ...given, outgoing });
const plan = parseRouting(
  `people:
  anna: { zone: Europe/Berlin, language: de, notify: { critical: [browsers] } }
  ben: { notify: { critical: [browsers] } }
route: { name: all, to: [{ person: anna }] }`,
  'routing.yaml',
  ['browsers'],
);
const channel = channelSchema.parse({ id: 'browsers', kind: 'push', contact: 'ops@plant.example' });
const sender = senderOf(channel, {
  // Of a channel of the configuration: its push services come from browsers all the same.
  ...{ time: systemTime, outgoing: null },
  links: () => ({ page: 'https://iso.example', acknowledge: () => 'https://iso.example/acknowledge/abc' }),
  recipients: new RecipientBook({ database, plan: () => plan, zone: async () => 'UTC' }).of,
  push: new BrowserPush({ subscriptions, outgoing, time: systemTime }),
});

const alert = {
  ...{ id: 'alrt_1', kind: 'threshold', severity: 'critical', state: 'open', rule: { id: 'cold', version: 3 } },
  subject: { device: 'truck-7', metric: 'temperature' },
  summary: 'truck-7 above 8 °C',
  ...{ from: '2026-11-22T10:00:00.000Z', to: null, detectedAt: '2026-11-22T10:10:00.000Z', detectedLate: false },
  evidence: { limit: 8, extreme: 11.4, minutesOutOfRange: 37, endedBy: null, runs: [], readings: [], changes: [] },
  affected: { count: 3, serials: [] },
  ...{ reopened: 0, revision: 4 },
};
const bodyFor = (people: readonly string[]) =>
  JSON.stringify({ type: 'alert.opened', data: { alert, notice: { step: 'first', people } } });
const tell = (...people: string[]) =>
  sender.send({ event: 'evt_1', body: bodyFor(people) }, new AbortController().signal);

async function person(name: string, sites: readonly string[] | null = null): Promise<{ id: number; name: string }> {
  const { rows } = await database.query<{ id: number }>(
    `INSERT INTO users (name, role, password_hash, sites, created_at) VALUES ($1, 'operations', '', $2, now()) RETURNING id`,
    [name, sites],
  );
  return { id: rows[0]?.id ?? 0, name };
}
const add = (who: { id: number; name: string }, browser: string) => {
  const made = service.browser(browser);
  return subscriptions.add(who, made.address, 'Firefox', by(who.name)).then((record) => ({ ...made, ...record }));
};

beforeEach(async () => {
  service.status = 201;
  await database.query('DELETE FROM users');
});

test('somebody is told in every browser of theirs, encrypted for it, in their words, by a sender that proves who it is', async () => {
  const anna = await person('anna');
  const [phone, desk] = [await add(anna, 'phone'), await add(anna, 'desk')];
  expect(await tell('anna')).toBeNull();
  for (const { got } of [phone, desk]) {
    expect(got).toHaveLength(1);
    expect(JSON.parse(got[0]?.text ?? '')).toMatchObject({
      ...{ title: 'Kritisch: truck-7 above 8 °C', lang: 'de', tag: 'alrt_1', isUrgent: true },
      body: expect.stringContaining('11,4 °C'),
      links: [{ url: 'https://iso.example/alerts/alrt_1' }, { url: 'https://iso.example/acknowledge/abc' }],
    });
    const { claims, headers, key: sender } = got[0] ?? {};
    expect(claims).toMatchObject({ aud: service.origin, sub: 'mailto:ops@plant.example' });
    expect([sender, headers?.urgency, headers?.['content-encoding']]).toEqual([
      ...[subscriptions.vapid.publicKey, 'high', 'aes128gcm'],
    ]);
    expect(headers?.topic).toMatch(/^[\w-]{32}$/);
  }
  expect(await subscriptions.of(anna)).toMatchObject([{ toldAt: expect.anything() }, { toldAt: expect.anything() }]);
});

test('a browser that its push service knows no more is forgotten, and who has another one is told there', async () => {
  const anna = await person('anna');
  const phone = await add(anna, 'phone');
  await add(anna, 'lost');
  service.forget('lost');
  expect(await tell('anna')).toBeNull();
  expect(phone.got).toHaveLength(1);
  expect(await subscriptions.of(anna)).toMatchObject([{ id: phone.id }]);
  service.status = 410;
  await expect(tell('anna')).rejects.toMatchObject({ code: 'WEBHOOK_FAILED', details: { status: 410 } });
  expect(await subscriptions.of(anna)).toEqual([]);
  await expect(tell('anna')).rejects.toThrow(/anna has a browser that is told|has a browser/);
});

test('a push service that is away is no browser that is gone', async () => {
  const anna = await person('anna');
  const phone = await add(anna, 'phone');
  service.status = 503;
  await expect(tell('anna')).rejects.toMatchObject({ details: { status: 503 } });
  service.status = 201;
  expect(await tell('anna')).toBeNull();
  expect(phone.got).toHaveLength(1);
});

test('of two people, who has no browser is named; nobody else hears of it', async () => {
  const anna = await person('anna');
  const carl = await person('carl');
  const [phone, other] = [await add(anna, 'phone'), await add(carl, 'other')];
  expect(await tell('anna', 'ben')).toBe('it was not taken for ben');
  expect([phone.got.length, other.got.length]).toEqual([1, 0]);
});

test('what is for nobody in particular is for those who see every site; whoever may not sign in is told nothing', async () => {
  const [anna, bound] = [await person('anna'), await person('bound', ['site:berlin'])];
  const [phone, other] = [await add(anna, 'phone'), await add(bound, 'other')];
  expect(await tell()).toBeNull();
  expect([phone.got.length, other.got.length]).toEqual([1, 0]);
  await database.query("UPDATE users SET disabled_at = now() WHERE name = 'anna'");
  await expect(tell('anna')).rejects.toMatchObject({ code: 'WEBHOOK_FAILED' });
  expect(phone.got).toHaveLength(1);
});

describe('what a browser gives', () => {
  test('an address on this machine, or that is none, is refused; so are keys that nothing can be encrypted for', async () => {
    const anna = await person('anna');
    const { address } = service.browser('phone');
    const strict = new PushSubscriptions({ ...given, outgoing: new Outgoing({ allow: [], lookup }) });
    const put = (change: object, at = strict) => at.add(anna, { ...address, ...change }, '', by('anna'));
    const refused = [
      'http://127.0.0.1:5432/',
      'http://169.254.169.254/latest',
      'https://[::1]/',
      'ftp://a.example/',
      'x',
    ];
    for (const endpoint of refused)
      await expect(put({ endpoint })).rejects.toMatchObject({ code: 'OUTGOING_FORBIDDEN' });
    const { keys } = address;
    const badKeys = [
      { ...keys, auth: 'short' },
      { ...keys, p256dh: 'AAAA' },
      { ...keys, p256dh: Buffer.alloc(65, 4).toString('base64url') },
    ];
    for (const one of badKeys) {
      await expect(put({ keys: one }, subscriptions)).rejects.toMatchObject({ code: 'PUSH_SUBSCRIPTION_BAD' });
    }
    expect(await subscriptions.of(anna)).toEqual([]);
  });

  test('one whose push service moved to an address on this machine meanwhile is not reached', async () => {
    const anna = await person('anna');
    const phone = await add(anna, 'phone');
    const strict = new Outgoing({ allow: [], lookup });
    const push = new BrowserPush({ subscriptions, outgoing: strict, time: systemTime });
    const message = messageOf(JSON.parse(bodyFor([])), { page: '', acknowledge: null });
    const { signal } = new AbortController();
    const sent = push.send({ channel: 'browsers', contact: 'a@b.example', people: ['anna'], message, signal });
    await expect(sent).rejects.toMatchObject({ code: 'WEBHOOK_FAILED' });
    expect(phone.got).toHaveLength(0);
  });

  test('is kept sealed, is in no entry of the audit trail, and belongs to whoever asked last', async () => {
    const [anna, ben] = [await person('anna'), await person('ben')];
    const { address } = service.browser('shared');
    await subscriptions.add(anna, address, 'Firefox', by('anna'));
    const { id } = await subscriptions.add(ben, address, 'Firefox', by('ben'));
    expect([await subscriptions.of(anna), await subscriptions.of(ben)]).toMatchObject([[], [{ id }]]);
    const { rows } = await database.query('SELECT * FROM push_subscriptions');
    const entries = await given.audit.list({ subject: 'user:ben', limit: 10 });
    expect(entries.items.some(({ action }) => action === 'push.subscribe')).toBe(true);
    expect(JSON.stringify([rows, entries])).not.toContain(address.keys.auth);
    expect(JSON.stringify([rows, entries])).not.toContain('/push/shared');
    await expect(subscriptions.remove(anna, id, by('anna'))).rejects.toMatchObject({
      code: 'PUSH_SUBSCRIPTION_UNKNOWN',
    });
    await subscriptions.remove(ben, id, by('ben'));
    expect(await subscriptions.of(ben)).toEqual([]);
  });

  test('is of ten browsers a person at most; the same browser again is none more', async () => {
    const anna = await person('anna');
    for (let n = 0; n < 10; n++) await add(anna, `b${n}`);
    await expect(add(anna, 'b10')).rejects.toMatchObject({ code: 'PUSH_SUBSCRIPTIONS_TOO_MANY' });
    await add(anna, 'b3');
    expect(await subscriptions.of(anna)).toHaveLength(10);
  });
});

test('the key by which push services know an installation is the same in each process, and another in each installation', () => {
  expect(vapidKeysOf(key)).toEqual(subscriptions.vapid);
  expect(vapidKeysOf(InstallationKey.random()).publicKey).not.toBe(subscriptions.vapid.publicKey);
  expect(Buffer.from(subscriptions.vapid.publicKey, 'base64url')).toHaveLength(65);
});

test('a message has room at every push service, however long the names in it are', () => {
  const long = { ...alert, summary: '𝛼'.repeat(3_000), subject: { ...alert.subject, device: '货'.repeat(3_000) } };
  const body = JSON.parse(JSON.stringify({ type: 'alert.opened', data: { alert: long } }));
  const text = pushText(messageOf(body, { page: 'https://iso.example', acknowledge: null }));
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(3_900);
  expect(JSON.parse(text).body).toMatch(/…$/);
  expect(text.isWellFormed()).toBe(true);
});
