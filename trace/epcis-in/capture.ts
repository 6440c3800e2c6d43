import type pg from 'pg';
import type { Epc, EpcisCapture } from '../../domain/index.ts';
import type { Changed } from '../statements/index.ts';
import {
  type CapturedEvent,
  type EpcisJson,
  type EpcisStatements,
  epcisSource,
  keysOfEvent,
  statementsOf,
} from './event.ts';
import { linksIn } from './links.ts';
import { keepMasterData } from './master-data.ts';
import { glnsOf } from './presence.ts';
import { noteWords } from './words.ts';

/**
 * Keeps a capture and its events. An event that is known already changes nothing; a declaration of error withdraws
 * the event with its eventID, or without one the event of the same content, whichever came first.
 */
export async function keepCapture(
  client: pg.ClientBase,
  capture: EpcisCapture,
  { position, by }: { readonly position: number; readonly by: string },
): Promise<CapturedEvent[]> {
  await client.query(
    `INSERT INTO epcis_captures (id, created_at, finished_at, error_behaviour, refused) VALUES ($1, $2, $2, $3, $4)
     ON CONFLICT (id) DO UPDATE SET finished_at = excluded.finished_at, refused = excluded.refused`,
    [capture.id, capture.at, capture.errorBehaviour, JSON.stringify(capture.refused)],
  );
  await keepMasterData(client, capture.masterData ?? [], { position, by });
  const rows = capture.events.map((event, index) => {
    const keys = keysOfEvent(event);
    const said = keys.is_declaration ? NOTHING : statementsOf(event, position, index);
    const glns = glnsOf(said.arrival);
    const links = keys.is_declaration ? [] : linksIn(event);
    const of = { glns: glns.length === 0 ? null : glns, links: links.length === 0 ? null : links, by };
    return { ...keys, index, empties: said.empties, ...of, event };
  });
  const kept = await client.query<{ index: number }>(
    `INSERT INTO epcis_events (position, capture, record_time, context, any_epcs, ${COLUMNS})
     SELECT $1, $2, $3, $4, parents || epcs || inputs || outputs, ${COLUMNS} FROM json_to_recordset($5::json) AS event (index integer, event_id text,
       content text, is_declaration boolean, declaration text, type text, event_time bigint, action text, biz_step text,
       disposition text, read_point text, biz_location text, parents text[], epcs text[], inputs text[],
       outputs text[], empties text, glns text[], links text[], by text, event json)
     ON CONFLICT DO NOTHING RETURNING index`,
    [position, capture.id, capture.at, JSON.stringify(capture.context), JSON.stringify(rows)],
  );
  await client.query(
    'INSERT INTO epcis_unplaced (position, index) SELECT $1, unnest($2::integer[]) ON CONFLICT DO NOTHING',
    [position, kept.rows.map(({ index }) => index)],
  );
  await noteWords(client, rows);
  const { rows: told } = await client.query<CapturedRow>(
    `WITH new AS (
       SELECT position, index, event_id, content, is_declaration FROM epcis_events
       WHERE position = $1 AND index = ANY($2::integer[])),
     target AS (
       SELECT position, index FROM new WHERE NOT is_declaration
       UNION SELECT e.position, e.index FROM new d JOIN epcis_events e ON ${SAME_ID} WHERE d.is_declaration
       UNION SELECT e.position, e.index FROM new d JOIN epcis_events e ON ${SAME_CONTENT} WHERE d.is_declaration)
     SELECT e.position, e.index, e.event, e.event_time AS at,
       EXISTS (SELECT FROM epcis_events d WHERE d.is_declaration AND ${SAME_ID})
         OR EXISTS (SELECT FROM epcis_events d WHERE d.is_declaration AND ${SAME_CONTENT}) AS withdrawn
     FROM target JOIN epcis_events e USING (position, index) WHERE NOT e.is_declaration`,
    [position, kept.rows.map(({ index }) => index)],
  );
  const withdrawn = told.filter((row) => row.withdrawn);
  await client.query(
    `UPDATE epcis_events SET empties = NULL, glns = NULL, links = NULL
     WHERE (position, index) IN (SELECT * FROM unnest($1::bigint[], $2::integer[]))`,
    [withdrawn.map((row) => row.position), withdrawn.map(({ index }) => index)],
  );
  return told.map((row) => {
    const said = row.withdrawn ? NOTHING : statementsOf(row.event, row.position, row.index);
    const { position, index, at } = row;
    const event = row.withdrawn ? null : row.event;
    return { ...said, source: epcisSource(position, index), at, position, index, event };
  });
}

/** An event that takes out of a unit everything that is in it just before. */
export interface Emptying {
  readonly source: string;
  readonly unit: Epc;
  readonly at: number;
  readonly position: number;
}

/** Emptyings of units whose content has changed at or before their moment. */
export async function emptyingsAfter(client: pg.ClientBase, changed: readonly Changed[]): Promise<Emptying[]> {
  const since = new Map<Epc, number>();
  for (const { before, after, from } of changed) {
    for (const unit of [before, after]) {
      if (unit !== null) since.set(unit, Math.min(since.get(unit) ?? from, from));
    }
  }
  if (since.size === 0) return [];
  const { rows } = await client.query<{ unit: Epc; at: number; position: number; index: number }>(
    `SELECT e.empties AS unit, e.event_time AS at, e.position, e.index
     FROM epcis_events e JOIN unnest($1::text[], $2::double precision[]) AS c (unit, since) ON e.empties = c.unit
     WHERE e.event_time > c.since`,
    [[...since.keys()], [...since.values()]],
  );
  return rows.map(({ index, ...row }) => ({ ...row, source: epcisSource(row.position, index) }));
}

/** What is in a unit just before a moment. */
export async function contentBefore(client: pg.ClientBase, { unit, at }: Emptying): Promise<Epc[]> {
  const { rows } = await client.query<{ child: Epc }>(
    `SELECT child FROM containment WHERE parent = $1 AND holds AND since < $2 AND (until IS NULL OR until >= $2)
     ORDER BY child`,
    [unit, at],
  );
  return rows.map(({ child }) => child);
}

interface CapturedRow {
  readonly position: number;
  readonly index: number;
  readonly event: EpcisJson;
  readonly at: number;
  readonly withdrawn: boolean;
}

const NOTHING: EpcisStatements = { containment: [], arrival: null, empties: null };

/** Declaration `d` is about event `e`: by its eventID, or where one of them has none by its content. */
const SAME_ID = 'd.event_id = e.event_id';
const SAME_CONTENT = 'd.content = e.content AND (d.event_id IS NULL OR e.event_id IS NULL)';

const COLUMNS = `index, event_id, content, is_declaration, declaration, type, event_time, action, biz_step, disposition, read_point,
  biz_location, parents, epcs, inputs, outputs, empties, glns, links, by, event`;
