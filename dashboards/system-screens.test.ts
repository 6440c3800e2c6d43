import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, faultsOf, openBrowser, signIn, startHouse } from './testing/browser.ts';

const SAP = join(import.meta.dirname, '../docs/examples/erp/sap-s4');
const PICTURES = process.env.ISOTHERM_TEST_SHOTS;
const read = (name: string) => readFileSync(join(SAP, name), 'utf8');

/** The screen of ERP and WMS: a mapping is tried and kept, a refused file tried again. */
describe.skipIf(chromiumPath === null)('the screen of ERP and WMS', () => {
  let house: Installation;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    house = await startHouse();
    browser = await openBrowser();
    ({ page } = await signIn({ browser, house }, 'admin', { viewport: { width: 1280, height: 900 } }));
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  const shot = async (name: string) => {
    if (PICTURES === undefined) return;
    mkdirSync(PICTURES, { recursive: true });
    for (const width of [390, 1280, 2560]) {
      await page.setViewportSize({ width, height: 900 });
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: join(PICTURES, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      }
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  };

  test('a mapping is tried, kept and used, and a refused file is tried again', async () => {
    await page.goto(`${house.url}/admin/systems`);
    await page.getByText('No systems yet', { exact: true }).waitFor();
    await shot('empty');
    await page.getByRole('button', { name: 'Add a system', exact: true }).click();
    await page.getByLabel('Short name').fill('sap');
    await page.getByLabel('Mapping file').fill('name: SAP\nin:\n  - id: x\n    makes: "{"\n');
    await page.getByLabel('A file to try it with').fill(read('delivery.xml'));
    await page.getByRole('button', { name: 'Try it', exact: true }).click();
    await page.getByText(/mapping:4: in\[0\]\.makes/).waitFor();
    await page.getByLabel('Mapping file').fill(read('system.yaml'));
    await page.getByRole('button', { name: 'Try it', exact: true }).click();
    await page.getByText('One document would be taken.', { exact: true }).waitFor();
    await shot('tried');
    await page.getByRole('button', { name: 'Save mapping', exact: true }).click();
    await page.getByRole('button', { name: 'Files of sap', exact: true }).waitFor();
    const bring = (name: string, content: string) =>
      page.request.post(`${house.url}/api/v1/erp/systems/sap/files?name=${name}`, {
        data: content,
        headers: { 'content-type': 'application/octet-stream', origin: house.url },
      });
    await bring('80004711.xml', read('delivery.xml'));
    await bring('broken.xml', read('delivery.xml').slice(0, 900));
    await page.reload();
    await page.getByText('refused, nothing of it was taken', { exact: false }).waitFor();
    await page.getByRole('link', { name: 'Delivery 80004711', exact: true }).waitFor();
    await shot('files');
    for (const width of [390, 1280, 2560]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await faultsOf(page, `${width} px`)).toEqual([]);
    }
    await page.getByRole('button', { name: 'Try again: broken.xml', exact: true }).click();
    await page.getByText(/is kept and was refused/).waitFor();
  }, 180_000);
});
