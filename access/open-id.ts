import { createHash, randomBytes } from 'node:crypto';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import { InputError, type Logger, type Sites, type TimeSource, UnavailableError } from '../domain/index.ts';
import type { InstallationKey } from '../storage/index.ts';

/** A provider that vouches for people, as the operator has configured it. */
export interface OpenIdSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | null;
  /** What the button says. */
  readonly label: string;
  readonly scope: string;
  /** The claim that holds groups, and which role each stands for; the first of these that a person has counts. */
  readonly rolesClaim: string;
  readonly roles: Readonly<Record<string, string>>;
  /** The claim that holds the ids of sites, or `all`; null = everybody sees all. */
  readonly sitesClaim: string | null;
  readonly nameClaim: string;
}

/** A person as the provider knows it, with the role that this means here. */
export interface Vouched {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string;
  readonly role: string;
  readonly sites: Sites;
}

export interface OpenIdProviderOptions {
  readonly settings: OpenIdSettings;
  readonly time: TimeSource;
  readonly logger: Logger;
  /** Seals what a browser keeps while its person is at the provider. */
  readonly key: InstallationKey;
}

/** How long a person may take there. */
const ATTEMPT_MS = 10 * 60_000;
const TIMEOUT_S = 10;
const PLACE = 'browser/oidc';
const MOST_NAME = 64;
/** How far the provider's clock may be from ours. */
const CLOCKS_APART_MS = 30_000;

/** What somebody who is signed in here is about to sign by signing in afresh. */
export interface WantedSignature {
  readonly session: number;
  /** SHA-256 of the record, hex. */
  readonly recordHash: string;
  /** Which window of the browser waits for it. */
  readonly window: string;
}

/** A sign-in that was made to sign: after it was asked for, and for this record alone. */
export interface SignatureSignIn extends WantedSignature {
  /** `auth_time`, epoch ms UTC. */
  readonly authAt: number;
  readonly nonce: string;
  readonly salt: string;
}

interface Attempt {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly begunAt: number;
  readonly until: number;
  readonly signing: (WantedSignature & { readonly salt: string }) | null;
}

/** Signing in by another provider: OpenID Connect Core 1.0, code flow with PKCE (RFC 7636), state and nonce. */
export class OpenIdProvider {
  readonly label: string;
  readonly #options: OpenIdProviderOptions;
  #discovered: Promise<Configuration> | null = null;

  constructor(options: OpenIdProviderOptions) {
    this.#options = options;
    this.label = options.settings.label;
  }

  /**
   * Where the browser goes, and what it keeps meanwhile, sealed.
   * @param redirectUri where the provider sends it back to
   * @param wanted where the sign-in is to be a signature: the person has to show anew who it is (`prompt=login`,
   * `max_age=0`; OpenID Connect Core 1.0, 3.1.2.1), and the nonce stands for what is signed
   * @throws {UnavailableError} OIDC_UNAVAILABLE
   */
  async begin(
    redirectUri: string,
    wanted: WantedSignature | null = null,
  ): Promise<{ readonly url: string; readonly kept: string; readonly keptMs: number }> {
    const configuration = await this.#configuration();
    const { time, key, settings } = this.#options;
    const verifier = randomPKCECodeVerifier();
    const salt = randomBytes(32).toString('base64url');
    const begunAt = time.now();
    const attempt: Attempt = {
      ...{ state: randomState(), verifier, begunAt, until: begunAt + ATTEMPT_MS },
      nonce: wanted === null ? randomNonce() : nonceOf(salt, wanted.recordHash),
      signing: wanted === null ? null : { ...wanted, salt },
    };
    const url = buildAuthorizationUrl(configuration, {
      ...{ redirect_uri: redirectUri, scope: settings.scope, state: attempt.state, nonce: attempt.nonce },
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      ...(wanted !== null && { prompt: 'login', max_age: '0' }),
    });
    return { url: url.href, kept: key.seal(PLACE, JSON.stringify(attempt)), keptMs: ATTEMPT_MS };
  }

  /**
   * Whom the provider vouches for, and what that signs: null of a mere sign-in.
   * @param callback where the browser came back to, with its query
   * @param kept what {@link begin} gave the browser
   * @throws {InputError} OIDC_ATTEMPT_VOID, OIDC_REFUSED, OIDC_ROLE_UNMAPPED, OIDC_SITES_MISSING, OIDC_NOT_FRESH
   * @throws {UnavailableError} OIDC_UNAVAILABLE
   */
  async finish(
    callback: URL,
    kept: string,
  ): Promise<{ readonly vouched: Vouched; readonly signing: SignatureSignIn | null }> {
    const attempt = this.#attempt(kept);
    const configuration = await this.#configuration();
    try {
      const tokens = await authorizationCodeGrant(configuration, callback, {
        ...{ pkceCodeVerifier: attempt.verifier, expectedState: attempt.state, expectedNonce: attempt.nonce },
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('there is no ID token');
      const authAt = attempt.signing === null ? 0 : this.#freshAt(claims.auth_time, attempt);
      const isWhole = this.#options.settings.rolesClaim in claims || !configuration.serverMetadata().userinfo_endpoint;
      // What only the user info says is taken from there; what the ID token says, it says signed.
      const more = isWhole ? {} : await fetchUserInfo(configuration, tokens.access_token, claims.sub);
      const vouched = this.#vouched(claims.iss, claims.sub, { ...more, ...claims });
      const { nonce, signing } = attempt;
      return { vouched, signing: signing === null ? null : { ...signing, authAt, nonce } };
    } catch (cause) {
      throw this.#refused(cause);
    }
  }

  /** What waits for a sign-in that failed; null where it was none to sign, or cannot be told any more. */
  wantedBy(kept: string): WantedSignature | null {
    try {
      return this.#attempt(kept).signing;
    } catch (error) {
      if (error instanceof InputError) return null;
      throw error;
    }
  }

  /**
   * When the person signed in at the provider: after it was sent there. Whoever sits at the browser can take `prompt` and
   * `max_age` out of the address, so only the provider's signed word counts.
   * @param authTime seconds since 1970 @returns epoch ms UTC
   */
  #freshAt(authTime: number | undefined, { begunAt }: Attempt): number {
    if (authTime === undefined) {
      throw new InputError(
        'OIDC_NOT_FRESH',
        'the provider does not say when the person signed in (auth_time); have it put into the ID token',
      );
    }
    const at = authTime * 1000;
    const isFresh = at >= begunAt - CLOCKS_APART_MS && at <= this.#options.time.now() + CLOCKS_APART_MS;
    if (isFresh) return at;
    const said = new Date(at).toISOString();
    const asked = new Date(begunAt).toISOString();
    const message = `the provider says that the person signed in at ${said}, asked for: after ${asked}; sign in anew there, or have its clock set`;
    throw new InputError('OIDC_NOT_FRESH', message);
  }

  #attempt(kept: string): Attempt {
    const { key, time } = this.#options;
    try {
      const attempt = JSON.parse(key.open(PLACE, kept)) as Attempt;
      if (attempt.until > time.now()) return attempt;
    } catch {
      // Not what we gave it: the same as nothing.
    }
    throw new InputError(
      'OIDC_ATTEMPT_VOID',
      'this sign-in was not begun in this browser, or too long ago; begin again',
    );
  }

  #vouched(issuer: string, subject: string, claims: Readonly<Record<string, unknown>>): Vouched {
    const { rolesClaim, roles, sitesClaim, nameClaim } = this.#options.settings;
    const groups = textsIn(claims[rolesClaim]);
    const role = Object.entries(roles).find(([group]) => groups.includes(group))?.[1];
    if (role === undefined) {
      const message = `the provider's claim ${rolesClaim} says ${groups.length === 0 ? 'nothing' : groups.slice(0, 20).join(', ')}; allowed: ${Object.keys(roles).join(', ')}`;
      throw new InputError('OIDC_ROLE_UNMAPPED', message);
    }
    const name = [claims[nameClaim], claims.email, subject].find((one) => typeof one === 'string' && one !== '');
    const cleaned = String(name)
      .normalize('NFKC')
      .replaceAll(/[^A-Za-z0-9._@-]/g, '-')
      .slice(0, MOST_NAME);
    return { issuer, subject, name: cleaned, role, sites: sitesClaim === null ? 'all' : sitesIn(claims, sitesClaim) };
  }

  #configuration(): Promise<Configuration> {
    this.#discovered ??= this.#discover().catch((cause: unknown) => {
      this.#discovered = null;
      const { issuer } = this.#options.settings;
      const why = cause instanceof Error ? cause.message : String(cause);
      this.#options.logger.warn({ why, issuer }, 'the OpenID provider cannot be asked');
      throw new UnavailableError(
        'OIDC_UNAVAILABLE',
        `the provider ${issuer} cannot be asked: ${why}`,
        { issuer },
        cause,
      );
    });
    return this.#discovered;
  }

  async #discover(): Promise<Configuration> {
    const { issuer, clientId, clientSecret } = this.#options.settings;
    const server = new URL(issuer);
    const execute = server.protocol === 'http:' ? [allowInsecureRequests] : [];
    return discovery(server, clientId, clientSecret ?? undefined, undefined, { execute, timeout: TIMEOUT_S });
  }

  /** Why stands in the log alone, in words: what the library throws may hold tokens. */
  #refused(cause: unknown): InputError {
    const why = cause instanceof Error ? reasonOf(cause) : String(cause);
    this.#options.logger.warn({ why }, 'a sign-in by the OpenID provider was refused');
    if (cause instanceof InputError) return cause;
    return new InputError('OIDC_REFUSED', `the provider's answer was not taken: ${why}`, {}, cause);
  }
}

/** Stands for one record in one sign-in: the provider signs it without knowing what it is. */
export function nonceOf(salt: string, recordHash: string): string {
  return createHash('sha256').update(`${salt}.${recordHash}`, 'utf8').digest('base64url');
}

/** The provider's own words where it has some. */
function reasonOf(cause: Error): string {
  const { error, error_description: described } = cause as { error?: unknown; error_description?: unknown };
  const said = [error, described].filter((one) => typeof one === 'string' && one !== '');
  return said.length > 0 ? said.join(': ') : cause.message;
}

function textsIn(claim: unknown): string[] {
  const values: readonly unknown[] = Array.isArray(claim) ? claim : [claim];
  return values.filter((value) => typeof value === 'string');
}

/** @throws {InputError} OIDC_SITES_MISSING */
function sitesIn(claims: Readonly<Record<string, unknown>>, name: string): Sites {
  const sites = textsIn(claims[name]);
  if (sites.includes('all')) return 'all';
  if (sites.length > 0) return sites;
  throw new InputError(
    'OIDC_SITES_MISSING',
    `the provider's claim ${name} names no site; allowed: all, or ids such as site:lyon`,
  );
}
