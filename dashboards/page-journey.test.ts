import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Rule } from '../domain/index.ts';
import { HOUR, iso, MINUTE, NOW } from './server/testing/excursions.ts';
import { type Installation, TOO_WARM } from './server/testing/installation.ts';
import { chromiumPath, faultsOf, openBrowser, PATIENCE_MS, signIn, startHouse } from './testing/browser.ts';

const SHIPMENT = 'SHP-J';
const SPIKE = NOW - 9 * HOUR;
const DEFROST = { from: NOW - 15 * HOUR, to: NOW - 15 * HOUR + 25 * MINUTE };
const EXCURSION = { from: NOW - 4 * HOUR, to: NOW - 4 * HOUR + 40 * MINUTE };
const units = ['urn:epc:id:sscc:0614141.1900000001', 'urn:epc:id:sscc:0614141.1900000002'] as const;

/** A reading every five minutes over the last 20 hours. */
function every5Minutes(value: (at: number, n: number) => number): [number, number][] {
  return Array.from({ length: 241 }, (_, n): [number, number] => {
    const at = NOW - 20 * HOUR + n * 5 * MINUTE;
    return [at, value(at, n)];
  });
}

describe.skipIf(chromiumPath === null)('the journey of a shipment on one time axis', () => {
  let house: Installation;
  let browser: Browser;

  beforeAll(async () => {
    house = await startHouse();
    await house.tell({ type: 'rule', version: TOO_WARM, by: 'paula' });
    const fridge = { ...TOO_WARM.rule, id: 'fridge', unless: { metric: 'defrost', above: 0.5 } };
    await house.tell({ type: 'rule', version: { ...TOO_WARM, rule: fridge as Rule }, by: 'paula' });
    for (const [id, name, zone] of [
      ['site:berlin', 'Berlin', 'Europe/Berlin'],
      ['site:lisbon', 'Lisbon', 'Europe/Lisbon'],
    ] as const)
      await house.tell({ type: 'place', place: { id, kind: 'site', name, parent: null, zone }, by: 'test' });
    const { status } = await house.ask('logistics', 'POST', '/shipments', {
      ...{ id: SHIPMENT, profile: '2-8C', origin: 'site:berlin', destination: 'site:lisbon' },
      ...{ departs: iso(NOW - 20 * HOUR), arrives: iso(NOW + 4 * HOUR), products: [] },
      units: units.map((sscc, n) => ({
        ...{ sscc, devices: [`logger-${n + 1}`], from: iso(NOW - 20 * HOUR) },
        children: [`urn:epc:id:sgtin:0614141.812345.${7_000 + n}`],
      })),
    });
    expect(status).toBe(201);
    const event = { eventTimeZoneOffset: '+00:00', bizLocation: { id: 'site:berlin' } };
    const captured = await house.capture(
      {
        ...event,
        type: 'ObjectEvent',
        action: 'OBSERVE',
        bizStep: 'storing',
        eventTime: iso(NOW - 19 * HOUR),
        epcList: [...units],
      },
      {
        ...{ ...event, type: 'AggregationEvent', action: 'ADD', bizStep: 'packing', eventTime: iso(NOW - 18 * HOUR) },
        ...{ parentID: 'urn:epc:id:sscc:0614141.1900000003', childEPCs: [units[0]] },
      },
      {
        ...{ type: 'ObjectEvent', action: 'OBSERVE', bizStep: 'departing', eventTimeZoneOffset: '+00:00' },
        ...{ eventTime: iso(NOW - 7 * HOUR), epcList: [...units], readPoint: { id: 'site:berlin' } },
      },
    );
    expect(captured).toBe(201);
    const isWarm = (at: number) => at >= EXCURSION.from && at < EXCURSION.to;
    await house.measure(
      'logger-1',
      every5Minutes((at, n) => (at === SPIKE ? 9.3 : isWarm(at) ? 11.4 : 5 + Math.sin(n / 9))),
    );
    await house.measure(
      'logger-2',
      every5Minutes((_, n) => 4 + Math.cos(n / 11) / 2).filter(([at]) => at < NOW - 12 * HOUR || at > NOW - 10 * HOUR),
    );
    await house.measure(
      'logger-1',
      every5Minutes((_, n) => 55 + 10 * Math.sin(n / 20)),
      'humidity',
    );
    await house.measure('logger-1', [[NOW - 6 * HOUR, 4.2]], 'shock');
    const flags: [number, number][] = [
      [DEFROST.from, 1],
      [DEFROST.to, 0],
    ];
    await house.measure('logger-1', flags, 'defrost');
    await house.measure(
      'logger-1',
      every5Minutes((at) => (isWarm(at) ? 300 : 0)),
      'light',
    );
    await house.find({
      ...{ rule: 'too-warm', ruleVersion: 1, kind: 'threshold', severity: 'critical', key: 'logger-1/temperature' },
      ...{ ...EXCURSION, endedBy: 'recovery', extreme: 11.4, readings: 8, minutesOutOfRange: 40, runs: [EXCURSION] },
      ...{ limit: 8, detectedAt: NOW - 3 * HOUR, detectedLate: false },
    });
    browser = await openBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  const chart = (page: Page) => page.getByRole('group', { name: `Chart of the journey of ${SHIPMENT}` });

  async function opened(role: string, query = '', options: Parameters<typeof signIn>[2] = {}) {
    const { context, page } = await signIn({ browser, house }, role, options);
    await page.goto(`${house.url}/shipments/${SHIPMENT}${query}`);
    await chart(page).locator('canvas').first().waitFor();
    await chart(page).getByText('Beyond limits').waitFor();
    return { context, page };
  }

  test('shows every metric under one axis, where units were, and a short spike in words', async () => {
    const { context, page } = await opened('logistics', '', { viewport: { width: 1280, height: 1000 } });
    for (const title of ['Temperature, °C', 'Humidity, %RH', 'Shocks, g', 'Light, lux'])
      await chart(page).getByRole('heading', { name: title }).waitFor();
    await page.getByRole('listitem').filter({ hasText: '5 min above 8 °C, under the 10-minute rule' }).waitFor();
    await page.getByText('All of it as a table').click();
    await page.getByRole('row', { name: /Logger on \(00\) 106141419000000012/ }).waitFor();
    await page.getByRole('row', { name: /5 min above 8 °C, under the 10-minute rule/ }).waitFor();
    await context.close();
  });

  test('time that does not count has its words in the legend, in a strip, at the pointer and in the table', async () => {
    const { context, page } = await opened(
      'logistics',
      `?from=${iso(DEFROST.from - 20 * MINUTE)}&to=${iso(DEFROST.to + 20 * MINUTE)}`,
      { viewport: { width: 1280, height: 1000 } },
    );
    const words = 'Not counted: a defrost was reported (rule fridge)';
    await page
      .getByRole('list', { name: 'What the shading means', exact: true })
      .getByText('Excused: does not count', { exact: true })
      .waitFor();
    await chart(page).getByText(words, { exact: true }).first().waitFor();
    await page.getByText('All of it as a table').click();
    await page.getByRole('row', { name: words }).waitFor();
    // From the middle by keys: said aloud as well.
    await chart(page).focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('[aria-live=polite]', { hasText: words }).first().waitFor({ state: 'attached' });
    await context.close();
  });

  test('is zoomed by wheel, keys, buttons and the address, and says what it shows in it', async () => {
    const { context, page } = await opened('logistics', '', { viewport: { width: 1280, height: 1000 } });
    const params = () => new URL(page.url()).searchParams;
    const box = await chart(page).boundingBox();
    await page.mouse.move((box?.x ?? 0) + 400, (box?.y ?? 0) + 100);
    await page.mouse.wheel(0, -600);
    await expect.poll(() => params().get('from'), { timeout: PATIENCE_MS }).not.toBeNull();
    const spanOf = () =>
      Date.parse(params().get('to') ?? iso(NOW)) - Date.parse(params().get('from') ?? iso(NOW - 20 * HOUR));
    const wheeled = spanOf();
    expect(wheeled).toBeLessThan(19 * HOUR);
    await page.getByRole('button', { name: 'Closer' }).click();
    await expect.poll(spanOf, { timeout: PATIENCE_MS }).toBeLessThan(wheeled * 0.7);
    await chart(page).focus();
    await page.keyboard.press('0');
    await expect.poll(() => params().get('from'), { timeout: PATIENCE_MS }).toBeNull();
    await page.goto(
      `${house.url}/shipments/${SHIPMENT}?from=${iso(SPIKE - 10 * MINUTE)}&to=${iso(SPIKE + 10 * MINUTE)}`,
    );
    await chart(page).locator('canvas').first().waitFor();
    // By keys from the middle, which is the spike.
    await chart(page).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText('9.3 °C').first().waitFor();
    await page.getByText('(00) 106141419000000012 · in (00) 106141419000000036 · at Berlin').first().waitFor();
    await page
      .getByText(/\(Lisbon time\)|\(Berlin time\)/)
      .first()
      .waitFor();
    await context.close();
  });

  test('a serial of it has its life on one line, what its codes say, and the papers about it', async () => {
    const { context, page } = await signIn({ browser, house }, 'quality', { viewport: { width: 1280, height: 1000 } });
    await page.goto(`${house.url}/serials/${encodeURIComponent('urn:epc:id:sgtin:0614141.812345.7000')}`);
    await page.getByRole('img', { name: /From .* 45 min beyond limits/ }).waitFor();
    await page.getByText('(01)80614141123458(21)7000').first().waitFor();
    await page.getByText('urn:epc:id:sgtin:0614141.812345.7000').first().waitFor();
    const paper = page.getByRole('link', { name: `Report of shipment ${SHIPMENT} (PDF)` });
    const answer = await page.request.get(`${house.url}${await paper.getAttribute('href')}`);
    expect(answer.headers()['content-type']).toBe('application/pdf');
    await page.goto(`${house.url}/serials/${encodeURIComponent('urn:epc:id:sgtin:0614141.812345.7001')}`);
    await page.getByRole('img', { name: /From .* 0 s beyond limits/ }).waitFor();
    const { SHOTS } = process.env;
    if (SHOTS !== undefined) await page.screenshot({ path: `${SHOTS}/serial.png`, fullPage: true });
    await context.close();
  });

  test.each([
    [390, 'light'],
    [1280, 'dark'],
    [2560, 'light'],
  ] as const)(
    'at %i px, %s, it fits and axe finds nothing serious',
    async (width, colorScheme) => {
      const { context, page } = await opened('quality', '', { viewport: { width, height: 1200 }, colorScheme });
      await page.waitForLoadState('networkidle');
      expect(await faultsOf(page, `journey at ${width}`)).toEqual([]);
      const { SHOTS } = process.env;
      if (SHOTS !== undefined)
        await page.screenshot({ path: `${SHOTS}/journey-${width}-${colorScheme}.png`, fullPage: true });
      await context.close();
    },
    120_000,
  );
});
