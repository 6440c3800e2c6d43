import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeBatch } from '../codecs/batch/index.ts';
import { type ShownLight, systemTime } from '../domain/index.ts';
import { door, pallet, through, vial, vials } from '../trace/testing/yard.ts';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, openBrowser, type PageOptions, signIn, startHouse } from './testing/browser.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const DOCK = door('dock-1');
const iso = (at: number) => new Date(at).toISOString();

describe.skipIf(chromiumPath === null)('the door in a browser', () => {
  let house: Installation;
  let browser: Browser;
  let sequence = 0;

  beforeAll(async () => {
    house = await startHouse();
    const site = { id: 'site:lyon', kind: 'site', name: 'Lyon', parent: null, zone: 'Europe/Paris' } as const;
    await house.tell(
      { type: 'place', place: site, by: 'test' },
      { type: 'portal', portal: { ...DOCK, name: 'Dock 1' }, by: 'test' },
    );
    const notice = {
      ...{ id: 'SHP-1', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
      ...{ departs: iso(NOW - 4 * HOUR), arrives: iso(NOW + 4 * HOUR) },
      units: [1, 2].map((n) => ({
        ...{ sscc: pallet(n), devices: [], from: iso(NOW - 5 * HOUR) },
        children: vials(n * 100 + 1, n * 100 + 5),
      })),
      products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2099-06-30' }],
    };
    expect((await house.ask('logistics', 'POST', '/shipments', notice)).status).toBe(201);
    browser = await openBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  /** Carries EPCs in through the dock; every read is there. */
  async function carry(epcs: readonly string[], when: number, shown: readonly ShownLight[] = []): Promise<void> {
    const complete = DOCK.antennas.map(({ reader }) => ({ reader, at: when + MINUTE }));
    const batch = { gateway: 'gw-lyon', sequence: ++sequence, at: when, gpi: [], gaps: [], complete };
    await house.log.append([
      {
        ...{ family: 'trace', kind: 'sightings', version: 1, source: 'gw-lyon', sequence },
        arrival: systemTime.now(),
        payload: encodeBatch({ ...batch, sightings: through(DOCK, 'in', when, epcs), shown }),
      },
    ]);
  }

  async function atTheDoor(options: PageOptions = {}): Promise<[BrowserContext, Page]> {
    const { context, page } = await signIn({ browser, house }, 'dock', options);
    await page.goto(`${house.url}/portals/dock-1`);
    return [context, page];
  }

  // The banner said "1 missing, 3 too many", the cards "too many 2" and "wrong serial 1: A instead of B"; no card said to
  // look for B.
  test('has one truth: the banner and the cards count the same, and one card says what to look for', async () => {
    await carry([pallet(1), ...vials(101, 104), vial(901), vial(902), vial(903)], NOW - 20 * MINUTE);
    const [context, page] = await atTheDoor();
    const banner = page.getByRole('region', { name: 'Verdict' });
    await banner.getByText('1 missing, 3 too many.').waitFor();
    const missing = page.getByRole('region', { name: 'Missing', exact: true });
    await missing.getByText('Look for these before the pallet moves on.').waitFor();
    await expect
      .poll(() => missing.getByRole('link').allInnerTexts())
      .toEqual([expect.stringMatching(/^SN 105\s+GTIN 80614141123458 LOT A17$/)]);
    await expect.poll(() => missing.innerText()).toContain('(00) 106141410000000019');
    const extra = page.getByRole('region', { name: 'Too many', exact: true });
    await expect.poll(() => extra.getByRole('link').count()).toBe(3);
    expect(await page.getByText(/instead of|Wrong serial|urn:epc|812345\./).count()).toBe(0);

    await extra.getByRole('button', { name: 'Settle' }).click();
    await extra.getByRole('textbox', { name: 'What was found' }).fill('taken off');
    await extra.getByRole('button', { name: 'Settle 3' }).click();
    await extra.getByText('taken off').waitFor();
    await page.getByRole('link', { name: 'Screen for this door' }).click();
    await page.locator('[data-state]').waitFor();
    await page.goBack();
    await missing.getByRole('button', { name: 'Settle' }).waitFor();
    await context.close();
  });

  // "Known, may move on", in green, said verification of a pack in an open critical excursion.
  test('says not yet, why and who decides, and keeps saying what it showed', async () => {
    await house.ask('quality', 'PUT', '/holds/shipment:SHP-1', { reason: 'a question of the maker' });
    await carry([pallet(2), ...vials(201, 205)], NOW - 10 * MINUTE);
    const [context, page] = await atTheDoor();
    const banner = page.getByRole('region', { name: 'Verdict' });
    await banner.getByText('NOT YET').waitFor();
    await expect.poll(() => banner.innerText()).toContain('Keep it here, quality decides.');
    const stopped = page.getByRole('region', { name: 'Must not move on yet' });
    await expect.poll(() => stopped.innerText()).toMatch(/on hold 6[\s\S]*a question of the maker; quality decides/);
    await house.ask('quality', 'POST', '/holds/shipment:SHP-1/release', { reason: 'answered' });
    await page.reload();
    await banner.getByText('NOT YET').waitFor();
    await context.close();
  });

  test('says what the door showed by itself while the line was down, and where that was not right', async () => {
    const when = NOW - 5 * MINUTE;
    const said = { light: 'green' as const, manifest: 17, reason: 'all 5 expected serials were read, by manifest 17' };
    await carry([pallet(1), ...vials(101, 104)], when, [
      { portal: DOCK.id, from: when, to: when + 2_500, at: when + 9_000, ...said },
    ]);
    const [context, page] = await atTheDoor();
    const shown = page.getByRole('region', { name: 'What the door showed while the line was down' });
    await shown
      .getByText(/The door showed green at \d\d:\d\d UTC by manifest 17; the platform says red: 1 missing/)
      .waitFor();
    await shown.getByText(/The line was down; the door showed green by itself .* by manifest 17/).waitFor();
    await context.close();
  });
});
