import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DeviceVitalsStore } from '../storage/index.ts';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, faultsOf, openBrowser, type PageOptions, signIn, startHouse } from './testing/browser.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const iso = (at: number) => new Date(at).toISOString();
const day = (at: number) => iso(at).slice(0, 10);
const SSCC = 'urn:epc:id:sscc:0614141.1234567890';

describe.skipIf(chromiumPath === null)('loggers in a browser', () => {
  let house: Installation;
  let browser: Browser;

  const certificate = (number: string, date: number, due: number) => ({
    ...{ number, laboratory: 'Eichamt Berlin', date: day(date), due: day(due) },
  });
  const calibrate = (id: string, body: object) =>
    house.ask('quality', 'POST', `/devices/${id}/calibrations`, { reason: 'yearly calibration', ...body });

  beforeAll(async () => {
    house = await startHouse();
    for (const [id, more] of [
      ['logger-7', { name: 'Truck 4, left', interval: '5m' }],
      ['logger-8', { name: 'Truck 4, right', interval: '5m' }],
      ['logger-9', { interval: '5m' }],
    ] as const)
      await house.ask('operations', 'POST', '/devices', { id, profile: '2-8C', ...more });
    const journey = { departs: iso(NOW - 3 * HOUR), arrives: iso(NOW + HOUR), profile: '2-8C' };
    const units = [
      { sscc: SSCC, devices: ['logger-7'], children: ['urn:epc:id:sgtin:0614141.812345.1'], from: iso(NOW - 3 * HOUR) },
    ];
    const ends = { origin: 'site:berlin', destination: 'site:lyon' };
    await house.ask('logistics', 'POST', '/shipments', { id: 'SHP-1', ...journey, ...ends, products: [], units });
    for (const id of ['logger-7', 'logger-8', 'logger-9'])
      await house.measure(
        id,
        Array.from({ length: 400 }, (_, i) => {
          const value = i === 250 ? 85 : i > 300 && i < 306 ? 34 : 5 + Math.sin(i / 20);
          return [NOW - (400 - i) * 5 * MINUTE, Math.round(value * 10) / 10] as const;
        }),
      );
    await calibrate('logger-7', { offset: -0.3, certificate: certificate('C-4710', NOW - 370 * DAY, NOW - DAY) });
    await calibrate('logger-8', { offset: 0, certificate: certificate('C-4711', NOW - 350 * DAY, NOW + 9 * DAY) });
    await new DeviceVitalsStore({ database: house.database }).keep([
      { device: 'logger-7', clock: { behindMs: 11 * MINUTE, messages: 15, at: NOW }, signal: null },
      { device: 'logger-8', clock: { behindMs: 900, messages: 15, at: NOW }, signal: { rssi: -98, snr: 4.5, at: NOW } },
    ]);
    browser = await openBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  const signedIn = (role: string, options?: PageOptions) => signIn({ browser, house }, role, options);

  // A logger's first reading came in just then, and its page said "never" until the next one.
  test('what happens between the first answer and the first event is on the screen', async () => {
    const { context, page } = await signedIn('operations');
    let connect = () => {};
    await page.routeWebSocket('**/socket.io/**', (socket) => {
      connect = () => {
        const server = socket.connectToServer();
        socket.onMessage((message) => server.send(message));
      };
    });
    await house.ask('operations', 'POST', '/devices', { id: 'logger-10' });
    await page.goto(`${house.url}/devices/logger-10`);
    await page.getByText('never', { exact: true }).first().waitFor();
    await house.measure('logger-10', [[NOW - MINUTE, 5.1]]);
    connect();
    await page
      .getByText(/^5\.1\s°C$/)
      .first()
      .waitFor();
    await context.close();
  });

  test.each([
    [390, 'light'],
    [1280, 'dark'],
    [1280, 'light'],
    [2560, 'light'],
  ] as const)(
    'at %i px, %s: the list and a logger fit, say what is off, and axe finds nothing serious',
    async (width, colorScheme) => {
      const { context, page } = await signedIn('quality', { viewport: { width, height: 900 }, colorScheme });
      const troubles: string[] = [];
      const look = async (name: string) => {
        troubles.push(...(await faultsOf(page, name)));
        const { SHOTS } = process.env;
        if (SHOTS !== undefined)
          await page.screenshot({ path: `${SHOTS}/${name}-${width}-${colorScheme}.png`, fullPage: true });
      };
      await page.goto(`${house.url}/devices`);
      await page.getByText('Truck 4, left').waitFor();
      if (width > 860) {
        await page.getByText('Clock 11 min behind').waitFor();
        await page.getByText(`overdue since ${day(NOW - DAY)}`).waitFor();
        await page.getByText(`due by ${day(NOW + 9 * DAY)}`).waitFor();
        expect(await page.getByText('Clock on time').count()).toBe(0);
      }
      await look('loggers');
      await page.goto(`${house.url}/devices/logger-7`);
      await page.getByText('Measured with a calibration that was overdue (the line below the chart).').waitFor();
      await page.getByText('not judged as fact (hatched)').first().waitFor();
      await page.getByText('−0.3 °C everywhere').waitFor();
      await page.getByRole('button', { name: 'Record a calibration' }).click();
      await page.getByLabel('Laboratory').waitFor();
      await look('logger');
      expect(troubles).toEqual([]);
      await context.close();
    },
    180_000,
  );

  test('a calibration is recorded with several points and its certificate, which can be had again', async () => {
    const { context, page } = await signedIn('quality');
    await page.goto(`${house.url}/devices/logger-9`);
    await page.getByText('No calibration is recorded').waitFor();
    await page.getByRole('button', { name: 'Record a calibration' }).click();
    const form = page.locator('form');
    await form.getByLabel('What it reported, and what was true').fill('0,1 0\n8.3 eight');
    await form.getByText('Two numbers a line, or one number alone').waitFor();
    await form.getByLabel('What it reported, and what was true').fill('0,1 0\n8.3 8.0');
    await form.getByLabel('Number of the certificate').fill('C-4712');
    await form.getByLabel('Laboratory').fill('Eichamt Berlin');
    await form.getByLabel('Calibrated on').fill(day(NOW - DAY));
    // Half a certificate is none.
    await expect.poll(() => form.getByRole('button', { name: 'Record a calibration' }).isDisabled()).toBe(true);
    await form.getByLabel('Good until').fill(day(NOW + 365 * DAY));
    await form.getByRole('button', { name: 'yearly calibration' }).click();
    const chosen = page.waitForEvent('filechooser');
    await form.getByRole('button', { name: 'The certificate as a file' }).click();
    await (await chosen).setFiles({
      name: 'C-4712.pdf',
      mimeType: 'application/pdf',
      buffer: Buffer.from('%PDF-1.7 C-4712'),
    });
    await form.getByRole('button', { name: 'Record a calibration' }).click();
    await page.getByText(/−0\.1\s°C at 0\.1\s°C · −0\.3\s°C at 8\.3\s°C/).waitFor();
    const link = page.getByRole('link', { name: 'The certificate' });
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    expect(readFileSync(await download.path(), 'utf8')).toBe('%PDF-1.7 C-4712');
    await context.close();
  }, 120_000);

  test('dock staff swap a logger on the way, by scan, on its page and on the shipment', async () => {
    const { context, page } = await signedIn('dock');
    await page.goto(`${house.url}/devices/logger-7`);
    await page.getByRole('button', { name: 'Swap for another' }).click();
    await page.getByLabel('Scan the other logger').fill('logger-8');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'its probe is broken' }).click();
    await page.getByRole('button', { name: 'Swap', exact: true }).click();
    await page.getByText('logger-8 has taken the place of logger-7.').waitFor();
    await page.goto(`${house.url}/shipments/SHP-1`);
    await page.getByRole('button', { name: 'Swap for another' }).click();
    await page.getByLabel('Scan the other logger').fill('logger-9');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'its battery is empty' }).click();
    await page.getByRole('button', { name: 'Swap', exact: true }).click();
    await page.getByText('logger-9 has taken the place of logger-8.').waitFor();
    expect((await house.ask('dock', 'GET', '/shipments/SHP-1')).body).toMatchObject({
      units: [{ devices: ['logger-9'] }],
    });
    await context.close();
  }, 120_000);

  test('a file of loggers is shown before it is taken, and a fault is told by its line', async () => {
    const { context, page } = await signedIn('operations');
    await page.goto(`${house.url}/devices`);
    const file = (text: string) => ({ name: 'loggers.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    const input = page.locator('input[type=file]');
    await input.setInputFiles(file('id,interval\nlogger-21,often\n'));
    await page.getByText('line 2, interval').waitFor();
    await input.setInputFiles(file('id,name\nlogger-21,Twenty-one\nlogger-9,Nine\n'));
    await page.getByText('loggers.csv: 1 new, 1 changed, 0 the same').waitFor();
    await page.getByRole('button', { name: 'Take 2 loggers' }).click();
    await page.getByText('2 loggers were taken.').waitFor();
    await page.getByRole('link', { name: 'Twenty-one' }).waitFor();
    await context.close();
  }, 120_000);
});
