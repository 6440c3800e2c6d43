import type pg from 'pg';
import type { EpcisEvent } from '../../codecs/epcis/index.ts';
import type { Asn, PackingFact } from '../../domain/index.ts';
import { localTime } from './local-time.ts';
import type { Publication } from './publish.ts';

/** What is published of a packing or unpacking. @param position of its fact in the log */
export function packing(fact: PackingFact, position: number): Publication {
  const { unit, children, isUnpacked, from } = fact;
  const event: EpcisEvent = {
    type: 'AggregationEvent',
    ...{ eventTime: new Date(from).toISOString(), eventTimeZoneOffset: '+00:00' },
    ...{ parentID: unit, childEPCs: [...new Set(children)].sort() },
    ...(isUnpacked ? { action: 'DELETE', bizStep: 'unpacking' } : { action: 'ADD', bizStep: 'packing' }),
  };
  // An AggregationEvent without children would unpack everything that is in it.
  return { source: `fact:${position}`, events: new Map(children.length === 0 ? [] : [['packing', event]]) };
}

/** What is published of how a notice packs its units: an AggregationEvent for each with something in it. */
export async function noticePackings(client: pg.ClientBase, asn: Asn): Promise<Publication> {
  const events = new Map<string, EpcisEvent>();
  for (const { sscc, children, from } of asn.units) {
    if (children.length === 0) continue;
    events.set(sscc, {
      ...{ type: 'AggregationEvent', ...(await localTime(client, asn.origin, from)) },
      ...{ parentID: sscc, childEPCs: [...new Set(children)].sort(), action: 'ADD', bizStep: 'packing' },
    });
  }
  return { source: `asn:${asn.id}`, events };
}
