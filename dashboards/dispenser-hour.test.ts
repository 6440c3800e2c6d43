import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExceptionView, ShipmentDetail } from './api/index.ts';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, faultsOf, openBrowser, PATIENCE_MS, startHouse } from './testing/browser.ts';

const GTIN = '80614141123458';
const WHOLESALER = '0614141000012';
const OWN = '4012345000009';
const DELIVERY = `${WHOLESALER}:DEL500`;
const code = (serial: string) => `(01)${GTIN}(21)${serial}(10)A17(17)310630`;

/** What the wholesaler sends of a delivery: three packs in a case. */
function file(): string {
  const epcs = ['1', '2', '3'].map((serial) => `urn:epc:id:sgtin:0614141.812345.${serial}`);
  const carton = 'urn:epc:id:sscc:0614141.1234567890';
  const time = (clock: string) => ({ eventTime: `2026-11-28T${clock}:00Z`, eventTimeZoneOffset: '+00:00' });
  const ilmd = { 'cbvmda:lotNumber': 'A17', 'cbvmda:itemExpirationDate': '2031-06-30' };
  return JSON.stringify({
    ...{ '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'], type: 'EPCISDocument' },
    ...{ schemaVersion: '2.0', creationDate: '2026-11-28T09:00:00Z' },
    epcisBody: {
      eventList: [
        { type: 'ObjectEvent', ...time('06:00'), action: 'ADD', bizStep: 'commissioning', epcList: epcs, ilmd },
        {
          type: 'AggregationEvent',
          ...time('07:00'),
          action: 'ADD',
          bizStep: 'packing',
          parentID: carton,
          childEPCs: epcs,
        },
        {
          ...{ type: 'ObjectEvent', ...time('08:00'), action: 'OBSERVE', bizStep: 'shipping', epcList: [carton] },
          bizTransactionList: [{ type: 'desadv', bizTransaction: `urn:epcglobal:cbv:bt:${DELIVERY}` }],
          sourceList: [
            { type: 'owning_party', source: 'urn:epc:id:pgln:0614141.00001' },
            { type: 'location', source: 'urn:epc:id:sgln:0614141.00001.0' },
          ],
          destinationList: [
            { type: 'owning_party', destination: 'urn:epc:id:pgln:4012345.00000' },
            { type: 'location', destination: 'urn:epc:id:sgln:4012345.00000.0' },
          ],
        },
      ],
    },
  });
}

/** The hour of docs/dispenser.md, from an empty machine, pressed as a pharmacist presses it. */
describe.skipIf(chromiumPath === null)('a small dispenser’s hour', () => {
  let house: Installation;
  let browser: Browser;
  let maker: Server;
  let page: Page;
  const press = (name: string | RegExp) => page.getByRole('button', { name, exact: true }).press('Enter');
  const asked = async <T>(path: string) => (await (await page.request.get(`${house.url}/api/v1${path}`)).json()) as T;

  beforeAll(async () => {
    maker = createServer(({ url = '' }, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          ...{ responderGLN: WHOLESALER, corrUUID: new URL(url, 'http://maker').searchParams.get('corrUUID') },
          ...{ verificationTimestamp: '2026-11-29T10:00:00.000Z', data: { verified: true } },
        }),
      );
    });
    await new Promise<void>((resolve) => maker.listen(0, '127.0.0.1', resolve));
    house = await startHouse({ isFresh: true, isReachable: true });
    browser = await openBrowser();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(PATIENCE_MS);
    page = await context.newPage();
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    maker?.close();
    await house?.stop();
  });

  test('set up: the code, what it is for, who we are, who we buy from, which market', async () => {
    await page.goto(house.url);
    await page.getByLabel('One-time code').fill(house.accounts.firstAdmin.newCode());
    await page.getByLabel('Your name').fill('ada');
    await page.getByLabel('Password', { exact: true }).fill('a few odd words');
    await press('Become the first administrator');
    await page.getByRole('radio', { name: 'Pharmacy or another small dispenser' }).check();
    const menu = page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link');
    const shown = ['Shipments', 'Verify', 'Exceptions', 'Cases'];
    await expect.poll(() => menu.allInnerTexts(), { timeout: PATIENCE_MS }).toEqual(shown);
    await expect.poll(() => page.getByText('3 of 7 steps done or not needed').count()).toBe(1);
    expect(await page.getByRole('link', { name: 'Routing', exact: true }).count()).toBe(0);
    expect(await faultsOf(page, 'set-up of a pharmacy')).toEqual([]);

    await page.goto(`${house.url}/admin/organisation`);
    await page.getByLabel('Name').fill('Corner Pharmacy');
    await page.getByLabel('GLN').fill(OWN);
    await page.getByLabel('Business address').fill('5 High St, Lima, OH 45801, US');
    await page.getByLabel('Time zone').fill('America/New_York');
    await press('Save');
    await page.getByText('Saved.').waitFor();

    await page.goto(`${house.url}/admin/places`);
    await page.getByLabel('Name', { exact: true }).fill('Corner Pharmacy');
    await page.getByLabel('GLN').fill(OWN);
    await press('Add place');
    await page.getByRole('cell', { name: 'Corner Pharmacy site:corner-pharmacy' }).waitFor();

    await page.goto(`${house.url}/admin/partners`);
    await press('Add a partner');
    await page.getByLabel('Short name').fill('whole');
    await page.getByLabel('Name', { exact: true }).fill('Wholesale Inc.');
    await page.getByLabel('GLNs').fill(WHOLESALER);
    await press('Save partner');
    await page.getByText('Wholesale Inc.').waitFor();
    const responder = `http://127.0.0.1:${(maker.address() as AddressInfo).port}/`;
    const directory = `${house.url}/api/v1/verification-directory/0614141`;
    expect((await page.request.put(directory, { data: { responder } })).status()).toBe(200);

    await page.goto(`${house.url}/admin/markets/us-dscsa`);
    await page.getByLabel('Site or product').selectOption({ label: 'Corner Pharmacy' });
    await page.getByLabel('First day').fill('2026-11-27');
    await press('Set to this market');
    await page.getByRole('cell', { name: 'Corner Pharmacy' }).waitFor();
    expect(await faultsOf(page, 'a market')).toEqual([]);
  }, 300_000);

  test('receive a delivery by the wholesaler’s file, with one pack wrong, and tell him', async () => {
    await page.goto(`${house.url}/shipments/~new?by=epcis`);
    const given = { name: 'DEL500.json', mimeType: 'application/json', buffer: Buffer.from(file()) };
    await page.locator('input[type=file]').setInputFiles(given);
    await press('Take it in');
    await page.getByRole('link', { name: DELIVERY }).click();
    await page.getByRole('heading', { name: 'What markets ask' }).waitFor();
    await page.getByText('Transaction information: address of the seller is not known.').waitFor();
    await press('It is here: receive it');
    const state = async () => (await asked<ShipmentDetail>(`/shipments/${encodeURIComponent(DELIVERY)}`)).state;
    await expect.poll(state, { timeout: PATIENCE_MS }).toBe('received');

    await press('Count a unit');
    const scan = page.getByLabel('Scan what is in it');
    for (const serial of ['1', '2', '9']) {
      await scan.fill(code(serial));
      await scan.press('Enter');
    }
    await press('That is all: 3');
    await page.getByText('3 of').first().waitFor();
    const drafted = async () =>
      (await asked<{ items: unknown[] }>(`/shipments/${encodeURIComponent(DELIVERY)}/exceptions/draft`)).items.length;
    await expect.poll(drafted, { timeout: PATIENCE_MS }).toBeGreaterThan(1);
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await faultsOf(page, 'a delivery on a phone')).toEqual([]);
    await page.setViewportSize({ width: 1280, height: 900 });

    await page.getByRole('link', { name: 'Tell the partner what does not fit' }).click();
    await page.getByLabel('To be told to').waitFor();
    expect(await faultsOf(page, 'what would be told')).toEqual([]);
    await page
      .getByRole('button', { name: /^Open this exception: / })
      .first()
      .press('Enter');
    await page.getByRole('heading', { name: /^E-000001 / }).waitFor();
    await page.getByLabel('Whom it is for').fill('Desk of Wholesale Inc.');
    await press('Make a link');
    const path = /\/answer\/[\w-]+/.exec((await page.getByText('/answer/').first().innerText()) ?? '')?.[0] ?? '';
    const answer = { author: 'Desk', text: 'It went to another customer: keep it apart.', answer: 'confirmed' };
    expect((await page.request.post(`${house.url}/api/v1${path}/entries`, { data: answer })).status()).toBe(201);
    await page.getByText('keep it apart').waitFor();
    await page.getByLabel('Text', { exact: true }).fill('Sent back.');
    await page.getByLabel('What it means').selectOption('settled');
    await press('Add');
    const settled = async () => (await asked<ExceptionView>('/exceptions/E-000001')).state;
    await expect.poll(settled, { timeout: PATIENCE_MS }).toBe('settled');
  }, 300_000);

  test('verify a return, answer a request to trace, and print the record', async () => {
    await page.goto(`${house.url}/returns`);
    const scan = page.getByLabel('Scan the code on the pack');
    await scan.fill(code('2'));
    await scan.press('Enter');
    await page.getByRole('heading', { name: 'May be sold again' }).waitFor();

    await page.goto(`${house.url}/cases`);
    await press('Open a case');
    await page.getByLabel('Title').fill('Request of the State Board');
    await page.getByLabel('Shipment', { exact: true }).fill(DELIVERY);
    await page.getByLabel('Reason').fill('The board asks where lot A17 came from');
    await page
      .getByRole('form', { name: 'Open a case' })
      .getByRole('button', { name: 'Open a case', exact: true })
      .press('Enter');
    await press('Record a trace request');
    await page.getByLabel('Requested by').fill('State Board of Pharmacy');
    await page.getByLabel('What is asked: product, lots, serials').fill(`${GTIN}, lot A17`);
    await press('Record it');
    await press('Answer trace request 1, State Board of Pharmacy');
    await page.getByLabel('What was answered').fill('Transaction record of DEL500 was handed over.');
    await press('Record the answer');
    await page.getByText('handed over').waitFor();
    expect(await faultsOf(page, 'a request to trace')).toEqual([]);

    await page.goto(`${house.url}/shipments/${encodeURIComponent(DELIVERY)}`);
    const print = page.getByRole('link', { name: 'Print the transaction record' });
    const pdf = await page.request.get(`${house.url}${(await print.getAttribute('href')) ?? ''}`);
    expect([pdf.status(), (await pdf.body()).subarray(0, 5).toString()]).toEqual([200, '%PDF-']);
  }, 300_000);

  test('what was left out comes back by choosing the other', async () => {
    await page.goto(`${house.url}/admin/setup`);
    await page.getByRole('radio', { name: 'Warehouse, carrier, maker: everything' }).check();
    const menu = page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link');
    await expect.poll(() => menu.allInnerTexts(), { timeout: PATIENCE_MS }).toContain('Rules');
  }, 120_000);
});
