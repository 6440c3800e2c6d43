import type pg from 'pg';
import type { Finding, FindingChange } from '../../domain/index.ts';
import { canonical, retracted, type Trigger } from '../passes/index.ts';
import type { PassFindings } from './findings.ts';

/** What the database holds of a pass's findings. */
export interface StandingFindings {
  readonly findings: readonly Finding[];
  /** Another pass of the portal begins later: what is found now is found late. */
  readonly isLate: boolean;
}

export async function standingFindings(client: pg.ClientBase, pass: number): Promise<StandingFindings> {
  const { rows } = await client.query<StandingFindings>(
    `SELECT findings, EXISTS (
       SELECT FROM passes later WHERE later.portal = p.portal AND later.since > p.since) AS "isLate"
     FROM passes p WHERE id = $1`,
    [pass],
  );
  return rows[0] ?? { findings: [], isLate: false };
}

/** Writes a pass's findings beside it. @returns what the finding store has to apply */
export async function keepFindings(
  client: pg.ClientBase,
  pass: number,
  before: readonly Finding[],
  { findings, waiting }: PassFindings,
  trigger: Trigger,
): Promise<FindingChange[]> {
  const { changes, standing } = changesOf(before, findings, trigger.reason);
  await client.query(
    `UPDATE passes SET findings = $2, clock_due = $3, complete_due = $4 WHERE id = $1
       AND (findings, clock_due, complete_due) IS DISTINCT FROM ($2::jsonb, $3::bigint, $4::bigint)`,
    [pass, JSON.stringify(standing), waiting.clock, waiting.complete],
  );
  return changes;
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
