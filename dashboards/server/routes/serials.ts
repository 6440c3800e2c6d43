import { Router } from 'express';
import { allow } from '../identity.ts';
import { parameter } from '../parameter.ts';
import type { Services } from '../services.ts';

/** One serial, by EPC URN, Digital Link or the hex of its tag. */
export function serialRoutes({ accounts, serialViews }: Services): Router {
  const router = Router();
  router.get('/serials/:epc', allow(accounts, 'records.read'), async (request, response) => {
    response.json(await serialViews.detail(parameter(request, 'epc')));
  });
  return router;
}
