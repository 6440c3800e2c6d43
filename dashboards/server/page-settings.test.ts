import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditEntryView, PageSettingsView, SavedViewList } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const PLAIN = {
  ...{ temperature: 'C', clock: 'site', zone: null, language: 'en', hasSound: false },
  ...{ density: 'comfortable', start: null, hintsSeen: [] },
};
let house: Installation;
let cookie = '';

beforeAll(async () => {
  house = await Installation.start();
  const { cookies } = await ask('POST', '/session', { username: 'dock', password: 'demo' });
  cookie = cookies;
});
afterAll(() => house.stop());

async function ask(method: string, path: string, body?: unknown) {
  const response = await fetch(`${house.url}/api/v1${path}`, {
    method,
    headers: { cookie, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as PageSettingsView & SavedViewList & { code: string; detail: string };
  return { status: response.status, body: answer, cookies: response.headers.get('set-cookie')?.split(';')[0] ?? '' };
}
async function entries() {
  const { body } = await house.ask('admin', 'GET', '/audit?subject=user:dock');
  return (body as { items: AuditEntryView[] }).items.filter(({ action }) => action.startsWith('settings.'));
}

test('what somebody sets of the page is theirs alone, member by member, and every change is in the audit trail', async () => {
  expect((await ask('GET', '/me/settings')).body).toEqual(PLAIN);
  // Two open pages, each with its own change: neither undoes the other's.
  await Promise.all([
    ask('PUT', '/me/settings', { temperature: 'F' }),
    ask('PUT', '/me/settings', { clock: 'own', zone: 'America/Chicago' }),
  ]);
  const mine = { ...PLAIN, temperature: 'F', clock: 'own', zone: 'America/Chicago' };
  expect((await ask('GET', '/me/settings')).body).toEqual(mine);
  await ask('PUT', '/me/settings', { temperature: 'F' });
  await expect.poll(async () => (await entries()).length).toBe(2);
  expect(await entries()).toContainEqual(
    expect.objectContaining({ action: 'settings.change', old: { temperature: null }, new: { temperature: 'F' } }),
  );
  for (const wrong of [{ temperature: 'K' }, { start: '/admin/users' }, { colour: 'blue' }, { hasSound: 'yes' }])
    expect((await ask('PUT', '/me/settings', wrong)).body.code).toBe('BODY_INVALID');
  expect((await ask('PUT', '/me/settings', { zone: 'Europe/Nowhere' })).body.code).toBe('SETTINGS_BAD');
  expect((await ask('GET', '/me/settings')).body).toEqual(mine);
  const other = await fetch(`${house.url}/api/v1/me/settings`);
  expect(other.status).toBe(401);
});

test('a hint is put away once, and all are shown again when asked for', async () => {
  await Promise.all([ask('PUT', '/me/hints/shipments'), ask('PUT', '/me/hints/shipments')]);
  expect((await ask('PUT', '/me/hints/alerts')).body.hintsSeen).toEqual(['shipments', 'alerts']);
  expect((await ask('PUT', '/me/hints/Alerts%20')).body.code).toBe('SETTINGS_BAD');
  expect((await ask('DELETE', '/me/hints')).body.hintsSeen).toEqual([]);
});

// A person who went back to an older version would otherwise see no page at all.
test('a value that another version kept, or nobody knows, is as for everybody and spoils nothing else', async () => {
  await house.database.query(
    `UPDATE page_settings SET settings = '{"temperature":"K","clock":7,"zone":null,"language":"tlh","density":"compact","more":{"x":1}}'
     WHERE user_id = (SELECT id FROM users WHERE name = 'dock')`,
  );
  expect((await ask('GET', '/me/settings')).body).toEqual({ ...PLAIN, density: 'compact' });
});

const PATH = '/me/shipment-views';
async function kept() {
  const all = await entries();
  return all.filter(({ action }) => action === 'settings.view').map((entry) => [entry.old, entry.new]);
}

test('a view of shipments is kept by its name, replaced and taken away, each in the audit trail and once', async () => {
  expect((await ask('GET', PATH)).body).toEqual({ items: [] });
  const late = { condition: 'warning', sort: 'arrives', view: 'board' };
  // Two open pages, each with its own: neither takes the other's away.
  await Promise.all([
    ask('PUT', `${PATH}/${encodeURIComponent('Late / today')}`, late),
    ask('PUT', `${PATH}/Berlin`, { find: 'berlin' }),
  ]);
  const { body } = await ask('PUT', `${PATH}/Berlin`, { find: 'BER', show: 'all' });
  expect(body).toEqual({
    items: [
      { name: 'Berlin', address: { find: 'BER', show: 'all' }, gone: [] },
      { name: 'Late / today', address: late, gone: [] },
    ],
  });
  await ask('PUT', `${PATH}/Berlin`, { show: 'all', find: 'BER' });
  expect((await ask('DELETE', `${PATH}/Berlin`)).body.items.map(({ name }) => name)).toEqual(['Late / today']);
  await ask('DELETE', `${PATH}/Berlin`);
  expect(await kept()).toEqual(
    expect.arrayContaining([
      [
        { name: 'Berlin', address: null },
        { name: 'Berlin', address: { find: 'berlin' } },
      ],
      [
        { name: 'Berlin', address: { find: 'berlin' } },
        { name: 'Berlin', address: { find: 'BER', show: 'all' } },
      ],
      [
        { name: 'Berlin', address: { find: 'BER', show: 'all' } },
        { name: 'Berlin', address: null },
      ],
      [
        { name: 'Late / today', address: null },
        { name: 'Late / today', address: late },
      ],
    ]),
  );
  expect(await kept()).toHaveLength(4);
  for (const wrong of [{ condition: 'purple' }, { page: '/admin' }, { find: 7 }, { view: null }])
    expect((await ask('PUT', `${PATH}/Wrong`, wrong)).body.code).toBe('BODY_INVALID');
  for (const name of ['%20', 'x'.repeat(61), 'a%0Ab'])
    expect((await ask('PUT', `${PATH}/${name}`, {})).body).toMatchObject({ code: 'BODY_INVALID' });
  expect((await ask('GET', PATH)).body.items).toHaveLength(1);
});

test('a view says what it names that is not there any more, and stays', async () => {
  await house.ask('admin', 'PUT', '/places/site:berlin', { name: 'Berlin', zone: 'Europe/Berlin' });
  await ask('PUT', `${PATH}/Lane`, { origin: 'site:berlin', destination: 'site:nowhere' });
  await house.database.query(
    `UPDATE page_settings SET shipment_views = shipment_views || '{"Old": {"sort": "colour", "view": "map", "depth": "3", "more": {}}}'
     WHERE user_id = (SELECT id FROM users WHERE name = 'dock')`,
  );
  const view = async (wanted: string) => (await ask('GET', PATH)).body.items.find(({ name }) => name === wanted);
  // What is registered is known within seconds.
  await expect.poll(async () => (await view('Lane'))?.gone, { timeout: 30_000 }).toEqual(['destination']);
  const old = await view('Old');
  expect(old?.address).toEqual({ sort: 'colour', view: 'map', depth: '3' });
  expect(new Set(old?.gone)).toEqual(new Set(['sort', 'depth']));
});

test('names of views fill no row without end, whatever a program calls them', async () => {
  for (const name of ['__proto__', 'constructor', ...Array.from({ length: 45 }, (_, index) => `view ${index}`)])
    await ask('PUT', `${PATH}/${encodeURIComponent(name)}`, { view: 'map' });
  const { body } = await ask('PUT', `${PATH}/more`, { view: 'map' });
  expect(body).toMatchObject({ code: 'SETTINGS_BAD', detail: expect.stringContaining('50 views') });
  const all = (await ask('GET', PATH)).body.items;
  expect(all).toHaveLength(50);
  expect(all.find(({ name }) => name === '__proto__')?.address).toEqual({ view: 'map' });
});

test('a token is no person and has no settings', async () => {
  expect((await house.ask('dock', 'GET', '/me/settings')).status).toBe(403);
});
