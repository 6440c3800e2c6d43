import type { Disposition, Epc } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';

/** Of one GTIN and lot of a decision. */
export interface DecidedLine {
  readonly gtin: string | null;
  readonly lot: string | null;
  readonly packs: number;
  /** How many of them a later decision is on: for those that one counts. */
  readonly superseded: number;
  /** At most 10,000 of a line; where there are more `packs` says how many. */
  readonly epcs: readonly Epc[];
}

/** A signed decision on goods that is in force. */
export interface GoodsDecision {
  readonly case: string;
  /** Of the decision in its case. */
  readonly decision: number;
  readonly disposition: Disposition;
  /** Since when, epoch ms UTC. */
  readonly at: number;
  /** SHA-256 of the signed record, hex. */
  readonly recordHash: string;
  readonly lines: readonly DecidedLine[];
}

const MOST_EPCS = 10_000;

/** Decisions that came into force at or after `since` (epoch ms UTC), latest first. */
export async function goodsDecisions(
  database: Database,
  { since, limit }: { readonly since: number; readonly limit: number },
): Promise<readonly GoodsDecision[]> {
  const { rows } = await database.query<Omit<GoodsDecision, 'lines'> & { readonly position: number }>(
    `SELECT case_id AS "case", number AS decision, disposition, at, record_hash AS "recordHash", position
     FROM goods_decisions WHERE at >= $1 ORDER BY at DESC, position DESC LIMIT $2`,
    [since, limit],
  );
  const decisions: GoodsDecision[] = [];
  for (const { position, ...row } of rows) decisions.push({ ...row, lines: await linesOf(database, position) });
  return decisions;
}

async function linesOf(database: Database, position: number): Promise<readonly DecidedLine[]> {
  const { rows } = await database.query<DecidedLine>(
    `SELECT s.gtin, s.lot, count(*)::int AS packs,
       (count(*) FILTER (WHERE EXISTS (SELECT FROM serial_events l WHERE l.epc = e.epc AND l.is_decision
         AND (l.at, l.position) > (e.at, e.position))))::int AS superseded,
       (array_agg(e.epc ORDER BY e.epc))[1:$2] AS epcs
     FROM serial_events e LEFT JOIN serials s ON s.epc = e.epc
     WHERE e.position = $1 AND e.is_decision GROUP BY s.gtin, s.lot ORDER BY s.gtin, s.lot`,
    [position, MOST_EPCS],
  );
  return rows;
}
