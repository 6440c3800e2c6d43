import type { Database } from '../database.ts';

/** By `rule version`: the id of the leaf that states it. A version from before there was a ledger has none. */
export async function ruleVersionLeaves(
  database: Pick<Database, 'query'>,
  versions: readonly { readonly id: string; readonly version: number }[],
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await database.query<{ id: string; version: number; leaf: string }>(
    `WITH asked AS (SELECT * FROM unnest($1::text[], $2::int[]) AS v (id, version))
     , leaves AS (
       SELECT cause, content FROM (SELECT DISTINCT 'rule:' || id AS subject FROM asked) s JOIN ledger_leaves USING (subject)
       WHERE kind = 'rule-version'
       UNION ALL
       SELECT cause, content FROM (SELECT DISTINCT 'rule:' || id AS subject FROM asked) s JOIN ledger_pending USING (subject)
       WHERE kind = 'rule-version'
     )
     SELECT a.id, a.version, l.cause AS leaf FROM asked a JOIN leaves l
       ON l.content::jsonb #>> '{content,fact,version,rule,id}' = a.id
       AND (l.content::jsonb #>> '{content,fact,version,version}')::int = a.version`,
    [versions.map(({ id }) => id), versions.map(({ version }) => version)],
  );
  return new Map(rows.map(({ id, version, leaf }) => [`${id} ${version}`, leaf]));
}
