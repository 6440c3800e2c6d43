import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PASSWORD } from './server/testing/excursions.ts';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, faultsOf, openBrowser, PATIENCE_MS, startHouse } from './testing/browser.ts';

describe.skipIf(chromiumPath === null)('subscriptions that ended, on the page of health', () => {
  let house: Installation;
  let browser: Browser;

  beforeAll(async () => {
    house = await startHouse();
    for (const [name, role] of [
      ['ada', 'admin'],
      ['otto', 'operations'],
    ] as const) {
      await house.accounts.users.create({ name, role, password: PASSWORD });
    }
    await house.database.query(
      "INSERT INTO epcis_queries (name, query, created_at, created_by) VALUES ('what left', '{}', 0, 'erp')",
    );
    const because = 'given up after 432 attempts: https://partner.example.com answered 503 Service Unavailable';
    for (const id of ['s-1', 's-2']) {
      await house.database.query(
        `INSERT INTO epcis_subscriptions (id, query, dest, report_if_empty, initial_record_time, created_at, created_by, actor,
           arrival, batch, next_at, ended_at, ended_because, last_notified_at)
         VALUES ($1, 'what left', 'https://partner.example.com/epcis/hook?key=secret', false, 0, 0, 'erp', 'token:1', 0, 100, 0,
           $2, $3, $4)`,
        [id, Date.now() - 3_600_000, because, id === 's-1' ? Date.now() - 4 * 86_400_000 : null],
      );
    }
    browser = await openBrowser();
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  async function opened(username: string) {
    const context = await browser.newContext({ viewport: { width: 390, height: 900 }, colorScheme: 'light' });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await page.request.post(`${house.url}/api/v1/session`, { data: { username, password: PASSWORD } });
    await page.goto(`${house.url}/admin/health`);
    await page.getByRole('heading', { name: 'Partners that are told no more', exact: true }).waitFor();
    return page;
  }

  test('say who is told no more, of what, since when and why; who may not subscribe may do without', async () => {
    const page = await opened('otto');
    const rows = page.getByRole('listitem').filter({ hasText: 'partner.example.com' });
    await rows.first().waitFor();
    await expect.poll(() => rows.count()).toBe(2);
    const text = await rows.first().innerText();
    for (const part of ['what left', 'given up after 432 attempts', 'Subscribed by erp.']) expect(text).toContain(part);
    expect(text).not.toContain('secret');
    expect(await page.getByRole('button', { name: 'Subscribe again', exact: true }).count()).toBe(0);
    expect(await faultsOf(page, 'health at 390 px')).toEqual([]);
    await rows.first().getByRole('button', { name: 'Discard', exact: true }).press('Enter');
    await page.getByLabel('Why it is not needed').fill('they have another system now');
    await page.getByRole('button', { name: 'Discard it', exact: true }).press('Enter');
    await expect.poll(() => rows.count(), { timeout: PATIENCE_MS }).toBe(1);
  });

  test('go on where somebody who may subscribe says so', async () => {
    const page = await opened('ada');
    await page.getByRole('button', { name: 'Subscribe again', exact: true }).press('Enter');
    await page.getByText('None: every subscription to EPCIS events is told, or is still tried').waitFor();
    const { rows } = await house.database.query('SELECT created_by, ended_at FROM epcis_subscriptions');
    expect(rows).toEqual([{ created_by: 'ada', ended_at: null }]);
  });
});
