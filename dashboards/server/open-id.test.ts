import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Configuration, Provider } from 'oidc-provider';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Installation } from './testing/installation.ts';

interface Person {
  readonly preferred_username?: string;
  readonly groups?: readonly string[];
  readonly sites?: readonly string[] | string;
}

/** Whom the provider knows, by subject. */
const people = new Map<string, Person>();
let house: Installation;
let issuer: string;
let provider: Server;
/** Who signs in at the provider next. */
let next = '';

beforeAll(async () => {
  const given: { provider?: Provider } = {};
  provider = createServer((request, response) => {
    if (request.url?.startsWith('/interaction/') !== true) return given.provider?.callback()(request, response);
    // Who is asked there: lets in whoever is next, and consents.
    return void interact(given.provider as Provider, request, response);
  });
  provider.listen(0, '127.0.0.1');
  await once(provider, 'listening');
  issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  house = await Installation.start({
    openId: {
      ...{ issuer, clientId: 'isotherm', clientSecret: 'a secret of the client', label: 'Example' },
      ...{ scope: 'openid profile groups', rolesClaim: 'groups', nameClaim: 'preferred_username', sitesClaim: 'sites' },
      roles: { 'cold-chain-qa': 'quality', 'cold-chain-dock': 'dock', auditors: 'auditor', boss: 'admin' },
    },
  });
  given.provider = new Provider(issuer, {
    ...CONFIGURATION,
    clients: [
      {
        ...{ client_id: 'isotherm', client_secret: 'a secret of the client', grant_types: ['authorization_code'] },
        redirect_uris: [`${house.url}/api/v1/sign-in/oidc/callback`],
      },
    ],
  });
}, 60_000);
afterAll(async () => {
  await house?.stop();
  provider?.closeAllConnections();
  await new Promise((resolve) => provider?.close(resolve));
});

const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const CONFIGURATION: Configuration = {
  claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups', 'sites'] },
  cookies: { keys: ['of the test'] },
  features: { devInteractions: { enabled: false } },
  findAccount: (_context, sub) => ({ accountId: sub, claims: async () => ({ sub, ...people.get(sub) }) }),
  jwks: { keys: [{ ...jwk, use: 'sig', alg: 'RS256', kid: 'test' }] },
  pkce: { required: () => true },
};

async function interact(
  at: Provider,
  request: Parameters<Provider['interactionDetails']>[0],
  response: Parameters<Provider['interactionDetails']>[1],
) {
  const { prompt, params, session, grantId } = await at.interactionDetails(request, response);
  if (prompt.name === 'login') {
    await at.interactionFinished(
      request,
      response,
      next === 'nobody' ? { error: 'access_denied' } : { login: { accountId: next } },
    );
    return;
  }
  const known = grantId === undefined ? undefined : await at.Grant.find(grantId);
  const grant = known ?? new at.Grant({ accountId: session?.accountId ?? '', clientId: String(params.client_id) });
  grant.addOIDCScope('openid profile groups');
  const consent = { grantId: await grant.save() };
  await at.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
}

/** A browser that follows where it is sent, with a jar of cookies a host and path. */
class Browser {
  readonly #jars = new Map<string, Map<string, string>>();
  readonly trail: string[] = [];

  async open(from: string, stopBefore?: RegExp): Promise<string> {
    let url = from;
    for (let hop = 0; hop < 20; hop++) {
      if (stopBefore?.test(url)) return url;
      this.trail.push(url);
      const { host } = new URL(url);
      const jar = this.#jars.get(host) ?? new Map<string, string>();
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
      const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
      for (const set of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        if (value === '') jar.delete(name);
        else jar.set(name, value);
      }
      this.#jars.set(host, jar);
      const location = response.headers.get('location');
      if (location === null) return `${response.status} ${url}`;
      url = new URL(location, url).href;
      if (url.startsWith(house.url) && !url.includes('/api/')) return url;
    }
    throw new Error(`sent round in circles: ${this.trail.join(' ')}`);
  }

  async session(): Promise<{
    readonly status: number;
    readonly user?: { readonly name: string; readonly role: string };
  }> {
    const jar = this.#jars.get(new URL(house.url).host) ?? new Map<string, string>();
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(`${house.url}/api/v1/session`, { headers: { cookie } });
    return { status: response.status, ...((await response.json()) as object) };
  }
}

const begin = () => `${house.url}/api/v1/sign-in/oidc`;

/** Signs a person in, in a fresh browser. @returns where the browser ends */
async function signIn(sub: string): Promise<{ readonly browser: Browser; readonly end: string }> {
  next = sub;
  const browser = new Browser();
  return { browser, end: await browser.open(begin()) };
}

const refusedWith = (code: string) => `${house.url}/?refused=${code}`;

describe('signing in by a provider', () => {
  test('makes the user at the first time, with the role of the first group that counts and the sites that are named', async () => {
    people.set('s-1', {
      preferred_username: 'ana@example.com',
      groups: ['staff', 'cold-chain-dock', 'cold-chain-qa'],
      sites: ['site:lyon'],
    });
    const { browser, end } = await signIn('s-1');
    expect(end).toBe(`${house.url}/`);
    expect(await browser.session()).toMatchObject({
      ...{ status: 200, user: { name: 'ana@example.com', role: 'quality', sites: ['site:lyon'] } },
    });
    const sent = new URL(browser.trail.find((url) => url.startsWith(`${issuer}/auth?`)) ?? '');
    expect(Object.fromEntries(sent.searchParams)).toMatchObject({
      ...{
        response_type: 'code',
        code_challenge_method: 'S256',
        redirect_uri: `${house.url}/api/v1/sign-in/oidc/callback`,
      },
      ...{ state: expect.stringMatching(/.{20}/), nonce: expect.stringMatching(/.{20}/) },
    });
    const { items } = await house.accounts.audit.list({ subject: 'user:ana@example.com', limit: 10 });
    expect(items.map(({ action }) => action)).toEqual(['session.open', 'user.create']);
    expect(items[0]?.new).toEqual({ method: 'oidc' });
  });

  test('finds the same user again, and follows the provider in role and sites; a password is no way in', async () => {
    people.set('s-2', { preferred_username: 'ben', groups: ['cold-chain-dock'], sites: 'all' });
    await signIn('s-2');
    const { id } = await house.accounts.users.get('ben');
    people.set('s-2', {
      preferred_username: 'benjamin',
      groups: ['cold-chain-qa'],
      sites: ['site:lyon', 'site:porto'],
    });
    const { browser } = await signIn('s-2');
    expect(await browser.session()).toMatchObject({
      user: { name: 'ben', role: 'quality', sites: ['site:lyon', 'site:porto'] },
    });
    expect((await house.accounts.users.get('ben')).id).toBe(id);
    expect(await house.accounts.users.verifyPassword('ben', '')).toBeNull();
  });

  test('takes a role that the installation made, and a second factor of the role as shown there', async () => {
    people.set('s-3', { preferred_username: 'cleo', groups: ['auditors'], sites: 'all' });
    expect((await signIn('s-3')).end).toBe(refusedWith('ROLE_UNKNOWN'));
    await house.accounts.roles.put('auditor', { permissions: ['audit.read'], requiresFactor: true });
    const { browser } = await signIn('s-3');
    expect(await browser.session()).toMatchObject({ user: { role: 'auditor', permissions: ['audit.read'] } });
  });

  test('is offered on the sign-in page by its label', async () => {
    expect((await house.ask(null, 'GET', '/sign-in')).body).toMatchObject({ provider: { label: 'Example' } });
  });
});

describe('nobody is let in', () => {
  test.each([
    [
      'without a group that has a role',
      { preferred_username: 'dan', groups: ['staff'], sites: 'all' },
      'OIDC_ROLE_UNMAPPED',
    ],
    ['without any group', { preferred_username: 'dan', sites: 'all' }, 'OIDC_ROLE_UNMAPPED'],
    ['without a site', { preferred_username: 'dan', groups: ['cold-chain-qa'] }, 'OIDC_SITES_MISSING'],
    ['with what is no site', { preferred_username: 'dan', groups: ['cold-chain-qa'], sites: ['lyon'] }, 'SITES_BAD'],
    [
      'as administrator of one site',
      { preferred_username: 'dan', groups: ['boss'], sites: ['site:lyon'] },
      'ROLE_NEEDS_ALL_SITES',
    ],
    // A name proves nothing: else whoever may name himself there takes an account over here.
    [
      'by the name of somebody who is here already',
      { preferred_username: 'admin', groups: ['boss'], sites: 'all' },
      'USER_EXISTS',
    ],
  ] as const)('%s', async (_what, person, code) => {
    people.set('s-4', person);
    const { browser, end } = await signIn('s-4');
    expect(end).toBe(refusedWith(code));
    expect((await browser.session()).status).toBe(401);
    expect((await house.accounts.users.list()).map(({ name }) => name)).not.toContain('dan');
  });

  test('who says no at the provider', async () => {
    expect((await signIn('nobody')).end).toBe(refusedWith('OIDC_REFUSED'));
  });

  test('who was disabled, or deleted, here; the deleted one only once he is readmitted', async () => {
    people.set('s-5', { preferred_username: 'eve', groups: ['cold-chain-qa'], sites: 'all' });
    const { browser } = await signIn('s-5');
    await house.accounts.users.change('eve', { isDisabled: true });
    expect((await browser.session()).status).toBe(401);
    expect((await signIn('s-5')).end).toBe(refusedWith('USER_STAYS_OUT'));
    await house.accounts.users.delete('eve');
    expect((await signIn('s-5')).end).toBe(refusedWith('USER_STAYS_OUT'));
    const by = {
      actor: { id: 'user:1', name: 'admin', kind: 'user' },
      origin: { via: 'http', address: null },
    } as const;
    await house.accounts.providers.readmit('eve', by);
    expect((await signIn('s-5')).end).toBe(`${house.url}/`);
  });

  test('with a code that was used, of another browser, with another state, or with none of it', async () => {
    people.set('s-6', { preferred_username: 'finn', groups: ['cold-chain-qa'], sites: 'all' });
    next = 's-6';
    const browser = new Browser();
    const callback = await browser.open(begin(), /\/sign-in\/oidc\/callback\?/);
    // Another browser, to which the address was sent (login CSRF): it has begun nothing.
    const other = new Browser();
    expect(await other.open(callback)).toBe(refusedWith('OIDC_ATTEMPT_VOID'));
    // One that has begun its own sign-in: the state is not its.
    const third = new Browser();
    await third.open(begin(), /\/auth\?/);
    expect(await third.open(callback)).toBe(refusedWith('OIDC_REFUSED'));
    expect((await third.session()).status).toBe(401);
    // The same code again, after it was taken.
    expect(await browser.open(callback)).toBe(`${house.url}/`);
    expect((await browser.session()).user?.name).toBe('finn');
    const again = new Browser();
    const url = new URL(await again.open(begin(), /\/sign-in\/oidc\/callback\?/));
    url.searchParams.set('code', new URL(callback).searchParams.get('code') ?? '');
    expect(await again.open(url.href)).toBe(refusedWith('OIDC_REFUSED'));
    expect(await new Browser().open(`${begin()}/callback`)).toBe(refusedWith('OIDC_ATTEMPT_VOID'));
  });

  test('while the provider is away; and that is told, not a defect', async () => {
    const away = await Installation.start({
      openId: {
        ...{ issuer: 'http://127.0.0.1:9', clientId: 'x', clientSecret: null, label: 'Away', scope: 'openid' },
        ...{ rolesClaim: 'groups', roles: { a: 'dock' }, sitesClaim: null, nameClaim: 'sub' },
      },
    });
    const response = await fetch(`${away.url}/api/v1/sign-in/oidc`, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/?refused=OIDC_UNAVAILABLE']);
    await away.stop();
  }, 60_000);

  test('where no provider is configured', async () => {
    const plain = await Installation.start();
    expect(await plain.ask(null, 'GET', '/sign-in/oidc')).toMatchObject({ status: 404, body: { code: 'OIDC_OFF' } });
    await plain.stop();
  }, 60_000);
});
