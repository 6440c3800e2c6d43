import { Router } from 'express';
import { ROLES } from '../../../domain/index.ts';
import { type Session, type SignInOptions, signIn } from '../../api/index.ts';
import { allow, hashOf, identify, identityOf, SESSION_COOKIE, sessionSecret } from '../identity.ts';
import { parsed, Refusal } from '../problems.ts';
import type { Services } from '../services.ts';
import type { SignInThrottle } from '../throttle.ts';

/** Signing in and out. */
export function sessionRoutes(services: Services, throttle: SignInThrottle): Router {
  const { accounts, mode, time } = services;
  const router = Router();

  router.get('/sign-in', async (request, response) => {
    const identity = await identify(request.headers, accounts);
    const options: SignInOptions = {
      isDemo: mode.isDemo,
      session: identity === null ? null : { user: { name: identity.name, role: identity.role }, isDemo: mode.isDemo },
      accounts: mode.isDemo ? ROLES.map((role) => ({ name: role, role, password: mode.demoPassword ?? 'demo' })) : [],
    };
    response.json(options);
  });

  router.post('/session', async (request, response) => {
    const { username, password } = parsed(signIn, request.body, 'BODY_INVALID');
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
    const session: Session = { user: { name: user.name, role: user.role }, isDemo: mode.isDemo };
    response.json(session);
  });

  router.get('/session', allow(accounts, 'signed in'), (request, response) => {
    const { name, role } = identityOf(request);
    const session: Session = { user: { name, role }, isDemo: mode.isDemo };
    response.json(session);
  });

  router.delete('/session', allow(accounts, 'signed in'), async (request, response) => {
    const secret = sessionSecret(request.headers);
    if (secret !== null) {
      await accounts.endSession(secret);
      services.live.endSession(hashOf(secret));
    }
    response.clearCookie(SESSION_COOKIE, { path: '/' }).status(204).end();
  });

  return router;
}
