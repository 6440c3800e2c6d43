import { InputError, mayMoveOn } from '../../../domain/index.ts';
import { shipmentSerialOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** The serials of a shipment, each with what stops it. */
export function shipmentSerialRoutes({ at, time }: Services) {
  return [
    mount(shipmentSerialOperations.list, async ({ parameters: { id }, query, seenFrom }) => {
      const { trace } = at(seenFrom);
      const page = await trace.serialsOf(id, query);
      // That nothing is listed is rare: only then it is asked whether there is such a shipment.
      if (page.items.length === 0 && (await trace.shipment(id)) === null)
        throw new InputError('SHIPMENT_UNKNOWN', `there is no shipment ${id}`, { shipment: id });
      const goods = await trace.goodsOf(
        page.items.map(({ epc }) => epc),
        time.now(),
      );
      const items = page.items.map((serial) => {
        const findings = goods.get(serial.epc) ?? [];
        return { ...serial, mayMoveOn: mayMoveOn(findings), findings: findings.map((one) => ({ ...one })) };
      });
      return ok({ items, nextCursor: page.nextCursor });
    }),
  ];
}
