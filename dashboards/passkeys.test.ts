import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { silentLogger } from '../domain/index.ts';
import { systemPart } from '../tests/parts.ts';
import { ensurePage } from './page-build.ts';
import { Installation } from './server/testing/installation.ts';

const PATIENCE_MS = 60_000;
const chromiumPath = systemPart('chromium');

describe.skipIf(chromiumPath === null)('passkeys in a browser with an authenticator', () => {
  let house: Installation;
  let browser: Browser;
  let url: string;
  let context: BrowserContext;
  let page: Page;
  let setVerified: (isUserVerified: boolean) => Promise<void>;
  let exported: () => Promise<{ readonly credentials: readonly object[] }>;

  beforeAll(async () => {
    house = await Installation.start({ pageDir: await ensurePage({ logger: silentLogger }) });
    // A passkey belongs to a host name; an address has none.
    url = house.url.replace('127.0.0.1', 'localhost');
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args: ['--no-sandbox'] });
    context = await browser.newContext();
    context.setDefaultTimeout(PATIENCE_MS);
    page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('WebAuthn.enable');
    const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        ...{ protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true },
        ...{ isUserVerified: true, automaticPresenceSimulation: true },
      },
    });
    setVerified = async (isUserVerified) => {
      await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified });
    };
    exported = () => devtools.send('WebAuthn.getCredentials', { authenticatorId });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
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

  /** What the browser's authenticator answers to the options that the server gives. */
  async function assertion(options: unknown): Promise<unknown> {
    return page.evaluate(
      `navigator.credentials
        .get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(${JSON.stringify(options)}) })
        .then((answer) => answer.toJSON())`,
    );
  }

  /** The passkey that the browser's authenticator makes. */
  async function made(options: unknown): Promise<unknown> {
    return page.evaluate(
      `navigator.credentials
        .create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(${JSON.stringify(options)}) })
        .then((passkey) => passkey.toJSON())`,
    );
  }

  const signInOptions = async () => {
    const { body } = await asked('POST', '/session/passkey/options');
    return (body as { options: unknown }).options;
  };

  async function entries(): Promise<string[]> {
    const { items } = await house.accounts.audit.list({ subject: 'user:quality', limit: 100 });
    return items.map(({ action, new: said }) => `${action} ${JSON.stringify(said)}`);
  }

  test('one is made on the account page, signs in from the sign-in page, is renamed and removed', async () => {
    await page.goto(url);
    await page.getByLabel('Name').fill('quality');
    await page.getByLabel('Password').first().fill('demo');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('button', { name: 'Signed in as quality' }).waitFor();
    await page.goto(`${url}/account`);
    const section = page.locator('section', { has: page.getByRole('heading', { name: 'Passkeys' }) });
    await section.getByLabel('Name of the passkey').fill('My laptop');
    await section.getByLabel('Password now').fill('demo');
    await section.getByRole('button', { name: 'Make a passkey' }).click();
    await section.getByText('My laptop').waitFor();
    expect((await exported()).credentials).toMatchObject([{ isResidentCredential: true, rpId: 'localhost' }]);

    await asked('DELETE', '/session');
    await page.goto(url);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('button', { name: 'Signed in as quality' }).waitFor();
    expect(await entries()).toEqual(
      expect.arrayContaining([expect.stringContaining('passkey.register'), 'session.open {"method":"passkey"}']),
    );

    await page.goto(`${url}/account`);
    await section.getByText(/last used/).waitFor();
    await section.getByRole('button', { name: 'Rename' }).click();
    await section.getByRole('textbox', { name: 'Name of the passkey' }).first().fill('Old laptop');
    await section.getByRole('button', { name: 'Save' }).click();
    await section.getByText('Old laptop').waitFor();
    await section.getByRole('button', { name: 'Remove' }).click();
    await page.getByRole('button', { name: 'Remove passkey' }).click();
    await section.getByText('Old laptop').waitFor({ state: 'detached' });
    await asked('DELETE', '/session');
    // The authenticator still offers it; here nobody has it any more.
    expect(await asked('POST', '/session/passkey', { response: await assertion(await signInOptions()) })).toMatchObject(
      {
        ...{ status: 401, body: { code: 'PASSKEY_REFUSED', detail: 'the passkey was not taken: nobody has it here' } },
      },
    );
    expect(await entries()).toEqual(
      expect.arrayContaining([expect.stringContaining('passkey.rename'), expect.stringContaining('passkey.remove')]),
    );
  }, 180_000);

  describe('an answer is refused', () => {
    /** A passkey of `quality` in the browser, signed out again. */
    async function registered(): Promise<void> {
      await asked('POST', '/session', { username: 'quality', password: 'demo' });
      const { body } = await asked('POST', '/session/passkeys/options', { password: 'demo' });
      const response = await made((body as { options: unknown }).options);
      expect((await asked('POST', '/session/passkeys', { name: 'one', response })).status).toBe(201);
      // What it answered registers nothing again.
      expect(await asked('POST', '/session/passkeys', { name: 'two', response })).toMatchObject({
        ...{ status: 422, body: { code: 'PASSKEY_CHALLENGE_VOID' } },
      });
      await asked('DELETE', '/session');
    }

    test('a second time, of another browser, changed, without the person verified, for a disabled and a deleted user', async () => {
      await registered();
      const refusedWith = (code: string) => ({ status: 401, body: { code } });
      const right = await assertion(await signInOptions());
      // A browser that did not ask, with the very answer.
      const elsewhere = await fetch(`${url}/api/v1/session/passkey`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ response: right }),
      });
      expect(elsewhere.status).toBe(401);
      expect((await asked('POST', '/session/passkey', { response: right })).status).toBe(200);
      await asked('DELETE', '/session');
      expect(await asked('POST', '/session/passkey', { response: right })).toMatchObject(
        refusedWith('PASSKEY_CHALLENGE_VOID'),
      );

      const changed = (await assertion(await signInOptions())) as { response: { signature: string } };
      changed.response.signature = `MEUCIQ${changed.response.signature.slice(6, -4)}AAAA`;
      expect(await asked('POST', '/session/passkey', { response: changed })).toMatchObject(
        refusedWith('PASSKEY_REFUSED'),
      );

      // A challenge that was never given.
      const invented = await assertion({ ...((await signInOptions()) as object), challenge: 'aW52ZW50ZWQ' });
      expect(await asked('POST', '/session/passkey', { response: invented })).toMatchObject(
        refusedWith('PASSKEY_CHALLENGE_VOID'),
      );

      await setVerified(false);
      const unverified = await assertion({ ...((await signInOptions()) as object), userVerification: 'discouraged' });
      expect(await asked('POST', '/session/passkey', { response: unverified })).toMatchObject(
        refusedWith('PASSKEY_REFUSED'),
      );
      await setVerified(true);

      await house.accounts.users.change('quality', { isDisabled: true });
      const ofDisabled = await assertion(await signInOptions());
      expect(await asked('POST', '/session/passkey', { response: ofDisabled })).toMatchObject(
        refusedWith('PASSKEY_REFUSED'),
      );
      await house.accounts.users.change('quality', { isDisabled: false });

      // As if this one were a copy: the original has signed more often.
      await house.database.query('UPDATE passkeys SET counter = 1000000');
      const copied = await assertion(await signInOptions());
      expect(await asked('POST', '/session/passkey', { response: copied })).toMatchObject(
        refusedWith('PASSKEY_REFUSED'),
      );

      await house.accounts.users.delete('quality');
      const ofDeleted = await assertion(await signInOptions());
      expect(await asked('POST', '/session/passkey', { response: ofDeleted })).toMatchObject(
        refusedWith('PASSKEY_REFUSED'),
      );
    }, 180_000);
  });

  test('a passkey counts as a second factor, and signs a challenge that is given', async () => {
    await house.accounts.roles.put('signer', { permissions: ['records.read'], requiresFactor: true });
    const { id } = await house.accounts.users.create({ name: 'sig', role: 'signer', password: 'demo' });
    await asked('POST', '/session', { username: 'sig', password: 'demo' });
    expect((await asked('GET', '/shipments')).status).toBe(403);
    const { body } = await asked('POST', '/session/passkeys/options', { password: 'demo' });
    const response = await made((body as { options: unknown }).options);
    expect((await asked('POST', '/session/passkeys', { name: 'key', response })).status).toBe(201);
    await asked('DELETE', '/session');
    const { id: passkey } = response as { id: string };
    const options = { ...((await signInOptions()) as object), allowCredentials: [{ id: passkey, type: 'public-key' }] };
    expect((await asked('POST', '/session/passkey', { response: await assertion(options) })).status).toBe(200);
    expect((await asked('GET', '/shipments')).status).toBe(200);
    // As a signature over something: the challenge is its hash.
    const challenge = Buffer.alloc(32, 7).toString('base64url');
    const party = { id: 'localhost', origin: new URL(url).origin };
    const signed = await assertion({ ...options, challenge });
    expect(await house.accounts.passkeys.verifyAssertion(party, challenge, signed)).toBe(id);
    const other = Buffer.alloc(32, 8).toString('base64url');
    await expect(house.accounts.passkeys.verifyAssertion(party, other, signed)).rejects.toMatchObject({
      code: 'PASSKEY_REFUSED',
    });
  }, 180_000);

  test('where people come by an address there are none, and that is said', async () => {
    const response = await fetch(`${house.url}/api/v1/session/passkey/options`, { method: 'POST' });
    expect([response.status, await response.json()]).toMatchObject([409, { code: 'PASSKEYS_UNAVAILABLE' }]);
  });
});
