import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pallet, vials } from '../trace/testing/yard.ts';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, openBrowser, PATIENCE_MS, signIn, startHouse } from './testing/browser.ts';
import { BusyDoor } from './testing/busy-door.ts';
import { Line } from './testing/line.ts';
import { lookedAt, PICTURE_FOLDER } from './testing/pictures.ts';

/**
 * What screens show before anything is there, while it loads, where it is refused, and without a network; and each state of a
 * door. Where pictures are wanted, as every-screen.test.ts.
 */
describe.skipIf(chromiumPath === null || PICTURE_FOLDER === null)('every state', () => {
  let house: Installation;
  let browser: Browser;

  beforeAll(async () => {
    house = await startHouse();
    browser = await openBrowser();
  }, 600_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  const look = (page: Page, name: string) => lookedAt(page, name, PICTURE_FOLDER ?? '');

  const EMPTY = [
    ['shipments', '/shipments'],
    ['board', '/shipments?view=board'],
    ['map', '/shipments?view=map'],
    ['lanes', '/lanes'],
    ['alerts', '/alerts'],
    ['cases', '/cases'],
    ['portals', '/portals'],
    ['devices', '/devices'],
    ['rules', '/rules'],
    ['find', '/find?q=nothing-is-called-so'],
    ['recall', '/recall?lot=A17'],
    ['statistics', '/admin/statistics'],
    ['routing', '/admin/routing'],
    ['silences', '/admin/silences'],
    ['systems', '/admin/systems'],
    ['partners', '/admin/partners'],
    ['exceptions', '/admin/exceptions'],
    ['places', '/admin/places'],
    ['doors', '/admin/portals'],
    ['products', '/admin/products'],
    ['channels', '/admin/channels'],
    ['tokens', '/admin/tokens'],
    ['credentials', '/admin/credentials'],
    ['quarantine', '/admin/quarantine'],
    ['holds', '/admin/holds'],
    ['audit-review', '/admin/audit-review'],
  ] as const;

  test('before anything is there', async () => {
    const visits = [await signIn({ browser, house }, 'admin'), await signIn({ browser, house }, 'admin')];
    const troubles: string[] = [];
    const rest = EMPTY.values();
    const walk = async (one: Page) => {
      for (const [name, path] of rest) {
        await one.goto(house.url + path);
        await one.getByRole('heading', { level: 1 }).first().waitFor();
        await one.waitForLoadState('networkidle');
        troubles.push(...(await look(one, `empty-${name}`)));
      }
    };
    await Promise.all(visits.map(({ page }) => walk(page)));
    expect(troubles).toEqual([]);
    for (const { context } of visits) await context.close();
  }, 3_600_000);

  test('while it loads, where it could not be loaded, where it is refused, and without a network', async () => {
    const { context, page } = await signIn({ browser, house }, 'admin');
    const troubles: string[] = [];
    let isOpen: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      isOpen = resolve;
    });
    await page.route('**/api/v1/devices*', async (route) => {
      await gate;
      await route.fulfill({ status: 500, json: { title: 'It could not be read', status: 500, code: 'DEFECT' } });
    });
    await page.goto(`${house.url}/devices`);
    await page.getByRole('status', { name: 'Loading' }).first().waitFor();
    troubles.push(...(await look(page, 'loading')));
    isOpen();
    await page.getByRole('heading', { name: /could not be loaded/ }).waitFor();
    troubles.push(...(await look(page, 'failed')));
    await page.goto(`${house.url}/shipments`);
    await page.getByRole('heading', { name: 'Shipments', level: 1 }).waitFor();
    await context.setOffline(true);
    await page.getByRole('link', { name: 'Portals' }).first().click();
    await page.getByRole('heading', { name: 'Isotherm cannot be reached' }).waitFor();
    troubles.push(...(await look(page, 'offline')));
    await context.close();
    const refused = await signIn({ browser, house }, 'dock');
    await refused.page.goto(`${house.url}/admin/users`);
    await refused.page.getByRole('heading', { name: 'Your role may not see this' }).waitFor();
    troubles.push(...(await look(refused.page, 'refused')));
    await refused.page.route(/assets\/Devices-.*\.js/, (route) => route.fulfill({ status: 404 }));
    await refused.page.goto(`${house.url}/devices`);
    await refused.page.getByRole('heading', { name: 'This screen could not be loaded' }).waitFor();
    troubles.push(...(await look(refused.page, 'broken')));
    await refused.context.close();
    expect(troubles).toEqual([]);
  }, 3_600_000);

  test('before there is anybody', async () => {
    const context = await browser.newContext({ locale: 'en-GB' });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await page.route('**/api/v1/sign-in', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, json: { ...(await response.json()), needsFirstAdmin: true } });
    });
    await page.goto(house.url);
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(await look(page, 'first-admin')).toEqual([]);
    await context.close();
  }, 600_000);

  test('a door: ready, reading, right, wrong, being settled, counted, without a network, asking, settled, stopped', async () => {
    const dock = await BusyDoor.open(house, 6);
    const line = await Line.open(house.url);
    try {
      const troubles: string[] = [];
      const { context, page } = await signIn({ browser, house }, 'dock');
      const answer = await page.request.post(`${line.url}/api/v1/session`, {
        data: { username: 'dock', password: 'demo' },
      });
      expect(answer.ok()).toBe(true);
      await page.goto(`${line.url}/dock/dock-1`);
      const shows = (state: string) => page.locator(`[data-state=${state}]`).waitFor();
      const press = (name: string) => page.getByRole('button', { name, exact: true }).click();
      /** What goes away by itself after a while stays while it is looked at. */
      const seen = async (name: string) => {
        await page.clock.setFixedTime(Date.now());
        troubles.push(...(await look(page, `dock-${name}`)));
        await page.clock.resume();
      };
      await shows('ready');
      await seen('ready');

      const first = dock.nextPallet();
      await dock.carry([pallet(1), ...vials(101, 105)], first, false);
      await shows('reading');
      await page.locator('[data-state]').getByText('5 of 8').waitFor();
      await seen('reading');
      await dock.carry([pallet(1), ...vials(106, 108)], first + 200, false);
      await shows('pass');
      await seen('pass');
      await dock.carry([], first + 300);

      await dock.carry([pallet(2), ...vials(201, 206), ...vials(2001, 2003)], dock.nextPallet());
      await shows('check');
      await page.getByRole('button', { name: 'Settle', exact: true }).waitFor();
      await seen('check');
      await press('Settle');
      await page.getByRole('button', { name: 'Found the missing' }).waitFor();
      await seen('settle');
      await press('Counted again');
      await page.getByLabel('How many packs did you count?').fill('7');
      await page.getByText(/^7 counted, 8 announced/).waitFor();
      await seen('counted');
      line.cut();
      await page.getByText('No network.').waitFor();
      await page.getByLabel('How many packs did you count?').fill('8');
      await press('It is right');
      await page.getByText('1 action waits').waitFor();
      await seen('offline');

      const { context: others, page: other } = await signIn({ browser, house }, 'dock');
      await other.goto(`${house.url}/dock/dock-1`);
      await other.getByRole('button', { name: 'Settle', exact: true }).click();
      await other.getByRole('button', { name: 'Found the missing' }).click();
      await other.getByRole('button', { name: 'Took off what was too many' }).click();
      await other.getByRole('button', { name: 'Settle', exact: true }).click();
      await other.locator('[data-state=settled]').waitFor();
      await others.close();
      line.mend();
      await page.getByRole('alertdialog').waitFor();
      await seen('question');
      await page.getByRole('alertdialog').getByRole('button', { name: 'Keep as it is' }).click();

      await dock.carry([pallet(3), ...vials(301, 307)], dock.nextPallet());
      await shows('check');
      await press('Something is damaged');
      await page.getByRole('button', { name: 'Send', exact: true }).waitFor();
      await seen('damaged');
      await press('Cancel');
      await press('Settle');
      await press('Found the missing');
      // It stays for a while only; on a busy machine that is over before it is looked at.
      await page.clock.setFixedTime(Date.now());
      await press('Settle');
      await shows('settled');
      troubles.push(...(await look(page, 'dock-settled')));
      await page.clock.resume();

      await house.ask('quality', 'PUT', '/holds/shipment:SHP-1', { reason: 'two seals broken' });
      await dock.carry([pallet(4), ...vials(401, 408)], dock.nextPallet());
      await shows('stop');
      await page
        .getByText(/two seals broken/)
        .first()
        .waitFor();
      await seen('stop');
      await press('This shift');
      await page
        .getByText(/found what was missing/)
        .first()
        .waitFor();
      await seen('shift');
      expect(troubles).toEqual([]);
      await context.close();
    } finally {
      await line.close();
    }
  }, 3_600_000);
});
