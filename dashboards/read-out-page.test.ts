import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, openBrowser, type PageOptions, signIn, startHouse } from './testing/browser.ts';

const HOUR = 3_600_000;
const NOW = Math.floor(Date.now() / HOUR) * HOUR;
const shown = (at: number) => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
/** Where pictures of the screens go, for whoever looks at them; nowhere by default. */
const PICTURES = process.env.ISOTHERM_TEST_PICTURES ?? '';

describe.skipIf(chromiumPath === null)('a logger is read out on the page', { timeout: 120_000 }, () => {
  let house: Installation;
  let browser: Browser;
  const folder = mkdtempSync(join(tmpdir(), 'isotherm-read-out-'));
  const named = join(folder, 'logger.csv');
  const bare = join(folder, 'bare.csv');

  beforeAll(async () => {
    house = await startHouse();
    browser = await openBrowser();
    const values = [5, 5.2, 85, 9.4, 9.1, 5.3, '----'];
    const rows = values.map((value, i) => `${shown(NOW - 4 * HOUR + i * 600_000)};${value}`);
    writeFileSync(named, `Serial number;USB-7\nTime;Temperature °C\n${rows.join('\n')}\nMax;9,9 °C\nMin;5,0 °C\n`);
    writeFileSync(bare, rows.slice(0, 2).join('\n'));
  }, 180_000);
  afterAll(async () => {
    rmSync(folder, { recursive: true });
    await browser?.close();
    await house?.stop();
  });

  async function opened(path: string, options: PageOptions = {}): Promise<Page> {
    const { page } = await signIn({ browser, house }, 'dock', options);
    await page.goto(`${house.url}${path}`);
    return page;
  }

  const picture = async (page: Page, name: string) => {
    if (PICTURES !== '') await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
  };

  async function choose(page: Page, file: string, zone: string): Promise<void> {
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.getByLabel('File', { exact: true }).click(),
    ]);
    await chooser.setFiles(file);
    await page.getByRole('combobox', { name: 'Time zone of its clock' }).fill(zone);
    await page.getByRole('heading', { level: 1 }).click();
  }

  test('from the file to its readings, with what the file says beside what its readings say', async () => {
    const page = await opened('/devices/~read-out');
    await choose(page, named, 'UTC');
    await page.getByRole('button', { name: 'Look at it first' }).click();
    await page.getByText('nothing has been stored').waitFor();
    expect((await house.ask('quality', 'GET', '/devices')).body).toMatchObject({ items: [] });
    await page.getByRole('button', { name: 'Take it in' }).click();
    await page.getByRole('heading', { name: '6 readings were taken.' }).waitFor();
    await page.getByText('1 reading is suspect and left out').waitFor();
    await page.getByRole('row', { name: /Highest 9.9 °C 9.4 °C differs/ }).waitFor();
    await page.getByRole('heading', { name: '1 row was not taken' }).waitFor();
    await picture(page, 'read-out-1280');
    await page.getByRole('link', { name: 'To the logger USB-7' }).click();
    await page.getByRole('heading', { name: 'USB-7' }).waitFor();
    await page.getByText('an error code of the sensor, not a temperature').first().waitFor();
    await picture(page, 'device-suspect-1280');
    await page.context().close();
  });

  test('a file that does not say what its columns are is read by pointing at them', async () => {
    const page = await opened('/devices/~read-out?device=USB-8', { viewport: { width: 390, height: 800 } });
    await choose(page, bare, 'UTC');
    await page.getByRole('button', { name: 'Take it in' }).click();
    await page.getByRole('heading', { name: 'What is in its columns?' }).waitFor();
    await page.getByLabel('Column 1').selectOption('time');
    await page.getByLabel('Column 2').selectOption('celsius');
    await page.getByLabel('Keep this for the next file, as').fill('Truck 4');
    await picture(page, 'read-out-map-390');
    await page.getByRole('button', { name: 'Take it in' }).click();
    await page.getByRole('heading', { name: '2 readings were taken.' }).waitFor();
    expect((await house.ask('dock', 'GET', '/logger-file-mappings')).body).toMatchObject({
      items: [{ name: 'Truck 4' }],
    });
    await page.context().close();
  });

  test('an answer is taken beside the kept mapping that the file is read by', async () => {
    const file = join(folder, 'kept.csv');
    const [year, month] = [new Date(NOW).getUTCFullYear(), String(new Date(NOW).getUTCMonth() + 1).padStart(2, '0')];
    writeFileSync(file, `01/${month}/${year} 00:00;5\n`);
    const kept = { time: 1, columns: [{ column: 2, metric: 'temperature', unit: '°C' }], firstRow: 1 };
    expect((await house.ask('dock', 'PUT', '/logger-file-mappings/Van%207', kept)).status).toBe(200);
    const page = await opened('/devices/~read-out?device=USB-10');
    await choose(page, file, 'UTC');
    await page.getByLabel('Read as').selectOption('Van 7');
    await page.getByRole('button', { name: 'Take it in' }).click();
    await page.getByLabel('Dates such as 04/05 in this file').selectOption('dmy');
    await page.getByRole('button', { name: 'Take it in' }).click();
    await page.getByRole('heading', { name: '1 reading was taken.' }).waitFor();
    const { body } = await house.ask('dock', 'GET', '/logger-file-mappings');
    expect(body).toMatchObject({ items: expect.arrayContaining([expect.objectContaining({ name: 'Van 7' })]) });
    expect(JSON.stringify(body)).not.toContain('dateOrder');
    await page.context().close();
  });

  test('rows that cannot be read are said, and read when they are asked for again', async () => {
    const page = await opened('/devices/~read-out?device=USB-11');
    await page.route('**/api/v1/logger-files/rows', (route) => route.fulfill({ status: 503, body: '' }));
    await choose(page, bare, 'UTC');
    await page.getByRole('button', { name: 'Take it in' }).click();
    await page.getByText('What is in its columns? could not be loaded').waitFor();
    await page.unroute('**/api/v1/logger-files/rows');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByLabel('Column 1').waitFor();
    await page.context().close();
  });

  test('asks for day and month where the file does not tell, in the dark too', async () => {
    const page = await opened('/devices/~read-out?device=USB-9', {
      colorScheme: 'dark',
      viewport: { width: 2560, height: 1200 },
    });
    const file = join(folder, 'order.csv');
    const [month, day] = [new Date(NOW).getUTCMonth() + 1, 1];
    const of = `0${day}/${String(month).padStart(2, '0')}/${new Date(NOW).getUTCFullYear()}`;
    writeFileSync(file, `Time;Temperature °C\n${of} 00:00;5\n`);
    await choose(page, file, 'UTC');
    await page.getByRole('button', { name: 'Take it in' }).click();
    await page.getByLabel('Dates such as 04/05 in this file').selectOption('dmy');
    await picture(page, 'read-out-dark-2560');
    await page.getByRole('button', { name: 'Take it in' }).click();
    await page.getByRole('heading', { name: '1 reading was taken.' }).waitFor();
    await page.context().close();
  });
});
