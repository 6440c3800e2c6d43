import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../domain/index.ts';
import { systemPart } from '../tests/parts.ts';
import type { CaseView } from './api/case.ts';
import { ensurePage } from './page-build.ts';
import { excursionsOf, type Lot, PASSWORD } from './server/testing/excursions.ts';
import { Installation } from './server/testing/installation.ts';
import { TestProvider } from './server/testing/open-id-provider.ts';

const PATIENCE_MS = 60_000;
const DEAR = '899999';
const chromiumPath = systemPart('chromium');

describe.skipIf(chromiumPath === null)('who signs a case in a browser', () => {
  let provider: TestProvider;
  let house: Installation;
  let kit: ReturnType<typeof excursionsOf>;
  let browser: Browser;
  let url: string;

  beforeAll(async () => {
    provider = await TestProvider.start();
    const pageDir = await ensurePage({ logger: silentLogger });
    house = await Installation.start({ pageDir, openId: provider.settings() });
    // A passkey belongs to a host name; an address has none.
    url = house.url.replace('127.0.0.1', 'localhost');
    provider.serve(url);
    kit = excursionsOf(house);
    await house.ask('quality', 'PUT', '/products/80614141999992', { name: 'Dear', profile: '2-8C', valueClass: 5 });
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] });
  }, 180_000);
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
    await provider?.stop();
  });

  async function opened(): Promise<{ context: BrowserContext; page: Page }> {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(PATIENCE_MS);
    return { context, page: await context.newPage() };
  }

  /** Somebody whose browser has an authenticator, with a passkey made on the account page. */
  async function withPasskey(): Promise<{ name: string; context: BrowserContext; page: Page }> {
    const { name } = await kit.person();
    const { context, page } = await opened();
    const devtools = await context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
        ...{ isUserVerified: true, automaticPresenceSimulation: true },
      },
    });
    await page.request.post(`${url}/api/v1/session`, { data: { username: name, password: PASSWORD } });
    await page.goto(`${url}/account`);
    const section = page.locator('section', { has: page.getByRole('heading', { name: 'Passkeys' }) });
    await section.getByLabel('Name of the passkey').fill('My laptop');
    await section.getByLabel('Password now').fill(PASSWORD);
    await section.getByRole('button', { name: 'Make a passkey' }).click();
    await section.getByText('My laptop').waitFor();
    return { name, context, page };
  }

  let colleagues = 0;

  /** Somebody whom the provider vouches for, and who has no password here, signed in by it. */
  async function vouchedFor(): Promise<{ name: string; subject: string; context: BrowserContext; page: Page }> {
    const subject = `sub-${++colleagues}`;
    const name = `colleague-${colleagues}`;
    provider.people.set(subject, { preferred_username: name, groups: ['cold-chain-qa'], sites: 'all' });
    provider.next = subject;
    const { context, page } = await opened();
    await page.goto(url);
    await page.getByRole('link', { name: 'Sign in with Example' }).click();
    await page.getByRole('button', { name: `Signed in as ${name}` }).waitFor();
    return { name, subject, context, page };
  }

  async function openCase(page: Page, { id }: Lot, form = ''): Promise<void> {
    await page.goto(`${url}/cases/${id}${form}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
  }

  const sign = (page: Page) => page.getByRole('button', { name: 'Sign', exact: true });
  async function signs(page: Page): Promise<void> {
    await sign(page).click();
    await sign(page).waitFor({ state: 'detached' });
  }

  /** The signatures that are kept, by who and how, of decisions and steps. */
  async function kept({ id }: Lot): Promise<string[]> {
    const { body } = await house.ask('quality', 'GET', `/cases/${id}`);
    const { decisions, steps } = body as CaseView;
    return [
      ...decisions.flatMap(({ number, signatures }) =>
        signatures.map(({ by, method }) => `decision ${number}: ${by} ${method}`),
      ),
      ...steps.map(({ number, signature: { by, method } }) => `step ${number}: ${by} ${method}`),
    ];
  }

  test('with a passkey: a decision, as the second person, a step and its taking back', async () => {
    const lot = await kit.excursion({ gtin: DEAR });
    const [one, two] = [await withPasskey(), await withPasskey()];
    await openCase(one.page, lot, '?decide=otherwise');
    await one.page.getByRole('button', { name: 'Release', exact: true }).click();
    await one.page.getByLabel('Reason').fill('its maker says that it stands this');
    await one.page.getByText('Your browser will ask for the passkey.').waitFor();
    await signs(one.page);
    await one.page.getByText('You have signed this; somebody else has to sign it too.').waitFor();
    await one.page.getByText('by passkey').first().waitFor();

    await openCase(two.page, lot);
    await two.page.getByRole('button', { name: 'Sign as the second person' }).click();
    await signs(two.page);
    await two.page.getByText(/in force since/).waitFor();

    await two.page.getByRole('button', { name: 'Excuse it' }).click();
    await two.page.getByLabel('Reason').fill('the door was held open for a count');
    await signs(two.page);
    await two.page.getByText('1. Excursion excused').waitFor();
    await two.page.getByRole('button', { name: 'Take it back' }).click();
    await two.page.getByLabel('Reason').fill('it was not');
    await signs(two.page);
    await two.page.getByText('undone by step 2').waitFor();
    expect(await kept(lot)).toEqual([
      ...[`decision 1: ${one.name} passkey`, `decision 1: ${two.name} passkey`],
      ...[`step 1: ${two.name} passkey`, `step 2: ${two.name} passkey`],
    ]);
    await one.context.close();
    await two.context.close();
  }, 240_000);

  test('with a fresh sign-in at the provider: two groups in one window, then a step; the window goes away', async () => {
    const lot = await kit.excursion({ also: DEAR });
    const who = await vouchedFor();
    await openCase(who.page, lot, '?decide=proposed');
    await who.page.getByText('A window of Example opens.').waitFor();
    const before = provider.signIns;
    const window = who.context.waitForEvent('page');
    await sign(who.page).click();
    const beside = await window;
    await sign(who.page).waitFor({ state: 'detached' });
    if (!beside.isClosed()) await beside.waitForEvent('close');
    // The provider asked for each of them, however lately it had.
    expect(provider.signIns).toBe(before + 2);
    await who.page.getByRole('button', { name: 'Excuse it' }).click();
    await who.page.getByLabel('Reason').fill('the door was held open for a count');
    await signs(who.page);
    await who.page.getByText('1. Excursion excused').waitFor();
    expect(await kept(lot)).toEqual([
      ...[`decision 1: ${who.name} oidc`, `decision 2: ${who.name} oidc`],
      `step 1: ${who.name} oidc`,
    ]);
    await who.context.close();
  }, 240_000);

  test('is not somebody else who signs in at the provider then; that is said, and nothing is signed', async () => {
    const lot = await kit.excursion();
    const other = await vouchedFor();
    await other.context.close();
    const who = await vouchedFor();
    await openCase(who.page, lot, '?decide=proposed');
    // Signed out at the provider: else it would ask about that first.
    await who.context.clearCookies({ domain: '127.0.0.1' });
    provider.next = other.subject;
    await sign(who.page).click();
    await who.page.getByText('That was somebody else than who is signed in here.').waitFor();
    expect(await kept(lot)).toEqual([]);
    // Who it is signs after all.
    await who.context.clearCookies({ domain: '127.0.0.1' });
    provider.next = who.subject;
    await signs(who.page);
    expect(await kept(lot)).toEqual([`decision 1: ${who.name} oidc`]);
    await who.context.close();
  }, 240_000);

  test('gives a sign-in up, or is kept from opening a window, and signs nothing', async () => {
    const lot = await kit.excursion();
    const who = await vouchedFor();
    await openCase(who.page, lot, '?decide=proposed');
    // The provider does not answer: the form waits, and can be left.
    await who.context.route(`${provider.issuer}/**`, () => {});
    const window = who.context.waitForEvent('page');
    await sign(who.page).click();
    await window;
    await who.page.getByRole('button', { name: 'Cancel' }).click();
    await sign(who.page).waitFor({ state: 'detached' });
    await openCase(who.page, lot, '?decide=proposed');
    await who.page.evaluate('window.open = () => null');
    await sign(who.page).click();
    await who.page.getByText('The browser kept the window closed.').waitFor();
    expect(await kept(lot)).toEqual([]);
    await who.context.close();
  }, 240_000);
});
