import type pg from 'pg';
import { identityOfTag } from '../../codecs/epc/index.ts';
import { type Epc, type Finding, formPasses, type Pass, type Portal, type Sighting } from '../../domain/index.ts';
import { namesOfPlusTags } from '../epcis-in/index.ts';
import { isSamePass, type KeptPass, passesStarting, writePass } from './kept-pass.ts';
import { OpenWindow, windowAround } from './open-window.ts';
import type { PassMemory } from './pass-memory.ts';
import type { KeptRead } from './recent-passes.ts';
import type { Arrived } from './sightings.ts';

/** What re-forming a portal's passes did. */
export interface Reformed {
  /** New or changed. */
  readonly changed: readonly KeptPass[];
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

/**
 * Forms a portal's passes again where sightings or events may have changed them: from the last clean start before to the
 * first one after. What belongs to the passes under way is added to what memory has of them. A pass keeps its id with the
 * stretch it overlaps longest.
 *
 * @param touched what is new, or only when; absent = all of them (the portal itself changed)
 */
export async function reformPasses(
  client: pg.ClientBase,
  memory: PassMemory,
  portal: Portal,
  position: number,
  touched: Arrived | { readonly from: number; readonly to: number } = IN_ALL_TIME,
): Promise<Reformed> {
  const open = memory.windows.get(portal.id);
  const grown = 'sightings' in touched ? (open?.with(touched) ?? null) : null;
  const window = grown ?? (await windowAround(client, portal, touched));
  const before =
    grown === null || open === undefined
      ? await passesStarting(client, portal.id, window, memory.recent)
      : [...open.passes];
  const identify = await identifier(client, window.sightings, grown === null ? new Map() : open?.identities);
  const formed = formPasses(portal, window.sightings, window.gpi, identify);
  const after: KeptPass[] = [];
  const changed: KeptPass[] = [];
  const kept = new Set<number>();
  const stretches: { readonly from: number; readonly to: number }[] = [];
  const left = new Set<Epc>();
  for (const { pass, id } of withIds(formed, before)) {
    const reads = pass.reads.map((read): KeptRead => ({ ...read, epc: identify(read.epcHex, read.epcBits) }));
    const old = before.find((one) => one.id === id);
    if (old !== undefined) kept.add(old.id);
    if (old !== undefined && isSamePass(old, { ...pass, reads })) {
      after.push(old);
      continue;
    }
    const written = {
      ...pass,
      reads,
      id: await writePass(client, memory.recent, old ?? null, { ...pass, reads }, position),
    };
    after.push(written);
    changed.push(written);
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
  for (const { id } of lost) memory.recent.remove(id);
  for (const one of gone) for (const shipment of one.shipments ?? []) shipments.add(shipment);
  const next =
    grown === null || open === undefined ? OpenWindow.of(portal, window, after) : open.grown(portal, window, after);
  if (next === null) memory.windows.delete(portal.id);
  else memory.windows.set(portal.id, next);
  return { changed, gone, left, shipments, stretch: span(stretches) };
}

/** Passes of some portals that overlap [from, to). */
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

/** What each tag is known by, worked out once. @param known what tags were decoded to before */
async function identifier(
  client: pg.ClientBase,
  sightings: readonly Sighting[],
  known = new Map<string, Epc>(),
): Promise<(epcHex: string, epcBits: number) => Epc> {
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
