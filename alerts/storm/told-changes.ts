import type pg from 'pg';
import type { Severity } from '../../domain/index.ts';
import { timestamp } from '../../storage/index.ts';

/** After a change was told, what changes next is told so long after it, together. */
export const CHANGES_APART_MS = 5 * 60_000;
/** EPCs named in a message; counts say the rest. */
const EPCS_NAMED = 20;

/** What is other of an alert than those know who were told of it. */
export interface AlertChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** As it was; null: as it is. */
  readonly severity: Severity | null;
  readonly reason: string | null;
  /** Its entry in the audit trail. */
  readonly event: string;
}

/**
 * Whether a change is told now; else it is kept, and told with what comes until then. What came and went again in between is no
 * change.
 */
export async function isToldNow(
  client: pg.ClientBase,
  alert: number,
  { added, removed, severity, reason, event }: AlertChange,
  now: number,
): Promise<boolean> {
  const { rowCount } = await client.query(
    `INSERT INTO alert_changes AS c (alert, told_at) VALUES ($1, $2)
     ON CONFLICT (alert) DO UPDATE SET told_at = excluded.told_at WHERE c.due_at IS NULL AND c.told_at <= $3`,
    [alert, timestamp(now), timestamp(now - CHANGES_APART_MS)],
  );
  if (rowCount === 1) return true;
  await client.query(
    `UPDATE alert_changes SET
       added = ARRAY(SELECT unnest(added) EXCEPT SELECT unnest($3::text[])
         UNION (SELECT unnest($2::text[]) EXCEPT SELECT unnest(removed)) ORDER BY 1),
       removed = ARRAY(SELECT unnest(removed) EXCEPT SELECT unnest($2::text[])
         UNION (SELECT unnest($3::text[]) EXCEPT SELECT unnest(added)) ORDER BY 1),
       severity = coalesce(severity, $4), reason = coalesce($5, reason), event = $6,
       due_at = coalesce(due_at, told_at + $7::bigint * interval '1 millisecond')
     WHERE alert = $1`,
    [alert, added, removed, severity, reason, event, CHANGES_APART_MS],
  );
  return false;
}

/** As `alert.changed` carries it: only what there is. */
export function changeView(
  { added, removed, severity, reason }: Omit<AlertChange, 'event'>,
  now: Severity,
): Readonly<Record<string, unknown>> {
  const isOtherList = added.length + removed.length > 0;
  const [addedEpcs, removedEpcs] = [added.slice(0, EPCS_NAMED), removed.slice(0, EPCS_NAMED)];
  return {
    ...(isOtherList && { serials: { added: added.length, removed: removed.length, addedEpcs, removedEpcs } }),
    ...(severity !== null && severity !== now && { severity: { before: severity, now } }),
    ...(reason !== null && { reason }),
  };
}
