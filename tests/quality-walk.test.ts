import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { CaseView } from '../dashboards/api/case.ts';
import { eventually } from './api.ts';
import { type IsothermProcess, isotherm, startIsotherm } from './isotherm-process.ts';

/*
 * What quality decides and signs, as a partner system sees it: the real program, its command line and its HTTP API alone,
 * every path and member that is promised of cases, decisions, signatures, reports, the audit trail and the ledger.
 */

vi.setConfig({ testTimeout: 120_000 });

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const PASSWORD = 'seven odd words for quality';
const [GTIN, DEAR] = ['80614141123458', '80614141999992'];
const iso = (at: number) => new Date(at).toISOString();
const sgtin = (item: string, number: number) => `urn:epc:id:sgtin:0614141.${item}.${number}`;
const CHEAP = [1, 2, 3].map((n) => sgtin('812345', n));
const WORTHY = [4, 5].map((n) => sgtin('899999', n));
const SERIALS = [...CHEAP, ...WORTHY];
const HEX64 = /^[0-9a-f]{64}$/;

interface Answer {
  readonly status: number;
  readonly type: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: what is answered is what is tried here
  readonly body: any;
  readonly bytes: Buffer;
}

const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-quality-walk-'));
let server: IsothermProcess;
const tokens = new Map<string, string>();
const cookies = new Map<string, string>();
let id = '';

beforeAll(async () => {
  server = await startIsotherm({ command: 'serve', dataDir });
  tokens.set('admin', (await command('token', 'create', 'first', '--role', 'admin')).stdout.trim());
  for (const role of ['logistics', 'quality', 'dock']) {
    const { status, body } = await ask('admin', 'POST', '/tokens', { name: `${role}-system`, role });
    expect([role, status]).toEqual([role, 201]);
    tokens.set(role, body.token);
  }
  for (const name of ['ada', 'bert']) {
    const user = { name, role: 'quality', password: PASSWORD };
    expect((await ask('admin', 'POST', '/users', user)).status).toBe(201);
  }
  for (const name of ['ada', 'bert']) {
    const answer = await fetch(`${server.httpUrl}/api/v1/session`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ username: name, password: PASSWORD }),
    });
    cookies.set(name, answer.headers.get('set-cookie')?.split(';')[0] ?? '');
  }
  const product = { name: 'Examplumab', profile: '2-8C', stability: { budget: '30m' } };
  expect((await ask('quality', 'PUT', `/products/${GTIN}`, product)).status).toBe(200);
  expect((await ask('quality', 'PUT', `/products/${DEAR}`, { ...product, valueClass: 5 })).status).toBe(200);
  const asn = {
    ...{ id: 'SHP-1001', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
    ...{ departs: iso(NOW - 300 * MINUTE), arrives: iso(NOW + 60 * MINUTE) },
    units: [
      {
        ...{ sscc: 'urn:epc:id:sscc:0614141.1234567890', devices: ['logger-7'], children: SERIALS },
        from: iso(NOW - 300 * MINUTE),
      },
    ],
    products: [{ gtin: GTIN, name: 'Examplumab 40 mg', lot: 'A17', expiry: '2099-06-30' }],
  };
  expect((await ask('logistics', 'POST', '/shipments', asn)).status).toBe(201);
  // Above 8 °C for 45 minutes, from two hours ago.
  const lines = Array.from({ length: 61 }, (_, i) => {
    const at = NOW - 300 * MINUTE + i * 5 * MINUTE;
    const isWarm = at >= NOW - 120 * MINUTE && at < NOW - 75 * MINUTE;
    return `temperature,device=logger-7 value=${isWarm ? 9.4 : 5.1} ${at}`;
  });
  expect((await writeLines(lines)).status).toBe(204);
  const found = await eventually(
    'one case of the excursion and of the budget that it used up',
    async () => (await ask('quality', 'GET', '/cases?state=open')).body.items,
    (items) => items.length === 1 && items[0].serials.affected === SERIALS.length && items[0].alerts === 2,
  );
  ({ id } = found[0]);
}, 180_000);

afterAll(async () => {
  await server?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const command = (...args: string[]) => isotherm(args, { dataDir, stdin: `${PASSWORD}\n` });

/** @param who a role, by its token, or a person, by the session */
async function ask(who: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const cookie = cookies.get(who);
  const response = await fetch(`${server.httpUrl}/api/v1${path}`, {
    method,
    headers: {
      ...(cookie === undefined ? { authorization: `Bearer ${tokens.get(who)}` } : { cookie }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const type = response.headers.get('content-type');
  return { status: response.status, type, bytes, body: type?.includes('json') ? JSON.parse(bytes.toString()) : null };
}

function writeLines(lines: readonly string[]): Promise<Response> {
  return fetch(`${server.httpUrl}/api/v2/write?precision=ms`, {
    ...{ method: 'POST', headers: { authorization: `Token ${tokens.get('admin')}` }, body: lines.join('\n') },
  });
}

const caseNow = async (): Promise<CaseView> => (await ask('quality', 'GET', `/cases/${id}`)).body;
const by = (user: string) => ({ meaning: 'decided after review of the evidence', user, password: PASSWORD });

describe('what is promised of cases', () => {
  test('lists answer `{items, nextCursor}`, a case has groups, proposal, evidence and decisions, errors are RFC 9457', async () => {
    const list = await ask('quality', 'GET', '/cases?state=open&limit=1');
    expect(list.body).toMatchObject({ items: [{ id, state: 'open', kind: 'excursion' }], nextCursor: null });
    const one = await caseNow();
    expect(one).toMatchObject({
      ...{ id, subject: { shipment: 'SHP-1001' }, revision: expect.any(Number), decisions: [] },
      proposal: { text: 'Reject 5 serials.', isCertain: true, at: expect.stringMatching(/\.\d{3}Z$/) },
    });
    expect(one.groups.map(({ gtin, serials }) => [gtin, serials])).toEqual([
      [GTIN, 3],
      [DEAR, 2],
    ]);
    expect(one.groups[0]).toMatchObject({
      ...{ lot: 'A17', expiry: '2099-06-30', devices: ['logger-7'], undecided: 3 },
      exposure: { min: 5.1, max: 9.4, minutesAbove: 45, budget: { limit: 30, used: 45, left: -15 } },
      proposal: { disposition: 'reject', reasons: expect.arrayContaining([expect.any(String)]) },
    });
    const { evidence } = one;
    expect(evidence).toMatchObject({
      alerts: [
        { kind: 'threshold', state: 'open', rule: { id: expect.any(String), version: expect.any(Number) } },
        { kind: 'budget', state: 'open', rule: { id: 'budget-used' } },
      ],
      devices: [{ id: 'logger-7', readings: expect.any(Number) }],
      changes: [],
    });
    const unknown = await ask('quality', 'GET', '/cases/C-999999');
    expect([unknown.status, unknown.type]).toEqual([404, expect.stringContaining('application/problem+json')]);
    expect(unknown.body).toMatchObject({ code: 'CASE_UNKNOWN', status: 404, title: expect.any(String) });
    expect((await ask('quality', 'GET', '/cases?state=done')).status).toBe(400);
    expect(new Date(one.openedAt).toISOString()).toBe(one.openedAt);
  });

  test('a serial in the undecided excursion does not move on, and the reason is named', async () => {
    const asked = { gtin: GTIN, serial: '1' };
    const { body } = await ask('dock', 'POST', '/verifications', asked);
    expect(body).toMatchObject({ mayMoveOn: false });
    expect(body.findings.length).toBeGreaterThan(0);
  });

  test('a decision lists and hashes its serials, is stored as canonical JSON, acts, and a stale revision is 409', async () => {
    const before = await caseNow();
    const wish = { lot: 'A17', disposition: 'reject', reason: 'beyond what it stands' };
    const stale = { ...wish, revision: before.revision - 1, signature: by('ada') };
    const refused = await ask('ada', 'POST', `/cases/${id}/decisions`, stale);
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'CASE_CHANGED', current: { revision: before.revision } },
    });
    const signed = { ...wish, revision: before.revision };
    const byToken = await ask('quality', 'POST', `/cases/${id}/decisions`, { ...signed, signature: by('ada') });
    expect(byToken).toMatchObject({ status: 403, body: { code: 'TOKEN_CANNOT_SIGN' } });
    const wrong = { meaning: 'decided', user: 'ada', password: 'not this one' };
    expect((await ask('ada', 'POST', `/cases/${id}/decisions`, { ...signed, signature: wrong })).status).toBe(401);
    const made = await ask('ada', 'POST', `/cases/${id}/decisions`, { ...signed, signature: by('ada') });
    const serialsHash = createHash('sha256')
      .update(
        CHEAP.toSorted()
          .map((epc) => `${epc}\n`)
          .join(''),
      )
      .digest('hex');
    expect(made).toMatchObject({
      status: 201,
      body: {
        ...{ number: 1, revision: before.revision, disposition: 'reject', serials: 3, serialsHash, needsSecond: false },
        ...{ reason: wish.reason, scope: { group: null, lot: 'A17' }, inForceSince: expect.any(String) },
        signatures: [{ by: 'ada', role: 'quality', method: 'password', meaning: by('ada').meaning }],
      },
    });
    const { recordHash, record } = (await ask('quality', 'GET', `/cases/${id}/decisions/1/record`)).body;
    expect(createHash('sha256').update(record).digest('hex')).toBe(recordHash);
    expect(JSON.parse(record)).toMatchObject({ case: id, number: 1, serials: { count: 3, epcs: CHEAP.toSorted() } });
    expect(Object.keys(JSON.parse(record))).toEqual(Object.keys(JSON.parse(record)).toSorted());
    const serial = await eventually(
      'the serial is rejected',
      async () => (await ask('quality', 'GET', `/serials/${encodeURIComponent(CHEAP[0] ?? '')}`)).body,
      ({ status }) => status === 'rejected',
    );
    expect(serial).toMatchObject({
      mayMoveOn: false,
      dispositions: [
        { case: id, number: 1, disposition: 'reject', isSuperseded: false, signatures: [{ name: 'ada' }] },
      ],
    });
    const byFirstName = await ask('ada', 'POST', `/cases/${id}/dispositions`, { ...signed, signature: by('ada') });
    expect(byFirstName).toMatchObject({ status: 409, body: { code: 'CASE_CHANGED' } });
    // The second of a session takes the password alone; what was signed once is not sent again.
    expect((await ask('ada', 'POST', `/cases/${id}/decisions`, { ...signed, signature: by('ada') })).status).toBe(409);
  });

  test('what is worth two signatures waits for the second, which is never that of the same person', async () => {
    const before = await caseNow();
    const group = before.groups.find(({ gtin }) => gtin === DEAR)?.id;
    const wish = { revision: before.revision, group, disposition: 'release', reason: 'the maker stands for it' };
    const made = await ask('ada', 'POST', `/cases/${id}/decisions`, {
      ...wish,
      signature: { meaning: 'decided', password: PASSWORD },
    });
    expect(made).toMatchObject({ status: 201, body: { number: 2, needsSecond: true, inForceSince: null } });
    const path = `/cases/${id}/decisions/2/signatures`;
    const again = { meaning: 'checked and approved', password: PASSWORD };
    expect(await ask('ada', 'POST', path, again)).toMatchObject({ status: 409, body: { code: 'SIGNER_SAME' } });
    const second = await ask('bert', 'POST', path, { ...by('bert'), meaning: 'checked and approved' });
    expect(second).toMatchObject({ status: 201, body: { needsSecond: false, inForceSince: expect.any(String) } });
    expect(second.body.signatures.map((one: { by: string }) => one.by)).toEqual(['ada', 'bert']);
    expect(second.body.signatures.every((one: { recordHash: string }) => HEX64.test(one.recordHash))).toBe(true);
    expect((await caseNow()).state).toBe('decided');
    expect((await ask('quality', 'GET', '/cases?state=decided')).body.items).toMatchObject([{ id }]);
    const serial = (WORTHY[0] ?? '').split('.').at(-1);
    await eventually(
      'what was released moves on',
      async () => (await ask('dock', 'POST', '/verifications', { gtin: DEAR, serial })).body,
      ({ mayMoveOn }) => mayMoveOn,
    );
  });

  test('one that joins later is undecided, and late data says what changed', async () => {
    const { revision } = await caseNow();
    // Ten minutes more of it, sent by a logger that had no radio.
    const late = [74, 72, 70, 68, 66].map((ago) => `temperature,device=logger-7 value=9.6 ${NOW - ago * MINUTE}`);
    expect((await writeLines(late)).status).toBe(204);
    const changed = await eventually('the case says so', caseNow, ({ state }) => state === 'evidence changed');
    expect(changed.revision).toBeGreaterThan(revision);
    expect(changed.decisions.flatMap(({ evidenceChanged }) => evidenceChanged).length).toBeGreaterThan(0);
    const since = await ask('quality', 'GET', `/cases/${id}/changes?after=${revision}`);
    expect(since.body.items.length).toBeGreaterThan(0);
    expect((await ask('quality', 'GET', `/cases/${id}/decisions/1/record`)).body.record).toContain('"number":1');
  });
});

describe('what is promised of papers, the audit trail and the ledger', () => {
  test('reports of case and shipment are PDF, also of a revision that was signed', async () => {
    const signed = (await caseNow()).decisions[0]?.revision;
    for (const path of [
      `/cases/${id}/report.pdf`,
      `/cases/${id}/report.pdf?revision=${signed}`,
      '/shipments/SHP-1001/report.pdf',
    ]) {
      const { status, type, bytes } = await ask('quality', 'GET', path);
      expect([path, status, type, bytes.subarray(0, 5).toString()]).toEqual([path, 200, 'application/pdf', '%PDF-']);
    }
  });

  test('each act has its entry, latest first, with who, what, on which subject, and from where', async () => {
    const { items } = await eventually(
      'five entries of the case',
      async () => (await ask('quality', 'GET', `/audit?subject=case:${id}`)).body,
      (body) => body.items.length >= 5,
    );
    expect(items.map(({ action }: { action: string }) => action)).toEqual([
      ...['goods.decide', 'case.sign', 'case.decide', 'goods.decide', 'case.decide'],
    ]);
    for (const entry of items) {
      expect(entry).toMatchObject({
        ...{ id: expect.stringMatching(/^evt_/), at: expect.stringMatching(/\.\d{3}Z$/), subject: `case:${id}` },
        actor: { id: expect.stringMatching(/^user:/), kind: 'user' },
        // A person signs from somewhere; what follows from it the platform tells the log.
        origin: { via: entry.action === 'goods.decide' ? 'platform' : 'http' },
      });
      expect(entry).toHaveProperty('old');
      expect(entry).toHaveProperty('reason');
      expect(entry.new).toMatchObject({ recordHash: expect.stringMatching(HEX64) });
    }
    const counted = async (query: string) =>
      (await ask('admin', 'GET', `/audit?subject=case:${id}&${query}`)).body.items.length;
    expect(await counted('action=case.decide')).toBe(2);
    expect(await counted('action=case.sign&actor=bert')).toBe(1);
    expect(await counted(`since=${iso(NOW - MINUTE)}`)).toBe(5);
    expect(await counted(`since=${iso(NOW + 60 * MINUTE)}`)).toBe(0);
    expect((await ask('dock', 'GET', '/audit')).status).toBe(403);
    expect((await command('audit', 'verify')).code).toBe(0);
  });

  test('is served as tlog-tiles, proven by file for each kind of leaf, and verified with the key alone', async () => {
    const key = (await command('ledger', 'key')).stdout.trim();
    expect(key).toMatch(/^\S+\+[0-9a-f]{8}\+\S+$/);
    const files = [];
    for (const [n, subject] of [`decision:${id}/1`, `signature:decision:${id}/2/2`].entries()) {
      const file = join(dataDir, `${n}.tlog-proof`);
      expect(await command('ledger', 'prove', subject, '--out', file)).toMatchObject({ code: 0 });
      files.push(file);
    }
    const checkpoint = await (await fetch(`${server.httpUrl}/ledger/checkpoint`)).text();
    const [origin, size = '0'] = checkpoint.split('\n');
    expect(key.startsWith(`${origin}+`)).toBe(true);
    const partial = Number(size) % 256;
    for (const path of [`tile/0/000.p/${partial}`, `tile/entries/000.p/${partial}`]) {
      if (Number(size) < 256) expect((await fetch(`${server.httpUrl}/ledger/${path}`)).status, path).toBe(200);
    }
    const report = join(dataDir, 'case.pdf');
    writeFileSync(report, (await ask('quality', 'GET', `/cases/${id}/report.pdf`)).bytes);
    expect(await command('ledger', 'verify', report, ...files, '--key', key)).toMatchObject({ code: 0 });
    expect(await command('ledger', 'verify')).toMatchObject({ code: 0, stderr: '' });
  });
});
