import type { Readiness } from '../dashboards/index.ts';
import { type Log, type TimeSource, type Troubles, UnavailableError } from '../domain/index.ts';
import { countDeadRecords, type Database } from '../storage/index.ts';

/** A database that does not answer in this time is away, for whoever asks whether we are ready. */
const PATIENCE_MS = 2_000;

/** What is in trouble until everything has been started, people and sign-ins included. */
export const START = 'start';
const DATABASE = 'database';

export interface ReadinessSources {
  /** False while an embedded server recovers. */
  readonly isUp: () => boolean;
  readonly database: Database;
  readonly log: Log;
  readonly troubles: Troubles;
  readonly time: TimeSource;
}

/**
 * What /readyz says (docs/operating.md). Whatever the database fails with - away, silent, its disk full, its connection
 * reset - is an answer with its reason, never an error of ours.
 */
export async function readiness(sources: ReadinessSources): Promise<Readiness> {
  const { log, troubles, time } = sources;
  const found = await look(sources).catch((error: unknown) => {
    troubles.failed(DATABASE, error, time.now());
    return null;
  });
  if (found === null) return { ready: false, database: false, lag: [], dead: null, troubles: listed(log, troubles) };
  troubles.passed(DATABASE);
  const all = listed(log, troubles);
  return { ready: !all.some(({ part }) => part === START), database: true, ...found, troubles: all };
}

async function look({ isUp, database, log, time }: ReadinessSources): Promise<Pick<Readiness, 'lag' | 'dead'>> {
  if (!isUp()) throw new UnavailableError('DATABASE_UNAVAILABLE', 'PostgreSQL recovers, or is being started again');
  const isAnswered = new AbortController();
  const patience = time.sleep('readiness', PATIENCE_MS, isAnswered.signal).then(() => {
    throw new UnavailableError('DATABASE_SILENT', `PostgreSQL has not answered within ${PATIENCE_MS / 1_000} s`);
  });
  try {
    const [lag, dead] = await Promise.race([patience, Promise.all([log.lag(), countDeadRecords(database.pool)])]);
    return { lag, dead };
  } finally {
    // Either may fail after the other was first.
    patience.catch(() => {});
    isAnswered.abort();
  }
}

/** Parts of the log may have a list of their own. */
function listed(log: Log, troubles: Troubles): Readiness['troubles'] {
  const own = troubles.list();
  return [...own, ...log.troubles().filter(({ part }) => !own.some((one) => one.part === part))];
}
