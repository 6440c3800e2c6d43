import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { permissionsOf, positionIn } from '../../domain/index.ts';
import { effectsOf, QuarantineStore } from '../../storage/index.ts';
import type { Problem, RuleView } from '../api/index.ts';
import { Installation, TOO_WARM } from './testing/installation.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const iso = (at: number) => new Date(at).toISOString();
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;

/** Of a shipment with nothing in it. */
function asn(id: string, changes: object = {}) {
  const route = { profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' };
  return { id, ...route, departs: iso(NOW - 4 * HOUR), arrives: iso(NOW + 20 * HOUR), units: [], ...changes };
}

let pageDir: string;
let house: Installation;

beforeAll(async () => {
  pageDir = await mkdtemp(join(tmpdir(), 'isotherm-page-'));
  await mkdir(join(pageDir, 'assets'));
  await writeFile(join(pageDir, 'index.html'), '<script nonce="__CSP_NONCE__" src="/assets/main-abc.js"></script>');
  await writeFile(join(pageDir, 'assets', 'main-abc.js'), 'console.log("isotherm");'.repeat(50));
  house = await Installation.start({ pageDir });
  await house.tell(
    {
      type: 'place',
      place: { id: 'site:lyon', kind: 'site', name: 'Lyon', parent: null, zone: 'Europe/Paris' },
      by: 'test',
    },
    {
      type: 'place',
      place: { id: 'site:berlin', kind: 'site', name: 'Berlin', parent: null, zone: 'Europe/Berlin' },
      by: 'test',
    },
  );
});

afterAll(async () => {
  await house.stop();
  await rm(pageDir, { recursive: true });
});

describe('signing in', () => {
  const signIn = (body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${house.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  test('opens a session that a script cannot read and another site cannot use, and ends it', async () => {
    const response = await signIn({ username: 'quality', password: 'demo' });
    const permissions = [...permissionsOf('quality')];
    expect(await response.json()).toEqual({
      ...{ user: { name: 'quality', role: 'quality', permissions, sites: 'all' }, isDemo: false },
    });
    const cookie = response.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/^isotherm_session=[^;]+; .*HttpOnly; SameSite=Lax$/);
    expect(cookie).not.toContain('Secure');
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    expect((await fetch(`${house.url}/api/v1/session`, { headers })).status).toBe(200);
    expect((await fetch(`${house.url}/api/v1/session`, { method: 'DELETE', headers })).status).toBe(204);
    expect((await fetch(`${house.url}/api/v1/session`, { headers })).status).toBe(401);
  });

  // Anybody's X-Forwarded-Proto used to be believed; that of a trusted proxy is (proxy.test.ts).
  test('X-Forwarded-Proto of nobody in particular changes no cookie', async () => {
    const response = await signIn({ username: 'quality', password: 'demo' }, { 'x-forwarded-proto': 'https' });
    expect(response.headers.get('set-cookie')).not.toContain('Secure');
    expect(response.headers.get('strict-transport-security')).toBeNull();
  });

  test('a wrong password and an unknown name get the same answer', async () => {
    const wrong = await signIn({ username: 'dock', password: 'guess' });
    const unknown = await signIn({ username: 'nobody', password: 'guess' });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(await wrong.json()).toEqual(await unknown.json());
  });

  test('guessing is slowed down', async () => {
    const statuses: number[] = [];
    for (let guess = 0; guess < 11; guess++)
      statuses.push((await signIn({ username: 'guessed', password: 'x' })).status);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429]);
    const waiting = await signIn({ username: 'guessed', password: 'x' });
    expect(Number(waiting.headers.get('retry-after'))).toBeGreaterThan(0);
  });

  test('another site cannot act with the cookie of a browser', async () => {
    const stranger = await signIn({ username: 'quality', password: 'demo' }, { origin: 'https://elsewhere.example' });
    expect(stranger.status).toBe(403);
    for (const site of ['cross-site', 'same-site']) {
      const sent = await signIn({ username: 'quality', password: 'demo' }, { 'sec-fetch-site': site });
      expect([site, sent.status]).toEqual([site, 403]);
    }
    const rewritten = { 'sec-fetch-site': 'same-origin', origin: 'https://isotherm.example' };
    expect((await signIn({ username: 'quality', password: 'demo' }, rewritten)).status).toBe(200);
    const form = await fetch(`${house.url}/api/v1/session`, { method: 'POST', body: 'username=quality&password=demo' });
    expect(form.status).toBe(415);
    const own = await signIn({ username: 'quality', password: 'demo' }, { origin: house.url });
    expect(own.status).toBe(200);
  });

  test('demo accounts are named only in demo mode', async () => {
    expect((await house.ask(null, 'GET', '/sign-in')).body).toEqual({ isDemo: false, session: null, accounts: [] });
  });
});

describe('errors', () => {
  test.each([
    ['nobody is signed in', null, 'GET', '/shipments', undefined, 401, 'SIGNED_OUT'],
    ['no such resource', 'admin', 'GET', '/nothing', undefined, 404, 'RESOURCE_UNKNOWN'],
    ['no such alert', 'admin', 'GET', '/alerts/none', undefined, 404, 'ALERT_UNKNOWN'],
    ['no such shipment', 'admin', 'GET', '/shipments/none', undefined, 404, 'SHIPMENT_UNKNOWN'],
    ['no portal of that id', 'admin', 'GET', '/portals/none', undefined, 404, 'PORTAL_UNKNOWN'],
    ['no such portal', 'admin', 'GET', '/portals/none/passes', undefined, 404, 'PORTAL_UNKNOWN'],
    ['no such pass', 'admin', 'GET', '/passes/none', undefined, 404, 'PASS_UNKNOWN'],
    ['no such device', 'admin', 'GET', '/devices/none', undefined, 404, 'DEVICE_UNKNOWN'],
    ['no such serial', 'admin', 'GET', `/serials/${encodeURIComponent(sgtin(99))}`, undefined, 404, 'SERIAL_UNKNOWN'],
    ['no EPC at all', 'admin', 'GET', '/serials/zzz', undefined, 400, 'EPC_'],
    ['a cursor from elsewhere', 'admin', 'GET', '/alerts?cursor=zzz', undefined, 400, 'CURSOR_'],
    ['an unknown state', 'admin', 'GET', '/alerts?state=broken', undefined, 400, 'QUERY_INVALID'],
    ['too long a page', 'admin', 'GET', '/shipments?limit=5000', undefined, 400, 'QUERY_INVALID'],
    [
      'a time without a zone',
      'admin',
      'GET',
      '/readings?device=a&from=2026-11-22T10:00:00',
      undefined,
      400,
      'QUERY_INVALID',
    ],
    [
      'an unknown key',
      'admin',
      'PUT',
      '/places/site:x',
      { name: 'X', zone: 'UTC', planet: 'Mars' },
      400,
      'BODY_INVALID',
    ],
    ['an unknown zone', 'admin', 'PUT', '/places/site:x', { name: 'X', zone: 'Mars/Olympus' }, 400, 'BODY_INVALID'],
    [
      'a contradicting kind',
      'admin',
      'PUT',
      '/places/site:x',
      { name: 'X', zone: 'UTC', kind: 'room' },
      422,
      'PLACE_KIND_CONTRADICTS',
    ],
    ['a role that only looks', 'dock', 'PUT', '/places/site:x', { name: 'X', zone: 'UTC' }, 403, 'ROLE_NOT_ALLOWED'],
    ['a role that announces nothing', 'quality', 'POST', '/shipments', {}, 403, 'ROLE_NOT_ALLOWED'],
    ['a role that decides nothing', 'dock', 'POST', '/alerts/none/acknowledge', {}, 403, 'ROLE_NOT_ALLOWED'],
  ] as const)('%s: %s %s %s', async (_, role, method, path, body, status, code) => {
    const answer = await house.ask(role, method, path, body);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const problem = answer.body as Problem;
    expect(problem).toMatchObject({ status, type: `urn:isotherm:problem:${problem.code}` });
    expect(problem.code).toMatch(new RegExp(`^${code}`));
    expect(problem.title).not.toBe('');
  });

  test('JSON that is none is refused with its reason', async () => {
    const response = await fetch(`${house.url}/api/v1/shipments`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await house.token('admin')}` },
      body: '{"id":',
    });
    expect([response.status, ((await response.json()) as Problem).code]).toEqual([400, 'REQUEST_MALFORMED']);
  });

  test('a notice that makes no sense says every place that is wrong', async () => {
    const answer = await house.ask(
      'logistics',
      'POST',
      '/shipments',
      asn('SHP-9', { profile: 'lukewarm', arrives: 'soon' }),
    );
    expect(answer.status).toBe(400);
    expect((answer.body as Problem).errors?.map(({ path }) => path)).toEqual(['profile', 'arrives']);
  });
});

describe('what looks after itself', () => {
  test('rules are listed with their versions, in words', async () => {
    await house.tell({ type: 'rule', by: 'test', version: TOO_WARM });
    const later = { ...TOO_WARM, rule: { ...TOO_WARM.rule, forMs: 300_000 }, version: 2, effectiveFrom: NOW };
    await house.tell({ type: 'rule', by: 'test', version: later });
    // What is registered through the server shows at once, the rest within seconds.
    await house.ask('admin', 'PUT', '/places/site:lyon', { name: 'Lyon', zone: 'Europe/Paris' });
    const { items } = (await house.ask('dock', 'GET', '/rules')).body as { items: RuleView[] };
    expect(items.find(({ id }) => id === 'too-warm')).toMatchObject({
      ...{ kind: 'threshold', severity: 'critical', version: 2 },
      versions: [
        { version: 1, effectiveFrom: null, isRemoved: false, rule: { above: 8, forMs: 600_000 } },
        { version: 2, effectiveFrom: iso(NOW), isRemoved: false, text: expect.stringContaining('5 minutes') },
      ],
    });
  });

  test('what was refused on its way in is shown to operations, and to no one who has no part in it', async () => {
    const store = new QuarantineStore({ database: house.database });
    const entry = { partition: 0, position: 7, index: 1, arrival: NOW, source: 'logger-7', topic: 'isotherm/v1/x' };
    const refused = { ...entry, reason: 'VALUE_NOT_PHYSICAL', detail: 'temperature 850', payload: 'eA==' };
    await house.database.transaction((client) => store.keep(effectsOf(client), [refused]));
    const answer = await house.ask('operations', 'GET', '/quarantine?source=logger-7');
    const { partition: _, position: __, index: ___, ...rest } = refused;
    expect(answer.body).toEqual({
      items: [{ id: '0.7.1', ...rest, arrival: iso(NOW), decision: null }],
      nextCursor: null,
    });
    expect((await house.ask('quality', 'GET', '/quarantine')).status).toBe(403);
  });

  // GET /epcis/v2/events answered 200 with the page.
  test('an interface for machines that is not there is a problem, not a page', async () => {
    const answer = await fetch(`${house.url}/epcis/v2/nothing`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      404,
      'application/problem+json; charset=utf-8',
    ]);
  });
});

describe('the registry', () => {
  test('places, portals and devices are registered and shown', async () => {
    expect(
      (
        await house.ask('admin', 'PUT', '/places/room:lyon%2Fcold-1', {
          name: 'Cold 1',
          parent: 'site:lyon',
          zone: 'Europe/Paris',
        })
      ).status,
    ).toBe(200);
    // What is left out is taken from where the thing stands: a name from its id, a zone and a site from its parents.
    expect((await house.ask('admin', 'PUT', '/places/room:lyon%2Fcold-9', { parent: 'site:lyon' })).body).toEqual({
      id: 'room:lyon/cold-9',
      kind: 'room',
      name: 'lyon/cold-9',
      parent: 'site:lyon',
      zone: 'Europe/Paris',
    });
    expect((await house.ask('admin', 'PUT', '/places/vehicle:truck-9', {})).status).toBe(400);
    const plain = { inside: 'room:lyon/cold-9', outside: 'vehicle:truck-9', antennas: [{ reader: 'r-9', antenna: 1 }] };
    expect((await house.ask('admin', 'PUT', '/portals/dock-9', plain)).body).toMatchObject({
      name: 'dock-9',
      site: { id: 'site:lyon' },
    });
    const astray = { ...plain, inside: 'vehicle:truck-8' };
    expect((await house.ask('admin', 'PUT', '/portals/dock-8', astray)).body).toMatchObject({ code: 'BODY_INVALID' });
    const portal = await house.ask('operations', 'PUT', '/portals/lyon%2Fdock-2', {
      name: 'Lyon dock 2',
      inside: 'room:lyon/cold-1',
      outside: 'site:lyon',
      site: 'site:lyon',
      antennas: [{ reader: 'reader-1', antenna: 1, side: 'inside' }],
      quiet: '3s',
    });
    expect(portal.body).toMatchObject({
      id: 'lyon/dock-2',
      inside: { name: 'Cold 1' },
      quiet: '3s',
      cap: '2m',
      lastPass: null,
      gaps: [],
    });
    const lost = [NOW - 25 * HOUR, NOW - 2 * HOUR, NOW - HOUR];
    await house.database.query(
      `INSERT INTO read_gaps (reader, since, until, reason, position)
       SELECT 'reader-1', since, since + 60000, 'the connection broke', 1 FROM unnest($1::bigint[]) AS g (since)`,
      [lost],
    );
    const gapAt = (from: number) => ({
      ...{ reader: 'reader-1', from: iso(from), to: iso(from + MINUTE), reason: 'the connection broke' },
    });
    const shown = await house.ask('dock', 'GET', '/portals/lyon%2Fdock-2');
    expect(shown.body).toMatchObject({ id: 'lyon/dock-2', gaps: [gapAt(NOW - HOUR), gapAt(NOW - 2 * HOUR)] });
    expect((await house.ask('dock', 'GET', '/portals')).body).toMatchObject({
      items: expect.arrayContaining([shown.body]),
    });
    expect((await house.ask('dock', 'GET', '/portals/lyon%2Fdock-2/passes')).body).toEqual({
      items: [],
      nextCursor: null,
    });
    const device = await house.ask('logistics', 'POST', '/devices', {
      id: 'cold-1-north',
      kind: 'sensor',
      name: 'Cold 1 north',
      interval: '5m',
      profile: '2-8C',
      attachment: { subject: 'room:lyon/cold-1', from: NOW - HOUR },
    });
    expect([device.status, device.body]).toMatchObject([
      201,
      {
        interval: '5m',
        profile: { max: 8 },
        attachment: { subject: 'room:lyon/cold-1', from: iso(NOW - HOUR) },
        latest: [],
      },
    ]);
    const { body } = await house.ask('dock', 'GET', '/devices?limit=1');
    expect(body).toMatchObject({ items: [{ id: 'cold-1-north', condition: { state: 'unknown' } }] });
  });

  test('readings come raw in pages, or in buckets', async () => {
    const start = Math.floor(NOW / HOUR) * HOUR - 3 * HOUR;
    await house.measure(
      'probe-1',
      Array.from({ length: 120 }, (_, minute) => [start + minute * MINUTE, minute % 10] as const),
    );
    const query = `/readings?device=probe-1&metric=temperature&from=${start}&to=${iso(NOW)}`;
    const first = (await house.ask('dock', 'GET', `${query}&limit=100`)).body as {
      items: unknown[];
      nextCursor: string;
    };
    const second = (await house.ask('dock', 'GET', `${query}&limit=100&cursor=${first.nextCursor}`))
      .body as typeof first;
    expect([first.items.length, second.items.length, second.nextCursor]).toEqual([100, 20, null]);
    expect(first.items[3]).toEqual({ time: iso(start + 3 * MINUTE), value: 3 });
    const hours = (await house.ask('dock', 'GET', `${query}&resolution=1h`)).body as {
      items: { n: number; min: number; max: number }[];
      resolution: string;
    };
    expect(hours.resolution).toBe('1h');
    expect(hours.items.reduce((sum, { n }) => sum + n, 0)).toBe(120);
    expect(hours.items.every(({ min, max }) => min === 0 && max === 9)).toBe(true);
    const auto = (await house.ask('dock', 'GET', `${query}&resolution=auto&limit=10000`)).body as typeof hours;
    expect(auto.items).toHaveLength(120);
    expect(auto).toMatchObject({ resolution: 'raw' });
    expect(auto.items[3]).toEqual({ time: iso(start + 3 * MINUTE), n: 1, min: 3, mean: 3, max: 3 });
    // Asked from years before the first reading, the minutes came as page after page of nothing.
    const years = (await house.ask('dock', 'GET', `/readings?device=probe-1&from=0&resolution=1m&limit=7`))
      .body as typeof hours;
    expect(years.items.map(({ n }) => n)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });
});

describe('the page', () => {
  test('every screen is the page, with a policy of its own that no other site can frame', async () => {
    const [first, second] = await Promise.all([
      fetch(`${house.url}/serials/${encodeURIComponent(sgtin(1))}`),
      fetch(`${house.url}/`),
    ]);
    const policy = first.headers.get('content-security-policy') ?? '';
    const nonce = /'nonce-([^']+)'/.exec(policy)?.[1] ?? '';
    expect(await first.text()).toContain(`nonce="${nonce}"`);
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('unsafe');
    expect(second.headers.get('content-security-policy')).not.toBe(policy);
    expect(first.headers.get('cache-control')).toBe('no-store');
    expect(first.headers.get('x-content-type-options')).toBe('nosniff');
  });

  test('what has its hash in its name is kept by browsers for good, and goes out packed', async () => {
    const response = await fetch(`${house.url}/assets/main-abc.js`);
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(await response.text()).toContain('isotherm');
    const etag = response.headers.get('etag') ?? '';
    const again = await fetch(`${house.url}/assets/main-abc.js`, { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect((await fetch(`${house.url}/assets/gone-abc.js`)).status).toBe(404);
    expect((await fetch(`${house.url}/assets/..%2f..%2fpackage.json`)).status).toBe(404);
  });

  test('health, readiness, metrics and the contract are there for machines', async () => {
    expect(await (await fetch(`${house.url}/healthz`)).json()).toEqual({ ok: true });
    expect(await (await fetch(`${house.url}/readyz`)).json()).toMatchObject({ ready: true, database: true });
    expect(await (await fetch(`${house.url}/metrics`)).text()).toBe('# EOF\n');
    expect(await (await fetch(`${house.url}/openapi.json`)).json()).toMatchObject({ openapi: '3.1.0' });
  });
});

test('where the tracer is behind, a notice is durable and says where to look', async () => {
  const behind = await Installation.start({ isTracing: false });
  const answer = await behind.ask('logistics', 'POST', '/shipments', asn('SHP-1'));
  const body = { id: 'SHP-1', location: '/api/v1/shipments/SHP-1', warnings: expect.any(Array) };
  expect([answer.status, answer.body]).toEqual([202, body]);
  expect(positionIn(await behind.log.heads(), 'trace')).toBeGreaterThan(0);
  await behind.stop();
});

test('in demo mode the sign-in page knows one account a role', async () => {
  const demo = await Installation.start({ isDemo: true });
  const { body } = await demo.ask(null, 'GET', '/sign-in');
  expect((body as { accounts: { name: string }[] }).accounts.map(({ name }) => name)).toEqual([
    'logistics',
    'quality',
    'dock',
    'operations',
    'admin',
  ]);
  await demo.stop();
});

test('a port that is taken is named, with the setting that changes it', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as AddressInfo;
  await expect(Installation.start({ port })).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: `port ${port} is taken on 127.0.0.1; http.port sets another`,
  });
  await new Promise((resolve) => other.close(resolve));
});
