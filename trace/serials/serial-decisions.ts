import type pg from 'pg';
import type { DamageFact, DecisionFact, Disposition, Epc } from '../../domain/index.ts';
import type { SerialStatus } from './serial-status.ts';
import { restate } from './serial-status-store.ts';

/**
 * What a decision makes of a serial's status. What is to go back or to be destroyed is stopped until it has gone: no
 * door lets it move on as if it were good.
 */
const STATUSES: Readonly<Record<Disposition, SerialStatus>> = {
  release: 'conformant',
  quarantine: 'quarantined',
  reject: 'rejected',
  return: 'quarantined',
  destroy: 'rejected',
};

/**
 * Keeps a signed decision. One that was kept already changes nothing, wherever it stands in the log.
 * @returns serials whose status is another now; null where it was kept before
 */
export async function keepDecision(
  client: pg.ClientBase,
  { case: id, number, at, disposition, epcs, alerts, recordHash }: DecisionFact,
  position: number,
): Promise<Epc[] | null> {
  const { rowCount } = await client.query(
    `INSERT INTO goods_decisions (case_id, number, position, at, disposition, alerts, record_hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
    [id, number, position, at, disposition, alerts, recordHash],
  );
  if (rowCount === 0) return null;
  await client.query(
    `INSERT INTO serial_events (epc, at, position, index, status, is_decision)
     SELECT DISTINCT epc, $2::bigint, $3::bigint, 0, $4, true FROM unnest($1::text[]) AS epc ON CONFLICT DO NOTHING`,
    [epcs, at, position, STATUSES[disposition]],
  );
  return restate(client, epcs);
}

/** Keeps what was found damaged at a door. @returns serials whose status is another now */
export async function keepDamaged(client: pg.ClientBase, { epcs, at }: DamageFact, position: number): Promise<Epc[]> {
  await client.query(
    `INSERT INTO serial_events (epc, at, position, index, status)
     SELECT DISTINCT epc, $2::bigint, $3::bigint, 0, 'damaged' FROM unnest($1::text[]) AS epc ON CONFLICT DO NOTHING`,
    [epcs, at, position],
  );
  return restate(client, epcs);
}
