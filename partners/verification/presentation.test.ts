import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CredentialTrust, type PresentationAsked, verifyPresentation } from './presentation.ts';
import { readStatusList, statusAt } from './status-list.ts';
import { readTrust } from './trust-file.ts';

const NOW = Date.parse('2026-11-29T10:00:00Z');
const GLN = '4012345000009';
const UUID = '08dd5e1b-78e7-4dee-9f55-e69f5edf099b';
const ISSUER = 'did:web:issuer.example';
const LIST = 'https://issuer.example/status/1';
const ASKED: PresentationAsked = { corrUUID: UUID, requester: GLN, audiences: ['0614141000012'], now: NOW };
const s = (ms: number) => Math.floor(ms / 1_000);

type Pair = Awaited<ReturnType<typeof generateKeyPair>>;
let issuer: Pair;
let holder: Pair;
let did = '';
let trust: CredentialTrust;

beforeAll(async () => {
  [issuer, holder] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')]);
  did = didOf(await exportJWK(holder.publicKey));
  const bits = new Uint8Array(16);
  bits[0] = 0b0100_0000;
  trust = readTrust(
    JSON.stringify({
      issuers: [ISSUER],
      keys: { [ISSUER]: [await exportJWK(issuer.publicKey)] },
      statusLists: { [LIST]: `u${gzipSync(bits).toString('base64url')}` },
    }),
    'trust.json',
  );
});

function didOf(jwk: JWK): string {
  return `did:jwk:${Buffer.from(JSON.stringify(jwk)).toString('base64url')}`;
}

interface Given {
  readonly credential?: object;
  readonly subject?: object;
  readonly vc?: object;
  readonly presentation?: object;
  readonly signer?: Pair;
  readonly presenter?: Pair;
}

async function presented({ credential, subject, vc, presentation, signer, presenter }: Given = {}): Promise<string> {
  const credentialSubject = {
    ...{ id: did, type: 'DSCSAATPCredential', legalName: 'Nordic Wholesale', organizationType: 'Wholesaler' },
    ...{ identifier: { '@type': 'PropertyValue', propertyID: 'globalLocationNumber', value: GLN }, ...subject },
  };
  const claims = {
    ...{ iss: ISSUER, sub: did, nbf: s(NOW) - 86_400, exp: s(NOW) + 86_400 },
    vc: { type: ['VerifiableCredential'], credentialSubject, ...vc },
    ...credential,
  };
  const jwt = await new SignJWT(claims).setProtectedHeader({ alg: 'ES256' }).sign((signer ?? issuer).privateKey);
  const own = {
    ...{ iss: did, aud: '', iat: s(NOW), nonce: UUID },
    vp: { type: ['VerifiablePresentation'], verifiableCredential: [jwt] },
    ...presentation,
  };
  return new SignJWT(own).setProtectedHeader({ alg: 'ES256' }).sign((presenter ?? holder).privateKey);
}

const faultOf = async (given: Given, asked: Partial<PresentationAsked> = {}) =>
  (await verifyPresentation(await presented(given), { ...ASKED, ...asked }, trust)).fault;

test('a credential that is presented for this request is believed, with nobody asked', async () => {
  const status = {
    credentialStatus: { type: 'BitstringStatusListEntry', statusListCredential: LIST, statusListIndex: '0' },
  };
  for (const vc of [{}, status]) {
    expect(await verifyPresentation(await presented({ vc }), ASKED, trust)).toEqual({
      ...{ holder: did, issuer: ISSUER, name: 'Nordic Wholesale', fault: null },
    });
  }
});

describe('a presentation is not believed', () => {
  const revoked = { credentialStatus: { statusListCredential: LIST, statusListIndex: 1 } };
  test.each<[string, Given, RegExp]>([
    ['of a credential that has expired', { credential: { exp: s(NOW) - 3_600 } }, /the credential has expired/],
    ['of one that does not hold yet', { credential: { nbf: s(NOW) + 3_600 } }, /does not hold yet/],
    ['of one that was revoked', { vc: revoked }, /was revoked/],
    [
      'whose status list is not kept',
      { vc: { credentialStatus: { ...revoked.credentialStatus, statusListCredential: 'https://x/1' } } },
      /is not kept here/,
    ],
    [
      'with a place outside the list',
      { vc: { credentialStatus: { ...revoked.credentialStatus, statusListIndex: 128 } } },
      /does not exist/,
    ],
    ['for somebody else', { presentation: { aud: '0614141000029' } }, /somebody else \(aud\)/],
    ['for another request', { presentation: { nonce: 'another' } }, /another request \(nonce\)/],
    ['without a request', { presentation: { nonce: undefined } }, /another request \(nonce\)/],
    ['that is old', { presentation: { iat: s(NOW) - 301 } }, /more than 300 s ago/],
    ['from the future', { presentation: { iat: s(NOW) + 120 } }, /in the future/],
    ['that has expired itself', { presentation: { exp: s(NOW) - 120 } }, /the presentation has expired/],
    [
      'of an issuer that is not trusted',
      { credential: { iss: 'did:web:other.example' } },
      /no key of did:web:other\.example/,
    ],
    ['of another company', { subject: { identifier: { value: '4012345000016' } } }, /of GLN 4012345000016, not of/],
    ['of a company without a GLN', { subject: { identifier: undefined } }, /of GLN none/],
    [
      'of a credential of something else',
      { subject: { type: 'IdentityCredential' } },
      /no credential of a trading partner/,
    ],
    ['of a credential that belongs to another', { credential: { sub: 'did:web:somebody' } }, /of somebody else/],
    [
      'of two credentials',
      { presentation: { vp: { verifiableCredential: ['a', 'b'] } } },
      /does not hold one credential/,
    ],
    [
      'of a credential with a proof of linked data',
      { presentation: { vp: { verifiableCredential: [{ proof: {} }] } } },
      /linked data are not read/,
    ],
  ])('%s', async (_what, given, fault) => {
    expect(await faultOf(given)).toMatch(fault);
  });

  test('signed by somebody else', async () => {
    const other = await generateKeyPair('ES256');
    expect(await faultOf({ presenter: other })).toMatch(/signature of the presentation does not hold/);
    expect(await faultOf({ signer: other })).toMatch(/signature of the credential does not hold/);
  });

  test('by an issuer that vouches for itself with a key of its own', async () => {
    const iss = didOf(await exportJWK(issuer.publicKey));
    expect(await faultOf({ credential: { iss } })).toMatch(/is not trusted here/);
  });

  test('unsigned, or signed by what everybody knows', async () => {
    const [, body] = (await presented()).split('.');
    for (const alg of ['none', 'HS256']) {
      const head = Buffer.from(JSON.stringify({ alg })).toString('base64url');
      const { fault } = await verifyPresentation(`${head}.${body}.AAAA`, ASKED, trust);
      expect(fault).toMatch(/which is not taken/);
    }
  });

  test.each(['', 'x', 'a.b.c', `${'x'.repeat(5_000)}`, '{"iss":1}'])('that is %j', async (jwt) => {
    const { fault } = await verifyPresentation(jwt, ASKED, trust);
    expect(fault).toMatch(/^it is n/);
    expect(fault).not.toMatch(/\n/);
  });
});

test('wallets that sign on the curve of Ethereum are read, with the recovery byte and without', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  const ether = didOf(publicKey.export({ format: 'jwk' }) as JWK);
  const [, body = ''] = (
    await presented({ credential: { sub: ether }, subject: { id: ether }, presentation: { iss: ether } })
  ).split('.');
  for (const alg of ['ES256K', 'ES256K-R']) {
    const text = `${Buffer.from(JSON.stringify({ alg })).toString('base64url')}.${body}`;
    const key = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' }));
    const made = sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' });
    const bytes = alg === 'ES256K' ? made : Buffer.concat([made, Buffer.of(1)]);
    expect(await verifyPresentation(`${text}.${bytes.toString('base64url')}`, ASKED, trust)).toMatchObject({
      holder: ether,
    });
    const turned = Buffer.from(bytes);
    turned[3] = (turned[3] ?? 0) ^ 1;
    const { fault } = await verifyPresentation(`${text}.${turned.toString('base64url')}`, ASKED, trust);
    expect(fault).toMatch(/does not hold/);
  }
});

test('the first credential of a status list is the leftmost bit', () => {
  const list = readStatusList(gzipSync(Uint8Array.of(0b1000_0001)).toString('base64url'));
  expect([0, 1, 7, 8, -1, 0.5].map((index) => statusAt(list, index))).toEqual([true, false, true, null, null, null]);
  const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024)).toString('base64url');
  expect(() => readStatusList(bomb)).toThrow();
});

test.each([
  ['{', /trust\.json: /],
  ['{"issuers":["issuer"]}', /issuers\.0: is no DID/],
  ['{"issuers":[],"keys":{"did:web:a":[{"kty":"EC","d":"x"}]}}', /is a private key/],
  ['{"issuers":[],"statusLists":{"https://a":"x"}}', /trust\.json: /],
])('a file of trust that is %j is refused in one line', (text, message) => {
  expect(() => readTrust(text, 'trust.json')).toThrow(message);
});
