import type pg from 'pg';
import { type EpcisEvent, eventHashId } from '../../codecs/epcis/index.ts';
import { type EpcisJson, keysOfEvent, noteWords } from '../epcis-in/index.ts';

/** All EPCIS events that one source publishes. */
export interface Publication {
  /** `pass:12`, `asn:SHP-1`, `fact:17`, `alert:...` */
  readonly source: string;
  /** Its events by what they are of the source; their eventID is worked out here. */
  readonly events: ReadonlyMap<string, EpcisEvent>;
}

/** The prefix of the platform's own extensions. */
const NAMESPACES: ReadonlyMap<string, string> = new Map([['isotherm', 'urn:isotherm:epcis:']]);

/**
 * Publishes what follows from sources now. An event that is published already changes nothing. One that does not hold any more is declared
 * an error, with the event that corrects it where there is one (EPCIS 2.0, section 7.4.1.4). Publishing again what was
 * declared an error before makes another event: it names the first one and counts the corrections.
 *
 * @param at when it is published, epoch ms UTC: record and declaration time
 */
export async function publishEvents(client: pg.ClientBase, sayings: readonly Publication[], at: number): Promise<void> {
  if (sayings.length === 0) return;
  const { rows: standing } = await client.query<StandingRow>(
    `SELECT source, part, index, event_id, hash_id FROM epcis_published WHERE source = ANY($1::text[])
     ORDER BY source, part FOR UPDATE`,
    [sayings.map(({ source }) => source)],
  );
  const bySource = Map.groupBy(standing, ({ source }) => source);
  const news: New[] = [];
  const gone: StandingRow[] = [];
  for (const { source, events } of sayings) {
    const before = bySource.get(source) ?? [];
    for (const row of before) if (!events.has(row.part)) gone.push(row);
    for (const [part, event] of events) {
      const row = before.find((one) => one.part === part) ?? null;
      const hash_id = eventHashId(event);
      if (row?.hash_id !== hash_id) news.push({ source, part, event, hash_id, event_id: hash_id, before: row });
    }
  }
  if (news.length === 0 && gone.length === 0) return;
  await numberCorrections(client, news);
  // What a source publishes instead of a part that is gone: its parts that are new.
  const instead = Map.groupBy(
    news.filter(({ before }) => before === null),
    ({ source }) => source,
  );
  const errors = [
    ...gone.map((row) => ({ row, by: instead.get(row.source) ?? [] })),
    ...news.flatMap((one) => (one.before === null ? [] : [{ row: one.before, by: [one] }])),
  ];
  await declare(
    client,
    new Map(errors.map(({ row, by }) => [row.index, by.map(({ event_id }) => event_id).sort()])),
    at,
  );
  await write(client, news, gone, at);
}

/** An event as a source has published it, without its ID; null where it has not. */
export async function publishedEvent(client: pg.ClientBase, source: string, part: string): Promise<EpcisEvent | null> {
  const { rows } = await client.query<{ event: EpcisEvent }>(
    `SELECT e.event FROM epcis_published s JOIN epcis_events e ON e.position = 0 AND e.index = s.index
     WHERE s.source = $1 AND s.part = $2`,
    [source, part],
  );
  if (rows[0] === undefined) return null;
  const { eventID: _, 'isotherm:corrects': _corrects, 'isotherm:correction': _correction, ...event } = rows[0].event;
  return event;
}

interface StandingRow {
  readonly source: string;
  readonly part: string;
  readonly index: number;
  readonly event_id: string;
  readonly hash_id: string;
}

interface New {
  readonly source: string;
  readonly part: string;
  event: EpcisEvent;
  event_id: string;
  readonly hash_id: string;
  readonly before: StandingRow | null;
}

/** What was declared an error under an ID stays one: the same content needs an ID of its own. */
async function numberCorrections(client: pg.ClientBase, news: readonly New[]): Promise<void> {
  const { rows } = await client.query<{ hash_id: string; count: number }>(
    `SELECT h.hash_id, count(*)::integer AS count FROM unnest($1::text[]) AS h (hash_id)
       JOIN epcis_events d ON d.is_declaration AND d.position = 0
         AND coalesce(d.event ->> 'isotherm:corrects', d.event_id) = h.hash_id
     GROUP BY h.hash_id`,
    [news.map(({ hash_id }) => hash_id)],
  );
  const declared = new Map(rows.map(({ hash_id, count }) => [hash_id, count]));
  for (const one of news) {
    const count = declared.get(one.hash_id) ?? 0;
    if (count === 0) continue;
    one.event = { ...one.event, 'isotherm:corrects': one.hash_id, 'isotherm:correction': count };
    one.event_id = eventHashId(one.event, { namespaces: NAMESPACES, curies: NAMESPACES });
  }
}

/** @param errors what corrects each event, by the event's index */
async function declare(
  client: pg.ClientBase,
  errors: ReadonlyMap<number, readonly string[]>,
  at: number,
): Promise<void> {
  if (errors.size === 0) return;
  const { rows } = await client.query<{ index: number; event: EpcisEvent }>(
    `SELECT e.index, e.event FROM epcis_events e
     WHERE e.position = 0 AND e.index = ANY($1::integer[])
       -- Two sources may have published the same: it holds while one of them does.
       AND (SELECT count(*) FROM epcis_published s WHERE s.event_id = e.event_id) < 2`,
    [[...errors.keys()]],
  );
  await insert(
    client,
    rows.map(({ index, event }) => {
      const correctiveEventIDs = errors.get(index) ?? [];
      const errorDeclaration = {
        declarationTime: new Date(at).toISOString(),
        ...(correctiveEventIDs.length === 0
          ? { reason: 'did_not_occur' }
          : { reason: 'incorrect_data', correctiveEventIDs }),
      };
      return { ...event, errorDeclaration };
    }),
    at,
  );
}

async function write(
  client: pg.ClientBase,
  news: readonly New[],
  gone: readonly StandingRow[],
  at: number,
): Promise<void> {
  await client.query(
    `DELETE FROM epcis_published WHERE (source, part) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [gone.map(({ source }) => source), gone.map(({ part }) => part)],
  );
  await insert(
    client,
    news.map(({ event, event_id }) => ({ ...event, eventID: event_id })),
    at,
  );
  await client.query(
    `INSERT INTO epcis_published (source, part, index, event_id, hash_id)
     SELECT n.source, n.part, e.index, n.event_id, n.hash_id
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) AS n (source, part, event_id, hash_id)
       JOIN LATERAL (SELECT index FROM epcis_events e WHERE e.event_id = n.event_id AND NOT e.is_declaration
         AND e.position = 0 ORDER BY index DESC LIMIT 1) AS e ON true
     ON CONFLICT (source, part) DO UPDATE SET index = excluded.index, event_id = excluded.event_id,
       hash_id = excluded.hash_id`,
    [
      news.map(({ source }) => source),
      news.map(({ part }) => part),
      news.map(({ event_id }) => event_id),
      news.map(({ hash_id }) => hash_id),
    ],
  );
}

/** An event that two sources publish is one row. */
async function insert(client: pg.ClientBase, events: readonly EpcisJson[], at: number): Promise<void> {
  const rows = events.map((event) => ({ ...keysOfEvent(event), event }));
  const context = events.some((event) => 'isotherm:correction' in event) ? [Object.fromEntries(NAMESPACES)] : [];
  await client.query(
    `WITH new AS (INSERT INTO epcis_events (position, index, record_time, context, any_epcs, ${COLUMNS})
     SELECT 0, nextval('epcis_published_index'), $1, $2, parents || epcs || inputs || outputs, ${COLUMNS} FROM json_to_recordset($3::json) AS event (
       event_id text, content text, is_declaration boolean, declaration text, type text, event_time bigint, action text, biz_step text,
       disposition text, read_point text, biz_location text, parents text[], epcs text[], inputs text[],
       outputs text[], event json)
     ON CONFLICT DO NOTHING RETURNING position, index)
     INSERT INTO epcis_unplaced (position, index) SELECT position, index FROM new`,
    [at, JSON.stringify(context), JSON.stringify(rows)],
  );
  await noteWords(client, rows);
}

const COLUMNS = `event_id, content, is_declaration, declaration, type, event_time, action, biz_step, disposition, read_point,
  biz_location, parents, epcs, inputs, outputs, event`;
