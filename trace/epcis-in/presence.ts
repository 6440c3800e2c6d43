import type pg from 'pg';
import { PLACE_ID } from '../../domain/index.ts';
import type { Statement } from '../statements/index.ts';
import { type CapturedEvent, type EpcisArrival, type EpcisJson, epcisSource, statementsOf } from './event.ts';
import { glnOf } from './gln.ts';

/** Events of arrival whose place is named by one of these GLNs. */
export async function arrivingAt(client: pg.ClientBase, glns: readonly string[]): Promise<CapturedEvent[]> {
  const { rows } = await client.query<{ position: number; index: number; at: number; event: EpcisJson }>(
    'SELECT position, index, event_time AS at, event FROM epcis_events WHERE glns && $1::text[]',
    [glns],
  );
  return rows.map((row) => {
    const { position, index, event } = row;
    return { ...row, ...statementsOf(event, position, index), source: epcisSource(position, index) };
  });
}

/** Where they put their EPCs: the first place named that is a place's id, or the GLN of a registered one. */
export async function presenceOf(client: pg.ClientBase, events: readonly CapturedEvent[]): Promise<Statement[]> {
  const glns = new Set(events.flatMap(({ arrival }) => glnsOf(arrival)));
  const { rows } = await client.query<{ gln: string; place: string }>(
    'SELECT gln, min(id) AS place FROM places WHERE gln = ANY($1::text[]) GROUP BY gln',
    [[...glns]],
  );
  const places = new Map(rows.map(({ gln, place }) => [gln, place]));
  return events.flatMap(({ position, index, at, arrival }) => {
    const place = arrival?.named
      .map((id) => (PLACE_ID.test(id) ? id : places.get(glnOf(id) ?? '')))
      .find((one) => one !== undefined);
    if (arrival === null || place === undefined) return [];
    const source = epcisSource(position, index);
    return arrival.epcs.map((subject): Statement => ({ subject, value: place, from: at, position, source }));
  });
}

/** GLNs that may decide where it is. */
export function glnsOf(arrival: EpcisArrival | null): string[] {
  return arrival === null ? [] : arrival.named.flatMap((id) => glnOf(id) ?? []);
}
