import type { EndedBy, FindingEvent } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { timestamp } from '../types.ts';

/** A change of a finding, with what the finding was from then on. Times epoch ms UTC. */
export interface FindingRevision {
  /** Number of the change, over all findings. */
  readonly change: number;
  readonly rule: string;
  readonly key: string;
  /** Where the finding begins: with rule and key its identity. */
  readonly from: number;
  readonly event: FindingEvent;
  readonly reason: string | null;
  readonly at: number;
  /** Of its leaf in the ledger; null where it was written before there was one. */
  readonly leaf: string | null;
  /** As the leaf states it; null where there is none. */
  readonly finding: {
    readonly ruleVersion: number;
    readonly to: number | null;
    readonly endedBy: EndedBy;
    readonly extreme: number | null;
    readonly limit: number | null;
    readonly minutesOutOfRange: number | null;
  } | null;
}

/** Changes that are told one by one; a finding that flickers for weeks has more. */
export const MOST_REVISIONS = 1_000;

interface Row extends Omit<FindingRevision, 'finding'> {
  readonly content: string | null;
}

/**
 * Every change of the findings that these alerts rest on, and of those of the same rule and key that began in the range,
 * retracted ones too. In the order they were written; the first {@link MOST_REVISIONS}.
 * @param alerts ids @param range epoch ms UTC
 */
export async function findingRevisions(
  database: Pick<Database, 'query'>,
  alerts: readonly string[],
  range: { readonly from: number; readonly to: number },
): Promise<readonly FindingRevision[]> {
  if (alerts.length === 0) return [];
  const { rows } = await database.query<Row>(
    `WITH about AS (
       SELECT rule, key, least(min(from_at), $2) AS since, greatest(max(coalesce(to_at, $3)), $3) AS until
       FROM alerts WHERE id = ANY ($1) GROUP BY rule, key
     )
     , changes AS (
       SELECT c.* FROM about a JOIN finding_changes c
         ON c.rule = a.rule AND c.key = a.key AND c.from_at >= a.since AND c.from_at <= a.until
       ORDER BY c.id LIMIT ${MOST_REVISIONS}
     )
     , subjects AS (SELECT 'finding:' || rule || '/' || key AS subject FROM about)
     , leaves AS (
       SELECT cause, content FROM subjects JOIN ledger_leaves USING (subject) WHERE kind = 'finding'
       UNION ALL
       SELECT cause, content FROM subjects JOIN ledger_pending USING (subject) WHERE kind = 'finding'
     )
     SELECT c.id AS change, c.rule, c.key, c.from_at AS "from", c.event, c.reason, c.at, l.cause AS leaf, l.content
     FROM changes c LEFT JOIN leaves l ON (l.content::jsonb #>> '{content,change}')::bigint = c.id
     ORDER BY c.id`,
    [alerts, timestamp(range.from), timestamp(range.to)],
  );
  return rows.map(({ content, ...row }) => ({ ...row, finding: findingIn(content) }));
}

function findingIn(content: string | null): FindingRevision['finding'] {
  if (content === null) return null;
  const { finding } = (JSON.parse(content) as { content: { finding: FindingRevision['finding'] } }).content;
  if (finding === null) return null;
  const { ruleVersion, to, endedBy, extreme, limit, minutesOutOfRange } = finding;
  return { ruleVersion, to, endedBy, extreme, limit, minutesOutOfRange };
}
