import { DefectError, type Effects } from '../../domain/index.ts';
import { clientOf, type Database, timestamp } from '../../storage/index.ts';
import { CASE_COLUMNS, type Case, type CaseRow, caseNumber, caseOf, unknownCase } from './case.ts';

/** What made a revision of a case. */
export interface CaseChange {
  /** A sentence. */
  readonly what: string;
  /** Epoch ms UTC. */
  readonly at: number;
  /** The evidence changed; else people did something. */
  readonly isEvidence?: boolean;
  /** Number of the decision whose evidence is another by now. */
  readonly decision?: number;
}

/** @throws {InputError} CASE_UNKNOWN */
export async function findCase(database: Pick<Database, 'query'>, id: string): Promise<Case> {
  const { rows } = await database.query<CaseRow>(`SELECT ${CASE_COLUMNS} FROM cases WHERE number = $1`, [
    caseNumber(id),
  ]);
  const [row] = rows;
  if (row === undefined) throw unknownCase(id);
  return caseOf(row);
}

/**
 * The case as it stands, held until the transaction ends: nothing changes it meanwhile.
 * @throws {InputError} CASE_UNKNOWN
 */
export async function lockCase(effects: Effects, id: string): Promise<Case> {
  const { rows } = await clientOf(effects).query<CaseRow>(
    `SELECT ${CASE_COLUMNS} FROM cases WHERE number = $1 FOR UPDATE`,
    [caseNumber(id)],
  );
  const [row] = rows;
  if (row === undefined) throw unknownCase(id);
  return caseOf(row);
}

/**
 * Raises the revision of a case, says why, and works out its state and counts anew from its serials. To be called in the
 * transaction of the change, after it. What is written of serials with the change (`changed_revision`,
 * `decided_revision`) carries the revision that {@link nextRevision} says.
 *
 * @returns the case as it is now
 */
export async function touchCase(
  effects: Effects,
  number: number,
  { what, at, isEvidence = false, decision }: CaseChange,
): Promise<Case> {
  const client = clientOf(effects);
  await client.query(
    `WITH touched AS (UPDATE cases SET revision = revision + 1 WHERE number = $1 RETURNING revision)
     INSERT INTO case_changes (case_number, revision, at, is_evidence, text, decision)
     SELECT $1, revision, $2, $3, $4, $5 FROM touched`,
    [number, timestamp(at), isEvidence, what, decision ?? null],
  );
  return restateCase(effects, number, at);
}

/** The revision that the next {@link touchCase} of this transaction will make; the case has to be locked. */
export async function nextRevision(effects: Effects, number: number): Promise<number> {
  const { rows } = await clientOf(effects).query<{ revision: number }>(
    'SELECT revision FROM cases WHERE number = $1 FOR UPDATE',
    [number],
  );
  const [row] = rows;
  if (row === undefined) throw new DefectError('CASE_GONE', `case ${number} is gone`);
  return row.revision + 1;
}

/**
 * State and counts from what the case rests on. `decided`: every affected serial has a decision in force, or every alert
 * that opened it was taken back; `evidence changed`: a serial's evidence is newer than what was signed for it.
 */
export async function restateCase(effects: Effects, number: number, at: number): Promise<Case> {
  const client = clientOf(effects);
  const { rows } = await client.query<CaseRow>(
    `UPDATE cases SET alerts = a.alerts, affected = s.affected, undecided = s.undecided, waiting = s.waiting,
       value_class = v.value_class,
       state = CASE WHEN closed_at IS NOT NULL THEN 'closed' WHEN s.is_stale THEN 'evidence changed'
         WHEN s.undecided = 0 AND (s.affected > 0 OR (opened_by IS NULL AND a.alerts = 0)) THEN 'decided'
         ELSE 'open' END
     FROM (SELECT count(*)::int AS alerts FROM case_alerts
            WHERE case_number = $1 AND left_at IS NULL AND NOT is_carried) AS a,
       (SELECT count(*) FILTER (WHERE is_affected)::int AS affected,
          count(*) FILTER (WHERE is_affected AND NOT is_in_force)::int AS undecided,
          count(*) FILTER (WHERE decision IS NOT NULL AND NOT is_in_force)::int AS waiting,
          coalesce(bool_or(decided_revision < changed_revision), false) AS is_stale
        FROM case_serials WHERE case_number = $1) AS s,
       (SELECT max(p.value_class) AS value_class FROM products p
        WHERE p.gtin IN (SELECT gtin FROM case_serials WHERE case_number = $1)) AS v
     WHERE number = $1 RETURNING state`,
    [number],
  );
  const [row] = rows;
  if (row === undefined) throw new DefectError('CASE_GONE', `case ${number} is gone`);
  // The site's own target is met by the last decision, and runs again where evidence changed under it.
  const isMet = row.state === 'decided' || row.state === 'closed';
  // Goods that are decided on are stopped by that, or let go: nobody has to set them apart any more.
  if (isMet) {
    await client.query(
      `UPDATE case_clocks SET done_at = $2 WHERE case_number = $1 AND clock = 'dscsa.quarantine' AND done_at IS NULL`,
      [number, timestamp(at)],
    );
  }
  await client.query(
    `UPDATE case_clocks SET done_at = CASE WHEN $2 THEN coalesce(done_at, $3) END
     WHERE case_number = $1 AND clock = 'target'`,
    [number, isMet, timestamp(at)],
  );
  const due = await client.query<CaseRow>(
    `UPDATE cases SET due_at = (SELECT min(due_at) FROM case_clocks WHERE case_number = $1 AND done_at IS NULL)
     WHERE number = $1 RETURNING ${CASE_COLUMNS}`,
    [number],
  );
  const [stated] = due.rows;
  if (stated === undefined) throw new DefectError('CASE_GONE', `case ${number} is gone`);
  return caseOf(stated);
}
