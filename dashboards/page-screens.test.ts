import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Finding, systemTime } from '../domain/index.ts';
import { effectsOf, QuarantineStore } from '../storage/index.ts';
import type { Installation } from './server/testing/installation.ts';
import {
  chromiumPath,
  faultsOf,
  openBrowser,
  PATIENCE_MS,
  type PageOptions,
  seriousFaults,
  signIn,
  startHouse,
} from './testing/browser.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const SERIALS = 60;
const iso = (at: number) => new Date(at).toISOString();
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;

const silence: Finding = {
  rule: 'silent',
  ruleVersion: 1,
  kind: 'silence',
  severity: 'warning',
  key: 'logger-7/temperature',
  from: NOW - HOUR,
  to: null,
  endedBy: null,
  extreme: null,
  readings: 0,
  minutesOutOfRange: null,
  runs: [],
  limit: null,
  detectedAt: NOW,
  detectedLate: false,
};

describe.skipIf(chromiumPath === null)('the page in a browser', () => {
  let house: Installation;
  let browser: Browser;
  let alertPath: string;

  beforeAll(async () => {
    house = await startHouse();
    for (const [id, name, zone] of [
      ['site:berlin', 'Berlin', 'Europe/Berlin'],
      ['site:lisbon', 'Lisbon', 'Europe/Lisbon'],
    ] as const)
      await house.tell({ type: 'place', place: { id, kind: 'site', name, parent: null, zone }, by: 'test' });
    const asked = await house.ask('logistics', 'POST', '/shipments', {
      id: 'SHP-1',
      profile: '2-8C',
      origin: 'site:berlin',
      destination: 'site:lisbon',
      departs: iso(NOW - 4 * HOUR),
      arrives: iso(NOW + 20 * HOUR),
      units: [
        {
          sscc: 'urn:epc:id:sscc:0614141.1234567890',
          devices: ['logger-7'],
          children: Array.from({ length: SERIALS }, (_, index) => sgtin(1000 + index)),
          from: iso(NOW - 5 * HOUR),
        },
      ],
      products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2027-06-30' }],
    });
    expect(asked.status).toBe(201);
    await house.measure(
      'logger-7',
      Array.from(
        { length: 90 },
        (_, index) => [NOW - (180 - index) * MINUTE, index === 45 ? 85 : 5 + (index % 3) / 10] as const,
      ),
    );
    await house.find(silence);
    alertPath = `/alerts/${await alertWithSerials(house)}`;
    browser = await openBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  const signedIn = (role: string, options?: PageOptions) => signIn({ browser, house }, role, options);

  test('a screen not opened before says that the server is away, keeps the menu, and opens when it is back', async () => {
    const { context, page } = await signedIn('operations');
    await page.goto(`${house.url}/alerts`);
    await page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor();
    await context.setOffline(true);
    await page.getByRole('link', { name: 'Portals' }).first().click();
    await page.getByRole('heading', { name: 'Isotherm cannot be reached' }).waitFor();
    await page.getByRole('link', { name: 'Alerts' }).first().click();
    await page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'Portals' }).first().click();
    await page.getByRole('heading', { name: 'Isotherm cannot be reached' }).waitFor();
    await context.setOffline(false);
    await page.getByRole('heading', { name: 'Portals', level: 1 }).waitFor();
    await context.close();
  });

  test('a tab from before an upgrade, whose files are gone, finds its way to the new page', async () => {
    const { context, page } = await signedIn('operations');
    await page.goto(`${house.url}/alerts`);
    await page.getByRole('heading', { name: 'Alerts', level: 1 }).waitFor();
    let isOld = true;
    await page.route(/assets\/Rules-.*\.js/, (route) => (isOld ? route.fulfill({ status: 404 }) : route.continue()));
    page.on('load', () => {
      isOld = false;
    });
    await page.getByRole('link', { name: 'Rules' }).first().click();
    await page.getByRole('heading', { name: 'Rules', level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/rules');
    await context.close();
  });

  test('a screen whose file never comes says so instead of loading for ever', async () => {
    const { context, page } = await signedIn('operations');
    await page.route(/assets\/Devices-.*\.js/, (route) => route.fulfill({ status: 404 }));
    await page.goto(`${house.url}/devices`);
    await page.getByRole('heading', { name: 'This screen could not be loaded' }).waitFor();
    await expect.poll(() => page.getByRole('link', { name: 'Alerts' }).first().isVisible()).toBe(true);
    await context.close();
  });

  test('what is printed of an alert has every serial and no menu', async () => {
    const { context, page } = await signedIn('quality');
    await page.goto(house.url + alertPath);
    await page.getByRole('button', { name: `${SERIALS} serials` }).waitFor();
    await page.emulateMedia({ media: 'print' });
    await page.evaluate("window.dispatchEvent(new Event('beforeprint'))");
    await expect.poll(() => page.locator('table a', { hasText: /^10\d\d$/ }).count()).toBe(SERIALS);
    await expect.poll(() => page.getByRole('navigation').filter({ visible: true }).count()).toBe(0);
    await expect.poll(() => page.getByRole('button', { name: 'Acknowledge' }).isVisible()).toBe(false);
    await context.close();
  });

  test('the report of a shipment is there in °F, as CSV and as EPCIS', async () => {
    const { context, page } = await signedIn('quality');
    await page.goto(`${house.url}/shipments/SHP-1`);
    await page.getByRole('button', { name: 'Other forms' }).click();
    for (const [name, type] of [
      ['PDF with °F', 'application/pdf'],
      ['Serials as CSV', 'text/csv'],
      ['Events as EPCIS (JSON)', 'application/'],
    ] as const) {
      const item = page.getByRole('menuitem', { name });
      await item.waitFor();
      const answer = await page.request.get(`${house.url}${await item.getAttribute('href')}`);
      expect({ name, status: answer.status(), type: answer.headers()['content-type'] }).toMatchObject({
        ...{ name, status: 200, type: expect.stringContaining(type) },
      });
    }
    await context.close();
  });

  test('the chart of an alert gets narrower with the window, and no button stands on paper', async () => {
    const { context, page } = await signedIn('quality');
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(house.url + alertPath);
    await page.locator('.uplot canvas').first().waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    const excess = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    await expect.poll(excess).toBeLessThanOrEqual(0);
    await page.emulateMedia({ media: 'print' });
    await expect.poll(() => page.locator('.mantine-Button-root').filter({ visible: true }).count()).toBe(0);
    await context.close();
  });

  test('all times of a view are by one clock, the site is the first to be asked for it, and it is named', async () => {
    const { context, page } = await signedIn('quality', { timezoneId: 'America/New_York' });
    await page.goto(house.url + alertPath);
    const clock = page.getByRole('button', { name: /^Times are in/ });
    await clock.filter({ hasText: 'Lisbon time' }).waitFor();
    // Left right after the click: what was chosen does not arrive. The next page shows it all the same, and sends it again.
    let hasLeft = false;
    await page.route('**/api/v1/me/settings', async (route) => {
      if (route.request().method() !== 'PUT' || hasLeft) await route.continue();
    });
    await clock.click();
    await page.getByRole('menuitem', { name: 'UTC' }).click();
    await clock.filter({ hasText: 'UTC' }).waitFor();
    const began = page.locator('dl div', { hasText: 'Began' }).locator('time');
    const utc = new Date(silence.from).toISOString().slice(11, 16);
    await expect.poll(() => began.innerText()).toContain(utc);
    hasLeft = true;
    await page.goto(`${house.url}/devices`);
    await clock.filter({ hasText: 'UTC' }).waitFor();
    const keptClock = async () => (await (await page.request.get(`${house.url}/api/v1/me/settings`)).json()).clock;
    await expect.poll(keptClock).toBe('utc');
    await clock.click();
    await page.getByRole('menuitem', { name: 'Yours: New York time' }).click();
    await clock.filter({ hasText: 'New York time' }).waitFor();
    await context.close();
  });

  test('an error code is not shown as a temperature, and quality sets readings aside and takes that back', async () => {
    const { context, page } = await signedIn('quality', { timezoneId: 'Europe/Berlin' });
    await page.goto(`${house.url}/devices/logger-7`);
    await page.getByText('an error code of the sensor, not a temperature').waitFor();
    await page.getByRole('button', { name: 'Set readings aside' }).click();
    const day = iso(NOW - 170 * MINUTE).slice(0, 10);
    const minute = (back: number) => iso(NOW - back * MINUTE).slice(11, 16);
    await page.getByRole('button', { name: /^Times are in/ }).click();
    await page.getByRole('menuitem', { name: 'UTC', exact: true }).click();
    await page.getByLabel('From').fill(`${day} ${minute(170)}`);
    await page.getByLabel('To', { exact: true }).fill(`${iso(NOW - 165 * MINUTE).slice(0, 10)} ${minute(165)}`);
    await page.getByLabel('Why they are wrong').fill('the door of the chamber was open for cleaning');
    await page.getByRole('button', { name: 'Set aside', exact: true }).click();
    await page.getByText('5 readings: set aside by quality').waitFor();
    await page.getByRole('button', { name: 'Take them as fact again' }).click();
    await page.getByLabel('Why they are right after all').fill('it was another chamber');
    await page.getByRole('button', { name: 'Take as fact', exact: true }).click();
    await page.getByText('set aside by quality').waitFor({ state: 'detached' });
    await context.close();
  });

  test('what waits in quarantine is adopted with a reason, and stays there with who did it', async () => {
    const store = new QuarantineStore({ database: house.database });
    const payload = Buffer.from(`{"time":"${iso(NOW - 500 * 24 * HOUR)}","temperature":5.5}`).toString('base64');
    const entry = { arrival: NOW, source: 'drawer-1', topic: 'isotherm/v1/devices/drawer-1/readings', payload };
    await house.database.transaction((client) =>
      store.keep(effectsOf(client), [
        { ...entry, reason: 'TIME_TOO_OLD', detail: 'older than 400 days', partition: 0, position: 1, index: 0 },
      ]),
    );
    const { context, page } = await signedIn('operations');
    await page.goto(`${house.url}/admin/quarantine`);
    const row = page.getByRole('row', { name: /drawer-1/ });
    await row.getByText('older than 400 days').waitFor();
    await row.getByRole('button', { name: 'Adopt' }).click();
    await row.getByLabel('Why it can be trusted').fill('a logger that was found in a drawer');
    await row.getByRole('button', { name: 'Adopt' }).click();
    await row.getByText('Adopted by operations: a logger that was found in a drawer').waitFor();
    await context.close();
  });

  test('a label scanned by who is not signed in lands at its pack after signing in', async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 850 } });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await page.goto(`${house.url}/01/80614141123458/21/1000?17=270630`);
    await page.getByLabel('Name', { exact: true }).fill('dock');
    await page.getByLabel('Password', { exact: true }).fill('demo');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('heading', { name: '1000', level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/serials/${encodeURIComponent(sgtin(1000))}`);
    await context.close();
  });

  test('a phone that scans a label lands on the page of its pack, and the label prints alone', async () => {
    const { context, page } = await signedIn('dock', { viewport: { width: 390, height: 850 } });
    // A file of this name there is none; a serial may have it.
    await page.goto(`${house.url}/01/80614141123458/21/1000?17=270630`);
    await page.getByRole('heading', { name: '1000', level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toBe(`/serials/${encodeURIComponent(sgtin(1000))}`);
    await page.goto(`${house.url}/01/80614141123458/21/A.js`);
    await page.getByRole('heading', { name: /is called/ }).waitFor();
    await page.goto(`${house.url}/serials/${encodeURIComponent(sgtin(1000))}`);
    await page.getByRole('link', { name: 'Label', exact: true }).click();
    await page.getByRole('img', { name: `QR code that leads to ${house.url}/01/80614141123458/21/1000` }).waitFor();
    await page.emulateMedia({ media: 'print' });
    await expect.poll(() => page.getByRole('heading', { level: 1 }).isVisible()).toBe(false);
    await expect.poll(() => page.getByText('(21)1000', { exact: true }).isVisible()).toBe(true);
    await context.close();
  });

  test('an administrator makes a token, sees it once, and revokes it; the audit trail has both', async () => {
    const { context, page } = await signedIn('admin');
    await page.goto(`${house.url}/admin/tokens`);
    await page.getByLabel('Name').fill('erp');
    await page.getByRole('button', { name: 'Create token' }).click();
    const secret = await page.locator('code').first().innerText();
    const asked = () =>
      page.request.get(`${house.url}/api/v1/alerts`, { headers: { authorization: `Bearer ${secret}`, cookie: '' } });
    expect((await asked()).status()).toBe(200);
    await page.getByRole('button', { name: 'I have it' }).click();
    await expect.poll(() => page.getByText(secret).count()).toBe(0);
    const row = page.getByRole('row', { name: /^erp / });
    await row.getByRole('button', { name: 'Revoke' }).click();
    await row.getByRole('button', { name: 'Revoke token' }).click();
    await row.waitFor({ state: 'detached' });
    expect((await asked()).status()).toBe(401);
    await page.goto(`${house.url}/admin/audit?subject=token:erp`);
    await expect.poll(() => page.getByRole('row').count(), { timeout: PATIENCE_MS }).toBe(3);
    await context.close();
  });

  test('quality sets a hold, sees it among those that stand and in what is kept, and releases it for a reason', async () => {
    const { context, page } = await signedIn('quality');
    await page.goto(`${house.url}/admin/holds`);
    await page.getByLabel('What', { exact: true }).selectOption('device');
    await page.getByLabel('Its id').fill('logger-404');
    await page.getByLabel('Why it is held').fill('complaint 4711');
    await page.getByRole('button', { name: 'Put on hold' }).click();
    await page.getByRole('alert').filter({ hasText: 'logger-404' }).waitFor();
    await page.getByLabel('Its id').fill('logger-7');
    await page.getByRole('button', { name: 'Put on hold' }).click();
    const row = page.getByRole('row', { name: /logger-7.*complaint 4711/ });
    await row.getByRole('button', { name: 'Release' }).click();
    await row.getByLabel('Why it may be released').fill('closed without finding');
    await row.getByRole('button', { name: 'Release the hold' }).click();
    await page.getByText('Nothing is on hold').waitFor();
    // It stands in the address, so it is ticked a moment after the click.
    await page.getByLabel('Released ones too').click();
    await row.getByText('closed without finding').waitFor();
    await page.goto(`${house.url}/admin/retention`);
    await page.getByRole('row', { name: /^Readings 400 days/ }).waitFor();
    await context.close();
  });

  test('new credentials on a phone: the secret and its ready lines are shown, and nothing runs off the screen', async () => {
    const { context, page } = await signedIn('admin', { viewport: { width: 390, height: 850 } });
    await page.goto(`${house.url}/admin/credentials`);
    const id = 'gateway-of-the-loading-dock-at-the-far-end-of-the-second-hall';
    await page.getByLabel('Id', { exact: true }).fill(id);
    await page.getByLabel('Kind', { exact: true }).selectOption('gateway');
    await page.getByRole('button', { name: 'Create credentials' }).click();
    await page.getByRole('heading', { name: `Password of ${id}` }).waitFor();
    await page.getByText('gateway.yaml, for isotherm gateway').waitFor();
    const beyond = await page.evaluate<string[]>(
      `[...document.querySelectorAll('main *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1)
        .map((one) => one.outerHTML.slice(0, 120))`,
    );
    expect(beyond).toEqual([]);
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBe(390);
    await context.close();
  });

  test('administration is shown to those it is for, and says so to others', async () => {
    const { context, page } = await signedIn('dock');
    await page.goto(`${house.url}/admin/users`);
    await page.getByRole('heading', { name: 'Your role may not see this' }).waitFor();
    await page.getByRole('button', { name: /Signed in as dock/ }).click();
    await page.getByRole('menuitem', { name: 'Your account' }).waitFor();
    expect(await page.getByRole('menuitem', { name: 'Administration' }).count()).toBe(0);
    await context.close();
  });

  // Whoever unticked the last site of somebody had given them every site.
  test('taking the last site from a user is not kept as every site; axe finds nothing serious beside the choice', async () => {
    await house.accounts.users.create({ name: 'lea', role: 'quality', password: 'demo', sites: ['site:berlin'] });
    const { context, page } = await signedIn('admin', { viewport: { width: 1280, height: 850 } });
    await page.goto(`${house.url}/admin/users`);
    await page.getByRole('button', { name: 'Change the sites of lea' }).click();
    const choice = page.getByRole('group', { name: 'Sites of lea' });
    await choice.getByLabel('Berlin').uncheck();
    const save = page.getByRole('button', { name: 'Save sites' });
    await expect.poll(() => save.isDisabled()).toBe(true);
    expect(await seriousFaults(page)).toEqual([]);
    await choice.getByLabel('Lisbon').check();
    await save.click();
    await page.getByRole('button', { name: 'Change the sites of lea' }).waitFor();
    expect(await house.accounts.users.get('lea')).toMatchObject({ sites: ['site:lisbon'] });
    // To see every site is said by a switch of its own.
    await page.getByRole('button', { name: 'Change the sites of lea' }).click();
    await page.getByRole('row', { name: /^lea / }).getByLabel('Sees every site').click();
    await save.click();
    await page.getByRole('button', { name: 'Change the sites of lea' }).waitFor();
    expect(await house.accounts.users.get('lea')).toMatchObject({ sites: 'all' });
    await context.close();
  });

  test('who is bound to sites is told that nothing is at theirs, not that there is nothing', async () => {
    await house.accounts.users.create({ name: 'nina', role: 'dock', password: 'demo', sites: ['site:none-yet'] });
    const { context, page } = await signedIn('nina');
    for (const [path, heading] of [
      ['/shipments', 'Nothing at your sites'],
      ['/devices', 'No loggers at your sites'],
      ['/portals', 'No portals at your sites'],
      ['/recall?lot=A17', 'No serial of it was at your sites'],
    ] as const) {
      await page.goto(house.url + path);
      await page.getByRole('heading', { name: heading }).waitFor();
    }
    await page.getByText(`${SERIALS} serials are at other sites, which you do not see.`).waitFor();
    await page.goto(`${house.url}/alerts`);
    await page.getByText('A new alert at your sites appears here the moment it is raised.').waitFor();
    await context.close();
  });

  // A tablet lay between the phone and the desk: the menu ran off its screen, and a temperature had no room.
  test('on the map the second of two shipments at one spot could not be pressed: the spot lists both', async () => {
    const { context, page } = await signIn({ browser, house }, 'logistics', { viewport: { width: 1280, height: 900 } });
    await page.route('**/api/v1/shipment-board**', async (route) => {
      const answer = await route.fetch();
      const at = { position: { latitude: 50.1, longitude: 8.6 }, at: iso(NOW) };
      const positions = ['SHP-1', 'SHP-2'].map((shipment, n) => ({
        ...{ shipment, device: `logger-${n + 7}`, state: n === 0 ? 'excursion' : 'inRange', ...at },
      }));
      await route.fulfill({ response: answer, json: { ...(await answer.json()), positions } });
    });
    await page.goto(`${house.url}/shipments?view=map`);
    const spot = page.getByRole('button', { name: '2 shipments at this spot, the worst: Critical. Show them' });
    await spot.focus();
    await page.keyboard.press('Enter');
    const both = page.getByRole('menuitem');
    await expect
      .poll(() => both.allTextContents())
      .toEqual(['SHP-1: logger-7 is here. Critical', 'SHP-2: logger-8 is here. In range']);
    expect(await seriousFaults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await both.first().waitFor({ state: 'hidden' });
    await spot.click();
    await both.last().click();
    await expect.poll(() => page.url()).toBe(`${house.url}/shipments/SHP-2`);
    await context.close();
  });

  test('on every tablet the menu fits and the list of shipments shows its temperatures whole', async () => {
    const { context, page } = await signedIn('admin', { viewport: { width: 1280, height: 850 } });
    await page.goto(`${house.url}/shipments`);
    const cell = page.getByRole('row', { name: /SHP-1/ }).locator('td:nth-child(4)');
    await cell.waitFor();
    for (const width of [870, 961, 1024, 1141, 1181, 1280]) {
      await page.setViewportSize({ width, height: 850 });
      const beyond = () => page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
      await expect.poll(beyond, { message: `beyond the screen at ${width} px` }).toBeLessThanOrEqual(0);
      // A mark and "-19.7 °C" beside it.
      const room = () => cell.evaluate((one) => one.clientWidth);
      await expect.poll(room, { message: `room for a temperature at ${width} px` }).toBeGreaterThanOrEqual(96);
    }
    await context.close();
  });

  const SCREENS = [
    ['/shipments', 'Shipments'],
    ['/shipments?view=board', 'Board of shipments'],
    ['/shipments?view=map', 'Map of shipments'],
    ['/shipments/~new', 'Announce a shipment'],
    ['/lanes', 'Lanes'],
    ['/shipments/SHP-1', 'SHP-1'],
    ['/shipments/SHP-404', 'This shipment was not found'],
    ['/alerts', 'Alerts'],
    ['/cases', 'Cases'],
    ['/portals', 'Portals'],
    ['/portals/nowhere', 'This portal was not found'],
    ['/find?q=SHP-1', 'Found for “SHP-1”'],
    ['/practice', 'Practice'],
    ['/devices', 'Loggers'],
    ['/devices/~read-out', 'Read out a logger'],
    ['/devices/logger-7', 'logger-7'],
    [`/serials/${encodeURIComponent(sgtin(1000))}`, '1000'],
    [`/serials/${encodeURIComponent(sgtin(1000))}/label`, 'Label of 1000'],
    ['/rules', 'Rules'],
    ['/rules/~new', 'New rule'],
    ['/verify', 'Verify a pack'],
    ['/recall', 'Recall'],
    ['/account', 'Your account'],
    ['/admin/setup', 'Set-up'],
    ['/admin/organisation', 'Organisation'],
    ['/admin/channels', 'Channels'],
    ['/admin/routing', 'Who is told of alerts'],
    ['/admin/silences', 'Silences'],
    ['/admin/statistics', 'How alerts went'],
    ['/admin/partners', 'Partners'],
    ['/admin/exceptions', 'Exceptions'],
    ['/admin/exceptions/E-000404', 'This exception was not found'],
    ['/admin/places', 'Places'],
    ['/admin/portals', 'Portals and readers'],
    ['/admin/products', 'Products'],
    ['/admin/users', 'Users'],
    ['/admin/roles', 'Roles'],
    ['/admin/tokens', 'API tokens'],
    ['/admin/credentials', 'Devices and gateways'],
    ['/admin/health', 'System health'],
    ['/admin/quarantine', 'Quarantine'],
    ['/admin/holds', 'Holds'],
    ['/admin/retention', 'Retention'],
    ['/admin/audit', 'Audit trail'],
    ['/admin/audit-review', 'Audit review'],
    ['/nowhere', 'There is no such page'],
  ] as const;

  /** Every width and theme, with goods on each screen, is walked by every-screen.test.ts, where pictures are wanted. */
  const LOOKS = [
    [390, 'light'],
    [1280, 'dark'],
  ] as const;

  test.each(LOOKS)(
    'at %i px, %s: every screen has a name, fits, and axe finds nothing serious',
    async (width, colorScheme) => {
      const { context, page: first } = await signedIn('admin', { viewport: { width, height: 850 }, colorScheme });
      const titles = new Set<string>();
      const troubles: string[] = [];
      // One is looked at while the other waits until nothing more comes.
      const left = [...SCREENS, [alertPath, 'logger-7'] as const].values();
      const walk = async (page: Page) => {
        for (const [path, heading] of left) {
          await page.goto(house.url + path);
          await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
          await page.waitForLoadState('networkidle');
          titles.add(await page.title());
          troubles.push(...(await faultsOf(page, path)));
        }
      };
      await Promise.all([walk(first), walk(await context.newPage())]);
      expect(troubles).toEqual([]);
      expect(titles.size).toBe(SCREENS.length + 1);
      await context.close();
    },
    240_000,
  );
});

/** The one alert's id, as soon as its serials are found. */
async function alertWithSerials(house: Installation): Promise<string> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const { body } = await house.ask('quality', 'GET', '/alerts');
    const [alert] = (body as { items: { id: string; affected: { count: number } }[] }).items;
    if (alert?.affected.count === SERIALS) return alert.id;
    if (Date.now() > until) throw new Error(`waited for an alert with ${SERIALS} serials, got ${JSON.stringify(body)}`);
    await systemTime.sleep('alert', 50);
  }
}
