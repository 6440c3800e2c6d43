import type pg from 'pg';
import type { AuditSubject, AuditTrail, NewAuditEntry, Origination, TimeSource } from '../domain/index.ts';
import { effectsOf } from '../storage/index.ts';

/** What was done, to whom: the rest of an audit entry is the same for all of one act. */
export type Act = Pick<NewAuditEntry, 'action' | 'old' | 'new'> & { readonly subject: AuditSubject };

/** Writes acts of one person into the audit trail, in the transaction that does them. */
export async function record(
  { audit, time }: { readonly audit: AuditTrail; readonly time: TimeSource },
  client: pg.ClientBase,
  by: Origination,
  ...acts: readonly Act[]
): Promise<void> {
  const at = time.now();
  await audit.addAll(
    effectsOf(client),
    acts.map((act) => ({ ...act, at, actor: by.actor, origin: by.origin })),
  );
}
