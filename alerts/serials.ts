import { createHash } from 'node:crypto';
import type pg from 'pg';
import {
  type AffectedSerial,
  type Epc,
  type Exposure,
  type SeenFrom,
  type SerialIdentity,
  storableText,
} from '../domain/index.ts';
import { type Database, timestamp } from '../storage/index.ts';

/** Serials that shared one environment during one stretch of an alert. Minutes are null where the kind counts none. */
export interface SerialGroup {
  readonly unit: Epc | null;
  readonly shipment: string | null;
  readonly from: number;
  readonly to: number | null;
  readonly minutesOutOfRange: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly mkt: number | null;
  readonly serials: readonly Epc[];
}

/** A group as an alert keeps it: its figures in a row of their own, its EPCs under `part`. */
export interface Part extends Omit<SerialGroup, 'serials'> {
  readonly part: number;
  readonly serials: number;
  readonly epcDigest: string;
  readonly identityDigest: string;
}

/** What has to be written to bring an alert's list from what it was to what it is. */
export interface ListChange {
  /** Distinct serials. */
  readonly count: number;
  readonly shipments: readonly string[];
  /** New parts and parts with other figures. */
  readonly parts: readonly Part[];
  /** EPCs of the parts among these whose list is new. */
  readonly lists: readonly { readonly part: number; readonly serials: readonly SerialIdentity[] }[];
  readonly removed: readonly number[];
  /** Which serials are affected may have changed, not only how long. */
  readonly isOtherList: boolean;
  readonly epcs: ReadonlySet<Epc>;
}

/**
 * Compares what exposure says now with what the alert keeps. Parts are known again by their EPCs, so that a running
 * excursion, whose figures change with every reading, does not write its ten thousand serials again.
 *
 * @param isIdentityStale facts changed: what is known of the serials is asked again for all of them
 */
export async function compareList(
  groups: readonly SerialGroup[],
  kept: readonly Part[],
  exposure: Pick<Exposure, 'identities'>,
  isIdentityStale: boolean,
): Promise<ListChange> {
  const epcs = new Set<Epc>();
  const shipments = new Set<string>();
  const spare = new Map<string, Part[]>();
  for (const part of kept) spare.set(part.epcDigest, [...(spare.get(part.epcDigest) ?? []), part]);
  let next = kept.reduce((greatest, { part }) => Math.max(greatest, part), 0) + 1;
  const parts: Part[] = [];
  const lists: { part: number; serials: readonly SerialIdentity[] }[] = [];
  let isOtherList = false;

  for (const group of groups.filter(({ serials }) => serials.length > 0).sort((a, b) => a.from - b.from)) {
    for (const epc of group.serials) epcs.add(epc);
    if (group.shipment !== null) shipments.add(group.shipment);
    const epcDigest = digestOf(group.serials.toSorted());
    const before = spare.get(epcDigest)?.shift();
    let identityDigest = before?.identityDigest ?? '';
    let serials: readonly SerialIdentity[] | null = null;
    if (before === undefined || isIdentityStale) {
      serials = await identitiesOf(group.serials, exposure);
      identityDigest = digestOf(serials.flatMap(({ gtin, serial, lot, expiry }) => [gtin, serial, lot, expiry]));
    }
    const { serials: _, ...figures } = group;
    const part: Part = {
      ...figures,
      part: before?.part ?? next++,
      serials: group.serials.length,
      epcDigest,
      identityDigest,
    };
    if (before === undefined || !isSame(before, part)) parts.push(part);
    if (serials !== null && before?.identityDigest !== identityDigest) lists.push({ part: part.part, serials });
    if (before === undefined) isOtherList = true;
  }
  const removed = [...spare.values()].flat().map(({ part }) => part);
  return {
    count: epcs.size,
    shipments: [...shipments].sort(),
    parts,
    lists,
    removed,
    isOtherList: isOtherList || removed.length > 0,
    epcs,
  };
}

export function isListChanged({ parts, lists, removed }: ListChange): boolean {
  return parts.length > 0 || lists.length > 0 || removed.length > 0;
}

/** Writes what changed. @returns which serials came and went, where `withDifference` asks for it; else null */
export async function writeList(
  client: pg.ClientBase,
  alert: number,
  change: ListChange,
  withDifference: boolean,
): Promise<{ added: string[]; removed: string[] } | null> {
  const before = withDifference && change.isOtherList ? await epcsOf(client, alert) : null;
  const rewritten = [...change.removed, ...change.lists.map(({ part }) => part)];
  if (rewritten.length > 0) {
    await client.query('DELETE FROM alert_serials WHERE alert = $1 AND part = ANY($2)', [alert, rewritten]);
  }
  if (change.removed.length > 0) {
    await client.query('DELETE FROM alert_exposures WHERE alert = $1 AND part = ANY($2)', [alert, change.removed]);
  }
  if (change.parts.length > 0) await writeParts(client, alert, change.parts);
  for (const { part, serials } of change.lists) {
    await client.query(
      `INSERT INTO alert_serials (alert, part, epc, gtin, serial, lot, expiry)
       SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[])`,
      [
        alert,
        part,
        serials.map(({ epc }) => epc),
        serials.map(({ gtin }) => storable(gtin)),
        serials.map(({ serial }) => storable(serial)),
        serials.map(({ lot }) => storable(lot)),
        serials.map(({ expiry }) => storable(expiry)),
      ],
    );
  }
  if (before === null) return null;
  return {
    added: [...change.epcs].filter((epc) => !before.has(epc)),
    removed: [...before].filter((epc) => !change.epcs.has(epc)),
  };
}

/** The parts of several alerts, by alert number and part. */
export async function keptParts(
  database: Database,
  alerts: readonly number[],
): Promise<ReadonlyMap<number, readonly Part[]>> {
  const parts = new Map<number, Part[]>();
  if (alerts.length === 0) return parts;
  const { rows } = await database.query<Part & { alert: number }>(
    `SELECT alert, part, unit, shipment, from_at AS "from", to_at AS "to", minutes AS "minutesOutOfRange", min, max, mkt,
       serials, epc_digest AS "epcDigest", identity_digest AS "identityDigest"
     FROM alert_exposures WHERE alert = ANY($1) ORDER BY alert, part`,
    [alerts],
  );
  for (const { alert, ...part } of rows) parts.set(alert, [...(parts.get(alert) ?? []), part]);
  return parts;
}

/** Where a page of serials starts: after this one. */
export interface SerialCursor {
  readonly part: number;
  readonly epc: string;
}

/** One page of an alert's serials in the order of their parts and EPCs, which stays while figures change. */
export async function serialsPage(
  client: Pick<pg.ClientBase, 'query'>,
  alert: number,
  limit: number,
  after: SerialCursor | null,
  seenFrom: SeenFrom,
): Promise<readonly (AffectedSerial & { readonly part: number })[]> {
  const { rows } = await client.query<AffectedSerial & { part: number }>(
    `SELECT s.part, s.epc, s.gtin, s.serial, s.lot, s.expiry, e.unit, e.from_at AS "from", e.to_at AS "to",
       e.minutes AS "minutesOutOfRange", e.min, e.max, e.mkt
     FROM alert_serials s JOIN alert_exposures e ON e.alert = s.alert AND e.part = s.part
     WHERE s.alert = $1 AND (s.part, s.epc) > ($2, $3)
       AND ($5::text[] IS NULL OR goods_seen_from(s.epc, $5::text[]))
     ORDER BY s.part, s.epc LIMIT $4`,
    [alert, after?.part ?? 0, after?.epc ?? '', limit, seenFrom],
  );
  return rows;
}

/** How many of an alert's serials are not seen from there. */
export async function serialsElsewhere(
  client: Pick<pg.ClientBase, 'query'>,
  alert: number,
  seenFrom: readonly string[],
): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*) FROM (SELECT DISTINCT epc FROM alert_serials WHERE alert = $1) AS s
     WHERE NOT goods_seen_from(s.epc, $2::text[])`,
    [alert, seenFrom],
  );
  return Number(rows[0]?.count ?? 0);
}

async function writeParts(client: pg.ClientBase, alert: number, parts: readonly Part[]): Promise<void> {
  await client.query(
    `INSERT INTO alert_exposures (alert, part, unit, shipment, from_at, to_at, minutes, min, max, mkt, serials,
       epc_digest, identity_digest)
     SELECT $1, * FROM unnest($2::int[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::float8[],
       $8::float8[], $9::float8[], $10::float8[], $11::int[], $12::text[], $13::text[])
     ON CONFLICT (alert, part) DO UPDATE SET unit = excluded.unit, shipment = excluded.shipment,
       from_at = excluded.from_at, to_at = excluded.to_at, minutes = excluded.minutes, min = excluded.min,
       max = excluded.max, mkt = excluded.mkt, serials = excluded.serials, epc_digest = excluded.epc_digest,
       identity_digest = excluded.identity_digest`,
    [
      alert,
      parts.map(({ part }) => part),
      parts.map(({ unit }) => unit),
      parts.map(({ shipment }) => shipment),
      parts.map(({ from }) => timestamp(from)),
      parts.map(({ to }) => (to === null ? null : timestamp(to))),
      parts.map(({ minutesOutOfRange }) => minutesOutOfRange),
      parts.map(({ min }) => min),
      parts.map(({ max }) => max),
      parts.map(({ mkt }) => mkt),
      parts.map(({ serials }) => serials),
      parts.map(({ epcDigest }) => epcDigest),
      parts.map(({ identityDigest }) => identityDigest),
    ],
  );
}

async function epcsOf(client: pg.ClientBase, alert: number): Promise<ReadonlySet<Epc>> {
  const { rows } = await client.query<{ epc: Epc }>('SELECT DISTINCT epc FROM alert_serials WHERE alert = $1', [alert]);
  return new Set(rows.map(({ epc }) => epc));
}

/** Each EPC once, sorted, with what is known of it. */
async function identitiesOf(
  epcs: readonly Epc[],
  exposure: Pick<Exposure, 'identities'>,
): Promise<readonly SerialIdentity[]> {
  const known = await exposure.identities(epcs);
  return [...new Set(epcs)]
    .sort()
    .map((epc) => known.get(epc) ?? { epc, gtin: null, serial: null, lot: null, expiry: null });
}

/** What is known of a serial may come from facts that were taken before texts were checked. */
function storable(text: string | null): string | null {
  return text === null ? null : storableText(text);
}

function digestOf(values: readonly (string | null)[]): string {
  return createHash('sha1').update(JSON.stringify(values)).digest('base64url');
}

function isSame(a: Part, b: Part): boolean {
  return (
    a.unit === b.unit &&
    a.shipment === b.shipment &&
    a.from === b.from &&
    a.to === b.to &&
    a.minutesOutOfRange === b.minutesOutOfRange &&
    a.min === b.min &&
    a.max === b.max &&
    a.mkt === b.mkt &&
    a.identityDigest === b.identityDigest
  );
}
