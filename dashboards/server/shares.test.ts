import { afterAll, beforeAll, expect, test } from 'vitest';
import type {
  AuditEntryView,
  SharedChartView,
  SharedSerialsView,
  SharedShipmentView,
  ShareView,
} from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const iso = (at: number) => new Date(at).toISOString();
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;
const NOWHERE = { code: 'SHARE_UNKNOWN', status: 404 };
let house: Installation;
/** Cookies by person. */
const cookies = new Map<string, string>();

beforeAll(async () => {
  house = await Installation.start();
  for (const name of ['berlin', 'lyon'])
    await house.tell({
      ...{ type: 'place', by: 'test' },
      place: { id: `site:${name}`, kind: 'site', name, parent: null, zone: 'Europe/Berlin' },
    });
  await announce('SHP-1', '1234567890', 'logger-7', 1);
  await announce('SHP-2', '1234567891', 'logger-8', 11);
  await house.measure(
    'logger-7',
    Array.from({ length: 30 }, (_, index) => [NOW - (30 - index) * MINUTE, 5] as const),
  );
  await house.measure('logger-7', [[NOW - 3 * DAY, 30]]);
  await house.accounts.users.create({ name: 'lena', role: 'logistics', password: 'demo' });
  for (const name of ['logistics', 'quality', 'lena', 'dock']) await signIn(name);
});
afterAll(() => house.stop());

async function announce(id: string, sscc: string, device: string, serial: number, ago = HOUR) {
  const children = [sgtin(serial), sgtin(serial + 1), sgtin(serial + 2)];
  const units = [{ sscc: `urn:epc:id:sscc:0614141.${sscc}`, devices: [device], children, from: iso(NOW - ago - HOUR) }];
  const asked = await house.ask('logistics', 'POST', '/shipments', {
    ...{ id, profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon', units },
    ...{ departs: iso(NOW - ago), arrives: iso(NOW + 20 * HOUR) },
    products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2027-06-30' }],
  });
  expect(asked.status).toBe(201);
}

async function signIn(username: string) {
  const answer = await request('POST', '/session', { body: { username, password: 'demo' } });
  cookies.set(username, answer.headers.get('set-cookie')?.split(';')[0] ?? '');
}

function request(method: string, path: string, { as, body }: { as?: string; body?: unknown } = {}) {
  return fetch(`${house.url}/api/v1${path}`, {
    method,
    headers: {
      ...(as !== undefined && { cookie: cookies.get(as) ?? '' }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
}

async function make(contents: readonly string[] = [], as = 'logistics', shipment = 'SHP-1') {
  const body = { recipient: 'Apotheke am Markt', endsAt: iso(Date.now() + 7 * DAY), contents };
  const answer = await request('POST', `/shipments/${shipment}/shares`, { as, body });
  const made = (await answer.json()) as ShareView & { path: string; code?: string };
  return { ...made, status: answer.status, token: made.path?.slice('/shared/'.length) ?? '' };
}
const look = async (token: string, more = '') => {
  const answer = await request('GET', `/shared/${token}${more}`);
  return {
    status: answer.status,
    body: (await answer.json()) as SharedShipmentView & { code?: string; title?: string },
  };
};
const views = async () => {
  const { body } = await house.ask('admin', 'GET', '/audit?subject=shipment:SHP-1');
  return (body as { items: AuditEntryView[] }).items.filter(({ action }) => action === 'share.view');
};

test('a customer sees one shipment by its link and no id or name of ours that was not chosen', async () => {
  const { token, status, path } = await make(['chart']);
  expect(status).toBe(201);
  expect(path).toMatch(/^\/shared\/[\w-]{43}$/);
  const { body } = await look(token);
  expect(body).toMatchObject({
    ...{ shipment: 'SHP-1', origin: 'berlin', destination: 'lyon', sharer: null, recipient: 'Apotheke am Markt' },
    ...{ contents: ['chart'], serialCount: 3, profile: { name: expect.any(String), min: 2, max: 8 } },
    condition: { temperature: 5 },
  });
  expect(JSON.stringify(body)).not.toMatch(/logger|site:|logistics|"device"|user/);
  const chart = (await (await request('GET', `/shared/${token}/chart`)).json()) as SharedChartView;
  // What the logger measured before it travelled with this shipment is none of the customer's.
  expect(chart.loggers.map(({ items }) => items.every(({ max }) => max === 5))).toEqual([true]);
  for (const hidden of ['/serials', '/report.pdf']) expect((await look(token, hidden)).body).toMatchObject(NOWHERE);
});

test('a link that shows 30 hours shows them to their end, with the excursion of the last minutes', async () => {
  await announce('SHP-3', '1234567892', 'logger-9', 21, 30 * HOUR);
  const minutes = 29 * 60;
  await house.measure(
    'logger-9',
    Array.from({ length: minutes }, (_, n) => [NOW - (minutes - n) * MINUTE, n < minutes - 5 ? 5 : 12] as const),
  );
  const { token } = await make(['chart'], 'logistics', 'SHP-3');
  const chart = (await (await request('GET', `/shared/${token}/chart`)).json()) as SharedChartView;
  const [items = []] = chart.loggers.map((logger) => logger.items);
  expect(items.reduce((sum, { n }) => sum + n, 0)).toBe(minutes);
  expect(items.length).toBeLessThanOrEqual(1_000);
  expect(items.at(-1)?.max).toBe(12);
});

test('the report and the serials are of this shipment alone, and only where they were chosen', async () => {
  expect(await make(['report'])).toMatchObject({ code: 'BODY_INVALID' });
  const { token } = await make(['serials', 'report', 'sharer']);
  const serials = (await (await request('GET', `/shared/${token}/serials`)).json()) as SharedSerialsView;
  expect(serials.items.map(({ serial }) => serial)).toEqual(['1', '2', '3']);
  expect((await look(token)).body.sharer).toBe('logistics');
  const report = await request('GET', `/shared/${token}/report.pdf`);
  expect([report.status, report.headers.get('content-type')]).toEqual([200, 'application/pdf']);
  expect(report.headers.get('cache-control')).toContain('no-store');
  for (const trick of [
    '/../../shipments/SHP-2',
    '%2F..%2FSHP-2',
    '/report.pdf/../../SHP-2',
    '/../SHP-2/report.pdf',
    '%00',
    '/shares',
  ])
    expect([401, 404, 400]).toContain((await request('GET', `/shared/${token}${trick}`)).status);
  const bearer = await fetch(`${house.url}/api/v1/shipments/SHP-1`, { headers: { authorization: `Bearer ${token}` } });
  expect(bearer.status).toBe(401);
});

test('withdrawn, ended, unknown, of who may not share any more: the same plain sentence', async () => {
  const { token, id } = await make();
  expect((await look(token)).status).toBe(200);
  expect((await request('DELETE', `/shipments/SHP-1/shares/${id}`, { as: 'quality' })).status).toBe(204);
  const revoked = (await look(token)).body;
  expect(revoked).toMatchObject(NOWHERE);
  const unknown = (await look('A'.repeat(43))).body;
  const ended = await make();
  await house.database.query('UPDATE shipment_shares SET ends_at = made_at WHERE id = $1', [ended.id]);
  expect((await look(ended.token)).body).toEqual(revoked);
  expect(unknown).toEqual(revoked);
  const lenas = await make([], 'lena');
  expect((await look(lenas.token)).status).toBe(200);
  await house.accounts.users.change('lena', { sites: ['site:elsewhere'] });
  expect((await look(lenas.token)).body).toEqual(revoked);
  await house.accounts.users.change('lena', { sites: 'all', role: 'dock' });
  expect((await look(lenas.token)).body).toEqual(revoked);
  await house.accounts.users.change('lena', { role: 'logistics', isDisabled: true });
  expect((await look(lenas.token)).body).toEqual(revoked);
  await house.accounts.users.change('lena', { isDisabled: false });
  expect((await look(lenas.token)).status).toBe(200);
});

test('only who may share makes, sees and withdraws links, and only of a shipment that they see', async () => {
  const { id } = await make();
  for (const [method, path] of [
    ['GET', '/shipments/SHP-1/shares'],
    ['DELETE', `/shipments/SHP-1/shares/${id}`],
  ] as const)
    expect((await request(method, path, { as: 'dock' })).status).toBe(403);
  expect((await make([], 'logistics', 'SHP-9')).status).toBe(404);
  expect((await request('DELETE', `/shipments/SHP-2/shares/${id}`, { as: 'logistics' })).status).toBe(404);
  // A token is no person whose rights could be asked for later.
  const body = { recipient: 'x', endsAt: iso(Date.now() + DAY), contents: [] };
  expect((await house.ask('logistics', 'POST', '/shipments/SHP-1/shares', body)).status).toBe(403);
  const late = { ...body, endsAt: iso(Date.now() + 400 * DAY) };
  const answer = await request('POST', '/shipments/SHP-1/shares', { as: 'logistics', body: late });
  expect(((await answer.json()) as { code: string }).code).toBe('SHARE_END_BAD');
});

test('a link gets another end for a reason, and one that ended shows the shipment again', async () => {
  const { token, id } = await make();
  await house.database.query('UPDATE shipment_shares SET ends_at = made_at WHERE id = $1', [id]);
  const path = `/shipments/SHP-1/shares/${id}`;
  const endsAt = iso(Date.now() + 30 * DAY);
  expect((await request('PUT', path, { as: 'quality', body: { endsAt, reason: ' ' } })).status).toBe(400);
  const put = await request('PUT', path, { as: 'quality', body: { endsAt, reason: 'arrives later' } });
  expect(await put.json()).toMatchObject({ state: 'open', endsAt });
  expect((await look(token)).status).toBe(200);
  const { body } = await house.ask('admin', 'GET', '/audit?subject=shipment:SHP-1&action=share.extend');
  expect(body).toMatchObject({ items: [{ reason: 'arrives later', actor: { name: 'quality' }, new: { share: id } }] });
});

// Scanners of mails fetch every link, some with HEAD first: that is no customer who has read it.
test('fetching a link is no visit; a page before a person is one visit, however often it asks', async () => {
  const { token, id } = await make(['chart']);
  const before = (await views()).length;
  for (const method of ['HEAD', 'GET', 'GET']) await request(method, `/shared/${token}`);
  await fetch(`${house.url}/shared/${token}`, { headers: { 'user-agent': 'SafeLinks' } });
  await Promise.all(['1', '2', '3'].map(() => request('POST', `/shared/${token}/visits`)));
  await expect.poll(async () => (await views()).length).toBe(before + 1);
  expect((await views())[0]).toMatchObject({
    ...{ actor: { id: `share:${id}`, name: 'Apotheke am Markt' }, subject: 'shipment:SHP-1' },
    ...{ new: { share: id }, origin: { via: 'http', address: expect.any(String) } },
  });
  const listed = await request('GET', '/shipments/SHP-1/shares', { as: 'logistics' });
  expect(((await listed.json()) as { items: ShareView[] }).items.find((one) => one.id === id)?.views).toBe(1);
});

test('the secret of a link stands nowhere: not in the database, not in the audit trail, not in a list', async () => {
  const { token } = await make();
  const kept = await house.database.query(
    'SELECT s::text AS row FROM shipment_shares s UNION ALL SELECT a::text FROM audit_entries a',
  );
  expect(kept.rows.filter(({ row }) => String(row).includes(token))).toEqual([]);
  const listed = await request('GET', '/shipments/SHP-1/shares', { as: 'logistics' });
  expect(await listed.text()).not.toContain(token);
});

test('guessing is bounded, and who has a right link from the same place is answered all the same', async () => {
  const { token } = await make();
  const tries = await Promise.all(Array.from({ length: 40 }, (_, n) => look(String(n).padStart(43, 'x'))));
  expect(tries.filter(({ status }) => status === 429).length).toBeGreaterThan(10);
  expect((await look(token)).status).toBe(200);
});
