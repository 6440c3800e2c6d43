import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pallet, vials } from '../trace/testing/yard.ts';
import type { PassView, UnsettledPassesView } from './api/index.ts';
import type { Installation } from './server/testing/installation.ts';
import {
  chromiumPath,
  faultsOf,
  openBrowser,
  PATIENCE_MS,
  type PageOptions,
  signIn,
  startHouse,
} from './testing/browser.ts';
import { BusyDoor } from './testing/busy-door.ts';
import { filmOf } from './testing/fake-camera.ts';
import { Line } from './testing/line.ts';

const PALLETS = 12;
const PATIENT = { timeout: PATIENCE_MS };
/** With ISOTHERM_TEST_PICTURES=1 the pictures of docs/dock.md are taken anew. */
const PICTURES = join(import.meta.dirname, '../docs/screens');

describe.skipIf(chromiumPath === null)('the screen of a door', () => {
  let house: Installation;
  let browser: Browser;
  let dock: BusyDoor;

  beforeAll(async () => {
    house = await startHouse();
    dock = await BusyDoor.open(house, PALLETS);
    browser = await openBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  const carry = (...of: Parameters<BusyDoor['carry']>) => dock.carry(...of);
  const nextPallet = () => dock.nextPallet();

  async function atTheDoor(options: PageOptions = {}): Promise<[BrowserContext, Page]> {
    const { context, page } = await signIn({ browser, house }, 'dock', options);
    await page.goto(`${house.url}/dock/dock-1`);
    await page.getByRole('heading', { name: 'Dock 1', level: 1 }).waitFor();
    return [context, page];
  }

  const shows = (page: Page, state: string) => page.locator(`[data-state=${state}]`).waitFor();

  test('counts while the door reads, and has the verdict within a second of its end; ready again by itself', async () => {
    const [context, page] = await atTheDoor();
    await shows(page, 'ready');
    const when = nextPallet();
    await carry([pallet(1), ...vials(101, 103)], when, false);
    await shows(page, 'reading');
    await page.locator('[data-state]').getByText('3 of 8').waitFor();
    await carry([pallet(1), ...vials(104, 106)], when + 200, false);
    await page.locator('[data-state]').getByText('6 of 8').waitFor();
    const onIt = page.getByRole('region', { name: 'On this pallet' });
    await onIt.getByText('lot A17, pallet (00) 106141410000000019').waitFor();
    await onIt.getByText('6 of 8').waitFor();
    await carry([pallet(1), ...vials(107, 108)], when + 400, false);
    await shows(page, 'pass');
    await page.getByText('All 8 packs are here, as expected.').waitFor();
    await carry([], when + 500);
    await shows(page, 'ready');

    const checked = nextPallet();
    await carry([pallet(2), ...vials(201, 207)], checked, false);
    await page.locator('[data-state]').getByText('7 of 8').waitFor();
    await shows(page, 'reading');
    // The browser itself says when the verdict stood there.
    const shownAt = page.evaluate<number>(`new Promise((done) => {
      const look = () => document.querySelector('[data-state=check]') ? done(Date.now()) : requestAnimationFrame(look);
      look();
    })`);
    const endedAt = Date.now();
    await carry([], checked);
    const took = (await shownAt) - endedAt;
    console.info(`verdict on the screen ${took} ms after the end of the pass`);
    expect(took).toBeLessThan(1_000);
    await context.close();
  });

  test('says what is missing and what is too many by product and pallet, in five languages', async () => {
    await carry([pallet(3), ...vials(301, 306), ...vials(2001, 2003)], nextPallet());
    const [context, page] = await atTheDoor();
    await shows(page, 'check');
    await expect.poll(() => page.locator('[data-state]').innerText(), PATIENT).toContain('2 missing, 3 too many');
    const missing = page.getByRole('region', { name: 'Missing', exact: true });
    await missing.getByText('2 × Examplumab 40 mg').waitFor();
    await missing.getByText('lot A17, pallet (00) 106141410000000033').waitFor();
    await missing.getByText('307, 308').waitFor();
    await page.getByRole('region', { name: 'Too many' }).getByText('3 ×').waitFor();
    const looks = [
      [390, 844, 'dark'],
      [1280, 800, 'light'],
      [2560, 1440, 'dark'],
    ] as const;
    for (const [width, height, scheme] of looks) {
      await page.setViewportSize({ width, height });
      await page.evaluate(`document.documentElement.setAttribute('data-mantine-color-scheme', '${scheme}')`);
      if (process.env.ISOTHERM_TEST_PICTURES === '1') {
        mkdirSync(PICTURES, { recursive: true });
        await page.screenshot({ path: join(PICTURES, `dock-${width}.png`), animations: 'disabled' });
      }
      expect(await faultsOf(page, `${width} px, ${scheme}`)).toEqual([]);
      await expect.poll(() => tooSmall(page), PATIENT).toEqual([]);
    }
    for (const [language, word, sentence] of [
      ['de', 'PRÜFEN', '2 fehlen, 3 zu viel'],
      ['fr', 'VÉRIFIER', '2 manquent, 3 en trop'],
      ['es', 'REVISAR', 'faltan 2, sobran 3'],
      ['pl', 'SPRAWDŹ', 'brakuje 2, 3 za dużo'],
    ] as const) {
      await page.locator('select').selectOption(language);
      await page.getByText(word, { exact: true }).waitFor();
      await page.getByText(sentence).waitFor();
      await page.setViewportSize({ width: 390, height: 844 });
      expect(await faultsOf(page, `390 px, ${language}`)).toEqual([]);
    }
    await page.reload();
    await page.getByText('SPRAWDŹ', { exact: true }).waitFor();
    await context.close();
  });

  test('is settled by scans alone, whatever keyboard the scanner takes this for', async () => {
    await carry([pallet(4), ...vials(401, 407), ...vials(2004, 2004)], nextPallet());
    const [context, page] = await atTheDoor();
    await page.getByText('1 missing, 1 too many').waitFor();
    await page.getByRole('button', { name: 'Settle', exact: true }).waitFor();
    await page.keyboard.type('010', { delay: 1 });
    await page.keyboard.press('Enter');
    // GS1-128 with its symbology identifier, FNC1 typed as F8.
    await scan(page, ']C10180614141123458', 'F8', '21408');
    await page.getByText('408: found.').waitFor();
    // A GS1 DataMatrix by a scanner that presses keys of a US keyboard, on a computer that takes them for a German one.
    await page.evaluate(`for (const [key, code] of [['+', 'BracketRight'], ['d', 'KeyD'],
      ...[...'20180614141123458'].map((one) => [one, 'Digit' + one]), ...[...'212004'].map((one) => [one, 'Digit' + one]),
      ['Enter', 'Enter']]) document.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true }))`);
    await shows(page, 'settled');
    await page.getByRole('button', { name: 'This shift' }).click();
    await page.getByText(/dock, \d\d:\d\d: found 408; took off 2004/).waitFor();
    await context.close();
  });

  test('keeps what is done while the network is away, over a reload, and sends it when it is back', async () => {
    const line = await Line.open(house.url);
    try {
      await carry([pallet(5), ...vials(501, 507)], nextPallet());
      const { context, page } = await signIn({ browser, house }, 'dock', {});
      await signInAt(page, line.url);
      await page.goto(`${line.url}/dock/dock-1`);
      await shows(page, 'check');
      await page.getByRole('button', { name: 'Settle', exact: true }).waitFor();
      await page.waitForFunction(
        `navigator.serviceWorker.controller !== null && caches.open('isotherm-dock-1').then((one) => one.keys())
          .then((all) => all.length > 6)`,
      );
      // Once more through the worker, which keeps what comes by.
      await page.reload();
      await page.getByRole('button', { name: 'Settle', exact: true }).waitFor();
      line.cut();
      await page.getByText('No network.').waitFor();
      await page.getByRole('button', { name: 'Settle', exact: true }).click();
      await page.getByRole('button', { name: 'Found the missing' }).click();
      await page.getByRole('button', { name: 'Settle', exact: true }).click();
      await page.getByText('1 action waits').waitFor();
      await page.reload();
      await page.getByText('1 action waits').waitFor();
      await shows(page, 'check');
      line.mend();
      await shows(page, 'settled');
      await expect.poll(() => page.getByText('1 action waits').count(), PATIENT).toBe(0);
      await context.close();
    } finally {
      await line.close();
    }
  });

  test('what no longer fits comes back as a question, from a screen whose clock is an hour wrong', async () => {
    const line = await Line.open(house.url);
    try {
      await carry([pallet(6), ...vials(601, 607)], nextPallet());
      const { context, page } = await signIn({ browser, house }, 'dock', {});
      await signInAt(page, line.url);
      await page.addInitScript('const real = Date.now; Date.now = () => real() - 3_600_000;');
      await page.goto(`${line.url}/dock/dock-1`);
      await shows(page, 'check');
      await page.getByText('The clock of this screen is wrong by 60 minutes.').waitFor();
      await page.getByRole('button', { name: 'Settle', exact: true }).waitFor();
      line.cut();
      await page.getByText('No network.').waitFor();
      await page.getByRole('button', { name: 'Settle', exact: true }).click();
      await page.getByRole('button', { name: 'Counted again', exact: true }).click();
      await page.getByLabel('How many packs did you count?').fill('7');
      await page.getByText(/^7 counted, 8 announced: 1 pack differs/).waitFor();
      await expect.poll(() => page.getByRole('button', { name: 'It is right', exact: true }).isDisabled()).toBe(true);
      await page.getByLabel('How many packs did you count?').fill('8');
      await page.getByRole('button', { name: 'It is right', exact: true }).click();
      await page.getByText('1 action waits').waitFor();
      // Meanwhile somebody settles it at the other screen of this door.
      const [other, second] = await atTheDoor();
      await second.getByRole('button', { name: 'Settle', exact: true }).click();
      await second.getByRole('button', { name: 'Found the missing' }).click();
      await second.getByRole('button', { name: 'Settle', exact: true }).click();
      await shows(second, 'settled');
      await other.close();
      line.mend();
      const question = page.getByRole('alertdialog');
      await question.getByText(/counted again: 8, as many as expected, by dock at .*found what was missing/).waitFor();
      await page.reload();
      await question.getByText('It was not applied.').waitFor();
      await question.getByRole('button', { name: 'Keep as it is' }).click();
      await expect.poll(() => question.count(), PATIENT).toBe(0);
      await context.close();
    } finally {
      await line.close();
    }
  });

  test('scans with the camera, and tells what is damaged with a photo once the network is back', async () => {
    const film = join(tmpdir(), `isotherm-dock-${process.pid}.y4m`);
    await filmOf(film, '(01)80614141123458(21)908(10)A17');
    const withCamera = await openBrowser(
      ...['--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream'],
      `--use-file-for-fake-video-capture=${film}`,
    );
    const line = await Line.open(house.url);
    try {
      await carry([pallet(9), ...vials(901, 907)], nextPallet());
      const { context, page } = await signIn({ browser: withCamera, house }, 'dock', {});
      await signInAt(page, line.url);
      await page.goto(`${line.url}/dock/dock-1`);
      await shows(page, 'check');
      await page.getByRole('button', { name: 'Settle', exact: true }).waitFor();
      const worker = page.waitForEvent('response', { predicate: (one) => /scan-worker/.test(one.url()), ...PATIENT });
      await page.getByRole('button', { name: 'Scan with the camera' }).click();
      await shows(page, 'settled');
      expect((await worker).headers()['content-security-policy']).toContain("'wasm-unsafe-eval'");

      await page.getByRole('button', { name: 'Something is damaged' }).click();
      await scan(page, ']C10180614141123458', 'F8', '21901');
      await page.getByText('901', { exact: true }).waitFor();
      await page.locator('input[type=file]').setInputFiles(join(PICTURES, 'dock-390.png'));
      await page.getByRole('button', { name: 'Remove photo 1' }).waitFor();
      expect(await faultsOf(page, 'what is damaged')).toEqual([]);
      await expect.poll(() => tooSmall(page), PATIENT).toEqual([]);
      await page.getByLabel('What is wrong with it? (may stay empty)').fill('crushed on one side');
      line.cut();
      await page.getByText('No network.').waitFor();
      await page.getByRole('button', { name: 'Send', exact: true }).click();
      await page.getByText('1 action waits').waitFor();
      line.mend();
      await page.getByText('1 reported as damaged').waitFor();
      const { items } = (await house.ask('dock', 'GET', '/portals/dock-1/passes?limit=1')).body as {
        items: PassView[];
      };
      const damages = await house.ask('quality', 'GET', `/passes/${items[0]?.id}/damages`);
      expect(damages.body).toMatchObject({
        items: [
          {
            epcs: vials(901, 901),
            note: 'crushed on one side',
            photos: [expect.stringMatching(/^[0-9a-f]{64}$/)],
            by: 'dock',
          },
        ],
      });
      const { context: desk, page: seen } = await signIn({ browser, house }, 'quality', {});
      await seen.goto(`${house.url}/portals/dock-1?pass=${items[0]?.id}`);
      await seen.getByRole('region', { name: 'Said to be damaged' }).getByRole('img').scrollIntoViewIfNeeded();
      await seen.waitForFunction(
        "[...document.querySelectorAll('img')].some((one) => one.src.includes('/photos/') && one.naturalWidth > 0)",
      );
      await desk.close();
      // Somebody has told the browser to lend its camera to nobody.
      await page.addInitScript(`navigator.mediaDevices.getUserMedia = () =>
        Promise.reject(new DOMException('', 'NotAllowedError'))`);
      await page.reload();
      await page.getByRole('button', { name: 'Something is damaged' }).click();
      await page.getByRole('button', { name: 'Scan with the camera' }).click();
      await page.getByText('The browser may not use the camera').waitFor();
      await context.close();
    } finally {
      await line.close();
      await withCamera.close();
      await rm(film, { force: true });
    }
  });

  test('a screen is connected by a code that an administrator asked for, and asks who acts', async () => {
    await carry([pallet(7), ...vials(701, 707)], nextPallet());
    const { context: admins, page: admin } = await signIn({ browser, house }, 'admin', {});
    await admin.goto(`${house.url}/admin/portals`);
    await admin.getByRole('button', { name: 'Connect a screen with Dock 1' }).click();
    const code = await admin
      .locator('code')
      .filter({ hasText: /^[A-Z2-9]{4}-[A-Z2-9]{4}$/ })
      .textContent();
    await admins.close();

    const context = await browser.newContext();
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await page.goto(`${house.url}/dock/dock-1`);
    await page.getByRole('textbox', { name: 'Code' }).fill(code ?? '');
    await page.getByRole('button', { name: 'Connect this screen' }).click();
    await shows(page, 'check');
    await page.getByRole('button', { name: 'Settle', exact: true }).click();
    await page.getByRole('button', { name: 'Found the missing' }).click();
    await page.getByRole('button', { name: 'Settle', exact: true }).click();
    await page.getByRole('textbox', { name: 'Your name' }).fill('Marta');
    await page.getByRole('button', { name: 'That is me' }).click();
    await shows(page, 'settled');
    await page.getByRole('button', { name: 'This shift' }).click();
    await page.getByText(/Marta \(screen-dock-1-[0-9a-f]+\), .*found what was missing/).waitFor();
    await page.goto(`${house.url}/dock/dock-2`);
    await page.getByText('This screen belongs to door dock-1.').waitFor();
    await context.close();
  });

  // A STOP of which nothing differed was gone from the screen with one touch, and counted nowhere.
  test('a STOP that was put aside stays counted at the top until its goods may move on', async () => {
    const unsettled = async () =>
      ((await house.ask('dock', 'GET', '/portals/dock-1/unsettled')).body as UnsettledPassesView).items;
    const hold = `/holds/${encodeURIComponent('shipment:SHP-1')}`;
    expect((await house.ask('quality', 'PUT', hold, { reason: 'two seals broken' })).status).toBe(201);
    await carry([pallet(8), ...vials(801, 808)], nextPallet());
    const [context, page] = await atTheDoor();
    await shows(page, 'stop');
    await page
      .getByRole('region', { name: 'STOP', exact: true })
      .getByText(/two seals broken/)
      .waitFor();
    await page.getByRole('button', { name: 'Pallet set aside' }).click();
    await shows(page, 'ready');
    const [stopped] = await unsettled();
    expect(stopped).toMatchObject({ open: 0, stops: true });
    const told = page.getByRole('button', { name: /not settled$/ });
    const count = (await unsettled()).length;
    await expect.poll(() => told.innerText(), PATIENT).toMatch(new RegExp(`^${count} `));
    await page.reload();
    await shows(page, 'stop');
    expect((await house.ask('quality', 'POST', `${hold}/release`, { reason: 'sealed again' })).status).toBe(200);
    await expect.poll(unsettled, PATIENT).not.toContainEqual(expect.objectContaining({ stops: true }));
    await context.close();
  });

  /** What a glove would miss: less than 64 px in height or width. */
  function tooSmall(page: Page): Promise<string[]> {
    return page.evaluate<string[]>(`[...document.querySelectorAll('button, select, a, input')]
      .filter((one) => { const { width, height } = one.getBoundingClientRect(); return height < 64 || width < 64; })
      .map((one) => one.outerHTML)`);
  }

  async function scan(page: Page, ...parts: readonly string[]): Promise<void> {
    for (const part of parts) {
      if (part === 'F8') await page.keyboard.press('F8');
      else await page.keyboard.type(part);
    }
    await page.keyboard.press('Enter');
  }

  async function signInAt(page: Page, url: string): Promise<void> {
    const answer = await page.request.post(`${url}/api/v1/session`, { data: { username: 'dock', password: 'demo' } });
    expect(answer.ok()).toBe(true);
  }
});
