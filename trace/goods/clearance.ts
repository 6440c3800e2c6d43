import type pg from 'pg';
import { type Clearance, clearanceFindings, type Epc } from '../../domain/index.ts';
import { goodsState } from './goods-state.ts';

/** A verdict as a door shows it. */
export interface ShownVerdict {
  readonly pass: number;
  readonly revision: number;
  readonly through: readonly Epc[];
}

/**
 * Works out whether goods may move on, and keeps the answer with each pass and the revision of its verdict: it is what the
 * door showed, so it is never worked out again.
 *
 * @param at when it is shown, epoch ms UTC
 * @returns in the order of `shown`
 */
export async function recordClearances(
  client: pg.ClientBase,
  shown: readonly ShownVerdict[],
  at: number,
): Promise<Clearance[]> {
  if (shown.length === 0) return [];
  const state = await goodsState(client, [...new Set(shown.flatMap(({ through }) => through))], at);
  const clearances = shown.map(({ through }): Clearance => {
    const own = through.flatMap((epc) => {
      const reasons = state.get(epc);
      return reasons === undefined ? [] : [[epc, reasons] as const];
    });
    const findings = clearanceFindings(new Map(own));
    return { mayMoveOn: findings.every(({ stops }) => !stops), findings, at };
  });
  await client.query(
    `INSERT INTO pass_clearances (pass, revision, at, may_move_on, findings)
     SELECT pass, revision, $3, may_move_on, findings
     FROM unnest($1::bigint[], $2::integer[], $4::boolean[], $5::jsonb[]) AS shown (pass, revision, may_move_on, findings)
     ON CONFLICT DO NOTHING`,
    [
      ...[shown.map(({ pass }) => pass), shown.map(({ revision }) => revision), at],
      clearances.map(({ mayMoveOn }) => mayMoveOn),
      clearances.map(({ findings }) => JSON.stringify(findings)),
    ],
  );
  return clearances;
}
