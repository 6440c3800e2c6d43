import { afterAll, beforeAll, expect, test } from 'vitest';
import { Receiver } from '../../alerts/testing/receiver.ts';
import type { OwnNoticesView, RoutedNoticeView, RoutingView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const PASSWORD = 'a few odd words';
const hook = new Receiver();
let house: Installation;
let cookie = '';

beforeAll(async () => {
  house = await Installation.start();
  const url = await hook.start();
  const settings = { body: '{"to":"{{to}}","text":"{{text}}"}', to: ['+490000000'] };
  await house.ask('admin', 'PUT', '/channels/sms', { kind: 'http', url, settings });
  await house.ask('admin', 'PUT', '/channels/topic', { kind: 'ntfy', url: url.replace('/hook', '/shared') });
  const text = `people:
  anna:
    zone: Europe/Berlin
    language: de
    notify: { critical: [sms], warning: [sms, topic] }
    quiet: [{ from: "22:00", to: "06:00" }]
    addresses: { sms: "+491111111" }
route: { name: all, to: [{ person: anna }] }
`;
  expect((await house.ask('operations', 'PUT', '/routing', { text, reason: 'begin' })).status).toBe(200);
  await house.accounts.users.create({ name: 'anna', role: 'dock', password: PASSWORD });
  const { cookies } = await ask('POST', '/session', { username: 'anna', password: PASSWORD });
  cookie = cookies;
});
afterAll(async () => {
  await house.stop();
  await hook.stop();
});

async function ask(method: string, path: string, body?: unknown) {
  const response = await fetch(`${house.url}/api/v1${path}`, {
    method,
    headers: { cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as OwnNoticesView & { code: string; delivered?: boolean };
  return { status: response.status, body: answer, cookies: response.headers.get('set-cookie')?.split(';')[0] ?? '' };
}
const told = async () => {
  const asked = { severity: 'warning', at: '2026-06-10T21:00:00Z' };
  const { body } = await house.ask('operations', 'POST', '/routing/trial', asked);
  return (body as { items: RoutedNoticeView[] }).items.map(({ channel, when }) => `${channel} ${when}`);
};
const codeIn = (text: string | undefined) => /\d{6}/.exec(text ?? '')?.[0] ?? '';

test('somebody who moves sets their own zone, language and quiet hours, and takes them back; what operations set is shown', async () => {
  expect((await ask('GET', '/own-notices')).body).toMatchObject({
    ...{ name: 'anna', isKnown: true, language: null, zone: null, quiet: null },
    routing: { language: 'de', zone: 'Europe/Berlin', quiet: [{ from: '22:00', to: '06:00' }] },
    channels: [
      { id: 'sms', severities: ['critical', 'warning'], takesAddress: true, address: null, routing: '+491111111' },
      { id: 'topic', severities: ['warning'], takesAddress: true, address: null, routing: null },
    ],
  });
  expect(await told()).toEqual(['sms 2026-06-11T04:00:00.000Z', 'topic 2026-06-11T04:00:00.000Z']);
  const quiet = [{ from: '23:00', to: '05:00', days: ['wed'] }];
  const set = await ask('PUT', '/own-notices', { language: 'pl', zone: 'Europe/Lisbon', quiet });
  expect(set.body).toMatchObject({ language: 'pl', zone: 'Europe/Lisbon', quiet, routing: { zone: 'Europe/Berlin' } });
  expect(await told()).toEqual(['sms 2026-06-10T21:00:00.000Z', 'topic 2026-06-10T21:00:00.000Z']);
  const { people } = (await house.ask('operations', 'GET', '/routing')).body as RoutingView;
  expect(people[0]).toMatchObject({ zone: 'Europe/Berlin', own: ['language', 'zone', 'quiet'] });
  for (const wrong of [{ zone: 'Europe/Nowhere' }, { quiet: [{ from: '25:00', to: '05:00' }] }]) {
    const body = { language: null, zone: null, quiet: null, ...wrong };
    expect((await ask('PUT', '/own-notices', body)).body.code).toBe('OWN_NOTICES_BAD');
  }
  await ask('PUT', '/own-notices', { language: null, zone: null, quiet: null });
  expect(await told()).toEqual(['sms 2026-06-11T04:00:00.000Z', 'topic 2026-06-11T04:00:00.000Z']);
});

test('nobody is told at a new address before the code that was sent there is entered, and the one before goes on', async () => {
  const testTo = async (channel: string) => {
    const count = hook.received.length + 1;
    await house.ask('admin', 'POST', `/channels/${channel}/test?person=anna`);
    return (await hook.gets(count))[count - 1];
  };
  expect((await ask('POST', '/own-notices/sms/address', { address: '+49 1234' })).body.code).toBe('ADDRESS_BAD');
  const sent = hook.received.length + 1;
  const asked = await ask('POST', '/own-notices/sms/address', { address: '+492222222' });
  expect(asked.body.channels[0]).toMatchObject({ address: null, wanted: '+492222222' });
  const { to, text } = JSON.parse((await hook.gets(sent))[sent - 1]?.body ?? '');
  expect(to).toBe('+492222222');
  expect(text).toMatch(/^\d{6} ist Ihr Code/);
  expect(JSON.parse((await testTo('sms'))?.body ?? '').to).toBe('+491111111');
  const wrong = codeIn(text) === '000000' ? '111111' : '000000';
  expect((await ask('POST', '/own-notices/sms/code', { code: wrong })).body.code).toBe('CODE_WRONG');
  const verified = await ask('POST', '/own-notices/sms/code', { code: codeIn(text) });
  expect(verified.body.channels[0]).toMatchObject({ address: '+492222222', wanted: null, routing: '+491111111' });
  expect((await ask('POST', '/own-notices/sms/code', { code: codeIn(text) })).body.code).toBe('CODE_WRONG');
  expect(JSON.parse((await testTo('sms'))?.body ?? '').to).toBe('+492222222');
  const own = hook.received.length + 1;
  expect((await ask('POST', '/own-notices/sms/test')).body).toMatchObject({ delivered: true });
  expect(JSON.parse((await hook.gets(own))[own - 1]?.body ?? '').to).toBe('+492222222');
  await ask('DELETE', '/own-notices/sms/address');
  expect(JSON.parse((await testTo('sms'))?.body ?? '').to).toBe('+491111111');
  const { items } = await house.accounts.audit.list({ subject: 'user:anna', limit: 50 });
  expect(items.map(({ action }) => action).filter((action) => action.startsWith('notice.'))).toEqual(
    expect.arrayContaining(['notice.change', 'notice.ask-address', 'notice.address']),
  );
  expect(JSON.stringify(items)).not.toContain(codeIn(text));
});

test('a topic of ntfy of one’s own is on the same server; five wrong codes make one void, five an hour are sent', async () => {
  const sent = hook.received.length + 1;
  await ask('POST', '/own-notices/topic/address', { address: 'annas-topic' });
  const message = JSON.parse((await hook.gets(sent))[sent - 1]?.body ?? '');
  expect(message.topic).toBe('annas-topic');
  const wrong = codeIn(message.title) === '000000' ? '111111' : '000000';
  for (let n = 0; n < 5; n++) await ask('POST', '/own-notices/topic/code', { code: wrong });
  expect((await ask('POST', '/own-notices/topic/code', { code: codeIn(message.title) })).body.code).toBe('CODE_WRONG');
  const codes: string[] = [];
  for (let n = 0; n < 4; n++)
    codes.push((await ask('POST', '/own-notices/topic/address', { address: `a-${n}` })).body.code);
  expect(codes.at(-1)).toBe('CODES_TOO_MANY');
});

test('by a channel that is not one’s own, and as a token, nothing is set', async () => {
  await house.ask('admin', 'PUT', '/channels/other', { url: 'http://127.0.0.1:9/hook' });
  expect((await ask('POST', '/own-notices/other/address', { address: '+493333333' })).status).toBe(404);
  expect((await house.ask('dock', 'GET', '/own-notices')).status).toBe(403);
});
