import type { Database } from '../../storage/index.ts';

/** What a case rests on, as the records have it. Times epoch ms UTC. */
export interface CaseEvidence {
  readonly alerts: readonly {
    readonly id: string;
    readonly kind: string;
    readonly severity: string;
    readonly state: string;
    readonly summary: string;
    readonly rule: string;
    readonly ruleVersion: number;
    readonly device: string | null;
    readonly metric: string | null;
    readonly from: number;
    /** null: it goes on. */
    readonly to: number | null;
  }[];
  /** Who was told of its alerts, by the time. */
  readonly notices: readonly {
    readonly alert: string;
    readonly who: string;
    readonly channel: string;
    readonly at: number | null;
    readonly arrived: number | null;
  }[];
  /** What made each revision of the evidence, in order. */
  readonly changes: readonly {
    readonly revision: number;
    readonly at: number;
    readonly text: string;
    /** The decision whose evidence is another by now; null: it says something else. */
    readonly decision: number | null;
  }[];
  readonly clocks: readonly { readonly clock: string; readonly due: number; readonly doneAt: number | null }[];
  readonly comments: readonly {
    readonly number: number;
    readonly at: number;
    readonly by: string;
    readonly text: string;
    readonly mentions: readonly string[];
  }[];
  readonly tasks: readonly {
    readonly number: number;
    readonly text: string;
    readonly owner: string | null;
    readonly due: number | null;
    readonly madeBy: string;
    readonly doneAt: number | null;
    readonly doneBy: string | null;
  }[];
  readonly attachments: readonly {
    readonly number: number;
    readonly name: string;
    readonly mediaType: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly at: number;
    readonly by: string;
  }[];
}

/** Most of each list: a case of thousands of notices is read by its first ones. */
const MOST = 1_000;

export async function evidenceOf(database: Pick<Database, 'query'>, number: number): Promise<CaseEvidence> {
  const read = async <T extends object>(text: string): Promise<readonly T[]> =>
    (await database.query<T>(`${text} LIMIT ${MOST}`, [number])).rows;
  const [alerts, notices, changes, clocks, comments, tasks, attachments] = await Promise.all([
    read<CaseEvidence['alerts'][number]>(
      `SELECT a.id, a.kind, a.severity, a.state, a.summary, a.rule, a.rule_version AS "ruleVersion", a.device, a.metric,
         a.from_at AS "from", CASE WHEN NOT a.goes_on THEN a.to_at END AS "to"
       FROM case_alerts m JOIN alerts a ON a.number = m.alert WHERE m.case_number = $1 ORDER BY a.from_at, a.number`,
    ),
    read<CaseEvidence['notices'][number]>(
      `SELECT a.id AS alert, coalesce(n.person, n.channel) AS who, n.channel, n.told_at AS at, n.delivered_at AS arrived
       FROM case_alerts m JOIN alerts a ON a.number = m.alert JOIN alert_notices n ON n.alert = m.alert
       WHERE m.case_number = $1 AND n.cancelled_at IS NULL ORDER BY n.due_at, n.id`,
    ),
    read<CaseEvidence['changes'][number]>(
      `SELECT revision, at, text, decision FROM case_changes WHERE case_number = $1 AND is_evidence ORDER BY id`,
    ),
    read<CaseEvidence['clocks'][number]>(
      `SELECT clock, due_at AS due, done_at AS "doneAt" FROM case_clocks WHERE case_number = $1 ORDER BY due_at, clock`,
    ),
    read<CaseEvidence['comments'][number]>(
      `SELECT number, at, by_name AS by, text, mentions FROM case_comments WHERE case_number = $1 ORDER BY number`,
    ),
    read<CaseEvidence['tasks'][number]>(
      `SELECT number, text, owner, due_at AS due, made_by AS "madeBy", done_at AS "doneAt", done_by AS "doneBy"
       FROM case_tasks WHERE case_number = $1 ORDER BY number`,
    ),
    read<CaseEvidence['attachments'][number]>(
      `SELECT number, name, media_type AS "mediaType", length(bytes) AS bytes, sha256, at, by_name AS by
       FROM case_attachments WHERE case_number = $1 ORDER BY number`,
    ),
  ]);
  return { alerts, notices, changes, clocks, comments, tasks, attachments };
}

/** A file as it was put to the case; null where there is none of this number. */
export async function attachmentOf(database: Pick<Database, 'query'>, number: number, attachment: number) {
  const { rows } = await database.query<{ name: string; mediaType: string; bytes: Buffer }>(
    `SELECT name, media_type AS "mediaType", bytes FROM case_attachments WHERE case_number = $1 AND number = $2`,
    [number, attachment],
  );
  return rows[0] ?? null;
}
