import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger, systemTime } from '../domain/index.ts';
import { AuditSequencer } from '../storage/index.ts';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, openBrowser, signIn, startHouse } from './testing/browser.ts';

describe.skipIf(chromiumPath === null)('the review of the audit trail in a browser', () => {
  let house: Installation;
  let browser: Browser;
  let sequencer: AuditSequencer;

  beforeAll(async () => {
    house = await startHouse();
    sequencer = new AuditSequencer({ database: house.database, time: systemTime, logger: silentLogger });
    await house.ask('admin', 'POST', '/tokens', { name: 'erp', role: 'logistics' });
    browser = await openBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  async function open(role: string): Promise<Page> {
    const { page } = await signIn({ browser, house }, role, { viewport: { width: 1280, height: 900 } });
    await sequencer.placeAll();
    await page.goto(`${house.url}/admin/audit-review`);
    await page.getByRole('heading', { name: 'Audit review', level: 1 }).waitFor();
    return page;
  }

  async function sign(page: Page, name: string, password = 'demo'): Promise<void> {
    await page.getByLabel('What you found').fill('nothing out of the ordinary');
    await page.getByLabel('Your user name').fill(name);
    await page.getByLabel('Your password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign', exact: true }).dblclick();
  }

  test('the risky entries are shown first, a wrong password is said, and two clicks sign once', async () => {
    const page = await open('quality');
    await page.getByText('token.create').first().waitFor();
    await page.getByText('session.open').waitFor({ state: 'detached' });
    await sign(page, 'quality', 'wrong');
    await page.getByText('name or password is wrong').waitFor();
    await sign(page, 'quality');
    await page.getByText('Signed by quality (quality)').waitFor();
    const { rows } = await house.database.query<{ reviews: number }>('SELECT count(*) AS reviews FROM audit_reviews');
    expect(rows).toEqual([{ reviews: 1 }]);
    await page.context().close();
  });

  test('who signs what somebody else has just reviewed is told so, and nothing is signed', async () => {
    await house.ask('admin', 'POST', '/tokens', { name: 'mes', role: 'logistics' });
    const [first, second] = [await open('quality'), await open('admin')];
    await sign(first, 'quality');
    await first.getByText('Signed by quality (quality)').nth(1).waitFor();
    await sign(second, 'admin');
    await second.getByText('the audit trail was reviewed up to place').waitFor();
    await Promise.all([first.context().close(), second.context().close()]);
  });
});
