import { type Browser, type BrowserContext, type CDPSession, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PushService } from '../alerts/testing/push-service.ts';
import { silentLogger } from '../domain/index.ts';
import { systemPart } from '../tests/parts.ts';
import { ensurePage } from './page-build.ts';
import { Installation } from './server/testing/installation.ts';

const PATIENCE_MS = 60_000;
const chromiumPath = systemPart('chromium with notifications');

describe.skipIf(chromiumPath === null)('a browser that tells its person of alerts', () => {
  let house: Installation;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let devtools: CDPSession;
  const service = new PushService();

  beforeAll(async () => {
    await service.start();
    house = await Installation.start({ pageDir: await ensurePage({ logger: silentLogger }) });
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] });
    context = await browser.newContext({ permissions: ['notifications'] });
    context.setDefaultTimeout(PATIENCE_MS);
    page = await context.newPage();
    devtools = await context.newCDPSession(page);
    await page.goto(house.url);
    await page.evaluate(async () => {
      await fetch('/api/v1/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'admin', password: 'demo' }),
      });
    });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
    await service.stop();
  });

  /** A request of the page itself, with its cookies. */
  async function asked(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    return page.evaluate(
      async ([verb, where, text]) => {
        const response = await fetch(`/api/v1${where}`, {
          ...{ method: verb ?? '' },
          ...(text !== undefined && { body: text, headers: { 'content-type': 'application/json' } }),
        });
        return { status: response.status, body: await response.json().catch(() => null) };
      },
      [method, path, body === undefined ? undefined : JSON.stringify(body)],
    );
  }

  const entries = async () => {
    const { body } = await asked('GET', '/audit?subject=user:admin');
    return (body as { items: { action: string }[] }).items.map(({ action }) => action);
  };

  test('is asked for, tried with a real message, listed and taken back on the account page, and each is on record', async () => {
    const phone = service.browser('phone');
    expect(await asked('POST', '/push-subscriptions', phone.address)).toMatchObject({
      status: 201,
      body: { service: new URL(service.origin).host, toldAt: null },
    });
    const settings = { contact: 'ops@plant.example' };
    const channel = await asked('PUT', '/channels/browsers', { kind: 'push', told: false, settings });
    expect(channel).toMatchObject({ status: 200, body: { kind: 'push', secret: null } });
    expect(await asked('POST', '/channels/browsers/test')).toMatchObject({ body: { delivered: true, failure: null } });
    expect(phone.got.map(({ text }) => JSON.parse(text).title)).toEqual(['This is a test']);
    const { key } = (await asked('GET', '/push-subscriptions/key')).body as { key: string };
    expect(phone.got[0]?.key).toBe(key);

    await page.goto(`${house.url}/account`);
    await page.getByText(/last told/).waitFor();
    const row = page.getByRole('listitem').filter({ hasText: 'Chrome on Linux' });
    await row.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('Its push service took the test.').waitFor();
    expect(phone.got).toHaveLength(2);
    await page.getByRole('button', { name: 'Tell it no more' }).click();
    await page.getByText(/last told/).waitFor({ state: 'detached' });
    expect((await asked('GET', '/push-subscriptions')).body).toMatchObject({ items: [] });
    expect(await entries()).toEqual(expect.arrayContaining(['push.subscribe', 'push.unsubscribe']));
  });

  test('what nobody may be sent to, or encrypt for, is refused with what is allowed', async () => {
    const { address } = service.browser('bad');
    const local = { ...address, endpoint: 'http://10.0.0.1/push' };
    expect(await asked('POST', '/push-subscriptions', local)).toMatchObject({ body: { code: 'OUTGOING_FORBIDDEN' } });
    const keyless = { ...address, keys: { ...address.keys, auth: 'AAAA' } };
    expect(await asked('POST', '/push-subscriptions', keyless)).toMatchObject({
      body: { code: 'PUSH_SUBSCRIPTION_BAD' },
    });
    expect((await asked('DELETE', '/push-subscriptions/none')).status).toBe(404);
  });

  test('is shown what it is sent while the page looks elsewhere, with links that lead to this installation', async () => {
    await devtools.send('ServiceWorker.enable');
    const registered = new Promise<string>((resolve) => {
      devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [one] = registrations.filter(({ isDeleted }) => !isDeleted);
        if (one !== undefined) resolve(one.registrationId);
      });
    });
    await page.goto(`${house.url}/account`);
    await page.getByRole('button', { name: 'Tell me on this device' }).waitFor();
    // The worker as the button registers it; a browser without a push service goes no further.
    await page.evaluate(`navigator.serviceWorker.register('/push-worker.js').then(() => navigator.serviceWorker.ready)
      .then(() => true)`);
    const links = [{ text: 'The alert', url: 'https://iso.example/alerts/alrt_1' }];
    await devtools.send('ServiceWorker.deliverPushMessage', {
      origin: house.url,
      registrationId: await registered,
      data: JSON.stringify({ title: 'Critical: truck-7', body: 'above 8 °C', tag: 'alrt_1', isUrgent: true, links }),
    });
    const shown = await page.waitForFunction(`navigator.serviceWorker.ready
      .then((registration) => registration.getNotifications())
      .then(([one]) => one && { title: one.title, body: one.body, tag: one.tag, data: one.data })`);
    expect(await shown.jsonValue()).toEqual({
      ...{ title: 'Critical: truck-7', body: 'above 8 °C', tag: 'alrt_1' },
      data: { link: 'https://iso.example/alerts/alrt_1', more: [] },
    });
  });
});
