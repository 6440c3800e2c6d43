import { setUpDone } from '../../../access/index.ts';
import { permissionsOf } from '../../../domain/index.ts';
import { setUpOperations, setUpStepId } from '../../api/index.ts';
import { created, ok } from '../answer.ts';
import { addressOf } from '../identity.ts';
import { mount } from '../mount.ts';
import { parsed, Refusal } from '../problems.ts';
import type { Services } from '../services.ts';
import { openSession, siteOf, userOf } from '../sign-in.ts';

/** As the throttle counts tries of the code, whoever makes them. */
const CODE = 'code';

/** The first hour of an installation. */
export function setUpRoutes(services: Services) {
  const { accounts, organisation, setUpProgress, setUpThrottle } = services;
  return [
    mount(setUpOperations.firstAdmin, async ({ body: { code, name, password }, request, response }) => {
      const { firstAdmin } = accounts;
      const address = addressOf(request);
      const origin = { via: 'http', address } as const;
      if (!(await firstAdmin.isAwaited())) throw setUpDone();
      await setUpThrottle.attempt(CODE, address ?? '');
      if (!firstAdmin.isCode(code)) {
        // Somebody else was first while this one waited for its turn.
        if (!(await firstAdmin.isAwaited())) throw setUpDone();
        await accounts.signIns.refused('', origin);
        setUpThrottle.failed(CODE, address ?? '');
        throw new Refusal(
          401,
          'SETUP_CODE_WRONG',
          'this is not the code that the terminal shows now; a restart makes another one',
        );
      }
      setUpThrottle.succeeded(CODE, address ?? '');
      const user = await firstAdmin.create(name, password, origin);
      await openSession(services, user, request, response);
      return created({
        user: userOf({ ...user, permissions: permissionsOf('admin'), sites: 'all' }),
        ...(await siteOf(services)),
      });
    }),

    mount(setUpOperations.view, async () => ok(await setUpProgress.view())),

    mount(setUpOperations.choose, async ({ body, origination }) => {
      await organisation.choosePurpose(body.for, origination);
      return ok(await setUpProgress.view());
    }),

    mount(setUpOperations.skip, async ({ parameters, body: { skipped }, origination }) => {
      await organisation.skipStep(parsed(setUpStepId, parameters.step, 'BODY_INVALID'), skipped, origination);
      return ok(await setUpProgress.view());
    }),
  ];
}
