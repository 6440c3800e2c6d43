import type { Request, Response } from 'express';
import type { User } from '../../../access/index.ts';
import { type Origination, permissionsAt, ROLES } from '../../../domain/index.ts';
import { formatTime, type OwnSessionView, ownAccessOperations, sessionOperations } from '../../api/index.ts';
import { DONE, ok } from '../answer.ts';
import { addressOf, type Identity, SESSION_COOKIE } from '../identity.ts';
import { mount } from '../mount.ts';
import { notFound, Refusal } from '../problems.ts';
import type { Services } from '../services.ts';

/** Signing in and out; one's own sessions and password. */
export function sessionRoutes(services: Services) {
  const { accounts, mode } = services;
  const { isDemo, demoPassword = 'demo' } = mode;
  return [
    mount(sessionOperations.signInOptions, async ({ identity }) => {
      return ok({
        isDemo,
        ...((await accounts.firstAdmin.isAwaited()) && { needsFirstAdmin: true as const }),
        session: identity === null ? null : { user: userOf(identity), isDemo },
        accounts: isDemo ? ROLES.map((role) => ({ name: role, role, password: demoPassword })) : [],
      });
    }),

    mount(sessionOperations.signIn, async ({ body: { username, password }, request, response }) => {
      const { user, by } = await verified(services, request, username, password);
      await openSession(services, user, request, response, by);
      const { sites } = await accounts.users.get(user.name);
      const { permissions: ofRole } = await accounts.roles.get(user.role);
      const permissions = permissionsAt(new Set(ofRole), sites);
      return ok({ user: userOf({ ...user, permissions, sites }), isDemo });
    }),

    mount(sessionOperations.current, async ({ identity }) => ok({ user: userOf(identity), isDemo })),

    mount(sessionOperations.signOut, async ({ identity, origination, response }) => {
      const { name, role, userId, session } = identity;
      if (userId !== null && session !== null) {
        await accounts.sessions.end({ id: userId, name, role }, session, origination);
      }
      response.clearCookie(SESSION_COOKIE, { path: '/' });
      return DONE;
    }),

    mount(ownAccessOperations.setPassword, async ({ identity, body, request }) => {
      const { name, session } = personOf(identity);
      const { by } = await verified(services, request, name, body.old);
      await accounts.users.change(name, { password: body.new }, by, session);
      return DONE;
    }),

    mount(ownAccessOperations.sessions, async ({ identity }) => {
      const { id: user, session } = personOf(identity);
      const items = (await accounts.sessions.of(user)).map(
        ({ id, createdAt, lastUsedAt, expiresAt, ...from }): OwnSessionView => ({
          ...{ id: String(id), isThis: id === session, ...from },
          ...{ createdAt: formatTime(createdAt), lastUsedAt: formatTime(lastUsedAt), expiresAt: formatTime(expiresAt) },
        }),
      );
      return ok({ items, nextCursor: null });
    }),

    mount(ownAccessOperations.endSession, async ({ identity, origination, parameters: { id } }) => {
      const person = personOf(identity);
      const isEnded = /^\d{1,15}$/.test(id) && (await accounts.sessions.end(person, Number(id), origination));
      if (!isEnded) throw notFound('SESSION_UNKNOWN', `you have no session ${id}`);
      return DONE;
    }),
  ];
}

export function userOf({ name, role, permissions, sites }: Pick<Identity, 'name' | 'role' | 'permissions' | 'sites'>) {
  return { name, role, permissions: [...permissions], sites: sites === 'all' ? sites : [...sites] };
}

/** Signs a person in who has shown who it is: the cookie goes with the answer. */
export async function openSession(
  { accounts, time }: Services,
  user: User,
  request: Request,
  response: Response,
  by: Origination = personOrigination(user, request),
): Promise<void> {
  const { secret, expiresAt } = await accounts.sessions.open(user, by, request.get('user-agent') ?? null);
  response.cookie(SESSION_COOKIE, secret, {
    httpOnly: true,
    sameSite: 'lax',
    // Behind a proxy that ends TLS, it says so.
    secure: request.secure || request.headers['x-forwarded-proto'] === 'https',
    maxAge: Math.max(0, expiresAt - time.now()),
    path: '/',
  });
}

function personOrigination({ id, name }: User, request: Request): Origination {
  return { actor: { id: `user:${id}`, name, kind: 'user' }, origin: { via: 'http', address: addressOf(request) } };
}

/** @throws {Refusal} 401 CREDENTIALS_WRONG, 429 SIGN_IN_THROTTLED */
async function verified({ accounts, throttle }: Services, request: Request, name: string, password: string) {
  const address = addressOf(request);
  const origin = { via: 'http', address } as const;
  try {
    await throttle.attempt(name, address ?? '');
    const user = await accounts.users.verifyPassword(name, password);
    if (user === null) {
      throttle.failed(name, address ?? '');
      throw new Refusal(401, 'CREDENTIALS_WRONG', 'name or password is wrong');
    }
    throttle.succeeded(name, address ?? '');
    const by: Origination = { actor: { id: `user:${user.id}`, name: user.name, kind: 'user' }, origin };
    return { user, by };
  } catch (error) {
    if (error instanceof Refusal) await accounts.signIns.refused(name, origin);
    throw error;
  }
}

/** @throws {Refusal} 403 TOKEN_HAS_NO_SESSION */
function personOf({ userId, name, role, session }: Identity) {
  if (userId !== null) return { id: userId, name, role, session };
  throw new Refusal(403, 'TOKEN_HAS_NO_SESSION', 'an API token has no password and no sessions; sign in as a person');
}
