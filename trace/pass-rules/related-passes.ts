import type pg from 'pg';
import { identityOfTag } from '../../codecs/epc/index.ts';
import type { Epc, Portal } from '../../domain/index.ts';
import { namesOfPlusTags } from '../epcis-in/index.ts';
import type { JudgedPass, NumberHeard, Registry } from '../passes/index.ts';
import { reach } from './facts-of-pass.ts';
import { laterAtDoor, type ToldAnew } from './usual/index.ts';

/** What changed of passes, for those that rest on them. */
export interface PassesChanged {
  readonly judged: readonly JudgedPass[];
  /** EPCs and units that a pass no longer has, or that are in no pass any more. */
  readonly left: ReadonlySet<Epc>;
  /** Event times between which they were; null: none left. */
  readonly leftBetween: { readonly from: number; readonly to: number } | null;
  /** Shipments whose units the passes carried before. */
  readonly shipments: ReadonlySet<string>;
  /** Shared histories of presence that changed. */
  readonly histories: readonly number[];
  /** Moments of which a door tells something else now. */
  readonly told: readonly ToldAnew[];
  /** Sightings of which other numbers of tags are known now. */
  readonly numbers: readonly NumberHeard[];
}

/** Other passes that rules judge by what has changed of these, as far as rules of such kinds are known. */
export async function relatedPasses(
  client: pg.ClientBase,
  registry: Registry,
  changed: PassesChanged,
): Promise<ReadonlySet<number>> {
  const related = new Set<number>();
  const add = (rows: readonly { readonly id: number }[]) => {
    for (const { id } of rows) related.add(id);
  };
  if (registry.judges('shortage', 'wrongPortal', 'wrongDirection')) add(await ofShipments(client, changed));
  if (registry.judges('wrongDirection', 'diversion')) add(await ofUnits(client, changed));
  if (registry.judges('dwell')) add(await bringing(client, changed.histories));
  if (registry.judges('clone')) {
    add(await readingSoon(client, registry, changed));
    add(await readingAfter(client, changed.numbers));
  }
  const asks = { surge: registry.judges('surge'), weakReads: registry.judges('weakReads') };
  if (asks.surge || asks.weakReads) {
    for (const [door, told] of Map.groupBy(changed.told, ({ portal }) => portal)) {
      const portal = registry.portals.get(door);
      const times = told.map(({ at }) => at);
      if (portal !== undefined) add((await laterAtDoor(client, portal, times, asks)).map((id) => ({ id })));
    }
  }
  for (const { pass } of changed.judged) related.delete(pass.id);
  return related;
}

/**
 * Of the shipments that these passes carry or carried: passes with findings, passes through doors that their units use
 * less, and the last two, of which one may have been the last before.
 */
async function ofShipments(client: pg.ClientBase, { judged, shipments }: PassesChanged): Promise<{ id: number }[]> {
  const ids = new Set(shipments);
  for (const { outcome } of judged) {
    for (const { shipment } of outcome.units) if (shipment !== null) ids.add(shipment);
    for (const shipment of outcome.verdict.shipments) ids.add(shipment);
  }
  if (ids.size === 0) return [];
  const { rows } = await client.query<{ id: number }>(
    `WITH own AS (
       SELECT DISTINCT u.shipment, p.id, p.portal, t.site, p.since,
         p.findings <> '[]' OR p.complete_due IS NOT NULL AS is_told
       FROM shipment_units u JOIN pass_units m ON m.unit = u.unit JOIN passes p ON p.id = m.pass
         JOIN portals t ON t.id = p.portal
       WHERE u.shipment = ANY($1::text[]) AND u.is_outermost),
     doors AS (SELECT shipment, site, portal, count(*) AS uses FROM own GROUP BY 1, 2, 3),
     ranked AS (
       SELECT o.id, o.is_told, d.uses < (SELECT max(uses) FROM doors m WHERE m.shipment = o.shipment AND m.site = o.site)
           AS is_apart,
         row_number() OVER (PARTITION BY o.shipment, o.site ORDER BY o.since DESC, o.portal DESC) AS from_last
       FROM own o JOIN doors d USING (shipment, site, portal))
     SELECT DISTINCT id FROM ranked WHERE is_told OR is_apart OR from_last <= 2`,
    [[...ids]],
  );
  return rows;
}

/** Later passes of the same units. */
async function ofUnits(client: pg.ClientBase, { judged, left, leftBetween }: PassesChanged): Promise<{ id: number }[]> {
  const units = new Set(judged.flatMap(({ outcome }) => outcome.units.map(({ unit }) => unit)));
  for (const epc of left) units.add(epc);
  const from = Math.min(...judged.map(({ pass }) => pass.from), leftBetween?.from ?? Number.POSITIVE_INFINITY);
  if (units.size === 0 || !Number.isFinite(from)) return [];
  const { rows } = await client.query<{ id: number }>(
    'SELECT p.id FROM pass_units m JOIN passes p ON p.id = m.pass WHERE m.unit = ANY($1::text[]) AND p.since > $2',
    [[...units], from],
  );
  return rows;
}

/** Passes that brought something to where it is no longer, or longer than before. */
async function bringing(client: pg.ClientBase, histories: readonly number[]): Promise<{ id: number }[]> {
  if (histories.length === 0) return [];
  const { rows } = await client.query<{ id: number }>(
    `SELECT p.id FROM (SELECT DISTINCT substring(source FROM 6)::bigint AS id FROM presence_histories
       WHERE history = ANY($1::bigint[]) AND source LIKE 'pass:%') AS told JOIN passes p USING (id)`,
    [histories],
  );
  return rows;
}

/** Passes at other sites soon after that read the same. */
async function readingSoon(
  client: pg.ClientBase,
  registry: Registry,
  { judged, left, leftBetween }: PassesChanged,
): Promise<{ id: number }[]> {
  const sites = new Set([...registry.portals.values()].map(({ site }: Portal) => site));
  if (sites.size < 2) return [];
  const epcs = new Set(left);
  for (const { pass } of judged) for (const { epc } of pass.reads) epcs.add(epc);
  const from = Math.min(...judged.map(({ pass }) => pass.from), leftBetween?.from ?? Number.POSITIVE_INFINITY);
  const to = Math.max(...judged.map(({ pass }) => pass.to), leftBetween?.to ?? Number.NEGATIVE_INFINITY);
  if (epcs.size === 0 || from > to) return [];
  const { rows } = await client.query<{ id: number }>(
    `SELECT DISTINCT p.id FROM pass_reads r JOIN passes p ON p.id = r.pass
     WHERE r.epc = ANY($1::text[]) AND p.since >= $2 AND p.since < $3`,
    [[...epcs], from, to + registry.most(reach)],
  );
  return rows;
}

/** That read the same tags then or later. */
async function readingAfter(client: pg.ClientBase, numbers: readonly NumberHeard[]): Promise<{ id: number }[]> {
  if (numbers.length === 0) return [];
  const tags = numbers.map(({ epcHex, epcBits }) => identityOfTag(epcHex, epcBits));
  const names = await namesOfPlusTags(client, tags);
  const { rows } = await client.query<{ id: number }>(
    `SELECT DISTINCT p.id FROM unnest($1::text[], $2::bigint[]) AS n (epc, at)
       JOIN pass_reads r ON r.epc = n.epc JOIN passes p ON p.id = r.pass WHERE p.until >= n.at`,
    [tags.map((epc) => names.get(epc) ?? epc), numbers.map(({ at }) => at)],
  );
  return rows;
}
