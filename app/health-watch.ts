import {
  type ConsumerLag,
  type Finding,
  type FindingStore,
  type Log,
  type Logger,
  type Severity,
  type Timer,
  type TimeSource,
  type Troubles,
  UnavailableError,
} from '../domain/index.ts';
import type { Unheard } from '../ingest/index.ts';
import { countDeadRecords, type Database, effectsOf, type PostgresOwnership, SoleOwner } from '../storage/index.ts';

/** The rule that findings about Isotherm itself are of. */
const RULE = 'isotherm-health';
const KEY_PREFIX = 'health:';
/** As it stands among what is owned. */
const OWNED = 'health';
const LOOK_EVERY_MS = 10_000;
/** A trouble that has lasted so long is an alert: together with the interval above it is one within a minute. */
const ALERT_AFTER_MS = 40_000;
/** A checkpoint that has not moved for so long while records wait does not get on. */
const STUCK_AFTER_MS = 45_000;
/** Consumers that wait for more before they take any, by name: the archive takes the log every ten minutes. */
const PATIENT_MS: Readonly<Record<string, number>> = { archive: 15 * 60_000, influx: 5 * 60_000 };
const DEAD_RECORDS = 'dead-records';
const BACKUP = 'backup';
const UNDELIVERED = 'undelivered-messages';
/** Parts without which nobody's reading is lost and no alert is late. */
const LESSER =
  /^(calibration |device |certificate |archive$|archive checkpoint$|influx|retention|packing|backup|channel:|heartbeat|routing|dead-records|undelivered-messages|epcis-subscriptions|subscription |ledger-witness-away |partner-quota |system-quota |read-replica$|nats-copies$|exception |exceptions-told$)/;

/** Whether a part is one without which nobody's reading is lost and no alert is late. */
export function isLesserPart(part: string): boolean {
  return LESSER.test(part);
}

export interface HealthWatchOptions {
  readonly database: Database;
  readonly findings: FindingStore;
  readonly log: Pick<Log, 'lag'>;
  /** What fails and is tried again in this process; what the watch finds itself is added to it. */
  readonly troubles: Troubles;
  /** Senders of which nothing is taken. */
  readonly unheard?: () => readonly Unheard[];
  /** When the last backup was made, epoch ms UTC, and how old it may be; null = none was ever made, which is no trouble. */
  readonly backup?: { readonly last: () => Promise<number | null>; readonly withinMs: number };
  /** What else there is to see to at a time, beside what fails: told at each look. */
  readonly concerns?: (now: number) => Promise<readonly Concern[]>;
  /** Of several processes one tells; absent: there is but this one. */
  readonly ownership?: Pick<PostgresOwnership, 'ownNow'>;
  readonly time: TimeSource;
  readonly logger: Logger;
}

/** Beyond it the quarantine page says more than alerts. */
const MOST_DEVICES = 50;

/** Something that a person has to see to: an alert for as long as it is told. */
export interface Concern {
  /** What it is about, and its identity. */
  readonly part: string;
  /** Epoch ms UTC. */
  readonly since: number;
  readonly text: string;
}

interface Waiting {
  readonly checkpoint: number;
  readonly since: number;
}

/**
 * Watches whether Isotherm itself gets on: parts that only fail and retry, checkpoints that do not move while records
 * wait, records and messages that were given up. Each is seen in `/readyz` and becomes an alert of its own.
 */
export class HealthWatch {
  readonly #options: HealthWatchOptions;
  readonly #waiting = new Map<string, Waiting>();
  /** Findings that are open, by part. */
  readonly #open = new Map<string, Finding>();
  #isRestored = false;
  readonly #owner: SoleOwner | null;
  #timer: Timer | null = null;
  #looking: Promise<void> | null = null;

  constructor(options: HealthWatchOptions) {
    this.#options = options;
    const { ownership } = options;
    this.#owner = ownership === undefined ? null : new SoleOwner({ ownership, name: OWNED });
  }

  start(): void {
    this.#timer = this.#options.time.every('health: look', LOOK_EVERY_MS, () => {
      this.#looking ??= this.look()
        .catch((error) => this.#failed(error))
        .finally(() => {
          this.#looking = null;
        });
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#looking;
    await this.#owner?.release();
  }

  /** One look now. */
  async look(): Promise<void> {
    const { database, log, time, troubles } = this.#options;
    const now = time.now();
    if (!(await this.#isTheOne())) return;
    if (!this.#isRestored) await this.#restore();
    const [lag, dead, undelivered] = await Promise.all([
      log.lag(),
      countDeadRecords(database.pool),
      countUndelivered(database),
    ]);
    this.#watchCheckpoints(lag, now);
    await this.#watchBackup(now);
    const concerns: Concern[] = troubles
      .list()
      .filter(({ since }) => now - since >= ALERT_AFTER_MS)
      .map(({ part, since, text }) => ({ part, since, text }));
    for (const { source, since, messages, reason, detail } of this.#options.unheard?.() ?? []) {
      if (now - since < ALERT_AFTER_MS) continue;
      const text = `nothing of ${source} is taken: ${messages} messages refused, the last as ${reason}: ${detail}`;
      concerns.push({ part: `device ${source}`, since, text });
      if (concerns.length >= MOST_DEVICES) break;
    }
    const since = (part: string) => this.#open.get(part)?.from ?? now;
    if (dead > 0) {
      const text = `${dead} records could not be taken and wait for a person (docs/operating.md)`;
      concerns.push({ part: DEAD_RECORDS, since: since(DEAD_RECORDS), text });
    }
    if (undelivered > 0) {
      const text = `${undelivered} messages were given up after three days and wait for a person`;
      concerns.push({ part: UNDELIVERED, since: since(UNDELIVERED), text });
    }
    concerns.push(...((await this.#options.concerns?.(now)) ?? []));
    await this.#report(concerns, now);
  }

  /** What another process has told since is looked up once it is this one's turn. */
  async #isTheOne(): Promise<boolean> {
    if (this.#owner === null) return true;
    const before = this.#owner.epoch;
    const isOurs = await this.#owner.isOurs();
    if (this.#owner.epoch !== before) {
      this.#isRestored = false;
      this.#open.clear();
    }
    return isOurs;
  }

  async #watchBackup(now: number): Promise<void> {
    const { backup, troubles } = this.#options;
    if (backup === undefined) return;
    const last = await backup.last();
    if (last === null || now - last <= backup.withinMs) {
      troubles.passed(BACKUP);
      return;
    }
    const text = `the last backup is of ${new Date(last).toISOString()}; look why no newer one was made (isotherm backup)`;
    troubles.failed(BACKUP, new UnavailableError('BACKUP_OLD', text), last + backup.withinMs);
  }

  #watchCheckpoints(lag: readonly ConsumerLag[], now: number): void {
    const { troubles } = this.#options;
    const stuck = new Map<string, { since: number; records: number }>();
    for (const { consumer, family, partition, checkpoint, records } of lag) {
      const name = `${consumer}/${family}/${partition}`;
      const known = this.#waiting.get(name);
      if (records === 0) {
        this.#waiting.delete(name);
      } else if (known?.checkpoint !== checkpoint) {
        this.#waiting.set(name, { checkpoint, since: now });
      } else if (now - known.since >= (PATIENT_MS[consumer] ?? STUCK_AFTER_MS)) {
        const since = Math.min(known.since, stuck.get(consumer)?.since ?? known.since);
        stuck.set(consumer, { since, records: records + (stuck.get(consumer)?.records ?? 0) });
      }
    }
    for (const consumer of new Set(lag.map(({ consumer }) => consumer))) {
      const found = stuck.get(consumer);
      const key = `${consumer} checkpoint`;
      if (found === undefined) troubles.passed(key);
      else {
        const since = new Date(found.since).toISOString();
        const text = `its checkpoint has not moved since ${since} while ${found.records} records wait`;
        troubles.failed(key, new UnavailableError('CHECKPOINT_STUCK', text), found.since);
      }
    }
  }

  /** Findings that were open when the process before this one ended. */
  async #restore(): Promise<void> {
    for (const finding of await this.#options.findings.present(['health'])) {
      if (finding.to === null) this.#open.set(finding.key.slice(KEY_PREFIX.length), finding);
    }
    this.#isRestored = true;
  }

  async #report(concerns: readonly Concern[], now: number): Promise<void> {
    const { database, findings } = this.#options;
    const present = new Set(concerns.map(({ part }) => part));
    const opened = concerns.filter(({ part }) => !this.#open.has(part));
    const closed = [...this.#open].filter(([part]) => !present.has(part));
    if (opened.length === 0 && closed.length === 0) return;
    const fresh = opened.map((concern) => ({ concern, finding: findingOf(concern, now) }));
    const owner = this.#owner;
    await database.transaction(async (client) => {
      await owner?.check(effectsOf(client));
      await findings.apply(effectsOf(client), [
        ...fresh.map(({ concern, finding }) => ({ event: 'opened' as const, finding, reason: concern.text })),
        ...closed.map(([, finding]) => ({
          event: 'closed' as const,
          finding: { ...finding, to: now, endedBy: 'recovery' as const },
        })),
      ]);
    });
    for (const { concern, finding } of fresh) this.#open.set(concern.part, finding);
    for (const [part] of closed) this.#open.delete(part);
  }

  #failed(error: unknown): void {
    // A database that is away shows in every part that needs it.
    if (error instanceof UnavailableError) return;
    this.#options.logger.warn({ error }, 'the health of Isotherm itself could not be looked at; it is again in 10 s');
  }
}

function findingOf({ part, since }: Concern, now: number): Finding {
  const severity: Severity = isLesserPart(part) ? 'warning' : 'critical';
  return {
    ...{ rule: RULE, ruleVersion: 1, kind: 'health', severity, key: `${KEY_PREFIX}${part}` },
    ...{ from: since, to: null, endedBy: null, extreme: null, limit: null },
    ...{ readings: 0, minutesOutOfRange: null, runs: [], detectedAt: now, detectedLate: false },
  };
}

async function countUndelivered(database: Database): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    'SELECT count(*) AS count FROM (SELECT FROM outbox WHERE dead_at IS NOT NULL LIMIT 1000) AS dead',
  );
  return rows[0]?.count ?? 0;
}
