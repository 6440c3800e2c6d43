import type pg from 'pg';
import { identityOfTag } from '../../codecs/epc/index.ts';
import {
  cleanStarts,
  type Epc,
  type Finding,
  formPasses,
  type Pass,
  type PassRead,
  type Portal,
  type Sighting,
} from '../../domain/index.ts';
import { namesOfPlusTags } from '../epcis-in/index.ts';
import { gpiBetween, knownCleanStart, nearestActivity, sightingsBetween } from './sightings.ts';

/** A read in a pass with the identity of what carried the tag. */
export interface KeptRead extends PassRead {
  readonly epc: Epc;
}

/** A pass as it stands in the database. */
export interface KeptPass extends Omit<Pass, 'reads'> {
  readonly id: number;
  readonly reads: readonly KeptRead[];
}

/** What re-forming a portal's passes did. */
export interface Reformed {
  /** New or changed. */
  readonly changed: readonly number[];
  /** Passes that are no more, with what they had made the finding store hold. */
  readonly gone: readonly { readonly id: number; readonly from: number; readonly findings: readonly Finding[] }[];
  /** EPCs that some pass no longer has, and units that went through in passes that are no more. */
  readonly left: ReadonlySet<Epc>;
  /** Shipments of which something went through in passes that are no more. */
  readonly shipments: ReadonlySet<string>;
  /** From the first to the last moment at which passes are others than before; null where nothing changed. */
  readonly stretch: { readonly from: number; readonly to: number } | null;
}

const IN_ALL_TIME = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };
/** How far to look for a clean start at first, ms; doubled while none is found. */
const LOOK_MS = 60_000;

/**
 * Forms a portal's passes again where sightings or events in [from, to] may have changed them: from the last clean
 * start before to the first one after. A pass keeps its id with the stretch it overlaps longest.
 *
 * @param touched event times of what is new; absent = all of them (the portal itself changed)
 */
export async function reformPasses(
  client: pg.ClientBase,
  portal: Portal,
  position: number,
  touched: { readonly from: number; readonly to: number } = IN_ALL_TIME,
): Promise<Reformed> {
  const window = await seen(client, portal, touched);
  const identify = await identifier(client, window.sightings);
  const formed = formPasses(portal, window.sightings, window.gpi, identify);
  const before = await passesStarting(client, portal.id, window.from, window.to);
  const changed: number[] = [];
  const kept = new Set<number>();
  const stretches: { readonly from: number; readonly to: number }[] = [];
  const left = new Set<Epc>();
  for (const { pass, id } of withIds(formed, before)) {
    const reads = pass.reads.map((read): KeptRead => ({ ...read, epc: identify(read.epcHex, read.epcBits) }));
    const old = before.find((one) => one.id === id);
    if (old !== undefined) kept.add(old.id);
    if (old !== undefined && isSame(old, { ...pass, id: old.id, reads })) continue;
    changed.push(await writePass(client, old ?? null, { ...pass, reads }, position));
    stretches.push(pass, ...(old === undefined ? [] : [old]));
    const present = new Set(reads.map(({ epc }) => epc));
    for (const { epc } of old?.reads ?? []) if (!present.has(epc)) left.add(epc);
  }
  const lost = before.filter(({ id }) => !kept.has(id));
  stretches.push(...lost);
  for (const { reads } of lost) for (const { epc } of reads) left.add(epc);
  const shipments = new Set<string>();
  for (const unit of await unitsThrough(client, lost)) left.add(unit);
  const gone = await remove(client, lost);
  for (const one of gone) for (const shipment of one.shipments ?? []) shipments.add(shipment);
  return { changed, gone, left, shipments, stretch: span(stretches) };
}

/** Passes of some portals that overlap [from, to), with their reads. */
export async function passesOverlapping(
  client: pg.ClientBase,
  portals: readonly string[],
  from: number,
  to: number,
): Promise<KeptPass[]> {
  if (portals.length === 0) return [];
  return loadPasses(client, 'portal = ANY($1::text[]) AND since < $3 AND until > $2', [portals, from, to]);
}

/** As {@link passesOverlapping}, without loading them. */
export async function passIdsOverlapping(
  client: pg.ClientBase,
  portals: readonly string[],
  from: number,
  to: number,
): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    'SELECT id FROM passes WHERE portal = ANY($1::text[]) AND since < $3 AND until > $2',
    [portals, from, to],
  );
  return rows.map(({ id }) => id);
}

export async function passesById(client: pg.ClientBase, ids: readonly number[]): Promise<KeptPass[]> {
  return ids.length === 0 ? [] : loadPasses(client, 'id = ANY($1::bigint[])', [ids]);
}

function passesStarting(client: pg.ClientBase, portal: string, from: number, to: number): Promise<KeptPass[]> {
  return loadPasses(client, 'portal = $1 AND since >= $2::double precision AND since < $3::double precision', [
    portal,
    from,
    to,
  ]);
}

/** What each tag is known by, worked out once. */
async function identifier(
  client: pg.ClientBase,
  sightings: readonly Sighting[],
): Promise<(epcHex: string, epcBits: number) => Epc> {
  const known = new Map<string, Epc>();
  for (const { epcHex, epcBits } of sightings) {
    const memory = `${epcHex}|${epcBits}`;
    if (!known.has(memory)) known.set(memory, identityOfTag(epcHex, epcBits));
  }
  const names = await namesOfPlusTags(client, known.values());
  return (epcHex, epcBits) => {
    const identity = known.get(`${epcHex}|${epcBits}`) ?? identityOfTag(epcHex, epcBits);
    return names.get(identity) ?? identity;
  };
}

async function unitsThrough(client: pg.ClientBase, passes: readonly KeptPass[]): Promise<Epc[]> {
  if (passes.length === 0) return [];
  const { rows } = await client.query<{ unit: Epc }>('SELECT unit FROM pass_units WHERE pass = ANY($1::bigint[])', [
    passes.map(({ id }) => id),
  ]);
  return rows.map(({ unit }) => unit);
}

interface GonePass {
  readonly id: number;
  readonly from: number;
  readonly findings: readonly Finding[];
  /** null where it was not judged yet. */
  readonly shipments: readonly string[] | null;
}

async function remove(client: pg.ClientBase, lost: readonly KeptPass[]): Promise<GonePass[]> {
  if (lost.length === 0) return [];
  const { rows } = await client.query<GonePass>(
    `DELETE FROM passes WHERE id = ANY($1::bigint[]) RETURNING id, since AS "from", findings, verdict -> 'shipments' AS shipments`,
    [lost.map(({ id }) => id)],
  );
  return rows;
}

function span(stretches: readonly { readonly from: number; readonly to: number }[]): Reformed['stretch'] {
  if (stretches.length === 0) return null;
  return { from: Math.min(...stretches.map(({ from }) => from)), to: Math.max(...stretches.map(({ to }) => to)) };
}

/** Everything seen between two clean starts around `touched`. */
async function seen(client: pg.ClientBase, portal: Portal, touched: { readonly from: number; readonly to: number }) {
  const { antennas, triggers } = portal;
  // Before this much after the first row loaded, something not loaded might still have been there.
  const settleMs = portal.capMs + portal.quietMs;
  let from = touched.from;
  let to = touched.to;
  const known = await knownCleanStart(client, portal, touched.from);
  for (let look = LOOK_MS; ; look *= 2) {
    from = known ?? Math.max(0, touched.from - look - settleMs);
    to = Math.min(Number.MAX_SAFE_INTEGER, touched.to + look);
    const around = await nearestActivity(client, antennas, triggers, from, to);
    const sightings = await sightingsBetween(client, antennas, from, to);
    const gpi = await gpiBetween(client, triggers, from, to);
    const starts = cleanStarts(portal, sightings, gpi);
    const isWhole = known !== null || around.before === null;
    const trusted = isWhole ? starts : starts.filter((start) => start > from + settleMs);
    const first = known ?? trusted.findLast((start) => start <= touched.from) ?? (isWhole ? 0 : null);
    const end = trusted.find((start) => start > touched.to) ?? (around.after === null ? Number.MAX_SAFE_INTEGER : null);
    if (first === null || end === null) continue;
    return {
      from: first,
      to: end,
      sightings: sightings.filter(({ firstSeen }) => firstSeen >= first && firstSeen < end),
      gpi: gpi.filter(({ at }) => at >= first && at < end),
    };
  }
}

/** Pairs passes with those that were there: the longest overlap first, then the earliest. */
function withIds(formed: readonly Pass[], before: readonly KeptPass[]): { pass: Pass; id: number | null }[] {
  const pairs: { pass: Pass; id: number; overlap: number }[] = [];
  for (const pass of formed) {
    for (const old of before) {
      const overlap = Math.min(pass.to, old.to) - Math.max(pass.from, old.from);
      if (overlap > 0) pairs.push({ pass, id: old.id, overlap });
    }
  }
  pairs.sort((a, b) => b.overlap - a.overlap || a.pass.from - b.pass.from || a.id - b.id);
  const ids = new Map<Pass, number>();
  const taken = new Set<number>();
  for (const { pass, id } of pairs) {
    if (ids.has(pass) || taken.has(id)) continue;
    ids.set(pass, id);
    taken.add(id);
  }
  return formed.map((pass) => ({ pass, id: ids.get(pass) ?? null }));
}

function isSame(a: KeptPass, b: KeptPass): boolean {
  return canonical(a) === canonical(b);
}

function canonical(pass: KeptPass): string {
  const reads = pass.reads.map(readKey);
  const { from, to, endedBy, settlesAt, direction, directionReason } = pass;
  return JSON.stringify([from, to, endedBy, settlesAt, direction, directionReason, reads]);
}

function readKey(read: KeptRead): unknown[] {
  return [
    ...[read.epc, read.epcHex, read.epcBits, read.firstSeen, read.lastSeen, read.count, read.rssiDbm],
    ...[read.inside, read.outside].map((side) => side && [side.firstSeen, side.lastSeen, side.count, side.rssiDbm]),
    ...[read.direction, read.directionReason],
  ];
}

async function writePass(
  client: pg.ClientBase,
  old: KeptPass | null,
  pass: Omit<KeptPass, 'id'>,
  position: number,
): Promise<number> {
  const values = [
    ...[pass.portal, pass.from, pass.to, pass.endedBy, pass.settlesAt],
    ...[pass.direction, pass.directionReason, position],
  ];
  const { rows } =
    old === null
      ? await client.query<{ id: number }>(
          `INSERT INTO passes (portal, since, until, ended_by, settles_at, direction, direction_reason, position)
           VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
          values,
        )
      : await client.query<{ id: number }>(
          `UPDATE passes SET portal = $1, since = $2, until = $3, ended_by = $4, settles_at = $5, direction = $6,
             direction_reason = $7, position = $8, revision = revision + 1 WHERE id = $9 RETURNING id`,
          [...values, old.id],
        );
  const id = rows[0]?.id ?? 0;
  await writeReads(client, id, old?.reads ?? [], pass.reads);
  return id;
}

/** Writes what changed: a pass under way grows with every batch, and most of its reads stay as they are. */
async function writeReads(
  client: pg.ClientBase,
  pass: number,
  before: readonly KeptRead[],
  after: readonly KeptRead[],
): Promise<void> {
  const kept = new Map(before.map((read) => [read.epc, JSON.stringify(readKey(read))]));
  const present = new Set(after.map(({ epc }) => epc));
  const changed = after.filter((read) => kept.get(read.epc) !== JSON.stringify(readKey(read)));
  const gone = before.map(({ epc }) => epc).filter((epc) => !present.has(epc));
  if (gone.length > 0) {
    await client.query('DELETE FROM pass_reads WHERE pass = $1 AND epc = ANY($2::text[])', [pass, gone]);
  }
  if (changed.length > 0) await client.query(WRITE_READS, [pass, JSON.stringify(changed)]);
}

const WRITE_READS = `
  INSERT INTO pass_reads (pass, epc, epc_hex, epc_bits, first_seen, last_seen, count, rssi, inside, outside, direction,
    direction_reason)
  SELECT $1, epc, "epcHex", "epcBits", "firstSeen", "lastSeen", count, "rssiDbm", inside, outside, direction,
    "directionReason"
  FROM jsonb_to_recordset($2) AS read (epc text, "epcHex" text, "epcBits" integer, "firstSeen" bigint,
    "lastSeen" bigint, count integer, "rssiDbm" double precision, inside jsonb, outside jsonb, direction text,
    "directionReason" text)
  ON CONFLICT (pass, epc) DO UPDATE SET epc_hex = excluded.epc_hex, epc_bits = excluded.epc_bits,
    first_seen = excluded.first_seen, last_seen = excluded.last_seen, count = excluded.count, rssi = excluded.rssi,
    inside = excluded.inside, outside = excluded.outside, direction = excluded.direction,
    direction_reason = excluded.direction_reason`;

async function loadPasses(client: pg.ClientBase, where: string, parameters: unknown[]): Promise<KeptPass[]> {
  const passes = await client.query<Omit<KeptPass, 'reads'>>(
    `SELECT id, portal, since AS "from", until AS "to", ended_by AS "endedBy", settles_at AS "settlesAt", direction,
       direction_reason AS "directionReason" FROM passes WHERE ${where} ORDER BY since, id`,
    parameters,
  );
  if (passes.rows.length === 0) return [];
  const reads = await client.query<KeptRead & { pass: number }>(
    `SELECT pass, epc, epc_hex AS "epcHex", epc_bits AS "epcBits", first_seen AS "firstSeen", last_seen AS "lastSeen",
       count, rssi AS "rssiDbm", inside, outside, direction,
       direction_reason AS "directionReason"
     FROM pass_reads WHERE pass = ANY($1::bigint[]) ORDER BY pass, epc_hex COLLATE "C", epc_bits`,
    [passes.rows.map(({ id }) => id)],
  );
  const byPass = new Map<number, KeptRead[]>();
  for (const { pass, ...read } of reads.rows) {
    const list = byPass.get(pass);
    if (list === undefined) byPass.set(pass, [read]);
    else list.push(read);
  }
  return passes.rows.map((pass) => ({ ...pass, reads: byPass.get(pass.id) ?? [] }));
}
