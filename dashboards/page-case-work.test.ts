import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../domain/index.ts';
import { systemPart } from '../tests/parts.ts';
import { ensurePage } from './page-build.ts';
import { excursionsOf, MINUTE, NOW, PASSWORD } from './server/testing/excursions.ts';
import { Installation } from './server/testing/installation.ts';

const PATIENCE_MS = 30_000;
const chromiumPath = systemPart('chromium');

/** What people do about cases on the page, on a whole installation: what is shown is what was kept. */
describe.skipIf(chromiumPath === null)('work on cases on the page', () => {
  let house: Installation;
  let browser: Browser;
  let scene: ReturnType<typeof excursionsOf>;

  beforeAll(async () => {
    house = await Installation.start({ pageDir: await ensurePage({ logger: silentLogger }) });
    scene = excursionsOf(house);
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] });
  }, 180_000);

  afterAll(async () => {
    await browser?.close();
    await house?.stop();
  });

  /** Somebody of quality, signed in, with a page of their own. */
  async function somebody(path: string): Promise<{ name: string; context: BrowserContext; page: Page }> {
    const { name } = await scene.person();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    context.setDefaultTimeout(PATIENCE_MS);
    const page = await context.newPage();
    await page.request.post(`${house.url}/api/v1/session`, { data: { username: name, password: PASSWORD } });
    await page.goto(house.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return { name, context, page };
  }

  /** The inbox, with its cases and with who mentioned whoever is signed in: what is absent then is not only late. */
  async function openInbox(page: Page): Promise<void> {
    const mentions = page.waitForResponse((response) => response.url().endsWith('/api/v1/cases/mentions'));
    await page.goto(`${house.url}/cases`);
    await (await mentions).finished();
    await page
      .getByRole('link', { name: /^Excursion of / })
      .first()
      .waitFor();
  }

  async function sign(page: Page, name: string | null): Promise<void> {
    if (name !== null) await page.getByLabel('Your user name').fill(name);
    await page.getByLabel('Your password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByRole('button', { name: 'Sign', exact: true }).waitFor({ state: 'detached' });
  }

  test('a case of suspect product is opened by hand, given to somebody, quarantined, investigated and notified', async () => {
    const { name, context, page } = await somebody('/cases');
    await page.getByRole('button', { name: 'Open a case' }).click();
    await page.getByLabel('Title').fill('Broken seal on two cartons');
    await page.getByRole('textbox', { name: 'Serials' }).fill('urn:epc:id:sgtin:0614141.812345.901');
    await page.getByLabel('Reason').fill('the driver saw it');
    await page.getByRole('form', { name: 'Open a case' }).getByRole('button', { name: 'Open a case' }).click();
    await page.getByRole('heading', { name: 'Broken seal on two cartons' }).waitFor();
    const assigned = page.waitForResponse((response) => response.url().endsWith('/assign'));
    await page.getByLabel('Looks after it').selectOption(name);
    expect((await assigned).status()).toBe(200);

    // Its goods were stopped by opening it.
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Suspect product is quarantined' })
      .getByText('done in time')
      .waitFor();

    await page.getByRole('button', { name: /^Record the finding/ }).click();
    await page.getByText('Illegitimate', { exact: true }).click();
    await page.getByText('have to be notified within 24 hours').waitFor();
    await page.getByRole('form', { name: 'Record the finding' }).getByLabel('Reason').fill('the maker never made it');
    await page.getByRole('button', { name: 'Record it' }).click();
    await page.getByRole('button', { name: /^It is done: FDA and trading partners/ }).waitFor();

    await page.getByLabel('What is to be done').fill('send Form 3911');
    await page.getByLabel('By whom').selectOption(name);
    await page.getByRole('button', { name: 'Add task' }).click();
    await page.getByRole('button', { name: 'Done: send Form 3911' }).click();
    await page.getByText(`done by ${name}`).waitFor();
    const id = new URL(page.url()).pathname.split('/').at(-1);
    const { body } = await house.ask('quality', 'GET', `/cases/${id}`);
    expect(body).toMatchObject({
      ...{ kind: 'suspect product', openedBy: name, assignee: name, serials: { affected: 1 } },
      tasks: [{ owner: name, doneBy: name }],
    });
    await context.close();
  });

  test('that handling was no part of the journey is said on the page of the alert, and ends it; its case takes it back', async () => {
    const lot = await scene.excursion();
    const { name, context, page } = await somebody(`/alerts/${lot.alert}`);
    await page.getByRole('button', { name: 'Say that data is wrong' }).click();
    await page.getByLabel('What is wrong').selectOption({ label: 'Not part of the journey' });
    const form = page.getByRole('form', { name: 'Say that data is wrong' });
    await form.getByLabel('Reason').fill('it lay in the office');
    await sign(page, name);
    await page.getByText('Handling excluded').waitFor();
    await page.locator('header .state', { hasText: 'Resolved' }).waitFor();
    await page.getByRole('link', { name: `Step 1 of ${lot.id}, where it can be taken back` }).click();
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByLabel('Reason').fill('it did not');
    await sign(page, null);
    await page.goto(`${house.url}/alerts/${lot.alert}`);
    await page.locator('header .state', { hasText: 'Open' }).waitFor();
    await page.getByText('undone by step 2').waitFor();
    await context.close();
  });

  test('a request to trace is recorded on the case of its product, runs with the clocks there, and is answered once', async () => {
    const { cookie } = await scene.person();
    const wish = { kind: 'suspect product', title: 'Broken seal', place: null, reason: 'the driver saw it' };
    const serials = ['urn:epc:id:sgtin:0614141.812345.911'];
    const { id } = (await scene.ask('POST', '/cases', { ...wish, serials }, cookie)).body;
    const { context, page } = await somebody(`/cases/${id}`);
    const clocks = page.getByRole('region', { name: 'Clocks' });
    await page.getByRole('button', { name: 'Record a trace request' }).click();
    const form = page.getByRole('form', { name: 'Record a trace request' });
    await form.getByLabel('Requested by').fill('FDA, New York District');
    await form.getByLabel('FDA or another official').check();
    await form.getByLabel('What is asked').fill('transaction history of lot A17, serial 911');
    await form.getByLabel('To be answered by').fill('2099-01-01 10:00');
    await form.getByRole('button', { name: 'Record it' }).click();
    await form.getByText('within 48 hours of the request').waitFor();
    await form.getByLabel('To be answered by').fill('');
    await form.getByRole('button', { name: 'Record it' }).click();
    await page.getByText('1. FDA, New York District asks us').waitFor();
    const clock = clocks.getByRole('listitem').filter({ hasText: 'Trace request 1 is answered' });
    await clock.getByText('due in').waitFor();
    await expect.poll(() => clock.getByRole('button').count()).toBe(0);
    await page.getByRole('button', { name: 'Answer trace request 1, FDA, New York District' }).click();
    await page.getByLabel('What was answered').fill('TI, TH and TS sent by EDI');
    await page.getByRole('button', { name: 'Record the answer' }).click();
    await page.getByText('TI, TH and TS sent by EDI').waitFor();
    await clock.getByText('done in time').waitFor();
    const { body } = await house.ask('quality', 'GET', `/cases/${id}/trace-requests`);
    expect(body).toMatchObject({
      items: [{ official: true, partner: 'FDA, New York District', answer: 'TI, TH and TS sent by EDI' }],
    });
    await context.close();
  });

  test.each([
    ['Exclude handling', 'exclude', 'Handling excluded'],
    ['Declare a logger broken', 'declare broken', 'Logger declared broken'],
    ['Override values', 'override', 'Readings overridden'],
  ])('"%s" is signed on the case, and taken back there', async (button, step, shown) => {
    const lot = await scene.excursion();
    const { name, context, page } = await somebody(`/cases/${lot.id}`);
    await page.getByRole('button', { name: button }).click();
    const form = page.getByRole('form', { name: new RegExp(lot.device) });
    await form.getByLabel('Reason').fill('the scanner stood open');
    await sign(page, name);
    await page.getByText(`1. ${shown}`).waitFor();
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByLabel('Reason').fill('it did not');
    await sign(page, null);
    await page.getByText('undone by step 2').waitFor();
    const { body } = await house.ask('quality', 'GET', `/cases/${lot.id}`);
    expect(body).toMatchObject({
      steps: [
        { step, detail: { device: lot.device }, undoneBy: 2 },
        { step, undoes: 1 },
      ],
    });
    await context.close();
  });

  // Every try was refused until the form was closed and all of it typed anew: a running excursion raises the revision.
  test('a step on a case that has changed meanwhile says what came, keeps what was typed, and is signed then', async () => {
    const lot = await scene.excursion();
    const { name, context, page } = await somebody(`/cases/${lot.id}`);
    await page.getByRole('button', { name: 'Exclude handling' }).click();
    const form = page.getByRole('form', { name: new RegExp(lot.device) });
    await form.getByLabel('Reason').fill('the scanner stood open');
    const other = await scene.person();
    const excuse = { step: { step: 'excuse', alert: lot.alert }, reason: 'photographed' };
    const wish = { ...excuse, revision: await scene.revisionOf(lot.id), signature: scene.bySigner(other.name) };
    expect((await scene.ask('POST', `/cases/${lot.id}/steps`, wish, other.cookie)).status).toBe(201);
    await page.getByLabel('Your user name').fill(name);
    await page.getByLabel('Your password', { exact: true }).fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    await form.getByText(`Step 1: the excursion of alert …${lot.alert.slice(-4)} is excused`).waitFor();
    await form.getByRole('button', { name: 'I have looked at it, go on' }).click();
    await page.getByRole('button', { name: 'Sign', exact: true }).click();
    await page.getByText('2. Handling excluded').waitFor();
    await page.getByText('the scanner stood open').waitFor();
    await context.close();
  });

  test('an excursion is excused beside its alert, and that is taken back', async () => {
    const lot = await scene.excursion();
    const { name, context, page } = await somebody(`/cases/${lot.id}`);
    await page.getByRole('button', { name: 'Excuse it' }).click();
    await page.getByLabel('Reason').fill('the door was photographed');
    await sign(page, name);
    await page.getByText('excused by step 1').waitFor();
    await page.getByRole('button', { name: 'Take it back' }).click();
    await page.getByLabel('Reason').fill('another door');
    await sign(page, null);
    await page.getByRole('button', { name: 'Excuse it' }).waitFor();
    await context.close();
  });

  test('who is mentioned finds it on the inbox until the case was looked at', async () => {
    const lot = await scene.excursion();
    const { name, context, page } = await somebody('/');
    await openInbox(page);
    await expect.poll(() => page.getByRole('heading', { name: 'Mentioned you' }).count()).toBe(0);
    const writer = await scene.person();
    await scene.ask('POST', `/cases/${lot.id}/comments`, { text: `@${name} have a look` }, writer.cookie);
    await page.reload();
    await page.getByRole('heading', { name: 'Mentioned you' }).waitFor();
    await page.getByRole('link', { name: `${writer.name} in ${lot.id}` }).click();
    await page.getByText('have a look').waitFor();
    const isUnseen = async () => (await page.request.get(`${house.url}/api/v1/cases/mentions`)).json();
    await expect.poll(isUnseen, { timeout: PATIENCE_MS }).toMatchObject({ items: [] });
    await openInbox(page);
    await page.getByRole('heading', { name: 'Mentioned you' }).waitFor({ state: 'detached' });
    await context.close();
  });

  test('10,000 serials are decided in three clicks; late data comes, and three more decide on what is known now', async () => {
    const lot = await scene.excursion({ count: 10_000 });
    const { name, context, page } = await somebody('/cases');
    // What is pressed with the mouse is counted by the page itself.
    await page.evaluate(
      "window.clicks = 0; addEventListener('click', ({ isTrusted }) => isTrusted && window.clicks++, true)",
    );
    const clicks = () => page.evaluate<number>('window.clicks');
    await page.getByRole('link', { name: new RegExp(lot.id) }).click();
    await page.getByRole('button', { name: 'Decide as proposed' }).click();
    await sign(page, name);
    expect(await clicks()).toBe(3);
    await page.getByText('10,000 serials in quarantine').first().waitFor();
    await page.getByRole('button', { name: 'Decide as proposed' }).waitFor({ state: 'detached' });

    // 12 °C for an hour, sent at once by a logger that had no radio.
    const late = Array.from({ length: 12 }, (_, i): [number, number] => [NOW - (80 - i * 5) * MINUTE + MINUTE, 12]);
    await house.measure(lot.device, late);
    await house.evidenceWatch.look();
    await page.reload();
    await page.getByRole('heading', { name: 'The evidence is not what was signed' }).waitFor();
    await page.getByText('10,000 serials were decided on other evidence than is known now').waitFor();
    // What takes seconds says how far it is, and is then opened or saved.
    await page.getByRole('link', { name: 'Report (PDF)' }).click();
    await page.getByText(/The report is being written: [\d,]+ of [\d,]+ lines/).waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Save' }).click();
    expect((await saved).suggestedFilename()).toMatch(/^C-\d{6}\.pdf$/);
    await page.getByRole('button', { name: 'Decide as proposed' }).click();
    await sign(page, null);
    await page.getByText('Superseded by decision 2').waitFor();
    const { body } = await house.ask('quality', 'GET', `/cases/${lot.id}`);
    expect(body).toMatchObject({
      ...{ state: 'decided', groups: [{ serials: 10_000, toDecide: 0, changed: 0 }] },
      decisions: [
        { number: 1, supersededBy: 2 },
        { number: 2, supersededBy: null, serials: 10_000 },
      ],
    });
    await context.close();
  }, 120_000);
});
