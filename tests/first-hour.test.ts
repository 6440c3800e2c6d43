import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { type IsothermProcess, startIsotherm } from './isotherm-process.ts';
import { systemPart } from './parts.ts';

/*
 * The first hour of an installation, as docs/first-hour.md tells it: the real program, a browser, and one terminal that
 * does nothing but publish, with the very line that the page shows. With ISOTHERM_TEST_PICTURES=1 it takes the pictures
 * of that page anew.
 */

const WITHIN_MS = 60_000;
const MINUTE = 60_000;
const CODE = /code {2}((?:[0-9A-Z]{5}-){4}[0-9A-Z]{5})\n/;
const PICTURES = join(import.meta.dirname, '../docs/first-hour');

const chromiumPath = systemPart('chromium');
const publisher = systemPart('mosquitto_pub');

describe.skipIf(chromiumPath === null || publisher === null)('the first hour', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-first-hour-'));
  let server: IsothermProcess | null = null;
  let browser: Browser | null = null;

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test('from a fresh start to an alert with its serials, without a terminal but the one that publishes', async () => {
    const running = await startIsotherm({ command: 'serve', dataDir });
    server = running;
    const code = await vi.waitFor(() => CODE.exec(running.output())?.[1] ?? expect.fail('no code'), WITHIN_MS);
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] });
    const context = await browser.newContext({ viewport: { width: 1100, height: 760 }, timezoneId: 'Europe/Berlin' });
    context.setDefaultTimeout(WITHIN_MS);
    const person = new Person(await context.newPage(), running.httpUrl);
    const { page } = person;
    const began = Date.now();

    await person.goes('/');
    await person.types('One-time code', code);
    await person.types('Your name', 'ada');
    await person.types('Password', 'seven odd words for ada');
    await person.looks('1-first-admin');
    await person.presses('Become the first administrator');
    await page.getByRole('heading', { name: 'Set-up', level: 1 }).waitFor();
    await person.looks('2-set-up');

    await person.goes('/admin/places');
    await person.types('Name', 'Berlin');
    await person.presses('Add place');
    await page.getByRole('row', { name: /^Berlin/ }).waitFor();
    await person.chooses('Kind', 'Site');
    await person.types('Name', 'Lisbon');
    await person.types('Time zone', 'Europe/Lisbon');
    await person.presses('Add place');
    await page.getByRole('row', { name: /^Lisbon/ }).waitFor();
    await person.chooses('Kind', 'Room');
    await person.types('Name', 'Cold store');
    await person.chooses('Stands in', 'Berlin');
    await person.presses('Add place');
    await page.getByRole('row', { name: /^Cold store/ }).waitFor();

    await person.goes('/admin/portals');
    await person.types('Name', 'Dock 1');
    await person.chooses('Inside', /Cold store/);
    await person.chooses('Outside', /^Berlin/);
    await person.types('Reader', 'reader-1');
    await person.presses('Add portal');
    await page.getByRole('row', { name: /^Dock 1/ }).waitFor();

    await person.goes('/admin/products');
    await person.types('GTIN', '80614141123458');
    await person.types('Name', 'Examplumab 40 mg');
    await person.chooses('Kept at', 'Refrigerated, 2 to 8 °C');
    await person.presses('Add product');
    await page.getByRole('row', { name: /Examplumab/ }).waitFor();

    await person.goes('/admin/credentials');
    await person.types('Id', 'logger-1');
    await person.presses(/^Create/);
    const shown = page.getByRole('status').locator('code', { hasText: 'mosquitto_pub' });
    await shown.waitFor();
    await person.looks('3-logger');
    const line = await shown.innerText();
    await inTerminal(line);

    await person.goes('/devices/logger-1');
    await page.getByText('5.1 °C').first().waitFor();
    await person.presses(/^Register/);
    await page.getByText('logger-1 is registered.').waitFor();
    await person.looks('4-first-reading');

    await person.goes('/shipments/~new?by=csv');
    const now = Math.floor(Date.now() / MINUTE) * MINUTE;
    await page.locator('input[type=file]').setInputFiles({
      name: 'shipment.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(shipmentCsv(now)),
    });
    await page.getByRole('heading', { name: 'This file makes SHP-1' }).waitFor();
    await person.looks('5-shipment');
    await person.presses('Announce 1 unit, 3 serials');
    await page.getByRole('heading', { name: 'SHP-1', level: 1 }).waitFor();

    const warm = Array.from({ length: 16 }, (_, n) => ({ time: iso(now - (30 - n) * MINUTE), temperature: 9.4 }));
    await inTerminal(line.replace('{"temperature":5.1}', JSON.stringify(warm)));
    await person.goes('/alerts');
    await page
      .getByRole('link', { name: /Above 8 °C/ })
      .first()
      .click();
    await page
      .getByRole('button', { name: '3 serials' })
      .or(page.getByText('3 serials were above 8 °C'))
      .first()
      .waitFor();
    for (const serial of ['1001', '1002', '1003']) {
      await page.getByText(serial, { exact: true }).first().waitFor();
    }
    await page.locator('canvas').first().waitFor();
    await person.looks('6-alert');
    const { steps, keys } = person;
    process.stderr.write(
      `the first hour: ${steps} steps, ${keys} keys, ${Math.round((Date.now() - began) / 1000)} s\n`,
    );
    expect(steps).toBeLessThan(60);
    await context.close();
  }, 300_000);
});

const iso = (at: number) => new Date(at).toISOString();

function shipmentCsv(now: number): string {
  const unit = 'urn:epc:id:sscc:0614141.1234567890';
  const serial = (n: number) => `,,,,,,urn:epc:id:sgtin:0614141.812345.${n},${unit},,Examplumab 40 mg,A17,2027-06-30`;
  return [
    'shipment,profile,origin,destination,departs,arrives,epc,parent,devices,name,lot,expiry',
    `SHP-1,2-8C,site:berlin,site:lisbon,${iso(now - 60 * MINUTE)},${iso(now + 24 * 60 * MINUTE)},${unit},,logger-1,,,`,
    ...[1001, 1002, 1003].map(serial),
  ].join('\n');
}

/** The line as it is pasted. */
async function inTerminal(line: string): Promise<void> {
  await promisify(execFile)('/bin/sh', ['-c', line], { timeout: WITHIN_MS });
}

/** What one does on the page, counted: a step is a field, a choice, a button or another screen. */
class Person {
  readonly page: Page;
  readonly #url: string;
  steps = 0;
  keys = 0;

  constructor(page: Page, url: string) {
    this.page = page;
    this.#url = url;
  }

  async goes(path: string): Promise<void> {
    this.steps++;
    await this.page.goto(this.#url + path);
  }

  async types(label: string, text: string): Promise<void> {
    this.steps++;
    this.keys += text.length;
    await this.page.getByLabel(label, { exact: true }).fill(text);
  }

  async chooses(label: string, option: string | RegExp): Promise<void> {
    this.steps++;
    const field = this.page.getByLabel(label, { exact: true });
    const fits = (one: string) => (typeof option === 'string' ? one === option : option.test(one));
    // What is offered may be asked of the server first: the field stands before its options do.
    const options = await vi.waitFor(async () => {
      const offered = await field.locator('option').allInnerTexts();
      expect(offered.some(fits), `${label} offers ${offered.join(', ')}`).toBe(true);
      return offered;
    }, WITHIN_MS);
    const chosen = options.find(fits);
    await field.selectOption({ label: chosen ?? '' });
  }

  async presses(name: string | RegExp): Promise<void> {
    this.steps++;
    await this.page.getByRole('button', { name }).first().click();
  }

  async looks(name: string): Promise<void> {
    if (process.env.ISOTHERM_TEST_PICTURES !== '1') return;
    mkdirSync(PICTURES, { recursive: true });
    await this.page.screenshot({ path: join(PICTURES, `${name}.png`) });
  }
}
