import type pg from 'pg';
import { byMemory, type Epc, type Pass, type Portal, type SideReads } from '../../domain/index.ts';
import { numberArray, textArray } from '../../storage/index.ts';
import type { KeptRead, RecentPasses } from './recent-passes.ts';
import type { SentStatements } from './sent-statements.ts';
import type { Stretch } from './stretches.ts';

/** A pass as it stands in the database. */
export interface KeptPass extends Omit<Pass, 'reads'> {
  readonly id: number;
  readonly reads: readonly KeptRead[];
}

export async function passesById(
  client: pg.ClientBase,
  ids: readonly number[],
  recent?: RecentPasses,
): Promise<KeptPass[]> {
  return ids.length === 0 ? [] : loadPasses(client, 'id = ANY($1::bigint[])', [ids], recent);
}

/** Passes of a portal that begin in [from, to). */
export function passesStarting(
  client: pg.ClientBase,
  portal: string,
  { from, to }: { readonly from: number; readonly to: number },
  recent: RecentPasses,
): Promise<KeptPass[]> {
  const where = 'portal = $1 AND since >= $2::double precision AND since < $3::double precision';
  return loadPasses(client, where, [portal, from, to], recent);
}

/** A pass as its neighbours ask for it. */
export type NearPass = Omit<KeptPass, 'reads' | 'endedBy' | 'settlesAt'> & {
  readonly reads: readonly Pick<KeptRead, 'epc' | 'count' | 'rssiDbm' | 'direction'>[];
};

/** The same without its reads. */
export type PassRow = Omit<NearPass, 'reads'>;

/** Passes of some doors that overlap [from, to), by time. */
export async function passesBetween(
  client: pg.ClientBase,
  doors: readonly Pick<Portal, 'id' | 'capMs'>[],
  { from, to }: Stretch,
): Promise<PassRow[]> {
  if (doors.length === 0) return [];
  // No pass lasts longer than its cap: without this bound the index is read from the door's first pass on.
  const longestMs = Math.max(...doors.map(({ capMs }) => capMs));
  const { rows } = await client.query<PassRow>(
    `SELECT id, portal, since AS "from", until AS "to", direction, direction_reason AS "directionReason" FROM passes
     WHERE portal = ANY($1::text[]) AND since < $3 AND since >= $4 AND until > $2 ORDER BY since, id`,
    [doors.map(({ id }) => id), from, to, from - longestMs],
  );
  return rows;
}

/** Passes with what they read of some EPCs; those that read none are left out. */
export async function withReadsOf(
  client: pg.ClientBase,
  recent: RecentPasses,
  passes: readonly PassRow[],
  epcs: ReadonlySet<Epc>,
): Promise<NearPass[]> {
  if (passes.length === 0) return [];
  const found = recent.holding(epcs);
  const elsewhere = passes.map(({ id }) => id).filter((id) => recent.readsOf(id) === undefined);
  const loaded = await readsAmong(client, elsewhere, epcs);
  return passes.flatMap((pass) => {
    const known = recent.readsOf(pass.id);
    if (known === undefined) {
      const reads = loaded.get(pass.id);
      return reads === undefined ? [] : [{ ...pass, reads }];
    }
    if (!found.has(pass.id)) return [];
    return [{ ...pass, reads: known.filter(({ epc }) => epcs.has(epc)) }];
  });
}

async function readsAmong(client: pg.ClientBase, passes: readonly number[], epcs: ReadonlySet<Epc>) {
  if (passes.length === 0) return new Map<number, NearPass['reads'][number][]>();
  const { rows } = await client.query<NearPass['reads'][number] & { pass: number }>(
    `SELECT r.pass, r.epc, r.count, r.rssi AS "rssiDbm", r.direction
     FROM unnest($2::text[]) AS e (epc) CROSS JOIN LATERAL (
       SELECT pass, epc, epc_hex, epc_bits, count, rssi, direction FROM pass_reads WHERE epc = e.epc OFFSET 0) AS r
     WHERE r.pass = ANY($1::bigint[]) ORDER BY r.pass, r.epc_hex COLLATE "C", r.epc_bits`,
    [passes, [...epcs]],
  );
  return Map.groupBy(rows, ({ pass }) => pass);
}

/** Of these passes those that read any of these EPCs. */
export async function passesReadingAny(
  client: pg.ClientBase,
  recent: RecentPasses,
  passes: readonly number[],
  epcs: ReadonlySet<Epc>,
): Promise<number[]> {
  const found = recent.holding(epcs);
  const elsewhere = passes.filter((id) => recent.readsOf(id) === undefined);
  const loaded = await readsAmong(client, elsewhere, epcs);
  return passes.filter((id) => found.has(id) || loaded.has(id));
}

/** A pass as it is now, and as it stood. */
export interface FormedPass {
  /** null: it is new. */
  readonly old: KeptPass | null;
  readonly pass: Omit<KeptPass, 'id'>;
}

/** Writes all of them, with as few statements as one. @returns their ids */
export async function writePasses(
  client: pg.ClientBase,
  recent: RecentPasses,
  formed: readonly FormedPass[],
  position: number,
): Promise<number[]> {
  const values = (passes: readonly FormedPass['pass'][]) => [
    ...[textArray(passes.map(({ portal }) => portal)), numberArray(passes.map(({ from }) => from))],
    ...[numberArray(passes.map(({ to }) => to)), textArray(passes.map(({ endedBy }) => endedBy))],
    ...[numberArray(passes.map(({ settlesAt }) => settlesAt)), textArray(passes.map(({ direction }) => direction))],
    ...[textArray(passes.map(({ directionReason }) => directionReason)), position],
  ];
  const arrays = '$1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::text[], $7::text[]';
  const created = formed.filter(({ old }) => old === null).map(({ pass }) => pass);
  const ids = new Map<string, number>();
  if (created.length > 0) {
    const { rows } = await client.query<{ id: number; portal: string; since: number }>(
      `INSERT INTO passes (portal, since, until, ended_by, settles_at, direction, direction_reason, position)
       SELECT *, $8::bigint FROM unnest(${arrays}) RETURNING id, portal, since`,
      values(created),
    );
    // A door has one pass that begins at a moment.
    for (const { id, portal, since } of rows) ids.set(`${since}|${portal}`, id);
  }
  const changed = formed.flatMap(({ old, pass }) => (old === null ? [] : [{ ...pass, id: old.id }]));
  if (changed.length > 0) {
    await client.query(
      `UPDATE passes p SET portal = w.portal, since = w.since, until = w.until, ended_by = w.ended_by,
         settles_at = w.settles_at, direction = w.direction, direction_reason = w.direction_reason, position = $8,
         revision = revision + 1
       FROM unnest(${arrays}, $9::bigint[])
         AS w (portal, since, until, ended_by, settles_at, direction, direction_reason, id) WHERE p.id = w.id`,
      [...values(changed), numberArray(changed.map(({ id }) => id))],
    );
  }
  const all: number[] = [];
  for (const { old, pass } of formed) {
    const id = old?.id ?? ids.get(`${pass.from}|${pass.portal}`) ?? 0;
    await writeReads(client, recent, id, old?.reads ?? [], pass.reads);
    all.push(id);
  }
  return all;
}

/** Whether the same was seen, in the same way. */
export function isSamePass(a: Omit<KeptPass, 'id'>, b: Omit<KeptPass, 'id'>): boolean {
  return (
    a.from === b.from &&
    a.to === b.to &&
    a.endedBy === b.endedBy &&
    a.settlesAt === b.settlesAt &&
    a.direction === b.direction &&
    a.directionReason === b.directionReason &&
    a.reads.length === b.reads.length &&
    a.reads.every((read, index) => isSameRead(read, b.reads[index]))
  );
}

function isSameRead(a: KeptRead, b: KeptRead | undefined): boolean {
  if (a === b) return true;
  return (
    b !== undefined &&
    a.epc === b.epc &&
    a.epcHex === b.epcHex &&
    a.epcBits === b.epcBits &&
    isSameSide(a, b) &&
    isSameSide(a.inside, b.inside) &&
    isSameSide(a.outside, b.outside) &&
    a.direction === b.direction &&
    a.directionReason === b.directionReason
  );
}

function isSameSide(a: SideReads | null, b: SideReads | null): boolean {
  if (a === null || b === null) return a === b;
  return a.firstSeen === b.firstSeen && a.lastSeen === b.lastSeen && a.count === b.count && a.rssiDbm === b.rssiDbm;
}

/**
 * Has what changed wait to be written ({@link writeWaiting}, or with its status): a pass under way grows with every batch, and
 * most of its reads stay as they are.
 */
async function writeReads(
  client: pg.ClientBase,
  recent: RecentPasses,
  pass: number,
  before: readonly KeptRead[],
  after: readonly KeptRead[],
): Promise<void> {
  const { changed, gone } = changesOf(before, after);
  if (gone.length > 0) {
    // Its status goes with it.
    recent.forget(pass);
    await client.query('DELETE FROM pass_reads WHERE pass = $1 AND epc = ANY($2::text[])', [pass, gone]);
  }
  recent.wait(pass, changed, gone);
  recent.keep(pass, after, changed);
}

/** Both in one order; what stayed is mostly the same object in both, and is not looked at. */
function changesOf(
  before: readonly KeptRead[],
  after: readonly KeptRead[],
): { readonly changed: readonly KeptRead[]; readonly gone: readonly Epc[] } {
  const [left, come]: [KeptRead[], KeptRead[]] = [[], []];
  for (let [old, now] = [0, 0]; old < before.length || now < after.length; ) {
    const [a, b] = [before[old], after[now]];
    const order = a === undefined ? 1 : b === undefined ? -1 : a === b ? 0 : byMemory(a, b);
    if (order <= 0) old++;
    if (order >= 0) now++;
    if (a === b) continue;
    if (order <= 0 && a !== undefined) left.push(a);
    if (order >= 0 && b !== undefined) come.push(b);
  }
  const kept = new Map(left.map((read) => [read.epc, read]));
  const present = new Set(come.map(({ epc }) => epc));
  return {
    changed: come.filter((read) => !isSameRead(read, kept.get(read.epc))),
    gone: left.map(({ epc }) => epc).filter((epc) => !present.has(epc)),
  };
}

/** Writes all reads that wait, where somebody asks the tables before their passes are judged. */
export async function writeWaiting(client: pg.ClientBase, recent: RecentPasses): Promise<void> {
  const reads = recent.waiting.flatMap((pass) => recent.takeWaiting(pass).map((read) => ({ pass, ...read })));
  if (reads.length > 0) await client.query(WRITE_READS, columnsOf(reads));
}

/** A read with where it stands in its pass. */
export interface DecidedRead extends KeptRead {
  readonly pass: number;
  readonly status: string;
  readonly reason: string;
}

/** Reads a statement: the database enters the first of them while the next are put together. */
const READS_AT_ONCE = 4_000;

export function writeDecided(sent: SentStatements, reads: readonly DecidedRead[]): void {
  for (let from = 0; from < reads.length; from += READS_AT_ONCE) {
    const part = reads.slice(from, from + READS_AT_ONCE);
    const told = [textArray(part.map(({ status }) => status)), textArray(part.map(({ reason }) => reason))];
    sent.send(WRITE_DECIDED, [...columnsOf(part), ...told]);
  }
}

/** As the arrays that they are sent as: documents of them are parsed key by key. */
function columnsOf(reads: readonly (KeptRead & { readonly pass: number })[]): unknown[] {
  const side = (reads: SideReads | null) => (reads === null ? null : JSON.stringify(reads));
  return [
    ...[numberArray(reads.map(({ pass }) => pass)), textArray(reads.map(({ epc }) => epc))],
    ...[textArray(reads.map(({ epcHex }) => epcHex)), numberArray(reads.map(({ epcBits }) => epcBits))],
    ...[numberArray(reads.map(({ firstSeen }) => firstSeen)), numberArray(reads.map(({ lastSeen }) => lastSeen))],
    ...[numberArray(reads.map(({ count }) => count)), numberArray(reads.map(({ rssiDbm }) => rssiDbm))],
    ...[textArray(reads.map(({ inside }) => side(inside))), textArray(reads.map(({ outside }) => side(outside)))],
    ...[textArray(reads.map(({ direction }) => direction)), textArray(reads.map((read) => read.directionReason))],
  ];
}

const COLUMNS = `pass, epc, epc_hex, epc_bits, first_seen, last_seen, count, rssi, inside, outside, direction, direction_reason`;
const ARRAYS = `$1::bigint[], $2::text[], $3::text[], $4::integer[], $5::bigint[], $6::bigint[], $7::integer[], $8::double precision[],
  $9::jsonb[], $10::jsonb[], $11::text[], $12::text[]`;
const AS_SEEN = `epc_hex = excluded.epc_hex, epc_bits = excluded.epc_bits, first_seen = excluded.first_seen,
  last_seen = excluded.last_seen, count = excluded.count, rssi = excluded.rssi, inside = excluded.inside,
  outside = excluded.outside, direction = excluded.direction, direction_reason = excluded.direction_reason`;
const WRITE_READS = `INSERT INTO pass_reads (${COLUMNS}) SELECT * FROM unnest(${ARRAYS})
  ON CONFLICT (pass, epc) DO UPDATE SET ${AS_SEEN}`;
const WRITE_DECIDED = `INSERT INTO pass_reads (${COLUMNS}, status, reason) SELECT * FROM unnest(${ARRAYS}, $13::text[], $14::text[])
  ON CONFLICT (pass, epc) DO UPDATE SET status = excluded.status, reason = excluded.reason, ${AS_SEEN}`;

async function loadPasses(
  client: pg.ClientBase,
  where: string,
  parameters: unknown[],
  recent?: RecentPasses,
): Promise<KeptPass[]> {
  const passes = await client.query<Omit<KeptPass, 'reads'>>(
    `SELECT id, portal, since AS "from", until AS "to", ended_by AS "endedBy", settles_at AS "settlesAt", direction,
       direction_reason AS "directionReason" FROM passes WHERE ${where} ORDER BY since, id`,
    parameters,
  );
  const known = new Map(passes.rows.map(({ id }) => [id, recent?.readsOf(id)]));
  const missing = passes.rows.map(({ id }) => id).filter((id) => known.get(id) === undefined);
  if (missing.length > 0) {
    const reads = await client.query<KeptRead & { pass: number }>(
      `SELECT pass, epc, epc_hex AS "epcHex", epc_bits AS "epcBits", first_seen AS "firstSeen", last_seen AS "lastSeen",
         count, rssi AS "rssiDbm", inside, outside, direction,
         direction_reason AS "directionReason"
       FROM pass_reads WHERE pass = ANY($1::bigint[]) ORDER BY pass, epc_hex COLLATE "C", epc_bits`,
      [missing],
    );
    const byPass = new Map<number, KeptRead[]>(missing.map((id) => [id, []]));
    for (const { pass, ...read } of reads.rows) byPass.get(pass)?.push(read);
    for (const [id, list] of byPass) {
      known.set(id, list);
      recent?.keep(id, list);
    }
  }
  return passes.rows.map((pass) => ({ ...pass, reads: known.get(pass.id) ?? [] }));
}
