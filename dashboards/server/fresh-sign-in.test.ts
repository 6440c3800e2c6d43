import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nonceOf } from '../../access/index.ts';
import { silentLogger, systemTime } from '../../domain/index.ts';
import { AuditSequencer } from '../../storage/index.ts';
import { excursionsOf, type Lot } from './testing/excursions.ts';
import { Installation } from './testing/installation.ts';
import { FollowingBrowser, TestProvider } from './testing/open-id-provider.ts';

const MEANING = 'decided after review of the evidence';

let provider: TestProvider;
let house: Installation;
let kit: ReturnType<typeof excursionsOf>;

beforeAll(async () => {
  provider = await TestProvider.start();
  house = await Installation.start({ openId: provider.settings() });
  provider.serve(house.url);
  kit = excursionsOf(house);
});
afterAll(async () => {
  await house?.stop();
  await provider?.stop();
});

let people = 0;

/** Somebody who has no password here, signed in by the provider. */
async function colleague(groups = ['cold-chain-qa']) {
  const name = `colleague-${++people}`;
  const subject = `sub-${people}`;
  provider.people.set(subject, { preferred_username: name, groups, sites: 'all' });
  provider.next = subject;
  const browser = new FollowingBrowser(house.url);
  expect(await browser.open(`${house.url}/api/v1/sign-in/oidc`)).toBe(`${house.url}/`);
  return { name, subject, browser };
}
type Colleague = Awaited<ReturnType<typeof colleague>>;

/** What the page is told when the browser is back. */
function said(end: string): Record<string, string> {
  expect(end.split('#')[0]).toBe(`${house.url}/signing`);
  return Object.fromEntries(new URLSearchParams(new URL(end).hash.slice(1)));
}

/** Shows what would be signed. */
async function drafted({ browser }: Colleague, path: string, body: object) {
  const { status, body: shown } = await kit.ask('POST', path, body, browser.cookie);
  expect(status).toBe(200);
  return shown as { recordHash: string; oidc: string; record: string };
}

/** Signs in afresh over what is shown. */
async function ticketFor(who: Colleague, path: string, body: object): Promise<string> {
  const { oidc } = await drafted(who, path, body);
  provider.next = who.subject;
  const { ticket = '' } = said(await who.browser.open(`${house.url}${oidc}&window=w1`));
  return ticket;
}

const wishOn = async (lot: Lot, change: object = {}) => {
  const { signature: _, ...wish } = await kit.decision(lot, {}, change);
  return wish;
};
const decide = (lot: Lot, who: Colleague, wish: object, oidc: string) =>
  kit.ask('POST', `/cases/${lot.id}/decisions`, { ...wish, signature: { meaning: MEANING, oidc } }, who.browser.cookie);

describe('a fresh sign-in at the provider', () => {
  test('signs a decision: the person is asked anew, and the nonce that the provider signed stands for the record', async () => {
    const [lot, who] = [await kit.excursion(), await colleague()];
    const wish = await wishOn(lot);
    const { recordHash, oidc } = await drafted(who, `/cases/${lot.id}/decisions/draft`, wish);
    const before = provider.signIns;
    const back = said(await who.browser.open(`${house.url}${oidc}&window=w-7`));
    expect(back).toEqual({ window: 'w-7', record: recordHash, ticket: expect.stringMatching(/^[\w-]{40,}$/) });
    // The session at the provider goes on; it asked all the same.
    expect(provider.signIns).toBe(before + 1);
    const asked = who.browser.trail.findLast((url) => url.startsWith(`${provider.issuer}/auth?`)) ?? '';
    const { prompt, max_age, nonce = '' } = Object.fromEntries(new URL(asked).searchParams);
    expect({ prompt, max_age }).toEqual({ prompt: 'login', max_age: '0' });

    const { status, body } = await decide(lot, who, wish, back.ticket ?? '');
    expect([status, body]).toMatchObject([
      201,
      { signatures: [{ by: who.name, role: 'quality', meaning: MEANING, method: 'oidc', recordHash }] },
    ]);
    const { rows } = await house.database.query<{ signature: string }>(
      'SELECT signature FROM case_signatures WHERE case_number = $1',
      [Number(lot.id.slice(2))],
    );
    const { provider: proof } = JSON.parse(rows[0]?.signature ?? '') as { provider: { salt: string; authAt: number } };
    expect(proof).toMatchObject({ issuer: provider.issuer, subject: who.subject, nonce });
    expect(nonceOf(proof.salt, recordHash)).toBe(nonce);
    expect(Math.abs(Date.now() - proof.authAt)).toBeLessThan(60_000);
  });

  test('signs as the second person; and a step, and its taking back', async () => {
    await house.ask('quality', 'PUT', '/products/80614141999992', { name: 'Dear', profile: '2-8C', valueClass: 5 });
    const lot = await kit.excursion({ gtin: '899999' });
    const [one, two] = [await colleague(), await colleague()];
    const wish = await wishOn(lot, { disposition: 'release' });
    const first = await decide(lot, one, wish, await ticketFor(one, `/cases/${lot.id}/decisions/draft`, wish));
    expect(first.body).toMatchObject({ needsSecond: true, inForceSince: null });
    const decisionPath = `/cases/${lot.id}/decisions/1`;
    const sign = async (who: Colleague) => {
      const oidc = await ticketFor(who, `${decisionPath}/challenge`, {});
      const signature = { meaning: MEANING, oidc };
      return kit.ask('POST', `${decisionPath}/signatures`, { signature }, who.browser.cookie);
    };
    expect((await sign(one)).body.code).toBe('SIGNER_SAME');
    expect(await sign(two)).toMatchObject({
      status: 201,
      body: { needsSecond: false, signatures: [{ by: one.name }, { by: two.name, method: 'oidc' }] },
    });

    const stepPath = `/cases/${lot.id}/steps`;
    const step = {
      ...{ revision: await kit.revisionOf(lot.id), reason: 'the door was held open' },
      step: { step: 'excuse', alert: lot.alert },
    };
    const signStep = { meaning: 'excuse', oidc: await ticketFor(two, `${stepPath}/draft`, step) };
    expect(await kit.ask('POST', stepPath, { ...step, signature: signStep }, two.browser.cookie)).toMatchObject({
      ...{ status: 201, body: { number: 1, signature: { by: two.name, method: 'oidc' } } },
    });
    const undo = { revision: await kit.revisionOf(lot.id), reason: 'it was not' };
    const signUndo = { meaning: 'undo', oidc: await ticketFor(one, `${stepPath}/1/undo/draft`, undo) };
    expect(
      await kit.ask('POST', `${stepPath}/1/undo`, { ...undo, signature: signUndo }, one.browser.cookie),
    ).toMatchObject({ status: 201, body: { number: 2, undoes: 1, signature: { by: one.name, method: 'oidc' } } });
  });
});

describe('no signature is', () => {
  test('a sign-in of another person at the same browser', async () => {
    const [lot, who, other] = [await kit.excursion(), await colleague(), await colleague()];
    const { oidc } = await drafted(who, `/cases/${lot.id}/decisions/draft`, await wishOn(lot));
    who.browser.forget(provider.issuer);
    provider.next = other.subject;
    const back = said(await who.browser.open(`${house.url}${oidc}&window=w1`));
    expect(back).toEqual({ window: 'w1', refused: 'OIDC_OTHER_PERSON' });
    const { items } = await house.accounts.audit.list({ subject: `user:${who.name}`, limit: 5 });
    expect(items[0]).toMatchObject({ action: 'session.refuse' });
    // Nor does the stranger become a user, or the session another one's.
    expect(await who.browser.session()).toMatchObject({ user: { name: who.name } });
  });

  test('a sign-in that the provider says was made before it was asked for, or says nothing of when, where prompt and max_age were taken out of the address', async () => {
    const lot = await kit.excursion();
    provider.signedInAgo = 3_600;
    const who = await colleague();
    provider.signedInAgo = 0;
    const { oidc } = await drafted(who, `/cases/${lot.id}/decisions/draft`, await wishOn(lot));
    const before = provider.signIns;
    for (const maxAge of ['100000', null]) {
      const sent = new URL(await who.browser.open(`${house.url}${oidc}&window=w1`, /\/auth\?/));
      sent.searchParams.delete('prompt');
      // With an age the provider says when the person signed in; without, it says nothing of it.
      if (maxAge === null) sent.searchParams.delete('max_age');
      else sent.searchParams.set('max_age', maxAge);
      expect(said(await who.browser.open(sent.href))).toEqual({ window: 'w1', refused: 'OIDC_NOT_FRESH' });
    }
    expect(provider.signIns).toBe(before);
  });

  test('a sign-in that the provider says will be made', async () => {
    const [lot, who] = [await kit.excursion(), await colleague()];
    const { oidc } = await drafted(who, `/cases/${lot.id}/decisions/draft`, await wishOn(lot));
    provider.signedInAgo = -3_600;
    try {
      expect(said(await who.browser.open(`${house.url}${oidc}`))).toMatchObject({ refused: 'OIDC_NOT_FRESH' });
    } finally {
      provider.signedInAgo = 0;
    }
  });

  test('one that was refused there, or of a record that was not shown in this session', async () => {
    const [lot, who, other] = [await kit.excursion(), await colleague(), await colleague()];
    const { oidc, recordHash } = await drafted(who, `/cases/${lot.id}/decisions/draft`, await wishOn(lot));
    provider.next = 'nobody';
    expect(said(await who.browser.open(`${house.url}${oidc}`))).toMatchObject({ refused: 'OIDC_REFUSED' });
    const path = `${house.url}/api/v1/sign-in/oidc/sign`;
    expect(said(await other.browser.open(`${path}?record=${recordHash}`))).toMatchObject({
      refused: 'RECORD_NOT_SHOWN',
    });
    expect(said(await who.browser.open(`${path}?record=${'a'.repeat(64)}`))).toMatchObject({
      refused: 'RECORD_NOT_SHOWN',
    });
    expect(await who.browser.open(`${path}?record=nonsense`)).toMatch(/^400 /);
    expect(await new FollowingBrowser(house.url).open(`${path}?record=${recordHash}`)).toMatch(/^401 /);
    expect((await house.ask('quality', 'GET', `/sign-in/oidc/sign?record=${recordHash}`)).status).toBe(403);
  });

  test('a ticket that has signed already, of another session, too old, or made up', async () => {
    const [lot, who] = [await kit.excursion(), await colleague()];
    const wish = await wishOn(lot);
    const path = `/cases/${lot.id}/decisions/draft`;
    const ticket = await ticketFor(who, path, wish);
    const [first = '', second = ''] = lot.serials;
    const elsewhere = await colleague();
    expect((await decide(lot, elsewhere, wish, ticket)).body.code).toBe('SIGNATURE_TICKET_VOID');
    // The same person in another session.
    provider.next = who.subject;
    const again = { ...who, browser: new FollowingBrowser(house.url) };
    await again.browser.open(`${house.url}/api/v1/sign-in/oidc`);
    expect((await decide(lot, again, wish, ticket)).body.code).toBe('SIGNATURE_TICKET_VOID');
    expect((await decide(lot, who, wish, ticket)).status).toBe(201);
    expect((await decide(lot, who, wish, ticket)).body.code).toBe('SIGNATURE_TICKET_VOID');
    expect((await decide(lot, who, wish, 'made-up')).body.code).toBe('SIGNATURE_TICKET_VOID');

    // For one decision it signs no other one.
    const one = await wishOn(lot, { serials: [first] });
    const other = await wishOn(lot, { serials: [second] });
    const forOne = await ticketFor(who, path, one);
    expect(await decide(lot, who, other, forOne)).toMatchObject({ status: 422, body: { code: 'RECORD_OTHER' } });
    const forStep = await ticketFor(who, path, one);
    const step = { revision: await kit.revisionOf(lot.id), reason: 'no', step: { step: 'excuse', alert: lot.alert } };
    const signature = { meaning: MEANING, oidc: forStep };
    expect(
      (await kit.ask('POST', `/cases/${lot.id}/steps`, { ...step, reason: 'looked at', signature }, who.browser.cookie))
        .body.code,
    ).toBe('RECORD_OTHER');
    const old = await ticketFor(who, path, one);
    await house.database.query('UPDATE fresh_sign_ins SET expires_at = now()');
    expect((await decide(lot, who, one, old)).body.code).toBe('SIGNATURE_TICKET_VOID');
    expect(await kit.revisionOf(lot.id)).toBe(2);
  });

  test('a ticket over a case that has changed since', async () => {
    const [lot, who, other] = [await kit.excursion(), await colleague(), await kit.person()];
    const wish = await wishOn(lot);
    const ticket = await ticketFor(who, `/cases/${lot.id}/decisions/draft`, wish);
    expect((await kit.decide(lot, other.cookie, kit.bySigner(other.name))).status).toBe(201);
    expect(await decide(lot, who, wish, ticket)).toMatchObject({ status: 409, body: { code: 'CASE_CHANGED' } });
  });

  test('one of somebody who may not decide any more, as the provider says at that moment', async () => {
    const [lot, who] = [await kit.excursion(), await colleague()];
    const wish = await wishOn(lot);
    const { oidc } = await drafted(who, `/cases/${lot.id}/decisions/draft`, wish);
    provider.people.set(who.subject, { preferred_username: who.name, groups: ['cold-chain-dock'], sites: 'all' });
    provider.next = who.subject;
    const { ticket = '' } = said(await who.browser.open(`${house.url}${oidc}`));
    expect((await decide(lot, who, wish, ticket)).status).toBe(403);
    expect(await kit.revisionOf(lot.id)).toBe(1);
    expect((await house.accounts.users.get(who.name)).role).toBe('dock');
  });

  test('one over a review of the audit trail, sent with another comment; with its own it signs', async () => {
    const who = await colleague();
    await new AuditSequencer({ database: house.database, time: systemTime, logger: silentLogger }).placeAll();
    const { body: next } = await kit.ask('GET', '/audit/reviews/next', undefined, who.browser.cookie);
    expect(next.methods).toEqual(['oidc', 'password']);
    const wish = { after: next.after, to: next.to, chain: next.chain, comment: 'nothing out of the ordinary' };
    const sign = async (given: object, oidc: string) =>
      kit.ask(
        ...([
          'POST',
          '/audit/reviews',
          { ...wish, ...given, signature: { meaning: 'reviewed the audit trail', oidc } },
        ] as const),
        who.browser.cookie,
      );
    const other = await ticketFor(who, '/audit/reviews/draft', wish);
    expect((await sign({ comment: 'looked at none' }, other)).body.code).toBe('RECORD_OTHER');
    expect((await sign({}, other)).body.code).toBe('SIGNATURE_TICKET_VOID');
    const { status, body } = await sign({}, await ticketFor(who, '/audit/reviews/draft', wish));
    expect([status, body]).toMatchObject([201, { signature: { by: who.name, method: 'oidc' }, broken: null }]);
    const { rows } = await house.database.query<{ record: string }>('SELECT record FROM audit_reviews');
    const { signer } = JSON.parse(rows[0]?.record ?? '{}') as {
      signer: { over: string; provider: { nonce: string; salt: string } };
    };
    expect(signer.provider.nonce).toBe(nonceOf(signer.provider.salt, signer.over));
  });

  test('offered to who has no account at the provider', async () => {
    const [lot, { cookie }] = [await kit.excursion(), await kit.person()];
    const { body } = await kit.ask('POST', `/cases/${lot.id}/decisions/draft`, await wishOn(lot), cookie);
    expect(body.oidc).toBeNull();
    const methods = async (given: string) =>
      ((await kit.ask('GET', `/cases/${lot.id}`, undefined, given)).body.signing as { methods: string[] }).methods;
    expect(await methods(cookie)).toEqual(['password']);
    expect(await methods((await colleague()).browser.cookie)).toEqual(['oidc', 'password']);
  });
});
