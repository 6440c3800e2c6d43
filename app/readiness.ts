import type { Readiness } from '../dashboards/index.ts';
import { type Log, type TimeSource, UnavailableError } from '../domain/index.ts';
import { countDeadRecords, type Database } from '../storage/index.ts';

/** A database that does not answer in this time is away, for whoever asks whether we are ready. */
const PATIENCE_MS = 2_000;

export interface ReadinessSources {
  /** False while an embedded server recovers. */
  readonly isUp: () => boolean;
  readonly database: Database;
  readonly log: Log;
  readonly time: TimeSource;
}

/** What /readyz says (docs/operating.md). A database that is away is an answer, not an error. */
export async function readiness({ isUp, database, log, time }: ReadinessSources): Promise<Readiness> {
  const away: Readiness = { database: false, lag: [], dead: null, troubles: log.troubles() };
  if (!isUp()) return away;
  const isAnswered = new AbortController();
  const patience = time.sleep('readiness', PATIENCE_MS, isAnswered.signal).then(() => away);
  try {
    return await Promise.race([patience, look(database, log)]);
  } catch (error) {
    if (error instanceof UnavailableError) return away;
    throw error;
  } finally {
    isAnswered.abort();
  }
}

async function look(database: Database, log: Log): Promise<Readiness> {
  const [lag, dead] = await Promise.all([log.lag(), countDeadRecords(database.pool)]);
  return { database: true, lag, dead, troubles: log.troubles() };
}
