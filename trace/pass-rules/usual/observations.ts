import type pg from 'pg';
import type { Portal } from '../../../domain/index.ts';
import type { JudgedPass } from '../../passes/index.ts';

/** What a pass tells of how something usually goes. `share` is per cent, `stay` and `way` are minutes. */
export type Measure = 'tags' | 'share' | 'stay' | 'way';

/** What is observed of a pass, of one subject. */
interface Observation {
  readonly pass: number;
  readonly measure: Measure;
  readonly subject: string;
  readonly at: number;
  readonly value: number;
}

/** Of fewer tags a share says nothing. */
const LEAST_TAGS = 5;
const MINUTE_MS = 60_000;

/** How an antenna of a portal is called where it is observed. */
export function antennaSubject(portal: Pick<Portal, 'id'>, reader: string, antenna: number): string {
  return `${portal.id} ${reader}/${antenna}`;
}

/** A moment at a door of which something else is told than before. Epoch ms UTC. */
export interface ToldAnew {
  readonly portal: string;
  readonly at: number;
}

/**
 * Keeps what these passes tell of their doors: how many tags, and of those that are complete which share each antenna read and
 * which share of what should have been there the door did.
 */
export async function observePasses(client: pg.ClientBase, judged: readonly JudgedPass[]): Promise<ToldAnew[]> {
  if (judged.length === 0) return [];
  const seen = await tagsByAntenna(client, judged.filter(isMeasured));
  const observed = judged.flatMap((one) => [...tagsOf(one), ...sharesOf(one, seen.get(one.pass.id))]);
  // Whose sightings have been archived since keeps the shares that they told.
  const shared = judged.filter((one) => seen.has(one.pass.id) || !isMeasured(one));
  const told = [...spoken(judged, 'tags'), ...spoken(shared, 'share')];
  const portals = new Map(judged.map(({ pass }) => [pass.id, pass.portal]));
  const changed = await keep(client, told, observed);
  return changed.map(({ pass, at }) => ({ portal: portals.get(pass) ?? '', at }));
}

/** Keeps how long goods stood where a pass brought them. @param stays of what moved, ms; of those that ended */
export async function observeStays(
  client: pg.ClientBase,
  { pass }: JudgedPass,
  stays: Iterable<{ readonly place: string; readonly to: number | null }>,
): Promise<void> {
  const longest = new Map<string, number>();
  for (const { place, to } of stays) {
    if (to !== null) longest.set(place, Math.max(longest.get(place) ?? 0, (to - pass.from) / MINUTE_MS));
  }
  const observed = [...longest].map(
    ([subject, value]): Observation => ({ pass: pass.id, measure: 'stay', subject, at: pass.from, value }),
  );
  await keep(client, [{ pass: pass.id, measure: 'stay' }], observed);
}

/** Keeps how long goods were on their way between two sites, for passes that bring them in. */
export async function observeWays(client: pg.ClientBase, judged: readonly JudgedPass[]): Promise<void> {
  const arriving = judged.filter(({ outcome }) => outcome.units.some(({ shipment }) => shipment !== null));
  const ids = arriving.map(({ pass }) => pass.id);
  if (ids.length === 0) return;
  const { rows } = await client.query<Omit<Observation, 'measure'>>(
    `SELECT m.pass, s.origin || '>' || s.destination AS subject, p.since AS at,
       min(p.since - o.since) / 60000.0::double precision AS value
     FROM pass_units m JOIN passes p ON p.id = m.pass JOIN portals t ON t.id = p.portal
       JOIN shipments s ON s.id = m.shipment AND s.destination = t.site
       JOIN pass_units l ON l.unit = m.unit AND l.direction = 'out' JOIN passes o ON o.id = l.pass AND o.since < p.since
       JOIN portals f ON f.id = o.portal AND f.site = s.origin
     WHERE m.pass = ANY($1::bigint[]) AND m.direction = 'in' GROUP BY m.pass, s.origin, s.destination, p.since`,
    [ids],
  );
  const observed = rows.map((row): Observation => ({ ...row, measure: 'way' }));
  await keep(client, spoken(arriving, 'way'), observed);
}

function tagsOf({ pass, portal, outcome }: JudgedPass): Observation[] {
  const value = outcome.reads.filter(({ status }) => status !== 'stray').length;
  return value === 0 ? [] : [{ pass: pass.id, measure: 'tags', subject: portal.id, at: pass.from, value }];
}

/** Complete, and of enough tags. */
function isMeasured({ evidence, outcome }: JudgedPass): boolean {
  return evidence.isComplete && outcome.reads.filter(({ status }) => status !== 'stray').length >= LEAST_TAGS;
}

function sharesOf(one: JudgedPass, seen: ReadonlyMap<string, number> | undefined): Observation[] {
  const { pass, portal, outcome, evidence } = one;
  const of = (subject: string, value: number): Observation => ({
    ...{ pass: pass.id, measure: 'share', subject, at: pass.from, value },
  });
  const all: Observation[] = [];
  if (seen !== undefined) {
    const tags = outcome.reads.filter(({ status }) => status !== 'stray').length;
    for (const { reader, antenna } of portal.antennas) {
      const share = (100 * (seen.get(`${reader}/${antenna}`) ?? 0)) / tags;
      all.push(of(antennaSubject(portal, reader, antenna), share));
    }
  }
  if (!evidence.isComplete) return all;
  const units = outcome.units.filter(({ shipment }) => shipment !== null);
  const expected = units.reduce((sum, { serials }) => sum + serials, 0);
  const read = units.reduce((sum, { seen: found }) => sum + found, 0);
  if (expected >= LEAST_TAGS) all.push(of(portal.id, (100 * read) / expected));
  return all;
}

/** How many of a pass's own tags each antenna read, by `reader/antenna`. */
async function tagsByAntenna(
  client: pg.ClientBase,
  judged: readonly JudgedPass[],
): Promise<ReadonlyMap<number, ReadonlyMap<string, number>>> {
  const byPass = new Map<number, Map<string, number>>();
  for (const { pass, portal, outcome } of judged) {
    const strays = new Set(outcome.reads.filter(({ status }) => status === 'stray').map(({ epc }) => epc));
    const tags = pass.reads.filter(({ epc }) => !strays.has(epc)).map(({ epcHex }) => epcHex);
    const { rows } = await client.query<{ antenna: string; tags: number }>(
      `SELECT a.reader || '/' || a.antenna AS antenna, count(DISTINCT s.epc_hex)::integer AS tags
       FROM unnest($1::text[], $2::integer[]) AS a (reader, antenna) JOIN sightings s USING (reader, antenna)
       WHERE s.first_seen >= $3 AND s.first_seen <= $4 AND s.epc_hex = ANY($5::text[]) GROUP BY 1`,
      [
        portal.antennas.map(({ reader }) => reader),
        portal.antennas.map(({ antenna }) => antenna),
        ...[pass.from, pass.to, tags],
      ],
    );
    if (rows.length > 0) byPass.set(pass.id, new Map(rows.map((row) => [row.antenna, row.tags])));
  }
  return byPass;
}

interface Spoken {
  readonly pass: number;
  readonly measure: Measure;
}

function spoken(judged: readonly JudgedPass[], measure: Measure): Spoken[] {
  return judged.map(({ pass }) => ({ pass: pass.id, measure }));
}

/** Makes the table say this of these, and no more. @returns passes of which it said something else, and when they are and were */
async function keep(
  client: pg.ClientBase,
  of: readonly Spoken[],
  observed: readonly Observation[],
): Promise<{ pass: number; at: number }[]> {
  const { rows } = await client.query<{ pass: number; at: number }>(
    `WITH told AS (SELECT pass, measure, subject, at, value FROM jsonb_to_recordset($3::jsonb)
         AS o (pass bigint, measure text, subject text, at bigint, value double precision)),
     before AS (SELECT d.pass, d.at FROM door_observations d JOIN unnest($1::bigint[], $2::text[]) AS s (pass, measure)
         ON d.pass = s.pass AND d.measure = s.measure),
     gone AS (DELETE FROM door_observations d USING unnest($1::bigint[], $2::text[]) AS s (pass, measure)
         WHERE d.pass = s.pass AND d.measure = s.measure
         AND NOT EXISTS (SELECT FROM told t WHERE (t.pass, t.measure, t.subject) = (d.pass, d.measure, d.subject))
       RETURNING d.pass),
     kept AS (INSERT INTO door_observations AS d (pass, measure, subject, at, value)
       SELECT pass, measure, subject, at, value FROM told
       ON CONFLICT (pass, measure, subject) DO UPDATE SET at = excluded.at, value = excluded.value
         WHERE (d.at, d.value) IS DISTINCT FROM (excluded.at, excluded.value) RETURNING d.pass)
     SELECT DISTINCT c.pass, t.at FROM (SELECT pass FROM gone UNION SELECT pass FROM kept) AS c
       JOIN (SELECT pass, at FROM told UNION SELECT pass, at FROM before) AS t USING (pass)`,
    [of.map(({ pass }) => pass), of.map(({ measure }) => measure), JSON.stringify(observed)],
  );
  return rows;
}
