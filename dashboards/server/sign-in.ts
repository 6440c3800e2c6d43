import type { Request, Response } from 'express';
import type { FactorOwner, SessionMethod, User } from '../../access/index.ts';
import { type Origination, permissionsAt } from '../../domain/index.ts';
import { addressOf, type Identity, SESSION_COOKIE } from './identity.ts';
import { Refusal } from './problems.ts';
import { purposeOf } from './purpose.ts';
import type { Services } from './services.ts';

/** Who signed in, as the page is told. */
export function userOf({
  name,
  role,
  permissions,
  sites,
  lacksFactor = false,
  door = null,
}: Pick<Identity, 'name' | 'role' | 'permissions' | 'sites'> & Partial<Pick<Identity, 'lacksFactor' | 'door'>>) {
  return {
    ...{ name, role, permissions: [...permissions], sites: sites === 'all' ? sites : [...sites] },
    ...(door !== null && { door }),
    ...(lacksFactor && { lacksSecondFactor: true as const }),
  };
}

/** What sort of site this is, as the page is told. */
export async function siteOf(services: Pick<Services, 'mode' | 'organisation' | 'practice'>) {
  const { isDemo, practice } = services.mode;
  return {
    isDemo,
    ...((await purposeOf(services)) === 'pharmacy' && { setUpFor: 'pharmacy' as const }),
    ...(practice !== undefined && { isPractice: true as const }),
    ...(services.practice !== null && { canPractise: true as const }),
  };
}

/** The same of who has just signed in. */
export async function signedIn(services: Services, user: User, method: SessionMethod) {
  const { accounts } = services;
  const { sites } = await accounts.users.get(user.name);
  const { permissions: ofRole, requiresFactor } = await accounts.roles.get(user.role);
  const lacksFactor = requiresFactor && method === 'password';
  const permissions = lacksFactor ? new Set<never>() : permissionsAt(new Set(ofRole), sites);
  return { user: userOf({ ...user, permissions, sites, lacksFactor }), ...(await siteOf(services)) };
}

/** Signs a person in who has shown who it is: the cookie goes with the answer. */
export async function openSession(
  { accounts, time }: Services,
  user: User,
  request: Request,
  response: Response,
  method: SessionMethod = 'password',
): Promise<void> {
  const by = personOrigination(user, request);
  const { secret, expiresAt } = await accounts.sessions.open(user, by, request.get('user-agent') ?? null, method);
  response.cookie(SESSION_COOKIE, secret, {
    httpOnly: true,
    sameSite: 'lax',
    // A proxy that is trusted and ends TLS says so (X-Forwarded-Proto).
    secure: request.secure,
    maxAge: Math.max(0, expiresAt - time.now()),
    path: '/',
  });
}

export function personOrigination({ id, name }: FactorOwner, request: Request): Origination {
  return { actor: { id: `user:${id}`, name, kind: 'user' }, origin: { via: 'http', address: addressOf(request) } };
}

/**
 * Whose name and password these are. Where codes are asked for, `code` is looked at too, and the password alone opens
 * nothing.
 * @param code undefined: the password is asked for again, of who is signed in already
 * @throws {Refusal} 401 CREDENTIALS_WRONG, SECOND_FACTOR_NEEDED, SECOND_FACTOR_WRONG; 429 SIGN_IN_THROTTLED
 */
export async function verified(
  services: Services,
  request: Request,
  name: string,
  password: string,
  code?: { readonly given: string | undefined },
): Promise<{ readonly user: User; readonly by: Origination; readonly method: SessionMethod }> {
  const { accounts, throttle } = services;
  const address = addressOf(request);
  const origin = { via: 'http', address } as const;
  try {
    await throttle.attempt(name, address ?? '');
    const user = await accounts.users.verifyPassword(name, password);
    if (user === null) {
      throttle.failed(name, address ?? '');
      throw new Refusal(401, 'CREDENTIALS_WRONG', 'name or password is wrong');
    }
    const isCodeAsked = code !== undefined && (await accounts.factors.stateOf(user.id)).appSince !== null;
    if (isCodeAsked) await requireCode(services, request, user, code.given);
    throttle.succeeded(name, address ?? '');
    return { user, by: personOrigination(user, request), method: isCodeAsked ? 'password+code' : 'password' };
  } catch (error) {
    if (error instanceof Refusal && error.code !== 'SECOND_FACTOR_NEEDED') await accounts.signIns.refused(name, origin);
    throw error;
  }
}

/**
 * A code, of who is signed in: counted and slowed as at the sign-in.
 * @throws {Refusal} 401 SECOND_FACTOR_WRONG, 429 SIGN_IN_THROTTLED
 */
export async function codeVerified(services: Services, request: Request, user: FactorOwner, code: string) {
  const { accounts, throttle } = services;
  const address = addressOf(request);
  try {
    await throttle.attempt(user.name, address ?? '');
    await requireCode(services, request, user, code);
    throttle.succeeded(user.name, address ?? '');
  } catch (error) {
    if (error instanceof Refusal) await accounts.signIns.refused(user.name, { via: 'http', address });
    throw error;
  }
}

/** That the password was right takes back no wrong code: else each wrong one would be followed by a free try. */
async function requireCode(services: Services, request: Request, user: FactorOwner, code: string | undefined) {
  const { accounts, throttle } = services;
  const address = addressOf(request) ?? '';
  if (code === undefined || code === '') {
    throttle.undecided(user.name, address);
    throw new Refusal(
      401,
      'SECOND_FACTOR_NEEDED',
      'the password is right; send the code of the authenticator app, or a recovery code, with it as code',
    );
  }
  const verdict = await accounts.factors.verify(user, code, personOrigination(user, request));
  if (verdict.isRight) return;
  throttle.failed(user.name, address);
  if (verdict.waitMs === null) throw wrongCode();
  throw waiting(verdict.waitMs);
}

export function wrongCode(): Refusal {
  const message = 'this is no code of the authenticator app now, or it was used already; wait for the next one';
  return new Refusal(401, 'SECOND_FACTOR_WRONG', message);
}

function waiting(ms: number): Refusal {
  if (!Number.isFinite(ms)) {
    const message =
      'a hundred codes in a row were wrong, and no more are looked at; use a recovery code or a passkey, or have an administrator reset it';
    return new Refusal(401, 'SECOND_FACTOR_LOCKED', message);
  }
  const retryAfterSeconds = Math.max(1, Math.ceil(ms / 1000));
  const message = `too many codes were wrong; wait ${retryAfterSeconds} s`;
  return new Refusal(429, 'SIGN_IN_THROTTLED', message, { retryAfterSeconds });
}

/**
 * Somebody who has a second factor and has not shown it makes no other, and takes none away: else the password alone
 * would be enough. Who has none yet sets one up.
 * @throws {Refusal} 403 SECOND_FACTOR_REQUIRED
 */
export async function requireOwnFactor({ accounts }: Services, { name, lacksFactor }: Identity): Promise<void> {
  if (!lacksFactor || !(await accounts.users.get(name)).hasFactor) return;
  throw new Refusal(
    403,
    'SECOND_FACTOR_REQUIRED',
    'sign in with the passkey that you have, and then change what you have',
  );
}

/** @throws {Refusal} 403 TOKEN_HAS_NO_SESSION */
export function personOf({ userId, name, role, session }: Identity) {
  if (userId !== null) return { id: userId, name, role, session };
  throw new Refusal(403, 'TOKEN_HAS_NO_SESSION', 'an API token has no password and no sessions; sign in as a person');
}
