import type pg from 'pg';
import type { Epc } from '../../domain/index.ts';
import { textArray } from '../../storage/index.ts';
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
 * Of each change the passes from its `from` on that read these EPCs, members of these histories, or anything in these
 * units, and the shipments that list them. All of them are looked up with one array: an index is then walked along once, where asking for each
 * of a notice's 100,000 serials costs three times as much. For what is inside of them, which no array holds, OFFSET 0 has the indexes asked for
 * each: planned as one join, a million memberships are hashed for ten. A UNION that drops repeats would lay out a table for the
 * hundred million rows that the planner fears: 130 ms before the first one.
 *
 * @returns passes with the index of the first change that concerns each
 */
export async function affectedBy(
  client: pg.ClientBase,
  changes: readonly Change[],
): Promise<{
  readonly passes: readonly { readonly id: number; readonly change: number }[];
  readonly shipments: readonly string[];
}> {
  const [indexes, epcs] = columns(changes.map(({ epcs }) => epcs));
  const { rows } = await client.query<{ id: number | null; change: number; shipment: string | null }>(
    `WITH RECURSIVE begun (n, since) AS (
       SELECT n - 1, since FROM unnest($1::double precision[]) WITH ORDINALITY AS b (since, n)),
     later AS MATERIALIZED (
       SELECT id, since FROM passes WHERE since >= (SELECT min(since) FROM begun)),
     change (n, epc) AS MATERIALIZED (
       SELECT n, epc FROM unnest($2::bigint[], $3::text[]) AS named (n, epc)
       UNION ALL SELECT h.n, m.subject FROM unnest($4::bigint[], $5::bigint[]) AS h (n, history)
         CROSS JOIN LATERAL (SELECT subject FROM containment_members WHERE history = h.history OFFSET 0) AS m),
     list (epcs) AS MATERIALIZED (SELECT array_agg(epc) FROM change),
     inside (n, epc, depth) AS (
       SELECT u.n, c.child, 1 FROM (
           SELECT n, epc FROM change WHERE EXISTS (SELECT FROM later)
             AND epc IN (SELECT value FROM containment_histories WHERE value = ${ANY_CHANGED} AND holds)) AS u
         CROSS JOIN LATERAL (SELECT child FROM containment WHERE parent = u.epc AND holds OFFSET 0) c
         WHERE NOT EXISTS (SELECT FROM change k WHERE k.n = u.n AND k.epc = c.child)
       UNION ALL
       SELECT i.n, c.child, i.depth + 1 FROM inside i CROSS JOIN LATERAL (
         SELECT child FROM containment WHERE parent = i.epc AND holds OFFSET 0) c
         WHERE i.depth < ${DEEPEST}),
     carried (n, pass) AS (
       SELECT k.n, r.pass FROM pass_reads r JOIN change k ON k.epc = r.epc
         WHERE r.epc = ${ANY_CHANGED} AND EXISTS (SELECT FROM later)
       UNION ALL SELECT k.n, m.pass FROM pass_units m JOIN change k ON k.epc = m.unit
         WHERE m.unit = ${ANY_CHANGED} AND EXISTS (SELECT FROM later)
       UNION ALL SELECT i.n, p.pass FROM (SELECT DISTINCT n, epc FROM inside) AS i CROSS JOIN LATERAL (
         SELECT pass FROM pass_reads WHERE epc = i.epc
         UNION ALL SELECT pass FROM pass_units WHERE unit = i.epc OFFSET 0) AS p)
     SELECT l.id, min(c.n)::integer AS change, NULL AS shipment
     FROM carried c JOIN begun b USING (n) JOIN later l ON l.id = c.pass AND l.since >= b.since GROUP BY l.id
     UNION ALL SELECT NULL::bigint, NULL::integer, listed.shipment FROM (
       SELECT shipment FROM shipment_lines WHERE epc = ${ANY_CHANGED}
       UNION SELECT shipment FROM shipment_units WHERE unit = ${ANY_CHANGED}) AS listed`,
    [
      ...[changes.map(({ from }) => from), indexes, textArray(epcs)],
      ...columns(changes.map(({ histories }) => histories)),
    ],
  );
  return {
    passes: rows.flatMap(({ id, change }) => (id === null ? [] : [{ id, change }])),
    shipments: rows.flatMap(({ shipment }) => (shipment === null ? [] : [shipment])),
  };
}

/** Behind a SELECT the planner does not weigh each of its elements, which takes longer than looking them up. */
const ANY_CHANGED = 'ANY((SELECT epcs FROM list)::text[])';

/** Lists as two columns: which list, and the value. */
function columns<Value>(lists: readonly (readonly Value[])[]): [indexes: number[], values: Value[]] {
  const indexes: number[] = [];
  const values: Value[] = [];
  for (const [index, list] of lists.entries()) {
    for (const value of list) {
      indexes.push(index);
      values.push(value);
    }
  }
  return [indexes, values];
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

/** Whether any "+" tag was ever read under its Digital Link. */
export async function anyPlusTagRead(client: pg.ClientBase): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM pass_reads WHERE epc >= 'https://' AND epc < 'https:/0' LIMIT 1`,
  );
  return rowCount === 1;
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

/** Shipments of which something went through in each of these passes, as far as it was decided. */
export async function shipmentsCarried(
  client: pg.ClientBase,
  passes: readonly number[],
): Promise<readonly { readonly pass: number; readonly shipment: string }[]> {
  if (passes.length === 0) return [];
  const { rows } = await client.query<{ pass: number; shipment: string }>(
    `SELECT pass, shipment FROM pass_units WHERE pass = ANY($1::bigint[]) AND shipment IS NOT NULL
     UNION SELECT id, jsonb_array_elements_text(verdict -> 'shipments') FROM passes WHERE id = ANY($1::bigint[])`,
    [passes],
  );
  return rows;
}

/** Shipments that list any of these serials. */
export async function shipmentsListing(client: pg.ClientBase, serials: readonly Epc[]): Promise<string[]> {
  const { rows } = await client.query<{ shipment: string }>(
    'SELECT DISTINCT shipment FROM shipment_lines WHERE epc = ANY($1::text[])',
    [serials],
  );
  return rows.map(({ shipment }) => shipment);
}
