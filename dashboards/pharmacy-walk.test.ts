import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, faultsOf, openBrowser, PATIENCE_MS, signIn, startHouse } from './testing/browser.ts';

const GTIN = '80614141123458';
const PHARMACY_MENU = ['Shipments', 'Verify', 'Exceptions', 'Cases'];
const code = (serial: string) => `(01)${GTIN}(21)${serial}(10)A17(17)310630`;

/** What docs/dispenser.md shows: what a pharmacy sees, and how it verifies what comes back. */
describe.skipIf(chromiumPath === null)('a pharmacy', () => {
  let house: Installation;
  let browser: Browser;
  let maker: Server;

  beforeAll(async () => {
    maker = createServer(({ url = '' }, response) => {
      const { pathname, searchParams } = new URL(url, 'http://maker');
      const isKnown = pathname.endsWith('/ser/1');
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({
          ...{ responderGLN: '0614141000012', corrUUID: searchParams.get('corrUUID') },
          verificationTimestamp: '2026-11-29T10:00:00.000Z',
          data: isKnown ? { verified: true } : { verified: false, verificationFailureReason: 'No_match_GTIN_Serial' },
        }),
      );
    });
    await new Promise<void>((resolve) => maker.listen(0, '127.0.0.1', resolve));
    house = await startHouse({ isPharmacy: true });
    const responder = `http://127.0.0.1:${(maker.address() as AddressInfo).port}/`;
    await house.ask('admin', 'PUT', '/organisation', { name: 'Corner Pharmacy', gln: '4012345000009', zone: 'UTC' });
    await house.ask('admin', 'PUT', '/verification-directory/0614141', { responder });
    browser = await openBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    maker?.close();
    await house?.stop();
  });

  test('sees what it has a use for, and asks makers about returns one by one and a delivery at once', async () => {
    const { context, page } = await signIn({ browser, house }, 'quality', { viewport: { width: 1280, height: 900 } });
    await page.goto(`${house.url}/returns`);
    const scan = page.getByLabel('Scan the code on the pack');
    await scan.waitFor();
    const shown = page.getByRole('navigation', { name: 'Main', exact: true }).getByRole('link');
    await expect.poll(() => shown.allInnerTexts(), { timeout: PATIENCE_MS }).toEqual(PHARMACY_MENU);
    await scan.fill(code('1'));
    await scan.press('Enter');
    await page.getByRole('heading', { name: 'May be sold again' }).waitFor();
    await scan.fill(code('2'));
    await scan.press('Enter');
    await page.getByRole('heading', { name: 'Set it apart' }).waitFor();
    expect(await faultsOf(page, 'returns')).toEqual([]);
    await page.getByRole('button', { name: 'Several at once' }).click();
    await page.getByLabel('Codes, one a line').fill([code('1'), code('3'), `(01)${GTIN}(21)4`].join('\n'));
    await page.getByLabel('Delivery they came with').fill('box 7');
    await page.getByRole('button', { name: 'Ask its maker' }).click();
    await page.getByText('2 of 3 asked').waitFor();
    await page.getByText('no lot (10) or no expiry (17)').first().waitFor();
    const { body } = await house.ask('quality', 'GET', '/returns?batch=box%207');
    expect(body).toMatchObject({ items: [{ outcome: 'not verified' }, { outcome: 'verified' }] });
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await faultsOf(page, 'returns on a phone')).toEqual([]);
    const set = await house.ask('admin', 'GET', '/setup');
    const steps = (set.body as { steps: { id: string; state: string }[] }).steps;
    const without = steps.filter(({ state }) => state === 'skipped').map(({ id }) => id);
    expect(without).toEqual(['portals', 'devices', 'channels']);
    await context.close();
  });

  test('decommissions packs by scan, reverts one, and brings what the national system answered by file', async () => {
    await house.ask('admin', 'PUT', '/places/site:corner', { name: 'Corner Pharmacy', zone: 'Europe/Paris' });
    await house.ask('admin', 'PUT', '/market-assignments/site:corner', {
      markets: [{ market: 'eu-fmd', from: '2019-02-09' }],
    });
    const { context, page } = await signIn({ browser, house }, 'dock', { viewport: { width: 1280, height: 900 } });
    await page.goto(`${house.url}/verify`);
    await page.getByRole('link', { name: 'Decommission', exact: true }).click();
    // The screen before it has a field of the same name, and stays until this one is drawn: a scan would be its.
    await page.getByRole('heading', { name: 'Decommission a pack', exact: true }).waitFor();
    const scan = page.getByLabel('Scan the code on the pack');
    await scan.waitFor();
    for (const serial of ['D1', 'D2', 'D3']) {
      await scan.fill(code(serial));
      await scan.press('Enter');
      await page.getByText(`Serial ${serial}, lot A17, expires 2031-06-30`, { exact: true }).waitFor();
    }
    // One bad pack costs itself.
    await page.getByRole('button', { name: 'Several at once', exact: true }).click();
    await page.getByLabel('Codes, one a line', { exact: true }).fill([code('M1'), 'x', code('M2')].join('\n'));
    await page.getByRole('button', { name: 'Decommission', exact: true }).click();
    await page.getByText('2 of 3 done', { exact: true }).waitFor();
    await page.getByText('1 was refused and stays above, to be mended:', { exact: true }).waitFor();
    await expect.poll(() => page.getByLabel(/^Codes, one a line/).inputValue()).toBe('x');
    const { SHOTS } = process.env;
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/decommission-many-${width}.png` });
      expect(await faultsOf(page, `many packs at ${width}`)).toEqual([]);
    }
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.getByRole('button', { name: 'One by one', exact: true }).click();
    await scan.fill(code('D1'));
    await scan.press('Enter');
    await page.getByRole('heading', { name: 'Not decommissioned', exact: true }).waitFor();
    await page.getByText(/^serial D1 was decommissioned already/).waitFor();

    const row = (serial: string) => page.getByRole('listitem').filter({ has: page.getByText(serial, { exact: true }) });
    await row('D2').getByRole('button', { name: 'Revert', exact: true }).click();
    await row('D2').getByRole('button', { name: 'Yes, revert', exact: true }).click();
    await page.getByText('supplied: reverted', { exact: true }).waitFor();

    const { body } = await house.ask('dock', 'GET', '/decommissionings?limit=10');
    const entries = (body as { items: { id: string; at: string; act: string; pack: { serial: string } }[] }).items;
    const [d1, d3] = ['D1', 'D3'].map((serial) => entries.find(({ pack }) => pack.serial === serial));
    const lines = [
      'entry,code,at,alertId',
      `${d1?.id},NMVS_SUCCESS,${d1?.at},`,
      `${d3?.id},NMVS_NC_PC_02,${d3?.at},FR-1`,
    ];
    await page
      .getByLabel('Bring answers (CSV)', { exact: true })
      .setInputFiles({ name: 'answers.csv', mimeType: 'text/csv', buffer: Buffer.from(lines.join('\n')) });
    await page.getByText('2 answers kept', { exact: true }).waitFor();
    await row('D1').getByText('the national system has it', { exact: true }).last().waitFor();
    await row('D3').getByRole('button', { name: 'Compare', exact: true }).click();
    await page.getByLabel('Serial (SN)', { exact: true }).fill('d3');
    await page.getByLabel('Lot', { exact: true }).fill('A17');
    await page.getByLabel(/^Expiry as YYMMDD/).fill('310630');
    await page.getByRole('button', { name: 'This is printed', exact: true }).click();
    await row('D3').getByText('A3: probably scanner or software', { exact: true }).waitFor();
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 900 });
      expect(await faultsOf(page, `decommission at ${width}`)).toEqual([]);
    }
    await context.close();
  });
});
