import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Installation } from './testing/installation.ts';
import { FollowingBrowser, TestProvider } from './testing/open-id-provider.ts';

let house: Installation;
let provider: TestProvider;
let issuer: string;
let people: TestProvider['people'];

beforeAll(async () => {
  provider = await TestProvider.start();
  ({ issuer, people } = provider);
  const roles = { 'cold-chain-qa': 'quality', 'cold-chain-dock': 'dock', auditors: 'auditor', boss: 'admin' };
  house = await Installation.start({ openId: provider.settings({ roles }) });
  provider.serve(house.url);
});
afterAll(async () => {
  await house?.stop();
  await provider?.stop();
});

class Browser extends FollowingBrowser {
  constructor() {
    super(house.url);
  }
}

const begin = () => `${house.url}/api/v1/sign-in/oidc`;

/** Signs a person in, in a fresh browser. @returns where the browser ends */
async function signIn(sub: string): Promise<{ readonly browser: Browser; readonly end: string }> {
  provider.next = sub;
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
    provider.next = 's-6';
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
  });

  test('where no provider is configured', async () => {
    const plain = await Installation.start();
    expect(await plain.ask(null, 'GET', '/sign-in/oidc')).toMatchObject({ status: 404, body: { code: 'OIDC_OFF' } });
    await plain.stop();
  });
});
