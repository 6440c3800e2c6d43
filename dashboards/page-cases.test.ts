import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CaseView, caseDetail, caseSummary } from './api/case.ts';
import type { Installation } from './server/testing/installation.ts';
import {
  chromiumPath,
  faultsOf,
  openBrowser,
  type PageOptions,
  signIn,
  startHouse,
  type Visit,
} from './testing/browser.ts';

const HOUR = 3_600_000;
const NOW = Date.now();
const at = (hours: number) => new Date(NOW + hours * HOUR).toISOString();
const HASH = 'ab'.repeat(32);

function group(name: string, serials: number, part: object = {}): CaseView['groups'][number] {
  return {
    ...{ id: `g-${name}`, name, gtin: '80614141123458', product: 'Examplumab 40 mg', lot: `L-${name}` },
    ...{
      expiry: '2027-06-30',
      units: ['urn:epc:id:sscc:0614141.1234567890'],
      serials,
      undecided: serials,
      toDecide: serials,
      ...{ waiting: 0, changed: 0, decided: [], devices: ['logger-7'] },
    },
    exposure: {
      ...{ from: at(-30), to: at(-1), min: 3.1, max: 9.4, mkt: 5.6, minutesAbove: 54, minutesBelow: 0 },
      ...{ minutesUnknown: 12, minutesSuspect: 0, limits: { min: 2, max: 8 } },
      budget: { limit: 2_880, used: 66, left: 2_814, carriedIn: 0, excused: 0 },
    },
    proposal: {
      disposition: 'release',
      reasons: ['They were between 3.1 and 9.4 °C.', 'The stability budget has 2,814 of 2,880 minutes left.'],
      isCertain: true,
    },
    ...part,
  };
}

function aCase(part: Partial<CaseView> = {}): CaseView {
  const clock = { id: 'target', name: 'Decide', source: null, due: at(5), doneAt: null };
  return caseDetail.parse({
    ...{ id: 'C-000123', kind: 'excursion', state: 'open', title: 'Excursion on SHP-1001', follows: null },
    ...{ subject: { shipment: 'SHP-1001', place: null }, openedAt: at(-19), openedBy: null, closedAt: null },
    ...{ alerts: 1, serials: { affected: 10_000, undecided: 10_000, waiting: 0 }, valueClass: 4, assignee: null },
    ...{ due: clock, revision: 7, clocks: [clock], groups: [group('A', 10_000)] },
    proposal: { text: 'Release all 10,000 serials: the budget covers the excursion.', isCertain: true, at: at(-1) },
    evidence: {
      alerts: [
        {
          ...{ id: 'a-1', kind: 'threshold', severity: 'critical', state: 'open', summary: 'Above 8 °C for 54 min' },
          ...{ rule: { id: 'too-warm', version: 3, text: 'above 8 °C for 10 min' }, from: at(-20), to: at(-19) },
          excusedBy: null,
        },
      ],
      devices: [{ id: 'logger-7', name: null, kind: 'logger', calibration: null, readings: 1_740, suspect: 0 }],
      notices: [{ alert: 'a-1', who: 'quality', channel: 'e-mail', at: at(-19), arrived: at(-19) }],
      originals: [],
      changes: [],
    },
    ...{ steps: [], decisions: [], comments: [], tasks: [], attachments: [] },
    signing: { methods: ['password'], needsUser: true, needsCode: false, needsSecond: true },
    ...part,
  });
}

function decision(number: number, part: object = {}): CaseView['decisions'][number] {
  const signature = {
    by: 'admin',
    name: 'Ada Admin',
    role: 'admin',
    at: at(-1),
    meaning: 'release of the goods: decided',
  };
  return {
    ...{ number, revision: 7, disposition: 'release', serials: 10_000, serialsHash: HASH },
    ...{
      scope: { group: 'g-A', lot: null },
      reason: 'The budget covers it.',
      needsSecond: false,
      inForceSince: at(-1),
    },
    signatures: [{ ...signature, method: 'password', recordHash: HASH }],
    ...{ supersededBy: null, evidenceChanged: [] },
    ...part,
  };
}

/** What the API of cases answers, by the schemas of its contract, and what it was sent. */
class CaseApi {
  now = aCase();
  readonly sent: { readonly path: string; readonly body: Record<string, unknown> }[] = [];
  /** Answers a write; null = as it should go. */
  refuse: ((path: string) => { status: number; code: string; detail: string } | null) | null = null;

  async answer(route: Route): Promise<void> {
    const request = route.request();
    const path = new URL(request.url()).pathname.replace('/api/v1', '');
    if (request.method() === 'GET') {
      if (path === '/cases') return route.fulfill({ json: { items: [summaryOf(this.now)], nextCursor: null } });
      if (path === `/cases/${this.now.id}`) return route.fulfill({ json: this.now });
      return route.fulfill({ json: { items: [], nextCursor: null } });
    }
    this.sent.push({ path, body: request.postDataJSON() as Record<string, unknown> });
    const refused = this.refuse?.(path) ?? null;
    if (refused !== null) {
      const problem = { ...refused, type: `urn:isotherm:problem:${refused.code}`, title: refused.code };
      return route.fulfill({ status: refused.status, contentType: 'application/problem+json', json: problem });
    }
    const number = this.now.decisions.length + 1;
    this.now = { ...this.now, revision: this.now.revision + 1 };
    return route.fulfill({ status: 201, json: decision(number) });
  }
}

const summaryOf = (one: CaseView) => caseSummary.parse(one);

describe.skipIf(chromiumPath === null)('cases on the page', () => {
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

  async function open(path: string, api: CaseApi, options: PageOptions = {}): Promise<Visit> {
    const viewport = { width: 1280, height: 900 };
    const { context, page } = await signIn({ browser, house }, 'quality', { viewport, ...options });
    await page.route(/\/api\/v1\/cases/, (route) => api.answer(route));
    await page.goto(house.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return { context, page };
  }

  async function fillIn(page: Page): Promise<void> {
    await page.getByLabel('Your user name').fill('quality');
    await page.getByLabel('Your password', { exact: true }).fill('demo');
  }

  test('10,000 serials are decided as proposed in three clicks, the reason already written', async () => {
    const api = new CaseApi();
    const { context, page } = await open('/cases', api);
    await page.getByRole('link', { name: /Excursion on SHP-1001/ }).click();
    await page.getByRole('button', { name: 'Decide as proposed' }).click();
    await page.getByText('release of the goods: decided').waitFor();
    await page.getByText('A second person has to sign before it is in force.').waitFor();
    await fillIn(page);
    // A second click comes before the first is answered.
    await page.getByRole('button', { name: 'Sign', exact: true }).dblclick();
    await page.getByRole('button', { name: 'Sign', exact: true }).waitFor({ state: 'detached' });
    expect(api.sent).toEqual([
      {
        path: '/cases/C-000123/decisions',
        body: {
          ...{ revision: 7, group: 'g-A', disposition: 'release' },
          reason: 'They were between 3.1 and 9.4 °C. The stability budget has 2,814 of 2,880 minutes left.',
          signature: { meaning: 'release of the goods: decided', user: 'quality', password: 'demo' },
        },
      },
    ]);
    await context.close();
  });

  test('groups with different proposals are signed one after the other, each against the case as it then is', async () => {
    const api = new CaseApi();
    const rejected = { disposition: 'reject' as const, reasons: ['The budget is overdrawn.'], isCertain: true };
    api.now = aCase({ groups: [group('A', 9_000), group('B', 1_000, { proposal: rejected })] });
    const { context, page } = await open('/cases/C-000123?decide=proposed', api);
    await fillIn(page);
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByRole('button', { name: 'Sign', exact: true }).waitFor({ state: 'detached' });
    expect(api.sent.map(({ body }) => [body.group, body.disposition, body.revision])).toEqual([
      ['g-A', 'release', 7],
      ['g-B', 'reject', 8],
    ]);
    await context.close();
  });

  test('where somebody else was first nothing is signed, and what to do is said', async () => {
    const api = new CaseApi();
    api.refuse = () => ({ status: 409, code: 'CASE_CHANGED', detail: 'the case is at revision 8' });
    const { context, page } = await open('/cases/C-000123?decide=proposed', api);
    await fillIn(page);
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByText('The case changed while you were signing, so nothing was signed.').waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Sign', exact: true }).isDisabled()).toBe(true);
    api.refuse = null;
    api.now = aCase({ revision: 9 });
    await page.getByRole('button', { name: 'Look at it again' }).click();
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByRole('button', { name: 'Sign', exact: true }).waitFor({ state: 'detached' });
    expect(api.sent.map(({ body }) => body.revision)).toEqual([7, 9]);
    await context.close();
  });

  test('a code that is asked for is asked for here, with what was typed still there', async () => {
    const api = new CaseApi();
    api.refuse = () => ({ status: 401, code: 'SECOND_FACTOR_NEEDED', detail: 'send the code with it' });
    const { context, page } = await open('/cases/C-000123?decide=proposed', api);
    await fillIn(page);
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByLabel('Code of the authenticator app').fill('123456');
    api.refuse = null;
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByRole('button', { name: 'Sign', exact: true }).waitFor({ state: 'detached' });
    expect(api.sent.at(-1)?.body.signature).toMatchObject({ user: 'quality', password: 'demo', code: '123456' });
    await context.close();
  });

  test('single serials are decided otherwise by paste, each once', async () => {
    const api = new CaseApi();
    const { context, page } = await open('/cases/C-000123', api);
    await page.getByRole('button', { name: 'Decide otherwise', exact: true }).click();
    await page.getByText('Serials', { exact: true }).last().waitFor();
    await page
      .locator('label', { hasText: /^Serials$/ })
      .first()
      .click();
    await page
      .getByRole('textbox', { name: 'Serials' })
      .fill(
        'urn:epc:id:sgtin:0614141.812345.1\n urn:epc:id:sgtin:0614141.812345.2 \n\nurn:epc:id:sgtin:0614141.812345.1',
      );
    await page.getByText('2 serials').first().waitFor();
    await page.getByRole('button', { name: 'Reject', exact: true }).click();
    await page.getByLabel('Reason').fill('the cartons were wet');
    await fillIn(page);
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByRole('button', { name: 'Sign', exact: true }).waitFor({ state: 'detached' });
    expect(api.sent[0]?.body).toMatchObject({
      serials: ['urn:epc:id:sgtin:0614141.812345.1', 'urn:epc:id:sgtin:0614141.812345.2'],
      disposition: 'reject',
      signature: { meaning: 'rejection of the goods: decided' },
    });
    await context.close();
  });

  // "A second person has to sign" stood over quarantine too, which is in force at once.
  test('goods that are only stopped need no second person, and nobody is told that they do', async () => {
    const { context, page } = await open('/cases/C-000123?decide=otherwise', new CaseApi());
    const second = page.getByText('A second person has to sign before it is in force.');
    await page.getByRole('button', { name: 'Release', exact: true }).click();
    await second.waitFor();
    await page.getByRole('button', { name: 'Quarantine', exact: true }).click();
    await second.waitFor({ state: 'detached' });
    await context.close();
  });

  test('the second person sees who signed what, and signs; who signed first is told to find somebody else', async () => {
    const api = new CaseApi();
    api.now = aCase({ decisions: [decision(1, { needsSecond: true, inForceSince: null })] });
    const { context, page } = await open('/cases/C-000123', api);
    await page.getByText('Ada Admin').waitFor();
    await page.getByText('Meaning: release of the goods: decided').waitFor();
    await page.getByRole('button', { name: 'Sign as the second person' }).click();
    await fillIn(page);
    await page.getByRole('button', { name: 'Sign', exact: true }).dblclick();
    await page.getByRole('button', { name: 'Sign', exact: true }).waitFor({ state: 'detached' });
    expect(api.sent).toEqual([
      {
        path: '/cases/C-000123/decisions/1/signatures',
        body: {
          signature: { meaning: 'release of the goods: checked and approved', user: 'quality', password: 'demo' },
        },
      },
    ]);
    const own = { ...decision(1).signatures[0], by: 'quality', name: 'Quentin Quality' };
    api.now = aCase({ decisions: [decision(1, { needsSecond: true, inForceSince: null, signatures: [own] })] });
    await page.reload();
    await page.getByText('You have signed this; somebody else has to sign it too.').waitFor();
    expect(await page.getByRole('button', { name: 'Sign as the second person' }).count()).toBe(0);
    await context.close();
  });

  test('evidence that changed under a decision is said first, and the decision stays as it was signed', async () => {
    const api = new CaseApi();
    const changed = decision(1, { evidenceChanged: ['The highest temperature of group A was 9.4 °C and is 14.2 °C.'] });
    api.now = aCase({ state: 'evidence changed', decisions: [changed] });
    const { context, page } = await open('/cases/C-000123', api);
    await page.getByRole('heading', { name: 'The evidence is not what was signed' }).waitFor();
    await page.getByText('and is 14.2 °C').waitFor();
    await page.getByText('Decision 1: 10,000 serials released').waitFor();
    await context.close();
  });

  // "Decide otherwise" alone was offered, and what changed stood there twice.
  test('what was decided on other evidence is decided again as proposed, and what changed is said once', async () => {
    const api = new CaseApi();
    const sentence = 'Of 9,000 serials, now 88 min out of range (5 to 12 °C), reject is proposed.';
    const told = { at: at(0), text: `Not what decision 1 was signed on. ${sentence}`, decision: 1 };
    const rejected = { disposition: 'reject' as const, reasons: ['The budget is overdrawn.'], isCertain: true };
    api.now = aCase({
      ...{ state: 'evidence changed', decisions: [decision(1, { evidenceChanged: [sentence] })] },
      serials: { affected: 10_000, undecided: 0, waiting: 0 },
      groups: [group('A', 10_000, { undecided: 0, changed: 9_000, toDecide: 9_000, proposal: rejected })],
      evidence: { ...aCase().evidence, changes: [told] },
    });
    const { context, page } = await open('/cases/C-000123', api);
    await page.getByText(sentence).waitFor();
    await expect.poll(() => page.getByText('88 min out of range').count()).toBe(1);
    await page.getByRole('button', { name: 'Decide as proposed' }).click();
    await page.getByText('9,000 serials of these were decided on other evidence').waitFor();
    await fillIn(page);
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByRole('button', { name: 'Sign', exact: true }).waitFor({ state: 'detached' });
    expect(api.sent.map(({ body }) => [body.group, body.toDecide, body.disposition])).toEqual([
      ['g-A', true, 'reject'],
    ]);
    await context.close();
  });

  test('who waits for the second signer is told so, and not offered to decide the same again', async () => {
    const api = new CaseApi();
    api.now = aCase({
      ...{ decisions: [decision(1, { needsSecond: true, inForceSince: null })] },
      serials: { affected: 10_000, undecided: 10_000, waiting: 10_000 },
      groups: [group('A', 10_000, { waiting: 10_000, toDecide: 0 })],
    });
    const { context, page } = await open('/cases/C-000123', api);
    await page.getByText('10,000 serials wait for the second signature, below.').waitFor();
    await page.getByRole('button', { name: 'Decide otherwise', exact: true }).waitFor();
    expect(await page.getByRole('button', { name: 'Decide as proposed' }).count()).toBe(0);
    await context.close();
  });

  test('going back closes the form of a decision and stays with the case', async () => {
    const { context, page } = await open('/cases/C-000123', new CaseApi());
    await page.getByRole('button', { name: 'Decide as proposed' }).click();
    await page.getByRole('button', { name: 'Sign', exact: true }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Decide as proposed' }).waitFor();
    expect(new URL(page.url()).pathname).toBe('/cases/C-000123');
    await context.close();
  });

  test('an inbox with nothing in it, one that cannot be loaded, and a case that is not there say what to do', async () => {
    const api = new CaseApi();
    const { context, page } = await open('/cases', api);
    await page.unroute(/\/api\/v1\/cases/);
    await page.route(/\/api\/v1\/cases/, (route) => route.fulfill({ json: { items: [], nextCursor: null } }));
    await page.goto(`${house.url}/cases`);
    await page.getByRole('heading', { name: 'Nothing waits for a decision' }).waitFor();
    await page.unroute(/\/api\/v1\/cases/);
    await page.route(/\/api\/v1\/cases/, (route) => route.abort());
    await page.goto(`${house.url}/cases`);
    await page.getByRole('heading', { name: 'Isotherm cannot be reached' }).waitFor();
    await page.unroute(/\/api\/v1\/cases/);
    const problem = {
      type: 'urn:isotherm:problem:CASE_UNKNOWN',
      title: 'x',
      status: 404,
      code: 'CASE_UNKNOWN',
      detail: 'x',
    };
    await page.route(/\/api\/v1\/cases/, (route) =>
      route.fulfill({ status: 404, contentType: 'application/problem+json', json: problem }),
    );
    await page.goto(`${house.url}/cases/C-000404`);
    await page.getByRole('heading', { name: 'This case was not found' }).waitFor();
    await context.close();
  });

  test.each([
    [390, 'light'],
    [1280, 'dark'],
  ] as const)('at %i px, %s, both screens fit and axe finds nothing serious', async (width, colorScheme) => {
    const api = new CaseApi();
    const changed = decision(1, { evidenceChanged: ['Lot L-A: 3 serials joined.'], needsSecond: true });
    api.now = aCase({ decisions: [changed] });
    const troubles: string[] = [];
    for (const path of ['/cases', '/cases/C-000123?decide=proposed', '/cases/C-000123?decide=otherwise']) {
      const { context, page } = await open(path, api, { viewport: { width, height: 850 }, colorScheme });
      await page.waitForLoadState('networkidle');
      troubles.push(...(await faultsOf(page, path)));
      await context.close();
    }
    expect(troubles).toEqual([]);
  });
});
