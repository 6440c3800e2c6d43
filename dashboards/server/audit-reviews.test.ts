import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger, systemTime } from '../../domain/index.ts';
import { AuditSequencer } from '../../storage/index.ts';
import type { AuditReviewView, NextReviewView, PlacedEntryView } from '../api/index.ts';
import { pdfAFaults } from './report/testing/pdf-a.ts';
import { fileIn, textOf } from './report/testing/pdf-content.ts';
import { Installation } from './testing/installation.ts';
import { SoftPasskey } from './testing/soft-passkey.ts';

let house: Installation;
let sequencer: AuditSequencer;
const cookies = new Map<string, string>();

beforeAll(async () => {
  house = await Installation.start();
  sequencer = new AuditSequencer({ database: house.database, time: systemTime, logger: silentLogger });
  for (const name of ['quality', 'admin', 'dock']) cookies.set(name, await signIn(name));
});
afterAll(() => house.stop());

async function signIn(username: string): Promise<string> {
  const response = await fetch(`${house.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: 'demo' }),
  });
  return response.headers.get('set-cookie')?.split(';')[0] ?? '';
}

/** By name: a passkey is of a name, never of an address. */
const host = () => house.url.replace('127.0.0.1', 'localhost');

async function as<T>(name: string, method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  const response = await fetch(`${host()}/api/v1${path}`, {
    method,
    headers: { cookie: cookies.get(name) ?? '', 'content-type': 'application/json' },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as T };
}

async function seen(name = 'quality'): Promise<NextReviewView> {
  await sequencer.placeAll();
  return (await as<NextReviewView>(name, 'GET', '/audit/reviews/next')).body;
}

const signature = (user: string, password = 'demo') => ({ meaning: 'reviewed the audit trail', user, password });

async function sign(name: string, next: NextReviewView, given: object = {}) {
  const { after, to, chain } = next;
  return as<AuditReviewView & { code: string; current: { after: number } }>(name, 'POST', '/audit/reviews', {
    ...{ after, to, chain, comment: 'nothing out of the ordinary', signature: signature(name), ...given },
  });
}

test('a review covers what was decided since the last one, by risk, and is signed', async () => {
  await house.ask('admin', 'POST', '/tokens', { name: 'erp', role: 'logistics' });
  const next = await seen();
  expect(next).toMatchObject({ after: 0, beyond: 0 });
  expect(next.actions).toContainEqual({ action: 'token.create', risk: 'high', entries: expect.any(Number) });
  expect(next.byRisk.high + next.byRisk.medium + next.byRisk.low).toBe(next.to);
  expect(next.own).toBe(1);

  const high = await as<{ items: PlacedEntryView[] }>(
    ...(['quality', 'GET', `/audit/reviews/entries?after=0&to=${next.to}&risk=high&limit=1000`] as const),
  );
  expect(high.body.items).toHaveLength(next.byRisk.high);
  expect(high.body.items.every(({ risk }) => risk === 'high')).toBe(true);

  const signed = await sign('quality', next);
  expect(signed.status).toBe(201);
  expect(signed.body).toMatchObject({
    ...{ number: 1, after: 0, to: next.to, chain: next.chain, own: 1, broken: null },
    signature: { by: 'quality', role: 'quality', meaning: 'reviewed the audit trail', method: 'password' },
  });

  const after = await seen();
  expect(after.after).toBe(next.to);
  // The review is an entry itself.
  expect(after.actions).toEqual([{ action: 'audit.review', risk: 'low', entries: 1 }]);
  const trail = await house.ask('quality', 'GET', '/audit?action=audit.review');
  expect(trail.body).toMatchObject({
    items: [
      {
        ...{ subject: 'audit-review:1', actor: { name: 'quality' }, reason: 'nothing out of the ordinary' },
        new: { recordHash: signed.body.signature.recordHash, to: next.to },
      },
    ],
  });
});

test('pages of the entries of a stretch come in order, none twice', async () => {
  const { to } = await seen();
  const places: number[] = [];
  let cursor = '';
  for (;;) {
    const { body } = await as<{ items: PlacedEntryView[]; nextCursor: string | null }>(
      ...(['quality', 'GET', `/audit/reviews/entries?after=0&to=${to}&limit=3${cursor}`] as const),
    );
    places.push(...body.items.map(({ place }) => place));
    if (body.nextCursor === null) break;
    cursor = `&cursor=${body.nextCursor}`;
  }
  expect(places).toEqual(Array.from({ length: to }, (_, index) => index + 1));
});

test('of two who sign the same stretch at once, one does and the other is told how far it was reviewed', async () => {
  const next = await seen();
  const answers = await Promise.all([sign('quality', next), sign('admin', next), sign('quality', next)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  const refused = answers.filter(({ status }) => status === 409);
  for (const { body } of refused) expect(body).toMatchObject({ code: 'AUDIT_REVIEWED', current: { after: next.to } });
});

test('a signature needs the own name and password of a person who may', async () => {
  const next = await seen();
  expect((await sign('quality', next, { signature: signature('quality', 'wrong') })).body.code).toBe(
    'CREDENTIALS_WRONG',
  );
  expect((await sign('quality', next, { signature: signature('admin') })).body.code).toBe('SIGNER_NOT_YOU');
  expect((await sign('quality', next, { signature: { ...signature('quality'), meaning: 'approved' } })).status).toBe(
    400,
  );
  expect((await sign('dock', next)).status).toBe(403);
  const { after, to, chain } = next;
  const byToken = await house.ask('quality', 'POST', '/audit/reviews', {
    ...{ after, to, chain, comment: 'by a program', signature: signature('test-quality') },
  });
  expect(byToken).toMatchObject({ status: 403, body: { code: 'TOKEN_HAS_NO_SESSION' } });
  expect((await seen()).after).toBe(next.after);
});

test('what was not there cannot be signed: another chain value, an end beyond the trail, nothing at all', async () => {
  const next = await seen();
  const others = [{ chain: '0'.repeat(64) }, { to: next.to + 100 }, { to: next.after }];
  for (const given of others) expect((await sign('quality', next, given)).body.code).toBe('AUDIT_REVIEW_BAD');
});

test('a passkey signs a review over what was looked at and found, and nothing else', async () => {
  const key = new SoftPasskey();
  await key.register(house.database, 'quality');
  const next = await seen();
  expect(next.methods).toEqual(['passkey', 'password']);
  const { after, to, chain } = next;
  const wish = { after, to, chain, comment: 'looked at every entry' };
  const drafted = async (given: object = {}) => {
    const { body } = await as<{ recordHash: string; record: string; passkey: { challenge: string } }>(
      ...(['quality', 'POST', '/audit/reviews/draft', { ...wish, ...given }] as const),
    );
    return body;
  };
  const { recordHash, record, passkey } = await drafted();
  expect(JSON.parse(record)).toEqual({ type: 'isotherm.audit-review/1', ...wish });
  const meaning = 'reviewed the audit trail';
  const answer = () => key.answer(passkey.challenge, host());
  // What was signed is not what is sent: the comment is another. It is taken by that.
  const other = await sign('quality', next, { comment: 'looked at none', signature: { meaning, passkey: answer() } });
  expect(other.body.code).toBe('RECORD_OTHER');
  expect((await sign('quality', next, { ...wish, signature: { meaning, passkey: answer() } })).body.code).toBe(
    'PASSKEY_CHALLENGE_VOID',
  );
  await drafted();
  // Whom the key is not of cannot sign with it.
  expect((await sign('admin', next, { ...wish, signature: { meaning, passkey: answer() } })).status).toBe(401);
  const signed = await sign('quality', next, { ...wish, signature: { meaning, passkey: answer() } });
  expect([signed.status, signed.body]).toMatchObject([201, { signature: { method: 'passkey', by: 'quality' } }]);
  const text = await textOf(await reportOn(signed.body.number));
  expect(text.replaceAll(' ', '')).toContain(`DraftSHA-256,whichwassigned${recordHash}`);
  expect((await house.ask('quality', 'POST', '/audit/reviews/draft', wish)).status).toBe(403);
});

async function reportOn(number: number, query = ''): Promise<Buffer> {
  const response = await fetch(`${house.url}/api/v1/audit/reviews/${number}/report.pdf?${query}`, {
    headers: { cookie: cookies.get('quality') ?? '' },
  });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

test('a review is there as a report: what was reviewed, by risk, what was found, who signed it, with the proof of the ledger', async () => {
  await house.ask('admin', 'POST', '/tokens', { name: 'erp-2', role: 'logistics' });
  const next = await seen();
  const { body: signed } = await sign('quality', next);
  const bytes = await reportOn(signed.number);
  expect(pdfAFaults(bytes)).toEqual([]);
  const text = await textOf(bytes);
  expect(text).toContain(`Review ${signed.number} of the audit trail`);
  expect(text).toContain('nothing out of the ordinary');
  expect(text).toContain('quality (quality)');
  expect(text.replaceAll(' ', '')).toContain(signed.signature.recordHash);
  expect(text).toContain('token.create');
  const rows = parse(fileIn(bytes, 'entries.csv'), { columns: true }) as { place: string }[];
  expect(rows.map(({ place }) => Number(place))).toEqual(
    Array.from({ length: next.to - next.after }, (_, i) => next.after + 1 + i),
  );
  const { audit } = JSON.parse(fileIn(bytes, 'report.json')) as { audit: { subject: string; action: string }[] };
  expect(audit.at(-1)).toMatchObject({ action: 'audit.review', subject: `audit-review:${signed.number}` });
  expect((await reportOn(signed.number)).equals(bytes)).toBe(true);
  expect(await textOf(await reportOn(signed.number, 'language=de&zone=Europe/Berlin'))).toContain('Audit-Trails');
  const missing = await as<{ code: string }>('quality', 'GET', '/audit/reviews/999/report.pdf');
  expect([missing.status, missing.body.code]).toEqual([404, 'AUDIT_REVIEW_UNKNOWN']);
});

test('a review that SQL changed is shown as broken, and so is one whose trail was changed under it', async () => {
  const change = async (sql: string) => {
    await house.database.transaction(async (client) => {
      await client.query("SET LOCAL session_replication_role = 'replica'");
      await client.query(sql);
    });
  };
  const broken = async () =>
    (await as<{ items: AuditReviewView[] }>('quality', 'GET', '/audit/reviews')).body.items.map(
      ({ number, broken: what }) => [number, what],
    );
  expect(await broken()).toEqual([
    [4, null],
    [3, null],
    [2, null],
    [1, null],
  ]);
  await change("UPDATE audit_reviews SET record = replace(record, 'nothing', 'something') WHERE number = 2");
  await change(
    'UPDATE audit_places SET chain = sha256(chain) WHERE place = (SELECT to_place FROM audit_reviews WHERE number = 1)',
  );
  expect(await broken()).toEqual([
    [4, null],
    [3, null],
    [2, 'the record is not what was signed'],
    [1, 'the audit trail is not what was reviewed'],
  ]);
});
