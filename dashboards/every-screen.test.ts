import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, openBrowser, signIn, startHouse } from './testing/browser.ts';
import { type Furnished, furnish } from './testing/furnished.ts';
import { lookedAt, PICTURE_FOLDER } from './testing/pictures.ts';

/**
 * Every screen with goods, people and troubles in it, at every width and in both themes: half an hour of a busy machine, so that
 * it runs where pictures are wanted. The walk of page-screens.test.ts runs always.
 */
describe.skipIf(chromiumPath === null || PICTURE_FOLDER === null)('every screen', () => {
  let house: Installation;
  let browser: Browser;
  let here: Furnished;

  beforeAll(async () => {
    house = await startHouse();
    here = await furnish(house);
    browser = await openBrowser();
  }, 600_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  const SCREENS: readonly (readonly [name: string, path: (here: Furnished) => string, heading: string | RegExp])[] = [
    ['shipments', () => '/shipments', 'Shipments'],
    ['shipments-board', () => '/shipments?view=board', 'Board of shipments'],
    ['shipments-map', () => '/shipments?view=map', 'Map of shipments'],
    ['shipment-new', () => '/shipments/~new', 'Announce a shipment'],
    ['shipment', ({ shipment }) => `/shipments/${shipment}`, 'SHP-1001'],
    ['shipment-long-names', ({ longShipment }) => `/shipments/${longShipment}`, /DELIVERY-/],
    ['shipment-not-found', () => '/shipments/SHP-404', 'This shipment was not found'],
    ['lanes', () => '/lanes', 'Lanes'],
    ['lane', () => '/lanes/site:berlin/site:lyon', /Berlin.*Lyon/],
    ['alerts', () => '/alerts', 'Alerts'],
    ['alert', ({ alert }) => `/alerts/${alert}`, /logger-7|Pallet logger/],
    ['cases', () => '/cases', 'Cases'],
    ['case', (one) => `/cases/${one.case}`, /./],
    ['case-suspect', ({ suspectCase }) => `/cases/${suspectCase}`, /seal/],
    ['portals', () => '/portals', 'Portals'],
    ['portal', ({ pass }) => `/portals/dock-1?pass=${pass}`, 'Dock 1'],
    ['portal-not-found', () => '/portals/nowhere', 'This portal was not found'],
    ['find', () => '/find?q=SHP', 'Found for “SHP”'],
    ['practice', () => '/practice', 'Practice'],
    ['devices', () => '/devices', 'Loggers'],
    ['read-out', () => '/devices/~read-out', 'Read out a logger'],
    ['device', () => '/devices/logger-7', /logger-7|Pallet logger/],
    ['serial', ({ serial }) => `/serials/${encodeURIComponent(serial)}`, '100000'],
    ['label', ({ serial }) => `/serials/${encodeURIComponent(serial)}/label`, 'Label of 100000'],
    ['rules', () => '/rules', 'Rules'],
    ['rule', () => '/rules/too-warm', /too-warm/],
    ['rule-new', () => '/rules/~new', 'New rule'],
    ['verify', () => '/verify', 'Verify a pack'],
    ['returns', () => '/returns', /./],
    ['recall', () => '/recall', 'Recall'],
    ['account', () => '/account', 'Your account'],
    ['setup', () => '/admin/setup', 'Set-up'],
    ['organisation', () => '/admin/organisation', 'Organisation'],
    ['channels', () => '/admin/channels', 'Channels'],
    ['routing', () => '/admin/routing', 'Who is told of alerts'],
    ['silences', () => '/admin/silences', 'Silences'],
    ['statistics', () => '/admin/statistics', 'How alerts went'],
    ['partners', () => '/admin/partners', 'Partners'],
    ['exceptions', () => '/admin/exceptions', 'Exceptions'],
    ['exception', ({ exception }) => `/admin/exceptions/${exception}`, /short on SHP-1001/],
    ['exception-not-found', () => '/admin/exceptions/E-000404', 'This exception was not found'],
    ['places', () => '/admin/places', 'Places'],
    ['doors', () => '/admin/portals', 'Portals and readers'],
    ['products', () => '/admin/products', 'Products'],
    ['users', () => '/admin/users', 'Users'],
    ['roles', () => '/admin/roles', 'Roles'],
    ['tokens', () => '/admin/tokens', 'API tokens'],
    ['credentials', () => '/admin/credentials', 'Devices and gateways'],
    ['health', () => '/admin/health', 'System health'],
    ['quarantine', () => '/admin/quarantine', 'Quarantine'],
    ['holds', () => '/admin/holds', 'Holds'],
    ['retention', () => '/admin/retention', 'Retention'],
    ['audit', () => '/admin/audit', 'Audit trail'],
    ['audit-review', () => '/admin/audit-review', 'Audit review'],
    ['nowhere', () => '/nowhere', 'There is no such page'],
    ['help', () => '/help', /./],
    ['shared', ({ sharedPath }) => sharedPath, 'Shipment SHP-1001'],
    ['answer', ({ answerPath }) => answerPath, /short on SHP-1001/],
    ['dock', () => '/dock/dock-1', 'Dock 1'],
  ];
  /** With ISOTHERM_TEST_SCREENS=dock,help only these. */
  const only = (process.env.ISOTHERM_TEST_SCREENS ?? '').split(',').filter((name) => name !== '');
  const left = SCREENS.filter(([name]) => only.length === 0 || only.includes(name));

  test('fits, and axe finds nothing serious', async () => {
    const { context, page: first } = await signIn({ browser, house }, 'admin', {
      viewport: { width: 390, height: 850 },
    });
    const troubles: string[] = [];
    // One is looked at while the other waits until nothing more comes.
    const rest = left.values();
    const walk = async (page: typeof first) => {
      for (const [name, path, heading] of rest) {
        await page.goto(house.url + path(here));
        await page.getByRole('heading', { name: heading, level: 1 }).first().waitFor();
        await page.waitForLoadState('networkidle');
        troubles.push(...(await lookedAt(page, name, PICTURE_FOLDER ?? '')));
      }
    };
    await Promise.all([walk(first), walk(await context.newPage())]);
    expect(troubles).toEqual([]);
    await context.close();
  }, 3_600_000);
});
