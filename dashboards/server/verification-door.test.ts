import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemTime } from '../../domain/index.ts';
import { readTrust } from '../../partners/index.ts';
import { Installation } from './testing/installation.ts';

const HOUR = 3_600_000;
const NOW = systemTime.now();
const iso = (at: number) => new Date(at).toISOString();
const GTIN = '80614141123458';
const OURS = '0614141000012';
const THEIRS = '4012345000009';
const ISSUER = 'did:web:issuer.example';
const HOLDER = 'did:web:nordic.example';
const UUID = '08dd5e1b-78e7-4dee-9f55-e69f5edf099b';
const sgtin = (serial: string) => `urn:epc:id:sgtin:0614141.812345.${serial}`;

let house: Installation;
let token = '';
/** An ATP credential, presented for a request. */
let present: (nonce: string, more?: object) => Promise<string>;

beforeAll(async () => {
  const [issuer, holder] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]);
  const trust = readTrust(
    JSON.stringify({
      issuers: [ISSUER],
      keys: { [ISSUER]: [await exportJWK(issuer.publicKey)], [HOLDER]: [await exportJWK(holder.publicKey)] },
    }),
    'trust.json',
  );
  house = await Installation.start({ credentials: { isRequired: false, trust } });
  present = async (nonce, more = {}) => {
    const now = Math.floor(systemTime.now() / 1_000);
    const credentialSubject = {
      ...{ id: HOLDER, type: 'DSCSAATPCredential', legalName: 'Nordic Wholesale' },
      identifier: { propertyID: 'globalLocationNumber', value: THEIRS },
    };
    const claims = {
      iss: ISSUER,
      sub: HOLDER,
      exp: now + 3_600,
      vc: { type: ['VerifiableCredential'], credentialSubject },
    };
    const head = { alg: 'ES256' };
    const credential = await new SignJWT({ ...claims, ...more }).setProtectedHeader(head).sign(issuer.privateKey);
    const own = { iss: HOLDER, aud: '', iat: now, nonce, vp: { verifiableCredential: [credential] } };
    return new SignJWT(own).setProtectedHeader(head).sign(holder.privateKey);
  };
  token = await house.token('logistics');
  await commission(['1', '2', '3', '4', '5', '6', '7', 'aB', '007', 'A%2FB', 'A%252FB'], '2031-06-30');
  await commission(['8'], '2021-06-30');
  await event('2', { bizStep: 'inspecting', disposition: 'recalled' });
  await event('3', { bizStep: 'decommissioning', disposition: 'inactive', action: 'DELETE' });
  await event('4', { bizStep: 'inspecting', disposition: 'stolen' });
  await event('5', { bizStep: 'holding', disposition: 'non_sellable_other' });
});
afterAll(() => house.stop());

async function commission(serials: readonly string[], expiry: string): Promise<void> {
  const status = await house.capture({
    ...{ type: 'ObjectEvent', eventTime: iso(NOW - HOUR), eventTimeZoneOffset: '+00:00', action: 'ADD' },
    ...{ bizStep: 'commissioning', disposition: 'active', epcList: serials.map(sgtin) },
    ilmd: { 'cbvmda:lotNumber': 'A17', 'cbvmda:itemExpirationDate': expiry },
  });
  expect(status).toBeLessThan(300);
}

async function event(serial: string, more: object): Promise<void> {
  const time = { eventTime: iso(NOW - HOUR / 2), eventTimeZoneOffset: '+00:00' };
  const status = await house.capture({
    ...{ type: 'ObjectEvent', ...time, action: 'OBSERVE', ...more, epcList: [sgtin(serial)] },
  });
  expect(status).toBeLessThan(300);
}

interface Given {
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
}

function asked({ serial = '1', lot = 'A17', gtin = GTIN } = {}): string {
  return `/01/${gtin}/10/${lot}/21/${serial}`;
}

async function ask({ path = asked(), query = {}, headers = {}, method = 'GET' }: Given = {}) {
  const usual = { 17: '310630', linkType: 'verificationService', context: 'dscsaSaleableReturn', reqGLN: THEIRS };
  const all: Record<string, string> = { ...usual, corrUUID: UUID, ...query };
  for (const [name, value] of Object.entries(all)) if (value === 'left out') delete all[name];
  const response = await fetch(`${house.url}${path}?${new URLSearchParams(all)}`, {
    method,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

/** Waits until an answer is as expected: what was captured is worked in after it is acknowledged. */
async function settled(given: Given, data: object): Promise<void> {
  await expect.poll(async () => (await ask(given)).body?.data).toEqual(data);
}

test('before the organisation has a GLN nothing is answered, and why is said', async () => {
  await expect
    .poll(async () => (await ask()).body)
    .toMatchObject({
      ...{ status: 503, code: 'VERIFICATION_GLN_MISSING', retryAfterSeconds: 5 },
    });
  const { status } = await house.ask('admin', 'PUT', '/organisation', { name: 'Ours', gln: OURS, zone: 'UTC' });
  expect(status).toBeLessThan(300);
});

describe('a pack that somebody wants to sell again', () => {
  test('is verified in the members of the standard and no others', async () => {
    await settled({}, { verified: true });
    const { status, headers, body } = await ask();
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.get('cache-control')).toBe('private, no-store');
    expect(body).toEqual({
      ...{ responderGLN: OURS, corrUUID: UUID, data: { verified: true } },
      verificationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });

  const failed = (verificationFailureReason: string) => ({ verified: false, verificationFailureReason });
  test.each([
    ['an unknown serial', { path: asked({ serial: '999' }) }, failed('No_match_GTIN_Serial')],
    ['another lot', { path: asked({ lot: 'B18' }) }, failed('No_match_GTIN_Serial_Lot')],
    ['another expiry', { query: { 17: '310531' } }, failed('No_match_GTIN_Serial_Expiry')],
    ['both', { path: asked({ lot: 'B' }), query: { 17: '310531' } }, failed('No_match_GTIN_Serial_Lot_Expiry')],
    ['a recalled pack', { path: asked({ serial: '2' }) }, { verified: true, additionalInfo: 'Recalled' }],
    ['a decommissioned pack', { path: asked({ serial: '3' }) }, failed('No_reason_provided')],
    ['a stolen pack', { path: asked({ serial: '4' }) }, { verified: true, additionalInfo: 'Suspect' }],
    ['a pack in quarantine', { path: asked({ serial: '5' }) }, failed('No_reason_provided')],
    [
      'an expired pack',
      { path: asked({ serial: '8' }), query: { 17: '210630' } },
      { verified: true, additionalInfo: 'Expired' },
    ],
  ])('%s', (_what, given, data) => settled(given, data));

  test('is told in the words of release 1.3 to who reads it', async () => {
    const headers = { 'GS1US-Version': '1.3.0' };
    await settled({ headers, path: asked({ serial: '4' }) }, { verified: true, additionalInfo: 'Illegitimate' });
    await settled({ headers, path: asked({ serial: '5' }) }, failed('Manufacturer_policy'));
  });

  test.each([
    ['serial before lot', { path: `/01/${GTIN}/21/1/10/A17` }],
    [
      'the words of Digital Link 1.0',
      { path: `/gtin/${GTIN}/lot/A17/ser/1`, query: { 17: 'left out', exp: '310630' } },
    ],
    ['under /verify', { path: `/verify/gtin/${GTIN}/lot/A17/ser/1` }],
    ['day 00 for the last of the month', { query: { 17: '310600' } }],
    ['no context', { query: { context: 'left out' } }],
    ['the link type with its prefix', { query: { linkType: 'gs1:verificationService' } }],
    [
      'what release 1.3 adds to the address',
      { query: { ctrlPossessAtt: 'true', email: 'desk@nordic.example', telephone: '+3221234567' } },
    ],
  ])('may be asked for with %s', async (_what, given) => settled(given, { verified: true }));

  test('is one of another case, with its leading zeros and its percent signs', async () => {
    await settled({ path: asked({ serial: 'aB' }) }, { verified: true });
    await settled({ path: asked({ serial: '007' }) }, { verified: true });
    await settled({ path: asked({ serial: 'A%2FB' }) }, { verified: true });
    await settled({ path: asked({ serial: 'A%252FB' }) }, { verified: true });
    for (const serial of ['ab', '7%20', 'A%2fb']) {
      const { status, body } = await ask({ path: asked({ serial }) });
      expect([status, body.data?.verificationFailureReason ?? body.code]).toEqual(
        serial === '7%20' ? [400, 'VERIFICATION_REQUEST_BAD'] : [200, 'No_match_GTIN_Serial'],
      );
    }
  });
});

describe('a request that is refused', () => {
  test.each([
    [400, 'a wrong check digit', { path: asked({ gtin: '80614141123459' }) }],
    [400, 'no lot', { path: `/01/${GTIN}/21/1` }],
    [400, 'an application identifier that is none of the three', { path: `/01/${GTIN}/22/2A/10/A17/21/1` }],
    [400, 'a serial of 21 characters', { path: asked({ serial: '123456789012345678901' }) }],
    [400, 'no expiry', { query: { 17: 'left out' } }],
    [400, 'a day that is none', { query: { 17: '310631' } }],
    [400, 'an expiry in eight digits', { query: { 17: '20310630' } }],
    [400, 'another link type', { query: { linkType: 'pip' } }],
    [400, 'another context', { query: { context: 'anything' } }],
    [400, 'no reqGLN', { query: { reqGLN: 'left out' } }],
    [400, 'a GLN with a wrong check digit', { query: { reqGLN: '4012345000008' } }],
    [400, 'no corrUUID', { query: { corrUUID: '1' } }],
    [401, 'no token', { headers: { authorization: '' } }],
    [401, 'a token that nobody has', { headers: { authorization: 'Bearer nobody' } }],
    [404, 'a product that is none of ours', { path: asked({ gtin: '04012345123456' }) }],
    [405, 'another method', { method: 'POST' }],
  ])('%i for %s', async (status, _what, given) => {
    const { status: was, body, headers } = await ask(given);
    expect([was, body.status]).toEqual([status, status]);
    expect(body.detail).not.toMatch(/\n/);
    if (status === 401) expect(headers.get('www-authenticate')).toBe('Bearer');
    if (status === 405) expect(headers.get('allow')).toBe('GET, HEAD');
  });

  test('403 for a token that is bound to sites', async () => {
    const bound = await house.accounts.tokens.create({ name: 'bound', role: 'dock', sites: ['site:lyon'] });
    expect((await ask({ headers: { authorization: `Bearer ${bound}` } })).status).toBe(403);
  });
});

describe('a partner', () => {
  const agreement = {
    ...{
      name: 'Nordic Wholesale',
      address: null,
      glns: [THEIRS],
      roles: ['wholesaler'],
      endpoints: {},
      publicKeys: [],
    },
    ...{ sends: [], formats: [], from: null, to: null },
  };
  const partner = async (more: object) => {
    const { status } = await house.ask('admin', 'PUT', '/partners/nordic', { ...agreement, ...more });
    expect(status).toBe(200);
  };
  const told = async (authorization = `Bearer ${token}`, query = {}) => {
    const { status, body } = await ask({ headers: { authorization }, query });
    return [status, body.code];
  };

  test('asks with its own token, in its own name, while that is agreed', async () => {
    await partner({ sees: ['verification'] });
    const made = await house.ask('admin', 'POST', '/partners/nordic/tokens', { name: 'nordic-vrs' });
    const own = `Bearer ${(made.body as { token: string }).token}`;
    await expect.poll(() => told(own)).toEqual([200, undefined]);
    expect(await told(own, { reqGLN: '4012345000016' })).toEqual([403, 'VERIFICATION_NOT_AGREED']);
    await partner({ sees: [] });
    await expect.poll(() => told(own)).toEqual([403, 'VERIFICATION_NOT_AGREED']);
    await partner({ sees: ['verification'], to: '2020-12-31' });
    await expect.poll(async () => (await ask()).body.detail).toMatch(/does not hold today/);
    await partner({ sees: ['verification'] });
    await expect.poll(() => told(own)).toEqual([200, undefined]);
  });
});

describe('an ATP credential', () => {
  const without = { authorization: '' };

  test('that holds lets in without a token, and is on record', async () => {
    const corrUUID = '22222222-2222-4333-8444-555555555555';
    const headers = { ...without, 'ATP-Authorization': await present(corrUUID) };
    await expect.poll(async () => (await ask({ headers, query: { corrUUID } })).status).toBe(200);
    const { body } = await house.ask('quality', 'GET', `/verification-answers?requester=${THEIRS}&limit=1`);
    expect(body).toMatchObject({
      items: [{ by: 'Nordic Wholesale', corrUUID, credential: { holder: HOLDER, issuer: ISSUER } }],
    });
  });

  test('that does not hold keeps out, also beside a token that would do', async () => {
    const expired = await present(UUID, { exp: 1_000_000 });
    const other = await present('33333333-2222-4333-8444-555555555555');
    for (const [jwt, fault] of [
      [expired, /has expired/],
      [other, /another request/],
      ['x', /no JWT/],
    ] as const) {
      for (const authorization of ['', `Bearer ${token}`]) {
        const { status, body } = await ask({ headers: { authorization, 'ATP-Authorization': jwt } });
        expect([status, body.code]).toEqual([403, 'VERIFICATION_CREDENTIAL_REFUSED']);
        expect(body.detail).toMatch(fault);
      }
    }
  });
});

test('the code on a pack still opens the page of people: only a request that asks for a verification is one', async () => {
  const opened = await fetch(`${house.url}/01/${GTIN}/21/1?17=310630`);
  expect([opened.status, opened.headers.get('www-authenticate')]).not.toContain(401);
  expect((await opened.text()).includes('VERIFICATION')).toBe(false);
});

test('the connection is checked by product and requester', async () => {
  const check = async (query: object) => {
    const response = await fetch(`${house.url}/checkConnectivity?${new URLSearchParams({ ...query })}`, {
      headers: { authorization: `Bearer ${token}` },
    });
    return [response.status, await response.json()];
  };
  expect(await check({ gtin: GTIN, reqGLN: THEIRS })).toEqual([200, { responderGLN: OURS }]);
  expect(await check({ gtin: '04012345123456', reqGLN: THEIRS })).toMatchObject([404, {}]);
  expect(await check({ gtin: GTIN, reqGLN: '1' })).toMatchObject([400, {}]);
});

test('what was told is kept, listed, exported and in the audit trail', async () => {
  const corrUUID = '11111111-2222-4333-8444-555555555555';
  await ask({ query: { corrUUID }, path: asked({ serial: '5' }) });
  const { body } = await house.ask('quality', 'GET', `/verification-answers?gtin=${GTIN}&serial=5&limit=1`);
  expect(body).toMatchObject({
    items: [
      {
        ...{ corrUUID, by: 'test-logistics', requester: THEIRS, version: '1.1', status: 200 },
        pack: { gtin: GTIN, serial: '5', lot: 'A17', expiry: '2031-06-30' },
        data: { verified: false, verificationFailureReason: 'No_reason_provided' },
        findings: [{ finding: 'quarantined' }],
      },
    ],
  });
  expect((await house.ask('logistics', 'GET', '/verification-answers')).status).toBe(403);
  const csv = await fetch(`${house.url}/api/v1/verification-answers.csv?serial=5`, {
    headers: { authorization: `Bearer ${await house.token('quality')}` },
  });
  expect(await csv.text()).toMatch(new RegExp(`^id,at,by,requester[^\r]*\r\n\\d+,[^\r]*${corrUUID}`));
  const audit = await house.ask('quality', 'GET', `/audit?action=pack.answer&subject=pack:${GTIN}.5&limit=1`);
  expect(audit.body).toMatchObject({
    items: [{ actor: { name: 'test-logistics' }, new: { corrUUID, verified: false } }],
  });
});

test('requests that come at once are each answered with their own', async () => {
  const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  const serials = Array.from({ length: 60 }, (_, n) => (n % 3 === 0 ? '1' : n % 3 === 1 ? '2' : '999'));
  const answers = await Promise.all(
    serials.map((serial, n) => ask({ path: asked({ serial }), query: { corrUUID: uuid(n) } })),
  );
  const told = answers.map(({ body }) => [body.corrUUID, body.data.verified, body.data.additionalInfo]);
  expect(told).toEqual(
    serials.map((serial, n) => [uuid(n), serial !== '999', serial === '2' ? 'Recalled' : undefined]),
  );
});
