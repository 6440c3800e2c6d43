import type pg from 'pg';
import type { Epc, Finding, FindingChange, PassOutcome, Portal, ReadOutcome, Verdict } from '../../domain/index.ts';
import { textArray } from '../../storage/index.ts';
import type { Statement } from '../statements/index.ts';
import { type DecidedRead, type KeptPass, writeDecided } from './kept-pass.ts';
import type { RecentPasses, WrittenOutcome } from './recent-passes.ts';
import type { SentStatements } from './sent-statements.ts';

/** A verdict written. */
export interface Written {
  readonly isChanged: boolean;
  /** Of the verdict, raised by one with each change. */
  readonly revision: number;
  /** Which units went through, which way, for which shipment, or when the pass began, is another than was written last. */
  readonly isOtherWay: boolean;
}

/** When and why the outcome was worked out: what `detectedAt` and reasons are made of. */
export interface Trigger {
  readonly at: number;
  /** Why findings go away, e.g. `the notice of SHP-1001 arrived`; absent = the pass itself changed. */
  readonly reason?: string;
}

/** Writes outcomes beside their passes, as far as they are others than what was written last, all in a few statements. */
export async function writeOutcomes(
  sent: SentStatements,
  recent: RecentPasses,
  judged: readonly { readonly pass: KeptPass; readonly outcome: PassOutcome }[],
): Promise<ReadonlyMap<number, Written>> {
  if (judged.length === 0) return new Map();
  const { client } = sent;
  const unknown = judged.filter(({ pass }) => recent.writtenOf(pass.id) === undefined).map(({ pass }) => pass.id);
  const verdicts = await verdictsOf(client, unknown);
  const all = judged.map(({ pass, outcome }) => {
    const last = recent.writtenOf(pass.id);
    const next = writtenBy(pass, outcome);
    const isChanged = (last?.verdict ?? verdicts.get(pass.id)) !== next.verdict;
    return { pass, outcome, last, next, isChanged, isOtherWay: last?.way !== next.way };
  });
  const { rows } = await client.query<{ id: number; revision: number }>(
    `UPDATE passes p SET verdict = j.verdict::jsonb, is_provisional = j.is_provisional, revision = p.revision + j.raised
     FROM unnest($1::bigint[], $2::text[], $3::boolean[], $4::integer[]) AS j (id, verdict, is_provisional, raised)
     WHERE p.id = j.id RETURNING p.id, p.revision`,
    [
      all.map(({ pass }) => pass.id),
      all.map(({ outcome }) => JSON.stringify(outcome.verdict)),
      all.map(({ outcome }) => outcome.verdict.isProvisional),
      all.map(({ isChanged }) => (isChanged ? 1 : 0)),
    ],
  );
  const decided: DecidedRead[] = [];
  const others: { readonly pass: number; readonly epc: Epc; readonly status: string; readonly reason: string }[] = [];
  for (const { pass, outcome, last } of all) {
    const waiting = new Map(recent.takeWaiting(pass.id).map((read) => [read.epc, read]));
    for (const one of outcome.reads) {
      const { epc, status, reason } = one;
      const read = waiting.get(epc);
      if (read !== undefined) decided.push({ ...read, pass: pass.id, status, reason });
      else if (!isSameOutcome(last?.reads.get(epc), one)) others.push({ pass: pass.id, epc, status, reason });
    }
  }
  writeDecided(sent, decided);
  if (others.length > 0) {
    await client.query(
      `UPDATE pass_reads r SET status = j.status, reason = j.reason
       FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS j (pass, epc, status, reason)
       WHERE r.pass = j.pass AND r.epc = j.epc AND (r.status, r.reason) IS DISTINCT FROM (j.status, j.reason)`,
      [
        others.map(({ pass }) => pass),
        textArray(others.map(({ epc }) => epc)),
        textArray(others.map(({ status }) => status)),
        textArray(others.map(({ reason }) => reason)),
      ],
    );
  }
  await writeUnits(
    client,
    all.filter(({ last, next }) => last?.units !== next.units),
  );
  for (const { pass, next } of all) recent.wrote(pass.id, next);
  const revisions = new Map(rows.map(({ id, revision }) => [id, revision]));
  return new Map(
    all.map(({ pass, isChanged, isOtherWay }) => [
      pass.id,
      { isChanged, isOtherWay, revision: revisions.get(pass.id) ?? 0 },
    ]),
  );
}

function writtenBy(pass: KeptPass, outcome: PassOutcome): WrittenOutcome {
  return {
    verdict: JSON.stringify(canonical(outcome.verdict)),
    units: JSON.stringify(outcome.units),
    way: JSON.stringify([pass.from, outcome.units.map(({ unit, shipment, direction }) => [unit, shipment, direction])]),
    reads: new Map(outcome.reads.map((read) => [read.epc, read])),
  };
}

function isSameOutcome(last: ReadOutcome | undefined, next: ReadOutcome): boolean {
  return last === next || (last?.status === next.status && last.reason === next.reason);
}

/** What stands there of passes that memory does not have. */
async function verdictsOf(client: pg.ClientBase, passes: readonly number[]): Promise<ReadonlyMap<number, string>> {
  if (passes.length === 0) return new Map();
  const { rows } = await client.query<{ id: number; verdict: Verdict | null }>(
    'SELECT id, verdict FROM passes WHERE id = ANY($1::bigint[])',
    [passes],
  );
  return new Map(rows.map(({ id, verdict }) => [id, JSON.stringify(canonical(verdict))]));
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

/** -1, which no pass has, of what is no name of a pass. */
export function passNumber(name: string): number {
  return Number(/^pass-(\d{1,15})$/.exec(name)?.[1] ?? -1);
}

/** Retracts what a pass that is no more had made the finding store hold. */
export function retracted(findings: readonly Finding[], reason: string): FindingChange[] {
  return findings.map((finding) => ({ event: 'retracted', finding, reason }));
}

async function writeUnits(
  client: pg.ClientBase,
  judged: readonly { readonly pass: KeptPass; readonly outcome: PassOutcome }[],
): Promise<void> {
  if (judged.length === 0) return;
  await client.query('DELETE FROM pass_units WHERE pass = ANY($1::bigint[])', [judged.map(({ pass }) => pass.id)]);
  const rows = judged.flatMap(({ pass, outcome }) => outcome.units.map((unit) => ({ pass: pass.id, ...unit })));
  if (rows.length === 0) return;
  await client.query(
    `INSERT INTO pass_units (pass, unit, shipment, inferred_from, direction, direction_reason, serials, seen)
     SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::integer[], $8::integer[])`,
    [
      rows.map(({ pass }) => pass),
      rows.map(({ unit }) => unit),
      rows.map(({ shipment }) => shipment),
      rows.map(({ inferredFrom }) => inferredFrom),
      rows.map(({ direction }) => direction),
      rows.map(({ directionReason }) => directionReason),
      rows.map(({ serials }) => serials),
      rows.map(({ seen }) => seen),
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
