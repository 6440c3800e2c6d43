import { lookup } from 'node:dns';
import { Webhook } from 'standardwebhooks';
import { afterEach, expect, test } from 'vitest';
import { Outgoing, silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { InstallationKey, PostgresAuditTrail } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { by } from '../storage/testing/people.ts';
import { Channels, Notifier } from './index.ts';
import { Receiver } from './testing/receiver.ts';
import { excursion, pallet, Scene } from './testing/scene.ts';

const database = await testDatabase({ maxConnections: 20 });
const audit = new PostgresAuditTrail({ database });
const configured = {
  channels: [{ id: 'own', kind: 'webhook', url: 'http://127.0.0.1:9/', secret: '' }],
  route: null,
} as const;
const WHO = by('ada');
const running: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  for (const part of running.splice(0).toReversed()) await part.stop();
  await database.query('DELETE FROM channels');
});

function channels(
  allow: readonly string[] = ['127.0.0.1'],
  key = InstallationKey.random(),
  named: () => ReadonlyMap<string, string> = () => new Map(),
): Channels {
  return new Channels({
    audit,
    configured,
    database,
    key,
    named,
    outgoing: new Outgoing({ allow, lookup }),
    time: systemTime,
  });
}

async function receiver(): Promise<{ hook: Receiver; url: string }> {
  const hook = new Receiver();
  running.push(hook);
  return { hook, url: await hook.start() };
}

test('a new channel gets a secret that is shown once, kept sealed, and in no list or entry', async () => {
  const kept = channels();
  const { url } = await receiver();
  const { secret } = await kept.put('ops', { url, isTold: true }, WHO);
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
  expect(await kept.put('ops', { url, isTold: false }, WHO)).toMatchObject({ secret: null });
  const { rows } = await database.query<{ secret: string }>('SELECT secret FROM channels');
  expect(rows[0]?.secret).toMatch(/^1:[0-9a-f]{8}:/);
  const said = JSON.stringify([await kept.list(), await audit.list({ subject: 'channel:ops', limit: 10 })]);
  expect(said).not.toContain(secret?.slice(6));
  expect(await kept.list()).toEqual([
    { id: 'own', kind: 'webhook', url: 'http://127.0.0.1:9/', settings: {}, isTold: false, isConfigured: true },
    { id: 'ops', kind: 'webhook', url, settings: {}, isTold: false, isConfigured: false },
  ]);
});

test('a test is a real message, signed; what the receiver says against it is told', async () => {
  const kept = channels();
  const { hook, url } = await receiver();
  const { secret } = await kept.put('ops', { url, isTold: false }, WHO);
  expect(await kept.test('ops', WHO)).toBeNull();
  const [first] = await hook.gets(1);
  const headers = Object.fromEntries(
    Object.entries(first?.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );
  expect(new Webhook(secret ?? '').verify(first?.body ?? '', headers)).toMatchObject({ type: 'channel.test' });
  hook.answer = (response) => response.writeHead(410).end('gone');
  expect(await kept.test('ops', WHO)).toBe('answered 410: gone');
  await expect(kept.test('none', WHO)).rejects.toMatchObject({ code: 'CHANNEL_UNKNOWN' });
});

test('an address in the operator’s own network is refused when it is entered, and when it comes to be sent', async () => {
  const { hook, url } = await receiver();
  await expect(channels([]).put('ops', { url, isTold: true }, WHO)).rejects.toMatchObject({
    code: 'OUTGOING_FORBIDDEN',
  });
  const key = InstallationKey.random();
  await channels(['127.0.0.1'], key).put('ops', { url, isTold: true }, WHO);
  expect(await channels([], key).test('ops', WHO)).toMatch(/not a public address/);
  expect(hook.received).toEqual([]);
});

test('the audit trail keeps an address without its query, where a token may stand', async () => {
  const kept = channels();
  await kept.put('ops', { url: 'http://127.0.0.1:9/hook?token=let-me-in', isTold: true }, WHO);
  await kept.remove('ops', WHO);
  const { items } = await audit.list({ subject: 'channel:ops', limit: 2 });
  expect(items).toMatchObject([
    { old: { url: 'http://127.0.0.1:9/hook' } },
    { new: { url: 'http://127.0.0.1:9/hook' } },
  ]);
});

test('of Slack and Teams the address is the secret: sealed, shown as its host, and kept when the rest is changed', async () => {
  const kept = channels();
  const { hook, url } = await receiver();
  await kept.put('team', { kind: 'slack', url: `${url}/T0/B0/very-secret`, isTold: true }, WHO);
  await kept.put('team', { isTold: false }, WHO);
  await kept.put('team', { url: new URL(url).origin, isTold: false }, WHO);
  expect(await kept.test('team', WHO)).toBeNull();
  expect((await hook.gets(1))[0]?.path).toBe('/hook/T0/B0/very-secret');
  const { rows } = await database.query('SELECT * FROM channels');
  const said = JSON.stringify([rows, await kept.list(), await audit.list({ subject: 'channel:team', limit: 10 })]);
  expect(said).not.toContain('very-secret');
});

test('a mail server in the operator’s own network is refused as any address is, and a channel stays of its kind', async () => {
  const mail = { kind: 'email' as const, secret: 'pass', isTold: true };
  const settings = { from: 'iso@plant.example', to: ['anna@plant.example'] };
  const put = (url: string, allow: readonly string[]) => channels(allow).put('mail', { ...mail, url, settings }, WHO);
  await expect(put('smtp://10.0.0.5:25', [])).rejects.toMatchObject({ code: 'OUTGOING_FORBIDDEN' });
  await expect(put('smtp://ops:let-me-in@mail.example', [])).rejects.toMatchObject({
    code: 'CHANNEL_BAD',
    details: { errors: [{ path: 'url', message: expect.stringMatching(/without the password/) }] },
  });
  await put('smtp://ops@127.0.0.1:25', ['127.0.0.1']);
  await expect(
    channels().put('mail', { kind: 'slack', url: 'https://hooks.example/', isTold: true }, WHO),
  ).rejects.toMatchObject({
    code: 'CHANNEL_KIND_FIXED',
  });
  expect(await channels().list()).toMatchObject([{}, { id: 'mail', kind: 'email', settings }]);
});

test('a channel of the configuration is changed there', async () => {
  const kept = channels();
  const refused = { code: 'CHANNEL_CONFIGURED' };
  await expect(kept.put('own', { url: 'http://127.0.0.1:9/', isTold: true }, WHO)).rejects.toMatchObject(refused);
  await expect(kept.remove('own', WHO)).rejects.toMatchObject(refused);
});

test('a channel that the routing names is not removed under it: somebody would no longer be told', async () => {
  const named = new Map<string, string>();
  const kept = channels(['127.0.0.1'], InstallationKey.random(), () => named);
  await kept.put('ops', { url: (await receiver()).url, isTold: false }, WHO);
  named.set('ops', 'people.anna.notify.critical');
  await expect(kept.remove('ops', WHO)).rejects.toMatchObject({
    code: 'CHANNEL_NAMED',
    message: 'ops: the routing names it (people.anna.notify.critical); change the routing first',
  });
  named.clear();
  await kept.remove('ops', WHO);
});

test('a channel that is made, changed and removed while alerts are sent is told accordingly, without a restart', async () => {
  const scene = new Scene(database, { config: { channels: [], route: null } });
  await scene.clear();
  await database.query('DROP SCHEMA IF EXISTS bullmq CASCADE');
  await scene.worker.start();
  running.push(scene.worker);
  const kept = channels();
  const notifier = new Notifier({
    ...{ database, channels: [], kept, outgoing: new Outgoing({ allow: ['127.0.0.1'], lookup }) },
    ...{ time: systemTime, logger: silentLogger, meter: silentMeter },
  });
  await notifier.start();
  running.push(notifier);
  const [one, two] = [await receiver(), await receiver()];
  await kept.put('ops', { url: one.url, isTold: true }, WHO);
  scene.exposed.set('logger-7', [pallet(2)]);
  await scene.found({ event: 'opened', finding: excursion() });
  expect(JSON.parse((await one.hook.gets(1))[0]?.body ?? '')).toMatchObject({ type: 'alert.opened' });
  await kept.put('ops', { url: two.url, isTold: true }, WHO);
  const [alert] = await scene.alerts();
  await scene.service.acknowledge(alert?.id ?? '', WHO);
  expect(JSON.parse((await two.hook.gets(1))[0]?.body ?? '')).toMatchObject({ type: 'alert.acknowledged' });
  await kept.remove('ops', WHO);
  await scene.service.resolve(alert?.id ?? '', WHO, { comment: 'looked at' });
  const { rows } = await database.query('SELECT FROM outbox');
  expect(rows).toHaveLength(2);
  expect([one.hook.received.length, two.hook.received.length]).toEqual([1, 1]);
});
