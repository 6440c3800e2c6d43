import type pg from 'pg';
import type { Epc } from '../../domain/index.ts';

/** Deeper than any packing; ends the walk where contradicting facts put units into each other. */
export const DEEPEST = 16;

/** What each EPC was in at a moment, innermost first. */
export async function ancestorsAt(
  client: pg.ClientBase,
  epcs: readonly Epc[],
  at: number,
): Promise<ReadonlyMap<Epc, readonly Epc[]>> {
  const parents = new Map<Epc, Epc>();
  let frontier: readonly Epc[] = epcs;
  for (let depth = 0; depth < DEEPEST && frontier.length > 0; depth++) {
    const { rows } = await client.query<{ child: Epc; parent: Epc }>(
      `SELECT child, parent FROM containment
       WHERE child = ANY($1::text[]) AND holds AND parent IS NOT NULL AND since <= $2 AND (until IS NULL OR until > $2)`,
      [frontier, at],
    );
    for (const { child, parent } of rows) parents.set(child, parent);
    frontier = [...new Set(rows.map(({ parent }) => parent))].filter((parent) => !parents.has(parent));
  }
  const chains = new Map<Epc, readonly Epc[]>();
  for (const epc of epcs) chains.set(epc, chainOf(parents, epc));
  return chains;
}

function chainOf(parents: ReadonlyMap<Epc, Epc>, epc: Epc): Epc[] {
  const chain: Epc[] = [];
  for (let unit = parents.get(epc); unit !== undefined; unit = parents.get(unit)) {
    if (unit === epc || chain.includes(unit)) break;
    chain.push(unit);
  }
  return chain;
}

/** All that was in each of these units at a moment, nested ones included, with what it directly was in. */
export async function contentsAt(
  client: pg.ClientBase,
  units: readonly Epc[],
  at: number,
): Promise<ReadonlyMap<Epc, readonly { readonly epc: Epc; readonly parent: Epc }[]>> {
  const contents = new Map<Epc, { epc: Epc; parent: Epc }[]>(units.map((unit) => [unit, []]));
  if (units.length === 0) return contents;
  const { rows } = await client.query<{ unit: Epc; epc: Epc; parent: Epc }>(
    `WITH RECURSIVE inside (unit, epc, parent, depth) AS (
       SELECT parent, child, parent, 1 FROM containment
        WHERE parent = ANY($1::text[]) AND holds AND since <= $2 AND (until IS NULL OR until > $2)
       UNION ALL
       SELECT i.unit, c.child, c.parent, i.depth + 1 FROM inside i CROSS JOIN LATERAL (
         SELECT child, parent FROM containment WHERE parent = i.epc
           AND holds AND since <= $2 AND (until IS NULL OR until > $2) OFFSET 0) c WHERE i.depth < ${DEEPEST})
     SELECT DISTINCT unit, epc, parent FROM inside`,
    [units, at],
  );
  for (const { unit, ...inside } of rows) contents.get(unit)?.push(inside);
  return contents;
}
