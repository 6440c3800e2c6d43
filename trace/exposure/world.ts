import type { Epc } from '../../domain/index.ts';
import type { Queries } from '../client.ts';
import { DEEPEST, type Holding } from '../statements/index.ts';
import type { PresenceHolding, World } from './environment.ts';

type Row<T> = T & { readonly subject: string };

/** The facts around some EPCs, loaded. */
export interface LoadedWorld extends World {
  /** Everything that something was in: units, whatever their EPC looks like. */
  readonly parents: ReadonlySet<Epc>;
}

/**
 * Loads what decides the environments of `epcs` during [from, to): their containment upwards, the devices on all of
 * it and, with `places`, where it was at any time before `to` (what was unpacked stays where it was).
 */
export async function loadWorld(
  client: Queries,
  epcs: readonly Epc[],
  { from, to, places }: { readonly from: number; readonly to: number; readonly places: boolean },
): Promise<LoadedWorld> {
  const histories = new Map<Epc, number>();
  const inside = new Map<number, Holding[]>();
  const parents = new Set<Epc>();
  const known = new Set<string>(epcs);
  let frontier: readonly Epc[] = epcs;
  for (let depth = 0; depth < DEEPEST && frontier.length > 0; depth++) {
    const members = await client.query<{ subject: Epc; history: number }>(
      'SELECT subject, history FROM containment_members WHERE subject = ANY($1::text[])',
      [frontier],
    );
    const fresh = new Set<number>();
    for (const { subject, history } of members.rows) {
      histories.set(subject, history);
      if (!inside.has(history)) fresh.add(history);
    }
    // Once a history: ten thousand serials of one unit are one.
    for (const history of fresh) inside.set(history, []);
    const { rows } = await client.query<Holding & { history: number }>(
      `SELECT history, value, since AS "from", until AS "to" FROM containment_histories
       WHERE history = ANY($1::bigint[]) AND holds AND value IS NOT NULL AND since < $3::double precision
         AND ($4 OR until IS NULL OR until > $2::double precision) ORDER BY since`,
      [[...fresh], from, to, places],
    );
    for (const { history, ...held } of rows) {
      inside.get(history)?.push(held);
      parents.add(held.value);
    }
    frontier = [...parents].filter((parent) => !known.has(parent));
    for (const epc of frontier) known.add(epc);
  }
  const presence = new Map<Epc, Row<PresenceHolding>[]>();
  const subjects = [...known];
  if (places) {
    const { rows } = await client.query<Row<PresenceHolding>>(
      `SELECT epc AS subject, place AS value, since AS "from" FROM presence
       WHERE epc = ANY($1::text[]) AND holds AND since < $2::double precision ORDER BY since`,
      [subjects, to],
    );
    collect(presence, rows);
    for (const value of new Set(rows.map((row) => row.value))) if (value !== null) subjects.push(value);
  }
  const devices = new Map<string, Row<Holding>[]>();
  const attached = await client.query<Row<Holding>>(
    `SELECT subject, device AS value, since AS "from", until AS "to" FROM attachments
     WHERE subject = ANY($1::text[]) AND holds AND since < $3::double precision
       AND (until IS NULL OR until > $2::double precision) ORDER BY since`,
    [subjects, from, to],
  );
  collect(devices, attached.rows);
  return {
    parents,
    containment: (epc) => inside.get(histories.get(epc) ?? -1) ?? NOWHERE,
    devices: (subject) => devices.get(subject) ?? [],
    presence: (epc) => presence.get(epc) ?? [],
  };
}

/** One for all that are in nothing: equal lists of one history are the same list. */
const NOWHERE: readonly Holding[] = [];

function collect<Row extends { readonly subject: string }>(into: Map<string, Row[]>, rows: readonly Row[]): void {
  for (const row of rows) {
    const list = into.get(row.subject);
    if (list === undefined) into.set(row.subject, [row]);
    else list.push(row);
  }
}

/**
 * EPCs whose environment may come from one of these subjects during [from, to): the subjects themselves, what was in
 * them, and, of places, what was brought there, with all that has been in it since.
 */
export async function candidatesAround(
  client: Queries,
  subjects: readonly string[],
  from: number,
  to: number,
): Promise<Epc[]> {
  const { rows } = await client.query<{ epc: Epc }>(
    `WITH RECURSIVE around (epc, since, depth) AS (
       SELECT subject, $2::double precision, 0 FROM unnest($1::text[]) AS subject WHERE subject LIKE 'urn:%'
       UNION ALL
       SELECT p.epc, p.since, 0 FROM presence p
        WHERE p.place = ANY($1::text[]) AND p.holds AND p.since < $3::double precision
       UNION ALL
       SELECT c.child, greatest(a.since, c.since), a.depth + 1 FROM around a CROSS JOIN LATERAL (
         SELECT child, since FROM containment WHERE parent = a.epc AND holds
           AND since < $3::double precision AND (until IS NULL OR until > a.since) OFFSET 0) c WHERE a.depth < ${DEEPEST})
     SELECT DISTINCT epc FROM around`,
    [[...subjects], from, to],
  );
  return rows.map(({ epc }) => epc);
}
