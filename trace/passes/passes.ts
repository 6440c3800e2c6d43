import type pg from 'pg';
import { identityOfTag } from '../../codecs/epc/index.ts';
import {
  type Epc,
  type Finding,
  formPasses,
  GrowingPass,
  type Pass,
  type PassRead,
  type Portal,
  type Sighting,
} from '../../domain/index.ts';
import { namesOfPlusTags } from '../epcis-in/index.ts';
import { type FormedPass, isSamePass, type KeptPass, passesStarting, writePasses } from './kept-pass.ts';
import { type Identify, OpenWindow, type SeenWindow, windowAround, windowFrom } from './open-window.ts';
import type { PassMemory } from './pass-memory.ts';
import type { KeptRead } from './recent-passes.ts';
import type { Arrived } from './sightings.ts';
import type { Stretch } from './stretches.ts';

/** What re-forming a portal's passes did. */
export interface Reformed {
  /** New or changed. */
  readonly changed: readonly KeptPass[];
  /** Passes that are no more, with what they had made the finding store hold. */
  readonly gone: readonly {
    readonly id: number;
    readonly portal: string;
    readonly from: number;
    readonly findings: readonly Finding[];
  }[];
  /** Shipments of which something went through in passes that are no more. */
  readonly shipments: ReadonlySet<string>;
  readonly stretches: readonly ChangedStretch[];
}

/** From the first to the last moment at which passes of a door are others than before. */
export interface ChangedStretch extends Stretch {
  readonly portal: Portal;
  /** What they read, or no longer read. */
  readonly epcs: ReadonlySet<Epc>;
  /** EPCs that some pass no longer has, and units that went through in passes that are no more. */
  readonly left: ReadonlySet<Epc>;
}

/** A door, and what is new there, or only when; `touched` absent: all of its passes (the portal itself changed). */
export interface TouchedDoor {
  readonly portal: Portal;
  readonly touched?: Arrived | Stretch;
}

const IN_ALL_TIME: Stretch = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY };

/**
 * Forms passes again where sightings or events may have changed them: from the last clean start before to the
 * first one after. What belongs to the passes under way is added to what memory has of them. A pass keeps its id with the
 * stretch it overlaps longest. What changed is written for all doors together.
 */
export async function reformPasses(
  client: pg.ClientBase,
  memory: PassMemory,
  doors: readonly TouchedDoor[],
  position: number,
): Promise<Reformed> {
  const all: FormedDoor[] = [];
  for (const door of doors) all.push(await formAgain(client, memory, door));
  const formed = all.flatMap((door) => door.formed);
  const isChanged = ({ old, pass }: FormedPass) => old === null || !isSamePass(old, pass);
  const written = formed.filter(isChanged);
  const ids = await writePasses(client, memory.recent, written, position);
  const now = new Map(written.map((one, index): [FormedPass, KeptPass] => [one, { ...one.pass, id: ids[index] ?? 0 }]));
  const lost = all.flatMap((door) => door.lost);
  const through = await unitsThrough(client, lost);
  const gone = await remove(client, lost);
  for (const { id } of lost) memory.recent.remove(id);
  const stretches: ChangedStretch[] = [];
  const joined: Joined[] = [];
  for (const door of all) {
    const { portal } = door;
    const after = door.formed.flatMap((one) => now.get(one) ?? one.old ?? []);
    for (const one of door.lost) joined.push(...joinedTo(one, after));
    const next = door.next(after);
    if (next === null) memory.windows.delete(portal.id);
    else memory.windows.set(portal.id, next);
    const changed = door.formed.filter((one) => now.has(one));
    const stretch = span([...changed.flatMap(({ old, pass }) => (old === null ? [pass] : [pass, old])), ...door.lost]);
    if (stretch === null) continue;
    const left = new Set([...leftIn(changed, door.lost), ...(door.lost.length > 0 ? through : [])]);
    const epcs = new Set([...left, ...changed.flatMap(({ pass }) => pass.reads.map(({ epc }) => epc))]);
    stretches.push({ ...stretch, portal, epcs, left });
  }
  await keepJoined(client, joined);
  const shipments = new Set(gone.flatMap((one) => one.shipments ?? []));
  const changed = formed.flatMap((one) => now.get(one) ?? []);
  return { changed, gone, shipments, stretches };
}

/** The passes of one door as they are now. */
interface FormedDoor {
  readonly portal: Portal;
  readonly formed: readonly FormedPass[];
  /** Passes that are no more. */
  readonly lost: readonly KeptPass[];
  /** @param after the passes as they were written */
  readonly next: (after: readonly KeptPass[]) => OpenWindow | null;
}

async function formAgain(
  client: pg.ClientBase,
  memory: PassMemory,
  { portal, touched = IN_ALL_TIME }: TouchedDoor,
): Promise<FormedDoor> {
  const open = memory.windows.get(portal.id);
  const arrived = 'sightings' in touched ? touched : null;
  const grown = arrived === null || open === undefined ? null : await grow(client, open, arrived);
  if (grown !== null && open !== undefined) {
    const [old = null] = open.passes;
    const next = (after: readonly KeptPass[]) => {
      open.passes = after;
      return open;
    };
    return {
      portal,
      formed: [{ old, pass: namedIn(grown.pass, open.named, identityIn(open.identities)) }],
      lost: [],
      next,
    };
  }
  if (arrived !== null && open?.isOverBefore(arrived) === true) {
    return formedOf(client, portal, windowFrom(arrived), { before: [], identities: new Map() });
  }
  const together = arrived === null ? null : (open?.with(arrived) ?? null);
  if (together !== null && open !== undefined) {
    return formedOf(client, portal, together, { before: open.passes, identities: open.identities });
  }
  const window = await windowAround(client, portal, touched);
  const before = await passesStarting(client, portal.id, window, memory.recent);
  return formedOf(client, portal, window, { before, identities: new Map() });
}

/** The pass under way with what has arrived; null where it may be more than that. */
async function grow(client: pg.ClientBase, open: OpenWindow, arrived: Arrived): Promise<GrowingPass | null> {
  const fresh = decode(arrived.sightings, open.identities);
  // What a name is given to may be the same thing as another one.
  if ((await namesOfPlusTags(client, fresh)).size > 0) return null;
  return open.grow(arrived);
}

async function formedOf(
  client: pg.ClientBase,
  portal: Portal,
  window: SeenWindow,
  { before, identities }: { readonly before: readonly KeptPass[]; readonly identities: Map<string, Epc> },
): Promise<FormedDoor> {
  decode(window.sightings, identities);
  const names = await namesOfPlusTags(client, identities.values());
  const identity = identityIn(identities);
  const identify: Identify = (epcHex, epcBits) => {
    const known = identity(epcHex, epcBits);
    return names.get(known) ?? known;
  };
  const isNamed = names.size > 0;
  const growing = isNamed ? null : GrowingPass.of(portal, window.sightings, window.gpi, identity);
  const passes = growing === null ? formPasses(portal, window.sightings, window.gpi, identify) : [growing.pass];
  const named = new WeakMap<PassRead, KeptRead>();
  const formed = withIds(passes, before).map(({ pass, id }): FormedPass => {
    return { old: before.find((one) => one.id === id) ?? null, pass: namedIn(pass, named, identify) };
  });
  const kept = new Set(formed.map(({ old }) => old?.id));
  const next = (after: readonly KeptPass[]) =>
    OpenWindow.of(portal, window, isNamed ? null : identity, { passes: after, growing, identities, named });
  return { portal, formed, lost: before.filter(({ id }) => !kept.has(id)), next };
}

/** Its reads with what each is known by; those that are the same as before are the same objects. */
function namedIn(pass: Pass, named: WeakMap<PassRead, KeptRead>, identify: Identify): FormedPass['pass'] {
  const reads = pass.reads.map((read) => {
    const known = named.get(read);
    if (known !== undefined) return known;
    const kept: KeptRead = { ...read, epc: identify(read.epcHex, read.epcBits) };
    named.set(read, kept);
    return kept;
  });
  return { ...pass, reads };
}

/** EPCs that a pass no longer has. */
function leftIn(changed: readonly FormedPass[], lost: readonly KeptPass[]): Set<Epc> {
  const left = new Set<Epc>();
  for (const { old, pass } of changed) {
    const present = new Set(pass.reads);
    const missing = old?.reads.filter((read) => !present.has(read)) ?? [];
    if (missing.length === 0) continue;
    const epcs = new Set(pass.reads.map(({ epc }) => epc));
    for (const { epc } of missing) if (!epcs.has(epc)) left.add(epc);
  }
  for (const { reads } of lost) for (const { epc } of reads) left.add(epc);
  return left;
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

/** Works out once what tags are decoded to. @returns what was not known */
function decode(sightings: readonly Sighting[], known: Map<string, Epc>): Epc[] {
  const fresh: Epc[] = [];
  for (const { epcHex, epcBits } of sightings) {
    const memory = `${epcHex}|${epcBits}`;
    if (known.has(memory)) continue;
    const identity = identityOfTag(epcHex, epcBits);
    known.set(memory, identity);
    fresh.push(identity);
  }
  return fresh;
}

function identityIn(known: ReadonlyMap<string, Epc>): Identify {
  return (epcHex, epcBits) => known.get(`${epcHex}|${epcBits}`) ?? identityOfTag(epcHex, epcBits);
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
  readonly portal: string;
  readonly from: number;
  readonly findings: readonly Finding[];
  /** null where it was not judged yet. */
  readonly shipments: readonly string[] | null;
}

async function remove(client: pg.ClientBase, lost: readonly KeptPass[]): Promise<GonePass[]> {
  if (lost.length === 0) return [];
  const { rows } = await client.query<GonePass>(
    `WITH reads AS (DELETE FROM pass_reads WHERE pass = ANY($1::bigint[]))
     DELETE FROM passes WHERE id = ANY($1::bigint[])
     RETURNING id, portal, since AS "from", findings, verdict -> 'shipments' AS shipments`,
    [lost.map(({ id }) => id)],
  );
  return rows;
}

/** A pass that is no more, and the one that it is part of. */
interface Joined {
  readonly pass: number;
  readonly successor: number;
}

/** Of those that overlap it the one that does so longest; none where its reads are in no pass any more. */
function joinedTo(lost: KeptPass, after: readonly KeptPass[]): Joined[] {
  let best: { readonly id: number; readonly overlap: number } | null = null;
  for (const { id, from, to } of after) {
    const overlap = Math.min(lost.to, to) - Math.max(lost.from, from);
    if (overlap >= 0 && (best === null || overlap > best.overlap)) best = { id, overlap };
  }
  return best === null ? [] : [{ pass: lost.id, successor: best.id }];
}

/** What was part of a pass that is no more is part of that one's successor. */
async function keepJoined(client: pg.ClientBase, joined: readonly Joined[]): Promise<void> {
  if (joined.length === 0) return;
  await client.query(
    `WITH j AS (SELECT * FROM unnest($1::bigint[], $2::bigint[]) AS j (pass, successor)),
       moved AS (UPDATE pass_successors s SET successor = j.successor FROM j WHERE s.successor = j.pass)
     INSERT INTO pass_successors (pass, successor) SELECT pass, successor FROM j`,
    [joined.map(({ pass }) => pass), joined.map(({ successor }) => successor)],
  );
}

function span(stretches: readonly Stretch[]): Stretch | null {
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
