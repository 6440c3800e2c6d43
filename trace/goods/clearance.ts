import type pg from 'pg';
import type { Epc } from '../../domain/index.ts';
import { type GoodsFinding, goodsState } from './goods-state.ts';

/** One reason why the goods of a pass may not move on, or only with a warning, and for which of them. */
export interface ClearanceFinding {
  readonly finding: GoodsFinding;
  /** Of the first of them. */
  readonly reason: string;
  readonly stops: boolean;
  readonly count: number;
  /** The first of them, by EPC. */
  readonly epcs: readonly Epc[];
}

/** Whether what went through a door may move on, as it is shown there. */
export interface Clearance {
  readonly mayMoveOn: boolean;
  readonly findings: readonly ClearanceFinding[];
  /** When it was shown, epoch ms UTC. */
  readonly at: number;
}

/** EPCs that a finding lists; a pallet of ten thousand is one thing to do. */
const MOST_EPCS = 50;

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
  const findings = findingsOf(await goodsState(client, through, at));
  const clearance = { mayMoveOn: findings.every(({ stops }) => !stops), findings, at };
  await client.query(
    `INSERT INTO pass_clearances (pass, revision, at, may_move_on, findings) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING`,
    [pass, revision, at, clearance.mayMoveOn, JSON.stringify(findings)],
  );
  return clearance;
}

function findingsOf(state: Awaited<ReturnType<typeof goodsState>>): ClearanceFinding[] {
  const byFinding = new Map<string, { first: Omit<ClearanceFinding, 'count' | 'epcs'>; epcs: Set<Epc> }>();
  for (const [epc, reasons] of [...state].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const { finding, reason, stops } of reasons) {
      const key = `${finding}|${stops}`;
      const known = byFinding.get(key) ?? { first: { finding, reason, stops }, epcs: new Set<Epc>() };
      known.epcs.add(epc);
      byFinding.set(key, known);
    }
  }
  return [...byFinding.values()]
    .map(({ first, epcs }) => ({ ...first, count: epcs.size, epcs: [...epcs].slice(0, MOST_EPCS) }))
    .sort((a, b) => Number(b.stops) - Number(a.stops) || b.count - a.count || (a.finding < b.finding ? -1 : 1));
}
