import { shipmentBoardOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';
import { boardOf } from '../shipment-board.ts';

/** Shipments by lane and state, and where they are. */
export function shipmentBoardRoutes({ directory, shipmentList }: Services) {
  return [
    mount(shipmentBoardOperations.board, async ({ query, seenFrom }) => {
      const [registered, { shipments, elsewhere }] = await Promise.all([
        directory.registered(),
        shipmentList.underWay(query.q ?? '', seenFrom),
      ]);
      return ok({ ...boardOf(shipments, query, registered), elsewhere });
    }),
  ];
}
