import type { Trouble } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { formatTime, HEALTH_SUBJECTS, type HealthCheckView, type HealthSubject } from '../api/index.ts';

/** Something found that goes on: of what kind, of what, since when (epoch ms UTC). */
interface Open {
  readonly kind: string;
  /** As in `findings.key`. */
  readonly key: string;
  readonly since: number;
}

const HEALTH = 'health:';
const MOST = 1_000;
/** Names a row shows; the rest is counted. */
const NAMED = 3;

/** Which findings are of a subject: kinds of rules, and parts of Isotherm itself as the health watch names them. */
const OF: Readonly<Record<HealthSubject, { readonly kind?: string; readonly part?: RegExp }>> = {
  antennas: { kind: 'weakReads' },
  devices: { kind: 'silence', part: /^device / },
  calibration: { part: /^calibration / },
  archive: { part: /^archive/ },
  ledger: { part: /^ledger/ },
  backup: { part: /^backup$/ },
  disk: { part: /^(disk|log-size)$/ },
  certificates: { part: /^(ended )?certificate / },
};

/** What is found and goes on of what health is made of; null = the database is away. */
export async function openFindings(database: Database): Promise<readonly Open[]> {
  const { rows } = await database.query<Open>(
    `SELECT kind, key, from_at AS since FROM findings
     WHERE to_at IS NULL AND kind IN ('health', 'silence', 'weakReads') ORDER BY from_at LIMIT ${MOST}`,
  );
  return rows;
}

/**
 * A row for each subject. What this process has trouble with is known at once, what others have once it is a finding.
 * @param open null = the database is away: then only what has trouble here is known
 * @param isBackedUp whether a backup was ever made
 */
export function healthChecks(
  open: readonly Open[] | null,
  troubles: readonly Trouble[],
  isBackedUp: boolean,
): HealthCheckView[] {
  const all = [...troubles.map(({ part, since }) => ({ kind: 'health', key: HEALTH + part, since })), ...(open ?? [])];
  return HEALTH_SUBJECTS.map((subject) => {
    const found = all.filter(({ kind, key }) => isOf(subject, kind, key));
    const names = [...new Set(found.map(({ key }) => (key.startsWith(HEALTH) ? key.slice(HEALTH.length) : key)))];
    const isKnown = open !== null && (subject !== 'backup' || isBackedUp);
    return {
      subject,
      state: found.length > 0 ? 'trouble' : isKnown ? 'nothing' : 'unknown',
      since: found.length === 0 ? null : formatTime(Math.min(...found.map(({ since }) => since))),
      count: names.length,
      names: names.slice(0, NAMED),
    };
  });
}

function isOf(subject: HealthSubject, kind: string, key: string): boolean {
  const of = OF[subject];
  if (kind !== 'health') return kind === of.kind;
  return of.part?.test(key.slice(HEALTH.length)) ?? false;
}
