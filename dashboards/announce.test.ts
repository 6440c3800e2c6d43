import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { effectsOf, QuarantineStore } from '../storage/index.ts';
import type { AuditEntryView, ShipmentDetail } from './api/index.ts';
import type { Installation } from './server/testing/installation.ts';
import {
  chromiumPath,
  faultsOf,
  openBrowser,
  PATIENCE_MS,
  type PageOptions,
  signIn,
  startHouse,
} from './testing/browser.ts';

const HOUR = 3_600_000;
const NOW = Math.floor(Date.now() / HOUR) * HOUR;
const UNIT = '(00)106141412345678908';
const iso = (at: number) => new Date(at).toISOString();
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;
const pack = (serial: number) => `(01)80614141123458(21)${serial}(10)A17(17)270630`;

describe.skipIf(chromiumPath === null)('shipments in the browser', () => {
  let house: Installation;
  let browser: Browser;

  beforeAll(async () => {
    house = await startHouse();
    for (const [id, name, zone] of [
      ['site:berlin', 'Berlin', 'Europe/Berlin'],
      ['site:lisbon', 'Lisbon', 'Europe/Lisbon'],
    ] as const)
      await house.tell({ type: 'place', place: { id, kind: 'site', name, parent: null, zone }, by: 'test' });
    for (const id of ['logger-7', 'logger-8']) await house.ask('operations', 'POST', '/devices', { id });
    browser = await openBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  const signedIn = (role: string, options?: PageOptions) => signIn({ browser, house }, role, options);

  /** A shipment of one unit, `n` telling it from others. */
  async function announced(id: string, n: number, devices: readonly string[] = []): Promise<void> {
    const unit = `urn:epc:id:sscc:0614141.12345679${String(n).padStart(2, '0')}`;
    const units = [{ sscc: unit, devices, children: [sgtin(900 + n)], from: iso(NOW - HOUR) }];
    const journey = { origin: 'site:berlin', destination: 'site:lisbon', departs: iso(NOW), arrives: iso(NOW + HOUR) };
    const asked = await house.ask('logistics', 'POST', '/shipments', {
      id,
      profile: '2-8C',
      ...journey,
      units,
      products: [],
    });
    expect(asked.status).toBe(201);
  }

  const shipment = async (id: string) =>
    (await house.ask('dock', 'GET', `/shipments/${encodeURIComponent(id)}`)).body as ShipmentDetail;

  async function filled(page: Page, id: string, lines: readonly string[]): Promise<void> {
    await page.goto(`${house.url}/shipments/~new`);
    await page.getByLabel('Shipment', { exact: true }).fill(id);
    await page.getByLabel('Departs (Berlin time)').fill('2026-11-22 09:00');
    await page.getByLabel('Arrives (Lisbon time)').fill('2026-11-23 17:00');
    await page.getByLabel('Units and serials').fill(lines.join('\n'));
  }

  test('a shipment is made by form: scanned packs with lot and expiry, a logger, times by each site’s clock', async () => {
    const { context, page } = await signedIn('logistics');
    await filled(page, 'SHP-FORM', [UNIT, 'logger-7', sgtin(1), pack(2), 'hello', pack(2)]);
    await page.getByText('2 lines cannot be taken', { exact: true }).waitFor();
    await page.getByText('stands on line 4 already').waitFor();
    await page.getByLabel('Units and serials').fill([UNIT, 'logger-7', sgtin(1), pack(2), pack(3)].join('\n'));
    await page.getByLabel('Name of 80614141123458').fill('Examplumab 40 mg');
    await page.getByLabel('Lot of those that do not say it').fill('B2');
    await page.getByRole('button', { name: 'Announce 1 unit, 3 serials' }).click();
    await page.getByRole('heading', { name: 'SHP-FORM', level: 1 }).waitFor();
    expect(await shipment('SHP-FORM')).toMatchObject({
      ...{ origin: { id: 'site:berlin' }, destination: { id: 'site:lisbon' }, serialCount: 3 },
      ...{ departs: '2026-11-22T08:00:00.000Z', arrives: '2026-11-23T17:00:00.000Z' },
      units: [{ devices: ['logger-7'] }],
      products: [
        { name: 'Examplumab 40 mg', lot: 'B2', expiry: null },
        { name: 'Examplumab 40 mg', lot: 'A17', expiry: '2027-06-30' },
      ],
    });
    await context.close();
  });

  test('codes that do not say their company prefix are taken with the one that is given, and refused by their line without', async () => {
    const { context, page } = await signedIn('logistics');
    await filled(page, 'SHP-PREFIX', ['(00)340123450000000017', '(01)04012345000016(21)X1']);
    await page.getByRole('button', { name: /^Announce 1 unit/ }).click();
    await page.getByText(/^Line 2: .*company prefix/).waitFor();
    await page.getByLabel('Company prefix').fill('4012345');
    await page.getByRole('button', { name: /^Announce 1 unit/ }).click();
    await page.getByRole('heading', { name: 'SHP-PREFIX', level: 1 }).waitFor();
    await context.close();
  });

  test('an id that is taken is said and nothing is overwritten', async () => {
    const { context, page } = await signedIn('logistics');
    await announced('SHP-TAKEN', 1);
    const before = await shipment('SHP-TAKEN');
    await filled(page, 'SHP-TAKEN', ['urn:epc:id:sscc:0614141.1234567899', sgtin(99)]);
    await page.getByRole('button', { name: /^Announce 1 unit/ }).click();
    await page.getByRole('alert').filter({ hasText: 'there is a shipment SHP-TAKEN already' }).waitFor();
    expect((await shipment('SHP-TAKEN')).revision).toBe(before.revision);
    await context.close();
  });

  test('ten thousand serials are pasted, and typing goes on', async () => {
    const { context, page } = await signedIn('logistics');
    const serials = Array.from({ length: 10_000 }, (_, n) => sgtin(100_000 + n));
    await filled(page, 'SHP-MANY', []);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const list = ['urn:epc:id:sscc:0614141.1234567800', ...serials].join('\n');
    await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(list)})`);
    await page.getByLabel('Units and serials').press('Control+V');
    await page.getByRole('button', { name: 'Announce 1 unit, 10,000 serials' }).waitFor();
    await page.getByLabel('Units and serials').press('Control+End');
    await page.getByLabel('Units and serials').pressSequentially(`\n${sgtin(200_000)}`);
    await page.getByRole('button', { name: 'Announce 1 unit, 10,001 serials' }).click();
    await page
      .getByRole('link', { name: 'Open it' })
      .or(page.getByRole('heading', { name: 'SHP-MANY', level: 1 }))
      .waitFor();
    await expect.poll(async () => (await shipment('SHP-MANY')).serialCount, { timeout: PATIENCE_MS }).toBe(10_001);
    await context.close();
  }, 120_000);

  const HEAD = 'shipment;profile;origin;destination;departs;arrives;epc;parent;devices;name;lot;expiry';
  const csv = (expiry: string) =>
    [
      HEAD,
      `SHP-CSV;2-8C;site:berlin;site:lisbon;${iso(NOW)};${iso(NOW + HOUR)};urn:epc:id:sscc:0614141.1234567801;;;;;`,
      `;;;;;;${sgtin(31)};urn:epc:id:sscc:0614141.1234567801;;Exämplumab;A17;${expiry}`,
    ].join('\r\n');
  const file = (text: string | Buffer, name = 'shipment.csv') => ({
    name,
    mimeType: 'text/csv',
    buffer: Buffer.from(text as string),
  });

  test('a CSV file is shown as it would be before it is sent; its bad rows are named and nothing is taken', async () => {
    const { context, page } = await signedIn('logistics');
    await page.goto(`${house.url}/shipments/~new?by=csv`);
    const choose = (chosen: ReturnType<typeof file>) => page.locator('input[type=file]').setInputFiles(chosen);
    await choose(file('PK\u0003\u0004workbook', 'shipment.xlsx'));
    await page.getByText('This is a workbook').waitFor();
    await choose(file(csv('30.06.2027')));
    await page.getByRole('row', { name: /line 3, expiry.*30.06.2027.*calendar date/ }).waitFor();
    expect((await house.ask('dock', 'GET', '/shipments/SHP-CSV')).status).toBe(404);
    // As Excel on Windows writes it.
    await choose(file(Buffer.from(csv('2027-06-30'), 'latin1')));
    await page.getByRole('heading', { name: 'This file makes SHP-CSV' }).waitFor();
    await page.getByText('Exämplumab').waitFor();
    await page.getByRole('button', { name: 'Announce 1 unit, 1 serial' }).dblclick();
    await page.getByRole('heading', { name: 'SHP-CSV', level: 1 }).waitFor();
    const { body } = await house.ask('quality', 'GET', '/audit?subject=shipment:SHP-CSV');
    expect((body as { items: AuditEntryView[] }).items.map(({ action }) => action)).toEqual(['shipment.announce']);
    await context.close();
  });

  test('the template that is offered makes a shipment as it is', async () => {
    const { context, page } = await signedIn('logistics');
    await page.goto(`${house.url}/shipments/~new?by=csv`);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Download a template' }).click(),
    ]);
    await page.locator('input[type=file]').setInputFiles(file(readFileSync(await download.path())));
    await page.getByRole('button', { name: 'Announce 1 unit, 2 serials' }).waitFor();
    await context.close();
  });

  test('a partner’s EPCIS file makes its shipments, and says where the storage profile is to be given', async () => {
    const { context, page } = await signedIn('logistics');
    const document = {
      ...{ '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'], type: 'EPCISDocument' },
      ...{ schemaVersion: '2.0', creationDate: iso(NOW) },
      epcisBody: {
        eventList: [
          {
            ...{ type: 'ObjectEvent', action: 'OBSERVE', bizStep: 'shipping', eventTime: iso(NOW) },
            ...{ eventTimeZoneOffset: '+00:00', epcList: [sgtin(41), 'urn:epc:id:sscc:0614141.1234567841'] },
            bizTransactionList: [{ type: 'desadv', bizTransaction: 'urn:epcglobal:cbv:bt:0614141000012:D1' }],
          },
        ],
      },
    };
    await page.goto(`${house.url}/shipments/~new?by=epcis`);
    const chosen = { name: 'events.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(document)) };
    await page.locator('input[type=file]').setInputFiles(chosen);
    await page.getByRole('button', { name: 'Take it in' }).click();
    await page.getByText('no storage profile known').waitFor();
    await page.getByRole('link', { name: '0614141000012:D1' }).click();
    await page.getByRole('button', { name: 'Correct', exact: true }).click();
    await page.getByLabel('Storage profile').selectOption('2-8C');
    await page.getByLabel(/^Arrives/).fill('2099-01-01 10:00');
    await page.getByLabel('Reason').fill('the label says so');
    await page.getByRole('button', { name: 'Correct it' }).click();
    await page.getByText('Corrected.').waitFor();
    expect(await shipment('0614141000012:D1')).toMatchObject({
      profile: { id: '2-8C' },
      serialCount: 1,
      isNoticed: true,
    });
    await context.close();
  });

  test('a logger is put on a unit by scan, in gloves, and taken off with a reason', async () => {
    await announced('SHP-LOGGER', 2, ['logger-7']);
    const { context, page } = await signedIn('dock', { viewport: { width: 390, height: 800 } });
    await page.goto(`${house.url}/shipments/SHP-LOGGER`);
    await page.getByRole('button', { name: 'Take logger-7 off' }).click();
    await page.getByRole('button', { name: 'broken' }).click();
    await page.getByRole('button', { name: 'Take it off' }).click();
    await page.getByText('logger-7 is taken off.').waitFor();
    await page.getByRole('button', { name: 'Attach a logger' }).click();
    await page.getByLabel(/^Scan the logger/).fill('logger-9');
    await page.keyboard.press('Enter');
    await page.getByText('logger-9 is not known here').waitFor();
    await page.getByLabel(/^Scan the logger/).fill('logger-8');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'replaces another logger' }).click();
    await page.getByRole('button', { name: 'Attach it' }).click();
    await page.getByText(/^logger-8 is on \(00\) 1061414123456790/).waitFor();
    expect((await shipment('SHP-LOGGER')).units).toMatchObject([{ devices: ['logger-8'] }]);
    await context.close();
  });

  test('a device that nobody registered is registered by one click, what it had sent is taken over, and it is put on a unit', async () => {
    await announced('SHP-BIND', 3);
    const store = new QuarantineStore({ database: house.database });
    const sent = (n: number) => ({
      ...{
        arrival: NOW,
        source: 'newcomer-1',
        topic: 'isotherm/v1/devices/newcomer-1/readings',
        partition: 0,
        position: n,
      },
      ...{ index: 0, reason: 'SOURCE_UNCONFIRMED', detail: 'brought by gate-1 for the first time' },
      payload: Buffer.from(`{"time":"${iso(NOW - n * 60_000)}","temperature":${n}}`).toString('base64'),
    });
    await house.database.transaction((client) => store.keep(effectsOf(client), [sent(1), sent(2)]));
    const { context, page } = await signedIn('admin');
    await page.goto(`${house.url}/admin/quarantine`);
    await page.getByRole('button', { name: 'Register and take over what it sent' }).click();
    await page.getByText('newcomer-1 is registered. 2 readings that had waited are taken over.').waitFor();
    await page.getByRole('combobox', { name: 'Put it on a unit of' }).fill('SHP-BIND');
    await page.getByRole('option', { name: 'SHP-BIND' }).click();
    await page.getByRole('button', { name: 'Attach it' }).click();
    await page.getByText('newcomer-1 travels with SHP-BIND.').waitFor();
    expect((await shipment('SHP-BIND')).units).toMatchObject([{ devices: ['newcomer-1'] }]);
    await expect
      .poll(async () => (await house.ask('dock', 'GET', '/devices/newcomer-1')).body, { timeout: PATIENCE_MS })
      .toMatchObject({ kind: 'logger', latest: [{ value: 1 }], attachment: { shipment: 'SHP-BIND' } });
    await page.goto(`${house.url}/devices/newcomer-1`);
    await page.getByRole('heading', { name: 'newcomer-1', level: 1 }).waitFor();
    expect(await page.getByRole('button', { name: /^Register/ }).count()).toBe(0);
    await context.close();
  });

  test('a correction of what somebody else changed meanwhile is refused, and theirs stays', async () => {
    await announced('SHP-RACE', 4);
    const { context, page } = await signedIn('logistics');
    await page.goto(`${house.url}/shipments/SHP-RACE`);
    await page.getByRole('button', { name: 'Correct', exact: true }).click();
    await page.getByLabel('Storage profile').selectOption('frozen');
    await page.getByLabel('Reason').fill('as the papers say');
    const { revision } = await shipment('SHP-RACE');
    // The page does not hear of the other change: it would make the form anew by itself.
    await page.route(/shipments\/SHP-RACE$/, (route) => route.abort());
    const wish = { revision, reason: 'planned anew', profile: 'CRT' };
    expect((await house.ask('admin', 'POST', '/shipments/SHP-RACE/corrections', wish)).status).toBe(200);
    await page.getByRole('button', { name: 'Correct it' }).click();
    await page.getByText('was changed since it was shown').waitFor();
    expect((await shipment('SHP-RACE')).profile.id).toBe('CRT');
    await context.close();
  });

  test('a shipment is cancelled with a reason by keyboard alone, and reinstated', async () => {
    await announced('SHP-OFF', 5);
    const { context, page } = await signedIn('logistics');
    await page.goto(`${house.url}/shipments/SHP-OFF`);
    const press = async (name: string) => {
      await page.getByRole('button', { name, exact: true }).focus();
      await page.keyboard.press('Enter');
    };
    await press('Cancel shipment');
    await page.getByLabel('Reason').focus();
    await page.keyboard.type('the order was cancelled');
    await page.keyboard.press('Enter');
    await page.getByText(/^Cancelled by logistics.*the order was cancelled$/).waitFor();
    expect(await shipment('SHP-OFF')).toMatchObject({ state: 'cancelled', serialCount: 1 });
    await press('Reinstate it');
    await page.getByLabel('Reason').fill('cancelled by mistake');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Cancel shipment' }).waitFor();
    expect((await shipment('SHP-OFF')).cancelled).toBeNull();
    await context.close();
  });

  test.each([
    [390, 'light'],
    [1280, 'dark'],
    [2560, 'light'],
  ] as const)(
    'at %i px, %s: the screens fit and axe finds nothing serious',
    async (width, colorScheme) => {
      const { context, page } = await signedIn('admin', { viewport: { width, height: 900 }, colorScheme });
      await announced('SHP-SEEN', 6, ['logger-7']);
      const troubles: string[] = [];
      const look = async (name: string) => {
        troubles.push(...(await faultsOf(page, name)));
        const { SHOTS } = process.env;
        if (SHOTS !== undefined)
          await page.screenshot({ path: `${SHOTS}/${name}-${width}-${colorScheme}.png`, fullPage: true });
      };
      await page.goto(`${house.url}/shipments`);
      await page.getByRole('link', { name: 'Announce a shipment' }).first().waitFor();
      await look('list');
      await filled(page, 'SHP-LOOK', [UNIT, 'logger-7', sgtin(1), pack(2), 'hello', '8.06141E+13']);
      await page.getByText('2 lines cannot be taken', { exact: true }).waitFor();
      await look('form');
      await page.goto(`${house.url}/shipments/~new?by=csv`);
      await page.locator('input[type=file]').setInputFiles(file(csv('30.06.2027')));
      await page.getByRole('row', { name: /line 3, expiry/ }).waitFor();
      await look('csv-faults');
      await page.locator('input[type=file]').setInputFiles(file(csv('2027-06-30').replaceAll('SHP-CSV', 'SHP-CSV2')));
      await page.getByRole('heading', { name: 'This file makes SHP-CSV2' }).waitFor();
      await look('csv');
      await page.goto(`${house.url}/shipments/~new?by=epcis`);
      await page.getByText('EPCIS 2.0 document').waitFor();
      await look('epcis');
      await page.goto(`${house.url}/shipments/SHP-SEEN`);
      await page.getByRole('button', { name: 'Attach a logger' }).click();
      await page.getByRole('button', { name: 'Correct', exact: true }).click();
      await page.getByText('Units and serials', { exact: true }).click();
      await look('shipment');
      expect(troubles).toEqual([]);
      await context.close();
    },
    120_000,
  );
});
