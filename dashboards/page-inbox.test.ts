import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseRouting } from '../alerts/index.ts';
import { type Finding, systemTime } from '../domain/index.ts';
import type { AlertDetail, AlertView } from './api/index.ts';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, faultsOf, openBrowser, PATIENCE_MS, signIn, startHouse } from './testing/browser.ts';

const MINUTE = 60_000;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const LOGGERS = Array.from({ length: 6 }, (_, n) => `logger-${n + 1}`);
const MANY = 5_000;
const ROUTING = `people:
  anna: { notify: { critical: [sms] } }
  ben: { notify: { critical: [sms] } }
route: { name: all, to: [{ person: anna }], escalation: [{ after: 15m, to: [{ person: ben }] }] }
`;

const excursion = (logger: string, back: number): Finding => ({
  ...{ rule: 'too-warm', ruleVersion: 1, kind: 'threshold', severity: 'critical', key: `${logger}/temperature` },
  ...{ from: NOW - 60 * MINUTE, to: NOW - MINUTE, endedBy: 'recovery', extreme: 9, readings: 0, limit: 8 },
  ...{ minutesOutOfRange: 59, runs: [], detectedAt: NOW - back * MINUTE, detectedLate: false },
});

describe.skipIf(chromiumPath === null)('the inbox of alerts in a browser', () => {
  let house: Installation;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    house = await startHouse({ routing: parseRouting(ROUTING, 'routing.yaml', ['sms']) });
    for (const [n, logger] of LOGGERS.entries()) await house.find(excursion(logger, n + 1));
    while ((await alerts()).length < LOGGERS.length) await systemTime.sleep('test: alerts', 20);
    browser = await openBrowser();
    ({ page } = await signIn({ browser, house }, 'operations', { viewport: { width: 1280, height: 900 } }));
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  const alerts = async (query = '') =>
    ((await house.ask('operations', 'GET', `/alerts?limit=100&${query}`)).body as { items: AlertView[] }).items;
  const byLogger = async (logger: string) => {
    const [alert] = await alerts(`device=${logger}`);
    const { body } = await house.ask('operations', 'GET', `/alerts/${alert?.id}`);
    return body as AlertDetail;
  };
  const list = () => page.getByRole('list', { name: 'Alerts' });
  const row = (logger: string): Locator => list().getByRole('listitem').filter({ hasText: logger });
  const open = async (path = '/alerts') => {
    await page.mouse.move(0, 0);
    await page.goto(house.url + path);
    await list().getByRole('listitem').first().waitFor();
  };
  const state = (logger: string) =>
    expect.poll(async () => (await byLogger(logger)).state, { timeout: PATIENCE_MS, message: `state of ${logger}` });

  test('keys walk the list, select, and act on what is selected; none does anything while somebody types', async () => {
    await open();
    await page.keyboard.press('j');
    await page.locator('[data-row="0"] a:focus').waitFor();
    await page.keyboard.press('j');
    await page.locator('[data-row="1"] a:focus').waitFor();
    await page.keyboard.press('k');
    await page.locator('[data-row="0"] a:focus').waitFor();
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('2 selected').waitFor();
    await page.keyboard.press('e');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Who looks after it').fill('xjaskr');
    await expect.poll(() => dialog.getByLabel('Who looks after it').inputValue()).toBe('xjaskr');
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('2 selected').waitFor();
    await page.keyboard.press('a');
    await page.getByText('2 alerts are acknowledged.').waitFor();
    await state('logger-1').toBe('acknowledged');
    await state('logger-2').toBe('acknowledged');
    await row('logger-1').waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await dialog.getByText('Select it, or not').waitFor();
    expect(await faultsOf(page, 'the keys')).toEqual([]);
    await dialog.getByRole('button', { name: 'Turn the keys of one letter off' }).click();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.keyboard.press('?');
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await dialog.getByRole('button', { name: 'Turn the keys of one letter on' }).click();
    await dialog.getByRole('button', { name: 'Close' }).click();
  });

  test('a reason is asked once for many, and what somebody else did first is told with how it is now', async () => {
    await open();
    for (const logger of ['logger-3', 'logger-4', 'logger-5']) await row(logger).getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Resolve' }).click();
    const dialog = page.getByRole('dialog', { name: 'Resolve 3 alerts' });
    await dialog.getByLabel('What was found, what was done').fill('the fan was stuck');
    const { id } = await byLogger('logger-4');
    await house.ask('quality', 'POST', `/alerts/${id}/resolve`, { reason: 'the door stood open' });
    await dialog.getByRole('button', { name: 'Resolve' }).click();
    await page.getByText('2 alerts are resolved.').waitFor();
    await page.getByText('It is Resolved now.').waitFor();
    await state('logger-3').toBe('resolved');
    expect((await byLogger('logger-5')).history.at(-1)).toMatchObject({ comment: 'the fan was stuck' });
    expect((await byLogger('logger-4')).history.at(-1)).toMatchObject({ comment: 'the door stood open' });
  });

  test('who was told of an alert stands one click away on its row', async () => {
    await open();
    await row('logger-6')
      .getByRole('button', { name: /^Who was told/ })
      .click();
    await page.getByText('anna by sms').waitFor();
    await page.getByText('ben by sms').waitFor();
    expect(await faultsOf(page, 'who was told')).toEqual([]);
  });

  test('on the alert itself: taking it, telling whoever is next and silencing it are one click each', async () => {
    const { id } = await byLogger('logger-6');
    await page.goto(`${house.url}/alerts/${id}`);
    await page.getByRole('button', { name: 'Take it' }).click();
    await page.getByText('operations looks after it.').waitFor();
    await page.getByRole('button', { name: 'Tell ben now' }).click();
    await expect
      .poll(async () => (await byLogger('logger-6')).notices.find(({ who }) => who === 'ben')?.state)
      .toBe('sent');
    await page.getByRole('button', { name: 'Silence' }).click();
    await page.getByLabel('Why nobody is told').fill('the room is being cleaned');
    await page.getByRole('button', { name: 'Silence them' }).click();
    await page.getByText('Nobody is told of them until').waitFor();
    const { items } = (await house.ask('operations', 'GET', '/silences')).body as { items: { match: unknown }[] };
    expect(items[0]?.match).toEqual({ rule: ['too-warm'], device: ['logger-6'] });
  });

  test('a new alert waits while the pointer is over the list, and nothing moves under it', async () => {
    await open();
    await row('logger-6').hover();
    const before = await row('logger-6').boundingBox();
    await house.find(excursion('logger-7', 0));
    const waiting = page.getByRole('button', { name: 'Show 1 new alert' });
    await waiting.waitFor();
    expect(await row('logger-6').boundingBox()).toEqual(before);
    await expect.poll(() => row('logger-7').count()).toBe(0);
    await waiting.click();
    await row('logger-7').waitFor();
    await page.mouse.move(0, 0);
    await house.find(excursion('logger-8', 0));
    await row('logger-8').waitFor();
  });

  test('of five thousand alerts those near the window are drawn, each group counts right, and all are selected at once', async () => {
    const [one] = await alerts('device=logger-6');
    const columns = `rule_version, kind, severity, metric, portal, shipments, summary, from_at, to_at,
      detected_late, evidence, evidence_complete, affected_count, at_stake`;
    await house.database.query(
      `INSERT INTO alerts (id, key, state, rule, device, detected_at, ${columns})
       SELECT 'many-' || n, 'many-' || n || '/temperature', 'open', 'rule-' || n % 3, 'many-' || n,
         detected_at - n * interval '1 s', ${columns}
       FROM alerts, generate_series(1, $2::int) n WHERE id = $1`,
      [one?.id, MANY],
    );
    await open('/alerts?by=rule');
    const link = (id: string) => page.locator(`a[href="/alerts/${id}"]`);
    const groups = page.getByRole('navigation', { name: 'Groups' });
    await groups.getByRole('button', { name: /rule-1.*1,667/ }).click();
    await page.waitForURL(/of=rule-1/);
    await link('many-1').waitFor();
    await expect.poll(() => link('many-2').count()).toBe(0);
    await page.getByLabel('Select all that are shown').check();
    await page.getByRole('button', { name: 'Select all 1,667' }).click();
    await page.getByText('1,667 selected').waitFor();
    await page.keyboard.press('Escape');
    await groups.getByRole('button', { name: /^All of them/ }).click();
    const last = async () => {
      await page.evaluate('scrollTo(0, document.body.scrollHeight)');
      return Number(await list().getByRole('listitem').last().getAttribute('aria-posinset'));
    };
    await expect.poll(last, { timeout: PATIENCE_MS, message: 'older ones are loaded' }).toBeGreaterThan(300);
    await expect.poll(() => list().getByRole('listitem').count()).toBeLessThan(60);
    expect(await faultsOf(page, 'the inbox in groups')).toEqual([]);
  });
});
