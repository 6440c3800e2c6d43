import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AuditEntryView, PageSettingsView } from '../api/index.ts';
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
  const answer = (await response.json()) as PageSettingsView & { code: string };
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

test('a token is no person and has no settings', async () => {
  expect((await house.ask('dock', 'GET', '/me/settings')).status).toBe(403);
});
