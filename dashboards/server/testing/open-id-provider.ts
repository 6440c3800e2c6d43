// biome-ignore-all lint/style/noRestrictedImports: a kit of the tests, which stand outside the table of rooms
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Configuration, Provider } from 'oidc-provider';
import type { OpenIdSettings } from '../../../access/index.ts';

const SECRET = 'a secret of the client';

/** What the provider says of somebody. */
export interface ProviderPerson {
  readonly preferred_username?: string;
  readonly groups?: readonly string[];
  readonly sites?: readonly string[] | string;
}

/** A real OpenID provider on a free port, at which whoever is `next` signs in without being asked. */
export class TestProvider {
  readonly issuer: string;
  /** Whom it knows, by subject. */
  readonly people = new Map<string, ProviderPerson>();
  /** Who signs in next; `nobody` says no. */
  next = '';
  /** How long ago whoever is next is said to have signed in, s. */
  signedInAgo = 0;
  /** How often somebody showed here who it is. */
  signIns = 0;
  readonly #server: Server;
  readonly #given: { provider?: Provider };

  private constructor(server: Server, given: { provider?: Provider }) {
    this.#server = server;
    this.#given = given;
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<TestProvider> {
    const given: { provider?: Provider; test?: TestProvider } = {};
    const server = createServer((request, response) => {
      if (request.url?.startsWith('/interaction/') !== true) return given.provider?.callback()(request, response);
      // Who is asked there: lets in whoever is next, and consents.
      return void given.test?.interact(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    given.test = new TestProvider(server, given);
    return given.test;
  }

  /** As an installation is configured to use it. */
  settings(change: Partial<OpenIdSettings> = {}): OpenIdSettings {
    return {
      ...{ issuer: this.issuer, clientId: 'isotherm', clientSecret: SECRET, label: 'Example' },
      ...{ scope: 'openid profile groups', rolesClaim: 'groups', nameClaim: 'preferred_username', sitesClaim: 'sites' },
      roles: { 'cold-chain-qa': 'quality', 'cold-chain-dock': 'dock' },
      ...change,
    };
  }

  /** Lets an installation, at one or more addresses, send people here. */
  serve(...urls: readonly string[]): void {
    this.#given.provider = new Provider(this.issuer, {
      ...CONFIGURATION,
      claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups', 'sites'] },
      findAccount: (_context, sub) => ({ accountId: sub, claims: async () => ({ sub, ...this.people.get(sub) }) }),
      clients: [
        {
          ...{ client_id: 'isotherm', client_secret: SECRET, grant_types: ['authorization_code'] },
          redirect_uris: urls.map((url) => `${url}/api/v1/sign-in/oidc/callback`),
        },
      ],
    });
  }

  async interact(
    request: Parameters<Provider['interactionDetails']>[0],
    response: Parameters<Provider['interactionDetails']>[1],
  ): Promise<void> {
    const at = this.#given.provider;
    if (at === undefined) throw new Error('nobody is served yet');
    const { prompt, params, session, grantId } = await at.interactionDetails(request, response);
    if (prompt.name === 'login') {
      this.signIns++;
      const ts = Math.floor(Date.now() / 1000) - this.signedInAgo;
      const answer = this.next === 'nobody' ? { error: 'access_denied' } : { login: { accountId: this.next, ts } };
      await at.interactionFinished(request, response, answer);
      return;
    }
    const known = grantId === undefined ? undefined : await at.Grant.find(grantId);
    const grant = known ?? new at.Grant({ accountId: session?.accountId ?? '', clientId: String(params.client_id) });
    grant.addOIDCScope('openid profile groups');
    const consent = { grantId: await grant.save() };
    await at.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const CONFIGURATION: Configuration = {
  cookies: { keys: ['of the test'] },
  features: { devInteractions: { enabled: false } },
  jwks: { keys: [{ ...jwk, use: 'sig', alg: 'RS256', kid: 'test' }] },
  pkce: { required: () => true },
};

/** A browser that follows where it is sent, with a jar of cookies a host. */
export class FollowingBrowser {
  readonly #home: string;
  readonly #jars = new Map<string, Map<string, string>>();
  readonly trail: string[] = [];

  /** @param home of the installation: a page of it ends the way */
  constructor(home: string) {
    this.#home = home;
  }

  /** @returns where it ends, with the fragment; or the status of an answer that sends nowhere */
  async open(from: string, stopBefore?: RegExp): Promise<string> {
    let url = from;
    for (let hop = 0; hop < 20; hop++) {
      if (stopBefore?.test(url)) return url;
      this.trail.push(url);
      const { host } = new URL(url);
      const jar = this.#jars.get(host) ?? new Map<string, string>();
      const response = await fetch(url, { redirect: 'manual', headers: { cookie: written(jar) } });
      for (const set of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
        if (value === '') jar.delete(name);
        else jar.set(name, value);
      }
      this.#jars.set(host, jar);
      const location = response.headers.get('location');
      if (location === null) return `${response.status} ${url}`;
      url = new URL(location, url).href;
      if (url.startsWith(this.#home) && !url.includes('/api/')) return url;
    }
    throw new Error(`sent round in circles: ${this.trail.join(' ')}`);
  }

  /** Its cookies of a server are gone: there the person is signed out. */
  forget(url: string): void {
    this.#jars.delete(new URL(url).host);
  }

  /** What it sends to the installation. */
  get cookie(): string {
    return written(this.#jars.get(new URL(this.#home).host) ?? new Map());
  }

  async session(): Promise<{
    readonly status: number;
    readonly user?: { readonly name: string; readonly role: string };
  }> {
    const response = await fetch(`${this.#home}/api/v1/session`, { headers: { cookie: this.cookie } });
    return { status: response.status, ...((await response.json()) as object) };
  }
}

function written(jar: ReadonlyMap<string, string>): string {
  return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
}
