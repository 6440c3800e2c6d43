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
  where: string,
  find: (said: T[]) => Promise<readonly (object & { ord: number })[]>,
): Promise<CauseFault[]> {
  const found = new Map((await find(stated.map(({ said }) => said as T))).map(({ ord, ...row }) => [ord, row]));
  return stated.flatMap(({ index, said }, at) => {
    const row = found.get(at + 1);
    if (row === undefined) return [{ index, fault: `removed: ${where} does not have it` }];
    return canonicalize(outlined(row, [])) === canonicalize(said)
      ? []
      : [{ index, fault: `changed: ${where} says something else` }];
  });
}

/** What of a finding's leaf stands in its history. */
function changeIn(said: unknown): object {
  const { change, rule, key, from, event, reason } = said as Readonly<Record<string, unknown>>;
  return { change, rule, key, from, event, reason };
}
