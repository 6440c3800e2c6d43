import type { Family, Logger, LogHome, LogRecord, Meter, TimeSource, Troubles } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { LEASE_MS } from '../leases.ts';
import type { LogMetrics } from './metrics.ts';

/** A consumer that some process of the installation runs: known to the log before it ever ran. */
export interface ExpectedConsumer {
  readonly name: string;
  readonly families: readonly Family[];
  readonly isMandatory: boolean;
}

/** A record that a consumer could not take; kept in `log_dead`. */
export interface DeadRecord {
  readonly consumer: string;
  readonly record: LogRecord;
  /** The error's code, where it has one, and its message. */
  readonly reason: string;
  /** Epoch ms UTC. */
  readonly at: number;
}

export interface PostgresLogOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly meter: Meter;
  /** Consumers that hold segments back from the first record on, in this process or another. Default none. */
  readonly expects?: readonly ExpectedConsumer[];
  /** Called after a record has moved to `log_dead`; `app/` raises an alert from it. */
  readonly onDead?: (dead: DeadRecord) => void;
  readonly limits?: Partial<LogLimits>;
  /** Another home than PostgreSQL for some of it (`natsHome`). */
  readonly home?: (options: LogHomeOptions) => StoppableHome;
  /** Where its troubles stand, beside those of others. Default: by themselves. */
  readonly troubles?: Troubles;
}

export interface LogHomeOptions extends Pick<PostgresLogOptions, 'database' | 'time' | 'logger'> {
  readonly limits: LogLimits;
  readonly metrics: LogMetrics;
  readonly troubles: Troubles;
  /** A segment was closed: an old one may be past the cap. */
  readonly onSegment: () => void;
}

export interface StoppableHome extends LogHome {
  /** After `stop`: nothing of it is under way any more. */
  idle(): Promise<void>;
}

/** Every bound of the log, with units; defaults in {@link DEFAULT_LIMITS}. */
export interface LogLimits {
  /** An append that has not committed after this long fails. */
  readonly appendTimeoutMs: number;
  /** Payload bytes waiting for or under commit; beyond it appends are refused at once. */
  readonly queueBytes: number;
  /** Payload bytes, and records, that share one commit. A single append may be larger. */
  readonly commitBytes: number;
  readonly commitRecords: number;
  /** Committed payload bytes kept in memory for consumers in this process, per partition. */
  readonly handOverBytes: number;
  /** Payload bytes, and records, in one batch to a handler (`ConsumerOptions.batchBytes` goes before). */
  readonly batchBytes: number;
  readonly batchRecords: number;
  /** Pause after a consumer's failure: the first, doubling to the longest. */
  readonly firstPauseMs: number;
  readonly longestPauseMs: number;
  /** How long a consumer is this process's without being renewed. */
  readonly leaseMs: number;
  /** How often a standby looks whether its consumer is free. */
  readonly standbyMs: number;
  /** How often heads are read in case a notification was lost. */
  readonly pollMs: number;
  /** How often `passed` asks the table where the consumer runs elsewhere. */
  readonly passedPollMs: number;
  /** A segment ends at this many payload bytes or this age. */
  readonly segmentBytes: number;
  readonly segmentMs: number;
  /** A segment that everyone has passed is kept this long after it was closed. */
  readonly keepMs: number;
  /** Past either, optional consumers are detached and a mandatory one stops appends. */
  readonly capBytes: number;
  readonly capMs: number;
  readonly maintainMs: number;
  /** How long, and how many, identities of senders' records are remembered. */
  readonly identityMs: number;
  readonly identities: number;
}

/**
 * An append's deadline where readings are on NATS: longer than servers take to elect another leader for a stream, 4 to 9 s
 * (nats-server 2.15, `minElectionTimeout`, `maxElectionTimeout`; no setting), so that clients wait instead of being cut off.
 */
export const APPEND_OVER_ELECTION_MS = 12_000;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MIB = 1024 * 1024;

export const DEFAULT_LIMITS: LogLimits = {
  appendTimeoutMs: 5 * SECOND,
  queueBytes: 64 * MIB,
  commitBytes: 8 * MIB,
  commitRecords: 8192,
  handOverBytes: 32 * MIB,
  batchBytes: 4 * MIB,
  batchRecords: 4096,
  firstPauseMs: 100,
  longestPauseMs: 5 * SECOND,
  leaseMs: LEASE_MS,
  standbyMs: SECOND,
  pollMs: 3 * SECOND,
  passedPollMs: 50,
  segmentBytes: 256 * MIB,
  segmentMs: HOUR,
  keepMs: 5 * MINUTE,
  capBytes: 10 * 1024 * MIB,
  capMs: 7 * DAY,
  maintainMs: 10 * SECOND,
  identityMs: 7 * DAY,
  identities: 5_000_000,
};
