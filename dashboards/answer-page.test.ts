import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, faultsOf, openBrowser, PATIENCE_MS, startHouse } from './testing/browser.ts';

describe.skipIf(chromiumPath === null)('what a partner answers on by a link', () => {
  let house: Installation;
  let browser: Browser;
  let path: string;

  beforeAll(async () => {
    house = await startHouse();
    await house.ask('admin', 'PUT', '/partners/whole', { name: 'Wholesale GmbH', sends: ['answers'] });
    const opened = await house.ask('logistics', 'POST', '/exceptions', {
      ...{ kind: 'shortage', partner: 'whole', title: 'Two packs short on SHP-1', text: 'We counted 58 of 60.' },
      ...{ shipment: 'SHP-1', epcs: ['urn:epc:id:sgtin:0614141.812345.100000', 'urn:epc:id:sscc:0614141.1234567890'] },
    });
    expect(opened).toMatchObject({ status: 201, body: { id: 'E-000001' } });
    const endsAt = new Date(Date.now() + 7 * 86_400_000).toISOString();
    const link = { recipient: 'Ann, Wholesale', endsAt };
    path = String(
      ((await house.ask('logistics', 'POST', '/exceptions/E-000001/links', link)).body as { path: string }).path,
    );
    browser = await openBrowser();
  }, 600_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  test('is in the language of the browser, names packs as they are printed, and says when it is over', async () => {
    const context = await browser.newContext({ locale: 'de-DE', viewport: { width: 390, height: 850 } });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await page.goto(house.url + path);
    await page.getByRole('heading', { name: 'Was beide Seiten sagten' }).waitFor();
    await page.locator('html[lang=de]').waitFor({ state: 'attached' });
    await page.getByText('zu wenig', { exact: true }).waitFor();
    await page.getByText('GTIN 80614141123458, Seriennummer 100000').waitFor();
    await page.getByText('(00) 106141412345678908').waitFor();
    expect(await faultsOf(page, 'a link to an exception')).toEqual([]);
    await page.getByLabel('Ihr Name').fill('Anna');
    await page.getByLabel('Text', { exact: true }).fill('Mit dem LKW um neun.');
    await page.getByLabel('Was es bedeutet').selectOption('confirmed');
    await page.getByRole('button', { name: 'Antworten', exact: true }).click();
    await page.getByText('Gesendet.').waitFor();
    await page.getByRole('listitem').filter({ hasText: 'Mit dem LKW um neun.' }).getByText('bestätigt').waitFor();
    // What was sent is not sent again by a second press.
    await expect.poll(() => page.getByLabel('Text', { exact: true }).inputValue()).toBe('');
    await expect.poll(() => page.getByLabel('Was es bedeutet').inputValue()).toBe('');
    await house.ask('logistics', 'POST', '/exceptions/E-000001/entries', { text: 'Danke.', answer: 'settled' });
    await page.getByText('Das ist abgeschlossen').waitFor();
    await page.goto(`${house.url}/answer/nobody-made-this-link`);
    await page.getByRole('heading', { name: 'Dieser Link führt nirgendwohin' }).waitFor();
    await context.close();
  });

  test('needs no account, and ends for who has it open: when it is withdrawn, and when its time is over', async () => {
    const { body: other } = await house.ask('logistics', 'POST', '/exceptions', {
      ...{ kind: 'damage', partner: 'whole', title: 'One carton wet on SHP-2', text: 'The corner is wet.' },
    });
    const { id } = other as { id: string };
    const endsAt = new Date(Date.now() + 7 * 86_400_000).toISOString();
    const linked = async () => {
      const { body } = await house.ask('logistics', 'POST', `/exceptions/${id}/links`, { recipient: 'Ben', endsAt });
      return body as { id: number; path: string };
    };
    const [withdrawn, over] = [await linked(), await linked()];
    const context = await browser.newContext({ locale: 'en-GB' });
    context.setDefaultTimeout(PATIENCE_MS);
    const pages = await Promise.all(
      [withdrawn, over].map(async ({ path: address }) => {
        const page = await context.newPage();
        await page.goto(house.url + address);
        await page.getByRole('heading', { name: `${id} One carton wet on SHP-2`, exact: true }).waitFor();
        return page;
      }),
    );
    // Nobody signed in, and the link opens nothing else.
    expect(await context.cookies()).toEqual([]);
    expect((await context.request.get(`${house.url}/api/v1/exceptions/${id}`)).status()).toBe(401);
    expect((await house.ask('logistics', 'DELETE', `/exceptions/${id}/links/${withdrawn.id}`)).status).toBe(204);
    // Its days are over.
    await house.database.query('UPDATE exception_links SET ends_at = now() WHERE id = $1', [over.id]);
    for (const page of pages)
      await page.getByRole('heading', { name: 'This link leads nowhere', exact: true }).waitFor();
    for (const { path: address } of [withdrawn, over]) {
      const said = { data: { author: 'Ben', text: 'too late' } };
      expect((await context.request.post(`${house.url}/api/v1${address}/entries`, said)).status()).toBe(404);
    }
    const { body } = await house.ask('logistics', 'GET', `/exceptions/${id}`);
    expect((body as { thread: unknown[] }).thread).toHaveLength(1);
    await context.close();
  });
});
