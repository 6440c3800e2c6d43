import type pg from 'pg';
import type { Finding, FindingChange, PassRule, Portal } from '../../domain/index.ts';
import type { Statement } from '../statements/index.ts';
import type { KeptPass } from './passes.ts';
import type { PassRuleVersion } from './registry.ts';
import type { PassOutcome, Verdict } from './verdict.ts';

/** What the database held for a pass before this outcome. */
interface Previous {
  readonly verdict: Verdict | null;
  readonly findings: readonly Finding[];
}

/** A verdict written, and what it changes elsewhere. */
export interface Written {
  readonly isChanged: boolean;
  /** Of the verdict, raised by one with each change. */
  readonly revision: number;
  readonly findings: readonly FindingChange[];
}

/** When and why the outcome was worked out: what `detectedAt` and reasons are made of. */
export interface Trigger {
  readonly at: number;
  /** Why findings go away, e.g. `the notice of SHP-1001 arrived`; absent = the pass itself changed. */
  readonly reason?: string;
}

/** Writes an outcome beside its pass. @returns what the finding store has to apply */
export async function writeOutcome(
  client: pg.ClientBase,
  pass: KeptPass,
  outcome: PassOutcome,
  rules: readonly PassRuleVersion[],
  trigger: Trigger,
): Promise<Written> {
  const { rows } = await client.query<Previous & { is_late: boolean }>(
    `SELECT verdict, findings,
       EXISTS (SELECT FROM passes later WHERE later.portal = p.portal AND later.since > p.since) AS is_late
     FROM passes p WHERE id = $1`,
    [pass.id],
  );
  const standing = rows[0] ?? { verdict: null, findings: [], is_late: false };
  const findings = findingsOf(pass, outcome, rules, { ...trigger, isLate: standing.is_late });
  const changes = changesOf(standing.findings, findings, trigger.reason);
  const isChanged = JSON.stringify(canonical(standing.verdict)) !== JSON.stringify(canonical(outcome.verdict));
  const updated = await client.query<{ revision: number }>(
    `UPDATE passes SET verdict = $2, is_provisional = $3, findings = $4, revision = revision + $5 WHERE id = $1
     RETURNING revision`,
    [
      pass.id,
      JSON.stringify(outcome.verdict),
      outcome.verdict.isProvisional,
      JSON.stringify(changes.standing),
      isChanged ? 1 : 0,
    ],
  );
  await client.query(
    `UPDATE pass_reads r SET status = j.status, reason = j.reason
     FROM unnest($2::text[], $3::text[], $4::text[]) AS j (epc, status, reason)
     WHERE r.pass = $1 AND r.epc = j.epc AND (r.status, r.reason) IS DISTINCT FROM (j.status, j.reason)`,
    [
      pass.id,
      outcome.reads.map(({ epc }) => epc),
      outcome.reads.map(({ status }) => status),
      outcome.reads.map(({ reason }) => reason),
    ],
  );
  await writeUnits(client, pass.id, outcome);
  return { isChanged, revision: updated.rows[0]?.revision ?? 0, findings: changes.changes };
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

function findingsOf(
  pass: KeptPass,
  outcome: PassOutcome,
  rules: readonly PassRuleVersion[],
  trigger: Trigger & { readonly isLate: boolean },
): Finding[] {
  return rules.flatMap(({ rule, version }): Finding[] => {
    const found = foundBy(rule, outcome);
    if (found.epcs.length < rule.atLeast) return [];
    return [
      {
        rule: rule.id,
        ruleVersion: version,
        kind: rule.kind,
        severity: rule.severity,
        key: `portal:${pass.portal}`,
        from: pass.from,
        to: pass.to,
        // A pass is over, but what stands at the door is for a person to settle, or for a late fact to explain.
        endedBy: null,
        extreme: null,
        readings: 0,
        minutesOutOfRange: null,
        runs: [],
        limit: null,
        portal: { portal: pass.portal, pass: passName(pass.id), ...found },
        detectedAt: trigger.at,
        detectedLate: trigger.isLate,
      },
    ];
  });
}

function foundBy(
  { kind }: PassRule,
  { verdict, unexpectedSerials }: PassOutcome,
): Pick<NonNullable<Finding['portal']>, 'epcs' | 'statuses'> {
  if (kind === 'unexpected') return { epcs: unexpectedSerials };
  const blocked = verdict.blocked ?? [];
  return { epcs: blocked.map(({ epc }) => epc), statuses: blocked.map(({ status }) => status) };
}

function changesOf(
  before: readonly Finding[],
  after: readonly Finding[],
  reason: string | undefined,
): { changes: FindingChange[]; standing: Finding[] } {
  const why = reason === undefined ? {} : { reason };
  const changes: FindingChange[] = [];
  const standing: Finding[] = [];
  const identity = ({ rule, from }: Finding) => `${rule}|${from}`;
  const left = new Map(before.map((finding) => [identity(finding), finding]));
  for (const finding of after) {
    const old = left.get(identity(finding));
    left.delete(identity(finding));
    const kept =
      old === undefined ? finding : { ...finding, detectedAt: old.detectedAt, detectedLate: old.detectedLate };
    standing.push(kept);
    if (old === undefined) changes.push({ event: 'opened', finding, ...why });
    else if (JSON.stringify(canonical(old)) !== JSON.stringify(canonical(kept))) {
      changes.push({ event: 'extended', finding: kept, ...why });
    }
  }
  const gone = retracted([...left.values()], reason ?? 'the reads of the pass changed');
  return { changes: [...gone, ...changes], standing };
}

/** jsonb gives keys back in an order of its own. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, canonical(inner)]),
  );
}
