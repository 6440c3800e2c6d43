import type { ShipmentSerialRecord, TraceQueries } from '../../../trace/index.ts';

/** All of them, by EPC. */
export async function serialsOf(trace: TraceQueries, shipment: string): Promise<ShipmentSerialRecord[]> {
  const serials: ShipmentSerialRecord[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await trace.serialsOf(shipment, { limit: 1_000, cursor });
    serials.push(...page.items);
    if (page.nextCursor === null) return serials;
    cursor = page.nextCursor;
  }
}
