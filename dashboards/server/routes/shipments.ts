import type { Asn } from '../../../domain/index.ts';
import { parseAsn, parseAsnCsv } from '../../../trace/index.ts';
import { shipmentOperations } from '../../api/index.ts';
import { accepted, acceptedWith, created, ok } from '../answer.ts';
import type { Registered } from '../directory.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** Shipments: watched by anyone, announced by logistics, closed by who decides. */
export function shipmentRoutes({ directory, factCommands, shipmentList, shipmentViews, time }: Services) {
  return [
    mount(shipmentOperations.list, async ({ query }) => ok(await shipmentList.page(query))),

    mount(shipmentOperations.get, async ({ parameters }) => ok(await shipmentViews.detail(parameters.id))),

    mount(shipmentOperations.announce, async ({ identity, body, received }) => {
      const asn = typeof body === 'string' ? parseAsnCsv(body) : parseAsn(body);
      const isApplied = await factCommands.record([{ type: 'asn', asn, by: identity.name }], received);
      const location = `/api/v1/shipments/${encodeURIComponent(asn.id)}`;
      const warnings = warningsOf(asn, await directory.registered());
      return isApplied
        ? created({ ...(await shipmentViews.detail(asn.id)), warnings }, location)
        : acceptedWith({ id: asn.id, location, warnings }, location);
    }),

    mount(shipmentOperations.close, async ({ parameters: { id: shipment }, identity, received }) => {
      // Also says whether there is such a shipment.
      const { state } = await shipmentViews.detail(shipment);
      const closing = { shipment, at: time.now() };
      const isApplied =
        state === 'closed' || (await factCommands.record([{ type: 'closing', closing, by: identity.name }], received));
      return isApplied
        ? ok(await shipmentViews.detail(shipment))
        : accepted(`/api/v1/shipments/${encodeURIComponent(shipment)}`);
    }),
  ];
}

/** What is taken all the same and may be a slip of the pen. */
function warningsOf({ origin, destination, units }: Asn, { places, devices }: Registered): string[] {
  const sites = [
    { what: 'origin', id: origin },
    { what: 'destination', id: destination },
  ].filter(({ id }) => !places.has(id));
  const unknown = units.flatMap((unit) => unit.devices).filter((device) => !devices.has(device));
  return [
    ...sites.map(({ what, id }) => `${what} ${id} is not a registered place: nothing is expected at its doors`),
    ...unknown.map((device) => `device ${device} is not registered`),
  ].slice(0, 20);
}
