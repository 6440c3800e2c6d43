import type pg from 'pg';
import { gtinOf, isSgtin, serialOf } from '../../codecs/epc/index.ts';
import type { Epc } from '../../domain/index.ts';
import type { CapturedEvent } from '../epcis-in/index.ts';
import { sayingOf } from './serial-status.ts';

/**
 * Keeps what events say of single serials, withdraws what those declared wrong had said, and works out again what holds:
 * lot, expiry and status each by the latest event that says it (event time, then log position).
 *
 * @returns serials whose status is another now
 */
export async function keepSerialEvents(client: pg.ClientBase, told: readonly CapturedEvent[]): Promise<Epc[]> {
  const gone = await client.query<{ epc: Epc }>(
    `DELETE FROM serial_events WHERE (position, index) IN (SELECT * FROM unnest($1::bigint[], $2::integer[])) RETURNING epc`,
    [told.map(({ position }) => position), told.map(({ index }) => index)],
  );
  const touched = new Set(gone.rows.map(({ epc }) => epc));
  for (const { event, position, index } of told) {
    const saying = event === null ? null : sayingOf(event);
    if (saying === null) continue;
    const { epcs, at, lot, expiry, status } = saying;
    await client.query(
      `INSERT INTO serial_events (epc, at, position, index, lot, expiry, status)
       SELECT epc, $2, $3, $4, $5, $6, $7 FROM unnest($1::text[]) AS epc ON CONFLICT DO NOTHING`,
      [epcs, at, position, index, lot, expiry, status],
    );
    for (const epc of epcs) touched.add(epc);
  }
  return restate(client, [...touched]);
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

async function restate(client: pg.ClientBase, epcs: readonly Epc[]): Promise<Epc[]> {
  if (epcs.length === 0) return [];
  const { rows } = await client.query<{ epc: Epc }>(
    `WITH said AS (
       SELECT t.epc, l.lot, x.expiry, s.status, s.at AS status_since FROM unnest($1::text[]) AS t (epc)
       LEFT JOIN LATERAL (SELECT lot FROM serial_events e WHERE e.epc = t.epc AND lot IS NOT NULL
         ORDER BY at DESC, position DESC, index DESC LIMIT 1) l ON true
       LEFT JOIN LATERAL (SELECT expiry FROM serial_events e WHERE e.epc = t.epc AND expiry IS NOT NULL
         ORDER BY at DESC, position DESC, index DESC LIMIT 1) x ON true
       LEFT JOIN LATERAL (SELECT status, at FROM serial_events e WHERE e.epc = t.epc AND status IS NOT NULL
         ORDER BY at DESC, position DESC, index DESC LIMIT 1) s ON true)
     UPDATE serials s SET made_lot = said.lot, made_expiry = said.expiry, status = said.status,
       status_since = said.status_since
     FROM said WHERE s.epc = said.epc AND (s.made_lot, s.made_expiry, s.status, s.status_since)
       IS DISTINCT FROM (said.lot, said.expiry, said.status, said.status_since)
     RETURNING s.epc`,
    [epcs],
  );
  return rows.map(({ epc }) => epc);
}
