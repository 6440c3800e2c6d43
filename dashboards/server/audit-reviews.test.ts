import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLogger, systemTime } from '../../domain/index.ts';
import { AuditSequencer } from '../../storage/index.ts';
import type { AuditReviewView, NextReviewView, PlacedEntryView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

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

async function as<T>(name: string, method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  const response = await fetch(`${house.url}/api/v1${path}`, {
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
    [2, null],
    [1, null],
  ]);
  await change("UPDATE audit_reviews SET record = replace(record, 'nothing', 'something') WHERE number = 2");
  await change(
    'UPDATE audit_places SET chain = sha256(chain) WHERE place = (SELECT to_place FROM audit_reviews WHERE number = 1)',
  );
  expect(await broken()).toEqual([
    [2, 'the record is not what was signed'],
    [1, 'the audit trail is not what was reviewed'],
  ]);
});
