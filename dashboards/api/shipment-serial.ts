import { z } from 'zod';
import { goodsFinding } from './goods.ts';
import type { Operations } from './operation.ts';
import { listOf, named, pageQuery } from './schema.ts';

/** A serial as a shipment lists it, and whether it may move on for now. */
export const shipmentSerial = z
  .object({
    epc: z.string(),
    gtin: z.string(),
    serial: z.string(),
    lot: z.string().nullable(),
    expiry: z.string().nullable(),
    unit: z.string().nullable().describe('EPC of the unit it is listed in; null: it travels in nothing'),
    mayMoveOn: z.boolean().describe('for now; findings say why not, or with which warning'),
    findings: z.array(goodsFinding),
  })
  .register(named, { id: 'ShipmentSerial' });
export type ShipmentSerialView = z.output<typeof shipmentSerial>;
export const shipmentSerialList = listOf(shipmentSerial).register(named, { id: 'ShipmentSerialList' });

export const shipmentSerialOperations = {
  list: {
    method: 'get',
    path: '/shipments/:id/serials',
    summary: 'The serials that a shipment lists, by EPC, each with what stops it for now',
    permission: 'records.read',
    bySite: true,
    query: pageQuery,
    answers: { 200: shipmentSerialList },
  },
} as const satisfies Operations;
