import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, openBrowser, type PageOptions, seriousFaults, signIn, startHouse } from './testing/browser.ts';

/*
 * A tab from before an upgrade, in which a part of a screen is opened whose file the new version does not have: "This screen could not be
 * shown" stood in place of the whole screen, with what had been typed there.
 */

const HOUR = 3_600_000;
const THE_MAP = 'Map of shipments under way: sites, lanes and loggers';

describe.skipIf(chromiumPath === null)('a part of a screen whose file is gone', () => {
  let house: Installation;
  let browser: Browser;

  beforeAll(async () => {
    house = await startHouse();
    for (const [id, zone] of [
      ['site:berlin', 'Europe/Berlin'],
      ['site:lisbon', 'Europe/Lisbon'],
    ] as const)
      await house.tell({ type: 'place', place: { id, kind: 'site', name: id, parent: null, zone }, by: 'test' });
    const asked = await house.ask('logistics', 'POST', '/shipments', {
      ...{ id: 'SHP-1', profile: '2-8C', origin: 'site:berlin', destination: 'site:lisbon' },
      departs: new Date(Date.now() - 4 * HOUR).toISOString(),
      arrives: new Date(Date.now() + 20 * HOUR).toISOString(),
      units: [
        {
          ...{ sscc: 'urn:epc:id:sscc:0614141.1234567890', devices: ['logger-7'] },
          ...{
            children: ['urn:epc:id:sgtin:0614141.812345.1001'],
            from: new Date(Date.now() - 5 * HOUR).toISOString(),
          },
        },
      ],
      products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2027-06-30' }],
    });
    expect(asked.status, JSON.stringify(asked)).toBe(201);
    browser = await openBrowser();
  });

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  /** @param isGone whether the map's file is, given how often the page has been loaded */
  async function tab(isGone: (loads: number) => boolean, options: PageOptions = {}) {
    const { context, page } = await signIn({ browser, house }, 'logistics', options);
    const seen = { loads: 0 };
    page.on('domcontentloaded', () => {
      seen.loads += 1;
    });
    await page.route(/assets\/ShipmentMap-.*\.js/, (route) =>
      isGone(seen.loads) ? route.fulfill({ status: 404 }) : route.continue(),
    );
    return { context, page, seen };
  }

  const map = (page: Page) => page.getByRole('region', { name: THE_MAP });

  test('where nothing has been typed the page loads itself again, once, and the part is there', async () => {
    const { context, page, seen } = await tab((loads) => loads < 2);
    await page.goto(`${house.url}/shipments?view=map`);
    await map(page).waitFor();
    expect(seen.loads).toBe(2);
    await context.close();
  });

  test('where something has been typed it stays, and a person is asked', async () => {
    for (const [width, colorScheme] of [
      [390, 'light'],
      [1280, 'dark'],
    ] as const) {
      const { context, page, seen } = await tab((loads) => loads < 2, {
        viewport: { width, height: 850 },
        colorScheme,
      });
      await page.goto(`${house.url}/shipments`);
      const field = page.getByPlaceholder('Shipment, lot, serial…').first();
      await field.fill('half a word');
      await page.getByText('Map', { exact: true }).first().click();
      await page.getByText(/there is a new version of Isotherm/).waitFor();
      expect([await field.inputValue(), seen.loads]).toEqual(['half a word', 1]);
      await expect.poll(() => page.getByRole('heading', { level: 1 }).count()).toBe(1);
      expect(await seriousFaults(page)).toEqual([]);
      await page.getByRole('button', { name: 'Load again' }).click();
      await map(page).waitFor();
      expect(seen.loads).toBe(2);
      await context.close();
    }
  });

  test('one that never comes is not loaded for ever', async () => {
    const { context, page, seen } = await tab(() => true);
    await page.goto(`${house.url}/shipments?view=map`);
    await page.getByText(/This part could not be loaded/).waitFor();
    expect(seen.loads).toBe(2);
    await context.close();
  });
});
