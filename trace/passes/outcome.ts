import type pg from 'pg';
import type { Finding, FindingChange, PassOutcome, Portal, Verdict } from '../../domain/index.ts';
import type { Statement } from '../statements/index.ts';
import { type KeptPass, writeDecided } from './kept-pass.ts';
import type { RecentPasses, WrittenOutcome } from './recent-passes.ts';

/** A verdict written. */
export interface Written {
  readonly isChanged: boolean;
  /** Of the verdict, raised by one with each change. */
  readonly revision: number;
}

/** When and why the outcome was worked out: what `detectedAt` and reasons are made of. */
export interface Trigger {
  readonly at: number;
  /** Why findings go away, e.g. `the notice of SHP-1001 arrived`; absent = the pass itself changed. */
  readonly reason?: string;
}

/** Writes an outcome beside its pass, as far as it is another than what was written last. */
export async function writeOutcome(
  client: pg.ClientBase,
  recent: RecentPasses,
  pass: KeptPass,
  outcome: PassOutcome,
): Promise<Written> {
  const last = recent.writtenOf(pass.id);
  const next: WrittenOutcome = {
    verdict: JSON.stringify(canonical(outcome.verdict)),
    units: JSON.stringify(outcome.units),
    reads: new Map(outcome.reads.map(({ epc, status, reason }) => [epc, `${status}|${reason}`])),
  };
  const isChanged = (last?.verdict ?? (await verdictOf(client, pass.id))) !== next.verdict;
  const updated = await client.query<{ revision: number }>(
    `UPDATE passes SET verdict = $2, is_provisional = $3, revision = revision + $4 WHERE id = $1 RETURNING revision`,
    [pass.id, JSON.stringify(outcome.verdict), outcome.verdict.isProvisional, isChanged ? 1 : 0],
  );
  const waiting = new Map(recent.takeWaiting(pass.id).map((read) => [read.epc, read]));
  const decided = outcome.reads.flatMap(({ epc, status, reason }) => {
    const read = waiting.get(epc);
    return read === undefined ? [] : [{ ...read, status, reason }];
  });
  await writeDecided(client, pass.id, decided);
  const reads = outcome.reads.filter(({ epc }) => !waiting.has(epc) && last?.reads.get(epc) !== next.reads.get(epc));
  if (reads.length > 0) {
    await client.query(
      `UPDATE pass_reads r SET status = j.status, reason = j.reason
       FROM unnest($2::text[], $3::text[], $4::text[]) AS j (epc, status, reason)
       WHERE r.pass = $1 AND r.epc = j.epc AND (r.status, r.reason) IS DISTINCT FROM (j.status, j.reason)`,
      [pass.id, reads.map(({ epc }) => epc), reads.map(({ status }) => status), reads.map(({ reason }) => reason)],
    );
  }
  if (last?.units !== next.units) await writeUnits(client, pass.id, outcome);
  recent.wrote(pass.id, next);
  return { isChanged, revision: updated.rows[0]?.revision ?? 0 };
}

async function verdictOf(client: pg.ClientBase, pass: number): Promise<string> {
  const { rows } = await client.query<{ verdict: Verdict | null }>('SELECT verdict FROM passes WHERE id = $1', [pass]);
  return JSON.stringify(canonical(rows[0]?.verdict ?? null));
}

/** What the pass says of where things are now: through the door, from the moment the pass began. */
export function presenceStatements(portal: Portal, pass: KeptPass, outcome: PassOutcome): Statement[] {
  return outcome.moved.map(({ epc, direction }) => ({
    subject: epc,
    value: direction === 'in' ? portal.inside : portal.outside,
    from: pass.from,
    // Of two portals that claim the same moment neither came first: the order of arrival must not decide.
    position: 0,
    source: passSource(pass.id),
  }));
}

export function passSource(id: number): string {
  return `pass:${id}`;
}

/** A pass's id as the API, findings and notifications show it. */
export function passName(id: number): string {
  return `pass-${id}`;
}

/** Retracts what a pass that is no more had made the finding store hold. */
export function retracted(findings: readonly Finding[], reason: string): FindingChange[] {
  return findings.map((finding) => ({ event: 'retracted', finding, reason }));
}

async function writeUnits(client: pg.ClientBase, pass: number, { units }: PassOutcome): Promise<void> {
  await client.query('DELETE FROM pass_units WHERE pass = $1', [pass]);
  if (units.length === 0) return;
  await client.query(
    `INSERT INTO pass_units (pass, unit, shipment, inferred_from, direction, direction_reason, serials, seen)
     SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::integer[])`,
    [
      pass,
      units.map(({ unit }) => unit),
      units.map(({ shipment }) => shipment),
      units.map(({ inferredFrom }) => inferredFrom),
      units.map(({ direction }) => direction),
      units.map(({ directionReason }) => directionReason),
      units.map(({ serials }) => serials),
      units.map(({ seen }) => seen),
    ],
  );
}

/** jsonb gives keys back in an order of its own. */
export function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}
