import type { SeenFrom } from '../../../domain/index.ts';
import { shipmentOperations } from '../../api/index.ts';
import { accepted, acceptedWith, created, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';
import type { ShipmentOutcome } from '../shipment-commands.ts';

/** Shipments: watched by anyone, announced, corrected and cancelled by logistics, closed by who decides. */
export function shipmentRoutes({ at, factCommands, live, shipmentList, time, trace }: Services) {
  const locationOf = (id: string) => `/api/v1/shipments/${encodeURIComponent(id)}`;
  const changed = async (id: string, { isApplied, warnings }: ShipmentOutcome, seenFrom: SeenFrom) =>
    isApplied
      ? ok({ ...(await at(seenFrom).shipmentViews.detail(id)), warnings })
      : acceptedWith({ id, location: locationOf(id), warnings }, locationOf(id));
  const detailOf = async (id: string, isApplied: boolean, seenFrom: SeenFrom) =>
    isApplied ? ok(await at(seenFrom).shipmentViews.detail(id)) : accepted(locationOf(id));

  return [
    mount(shipmentOperations.list, async ({ query, seenFrom }) => ok(await shipmentList.page(query, seenFrom))),

    mount(shipmentOperations.check, async ({ body, query, seenFrom }) =>
      ok(await at(seenFrom).shipmentCommands.check(body, query.companyPrefix)),
    ),

    mount(shipmentOperations.get, async ({ parameters, seenFrom }) =>
      ok(await at(seenFrom).shipmentViews.detail(parameters.id)),
    ),

    mount(shipmentOperations.announce, async ({ body, query, received, request, seenFrom }) => {
      const { shipmentCommands, shipmentViews } = at(seenFrom);
      const asked = { told: query.companyPrefix, isNew: request.headers['if-none-match'] === '*' };
      const { id, isApplied, warnings } = await shipmentCommands.announce(body, asked, received);
      return isApplied
        ? created({ ...(await shipmentViews.detail(id)), warnings }, locationOf(id))
        : acceptedWith({ id, location: locationOf(id), warnings }, locationOf(id));
    }),

    mount(shipmentOperations.correct, async ({ parameters: { id }, query, body, received, seenFrom }) =>
      changed(
        id,
        await at(seenFrom).shipmentCommands.correct(id, { ...body, told: query.companyPrefix }, received),
        seenFrom,
      ),
    ),

    mount(shipmentOperations.cancel, async ({ parameters: { id }, body, received, seenFrom }) =>
      detailOf(id, await at(seenFrom).shipmentCommands.cancel(id, true, body, received), seenFrom),
    ),

    mount(shipmentOperations.reinstate, async ({ parameters: { id }, body, received, seenFrom }) =>
      detailOf(id, await at(seenFrom).shipmentCommands.cancel(id, false, body, received), seenFrom),
    ),

    mount(shipmentOperations.attach, async ({ parameters: { id }, body, received, seenFrom }) => {
      const { shipmentCommands, shipmentViews } = at(seenFrom);
      const outcome = await shipmentCommands.attach(id, body, received);
      live.deviceChanged(body.device);
      return outcome.isApplied
        ? ok({ ...(await shipmentViews.detail(id)), warnings: outcome.warnings })
        : accepted(locationOf(id));
    }),

    mount(shipmentOperations.ofCapture, async ({ parameters: { id } }) =>
      ok({ items: [...(await trace.shipmentsOfCapture(id))] }),
    ),

    mount(shipmentOperations.close, async ({ parameters: { id: shipment }, identity, received, seenFrom }) => {
      // Also says whether there is such a shipment.
      const { closedAt } = await at(seenFrom).shipmentViews.detail(shipment);
      const closing = { shipment, at: time.now() };
      const isApplied =
        closedAt !== null || (await factCommands.record([{ type: 'closing', closing, by: identity.name }], received));
      return detailOf(shipment, isApplied, seenFrom);
    }),
  ];
}
