import canonicalize from 'canonicalize';
import { outlined } from '../audit/leaf.ts';
import type { Queryable } from '../log/queryable.ts';

/** What a leaf said of a row. */
interface Stated {
  readonly index: number;
  readonly said: unknown;
}

interface CauseFault {
  readonly index: number;
  readonly fault: string;
}

/**
 * For each kind of leaf that states a row of another table: those whose row is gone, or says something else today.
 * The rows may be of what changes later in columns that the leaf does not state.
 */
export const CAUSES: Readonly<
  Record<string, (client: Queryable, stated: readonly Stated[]) => Promise<readonly CauseFault[]>>
> = {
  deletion: (client, stated) =>
    deletions(client, stated, 'at, what, from_at AS "from", to_at AS "to", setting, extent'),
  'deletion-result': (client, stated) => deletions(client, stated, 'deleted, kept, finished_at AS "finishedAt"'),
  'rule-version': facts,
  'decision-fact': facts,
  decision: (client, stated) => signed(client, stated, 'decision', DECISION),
  step: (client, stated) => signed(client, stated, 'step', STEP),
  signature: (client, stated) => signed(client, stated, 'signature', SIGNATURE),
  finding: (client, stated) =>
    compared(
      stated.map(({ index, said }) => ({ index, said: changeIn(said) })),
      'the history of the finding',
      async (said: { change: number }[]) => {
        const { rows } = await client.query<object & { ord: number }>(
          `SELECT ord, id AS change, rule, key, from_at AS "from", event, reason
           FROM unnest($1::bigint[]) WITH ORDINALITY AS w (id, ord) JOIN finding_changes USING (id)`,
          [said.map(({ change }) => change)],
        );
        return rows;
      },
    ),
};

const DECISION = `SELECT ord, case_id(d.case_number) AS "case", d.number, revision, disposition, scope_group AS "group",
    scope_lot AS lot, reason, serials, made_at AS "madeAt",
    -- In force without a second signature: as if none had been asked for.
    needs_second AND (in_force_at IS NULL OR EXISTS (SELECT FROM case_signatures s WHERE s.case_number = d.case_number
      AND s.about = 'decision' AND s.number = d.number AND s.place = 2)) AS "needsSecond",
    CASE record_hash WHEN encode(sha256(convert_to(record, 'UTF8')), 'hex') THEN record_hash END AS "recordHash",
    CASE serials_hash WHEN (SELECT encode(sha256(convert_to(string_agg(epc || chr(10), '' ORDER BY epc), 'UTF8')), 'hex')
      FROM case_decision_serials s WHERE s.case_number = d.case_number AND s.number = d.number) THEN serials_hash END AS "serialsHash"
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[]) WITH ORDINALITY AS w (case_number, number, place, about, ord)
  JOIN case_decisions d ON d.case_number = w.case_number AND d.number = w.number`;

const STEP = `SELECT ord, case_id(t.case_number) AS "case", t.number, detail, reason, undoes, at,
    CASE record_hash WHEN encode(sha256(convert_to(record, 'UTF8')), 'hex') THEN record_hash END AS "recordHash"
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[]) WITH ORDINALITY AS w (case_number, number, place, about, ord)
  JOIN case_steps t ON t.case_number = w.case_number AND t.number = w.number`;

const SIGNATURE = `SELECT ord, s.about, case_id(s.case_number) AS "case", s.number, s.place, user_id AS "userId",
    user_name AS name, coalesce(d.record_hash, t.record_hash) AS "recordHash",
    CASE signature_hash WHEN encode(sha256(convert_to(signature, 'UTF8')), 'hex') THEN signature_hash END AS "signatureHash",
    CASE WHEN s.place = 2 OR NOT d.needs_second THEN d.in_force_at END AS "inForceAt"
  FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[]) WITH ORDINALITY AS w (case_number, number, place, about, ord)
  JOIN case_signatures s ON s.case_number = w.case_number AND s.about = w.about AND s.number = w.number AND s.place = w.place
  LEFT JOIN case_decisions d ON s.about = 'decision' AND d.case_number = s.case_number AND d.number = s.number
  LEFT JOIN case_steps t ON s.about = 'step' AND t.case_number = s.case_number AND t.number = s.number`;

/** Rows that each have a leaf of their kind and subject, and none: the subject of each. */
export const SIGNED_WITHOUT_LEAF = `SELECT subject AS cause FROM (
    SELECT 'decision' AS kind, 'decision:' || case_id(case_number) || '/' || number AS subject FROM case_decisions
    UNION ALL SELECT 'step', 'step:' || case_id(case_number) || '/' || number FROM case_steps
    UNION ALL SELECT 'signature', 'signature:' || about || ':' || case_id(case_number) || '/' || number || '/' || place
      FROM case_signatures) r
  WHERE NOT EXISTS (SELECT FROM ledger_leaves l WHERE l.subject = r.subject AND l.kind = r.kind)
    AND NOT EXISTS (SELECT FROM ledger_pending p WHERE p.subject = r.subject AND p.kind = r.kind)`;

/**
 * Rows that a leaf states in full, and none does, named by what they are. Those of before the first leaf of their kind are
 * of an installation that had no ledger then.
 */
export const STATED_WITHOUT_LEAF = `WITH stated AS (
    SELECT kind, content, sha256 FROM ledger_leaves WHERE kind IN ('finding', 'deletion', 'rule-version', 'decision-fact')
    UNION ALL SELECT kind, content, sha256 FROM ledger_pending WHERE kind IN ('finding', 'deletion', 'rule-version', 'decision-fact')),
  numbered AS MATERIALIZED (
    -- Canonical JSON: its members are in order. What was changed names no row.
    SELECT kind, substring(content FROM CASE kind WHEN 'finding' THEN '^\\{"content":\\{"change":(\\d{1,15}),'
        WHEN 'deletion' THEN '"id":(\\d{1,15}),' ELSE '"position":(\\d{1,15})\\},"id":"leaf_' END)::bigint AS number
    FROM stated WHERE sha256 = sha256(convert_to(content, 'UTF8'))),
  rows AS (
    SELECT 'finding' AS kind, id AS number, 'finding:' || rule || '/' || key || ', change ' || id AS cause FROM finding_changes
    UNION ALL SELECT 'deletion', id, 'deletion:' || id FROM deletions
    UNION ALL SELECT CASE type WHEN 'rule' THEN 'rule-version' ELSE 'decision-fact' END, position, type || ' fact ' || position
      FROM facts WHERE type IN ('rule', 'decision'))
  SELECT cause FROM rows r WHERE number >= coalesce((SELECT min(number) FROM numbered n WHERE n.kind = r.kind), 0)
    AND NOT EXISTS (SELECT FROM numbered n WHERE n.kind = r.kind AND n.number = r.number)`;

interface Signed {
  readonly case: string;
  readonly number: number;
  readonly place?: number;
  readonly about?: string;
}

function isSigned(said: unknown): said is Signed {
  const { case: id, number, place } = (said ?? {}) as Partial<Signed>;
  return /^C-\d{6,15}$/.test(String(id)) && Number.isSafeInteger(number) && Number.isSafeInteger(place ?? 0);
}

/** Of decisions, steps and signatures on cases. A leaf of one of these kinds that names no case is of no row. */
function signed(
  client: Queryable,
  stated: readonly Stated[],
  kind: string,
  rowsOf: string,
): Promise<readonly CauseFault[]> {
  const ofRows = stated.filter(({ said }) => isSigned(said));
  const where = ({ case: id, number, place, about }: Signed) =>
    `the record of ${kind}:${place === undefined ? `${id}/${number}` : `${about}:${id}/${number}/${place}`}`;
  return compared(ofRows, where, async (said: Signed[]) => {
    const { rows } = await client.query<object & { ord: number }>(rowsOf, [
      said.map((one) => Number(one.case.slice(2))),
      said.map(({ number }) => number),
      said.map(({ place }) => place ?? null),
      said.map(({ about }) => about ?? null),
    ]);
    return rows;
  });
}

function deletions(client: Queryable, stated: readonly Stated[], columns: string): Promise<readonly CauseFault[]> {
  return compared(stated, 'the log of deletions', async (said: { id: number }[]) => {
    const { rows } = await client.query<object & { ord: number }>(
      `SELECT ord, id, ${columns} FROM unnest($1::bigint[]) WITH ORDINALITY AS w (id, ord) JOIN deletions USING (id)`,
      [said.map(({ id }) => id)],
    );
    return rows;
  });
}

function facts(client: Queryable, stated: readonly Stated[]): Promise<readonly CauseFault[]> {
  return compared(stated, 'the record of facts', async (said: { position: number }[]) => {
    const { rows } = await client.query<object & { ord: number }>(
      `SELECT ord, position, fact FROM unnest($1::bigint[]) WITH ORDINALITY AS w (position, ord)
       JOIN facts USING (position)`,
      [said.map(({ position }) => position)],
    );
    return rows;
  });
}

/** @param find the rows as they are today, each with the number of what was asked for, from 1 */
async function compared<T>(
  stated: readonly Stated[],
  where: string | ((said: T) => string),
  find: (said: T[]) => Promise<readonly (object & { ord: number })[]>,
): Promise<CauseFault[]> {
  const found = new Map((await find(stated.map(({ said }) => said as T))).map(({ ord, ...row }) => [ord, row]));
  return stated.flatMap(({ index, said }, at) => {
    const row = found.get(at + 1);
    const place = typeof where === 'string' ? where : where(said as T);
    if (row === undefined) return [{ index, fault: `removed: ${place} does not have it` }];
    return canonicalize(outlined(row, [])) === canonicalize(said)
      ? []
      : [{ index, fault: `changed: ${place} says something else` }];
  });
}

/** What of a finding's leaf stands in its history. */
function changeIn(said: unknown): object {
  const { change, rule, key, from, event, reason } = said as Readonly<Record<string, unknown>>;
  return { change, rule, key, from, event, reason };
}
