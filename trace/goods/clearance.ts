import type pg from 'pg';
import { type Clearance, clearanceFindings, type Epc } from '../../domain/index.ts';
import { goodsState } from './goods-state.ts';

/**
 * Works out whether goods may move on, and keeps the answer with the pass and the revision of its verdict: it is what
 * the door showed, so it is never worked out again.
 */
export async function recordClearance(
  client: pg.ClientBase,
  {
    pass,
    revision,
    through,
    at,
  }: { readonly pass: number; readonly revision: number; readonly through: readonly Epc[]; readonly at: number },
): Promise<Clearance> {
  const findings = clearanceFindings(await goodsState(client, through, at));
  const clearance = { mayMoveOn: findings.every(({ stops }) => !stops), findings, at };
  await client.query(
    `INSERT INTO pass_clearances (pass, revision, at, may_move_on, findings) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING`,
    [pass, revision, at, clearance.mayMoveOn, JSON.stringify(findings)],
  );
  return clearance;
}
