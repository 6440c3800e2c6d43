import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { plainEnvironment } from '../app/config/index.ts';
import { PracticeSite } from '../app/practice/practice-site.ts';
import type { Installation } from '../dashboards/server/testing/installation.ts';
import {
  chromiumPath,
  openBrowser,
  PATIENCE_MS,
  seriousFaults,
  signIn,
  startHouse,
} from '../dashboards/testing/browser.ts';
import { PRACTICE_JOBS, type PracticeRole, silentLogger, systemTime } from '../domain/index.ts';
import { builtProgram } from './built-program.ts';

const STARTS_WITHIN_MS = 240_000;
/** A browser opens six, and one for what happens live. */
const MOST_OF_ONE = 40;

let house: Installation;
let site: PracticeSite;
let scratch = '';

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'isotherm-practice-'));
  // As root, PostgreSQL runs as somebody else, who has to get through.
  await chmod(scratch, 0o711);
  site = new PracticeSite({
    ...{ dataDir: join(scratch, 'data'), host: '127.0.0.1', port: 0, url: null, tls: () => null },
    connections: { most: 100, mostPerAddress: MOST_OF_ONE, isTrusted: () => false },
    home: () => ({ url: house.url, port: Number(new URL(house.url).port) }),
    ...{ program: await builtProgram(), env: plainEnvironment(), time: systemTime, logger: silentLogger },
  });
  house = await startHouse({ practice: site });
}, STARTS_WITHIN_MS);

afterAll(async () => {
  await site?.end();
  await house?.stop();
  await rm(scratch, { recursive: true, force: true });
});

/** A browser without a screen: keeps its cookies, asks as somebody. */
class Visitor {
  readonly #url: string;
  #cookies = '';

  constructor(url: string) {
    this.#url = url;
  }

  get cookies(): string {
    return this.#cookies;
  }

  async ask(method: string, path: string, body?: unknown, more: Readonly<Record<string, string>> = {}) {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { cookie: this.#cookies, ...(body !== undefined && { 'content-type': 'application/json' }), ...more },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const set = response.headers.getSetCookie().map((one) => one.split(';')[0] ?? '');
    if (set.length > 0) this.#cookies = set.join('; ');
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = (response.headers.get('content-type') ?? '').includes('json');
    return { status: response.status, bytes, body: isJson ? JSON.parse(bytes.toString('utf8')) : null };
  }
}

async function personAtHome(username = 'quality'): Promise<Visitor> {
  const person = new Visitor(house.url);
  expect((await person.ask('POST', '/api/v1/session', { username, password: 'demo' })).status).toBe(200);
  return person;
}

async function running(): Promise<void> {
  site.begin(false);
  const isSettled = () => site.state.state === 'on' || site.state.state === 'failed';
  await expect.poll(isSettled, { timeout: STARTS_WITHIN_MS, interval: 200 }).toBe(true);
  expect(site.state).toMatchObject({ state: 'on', detail: null });
}

/** Who is signed in at the real site comes into the practice site as `role`. */
async function cameIn(person: Visitor, role: PracticeRole): Promise<Visitor> {
  const { status, body } = await person.ask('POST', '/api/v1/practice/entries', { role });
  expect(status).toBe(200);
  const visitor = new Visitor(`http://127.0.0.1:${body.port}`);
  const answer = await visitor.ask('POST', '/api/v1/session/practice', { ticket: body.ticket });
  expect(answer).toMatchObject({ status: 200, body: { isPractice: true, user: { name: 'quality', role } } });
  // It opens once.
  const again = await new Visitor(`http://127.0.0.1:${body.port}`).ask('POST', '/api/v1/session/practice', {
    ticket: body.ticket,
  });
  expect(again).toMatchObject({ status: 422, body: { code: 'PRACTICE_TICKET_BAD' } });
  return visitor;
}

/** Rows of every table of the real site that is not about who is signed in and what was decided by whom. */
async function rowsAtHome(): Promise<Record<string, number>> {
  const { rows } = await house.database.query<{ table: string }>(
    `SELECT c.relname AS table FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relname !~ '^(audit|ledger|session|sign)' ORDER BY 1`,
  );
  const counts: Record<string, number> = {};
  for (const { table } of rows) {
    const found = await house.database.query<{ n: number }>(`SELECT count(*)::int AS n FROM "${table}"`);
    counts[table] = found.rows[0]?.n ?? 0;
  }
  return counts;
}

test(
  'who practises does the jobs of each role, done by what is recorded, and the real site has nothing of it',
  async () => {
    const before = await rowsAtHome();
    const person = await personAtHome();
    expect((await person.ask('GET', '/api/v1/practice')).body).toEqual({
      ...{ state: 'off', detail: null, people: 0, mayEnd: true },
    });
    expect((await person.ask('POST', '/api/v1/practice/entries', { role: 'dock' })).body).toMatchObject({
      code: 'PRACTICE_NOT_ON',
    });
    expect((await person.ask('POST', '/api/v1/practice', {})).status).toBe(202);
    await running();

    const dock = await cameIn(person, 'dock');
    expect(dock.cookies).toMatch(/^isotherm_practice_session=/);
    expect(person.cookies).toMatch(/^isotherm_session=/);
    const jobs = async (visitor: Visitor) =>
      Object.fromEntries(
        ((await visitor.ask('GET', '/api/v1/practice/jobs')).body.jobs as { id: string; isDone: boolean }[]).map(
          ({ id, isDone }) => [id, isDone],
        ),
      );
    const pack = { gtin: '80614141123458', serial: '1000', lot: 'A17', expiry: '2028-06-30' };
    expect(await jobs(dock)).toEqual({ settle: false, verify: false, count: false });
    expect((await dock.ask('POST', '/api/v1/verifications', pack)).status).toBe(200);
    expect(await jobs(dock)).toEqual({ settle: false, verify: true, count: false });
    // The pallet with three too many has gone through its door.
    const open = async () => (await dock.ask('GET', '/api/v1/shipments/SHP-1002/reconciliation')).body;
    await expect.poll(async () => (await open()).lines?.length ?? 0, { timeout: PATIENCE_MS }).toBeGreaterThan(0);
    const lines = ((await open()).lines as { id: string }[]).map(({ id }) => id);
    const settled = { lines, how: 'scan', reason: 'looked at the pallet' };
    expect((await dock.ask('POST', '/api/v1/shipments/SHP-1002/reconciliation/settle', settled)).status).toBeLessThan(
      300,
    );
    const counted = {
      unit: 'urn:epc:id:sscc:0614141.1000000003',
      found: ['urn:epc:id:sgtin:0614141.812346.3000'],
      damaged: [],
    };
    expect((await dock.ask('POST', '/api/v1/shipments/SHP-1002/counts', counted)).status).toBeLessThan(300);
    await expect.poll(() => jobs(dock), { timeout: PATIENCE_MS }).toEqual({ settle: true, verify: true, count: true });

    const operations = await cameIn(person, 'operations');
    const alerts = async () => (await operations.ask('GET', '/api/v1/alerts')).body.items as { id: string }[];
    await expect.poll(async () => (await alerts()).length, { timeout: PATIENCE_MS }).toBeGreaterThan(0);
    const alert = `/api/v1/alerts/${(await alerts())[0]?.id}`;
    const until = new Date(Date.now() + 3_600_000).toISOString();
    for (const [path, body] of [
      [`${alert}/acknowledge`, {}],
      [`${alert}/assign`, { to: 'dock' }],
      ['/api/v1/silences', { match: { device: ['LOG-401'] }, reason: 'being repaired', until }],
      [`${alert}/resolve`, { reason: 'the door was shut' }],
    ] as const)
      expect([path, (await operations.ask('POST', path, body)).status]).toEqual([path, expect.toBeOneOf([200, 201])]);
    expect(await jobs(operations)).toEqual({ acknowledge: true, assign: true, silence: true, resolve: true });

    const logistics = await cameIn(person, 'logistics');
    expect(Object.keys(await jobs(logistics))).toEqual(PRACTICE_JOBS.logistics.map(({ id }) => id));
    await logistics.ask('PUT', '/api/v1/me/shipment-views/trouble', { condition: 'excursion' });
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
    const notice = {
      ...{ id: 'SHP-MINE', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon', products: [] },
      ...{ departs: day(1), arrives: day(2) },
      units: [{ sscc: 'urn:epc:id:sscc:0614141.1000000099', devices: [], children: [], from: day(1) }],
    };
    expect((await logistics.ask('POST', '/api/v1/shipments', notice)).status).toBe(201);
    const { revision: seen, arrives } = (await logistics.ask('GET', '/api/v1/shipments/SHP-1003')).body as {
      revision: number;
      arrives: string;
    };
    const later = new Date(Date.parse(arrives) + 3_600_000).toISOString();
    const corrected = { revision: seen, reason: 'the carrier called', arrives: later };
    expect((await logistics.ask('POST', '/api/v1/shipments/SHP-1003/corrections', corrected)).status).toBe(200);
    const share = { recipient: 'Clinic', endsAt: day(7), contents: ['chart'] };
    expect((await logistics.ask('POST', '/api/v1/shipments/SHP-1001/shares', share)).status).toBe(201);
    // What a real partner, phone or server would hear of is not taken: nobody can have invented goods sent anywhere.
    const hook = { dest: 'https://example.com/hook', stream: true };
    expect(await logistics.ask('POST', '/epcis/v2/queries/shipped/subscriptions', hook)).toMatchObject({
      body: { code: 'OUTGOING_FORBIDDEN', detail: expect.stringContaining('a practice site tells nobody') },
    });
    await expect
      .poll(() => jobs(logistics), { timeout: PATIENCE_MS })
      .toEqual({ 'see-trouble': true, announce: true, correct: true, share: true });

    const quality = await cameIn(person, 'quality');
    // Also who is called as one of the colleagues is signs with the password that the page shows.
    const { password } = (await quality.ask('GET', '/api/v1/practice/jobs')).body as { password: string };
    const signing = { username: 'quality', password };
    expect((await quality.ask('POST', '/api/v1/session', signing)).status).toBe(200);
    expect((await quality.ask('PUT', '/api/v1/holds/shipment:SHP-1005', { reason: 'complaint 4711' })).status).toBe(
      201,
    );
    const cases = async () => (await quality.ask('GET', '/api/v1/cases')).body.items as { id: string }[];
    await expect.poll(async () => (await cases()).length, { timeout: PATIENCE_MS }).toBeGreaterThan(0);
    const taken = `/api/v1/cases/${(await cases())[0]?.id}`;
    expect((await quality.ask('POST', `${taken}/assign`, { to: 'quality' })).status).toBeLessThan(300);
    expect(await jobs(quality)).toEqual({ 'take-case': true, decide: false, hold: true, 'set-aside': false });
    // What the page offers of a group is decided and signed with the password that it shows; nothing is signed with another.
    const { revision, groups } = (await quality.ask('GET', taken)).body as {
      revision: number;
      groups: { id: string }[];
    };
    const signature = { meaning: 'decided after review of the evidence', user: 'quality' };
    const deciding = { revision, group: groups[0]?.id, disposition: 'reject', reason: 'too warm for too long' };
    const decide = (given: string) =>
      quality.ask('POST', `${taken}/decisions`, { ...deciding, signature: { ...signature, password: given } });
    expect((await decide('another')).status).toBeGreaterThanOrEqual(400);
    expect(await jobs(quality)).toMatchObject({ decide: false });
    expect(await decide(password)).toMatchObject({ status: 201, body: { disposition: 'reject' } });
    // Readings of a logger that lay on the desk, say: wrong from then to then.
    const wrong = { device: 'LOG-201', from: day(-0.2), to: day(-0.1), reason: 'it lay on the desk' };
    expect((await quality.ask('POST', '/api/v1/readings/set-aside', wrong)).status).toBeLessThan(300);
    expect(await jobs(quality)).toEqual({ 'take-case': true, decide: true, hold: true, 'set-aside': true });
    const report = await quality.ask('GET', '/api/v1/shipments/SHP-1001/report.pdf');
    expect(report.status).toBe(200);
    // Uncompressed, in UTF-16: the title of a document.
    const title = Buffer.from('PRACTICE', 'utf16le').swap16();
    expect(report.bytes.includes(title) || report.bytes.includes('PRACTICE')).toBe(true);

    expect(await rowsAtHome()).toEqual(before);
    expect((await house.ask('quality', 'GET', '/alerts')).body).toMatchObject({ items: [] });
    const { items } = (await house.ask('quality', 'GET', '/audit?limit=100')).body as { items: { action: string }[] };
    expect(new Set(items.map(({ action }) => action))).toEqual(
      new Set(['user.create', 'session.open', 'token.create', 'practice.begin', 'practice.enter']),
    );
  },
  STARTS_WITHIN_MS,
);

test(
  'who is not alone there does not end what others practise; who looks after the installation does; and its door is bounded',
  async () => {
    await running();
    const [quality, dock] = [await personAtHome(), await personAtHome('dock')];
    await cameIn(quality, 'quality');
    expect((await quality.ask('GET', '/api/v1/practice')).body).toMatchObject({ people: 1, mayEnd: true });
    expect((await dock.ask('GET', '/api/v1/practice')).body).toMatchObject({ people: 1, mayEnd: false });
    for (const [method, body] of [
      ['POST', { isAnew: true }],
      ['DELETE', undefined],
    ] as const)
      expect(await dock.ask(method, '/api/v1/practice', body)).toMatchObject({
        ...{ status: 403, body: { code: 'PRACTICE_OF_OTHERS', detail: expect.stringContaining('allowed to end it') } },
      });
    // To start it where it runs disturbs nobody.
    expect((await dock.ask('POST', '/api/v1/practice', {})).status).toBe(202);
    expect((await quality.ask('GET', '/api/v1/practice')).body).toMatchObject({ state: 'on', people: 1 });

    const { body: entry } = await quality.ask('POST', '/api/v1/practice/entries', { role: 'quality' });
    const sockets = Array.from({ length: MOST_OF_ONE + 5 }, () => connect(entry.port, '127.0.0.1'));
    const refused = await Promise.race(sockets.map(async (socket) => String((await once(socket, 'data'))[0])));
    expect(refused).toContain('CONNECTIONS_TOO_MANY');
    for (const socket of sockets) socket.destroy();
    const health = async () => (await fetch(`http://127.0.0.1:${entry.port}/healthz`).catch(() => null))?.status;
    await expect.poll(health, { timeout: PATIENCE_MS }).toBe(200);

    const admin = await personAtHome('admin');
    expect((await admin.ask('DELETE', '/api/v1/practice')).status).toBe(200);
    expect((await dock.ask('GET', '/api/v1/practice')).body).toMatchObject({ state: 'off', people: 0, mayEnd: true });
  },
  STARTS_WITHIN_MS,
);

test.skipIf(chromiumPath === null)(
  'from the menu of the real site into practice: marked on every screen, in the title and at the sign-in, and begun anew by one click',
  async () => {
    const browser = await openBrowser();
    const { context, page } = await signIn({ browser, house }, 'dock');
    await page.goto(`${house.url}/portals`);
    await expect.poll(() => page.locator('#practice-mark').count()).toBe(0);
    await page.getByRole('button', { name: /Signed in as dock/ }).click();
    await page.getByRole('menuitem', { name: 'Practise' }).click();
    await page.getByRole('heading', { name: 'Practice', level: 1 }).waitFor();
    await running();
    await page.getByRole('button', { name: 'Go in' }).click({ timeout: PATIENCE_MS });
    await page.getByRole('heading', { name: 'Jobs of Dock', level: 1 }).waitFor();
    const practised = new URL(page.url()).origin;
    expect(practised).not.toBe(house.url);
    await expect.poll(() => page.title()).toContain('PRACTICE');
    for (const path of [
      '/practice',
      '/shipments',
      '/shipments/SHP-1001',
      '/alerts',
      '/dock/madrid%2Fdock-1',
      '/nowhere',
    ]) {
      await page.goto(practised + path);
      await page.getByRole('note').filter({ hasText: 'PRACTICE' }).waitFor();
    }
    await page.goto(`${practised}/verify`);
    await page.getByText('You practise as Dock').waitFor();
    expect(await seriousFaults(page)).toEqual([]);
    // Still signed in at the real one, under the same host.
    await page.getByRole('link', { name: 'Back to the real site' }).click();
    await page.getByRole('heading', { name: 'Practice', level: 1 }).waitFor();
    expect(new URL(page.url()).origin).toBe(house.url);
    await page.getByRole('button', { name: 'Begin anew' }).click();
    await page.getByRole('button', { name: 'Begin anew' }).click();
    await page.getByText('Getting the goods ready').waitFor();
    await page.getByText('Nobody has come in yet').waitFor({ timeout: STARTS_WITHIN_MS });
    await page.getByRole('button', { name: 'Go in' }).click();
    await page.getByText('You practise as Dock: 0 of 3 jobs done.').waitFor();
    await context.close();
    await browser.close();
  },
  2 * STARTS_WITHIN_MS,
);
