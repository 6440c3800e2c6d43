import type pg from 'pg';
import { gtinOf, isSgtin, serialOf } from '../../codecs/epc/index.ts';
import type { Epc } from '../../domain/index.ts';
import type { CapturedEvent } from '../epcis-in/index.ts';
import { BLOCKING, serialStatements } from './serial-status.ts';

/**
 * Keeps what events state of single serials, withdraws those declared wrong, and works out again what holds: lot, expiry
 * and status each by the latest event that states it (event time, then log position).
 *
 * @returns all serials of which something is said or no longer said, and those whose lot, expiry or status is another now
 */
export async function keepSerialEvents(
  client: pg.ClientBase,
  events: readonly CapturedEvent[],
): Promise<{ readonly told: Epc[]; readonly renamed: Epc[] }> {
  const gone = await client.query<{ epc: Epc }>(
    `DELETE FROM serial_events WHERE (position, index) IN (SELECT * FROM unnest($1::bigint[], $2::integer[])) RETURNING epc`,
    [events.map(({ position }) => position), events.map(({ index }) => index)],
  );
  const touched = new Set(gone.rows.map(({ epc }) => epc));
  for (const { event, position, index } of events) {
    for (const { epcs, ...stated } of event === null ? [] : serialStatements(event)) {
      const { at, lot, expiry, unreadableExpiry, status } = stated;
      await client.query(
        `INSERT INTO serial_events (epc, at, position, index, lot, expiry, unreadable_expiry, status)
         SELECT epc, $2, $3, $4, $5, $6, $7, $8 FROM unnest($1::text[]) AS epc ON CONFLICT DO NOTHING`,
        [epcs, at, position, index, lot, expiry, unreadableExpiry, status],
      );
      for (const epc of epcs) touched.add(epc);
    }
  }
  const told = [...touched];
  return { told, renamed: await restate(client, told) };
}

/** Serials that an event names are known from then on, whether or not a notice ever lists them. */
export async function knowSerials(client: pg.ClientBase, epcs: Iterable<Epc>, position: number): Promise<void> {
  const serials = [...new Set(epcs)].filter(isSgtin);
  if (serials.length === 0) return;
  await client.query(
    `INSERT INTO serials (epc, gtin, serial, position)
     SELECT *, $4::bigint FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING`,
    [serials, serials.map((epc) => gtinOf(epc) ?? ''), serials.map((epc) => serialOf(epc) ?? ''), position],
  );
}

/**
 * A join that adds `s.status` and `s.status_since` to the EPCs of a query, `t.epc`: the status in force at `until`. What
 * stops goods stays until it is taken back, whatever else is heard of them: a recalled pack that is then found damaged
 * is still recalled; and what a signed decision of ours stops, only another one lets go, whatever a partner says.
 */
export const STATUS_IN_FORCE = (until: string) => {
  const later = (status: string) => `EXISTS (SELECT FROM serial_events c WHERE c.epc = t.epc AND c.status = '${status}'
    AND c.at <= ${until} AND (c.at, c.position, c.index) > (e.at, e.position, e.index) AND (c.is_decision OR NOT e.is_decision))`;
  return `LEFT JOIN LATERAL (
    SELECT e.status, e.at AS status_since FROM serial_events e
    WHERE e.epc = t.epc AND e.at <= ${until} AND e.status <> 'conformant' AND NOT ${later('active')}
      AND NOT (e.status IN ('quarantined', 'rejected') AND ${later('conformant')})
    ORDER BY CASE WHEN e.status IN ('active', 'damaged') THEN 0 WHEN e.status IN ('quarantined', 'rejected') THEN 1 ELSE 2 END
      DESC, e.at DESC, e.position DESC, e.index DESC LIMIT 1) s ON true`;
};

/** Every status that stops a serial and was not taken back, beside the one in force: with when each was stated. */
export async function stoppingStatuses(
  client: Pick<pg.ClientBase, 'query'>,
  epc: Epc,
): Promise<readonly { readonly status: string; readonly at: number }[]> {
  const later = (status: string) => `EXISTS (SELECT FROM serial_events c WHERE c.epc = e.epc AND c.status = '${status}'
    AND (c.at, c.position, c.index) > (e.at, e.position, e.index) AND (c.is_decision OR NOT e.is_decision))`;
  const { rows } = await client.query<{ status: string; at: number }>(
    `SELECT e.status, e.at FROM serial_events e WHERE e.epc = $1 AND e.status = ANY ($2) AND NOT ${later('active')}
       AND NOT (e.status IN ('quarantined', 'rejected') AND ${later('conformant')}) ORDER BY e.at`,
    [epc, [...BLOCKING]],
  );
  return rows;
}

/** @returns serials whose status, lot or expiry is another now */
export async function restate(client: pg.ClientBase, epcs: readonly Epc[]): Promise<Epc[]> {
  if (epcs.length === 0) return [];
  const { rows } = await client.query<{ epc: Epc }>(
    `WITH stated AS (
       SELECT t.epc, l.lot, x.expiry, x.unreadable_expiry, s.status, s.status_since FROM unnest($1::text[]) AS t (epc)
       LEFT JOIN LATERAL (SELECT lot FROM serial_events e WHERE e.epc = t.epc AND lot IS NOT NULL
         ORDER BY at DESC, position DESC, index DESC LIMIT 1) l ON true
       LEFT JOIN LATERAL (SELECT expiry, unreadable_expiry FROM serial_events e WHERE e.epc = t.epc
           AND (expiry IS NOT NULL OR unreadable_expiry IS NOT NULL)
         ORDER BY at DESC, position DESC, index DESC LIMIT 1) x ON true
       ${STATUS_IN_FORCE('9223372036854775807')})
     UPDATE serials s SET made_lot = stated.lot, made_expiry = stated.expiry,
       unreadable_expiry = stated.unreadable_expiry, status = stated.status, status_since = stated.status_since
     FROM stated WHERE s.epc = stated.epc AND (s.made_lot, s.made_expiry, s.unreadable_expiry, s.status, s.status_since)
       IS DISTINCT FROM (stated.lot, stated.expiry, stated.unreadable_expiry, stated.status, stated.status_since)
     RETURNING s.epc`,
    [epcs],
  );
  return rows.map(({ epc }) => epc);
}
