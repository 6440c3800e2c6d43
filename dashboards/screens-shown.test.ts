import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { excursionsOf, type Lot, PASSWORD } from './server/testing/excursions.ts';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, faultsOf, openBrowser, PATIENCE_MS, startHouse } from './testing/browser.ts';

/** With ISOTHERM_TEST_PICTURES=1 the pictures of docs/ are taken anew. */
const PICTURES = join(import.meta.dirname, '../docs/screens');
const ROUTING = `people:
  anna: { zone: Europe/Berlin, notify: { critical: [duty-phone], warning: [duty-phone] } }
  ben: { zone: Europe/Berlin, notify: { critical: [duty-phone] } }
schedules:
  duty: { zone: Europe/Berlin, people: [anna, ben], start: "2026-11-02", days: 7, handOver: "08:00" }
route:
  name: all
  to: [{ schedule: duty }]
  escalation:
    - { after: 15m, to: [{ person: anna }, { person: ben }] }
  repeat: 1h
`;

/** What docs/cases.md and docs/routing.md show: each is there, fits the window, and has no serious fault of access. */
describe.skipIf(chromiumPath === null)('the screens that the documents show', () => {
  let house: Installation;
  let browser: Browser;
  let page: Page;
  let lot: Lot;

  beforeAll(async () => {
    house = await startHouse();
    const scene = excursionsOf(house);
    lot = await scene.excursion({ count: 40, also: '812399' });
    await scene.excursion({ count: 12 });
    await house.ask('admin', 'PUT', '/channels/duty-phone', { url: 'http://127.0.0.1:9/hook' });
    const saved = await house.ask('operations', 'PUT', '/routing', { text: ROUTING, reason: 'by turns, week by week' });
    expect(saved.status).toBe(200);
    await house.accounts.users.create({ name: 'anna', role: 'admin', password: PASSWORD });
    browser = await openBrowser();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, colorScheme: 'light' });
    context.setDefaultTimeout(PATIENCE_MS);
    page = await context.newPage();
    await page.request.post(`${house.url}/api/v1/session`, { data: { username: 'anna', password: PASSWORD } });
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  test.each([
    ['cases', () => '/cases', () => page.getByRole('link', { name: new RegExp(lot.id) })],
    ['case', () => `/cases/${lot.id}`, () => page.locator('.uplot canvas')],
    ['routing', () => '/admin/routing', () => page.getByText('by turns, week by week')],
    ['statistics', () => '/admin/statistics', () => page.getByRole('link', { name: 'too-warm' })],
  ])('%s', async (name, path, whole) => {
    await page.goto(house.url + path());
    await whole().first().waitFor();
    if (name === 'routing') {
      await page.getByRole('button', { name: 'Show who is told' }).click();
      await page
        .getByText('the schedule duty')
        .or(page.getByText(/on call, duty/))
        .first()
        .waitFor();
    }
    if (process.env.ISOTHERM_TEST_PICTURES === '1') {
      await page.evaluate('scrollTo(0, 0)');
      mkdirSync(PICTURES, { recursive: true });
      await page.screenshot({ path: join(PICTURES, `${name}.png`), animations: 'disabled' });
    }
    expect(await faultsOf(page, name)).toEqual([]);
  });
});
