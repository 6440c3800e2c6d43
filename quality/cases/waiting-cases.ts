import type { Database } from '../../storage/index.ts';
import { caseId } from './case.ts';

/** A case of a shipment in which something is left to decide. */
export interface WaitingCase {
  readonly shipment: string;
  readonly case: string;
  /** Serials that are undecided, wait for a second signature, or whose evidence is another since. */
  readonly serials: number;
  /** One of its alerts is critical, or product is suspect. */
  readonly isCritical: boolean;
}

/** Cases of these shipments that wait for a decision; a case without serials waits for a person to look and close it. */
export async function waitingCases(database: Database, shipments: readonly string[]): Promise<readonly WaitingCase[]> {
  if (shipments.length === 0) return [];
  const { rows } = await database.query<Omit<WaitingCase, 'case'> & { number: number }>(
    `SELECT c.shipment, c.number, greatest(c.undecided, c.waiting) AS serials,
       c.kind = 'suspect product' OR EXISTS (SELECT FROM case_alerts k JOIN alerts a ON a.number = k.alert
         WHERE k.case_number = c.number AND k.left_at IS NULL AND a.severity = 'critical') AS "isCritical"
     FROM cases c WHERE c.shipment = ANY($1::text[]) AND c.state IN ('open', 'evidence changed')
     ORDER BY c.shipment, c.number`,
    [shipments],
  );
  return rows.map(({ number, ...one }) => ({ ...one, case: caseId(number) }));
}
