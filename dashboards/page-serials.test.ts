import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemTime } from '../domain/index.ts';
import { HOUR, iso, NOW } from './server/testing/excursions.ts';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, faultsOf, openBrowser, PATIENCE_MS, signIn, startHouse } from './testing/browser.ts';

const SHIPMENT = 'SHP-MANY';
const UNITS = ['urn:epc:id:sscc:0614141.1930000001', 'urn:epc:id:sscc:0614141.1930000002'] as const;
const IN_EACH = 500;
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;
const RECALLED = 20_321;

describe.skipIf(chromiumPath === null)('the serials of a shipment on its page', () => {
  let house: Installation;
  let browser: Browser;

  beforeAll(async () => {
    house = await startHouse();
    await house.ask('logistics', 'POST', '/shipments', {
      ...{ id: SHIPMENT, profile: '2-8C', origin: 'site:berlin', destination: 'site:lisbon' },
      ...{ departs: iso(NOW - HOUR), arrives: iso(NOW + HOUR) },
      products: [{ gtin: '80614141123458', name: 'Examplumab', lot: 'A17', expiry: '2030-06-30' }],
      units: UNITS.map((sscc, n) => ({
        ...{ sscc, devices: [], from: iso(NOW - HOUR) },
        children: Array.from({ length: IN_EACH }, (_, k) => sgtin(10_000 * (n + 1) + k)),
      })),
    });
    const statusOf = async () => (await house.ask('dock', 'GET', `/shipments/${SHIPMENT}`)).status;
    while ((await statusOf()) !== 200) await systemTime.sleep('test: applied', 50);
    const captured = await house.capture({
      ...{ type: 'ObjectEvent', eventTime: iso(NOW - HOUR), eventTimeZoneOffset: '+00:00', action: 'OBSERVE' },
      ...{ bizStep: 'holding', disposition: 'recalled', epcList: [sgtin(RECALLED)] },
    });
    expect(captured).toBe(201);
    browser = await openBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  async function opened(width = 1280) {
    const { context, page } = await signIn({ browser, house }, 'logistics', { viewport: { width, height: 900 } });
    await page.goto(`${house.url}/shipments/${SHIPMENT}`);
    await page.getByRole('heading', { name: 'Serials 1,000', exact: true }).scrollIntoViewIfNeeded();
    const list = page.getByRole('treegrid', { name: `Serials of ${SHIPMENT}`, exact: true });
    await list.waitFor();
    return { context, page, list };
  }

  test('they stand by unit and lot, what must not move on first with its reason, and a scan finds one of a thousand', async () => {
    const { context, page, list } = await opened();
    const groups = list.getByRole('button', { name: '500 serials', exact: true });
    await expect.poll(() => groups.count()).toBe(2);
    const first = list.getByRole('row').nth(1);
    await first.getByText('1 of 500 must not move on: recalled', { exact: true }).waitFor();
    await first.locator('svg.mark-excursion').waitFor();
    await page
      .getByRole('searchbox', { name: 'Search these serials', exact: true })
      .fill(`(01)80614141123458(21)10042`);
    await page.getByText('1 serial of 1,000', { exact: true }).waitFor();
    await list.getByRole('link', { name: '10042', exact: true }).waitFor();
    await expect.poll(() => list.getByRole('row').count()).toBe(2);
    await page.getByRole('searchbox', { name: 'Search these serials', exact: true }).fill('no such thing');
    await page.getByText('No serial fits what is looked for.', { exact: true }).waitFor();
    await page.getByRole('searchbox', { name: 'Search these serials', exact: true }).fill('');
    await page.getByRole('checkbox', { name: 'Only those that must not move on 1', exact: true }).check();
    await list.getByRole('link', { name: String(RECALLED), exact: true }).waitFor();
    await expect.poll(() => list.getByRole('row').count()).toBe(2);
    await context.close();
  }, 240_000);

  test('only rows in view are there, and every one is reached by keys, to the page of the serial', async () => {
    const { context, page, list } = await opened();
    await list.getByRole('row').nth(1).focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => list.getAttribute('aria-rowcount')).toBe('503');
    await page.keyboard.press('End');
    const focused = () => page.evaluate<string>('document.activeElement.getAttribute("aria-rowindex")');
    await expect.poll(focused).toBe('503');
    await page.keyboard.press('ArrowUp');
    await expect.poll(focused).toBe('502');
    await page.keyboard.press('PageUp');
    await expect.poll(focused).toBe('492');
    await expect.poll(() => list.getByRole('row').count()).toBeLessThan(60);
    // Back to the group, which closes.
    await page.keyboard.press('ArrowLeft');
    await expect.poll(focused).toBe('2');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => list.getAttribute('aria-rowcount')).toBe('3');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await expect.poll(focused).toBe('3');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: String(RECALLED), exact: true, level: 1 }).waitFor();
    await context.close();
  }, 240_000);

  test('axe finds nothing serious on a desk and on a phone, and nothing is wider than the screen', async () => {
    for (const width of [1280, 390]) {
      const { context, page, list } = await opened(width);
      await list.getByRole('button', { name: '500 serials', exact: true }).first().click();
      await list.getByRole('link', { name: String(RECALLED), exact: true }).waitFor({ timeout: PATIENCE_MS });
      expect(await faultsOf(page, `shipment at ${width} px`)).toEqual([]);
      await context.close();
    }
  }, 240_000);

  // Taken for lower than it is, a row that came in from above threw who scrolled up back: half of the way was lost.
  test('of two hundred shipments those not drawn are taken for as high as those that are, and all are printed', async () => {
    const { context, page } = await signIn({ browser, house }, 'logistics', { viewport: { width: 1280, height: 850 } });
    const COUNT = 200;
    await page.route('**/api/v1/shipments?*', async (route) => {
      const response = await route.fetch();
      const list = await response.json();
      const origin = { ...list.items[0].origin, name: 'A warehouse whose name takes some lines of the list' };
      const items = Array.from({ length: COUNT }, (_, n) => ({ ...list.items[0], origin, id: `SHP-${n}` }));
      await route.fulfill({ response, json: { ...list, items, nextCursor: null } });
    });
    await page.goto(`${house.url}/shipments?show=all`);
    const table = page.getByRole('table');
    const rows = page.locator('tr[data-index]');
    await rows.first().waitFor();
    expect(await table.getAttribute('aria-rowcount')).toBe(String(COUNT + 1));
    await expect.poll(() => rows.count()).toBeLessThan(50);
    const perRow = async () => {
      const [whole, one] = [await page.locator('tbody').boundingBox(), await rows.nth(1).boundingBox()];
      return (whole?.height ?? 0) / COUNT / (one?.height ?? 1);
    };
    await expect.poll(perRow).toBeCloseTo(1, 1);
    // The browser prints what is there when the event is over.
    const drawn = "dispatchEvent(new Event('beforeprint')), document.querySelectorAll('tr[data-index]').length";
    expect(await page.evaluate(drawn)).toBe(COUNT);
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    await expect.poll(() => rows.count()).toBeLessThan(50);
    await context.close();
  }, 120_000);
});
