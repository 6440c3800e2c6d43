import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, openBrowser, PATIENCE_MS, signIn, startHouse } from './testing/browser.ts';
import { type Furnished, furnish } from './testing/furnished.ts';
import { lookedAt, PICTURE_FOLDER } from './testing/pictures.ts';

/**
 * Every screen with goods, people and troubles in it, at every width and in both themes: ten minutes of a busy machine, so that
 * it runs where pictures are wanted. The walk of page-screens.test.ts runs always; what doors and empty screens show is in
 * every-state.test.ts.
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
    ['shipment-labels', ({ shipment }) => `/shipments/${shipment}/labels`, /Labels of/],
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
    ['decommission', () => '/decommission', 'Decommission a pack'],
    ['recall', () => '/recall', 'Recall'],
    ['account', () => '/account', 'Your account'],
    ['setup', () => '/admin/setup', 'Set-up'],
    ['organisation', () => '/admin/organisation', 'Organisation'],
    ['channels', () => '/admin/channels', 'Channels'],
    ['routing', () => '/admin/routing', 'Who is told of alerts'],
    ['silences', () => '/admin/silences', 'Silences'],
    ['statistics', () => '/admin/statistics', 'How alerts went'],
    ['systems', () => '/admin/systems', 'ERP and WMS'],
    ['partners', () => '/admin/partners', 'Partners'],
    ['partner', () => '/admin/partners/acme', 'Acme Pharma'],
    ['markets', () => '/admin/markets', /./],
    ['market', () => '/admin/markets/brazil', /./],
    ['readiness', ({ shipment }) => `/admin/markets/us-dscsa/readiness?shipment=${shipment}`, 'Ready for the market?'],
    ['exceptions', () => '/admin/exceptions', 'Exceptions'],
    ['exception', ({ exception }) => `/admin/exceptions/${exception}`, /short on SHP-1001/],
    ['exception-not-found', () => '/admin/exceptions/E-000404', 'This exception was not found'],
    ['records', () => '/admin/records?gtin=80614141123458&lot=A17', 'Records'],
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
    ['signing', () => '/signing', /./],
  ];
  /** What is opened by a link or a screen without an account. */
  const WITHOUT_ACCOUNT: typeof SCREENS = [
    ['sign-in', () => '/shipments', 'Isotherm'],
    ['shared', ({ sharedPath }) => sharedPath, 'Shipment SHP-1001'],
    ['shared-nowhere', () => '/shared/nobody-made-this-link', 'This link leads nowhere'],
    ['answer', ({ answerPath }) => answerPath, /short on SHP-1001/],
    ['answer-nowhere', () => '/answer/nobody-made-this-link', 'This link leads nowhere'],
    ['dock-sign-in', () => '/dock/dock-1', 'This screen is not known yet'],
  ];
  /** With ISOTHERM_TEST_SCREENS=dock,help only these; with ISOTHERM_TEST_SHARD=1/2 every second one from the first. */
  const only = (process.env.ISOTHERM_TEST_SCREENS ?? '').split(',').filter((name) => name !== '');
  const [shard = 1, shards = 1] = (process.env.ISOTHERM_TEST_SHARD ?? '1/1').split('/').map(Number);
  const wanted = (screens: typeof SCREENS) =>
    screens.filter(([name], at) => at % shards === shard - 1 && (only.length === 0 || only.includes(name)));

  const walked = async (contexts: readonly BrowserContext[], screens: typeof SCREENS): Promise<string[]> => {
    const troubles: string[] = [];
    // One is looked at while the other waits until nothing more comes; in a window of its own, since pages of one context take
    // each other's width.
    const rest = wanted(screens).values();
    const walk = async (page: Page) => {
      for (const [name, path, heading] of rest) {
        const began = performance.now();
        await page.goto(house.url + path(here));
        await page.getByRole('heading', { name: heading, level: 1 }).first().waitFor();
        await page.waitForLoadState('networkidle');
        troubles.push(...(await lookedAt(page, name, PICTURE_FOLDER ?? '')));
        console.info(`${name}: ${((performance.now() - began) / 1_000).toFixed(1)} s`);
      }
    };
    await Promise.all(contexts.map(async (context) => walk(await context.newPage())));
    for (const context of contexts) await context.close();
    return troubles;
  };

  test('fits, and axe finds nothing serious', async () => {
    const visits = [await signIn({ browser, house }, 'admin'), await signIn({ browser, house }, 'admin')];
    const contexts = visits.map(({ context }) => context);
    expect(await walked(contexts, SCREENS)).toEqual([]);
  }, 3_600_000);

  test('so does what is shown to who has no account', async () => {
    const context = await browser.newContext({ locale: 'en-GB' });
    context.setDefaultTimeout(PATIENCE_MS);
    expect(await walked([context], WITHOUT_ACCOUNT)).toEqual([]);
  }, 3_600_000);
});
