import { ROLES } from '../../../domain/index.ts';
import { formatTime, type OwnSessionView, ownAccessOperations, sessionOperations } from '../../api/index.ts';
import { DONE, ok } from '../answer.ts';
import { SESSION_COOKIE } from '../identity.ts';
import { mount } from '../mount.ts';
import { notFound } from '../problems.ts';
import { relyingPartyOf } from '../relying-party.ts';
import type { Services } from '../services.ts';
import { openSession, personOf, signedIn, siteOf, userOf, verified } from '../sign-in.ts';

/** Signing in and out; one's own sessions and password. */
export function sessionRoutes(services: Services) {
  const { accounts, mode } = services;
  const { isDemo, demoPassword = 'demo' } = mode;
  return [
    mount(sessionOperations.signInOptions, async ({ identity, request }) => {
      return ok({
        isDemo,
        ...(services.openId !== null && { provider: { label: services.openId.label } }),
        ...(relyingPartyOf(mode, request) !== null && { passkeys: true as const }),
        ...((await accounts.firstAdmin.isAwaited()) && { needsFirstAdmin: true as const }),
        session: identity === null ? null : { user: userOf(identity), ...(await siteOf(services)) },
        accounts: isDemo ? ROLES.map((role) => ({ name: role, role, password: demoPassword })) : [],
      });
    }),

    mount(sessionOperations.signIn, async ({ body: { username, password, code }, request, response }) => {
      const { user, method } = await verified(services, request, username, password, { given: code });
      await openSession(services, user, request, response, method);
      return ok(await signedIn(services, user, method));
    }),

    mount(sessionOperations.current, async ({ identity }) =>
      ok({ user: userOf(identity), ...(await siteOf(services)) }),
    ),

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
