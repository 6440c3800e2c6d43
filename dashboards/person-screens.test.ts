import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, faultsOf, openBrowser, type PageOptions, signIn, startHouse } from './testing/browser.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const iso = (at: number) => new Date(at).toISOString();

describe.skipIf(chromiumPath === null)('what is set for a person, and what a customer sees', () => {
  let house: Installation;
  let browser: Browser;

  beforeAll(async () => {
    house = await startHouse();
    for (const [id, name, zone] of [
      ['site:berlin', 'Berlin', 'Europe/Berlin'],
      ['site:lisbon', 'Lisbon', 'Europe/Lisbon'],
    ] as const)
      await house.tell({ type: 'place', place: { id, kind: 'site', name, parent: null, zone }, by: 'test' });
    const units = [
      {
        sscc: 'urn:epc:id:sscc:0614141.1234567890',
        devices: ['logger-7'],
        children: ['urn:epc:id:sgtin:0614141.812345.1', 'urn:epc:id:sgtin:0614141.812345.2'],
        from: iso(NOW - 5 * HOUR),
      },
    ];
    const asked = await house.ask('logistics', 'POST', '/shipments', {
      ...{ id: 'SHP-1', profile: '2-8C', origin: 'site:berlin', destination: 'site:lisbon', units },
      ...{ departs: iso(NOW - 4 * HOUR), arrives: iso(NOW + 20 * HOUR) },
      products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2027-06-30' }],
    });
    expect(asked.status).toBe(201);
    await house.measure(
      'logger-7',
      Array.from({ length: 60 }, (_, index) => [NOW - (60 - index) * MINUTE, 4] as const),
    );
    browser = await openBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  const signedIn = (role: string, options?: PageOptions) => signIn({ browser, house }, role, options);

  test('°F holds at once on every open page, for limits and charts too, and on the next computer', async () => {
    const { context, page } = await signedIn('logistics');
    await page.goto(`${house.url}/shipments/SHP-1`);
    await page.getByText('4.0 °C').first().waitFor();
    const other = await context.newPage();
    await other.goto(`${house.url}/account`);
    await other.getByText('°F', { exact: true }).click();
    await page.getByText('39.2 °F').first().waitFor();
    await page.getByText('35.6 to 46.4 °F').first().waitFor();
    await expect.poll(() => page.getByText(/\d °C/).count()).toBe(0);
    await context.close();
    const next = await signedIn('logistics');
    await next.page.goto(`${house.url}/devices`);
    await next.page.getByText('39.2 °F').first().waitFor();
    await next.context.close();
  });

  test('a calibration that is typed in °F is kept in °C', async () => {
    // A logger of its own: what it corrects changes no figure of the tests beside this one.
    await house.measure('logger-9', [[NOW - 2 * MINUTE, 4]]);
    await house.ask('admin', 'PUT', '/devices/logger-9', { name: 'Logger 9' });
    const { context, page } = await signedIn('operations');
    await page.goto(`${house.url}/account`);
    await page.getByText('°F', { exact: true }).click();
    await page.goto(`${house.url}/devices/logger-9`);
    await page.getByRole('button', { name: 'Record a calibration' }).click();
    await page.getByLabel('What it reported, and what was true (°F)').fill('-1.8');
    await page.getByLabel(/^Holds from/).fill('2026-01-10 10:00');
    await page.getByRole('button', { name: 'yearly calibration' }).click();
    await page.getByRole('button', { name: 'Record a calibration' }).click();
    await page.getByText('−1.8 °F everywhere').waitFor();
    const { body } = await house.ask('operations', 'GET', '/devices/logger-9/calibrations');
    expect(body).toMatchObject({ items: [{ points: [{ reported: 0, reference: -1 }] }] });
    await context.close();
  });

  test('clock, language, density and first screen hold at once, and the form has no serious fault of access', async () => {
    const { context, page } = await signedIn('dock', { viewport: { width: 390, height: 844 } });
    await page.goto(`${house.url}/account`);
    const clock = page.getByRole('button', { name: /^Times are in/ });
    await page.locator('label', { hasText: /^UTC$/ }).click();
    await clock.filter({ hasText: 'UTC' }).waitFor();
    await page.locator('label', { hasText: /^compact$/ }).click();
    await page.locator('html[data-density=compact]').waitFor({ state: 'attached' });
    expect(await faultsOf(page, 'account')).toEqual([]);
    await page.getByLabel('Language').first().selectOption('de');
    await page.getByRole('heading', { name: 'Diese Seite' }).waitFor();
    await page.getByRole('link', { name: 'Sendungen' }).first().waitFor();
    await page.locator('html[lang=de]').waitFor({ state: 'attached' });
    await page.getByLabel('Sprache').selectOption('en');
    await page.getByRole('heading', { name: 'This page' }).waitFor();
    await page.getByLabel('First screen').selectOption('/recall');
    await page.getByLabel('Your time zone').first().fill('Europe/Nowhere');
    await page.getByLabel('Your time zone').first().press('Tab');
    await page.getByText(/given "Europe\/Nowhere"/).waitFor();
    await page.goto(house.url);
    await page.waitForURL('**/recall');
    await context.close();
  });

  test('a view of shipments is saved by its name, opened from the menu, on the next computer too, and says what is gone', async () => {
    const { context, page } = await signedIn('logistics', { viewport: { width: 390, height: 844 } });
    await page.goto(`${house.url}/shipments?sort=arrives&show=all&find=SHP`);
    await page.getByRole('button', { name: 'Views', exact: true }).click();
    await page.getByLabel('Name of this view').fill('By arrival');
    await page.getByRole('button', { name: 'Save this view' }).click();
    await page.getByRole('button', { name: 'By arrival', exact: true }).click();
    await page.getByRole('link', { name: 'All shipments' }).click();
    await page.waitForURL((url) => url.search === '');
    await context.close();

    const next = await signedIn('logistics', { colorScheme: 'dark' });
    const saved = { origin: 'site:atlantis', condition: 'warning' };
    const answer = await next.page.request.put(`${house.url}/api/v1/me/shipment-views/Sunk`, { data: saved });
    expect(answer.status()).toBe(200);
    await next.page.goto(`${house.url}/shipments`);
    await next.page.getByRole('button', { name: 'Views', exact: true }).click();
    await next.page.getByRole('link', { name: 'By arrival' }).waitFor();
    expect(await faultsOf(next.page, 'views')).toEqual([]);
    await next.page.getByRole('link', { name: 'By arrival' }).click();
    await next.page.waitForURL((url) => url.searchParams.get('sort') === 'arrives');
    await next.page.getByRole('link', { name: 'SHP-1' }).first().waitFor();
    await next.page.getByRole('button', { name: 'By arrival', exact: true }).press('Enter');
    await next.page.getByRole('link', { name: 'Sunk' }).press('Enter');
    await next.page.getByText(/^The view Sunk asks for .*site:atlantis as origin/).waitFor();
    await next.page.getByText('No shipment matches').waitFor();
    await next.page.getByRole('button', { name: 'Sunk', exact: true }).click();
    await next.page.getByRole('button', { name: 'Remove the view Sunk' }).click();
    await next.page.getByText(/^The view Sunk asks for/).waitFor({ state: 'detached' });
    await next.context.close();
  });

  test('the page of a shipment says where it stood, how long, and where it stands', async () => {
    const { context, page } = await signedIn('logistics', { viewport: { width: 390, height: 844 } });
    const stops = [
      {
        place: { id: 'site:lyon', name: 'Lyon', zone: 'Europe/Paris' },
        ...{ from: '2026-02-01T08:00:00Z', to: '2026-02-01T10:30:00Z', minutes: 150, usual: null },
      },
      {
        place: { id: 'site:porto', name: 'Porto', zone: 'Europe/Lisbon' },
        ...{ from: '2026-02-01T20:00:00Z', to: null, minutes: null, usual: null },
      },
    ];
    await page.route('**/api/v1/shipments/SHP-1', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), stops } });
    });
    await page.goto(`${house.url}/shipments/SHP-1`);
    const line = page.getByRole('list', { name: 'Where it stood' });
    await line.getByText('came 1 Feb, 09:00 CET, left 1 Feb, 11:30 CET, stood 2 h 30 min').waitFor();
    await line.getByText('came 1 Feb, 20:00 WET', { exact: true }).waitFor();
    expect(await faultsOf(page, 'shipment')).toEqual([]);
    await context.close();
  });

  test('a customer opens a link on a phone, without an account; withdrawn, it is gone from the open page within seconds', async () => {
    const { context, page } = await signedIn('logistics');
    await page.goto(`${house.url}/shipments/SHP-1`);
    await page.getByRole('button', { name: 'Make a link' }).click();
    await page.getByLabel('Whom it is for').fill('Apotheke am Markt');
    await page.getByLabel(/^report with its ledger proof/).check();
    await page.getByRole('button', { name: 'Make a link' }).click();
    const shown = page.locator('code', { hasText: '/shared/' });
    await shown.waitFor();
    const link = (await shown.textContent()) ?? '';
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByText('Not seen yet.').waitFor();

    const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'en-GB' });
    const customer = await phone.newPage();
    const answer = await customer.goto(link);
    expect(answer?.headers()).toMatchObject({
      ...{ 'x-robots-tag': expect.stringContaining('noindex'), 'referrer-policy': 'no-referrer' },
      'cache-control': 'no-store',
    });
    await customer.getByRole('heading', { name: 'Shipment SHP-1' }).waitFor();
    await customer.getByText('4.0 °C').first().waitFor();
    await customer.locator('.uplot canvas').waitFor();
    await customer.getByText('Serials (2)').click();
    await customer.getByRole('cell', { name: '80614141123458' }).first().waitFor();
    await expect.poll(() => customer.getByText(/logger-7|logistics/).count()).toBe(0);
    expect(await faultsOf(customer, 'shared')).toEqual([]);
    await page.reload();
    await page.getByText(/^Made by logistics.*Seen once/).waitFor();

    // A German browser set up for the United States reads German and °F, until this device was told otherwise.
    const german = await browser.newContext({
      ...{ viewport: { width: 390, height: 844 }, locale: 'de-US', timezoneId: 'America/Chicago' },
    });
    const other = await german.newPage();
    await other.route(/\/api\/v1\/shared\/[^/]+$/, async (route) => {
      const response = await route.fetch();
      const view = await response.json();
      await route.fulfill({ response, json: { ...view, condition: { ...view.condition, received: 4.5 } } });
    });
    await other.goto(link);
    await other.getByRole('heading', { name: 'Sendung SHP-1' }).waitFor();
    await other.locator('html[lang=de]').waitFor({ state: 'attached' });
    await other.getByText('39,2 °F korrigiert', { exact: true }).waitFor();
    await other.getByText('35,6 bis 46,4 °F', { exact: true }).waitFor();
    await other.getByTitle(/^wie eingetragen korrigiert; der Logger sandte 40,1\s°F$/).waitFor();
    expect(await other.getByRole('link', { name: 'Bericht (PDF)' }).getAttribute('href')).toMatch(/\?language=de$/);
    await other.getByText('°C', { exact: true }).click();
    await other.getByText('4,0 °C korrigiert', { exact: true }).waitFor();
    await other.reload();
    await other.getByText('4,0 °C korrigiert', { exact: true }).waitFor();
    expect(await faultsOf(other, 'shared, in German')).toEqual([]);
    await german.close();

    await page.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText('Apotheke am Markt sees nothing any more?').waitFor();
    await page.getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText(/^withdrawn/).waitFor();
    await customer.getByRole('heading', { name: 'This link leads nowhere' }).waitFor();
    expect(await faultsOf(customer, 'shared, withdrawn')).toEqual([]);
    await phone.close();
    await context.close();
  });

  test('a screen is explained in place by keyboard, never again once it was put away, and leads to its page of the help', async () => {
    const { context, page } = await signedIn('operations');
    await page.goto(`${house.url}/rules`);
    const explain = page.getByRole('button', { name: 'Explain this screen' });
    await explain.press('Enter');
    await page.getByText('What counts as an excursion.').waitFor();
    const isKept = page.waitForResponse((one) => one.request().method() === 'PUT');
    await page.getByRole('button', { name: 'Understood, do not offer again' }).press('Enter');
    await isKept;
    await explain.waitFor({ state: 'detached' });
    await page.goto(`${house.url}/devices`);
    await explain.waitFor();
    await page.goto(`${house.url}/rules`);
    await page.getByRole('heading', { name: 'Rules', level: 1 }).waitFor();
    await expect.poll(() => explain.count()).toBe(0);
    const help = page.getByRole('link', { name: 'Help', exact: true });
    await expect.poll(() => help.getAttribute('href')).toBe('/help/rules');
    await page.goto(`${house.url}/help/rules`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.getByRole('searchbox').fill('second factor');
    await page.getByRole('button', { name: 'Search' }).click();
    await page
      .getByRole('link', { name: /second factor/i })
      .first()
      .click();
    await page.waitForURL('**/help/people#*');
    expect(await faultsOf(page, 'help')).toEqual([]);
    await context.close();
  });

  test('a value that nobody knows leaves a whole page', async () => {
    await house.database.query(
      `INSERT INTO page_settings (user_id, settings)
       SELECT id, '{"temperature":"K","zone":"Mars/Olympus","clock":"own","language":"tlh","start":"//evil.example"}' FROM users WHERE name = 'quality'`,
    );
    const { context, page } = await signedIn('quality');
    await page.goto(`${house.url}/devices`);
    await page.getByText('4.0 °C').first().waitFor();
    await page.goto(house.url);
    await page.waitForURL('**/alerts');
    await context.close();
  });
});
