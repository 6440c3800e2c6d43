import { InputError } from '../../../domain/index.ts';
import { formatTime, screenOperations } from '../../api/index.ts';
import { created, ok } from '../answer.ts';
import { addressOf, SCREEN_COOKIE } from '../identity.ts';
import { mount } from '../mount.ts';
import { Refusal } from '../problems.ts';
import type { Services } from '../services.ts';

/** Browsers keep no cookie longer (RFC 6265bis, 5.5). It is given anew whenever the screen is connected. */
const COOKIE_MS = 400 * 86_400_000;

/** Screens that hang at doors. */
export function screenRoutes({ accounts, directory, throttle }: Services) {
  return [
    mount(screenOperations.invite, async ({ parameters: { id }, origination }) => {
      const portal = (await directory.registered()).portals.get(id);
      if (portal === undefined) throw new InputError('PORTAL_UNKNOWN', `there is no portal ${id}`, { portal: id });
      const { code, expiresAt } = await accounts.screens.invite({ door: id, site: portal.site }, origination);
      return created({ code, expiresAt: formatTime(expiresAt), path: `/dock/${encodeURIComponent(id)}` });
    }),

    mount(screenOperations.connect, async ({ body: { code }, request, response }) => {
      const address = addressOf(request);
      await throttle.attempt('screen', address ?? '');
      const screen = await accounts.screens.connect(code, { via: 'http', address });
      if (screen === null) {
        throttle.failed('screen', address ?? '');
        throw new Refusal(
          401,
          'SCREEN_CODE_WRONG',
          'this code is wrong, was used, or is older than a quarter of an hour',
        );
      }
      throttle.succeeded('screen', address ?? '');
      response.cookie(SCREEN_COOKIE, screen.token, {
        ...{ httpOnly: true, sameSite: 'strict', secure: request.secure, maxAge: COOKIE_MS, path: '/' },
      });
      return ok({ name: screen.name, door: screen.door });
    }),
  ];
}
