import type { Alert, SetAsideFact } from '../domain/index.ts';
import type { Database } from '../storage/index.ts';

/**
 * Why the readings of an alert do not count any more, where a person set them aside: that, and no late reading, took it
 * back. Null where what was said last of them is something else.
 */
export async function setAsideReason(
  database: Database,
  { subject, from, to }: Pick<Alert, 'subject' | 'from' | 'to'>,
): Promise<string | null> {
  const { device, metric } = subject;
  if (device === undefined || metric === undefined) return null;
  const { rows } = await database.query<{ fact: { setAside: SetAsideFact } }>(
    `SELECT fact FROM facts WHERE subject = $1 AND type = 'setAside' ORDER BY position`,
    [`device:${device}`],
  );
  const last = rows
    .map(({ fact }) => fact.setAside)
    .findLast((one) => one.metric === metric && one.from <= (to ?? one.from) && (one.to ?? from) >= from);
  return last?.isSetAside === true ? `its readings were set aside: ${last.reason}` : null;
}
