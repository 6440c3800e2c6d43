import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemPart } from '../../tests/parts.ts';
import type { PartnerFileView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

/*
 * AS2 (RFC 4130) comes in by a gateway. This one does what docs/partners.md asks of one, and openssl its S/MIME: it verifies, hands the
 * payload to the door with the partner's token, and says in its receipt what became of it.
 */

const openssl = systemPart('openssl');
const folder = mkdtempSync(join(tmpdir(), 'isotherm-as2-'));
const at = (name: string) => join(folder, name);
let house: Installation;
let gateway: Server;
let token = '';

/** @returns what it wrote */
function run(...args: string[]): Buffer {
  return execFileSync(openssl ?? '', args, { stdio: ['ignore', 'pipe', 'pipe'] });
}

beforeAll(async () => {
  house = await Installation.start();
  await house.ask('admin', 'PUT', '/partners/acme', { name: 'Acme', glns: ['0614141000012'], sends: ['files'] });
  const { body } = await house.ask('admin', 'POST', '/partners/acme/tokens', { name: 'as2-gateway' });
  token = (body as { token: string }).token;
  if (openssl === null) return;
  for (const who of ['acme', 'stranger']) {
    const subject = ['-subj', `/CN=${who}`, '-days', '2', '-keyout', at(`${who}.key`), '-out', at(`${who}.pem`)];
    run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject);
  }
  gateway = createServer(async (request, response) => {
    writeFileSync(at('came'), await buffer(request));
    try {
      run(
        'cms',
        '-verify',
        '-in',
        at('came'),
        '-CAfile',
        at('acme.pem'),
        '-purpose',
        'any',
        '-binary',
        '-out',
        at('opened'),
      );
    } catch {
      return void response.end('failed: authentication-failed');
    }
    const { status, body } = await handedOver(readFileSync(at('opened')), String(request.headers['message-id']));
    response.end(status === 200 ? 'processed' : `processed/error: ${body.detail}`);
  });
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
});
afterAll(async () => {
  gateway?.close();
  await house.stop();
  rmSync(folder, { recursive: true });
});

async function handedOver(content: Buffer, name: string) {
  const response = await fetch(`${house.url}/api/v1/partners/acme/files?name=${encodeURIComponent(name)}`, {
    ...{ method: 'POST', body: new Uint8Array(content) },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
  });
  return { status: response.status, body: (await response.json()) as PartnerFileView & { detail: string } };
}

/** Signs and sends as a partner does. @returns the disposition of its receipt */
async function sent(content: string, { by = 'acme', id = '<1@acme>' } = {}): Promise<string> {
  writeFileSync(at('payload'), content);
  const signer = ['-signer', at(`${by}.pem`), '-inkey', at(`${by}.key`)];
  const message = run('cms', '-sign', '-in', at('payload'), '-binary', '-md', 'sha256', ...signer);
  const response = await fetch(`http://127.0.0.1:${(gateway.address() as AddressInfo).port}`, {
    ...{ method: 'POST', body: new Uint8Array(message) },
    headers: { 'as2-version': '1.2', 'as2-from': 'ACME', 'as2-to': 'ISOTHERM', 'message-id': id },
  });
  return response.text();
}

const XML = (serial: number) => `<?xml version="1.0" encoding="UTF-8"?>
<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" schemaVersion="1.2" creationDate="2026-11-20T09:00:00Z"><EPCISBody>
<EventList><ObjectEvent><eventTime>2026-11-20T06:00:00Z</eventTime><eventTimeZoneOffset>+00:00</eventTimeZoneOffset>
<epcList><epc>urn:epc:id:sgtin:0614141.812345.${serial}</epc></epcList><action>OBSERVE</action></ObjectEvent></EventList>
</EPCISBody></epcis:EPCISDocument>`;

const files = async () =>
  ((await house.ask('logistics', 'GET', '/partners/acme/files?limit=20')).body as { items: PartnerFileView[] }).items;

test('what a partner sends by AS2 is taken by the door, under the id of its message', async ({ skip }) => {
  if (openssl === null) return skip('openssl is not installed');
  expect(await sent(XML(1))).toBe('processed');
  expect(await files()).toMatchObject([{ name: '<1@acme>', fate: 'taken', format: 'epcis-1.2-xml', via: 'https' }]);
});

test('sent again as the receipt was lost, under another id too, it is taken once and receipted again', async ({
  skip,
}) => {
  if (openssl === null) return skip('openssl is not installed');
  expect(await sent(XML(2), { id: '<2@acme>' })).toBe('processed');
  expect(await sent(XML(2), { id: '<2@acme>' })).toBe('processed');
  expect(await sent(XML(2), { id: '<3@acme>' })).toBe('processed');
  expect((await files()).slice(0, 3).map(({ fate }) => fate)).toEqual(['repeated', 'repeated', 'taken']);
});

test('of a stranger nothing reaches the door; what is refused there is in the receipt with its reason', async ({
  skip,
}) => {
  if (openssl === null) return skip('openssl is not installed');
  const before = (await files()).length;
  expect(await sent(XML(4), { by: 'stranger' })).toBe('failed: authentication-failed');
  expect(await files()).toHaveLength(before);
  expect(await sent('ISA*00*          *00*          ~', { id: '<5@acme>' })).toMatch(/^processed\/error: .*EDI/);
});

test('a gateway that hands over what it has not opened is told so', async ({ skip }) => {
  if (openssl === null) return skip('openssl is not installed');
  writeFileSync(at('payload'), XML(6));
  const signer = ['-signer', at('acme.pem'), '-inkey', at('acme.key')];
  const closed = run('cms', '-sign', '-in', at('payload'), '-binary', ...signer);
  const { status, body } = await handedOver(closed, 'closed.p7m');
  expect([status, body.detail]).toEqual([422, expect.stringMatching(/S\/MIME/)]);
});
