import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, openBrowser, PATIENCE_MS, startHouse } from './testing/browser.ts';

describe.skipIf(chromiumPath === null)('a fresh installation in a browser', () => {
  let house: Installation;
  let browser: Browser;

  beforeAll(async () => {
    house = await startHouse({ isFresh: true, isReachable: true });
    browser = await openBrowser();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  test('asks for the code, makes the first admin, and fills its registers; each step is kept', async () => {
    const code = house.accounts.firstAdmin.newCode();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    const press = (name: string) => page.getByRole('button', { name, exact: true }).press('Enter');
    // Whatever was opened, set-up comes first.
    await page.goto(`${house.url}/alerts`);
    await page.getByRole('heading', { name: 'Set up Isotherm', level: 1 }).waitFor();
    await page.getByLabel('One-time code').fill('K7QF-WRONG');
    await page.getByLabel('Your name').fill('ada');
    await page.getByLabel('Password', { exact: true }).fill('password1');
    await press('Become the first administrator');
    await page.getByRole('alert').filter({ hasText: 'not the code' }).waitFor();
    await page.getByLabel('One-time code').fill(code.toLowerCase());
    await press('Become the first administrator');
    await page.getByRole('alert').filter({ hasText: 'commonest of leaked passwords' }).waitFor();
    await page.getByLabel('Password', { exact: true }).fill('a few odd words');
    await press('Become the first administrator');
    await page.getByRole('heading', { name: 'Set-up', level: 1 }).waitFor();
    await page.getByText('0 of 7 steps done or not needed').waitFor();

    await page.goto(`${house.url}/admin/organisation`);
    await page.getByLabel('Name').fill('Nordwind Pharma');
    await page.getByLabel('GLN').fill('4012345000008');
    await page.getByLabel('Time zone').fill('Europe/Berlin');
    await press('Save');
    await page.getByText('expected a GLN').waitFor();
    await page.getByLabel('GLN').fill('4012345000009');
    await press('Save');
    await page.getByText('Saved.').waitFor();

    await page.goto(`${house.url}/admin/places`);
    await page.getByLabel('Name', { exact: true }).fill('Lager München');
    await press('Add place');
    await page.getByRole('cell', { name: 'Lager München site:lager-munchen' }).waitFor();
    await page.getByLabel('Kind').selectOption('room');
    await page.getByLabel('Name', { exact: true }).fill('Cold room 1');
    await press('Add place');
    await page.getByRole('cell', { name: 'Cold room 1 room:lager-munchen/cold-room-1' }).waitFor();
    // A new one never takes the place of one that is there.
    await page.getByLabel('Name', { exact: true }).fill('Another room');
    await page.getByLabel('Short name').fill('lager-munchen/cold-room-1');
    await press('Add place');
    await page.getByText('room:lager-munchen/cold-room-1 is there already').waitFor();

    await page.goto(`${house.url}/admin/portals`);
    await page.getByLabel('Name', { exact: true }).fill('Dock 1');
    await page.getByLabel('Reader', { exact: true }).fill('reader-1');
    await press('Add portal');
    await page.getByRole('cell', { name: 'Dock 1 dock-1' }).waitFor();
    await page.getByText('Saved.').waitFor();
    await expect.poll(() => page.getByLabel('Short name').inputValue()).toBe('');
    await expect.poll(() => page.getByLabel('Reader', { exact: true }).inputValue()).toBe('');
    await page.getByLabel('Name', { exact: true }).fill('Dock 1');
    await page.getByLabel('Reader', { exact: true }).fill('reader-2');
    await press('Add portal');
    await page.getByText('dock-1 is there already').waitFor();

    await page.goto(`${house.url}/admin/products`);
    const csv = 'GTIN;Name;Profile\r\n80614141123458;Examplumab 40 mg;2-8C\r\n';
    await page.getByLabel('Choose a CSV file').setInputFiles({
      ...{ name: 'products.csv', mimeType: 'text/csv', buffer: Buffer.from(`\ufeff${csv}`) },
    });
    await press('Take 1 product');
    await page.getByText('1 product was taken.').waitFor();
    await page.getByRole('cell', { name: 'Examplumab 40 mg 80614141123458' }).waitFor();
    await page.getByLabel('GTIN').fill('80614141123458');
    await page.getByLabel('Name', { exact: true }).fill('Another name');
    await press('Add product');
    await page.getByText('A product with this GTIN is there already').waitFor();

    await page.goto(`${house.url}/admin/setup`);
    await page.getByText('4 of 7 steps done or not needed').waitFor();
    await press('Notifications: not needed here');
    await page.getByText('5 of 7 steps done or not needed').waitFor();
    const { body } = await house.ask('admin', 'GET', '/places');
    expect(body).toMatchObject({
      items: [
        {
          id: 'room:lager-munchen/cold-room-1',
          name: 'Cold room 1',
          parent: 'site:lager-munchen',
          zone: 'Europe/Berlin',
        },
        {},
      ],
    });
    expect((await house.ask('admin', 'GET', '/portals/dock-1')).body).toMatchObject({
      antennas: [{ reader: 'reader-1' }],
    });
    expect((await house.ask('admin', 'GET', '/products/80614141123458')).body).toMatchObject({
      name: 'Examplumab 40 mg',
    });
    await context.close();
  }, 180_000);
});
