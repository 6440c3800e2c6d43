import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { CompactSign } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PartnerFileView, Problem } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const pair = generateKeyPairSync('ed25519');
const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const stranger = generateKeyPairSync('ed25519');
const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString();
const AGREED = { name: 'Acme', glns: ['0614141000012'], sends: ['files'] };
const KEYS = [
  { id: 'old', pem: pemOf(pair.publicKey), to: '2025-12-31' },
  { id: 'now', pem: pemOf(pair.publicKey) },
  { id: 'second', pem: pemOf(elliptic.publicKey) },
  { id: 'lost', pem: pemOf(elliptic.publicKey), revoked: '2026-01-01' },
];
let token = '';

beforeAll(async () => {
  const { status } = await house.ask('admin', 'PUT', '/partners/acme', { ...AGREED, publicKeys: KEYS });
  expect(status).toBeLessThan(300);
  await house.ask('admin', 'PUT', '/partners/bare', { ...AGREED, glns: [] });
  const { body } = await house.ask('admin', 'POST', '/partners/acme/tokens', { name: 'acme' });
  token = (body as { token: string }).token;
});

let serial = 0;
/** Each another document. */
function document(): string {
  serial++;
  const event = {
    ...{ type: 'ObjectEvent', eventTime: '2026-11-20T06:00:00Z', eventTimeZoneOffset: '+00:00', action: 'OBSERVE' },
    epcList: [`urn:epc:id:sgtin:0614141.812345.${serial}`],
  };
  return JSON.stringify({
    ...{ '@context': ['https://ref.gs1.org/standards/epcis/epcis-context.jsonld'], type: 'EPCISDocument' },
    ...{ schemaVersion: '2.0', creationDate: '2026-11-20T09:00:00Z', epcisBody: { eventList: [event] } },
  });
}

const encoded = (given: string | Buffer) => Buffer.from(given).toString('base64url');
const signed = (text: string, key: KeyObject, head: { alg: string; kid?: string }) =>
  new CompactSign(Buffer.from(text)).setProtectedHeader(head).sign(key);

async function drop(content: string, partner = 'acme', bearer = token) {
  const response = await fetch(`${house.url}/api/v1/partners/${partner}/files?name=a.jws`, {
    ...{ method: 'POST', body: content },
    headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/octet-stream' },
  });
  return { status: response.status, body: (await response.json()) as PartnerFileView & Problem };
}

test('a file under the signature of its sender is taken for what it holds, and says which key it was', async () => {
  expect(await drop(await signed(document(), pair.privateKey, { alg: 'EdDSA', kid: 'now' }))).toMatchObject({
    status: 200,
    body: { fate: 'taken', format: 'epcis-2.0-json', events: 1, reason: 'signed with their key now' },
  });
  // As openssl and others make it, without a name of the key and with a line end.
  const head = encoded(JSON.stringify({ alg: 'EdDSA' }));
  const input = `${head}.${encoded(document())}`;
  const own = `${input}.${encoded(sign(null, Buffer.from(input), pair.privateKey))}\n`;
  expect(await drop(own)).toMatchObject({ status: 200, body: { fate: 'taken', reason: 'signed with their key now' } });
  expect(await drop(await signed(document(), elliptic.privateKey, { alg: 'ES256' }))).toMatchObject({
    body: { fate: 'taken', reason: 'signed with their key second' },
  });
});

test('one that is not signed is taken as before', async () => {
  expect(await drop(document())).toMatchObject({ status: 200, body: { fate: 'taken', reason: null } });
});

test('one whose signature is not by a key that is good is refused whole, and kept', async () => {
  const good = await signed(document(), pair.privateKey, { alg: 'EdDSA', kid: 'now' });
  const [head = '', , signature = ''] = good.split('.');
  const none = encoded(JSON.stringify({ alg: 'none' }));
  const shared = encoded(JSON.stringify({ alg: 'HS256', kid: 'now' }));
  const text = encoded(document());
  const secret = createHmac('sha256', KEYS[1]?.pem ?? '')
    .update(`${shared}.${text}`)
    .digest('base64url');
  const critical = encoded(JSON.stringify({ alg: 'EdDSA', kid: 'now', crit: ['exp'], exp: 1 }));
  for (const [what, content, because] of [
    ['another text under it', `${head}.${encoded(document())}.${signature}`, /"now": signature verification failed/],
    ['a stranger', await signed(document(), stranger.privateKey, { alg: 'EdDSA', kid: 'now' }), /"now": signature/],
    [
      'a stranger with no name',
      await signed(document(), stranger.privateKey, { alg: 'EdDSA' }),
      /not of a key of acme/,
    ],
    [
      'a key whose days are over',
      await signed(document(), pair.privateKey, { alg: 'EdDSA', kid: 'old' }),
      /"old" is expired/,
    ],
    [
      'a revoked key',
      await signed(document(), elliptic.privateKey, { alg: 'ES256', kid: 'lost' }),
      /"lost" is revoked/,
    ],
    ['no algorithm', `${none}.${text}.`, /not of a key of acme/],
    ['the public key as a shared secret', `${shared}.${text}.${secret}`, /"alg"/],
    ['what has to be understood', `${critical}.${text}.${signature}`, /"exp"/],
    [
      'a key of another kind',
      await signed(document(), elliptic.privateKey, { alg: 'ES256', kid: 'now' }),
      /kind|verification/,
    ],
    ['a header that is no JSON', `eyJ9.${text}.${signature}`, /header is no JSON/],
  ] as const) {
    const { status, body } = await drop(content);
    expect([what, status, body.code, body.detail]).toEqual([
      what,
      422,
      'PARTNER_FILE_REFUSED',
      expect.stringMatching(because),
    ]);
  }
});

test('where no key of theirs is registered it is refused, with what to do', async () => {
  const { body } = await house.ask('admin', 'POST', '/partners/bare/tokens', { name: 'bare' });
  const content = await signed(document(), pair.privateKey, { alg: 'EdDSA' });
  expect(await drop(content, 'bare', (body as { token: string }).token)).toMatchObject({
    status: 422,
    body: { detail: expect.stringMatching(/no public key of bare is registered: enter it/) },
  });
});
