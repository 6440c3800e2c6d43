import type { Browser, Page } from 'playwright-core';
import { extractText, getDocumentProxy } from 'unpdf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeBatch } from '../codecs/batch/index.ts';
import { type Epc, type Finding, systemTime } from '../domain/index.ts';
import { door, pallet, through } from '../trace/testing/yard.ts';
import type { CaseSummaryView, CaseView } from './api/case.ts';
import type { Installation } from './server/testing/installation.ts';
import { chromiumPath, openBrowser, PATIENCE_MS, signIn, startHouse, type Visit } from './testing/browser.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const TOO_WARM_FROM = NOW - 2 * HOUR;
const PASSWORD = 'demo';
const PEOPLE = ['ada', 'bert'] as const;
const DOCK = door('dock-1');
const GTIN = '80614141999992';
const iso = (at: number) => new Date(at).toISOString();

/** Goods on a pallet with a logger of its own. */
interface Load {
  readonly sscc: Epc;
  readonly device: string;
  readonly serials: readonly Epc[];
}

describe.skipIf(chromiumPath === null)('a case from the excursion to the door', () => {
  let house: Installation;
  let browser: Browser;
  let sequence = 0;

  beforeAll(async () => {
    house = await startHouse();
    for (const name of PEOPLE) await house.accounts.users.create({ name, role: 'quality', password: PASSWORD });
    const site = { id: 'site:lyon', kind: 'site', name: 'Lyon', parent: null, zone: 'Europe/Paris' } as const;
    await house.tell(
      { type: 'place', place: site, by: 'test' },
      { type: 'portal', portal: { ...DOCK, name: 'Dock 1' }, by: 'test' },
    );
    // Half an hour out of range is what it stands; of its value class two people sign.
    const product = { name: 'Examplumab 40 mg', profile: '2-8C', stability: { budget: '30m' }, valueClass: 5 };
    expect((await house.ask('quality', 'PUT', `/products/${GTIN}`, product)).status).toBe(200);
    browser = await openBrowser();
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  /** A shipment of two pallets: the first was too warm for 40 minutes, the second for 10. @returns its case, with both */
  async function excursion(number: number): Promise<{ id: string; spoilt: Load; spared: Load }> {
    const [spoilt, spared] = [1, 2].map((n): Load => {
      const pack = number * 1_000 + n * 100;
      const serials = [1, 2, 3].map((i): Epc => `urn:epc:id:sgtin:0614141.899999.${pack + i}`);
      return { sscc: pallet(number * 10 + n), device: `logger-${number}-${n}`, serials };
    }) as [Load, Load];
    const asked = await house.ask('logistics', 'POST', '/shipments', {
      ...{ id: `SHP-${number}`, profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
      ...{ departs: iso(NOW - 5 * HOUR), arrives: iso(NOW + HOUR) },
      units: [spoilt, spared].map(({ sscc, device, serials }) => ({
        ...{ sscc, devices: [device], children: serials, from: iso(NOW - 5 * HOUR) },
      })),
      products: [{ gtin: GTIN, name: 'Examplumab 40 mg', lot: 'A17', expiry: '2099-06-30' }],
    });
    expect(asked.status).toBe(201);
    for (const [{ device }, minutes] of [
      [spoilt, 40],
      [spared, 10],
    ] as const) {
      const to = TOO_WARM_FROM + minutes * MINUTE;
      await house.measure(
        device,
        Array.from({ length: 61 }, (_, i): [number, number] => {
          const at = NOW - 5 * HOUR + i * 5 * MINUTE;
          return [at, at >= TOO_WARM_FROM && at < to ? 9.1 : 5];
        }),
      );
      await house.find(tooWarm(device, to, minutes));
    }
    const id = await until(`a case of SHP-${number} with both pallets`, async () => {
      const { body } = await house.ask('quality', 'GET', `/cases?shipment=SHP-${number}`);
      const [one] = (body as { items: CaseSummaryView[] }).items;
      return one?.alerts === 2 && one.serials.affected === 6 ? one.id : undefined;
    });
    return { id, spoilt, spared };
  }

  async function signedIn(name: string, path: string): Promise<Visit> {
    const { context, page } = await signIn({ browser, house }, name, { viewport: { width: 1280, height: 900 } });
    await page.goto(house.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return { context, page };
  }

  /** In the form that is open: types what is asked for and signs, with a second click before the first is answered. */
  async function sign(page: Page, name: string): Promise<void> {
    const user = page.getByLabel('Your user name');
    await page.getByLabel('Your password', { exact: true }).fill(PASSWORD);
    if ((await user.count()) > 0) await user.fill(name);
    await page.getByRole('button', { name: 'Sign', exact: true }).dblclick();
  }

  const signed = (page: Page) => page.getByRole('button', { name: 'Sign', exact: true }).waitFor({ state: 'detached' });

  /** Carries a pallet in through the dock; every read is there. */
  async function carry({ sscc, serials }: Load, when: number): Promise<void> {
    const complete = DOCK.antennas.map(({ reader }) => ({ reader, at: when + MINUTE }));
    const batch = { gateway: 'gw-lyon', sequence: ++sequence, at: when, gpi: [], gaps: [], complete };
    await house.log.append([
      {
        ...{ family: 'trace', kind: 'sightings', version: 1, source: 'gw-lyon', sequence },
        arrival: systemTime.now(),
        payload: encodeBatch({ ...batch, sightings: through(DOCK, 'in', when, [sscc, ...serials]) }),
      },
    ]);
  }

  async function mayMoveOn({ serials: [epc = ''] }: Load): Promise<boolean> {
    const asked = { gtin: GTIN, serial: epc.split('.').at(-1) };
    const { body } = await house.ask('dock', 'POST', '/verifications', asked);
    return (body as { mayMoveOn: boolean }).mayMoveOn;
  }

  async function caseNow(id: string): Promise<CaseView> {
    return (await house.ask('quality', 'GET', `/cases/${id}`)).body as CaseView;
  }

  test('two people sign what is proposed, the door keeps what they rejected, and late data says what changed', async () => {
    const { id, spoilt, spared } = await excursion(1);
    expect([await mayMoveOn(spoilt), await mayMoveOn(spared)]).toEqual([false, false]);

    const ada = await signedIn('ada', '/cases');
    await ada.page.getByRole('link', { name: new RegExp(id) }).click();
    await ada.page
      .getByText('Reject 3 serials, release 3 serials.')
      .or(ada.page.getByText('Release 3 serials, reject 3 serials.'))
      .waitFor();
    await ada.page.getByRole('button', { name: 'Decide as proposed' }).click();
    await ada.page.getByText('A second person has to sign before it is in force.').waitFor();
    await sign(ada.page, 'ada');
    await signed(ada.page);
    const first = await caseNow(id);
    expect(first.decisions.map(({ disposition, serials, needsSecond }) => [disposition, serials, needsSecond])).toEqual(
      expect.arrayContaining([
        ['reject', 3, true],
        ['release', 3, true],
      ]),
    );
    expect(first).toMatchObject({ state: 'open', serials: { undecided: 6, waiting: 6 } });
    expect(first.decisions).toHaveLength(2);
    expect([await mayMoveOn(spoilt), await mayMoveOn(spared)]).toEqual([false, false]);
    // She is offered no second signature of her own, and it is refused where it is sent all the same.
    await expect.poll(() => ada.page.getByText('You have signed this; somebody else').count()).toBe(2);
    await expect.poll(() => ada.page.getByRole('button', { name: 'Sign as the second person' }).count()).toBe(0);
    const again = await ada.page.request.post(`${house.url}/api/v1/cases/${id}/decisions/1/signatures`, {
      data: { signature: { meaning: 'checked', user: 'ada', password: PASSWORD } },
    });
    expect([again.status(), ((await again.json()) as { code: string }).code]).toEqual([409, 'SIGNER_SAME']);

    const bert = await signedIn('bert', `/cases/${id}`);
    for (const left of [2, 1]) {
      const second = bert.page.getByRole('button', { name: 'Sign as the second person' });
      await expect.poll(() => second.count()).toBe(left);
      await second.first().click();
      await sign(bert.page, 'bert');
      await signed(bert.page);
    }
    await bert.page.getByText('3 serials rejected').first().waitFor();
    await bert.page.getByText('3 serials released').first().waitFor();
    await expect.poll(() => bert.page.getByText('Not in force').count()).toBe(0);
    expect(await caseNow(id)).toMatchObject({ state: 'decided', serials: { undecided: 0, waiting: 0 } });
    expect([await mayMoveOn(spoilt), await mayMoveOn(spared)]).toEqual([false, true]);

    const report = await bert.page.getByRole('link', { name: 'Report (PDF)' }).getAttribute('href');
    const paper = await bert.page.request.get(house.url + report);
    expect([paper.status(), paper.headers()['content-type']]).toEqual([200, 'application/pdf']);
    const text = await textOf(await paper.body());
    for (const { signatures } of (await caseNow(id)).decisions) {
      expect(signatures.map(({ by }) => by)).toEqual(['ada', 'bert']);
      for (const { by, recordHash } of signatures) expect(text).toMatch(new RegExp(`${by}\\(.*${recordHash}`));
    }

    const dock = await signedIn('dock', '/portals/dock-1');
    const banner = dock.page.getByRole('region', { name: 'Verdict' });
    await carry(spoilt, NOW - 20 * MINUTE);
    await banner.getByText('NOT YET').waitFor();
    await dock.page
      .getByRole('region', { name: 'Must not move on yet' })
      .getByText(/reject/)
      .first()
      .waitFor();
    await carry(spared, NOW - 10 * MINUTE);
    await banner.getByText('PASS').waitFor();
    await expect.poll(() => banner.getByText('NOT YET').count()).toBe(0);

    // What the logger had kept to itself while it was out of reach.
    await house.measure(
      spared.device,
      Array.from({ length: 12 }, (_, i): [number, number] => [TOO_WARM_FROM + (i * 5 + 21) * MINUTE, 12]),
    );
    await house.evidenceWatch.look();
    await bert.page.goto(`${house.url}/cases?state=evidence+changed`);
    await bert.page.getByRole('link', { name: new RegExp(id) }).click();
    const changed = bert.page.getByRole('region', { name: 'The evidence is not what was signed' });
    await changed
      .getByText(/3 serial.*to 12\s°C.*reject is proposed; it was .*release/)
      .first()
      .waitFor();
    await bert.page.getByText('Reject 6 serials.').waitFor();
    // What was signed stands as it was.
    await bert.page.getByText('3 serials released').first().waitFor();
    for (const { context } of [ada, bert, dock]) await context.close();
  }, 120_000);

  test('of two people who decide at once one is told to look again, and one decision stands', async () => {
    const { id } = await excursion(2);
    const both = await Promise.all(PEOPLE.map((name) => signedIn(name, `/cases/${id}?decide=otherwise`)));
    for (const [index, { page }] of both.entries()) {
      await page.getByRole('button', { name: ['Quarantine', 'Reject'][index] ?? '', exact: true }).click();
      await page.getByLabel('Reason', { exact: true }).fill('too warm for too long');
    }
    await Promise.all(both.map(({ page }, index) => sign(page, PEOPLE[index] ?? '')));
    const told = ({ page }: { page: Page }) =>
      page.getByText('The case changed while you were signing, so nothing was signed.').count();
    await expect
      .poll(async () => (await Promise.all(both.map(told))).toSorted(), { timeout: PATIENCE_MS })
      .toEqual([0, 1]);
    expect((await caseNow(id)).decisions).toHaveLength(1);
    const late = both[(await told(both[0] as { page: Page })) > 0 ? 0 : 1];
    await late?.page.getByRole('button', { name: 'Look at it again' }).click();
    await late?.page.getByText(/^Decision 1:/).waitFor();
    for (const { context } of both) await context.close();
  }, 120_000);
});

function tooWarm(device: string, to: number, minutes: number): Finding {
  return {
    ...{ rule: 'too-warm', ruleVersion: 1, kind: 'threshold', severity: 'critical', key: `${device}/temperature` },
    ...{ from: TOO_WARM_FROM, to, endedBy: 'recovery', extreme: 9.1, readings: minutes / 5 },
    ...{ minutesOutOfRange: minutes, runs: [{ from: TOO_WARM_FROM, to }], limit: 8 },
    ...{ detectedAt: NOW, detectedLate: false },
  };
}

/** Without spaces: a line may break anywhere. */
async function textOf(pdf: Buffer): Promise<string> {
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(pdf)), { mergePages: true });
  return text.replace(/\s+/g, '');
}

async function until<T>(what: string, work: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end; ) {
    const found = await work();
    if (found !== undefined) return found;
    await systemTime.sleep('walk', 50);
  }
  throw new Error(`waited ${PATIENCE_MS / 1_000} s for ${what}`);
}
