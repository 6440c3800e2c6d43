import { ROLES } from '../../../domain/index.ts';
import { sessionOperations } from '../../api/index.ts';
import { DONE, ok } from '../answer.ts';
import { hashOf, SESSION_COOKIE, sessionSecret } from '../identity.ts';
import { mount } from '../mount.ts';
import { Refusal } from '../problems.ts';
import type { Services } from '../services.ts';

/** Signing in and out. */
export function sessionRoutes({ accounts, live, mode, throttle, time }: Services) {
  const { isDemo, demoPassword = 'demo' } = mode;
  return [
    mount(sessionOperations.signInOptions, async ({ identity }) => {
      return ok({
        isDemo,
        session: identity === null ? null : { user: { name: identity.name, role: identity.role }, isDemo },
        accounts: isDemo ? ROLES.map((role) => ({ name: role, role, password: demoPassword })) : [],
      });
    }),

    mount(sessionOperations.signIn, async ({ body: { username, password }, request, response }) => {
      const address = request.ip ?? '';
      throttle.attempt(username, address);
      const user = await accounts.verifyPassword(username, password);
      if (user === null) throw new Refusal(401, 'CREDENTIALS_WRONG', 'name or password is wrong');
      throttle.succeeded(username, address);
      const { secret, expiresAt } = await accounts.openSession(user);
      response.cookie(SESSION_COOKIE, secret, {
        httpOnly: true,
        sameSite: 'lax',
        // Behind a proxy that ends TLS, it says so.
        secure: request.secure || request.headers['x-forwarded-proto'] === 'https',
        maxAge: Math.max(0, expiresAt - time.now()),
        path: '/',
      });
      return ok({ user: { name: user.name, role: user.role }, isDemo });
    }),

    mount(sessionOperations.current, async ({ identity: { name, role } }) => ok({ user: { name, role }, isDemo })),

    mount(sessionOperations.signOut, async ({ request, response }) => {
      const secret = sessionSecret(request.headers);
      if (secret !== null) {
        await accounts.endSession(secret);
        live.endSession(hashOf(secret));
      }
      response.clearCookie(SESSION_COOKIE, { path: '/' });
      return DONE;
    }),
  ];
}
