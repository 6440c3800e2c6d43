import { lotDataOf } from '../../codecs/epcis/index.ts';
import type { Epc } from '../../domain/index.ts';
import { bareWord, type EpcisJson, eventTimeOf, listOf, pure } from '../epcis-in/index.ts';

/**
 * What has become of a serial, in the CBV's words for dispositions (CBV 2.0, 7.2), and two of ours: `quarantined` is set
 * apart for a decision, `rejected` has failed one. `active` takes all of them back, `conformant` only those two.
 */
export const SERIAL_STATUSES = [
  'active',
  'conformant',
  'damaged',
  'quarantined',
  'rejected',
  'inactive',
  'destroyed',
  'disposed',
  'dispensed',
  'retail_sold',
  'recalled',
  'stolen',
  'expired',
] as const;
export type SerialStatus = (typeof SERIAL_STATUSES)[number];

/**
 * Serials in one of these may not move on: the pack is decommissioned (Delegated Regulation (EU) 2016/161, article 22
 * and following), recalled, stolen, out of date, set apart or rejected.
 */
export const BLOCKING: ReadonlySet<string> = new Set([
  ...['inactive', 'destroyed', 'disposed', 'dispensed', 'retail_sold', 'recalled', 'stolen', 'expired'],
  ...['quarantined', 'rejected'],
]);

/** What an event states of some of its serials. */
export interface SerialStatement {
  readonly epcs: readonly Epc[];
  readonly at: number;
  readonly lot: string | null;
  /** `YYYY-MM-DD` */
  readonly expiry: string | null;
  /** An expiry that is no date, as given; null where there is none or it can be read. */
  readonly unreadableExpiry: string | null;
  readonly status: SerialStatus | null;
}

/** What an event states of serials themselves; of those it uses up apart from those it makes. */
export function serialStatements(event: EpcisJson): SerialStatement[] {
  const at = eventTimeOf(event);
  const nothing = { at, lot: null, expiry: null, unreadableExpiry: null };
  const statements: SerialStatement[] = [];
  const { lot, expiry } = lotDataOf(event.ilmd);
  const made = {
    ...{ at, lot, expiry: expiry?.date ?? null },
    unreadableExpiry: expiry !== null && expiry.date === null ? expiry.text : null,
    status: statusOf(event),
  };
  if (made.lot !== null || expiry !== null || made.status !== null) {
    statements.push({ epcs: epcsOf(OBJECTS[String(event.type)]?.(event) ?? []), ...made });
  }
  // EPCIS 2.0, 7.4.6: what goes into a transformation is no more; repacked packs are other packs.
  if (event.type === 'TransformationEvent') {
    statements.push({ ...nothing, epcs: epcsOf(listOf(event.inputEPCList)), status: 'inactive' });
  }
  return statements.filter(({ epcs }) => epcs.length > 0);
}

/** What an event states of what has become of serials, for who asks before it is taken. */
export function statedStatuses(event: EpcisJson) {
  return serialStatements(event).map(({ epcs, at, status }) => ({
    ...{ epcs, at, status },
    stops: status !== null && BLOCKING.has(status),
  }));
}

/** The objects that an event's disposition is of, by type. EPCIS 2.0, 7.4. */
const OBJECTS: Readonly<Record<string, (event: EpcisJson) => readonly unknown[]>> = {
  ObjectEvent: ({ epcList }) => listOf(epcList),
  AggregationEvent: ({ parentID, childEPCs }) => [parentID, ...listOf(childEPCs)],
  AssociationEvent: ({ parentID, childEPCs }) => [parentID, ...listOf(childEPCs)],
  TransactionEvent: ({ parentID, epcList }) => [parentID, ...listOf(epcList)],
  TransformationEvent: ({ outputEPCList }) => listOf(outputEPCList),
};

function epcsOf(given: readonly unknown[]): Epc[] {
  return [...new Set(given.flatMap((epc) => pure(epc) ?? []))];
}

/** Steps that decide where no disposition does. CBV 2.0, 7.1: `holding` sets apart for further review. */
const STEPS: Readonly<Record<string, SerialStatus>> = {
  decommissioning: 'inactive',
  destroying: 'destroyed',
  dispensing: 'dispensed',
  retail_selling: 'retail_sold',
  holding: 'quarantined',
  commissioning: 'active',
};

/** Dispositions that mean a status of another name. CBV 2.0, 7.2. */
const DISPOSITIONS: Readonly<Record<string, SerialStatus>> = {
  non_conformant: 'rejected',
  non_sellable_other: 'quarantined',
  no_pedigree_match: 'quarantined',
  available: 'conformant',
  sellable_accessible: 'conformant',
  sellable_not_accessible: 'conformant',
};

function statusOf(event: EpcisJson): SerialStatus | null {
  const own = statusNamed(event.disposition);
  const lasting = lastingStatus(event);
  // What stops goods counts before what lets them go: an event may set one and have the other.
  if (lasting !== null && (own === null || !BLOCKING.has(own))) return lasting;
  if (own !== null) return own;
  if (event.type !== 'ObjectEvent' && event.type !== 'TransactionEvent') return null;
  const step = STEPS[bareWord(event.bizStep) ?? ''];
  if (step !== undefined) return step;
  // EPCIS 2.0, 7.4.2: after DELETE the objects are no more.
  return event.type === 'ObjectEvent' && event.action === 'DELETE' ? 'inactive' : null;
}

/** `persistentDisposition` (EPCIS 2.0, 7.3.5.4): set until it is unset. */
function lastingStatus({ persistentDisposition: given }: EpcisJson): SerialStatus | null {
  if (given === null || typeof given !== 'object') return null;
  const stopping = (key: string) =>
    listOf(Reflect.get(given, key))
      .map(statusNamed)
      .find((status) => status !== null && BLOCKING.has(status)) ?? null;
  return stopping('set') ?? (stopping('unset') === null ? null : 'active');
}

function statusNamed(disposition: unknown): SerialStatus | null {
  const word = bareWord(disposition);
  if (word === null) return null;
  return SERIAL_STATUSES.find((status) => status === word && !OURS.has(status)) ?? DISPOSITIONS[word] ?? null;
}

/** No words of the CBV: nobody's disposition. */
const OURS: ReadonlySet<SerialStatus> = new Set(['quarantined', 'rejected']);
