import type { Epc } from '../../domain/index.ts';
import { bareWord, type EpcisJson, eventTimeOf, listOf, pure } from '../epcis-in/index.ts';

/** What has become of a serial, in the CBV's words for dispositions (CBV 2.0, 7.2). `active` takes the others back. */
export const SERIAL_STATUSES = [
  'active',
  'damaged',
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
 * and following), recalled, stolen or out of date.
 */
export const BLOCKING: ReadonlySet<string> = new Set([
  ...['inactive', 'destroyed', 'disposed', 'dispensed', 'retail_sold', 'recalled', 'stolen', 'expired'],
]);

/** What an event says of each of its serials. */
export interface SerialSaying {
  readonly epcs: readonly Epc[];
  readonly at: number;
  readonly lot: string | null;
  /** `YYYY-MM-DD` */
  readonly expiry: string | null;
  readonly status: SerialStatus | null;
}

/** null: it says nothing of single serials. */
export function sayingOf(event: EpcisJson): SerialSaying | null {
  if (event.type !== 'ObjectEvent') return null;
  const lot = ilmdOf(event, 'lotNumber');
  const expiry = /^\d{4}-\d\d-\d\d/.exec(ilmdOf(event, 'itemExpirationDate') ?? '')?.[0] ?? null;
  const status = statusOf(event);
  if (lot === null && expiry === null && status === null) return null;
  const epcs = [...new Set(listOf(event.epcList).flatMap((epc) => pure(epc) ?? []))];
  return { epcs, at: eventTimeOf(event), lot, expiry, status };
}

/** Steps that end a serial's way where no disposition says so. CBV 2.0, 7.1. */
const ENDING: Readonly<Record<string, SerialStatus>> = {
  decommissioning: 'inactive',
  destroying: 'destroyed',
  dispensing: 'dispensed',
  retail_selling: 'retail_sold',
  commissioning: 'active',
};

function statusOf(event: EpcisJson): SerialStatus | null {
  const disposition = bareWord(event.disposition);
  const said = SERIAL_STATUSES.find((status) => status === disposition);
  if (said !== undefined) return said;
  const ended = ENDING[bareWord(event.bizStep) ?? ''];
  if (ended !== undefined) return ended;
  // EPCIS 2.0, 7.4.2: after DELETE the objects are no more.
  return event.action === 'DELETE' ? 'inactive' : null;
}

/** Instance or lot master data by its CBV name, whatever prefix or namespace it came under (CBV 2.0, 9.2). */
function ilmdOf({ ilmd }: EpcisJson, name: string): string | null {
  if (ilmd === null || typeof ilmd !== 'object') return null;
  for (const [key, value] of Object.entries(ilmd)) {
    if (/[^:#/]*$/.exec(key)?.[0] === name && typeof value === 'string' && value !== '') return value.slice(0, 64);
  }
  return null;
}
