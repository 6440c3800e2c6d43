import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Finding, systemTime } from '../domain/index.ts';
import type { AlertView, RuleView } from './api/index.ts';
import { type Installation, TOO_WARM } from './server/testing/installation.ts';
import { chromiumPath, faultsOf, openBrowser, PATIENCE_MS, signIn, startHouse } from './testing/browser.ts';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;

describe.skipIf(chromiumPath === null)('a rule by form and as YAML in a browser', () => {
  let house: Installation;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    house = await startHouse();
    await house.tell({ type: 'rule', version: TOO_WARM, by: 'configuration' });
    // Six times twelve minutes too warm: the rule's ten have told them, thirteen would not.
    const readings = Array.from({ length: 6 * 60 }, (_, n) => {
      const at = NOW - (600 - n) * MINUTE;
      return [at, n % 60 < 12 ? 9 : 5] as const;
    });
    await house.measure('logger-7', readings);
    for (let n = 0; n < 6; n++) await house.find(excursion(NOW - (600 - n * 60) * MINUTE));
    const ids = new Set<string>();
    while (ids.size < 6) {
      const { items } = (await house.ask('quality', 'GET', '/alerts')).body as { items: AlertView[] };
      for (const { id } of items) ids.add(id);
      await systemTime.sleep('test: alerts', 20);
    }
    for (const id of ids) await house.ask('quality', 'POST', `/alerts/${id}/resolve`, { reason: 'a delivery' });
    browser = await openBrowser();
    ({ page } = await signIn({ browser, house }, 'admin', { viewport: { width: 1280, height: 1000 } }));
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  const excursion = (from: number): Finding => ({
    ...{ rule: 'too-warm', ruleVersion: 1, kind: 'threshold', severity: 'critical', key: 'logger-7/temperature' },
    ...{ from, to: from + 12 * MINUTE, endedBy: 'recovery', extreme: 9, readings: 12, limit: 8 },
    ...{ minutesOutOfRange: 12, runs: [{ from, to: from + 12 * MINUTE }], detectedAt: from, detectedLate: false },
  });
  const yaml = () => page.getByLabel('Rule in YAML');
  const text = () => expect.poll(() => yaml().inputValue(), { timeout: PATIENCE_MS, message: 'the text' });
  const field = (name: string) => page.getByLabel(name, { exact: true });
  const shows = (name: string) =>
    expect.poll(() => field(name).inputValue(), { timeout: PATIENCE_MS, message: `what ${name} shows` });

  test('what is changed in one shows in the other, and comments and what no field shows stay as they were written', async () => {
    await page.goto(`${house.url}/rules/~new`);
    await field('Above (°C)').waitFor();
    await yaml().fill(
      'id: cold-room\n# agreed in March\nkind: threshold\nmetric: temperature\nabove: 8 # the maker\nfor: 10m\nlabels: { room: a }\n',
    );
    await page.getByText('Not in the form, kept as written: labels.').waitFor();
    await field('For more than').fill('2');
    await page.getByLabel('Unit of For more than').selectOption('hours');
    await field('Above (°C)').fill('7,5');
    await text().toBe(
      'id: cold-room\n# agreed in March\nkind: threshold\nmetric: temperature\nabove: 7.5 # the maker\nfor: "2h"\nlabels: { room: a }\n',
    );
    await page.getByText('Temperature above 7.5 °C for 2 hours or longer.').waitFor();
    await yaml().fill('id: cold-room\nkind: threshold\nmetric: temperature\nabove: 6\nfor: 3h\n');
    await shows('Above (°C)').toBe('6');
    await shows('For more than').toBe('3');
    await field('Below (°C)').fill('9');
    await page
      .getByText(/less than above/)
      .first()
      .waitFor();
    expect(await faultsOf(page, 'a rule with a mistake')).toEqual([]);
  });

  test('a door is open or closed, and another kind of rule has its own fields', async () => {
    await page.goto(`${house.url}/rules/~new`);
    await yaml().fill('id: door\nkind: threshold\nmetric: door\nabove: 0\nfor: 5m\n');
    await shows('The door is').toBe('open');
    await field('Above').waitFor({ state: 'detached' });
    await page.getByText(/^Door open for 5 minutes/).waitFor();
    await field('The door is').selectOption('closed');
    await text().toBe('id: door\nkind: threshold\nmetric: door\nfor: 5m\nbelow: 1\n');
    await field('What it watches for').selectOption({ value: 'silence' });
    await text().toBe('id: door\nkind: silence\nmetric: door\n');
    await field('Nothing heard for').fill('45');
    await text().toBe('id: door\nkind: silence\nmetric: door\nafter: "45m"\n');
  });

  test('a changed rule that was not tried on the past says so where it is saved, until it was', async () => {
    await page.goto(`${house.url}/rules/too-warm`);
    await yaml().waitFor();
    await page.getByText('Not tried on the past as it is written now.').waitFor({ state: 'detached' });
    await field('For more than').fill('11');
    await page.getByText('Not tried on the past as it is written now.').waitFor();
    expect(await faultsOf(page, 'a rule that was not tried')).toEqual([]);
    await page.getByRole('button', { name: 'Try it on the last month' }).click();
    await page.getByText('Tried on the past as it is written now.', { exact: true }).waitFor();
    await page.getByText('6 found in 360 readings of 1 series.').waitFor();
    await field('For more than').fill('14');
    await page.getByText('Not tried on the past as it is written now.').waitFor();
  });

  test('the statistics lead to the rule with the change they propose, tried on the last month, and it is saved from there', async () => {
    await page.goto(`${house.url}/admin/statistics`);
    await page.getByRole('link', { name: 'Try it on the past' }).or(page.locator('a[href*="lasts="]')).first().click();
    await page.getByText(/^Proposed by the statistics: told only what lasts 13 minutes/).waitFor();
    await text().toContain('for: "13m"');
    await page
      .getByText('It would have raised no alert, of 0 serials. The version in force raises 6, of 0 serials.')
      .waitFor();
    expect(await faultsOf(page, 'a proposed change')).toEqual([]);
    await page.getByRole('button', { name: 'Save as version 2' }).click();
    const saved = async () => ((await house.ask('admin', 'GET', '/rules/too-warm')).body as RuleView).version;
    await expect.poll(saved, { timeout: PATIENCE_MS, message: 'version' }).toBe(2);
  });
});
