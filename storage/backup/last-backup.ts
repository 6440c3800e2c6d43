import type { AuditTrail, Origination } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { effectsOf } from '../effects.ts';

const SUBJECT = 'installation:backup';

/** Says in the audit trail that a backup of a moment (epoch ms UTC) was made. The backup itself, taken before, does not hold it. */
export async function recordBackup(
  { audit, database }: { readonly audit: AuditTrail; readonly database: Database },
  { at, manifestSha256 }: { readonly at: number; readonly manifestSha256: string },
  who: Origination,
): Promise<void> {
  const entry = { ...who, at, action: 'backup.make', subject: SUBJECT } as const;
  await database.transaction((client) => audit.add(effectsOf(client), { ...entry, new: { manifestSha256 } }));
}

/** The moment that the latest backup is of, epoch ms UTC; null: none was made with `isotherm backup`. */
export async function lastBackup(audit: AuditTrail): Promise<number | null> {
  const { items } = await audit.list({ subject: SUBJECT, limit: 1 });
  return items[0]?.at ?? null;
}
