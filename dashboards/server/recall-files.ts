import { csvLine } from '../../domain/index.ts';
import type { RecalledSerial } from '../../trace/index.ts';
import { formatTime } from '../api/index.ts';

const COLUMNS = [
  ...['epc', 'gtin', 'serial', 'lot', 'expiry', 'status', 'unit', 'outermost', 'place', 'site'],
  ...['shipment', 'shipmentState', 'lastSeen'],
] as const;

export const CSV_HEADER = csvLine(COLUMNS);

/** RFC 4180; times RFC 3339 UTC. */
export function csvRows(serials: readonly RecalledSerial[]): string {
  return serials
    .map((one) =>
      csvLine([
        ...[one.epc, one.gtin, one.serial, one.lot, one.expiry, one.status, one.unit, one.outermost, one.place],
        ...[one.site, one.shipment, one.shipmentState, formatTime(one.lastSeen)],
      ]),
    )
    .join('');
}

/** What an EPCIS 2.0 document of a recall begins and ends with; events stand between, commas between them. */
export function documentEnds(now: number): { readonly head: string; readonly tail: string } {
  const head = {
    '@context': ['https://ref.gs1.org/standards/epcis/epcis-context.jsonld'],
    ...{ type: 'EPCISDocument', schemaVersion: '2.0', creationDate: formatTime(now) },
  };
  return { head: `${JSON.stringify(head).slice(0, -1)},"epcisBody":{"eventList":[`, tail: ']}}' };
}

/**
 * Where the serials are, as events a partner's repository can take: of those in a unit an AggregationEvent `OBSERVE`, of
 * others an ObjectEvent `OBSERVE`, at the time from which it is so.
 */
export function locationEvents(serials: readonly RecalledSerial[], now: number): string {
  const groups = Map.groupBy(serials, ({ unit, place, since }) => JSON.stringify([unit, place, since]));
  const events = [...groups.values()].map((group) => {
    const { unit = null, place = null, since = null } = group[0] ?? {};
    const epcs = group.map(({ epc }) => epc);
    const what =
      unit === null
        ? { type: 'ObjectEvent', ...timeOf(since ?? now), action: 'OBSERVE', epcList: epcs }
        : { type: 'AggregationEvent', ...timeOf(since ?? now), parentID: unit, childEPCs: epcs, action: 'OBSERVE' };
    return JSON.stringify({ ...what, ...(place !== null && { bizLocation: { id: place } }) });
  });
  return events.join(',');
}

function timeOf(at: number) {
  return { eventTime: formatTime(at), eventTimeZoneOffset: '+00:00' };
}
