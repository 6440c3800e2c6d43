import { shipmentOperations } from '../../api/index.ts';
import { accepted, acceptedWith, created, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';
import type { ShipmentOutcome } from '../shipment-commands.ts';

/** Shipments: watched by anyone, announced, corrected and cancelled by logistics, closed by who decides. */
export function shipmentRoutes(services: Services) {
  const { factCommands, live, shipmentCommands, shipmentList, shipmentViews, time, trace } = services;
  const locationOf = (id: string) => `/api/v1/shipments/${encodeURIComponent(id)}`;
  const changed = async (id: string, { isApplied, warnings }: ShipmentOutcome) =>
    isApplied
      ? ok({ ...(await shipmentViews.detail(id)), warnings })
      : acceptedWith({ id, location: locationOf(id), warnings }, locationOf(id));
  const detailOf = async (id: string, isApplied: boolean) =>
    isApplied ? ok(await shipmentViews.detail(id)) : accepted(locationOf(id));

  return [
    mount(shipmentOperations.list, async ({ query }) => ok(await shipmentList.page(query))),

    mount(shipmentOperations.check, async ({ body, query }) =>
      ok(await shipmentCommands.check(body, query.companyPrefix)),
    ),

    mount(shipmentOperations.get, async ({ parameters }) => ok(await shipmentViews.detail(parameters.id))),

    mount(shipmentOperations.announce, async ({ body, query, received, request }) => {
      const asked = { told: query.companyPrefix, isNew: request.headers['if-none-match'] === '*' };
      const { id, isApplied, warnings } = await shipmentCommands.announce(body, asked, received);
      return isApplied
        ? created({ ...(await shipmentViews.detail(id)), warnings }, locationOf(id))
        : acceptedWith({ id, location: locationOf(id), warnings }, locationOf(id));
    }),

    mount(shipmentOperations.correct, async ({ parameters: { id }, query, body, received }) =>
      changed(id, await shipmentCommands.correct(id, { ...body, told: query.companyPrefix }, received)),
    ),

    mount(shipmentOperations.cancel, async ({ parameters: { id }, body, received }) =>
      detailOf(id, await shipmentCommands.cancel(id, true, body, received)),
    ),

    mount(shipmentOperations.reinstate, async ({ parameters: { id }, body, received }) =>
      detailOf(id, await shipmentCommands.cancel(id, false, body, received)),
    ),

    mount(shipmentOperations.attach, async ({ parameters: { id }, body, received }) => {
      const outcome = await shipmentCommands.attach(id, body, received);
      live.deviceChanged(body.device);
      return outcome.isApplied
        ? ok({ ...(await shipmentViews.detail(id)), warnings: outcome.warnings })
        : accepted(locationOf(id));
    }),

    mount(shipmentOperations.ofCapture, async ({ parameters: { id } }) =>
      ok({ items: [...(await trace.shipmentsOfCapture(id))] }),
    ),

    mount(shipmentOperations.close, async ({ parameters: { id: shipment }, identity, received }) => {
      // Also says whether there is such a shipment.
      const { closedAt } = await shipmentViews.detail(shipment);
      const closing = { shipment, at: time.now() };
      const isApplied =
        closedAt !== null || (await factCommands.record([{ type: 'closing', closing, by: identity.name }], received));
      return detailOf(shipment, isApplied);
    }),
  ];
}
