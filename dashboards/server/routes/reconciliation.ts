import { type Response, Router } from 'express';
import { countInput, settlementInput } from '../../api/index.ts';
import { allow } from '../identity.ts';
import { parameter } from '../parameter.ts';
import { parsed } from '../problems.ts';
import { receivedFrom } from '../received.ts';
import type { Whose } from '../reconciliation-commands.ts';
import type { Services } from '../services.ts';

/** Expected against seen, for a shipment and for a pass, and what people say to it. */
export function reconciliationRoutes({ accounts, reconciliationCommands: commands }: Services): Router {
  const router = Router();
  const anyone = allow(accounts, 'records.read');
  const settlers = allow(accounts, 'difference.settle');

  for (const kind of ['shipment', 'pass'] as const) {
    const path = kind === 'shipment' ? '/shipments/:id/reconciliation' : '/passes/:id/reconciliation';
    const whose = (id: string): Whose => (kind === 'shipment' ? { shipment: id } : { pass: id });

    router.get(path, anyone, async (request, response) => {
      response.json(await commands.view(whose(parameter(request, 'id'))));
    });

    router.post(`${path}/settle`, settlers, async (request, response) => {
      const id = parameter(request, 'id');
      const wish = parsed(settlementInput, request.body, 'BODY_INVALID');
      const isApplied = await commands.settle(whose(id), wish, receivedFrom(request));
      await answer(response, whose(id), isApplied, path.replace(':id', encodeURIComponent(id)));
    });
  }

  router.post('/shipments/:id/counts', allow(accounts, 'unit.count'), async (request, response) => {
    const shipment = parameter(request, 'id');
    const count = parsed(countInput, request.body, 'BODY_INVALID');
    const isApplied = await commands.count(shipment, count, receivedFrom(request));
    await answer(response, { shipment }, isApplied, `/shipments/${encodeURIComponent(shipment)}/reconciliation`);
  });

  async function answer(response: Response, whose: Whose, isApplied: boolean, path: string): Promise<void> {
    if (isApplied) response.json(await commands.view(whose));
    else response.status(202).location(`/api/v1${path}`).end();
  }

  return router;
}
