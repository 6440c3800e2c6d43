import { execFileSync } from 'node:child_process';
import { createPublicKey } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compactVerify, importJWK, type JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { eventHashId, readEpcisEach } from '../codecs/epcis/index.ts';
import type { TransactionRecordView } from '../dashboards/api/index.ts';
import { pdfAFaults } from '../dashboards/server/report/testing/pdf-a.ts';
import { fileIn, textOf } from '../dashboards/server/report/testing/pdf-content.ts';
import { Installation } from '../dashboards/server/testing/installation.ts';
import { systemPart } from './parts.ts';
import { faultsOfJson, faultsOfXml } from './testing/epcis-by-the-book.ts';
import { faultsOfVerificationAnswer, faultsOfVerificationRequest } from './testing/verification-by-the-book.ts';

// Records, reports and verifications that go to other companies are read a second time by programs and code that are not ours.

const WAIT = { timeout: 60_000, interval: 100 };
const CONTEXT = 'https://ref.gs1.org/standards/epcis/epcis-context.jsonld';
const GTIN = '80614141123458';
const OURS = '0614141000012';
const THEIRS = '4012345000009';
const SHIPMENT = `${OURS}:DEL100`;
const PALLET = 'urn:epc:id:sscc:0614141.1234567890';
const serials = [1, 2, 3].map((n) => `urn:epc:id:sgtin:0614141.812345.${n}`);
const at = (clock: string) => ({ eventTime: `2026-11-20T${clock}:00.000Z`, eventTimeZoneOffset: '+01:00' });
const DOCUMENT = {
  ...{ '@context': [CONTEXT], type: 'EPCISDocument', schemaVersion: '2.0', creationDate: '2026-11-20T09:00:00Z' },
  epcisBody: {
    eventList: [
      {
        ...{ type: 'ObjectEvent', ...at('06:00'), action: 'ADD', bizStep: 'commissioning', epcList: serials },
        ilmd: { 'cbvmda:lotNumber': 'A17', 'cbvmda:itemExpirationDate': '2031-06-30' },
      },
      {
        ...{ type: 'AggregationEvent', ...at('07:00'), action: 'ADD', bizStep: 'packing' },
        ...{ parentID: PALLET, childEPCs: serials },
      },
      {
        ...{ type: 'ObjectEvent', ...at('08:00'), action: 'OBSERVE', bizStep: 'shipping', epcList: [PALLET] },
        bizTransactionList: [{ type: 'desadv', bizTransaction: `urn:epcglobal:cbv:bt:${SHIPMENT}` }],
        sourceList: [{ type: 'owning_party', source: 'urn:epc:id:pgln:0614141.00001' }],
        destinationList: [{ type: 'owning_party', destination: 'urn:epc:id:pgln:4012345.00000' }],
      },
    ],
  },
};

const folder = mkdtempSync(join(tmpdir(), 'isotherm-sent-'));
/** A responder of another company; what it is asked. */
const asked: { readonly path: string; readonly headers: Readonly<Record<string, unknown>> }[] = [];
const responder = createServer((request, response) => {
  asked.push({ path: request.url ?? '', headers: request.headers });
  response.writeHead(404).end();
});
let house: Installation;

beforeAll(async () => {
  house = await Installation.start();
  responder.listen(0, '127.0.0.1');
  await once(responder, 'listening');
  const own = { name: 'Isopharm', gln: OURS, address: '1 Main St, Springfield, IL, US', zone: 'UTC' };
  await house.ask('admin', 'PUT', '/organisation', own);
  await house.ask('admin', 'PUT', '/partners/whole', {
    ...{
      name: 'Wholesale GmbH',
      glns: [THEIRS],
      address: '2 Dock Rd, Memphis, TN, US',
      sees: ['records', 'verification'],
    },
  });
  await house.ask('logistics', 'PUT', `/products/${GTIN}`, { name: 'Examplumab' });
  const captured = await fetch(`${house.url}/epcis/v2/capture`, {
    ...{ method: 'POST', body: JSON.stringify(DOCUMENT) },
    headers: { authorization: `Bearer ${await house.token('logistics')}`, 'content-type': 'application/ld+json' },
  });
  expect([201, 202]).toContain(captured.status);
  const label = { ndc: '0614-1412-01', strength: '50 mg/mL', dosageForm: 'INJECTION', containerSize: '1 vial' };
  await vi.waitFor(
    async () => expect((await house.ask('logistics', 'PUT', `/products/${GTIN}/label`, label)).status).toBe(200),
    WAIT,
  );
  await vi.waitFor(async () => expect((await record()).serials).toBe(3), WAIT);
});
afterAll(async () => {
  responder.close();
  await house.stop();
  rmSync(folder, { recursive: true });
});

async function record(): Promise<TransactionRecordView> {
  return (await house.ask('logistics', 'GET', `/transactions?shipment=${SHIPMENT}`)).body as TransactionRecordView;
}

async function given(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Buffer> {
  const response = await fetch(`${house.url}${path}`, {
    headers: {
      authorization: `Bearer ${await house.token(path.startsWith('/api') ? 'quality' : 'logistics')}`,
      ...headers,
    },
  });
  const content = Buffer.from(await response.arrayBuffer());
  expect([path, response.status]).toEqual([path, 200]);
  return content;
}

function hashes(text: string): string[] {
  const reading = readEpcisEach(text);
  expect(reading.refused).toEqual([]);
  return reading.events.map((event) => eventHashId(event, reading)).sort();
}

test.each([
  ['a transaction record', `/api/v1/transactions/record.epcis.json?shipment=${SHIPMENT}`],
  ['a shipment report', `/api/v1/shipments/${SHIPMENT}/report.epcis.json`],
  ['what a regulator asks of a lot', `/api/v1/transactions/record.epcis.json?gtin=${GTIN}&lot=A17`],
])('%s as EPCIS is valid, and has the hashes of what was captured, which XML has too', async (_what, path) => {
  const text = (await given(path)).toString();
  expect(faultsOfJson(text)).toEqual([]);
  const sent = hashes(text);
  expect(sent).toEqual(hashes(JSON.stringify(DOCUMENT)));
  const xml = (await given('/epcis/v2/events', { accept: 'application/xml' })).toString();
  expect(faultsOfXml(xml, '2.0')).toEqual([]);
  // Of lot data GS1 itself has two names, and with them two hashes: docs/epcis-corpus.md.
  const eventList = DOCUMENT.epcisBody.eventList.filter((event) => !('ilmd' in event));
  const stable = hashes(JSON.stringify({ ...DOCUMENT, epcisBody: { eventList } }));
  expect(hashes(xml)).toHaveLength(sent.length);
  expect(hashes(xml)).toEqual(expect.arrayContaining(stable));
  const again = readEpcisEach(xml).events;
  expect(hashes(JSON.stringify({ ...DOCUMENT, epcisBody: { eventList: again } }))).toEqual(sent);
});

test('a case as EPCIS is valid, and its events have the hashes that they were captured with', async () => {
  const wish = { kind: 'complaint', title: 'Seal', serials: serials.slice(0, 1), reason: 'the ward says so' };
  const { status, body } = await house.ask('quality', 'POST', '/cases', wish);
  expect(status).toBe(201);
  const text = (await given(`/api/v1/cases/${(body as { id: string }).id}/report.epcis.json`)).toString();
  expect(faultsOfJson(text)).toEqual([]);
  expect(hashes(JSON.stringify(DOCUMENT))).toEqual(expect.arrayContaining(hashes(text)));
  expect(hashes(text).length).toBeGreaterThan(0);
});

describe('a signed record', () => {
  test('is verified by jose with nothing but the published keys', async () => {
    const jws = (await given(`/api/v1/transactions/record.jws?shipment=${SHIPMENT}`)).toString();
    const { keys } = (await house.ask(null, 'GET', '/transactions/keys')).body as { keys: JWK[] };
    const { payload, protectedHeader } = await compactVerify(jws, async ({ kid }) =>
      importJWK(keys.find((key) => key.kid === kid) ?? {}, 'EdDSA'),
    );
    expect(protectedHeader.alg).toBe('EdDSA');
    expect((JSON.parse(Buffer.from(payload).toString()) as TransactionRecordView).items).toEqual(
      (await record()).items,
    );
    const [head = '', body = '', signature = ''] = jws.split('.');
    const other = Buffer.from(Buffer.from(body, 'base64url').toString().replace('"A17"', '"A71"')).toString(
      'base64url',
    );
    expect(other).not.toBe(body);
    await expect(
      compactVerify(`${head}.${other}.${signature}`, await importJWK(keys[0] ?? {}, 'EdDSA')),
    ).rejects.toThrow();
  });

  test('is verified by openssl', async ({ skip }) => {
    const openssl = systemPart('openssl');
    if (openssl === null) return skip('openssl is not installed');
    const jws = (await given(`/api/v1/transactions/record.jws?shipment=${SHIPMENT}`)).toString();
    const { keys } = (await house.ask(null, 'GET', '/transactions/keys')).body as { keys: JWK[] };
    const [head = '', body = '', signature = ''] = jws.split('.');
    const file = (name: string, content: string | Buffer) => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    const pem = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const sent = file('signature', Buffer.from(signature, 'base64url'));
    const verified = (text: string) =>
      execFileSync(
        openssl,
        [
          'pkeyutl',
          '-verify',
          '-rawin',
          '-pubin',
          '-inkey',
          file('key.pem', pem),
          '-sigfile',
          sent,
          '-in',
          file('said', text),
        ],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
      );
    expect(verified(`${head}.${body}`)).toContain('Signature Verified Successfully');
    expect(() => verified(`${head}.${body}A`)).toThrow();
  });
});

test('a record as PDF says what the data say, holds them, and is PDF/A-3b in which qpdf finds no fault', async ({
  skip,
}) => {
  const pdf = await given(`/api/v1/transactions/record.pdf?shipment=${SHIPMENT}`);
  expect(pdfAFaults(pdf)).toEqual([]);
  const text = await textOf(pdf);
  const [item] = (await record()).items;
  const [line] = item?.lines ?? [];
  for (const said of [
    ...[item?.from.name, item?.to.name, item?.from.address, item?.to.address, GTIN, line?.lot, line?.expiry],
    ...['Examplumab', '50 mg/mL', '0614-1412-01', '1 vial'],
  ])
    expect(text).toContain(said);
  const [, name = ''] = /\/UF \(([^)]+\.json)\)/.exec(pdf.toString('latin1')) ?? [];
  expect((JSON.parse(fileIn(pdf, name)) as TransactionRecordView).items).toEqual((await record()).items);
  const qpdf = systemPart('qpdf');
  if (qpdf === null) return skip('qpdf is not installed');
  const file = join(folder, 'record.pdf');
  writeFileSync(file, pdf);
  expect(execFileSync(qpdf, ['--check', file], { encoding: 'utf8' })).toContain('No syntax or stream encoding errors');
});

describe('verification between companies', () => {
  const address = (serial: string, query: object = {}) => {
    const usual = { 17: '310630', linkType: 'verificationService', context: 'dscsaSaleableReturn', reqGLN: THEIRS };
    const said = { ...usual, corrUUID: '08dd5e1b-78e7-4dee-9f55-e69f5edf099b', ...query };
    return `/01/${GTIN}/10/A17/21/${serial}?${new URLSearchParams(said)}`;
  };

  test.each([
    ['a pack that is ours', address('1')],
    ['a serial that is not', address('999')],
    ['another expiry', address('1', { 17: '310531' })],
  ])('%s is answered as the standard has it', async (_what, path) => {
    expect(faultsOfVerificationAnswer((await given(path)).toString(), path)).toEqual([]);
  });

  test('a question of ours is one of the standard', async () => {
    const url = `http://127.0.0.1:${(responder.address() as AddressInfo).port}`;
    const { status } = await house.ask('admin', 'PUT', '/verification-directory/10614141000019', {
      responder: `${url}/vrs/`,
    });
    const pack = { gtin: '10614141000019', serial: 'a/B%1', lot: 'L-1', expiry: '2031-06-30' };
    expect(status).toBeLessThan(300);
    await house.ask('dock', 'POST', '/returns', pack);
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.flatMap(({ path, headers }) => faultsOfVerificationRequest(path, headers))).toEqual([]);
    expect(asked[0]?.path).toContain('/ser/a%2FB%251');
  });
});

test('the second reading of verifications sees faults', () => {
  const path = address();
  const good = { responderGLN: OURS, corrUUID: '08dd5e1b-78e7-4dee-9f55-e69f5edf099b' };
  const answer = (more: object) =>
    JSON.stringify({ ...good, verificationTimestamp: '2026-11-20T09:00:00.000Z', data: { verified: true }, ...more });
  expect(faultsOfVerificationAnswer(answer({}), path)).toEqual([]);
  for (const more of [
    ...[
      { responderGLN: '0614141000013' },
      { corrUUID: 'other' },
      { extra: 1 },
      { verificationTimestamp: '2026-11-20' },
    ],
    ...[{ data: { verified: false } }, { data: { verified: true, verificationFailureReason: 'No_reason_provided' } }],
    ...[{ data: { verified: false, verificationFailureReason: 'Because' } }, { data: { verified: 'true' } }],
  ])
    expect([more, faultsOfVerificationAnswer(answer(more), path).length]).toEqual([more, 1]);
  for (const wrong of [
    ...[path.replace(GTIN, '80614141123457'), path.replace('310630', '311330'), path.replace('/21/', '/ser/')],
    ...[
      path.replace(THEIRS, '4012345000008'),
      path.replace('verificationService', 'x'),
      path.replace('08dd5e1b', 'zz'),
    ],
  ])
    expect([wrong, faultsOfVerificationRequest(wrong, {}).length]).toEqual([wrong, 1]);

  function address(): string {
    const query = '17=310630&linkType=verificationService&context=dscsaSaleableReturn';
    return `/01/${GTIN}/10/A17/21/1?${query}&reqGLN=${THEIRS}&corrUUID=08dd5e1b-78e7-4dee-9f55-e69f5edf099b`;
  }
});
