import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pallet, vials } from '../trace/testing/yard.ts';
import type { CaseView } from './api/case.ts';
import type { AlertView } from './api/index.ts';
import { excursionsOf, type Lot, PASSWORD } from './server/testing/excursions.ts';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, openBrowser, PATIENCE_MS, signIn, startHouse } from './testing/browser.ts';
import { BusyDoor } from './testing/busy-door.ts';

const SIZE = { viewport: { width: 1280, height: 900 } };
const PATIENT = { timeout: PATIENCE_MS };
/** More than any screen has to step over. */
const STEPS = 120;

/** Presses Tab until this has the focus, and sees that whoever looks sees it there (WCAG 2.2, 2.4.7). */
async function tabTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let step = 0; step < STEPS; step++) {
    if (await target.evaluate((one) => one === one.ownerDocument.activeElement)) {
      expect(await page.evaluate<boolean>(IS_FOCUS_SEEN)).toBe(true);
      return;
    }
    await page.keyboard.press('Tab');
  }
  throw new Error(`${STEPS} times Tab do not come to ${target}`);
}

/** A ring around it, or around it or what frames it another border than without the focus. */
const IS_FOCUS_SEEN = `(() => {
  const one = document.activeElement;
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  if (outlineStyle !== 'none' && outlineWidth !== '0px') return true;
  const frames = [one, one.parentElement, one.parentElement.parentElement];
  // A border that fades is another one a moment later.
  for (const frame of frames) frame.style.transition = 'none';
  const look = () => frames.map((frame) => {
    const { boxShadow, borderColor, outline } = getComputedStyle(frame);
    return boxShadow + borderColor + outline;
  }).join();
  const focused = look();
  one.blur();
  const isOther = look() !== focused;
  one.focus();
  return isOther;
})()`;

async function press(page: Page, target: Locator): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.press('Enter');
}

async function write(page: Page, target: Locator, text: string): Promise<void> {
  await tabTo(page, target);
  await page.keyboard.type(text);
}

describe.skipIf(chromiumPath === null)('with the keyboard alone', () => {
  let house: Installation;
  let browser: Browser;
  let lot: Lot;
  let scene: ReturnType<typeof excursionsOf>;

  beforeAll(async () => {
    house = await startHouse();
    scene = excursionsOf(house);
    lot = await scene.excursion({ count: 4 });
    browser = await openBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  test('logistics signs in, finds the worst shipment, and opens its alert', async () => {
    const context = await browser.newContext({ ...SIZE, locale: 'en-GB' });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await page.goto(`${house.url}/shipments`);
    await write(page, page.getByLabel('Name', { exact: true }), 'logistics');
    await write(page, page.getByLabel('Password', { exact: true }), 'demo');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Shipments', level: 1 }).waitFor();
    // Another view is loaded below the head: who chose it by keys is still there, and goes on from there.
    await page.getByRole('radio', { name: 'List', exact: true }).focus();
    for (const [key, view, heading] of [
      ['ArrowRight', 'Board', 'Board of shipments'],
      ['ArrowLeft', 'List', 'Shipments'],
    ] as const) {
      await page.keyboard.press(key);
      await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
      await page.getByRole('status', { name: 'Loading' }).waitFor({ state: 'detached' });
      const chosen = page.getByRole('radio', { name: view, exact: true });
      expect(await chosen.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true);
    }
    await press(page, page.getByRole('button', { name: /Critical/ }));
    await page.waitForURL(/condition=/);
    await press(page, page.getByRole('row').getByRole('link').first());
    await page.getByRole('heading', { name: lot.shipment, level: 1 }).waitFor();
    await press(
      page,
      page
        .getByRole('main')
        .getByRole('link')
        .filter({ hasText: /Above 8\s°C/ })
        .first(),
    );
    await page.waitForURL(`**/alerts/${lot.alert}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await context.close();
  });

  test('operations acknowledges a whole group', async () => {
    const { context, page } = await signIn({ browser, house }, 'operations', SIZE);
    await page.goto(`${house.url}/alerts?by=rule`);
    await press(page, page.getByRole('navigation', { name: 'Groups' }).getByRole('button', { name: /too-warm/ }));
    await page.waitForURL(/of=too-warm/);
    await tabTo(page, page.getByLabel('Select all that are shown'));
    await page.keyboard.press('Space');
    await page.getByText('1 selected').waitFor();
    await press(page, page.getByRole('button', { name: 'Acknowledge', exact: true }));
    await page.getByText(/acknowledged\./).waitFor();
    const state = async () => ((await house.ask('operations', 'GET', `/alerts/${lot.alert}`)).body as AlertView).state;
    await expect.poll(state, PATIENT).toBe('acknowledged');
    await context.close();
  });

  test('quality opens a case, decides and signs', async () => {
    const { name } = await scene.person();
    const context = await browser.newContext(SIZE);
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await page.request.post(`${house.url}/api/v1/session`, { data: { username: name, password: PASSWORD } });
    await page.goto(`${house.url}/cases`);
    await press(page, page.getByRole('link', { name: new RegExp(lot.id) }));
    await press(page, page.getByRole('button', { name: 'Decide as proposed', exact: true }));
    await write(page, page.getByLabel('Your user name'), name);
    await write(page, page.getByLabel('Your password', { exact: true }), PASSWORD);
    await press(page, page.getByRole('button', { name: 'Sign', exact: true }));
    await page.getByRole('button', { name: 'Sign', exact: true }).waitFor({ state: 'detached' });
    const undecided = async () =>
      ((await house.ask('quality', 'GET', `/cases/${lot.id}`)).body as CaseView).serials.undecided;
    await expect.poll(undecided, PATIENT).toBe(0);
    await context.close();
  });
});

describe.skipIf(chromiumPath === null)('with the keyboard alone, at the door', () => {
  let house: Installation;
  let browser: Browser;

  beforeAll(async () => {
    house = await startHouse();
    browser = await openBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  test('dock settles what is missing', async () => {
    const dock = await BusyDoor.open(house, 1);
    await dock.carry([pallet(1), ...vials(101, 107)], dock.nextPallet());
    const { context, page } = await signIn({ browser, house }, 'dock', SIZE);
    await page.goto(`${house.url}/dock/dock-1`);
    await page.locator('[data-state=check]').waitFor();
    await press(page, page.getByRole('button', { name: 'Settle', exact: true }));
    await press(page, page.getByRole('button', { name: 'Found the missing', exact: true }));
    await press(page, page.getByRole('button', { name: 'Settle', exact: true }));
    await page.locator('[data-state=settled]').waitFor();
    await context.close();
  });
});
