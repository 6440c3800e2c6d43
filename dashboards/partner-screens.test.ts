import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PartnerView } from './api/index.ts';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, faultsOf, openBrowser, type PageOptions, signIn, startHouse } from './testing/browser.ts';

const PEM = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
const DOCUMENT = JSON.stringify({
  ...{ '@context': ['https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld'], type: 'EPCISDocument' },
  ...{ schemaVersion: '2.0', creationDate: '2026-11-20T09:00:00Z' },
  epcisBody: {
    eventList: [
      {
        ...{ type: 'ObjectEvent', eventTime: '2026-11-20T06:00:00Z', eventTimeZoneOffset: '+00:00' },
        ...{ action: 'OBSERVE', epcList: ['urn:epc:id:sgtin:0614141.812345.1'] },
      },
    ],
  },
});

describe.skipIf(chromiumPath === null)('a partner in a browser', () => {
  let house: Installation;
  let browser: Browser;
  let theirs: Server;
  let address = '';

  const ask = async (path: string) => (await house.ask('admin', 'GET', `/partners/${path}`)).body;
  const signedIn = (role: string, options?: PageOptions) => signIn({ browser, house }, role, options);
  const opened = async (role: string, options?: PageOptions) => {
    const visit = await signedIn(role, options);
    await visit.page.goto(`${house.url}/admin/partners/acme`);
    await visit.page.getByRole('heading', { level: 1, name: 'Acme Pharma', exact: true }).waitFor();
    return visit;
  };
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

  beforeAll(async () => {
    theirs = createServer((_request, response) => response.writeHead(401).end('who are you'));
    await new Promise<void>((resolve) => theirs.listen(0, '127.0.0.1', resolve));
    address = `http://127.0.0.1:${(theirs.address() as AddressInfo).port}`;
    house = await startHouse();
    await house.ask('admin', 'PUT', '/partners/acme', {
      ...{ name: 'Acme Pharma', address: '1 Main St, Springfield, IL 62701, US', glns: ['0614141000005'] },
      ...{ roles: ['manufacturer', '3pl'], sees: ['records', 'exceptions'], sends: ['files'], formats: ['csv'] },
      endpoints: { epcis: `${address}/capture`, webhook: `${address}/hook` },
      secrets: { authorization: 'Bearer very-secret' },
      publicKeys: [{ id: 'erp-2025', pem: PEM, to: '2025-12-31' }],
    });
    const { body } = await house.ask('admin', 'POST', '/partners/acme/tokens', { name: 'acme-first' });
    const headers = {
      authorization: `Bearer ${(body as { token: string }).token}`,
      'content-type': 'application/octet-stream',
    };
    for (const name of ['week-47.json', 'broken.zip'])
      await fetch(`${house.url}/api/v1/partners/acme/files?name=${name}`, {
        ...{ method: 'POST', headers },
        body: name.endsWith('zip') ? 'PK\x03\x04 and so on' : DOCUMENT,
      });
    browser = await openBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    theirs?.close();
    await house?.stop();
  });

  test.each([
    [390, 'light'],
    [1280, 'dark'],
    [2560, 'light'],
  ] as const)('at %i px, %s: the screens fit, and axe finds nothing serious', async (width, colorScheme) => {
    const { context, page } = await opened('quality', { viewport: { width, height: 900 }, colorScheme });
    const troubles: string[] = [];
    const look = async (name: string) => {
      troubles.push(...(await faultsOf(page, name)));
      const { SHOTS } = process.env;
      if (SHOTS !== undefined)
        await page.screenshot({ path: `${SHOTS}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    };
    await page.getByText('broken.zip', { exact: true }).waitFor();
    await press(page, 'Test the connections');
    await page.getByText('they do not know our key (401): agree on another and enter it here').first().waitFor();
    await press(page, 'Add a key');
    await look('partner');
    await press(page, 'Change');
    await page.getByRole('heading', { name: 'Change acme', exact: true }).waitFor();
    await look('partner-form');
    await page.goto(`${house.url}/admin/partners`);
    await page.getByRole('link', { name: 'Acme Pharma', exact: true }).waitFor();
    await page.getByLabel(/^One a line/).fill('0614142,acme\n0614143,nobody');
    await press(page, 'Enter');
    await page.getByText('1 of 2 entered', { exact: true }).waitFor();
    await page.getByRole('cell', { name: '0614142', exact: true }).waitFor();
    await look('partners');
    expect(troubles).toEqual([]);
    await context.close();
  });

  test('a secret is asked for again where an address changes, and nothing of it is shown', async () => {
    const { context, page } = await opened('quality');
    await press(page, 'Change');
    await page.getByLabel('EPCIS capture', { exact: true }).fill('https://new.example/capture');
    await press(page, 'Save partner');
    await page.getByText('the address of epcis changed: enter this secret again, or remove it').waitFor();
    await page.getByLabel('Authorization sent to its endpoints', { exact: true }).fill('Bearer another');
    await page.getByLabel('Last day', { exact: true }).fill('2030-12-31');
    await page.getByLabel('Files a day', { exact: true }).fill('50');
    await press(page, 'Save partner');
    await page.getByText('0 of 50 files').or(page.getByText('2 of 50 files')).waitFor();
    const kept = (await ask('acme')) as PartnerView;
    expect(kept).toMatchObject({
      ...{ endpoints: { epcis: 'https://new.example/capture' }, to: '2030-12-31', formats: ['csv'] },
      ...{ quota: { filesPerDay: 50 }, publicKeys: [{ id: 'erp-2025', state: 'expired' }] },
    });
    expect(await page.content()).not.toMatch(/very-secret|Bearer another/);
    await context.close();
  });

  test('a key is added, and revoked for good', async () => {
    const { context, page } = await opened('quality');
    await press(page, 'Add a key');
    await page.getByLabel('Name of the key', { exact: true }).fill('erp-2026');
    await page.getByLabel('Public key (PEM)', { exact: true }).fill('-----BEGIN PUBLIC KEY-----\nno key');
    await press(page, 'Save key');
    await page.getByText('expected a public key as PEM', { exact: false }).waitFor();
    await page.getByLabel('Public key (PEM)', { exact: true }).fill(PEM);
    await press(page, 'Save key');
    const row = page.getByRole('listitem').filter({ hasText: 'erp-2026' });
    await row.getByText('good', { exact: true }).waitFor();
    await row.getByRole('button', { name: 'Revoke', exact: true }).click();
    await row.getByRole('button', { name: 'Revoke key', exact: true }).click();
    await row.getByText('revoked', { exact: true }).waitFor();
    expect(await row.getByRole('button').count()).toBe(0);
    const { publicKeys } = (await ask('acme')) as PartnerView;
    expect(publicKeys.map(({ id, state }) => [id, state])).toEqual([
      ['erp-2025', 'expired'],
      ['erp-2026', 'revoked'],
    ]);
    await context.close();
  });

  test('a token is shown once, and revoked', async () => {
    const { context, page } = await opened('quality');
    await page.getByLabel('Name of the token', { exact: true }).fill('acme-erp');
    await press(page, 'Make a token');
    const secret = page.getByRole('status').filter({ hasText: 'Token acme-erp' });
    const token = await secret.locator('code').innerText();
    const asked = () =>
      fetch(`${house.url}/api/v1/partners/acme/files`, { headers: { authorization: `Bearer ${token}` } });
    expect((await asked()).status).toBe(200);
    await page.reload();
    const row = page.getByRole('listitem').filter({ hasText: 'acme-erp' });
    await row.waitFor();
    expect(await page.content()).not.toContain(token);
    await row.getByRole('button', { name: 'Revoke', exact: true }).click();
    await row.getByRole('button', { name: 'Revoke token', exact: true }).click();
    await row.waitFor({ state: 'detached' });
    expect((await asked()).status).toBe(401);
    await context.close();
  });

  test('files are found by their fate, had to the byte, and tried again', async () => {
    const { context, page } = await opened('quality');
    await page.getByText('it is epcis-2.0-json; agreed are csv', { exact: true }).waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'week-47.json', exact: true }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('week-47.json');
    await page.getByLabel('Name, or beginning of the SHA-256', { exact: true }).fill('WEEK');
    await page.getByText('broken.zip', { exact: true }).waitFor({ state: 'detached' });
    const { secrets: _secrets, ...kept } = (await ask('acme')) as PartnerView;
    await house.ask('admin', 'PUT', '/partners/acme', {
      ...{ name: kept.name, sends: ['files'], endpoints: kept.endpoints, formats: [], glns: kept.glns },
    });
    await press(page, 'Try again: week-47.json');
    await page.getByRole('cell').getByText('taken', { exact: true }).waitFor();
    await page.getByText('1 event', { exact: false }).waitFor();
    await page.getByLabel('Which are shown', { exact: true }).selectOption('refused');
    await page.getByText('No such file', { exact: true }).waitFor();
    await context.close();
  });

  test('who answers for products is entered line by line and from a file; one that is refused stays', async () => {
    const { context, page } = await signedIn('quality');
    await page.goto(`${house.url}/admin/partners`);
    const lines = page.getByLabel(/^One a line/);
    await lines.fill('0614141, acme\n0614149, nobody\n06\n0614141, acme');
    await press(page, 'Enter');
    await page.getByText('1 of 3 entered', { exact: true }).waitFor();
    await page.getByText('2 were refused and stay above, to be mended:', { exact: true }).waitFor();
    await page.getByText('0614149, nobody: there is no partner nobody', { exact: true }).waitFor();
    await expect.poll(() => lines.inputValue()).toBe('0614149, nobody\n06');
    await page.getByLabel('Or from a file (CSV or JSON)', { exact: true }).setInputFiles({
      ...{ name: 'directory.csv', mimeType: 'text/csv' },
      buffer: Buffer.from('key;partner;responder\r\n80614141123458;;https://vrs.example/verify\r\n'),
    });
    await press(page, 'Enter');
    await page.getByText('1 of 1 entered', { exact: true }).waitFor();
    const row = page.getByRole('row').filter({ hasText: '80614141123458' });
    await row.getByText('https://vrs.example/verify', { exact: true }).waitFor();
    await row.getByRole('button', { name: 'Remove 80614141123458', exact: true }).click();
    await row.getByRole('button', { name: 'Yes, remove', exact: true }).click();
    await row.waitFor({ state: 'detached' });
    await context.close();
    const { context: looking, page: looked } = await signedIn('operations');
    await looked.goto(`${house.url}/admin/partners`);
    await looked.getByRole('cell', { name: '0614141', exact: true }).waitFor();
    expect(await looked.getByLabel(/^One a line/).count()).toBe(0);
    expect(await looked.getByRole('button', { name: /^Remove/ }).count()).toBe(0);
    await looking.close();
  });

  test('who may only look sees no button that changes anything, and no token', async () => {
    const { context, page } = await opened('operations');
    await page.getByRole('heading', { name: 'Public keys', exact: true }).waitFor();
    const main = page.getByRole('main');
    expect(await main.getByRole('button', { name: /change|remove|revoke|test|add|make|end|again/i }).count()).toBe(0);
    expect(await page.getByRole('heading', { name: 'Tokens', exact: true }).count()).toBe(0);
    await page.goto(`${house.url}/admin/partners/nobody`);
    await page.getByText('This partner was not found', { exact: true }).waitFor();
    await context.close();
  });
});
