import type pg from 'pg';
import type { Epc } from '../../domain/index.ts';
import { DEEPEST } from '../statements/index.ts';

/** A change of containment: of whom, and from when on. */
export interface Change {
  readonly epcs: readonly string[];
  /** Shared histories of containment that changed. */
  readonly histories: readonly number[];
  /** Event time, epoch ms UTC. */
  readonly from: number;
}

/**
 * Passes from `from` on that read these EPCs, members of these histories, or anything in these units, and the
 * shipments that list them. OFFSET 0 has the indexes asked for each: planned as one join, a million memberships are
 * hashed for ten. A UNION that drops repeats would lay out a table for the hundred million rows that the planner fears:
 * 130 ms before the first one.
 */
export async function affectedBy(
  client: pg.ClientBase,
  { epcs, histories, from }: Change,
): Promise<{ readonly passes: readonly number[]; readonly shipments: readonly string[] }> {
  const { rows } = await client.query<{ id: number | null; shipment: string | null }>(
    `WITH RECURSIVE later AS MATERIALIZED (SELECT id FROM passes WHERE since >= $3::double precision),
     change (epc) AS (
       SELECT unnest($1::text[]) UNION SELECT subject FROM containment_members WHERE history = ANY($2::bigint[])),
     inside (epc, depth) AS (
       SELECT epc, 0 FROM change WHERE EXISTS (SELECT FROM later)
       UNION ALL
       SELECT c.child, i.depth + 1 FROM inside i CROSS JOIN LATERAL (
         SELECT child FROM containment WHERE parent = i.epc AND holds OFFSET 0) c WHERE i.depth < ${DEEPEST})
     SELECT id, NULL AS shipment FROM later WHERE id IN (
       SELECT pass FROM pass_reads WHERE epc IN (SELECT epc FROM inside)
       UNION SELECT pass FROM pass_units WHERE unit IN (SELECT epc FROM inside))
     UNION ALL SELECT DISTINCT NULL::bigint, l.shipment FROM change c CROSS JOIN LATERAL (
       SELECT shipment FROM shipment_lines WHERE epc = c.epc
       UNION ALL SELECT shipment FROM shipment_units WHERE unit = c.epc OFFSET 0) AS l`,
    [epcs, histories, from],
  );
  return {
    passes: rows.flatMap(({ id }) => (id === null ? [] : [id])),
    shipments: rows.flatMap(({ shipment }) => (shipment === null ? [] : [shipment])),
  };
}

/** Passes that carried these serials, themselves or in a unit. */
export async function passesHolding(client: pg.ClientBase, serials: readonly Epc[]): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    `WITH RECURSIVE around (epc) AS (
       SELECT unnest($1::text[])
       UNION SELECT c.parent FROM around a JOIN containment c ON c.child = a.epc AND c.holds AND c.parent IS NOT NULL)
     SELECT pass AS id FROM pass_reads WHERE epc IN (SELECT epc FROM around)
     UNION SELECT pass FROM pass_units WHERE unit IN (SELECT epc FROM around)`,
    [serials],
  );
  return rows.map(({ id }) => id);
}

/** Passes that read these tags, each under the name given. */
export async function passesReading(
  client: pg.ClientBase,
  tags: readonly string[],
): Promise<{ readonly id: number; readonly portal: string; readonly from: number; readonly to: number }[]> {
  const { rows } = await client.query<{ id: number; portal: string; from: number; to: number }>(
    `SELECT DISTINCT p.id, p.portal, p.since AS "from", p.until AS "to" FROM pass_reads r JOIN passes p ON p.id = r.pass
     WHERE r.epc = ANY($1::text[])`,
    [tags],
  );
  return rows;
}

/** Shipments that list members of these histories of presence. */
export async function shipmentsMoved(client: pg.ClientBase, histories: readonly number[]): Promise<string[]> {
  const { rows } = await client.query<{ shipment: string }>(
    `WITH moved AS (SELECT subject AS epc FROM presence_members WHERE history = ANY($1::bigint[]))
     SELECT DISTINCT l.shipment FROM moved m CROSS JOIN LATERAL (
       SELECT shipment FROM shipment_lines WHERE epc = m.epc
       UNION ALL SELECT shipment FROM shipment_units WHERE unit = m.epc OFFSET 0) AS l`,
    [histories],
  );
  return rows.map(({ shipment }) => shipment);
}

/** Shipments that these units are part of. */
export async function shipmentsOfUnits(client: pg.ClientBase, units: readonly Epc[]): Promise<string[]> {
  const { rows } = await client.query<{ shipment: string }>(
    'SELECT shipment FROM shipment_units WHERE unit = ANY($1::text[])',
    [units],
  );
  return rows.map(({ shipment }) => shipment);
}

/** Shipments under way that have any of these as a unit or a serial, or goods at these places. */
export async function shipmentsAround(client: pg.ClientBase, subjects: readonly string[]): Promise<string[]> {
  if (subjects.length === 0) return [];
  const { rows } = await client.query<{ shipment: string }>(
    `SELECT shipment FROM shipment_units WHERE unit = ANY($1::text[])
     UNION SELECT shipment FROM shipment_lines WHERE epc = ANY($1::text[])
     UNION SELECT p.shipment FROM shipment_places p JOIN shipments s ON s.id = p.shipment
       WHERE p.place = ANY($1::text[]) AND s.received_at IS NULL AND s.closed_at IS NULL`,
    [subjects],
  );
  return rows.map(({ shipment }) => shipment);
}

/** Shipments of which something went through in these passes, as far as they were decided. */
export async function shipmentsCarried(client: pg.ClientBase, passes: readonly number[]): Promise<Set<string>> {
  if (passes.length === 0) return new Set();
  const { rows } = await client.query<{ shipment: string }>(
    `SELECT shipment FROM pass_units WHERE pass = ANY($1::bigint[]) AND shipment IS NOT NULL
     UNION SELECT jsonb_array_elements_text(verdict -> 'shipments') FROM passes WHERE id = ANY($1::bigint[])`,
    [passes],
  );
  return new Set(rows.map(({ shipment }) => shipment));
}

/** Shipments that list any of these serials. */
export async function shipmentsListing(client: pg.ClientBase, serials: readonly Epc[]): Promise<string[]> {
  const { rows } = await client.query<{ shipment: string }>(
    'SELECT DISTINCT shipment FROM shipment_lines WHERE epc = ANY($1::text[])',
    [serials],
  );
  return rows.map(({ shipment }) => shipment);
}
