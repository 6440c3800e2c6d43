import type { Epc } from '../../domain/index.ts';
import { bareWord, type EpcisJson, eventTimeOf, idOf, listOf, pure, textOf } from './event.ts';

/** What an EPCIS event of bizStep `shipping` says of a shipment (docs/trace.md, "Shipments"). */
export interface ShippingEvent {
  readonly shipment: string;
  readonly at: number;
  /** What was shipped, outermost: pallets, cases, items that travel in nothing. */
  readonly epcs: readonly Epc[];
  /** Identifiers of where it comes from and goes to, the most exact first. */
  readonly origin: readonly string[];
  readonly destination: readonly string[];
}

/** null: it ships nothing that has an EPC. */
export function shippingOf(event: EpcisJson): ShippingEvent | null {
  if (bareWord(event.bizStep) !== 'shipping' || event.action === 'DELETE') return null;
  const given = event.type === 'AggregationEvent' ? [event.parentID] : [event.parentID, ...listOf(event.epcList)];
  const epcs = [...new Set(given.flatMap((epc) => pure(epc) ?? []))];
  if (epcs.length === 0) return null;
  const [first = ''] = epcs;
  return {
    shipment: shipmentIdOf(event) ?? idFrom(textOf(event.eventID) ?? first),
    at: eventTimeOf(event),
    epcs,
    origin: [...partiesOf(event.sourceList, 'source'), ...idsOf(event.bizLocation), ...idsOf(event.readPoint)],
    destination: partiesOf(event.destinationList, 'destination'),
  };
}

/** Business transactions a shipment goes by, the one that names it best first. CBV 2.0, 7.3. */
const NAMING = ['desadv', 'bol', 'rma', 'inv', 'po'];

function shipmentIdOf({ bizTransactionList }: EpcisJson): string | null {
  const named = listOf(bizTransactionList).flatMap((entry) => {
    const { type, bizTransaction } = fieldsOf(entry);
    const id = textOf(bizTransaction);
    return id === null ? [] : [{ rank: NAMING.indexOf(bareType(type)), id }];
  });
  const known = named.filter(({ rank }) => rank >= 0).sort((a, b) => a.rank - b.rank || (a.id < b.id ? -1 : 1));
  const id = known[0]?.id;
  return id === undefined ? null : idFrom(id);
}

/** CBV 2.0, 8.5.2: `urn:epcglobal:cbv:bt:GLN:ID` is known by `GLN:ID`. Other characters than ids have become `-`. */
function idFrom(given: string): string {
  return given
    .replace(/^urn:epcglobal:cbv:bt:/, '')
    .replace(/[^A-Za-z0-9._:/-]/g, '-')
    .slice(-128);
}

/** Where it was and will be beats who held or owned it. CBV 2.0, 7.4. */
const EXACTNESS = ['location', 'possessing_party', 'owning_party'];

function partiesOf(list: unknown, key: 'source' | 'destination'): string[] {
  const parties = listOf(list).flatMap((entry) => {
    const fields = fieldsOf(entry);
    const id = textOf(fields[key]);
    const rank = EXACTNESS.indexOf(bareType(fields.type));
    return id === null || rank < 0 ? [] : [{ rank, id }];
  });
  return parties.sort((a, b) => a.rank - b.rank).map(({ id }) => id);
}

function idsOf(place: unknown): string[] {
  const id = idOf(place);
  return id === null ? [] : [id];
}

function bareType(given: unknown): string {
  return typeof given === 'string' ? (/(?:^|[:/#-])([A-Za-z_]+)$/.exec(given)?.[1] ?? '') : '';
}

function fieldsOf(entry: unknown): EpcisJson {
  return entry !== null && typeof entry === 'object' ? { ...entry } : {};
}
