import { giveMessageUp, messageAgain, undeliveredMessages } from '../../alerts/index.ts';
import {
  type AuditTrail,
  bareAddress,
  InputError,
  type Log,
  type Origination,
  type TimeSource,
} from '../../domain/index.ts';
import { type Database, deadRecords, effectsOf, lastBackup, takeDeadRecord } from '../../storage/index.ts';
import type { EpcisSubscriptions } from '../../trace/index.ts';
import { formatTime, type HealthView } from '../api/index.ts';
import { healthChecks, openFindings } from './health-checks.ts';
import type { HealthSource } from './health-source.ts';
import { notFound } from './problems.ts';

export interface HealthCommandsOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly health: HealthSource;
  readonly log: Log;
  readonly epcisSubscriptions: Pick<EpcisSubscriptions, 'ended'>;
  readonly time: TimeSource;
}

const MOST = 50;
const MOST_WAITING = 1_000;
/** Given to the log once more they change nothing that is there: a repeated reading is the same reading. */
const REPEATABLE = 'readings';

/** Isotherm's own health, and what a person does about what waits. */
export class HealthCommands {
  readonly #options: HealthCommandsOptions;

  constructor(options: HealthCommandsOptions) {
    this.#options = options;
  }

  async view(): Promise<HealthView> {
    const { health } = this.#options;
    const [state, disk] = await Promise.all([health.readiness(), health.disk()]);
    const [kept, open] = state.database
      ? await Promise.all([this.#kept(), openFindings(this.#options.database)])
      : [NOT_KNOWN, null];
    return {
      ...{ ready: state.ready, database: state.database },
      troubles: state.troubles.map(({ part, code, since, text }) => ({ part, code, since: formatTime(since), text })),
      consumers: [...Map.groupBy(state.lag, ({ consumer }) => consumer)].map(([consumer, lags]) => ({
        consumer,
        waiting: lags.reduce((sum, { records }) => sum + records, 0),
        detached: lags.some(({ isDetached }) => isDetached),
      })),
      checks: healthChecks(open, state.troubles, kept.lastBackup !== null),
      ...kept,
      disk,
      certificates: health.certificates().map(({ door, ends }) => ({ door, ends: formatTime(ends) })),
      gateways: health.gateways().map(({ at, readers, manifest, ...gateway }) => ({
        ...gateway,
        at: formatTime(at),
        readers: readers.map((reader) => ({ ...reader, lastActivity: formatTime(reader.lastActivity) })),
        manifest: manifest && {
          ...manifest,
          madeAt: formatTime(manifest.madeAt),
          confirmedAt: formatTime(manifest.confirmedAt),
        },
      })),
    };
  }

  async #kept() {
    const { audit, database, epcisSubscriptions } = this.#options;
    const [dead, undelivered, ended, backup, sizes] = await Promise.all([
      deadRecords(database.pool, MOST),
      undeliveredMessages(database, MOST),
      epcisSubscriptions.ended(MOST),
      lastBackup(audit),
      database.query<{ waiting: number; databaseBytes: number; logBytes: number }>(
        `SELECT (SELECT count(*) FROM (SELECT FROM quarantine WHERE decision IS NULL LIMIT ${MOST_WAITING}) AS some_waiting)
           AS waiting, pg_database_size(current_database()) AS "databaseBytes",
           ((SELECT coalesce(sum(bytes), 0) FROM log_segments)
             + (SELECT coalesce(sum(bytes), 0) FROM log_streams))::float8 AS "logBytes"`,
      ),
    ]);
    const [size] = sizes.rows;
    return {
      quarantine: size?.waiting ?? 0,
      dead: dead.map(({ id, consumer, reason, at, record: { kind, source, arrival } }) => ({
        ...{ id, consumer, kind, source, reason, canReplay: kind === REPEATABLE },
        ...{ at: formatTime(at), arrival: formatTime(arrival) },
      })),
      undelivered: undelivered.map(({ givenUpAt, ...message }) => ({ ...message, givenUpAt: formatTime(givenUpAt) })),
      subscriptions: ended.map(({ id, query, dest, createdBy, endedAt, endedBecause, lastNotifiedAt }) => ({
        ...{ id, query, dest: bareAddress(dest), by: createdBy, because: endedBecause ?? '' },
        ...{ endedAt: formatTime(endedAt ?? 0), lastNotifiedAt: formatTime(lastNotifiedAt) },
      })),
      lastBackup: formatTime(backup),
      databaseBytes: size?.databaseBytes ?? null,
      logBytes: size?.logBytes ?? null,
    };
  }

  /** With it what was given up of the same alert before it. @throws {Refusal} 404 MESSAGE_UNKNOWN */
  async sendAgain(id: string, who: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    await database.transaction(async (client) => {
      const tried = await messageAgain(client, id, time.now());
      if (tried.length === 0) throw unknownMessage(id);
      for (const { id: message, alert, channel } of tried) {
        const entry = { ...who, at: time.now(), action: 'message.send-again', subject: `alert:${alert}` as const };
        await audit.add(effectsOf(client), { ...entry, new: { message, channel } });
      }
    });
  }

  /** @throws {Refusal} 404 MESSAGE_UNKNOWN */
  async discardMessage(id: string, reason: string, who: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    await database.transaction(async (client) => {
      const message = await giveMessageUp(client, id);
      if (message === null) throw unknownMessage(id);
      const { alert, channel } = message;
      const entry = { ...who, at: time.now(), action: 'message.discard', subject: `alert:${alert}` as const, reason };
      await audit.add(effectsOf(client), { ...entry, old: { message: id, channel } });
    });
  }

  /**
   * The readings first, in the log; then the record goes. Where the second does not come about it waits still, and giving it
   * again adds nothing.
   * @throws {Refusal} 404 RECORD_UNKNOWN @throws {InputError} RECORD_NOT_REPEATABLE
   */
  async replay(id: string, who: Origination): Promise<void> {
    const { database, log } = this.#options;
    const dead = (await deadRecords(database.pool, 1, numberOf(id)))[0];
    if (dead === undefined) throw unknownRecord(id);
    const { family, kind, version, source, arrival, payload } = dead.record;
    if (kind !== REPEATABLE) {
      const message = `a record of kind ${kind} would act at another place than its own; allowed: discard it with a reason`;
      throw new InputError('RECORD_NOT_REPEATABLE', message);
    }
    await log.append([{ family, kind, version, source, sequence: null, arrival, payload }]);
    await this.#take(id, 'record.replay', null, who);
  }

  /** @throws {Refusal} 404 RECORD_UNKNOWN */
  discardRecord(id: string, reason: string, who: Origination): Promise<void> {
    return this.#take(id, 'record.discard', reason, who);
  }

  async #take(id: string, action: string, reason: string | null, who: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    await database.transaction(async (client) => {
      const taken = await takeDeadRecord(client, numberOf(id));
      if (taken === null) throw unknownRecord(id);
      const { consumer, kind, source, position } = taken;
      const entry = { ...who, at: time.now(), action, subject: `record:${id}` as const, reason };
      await audit.add(effectsOf(client), {
        ...entry,
        old: { consumer, kind, source, position, refusedFor: taken.reason },
      });
    });
  }
}

/** Without the database nothing is known of what it keeps, which is not the same as none. */
const NOT_KNOWN = {
  subscriptions: null,
  ...{ quarantine: null, dead: null, undelivered: null },
  ...{ lastBackup: null, databaseBytes: null, logBytes: null },
};

/** 0 where it is none: no row has it. */
function numberOf(id: string): number {
  return /^\d{1,15}$/.test(id) ? Number(id) : 0;
}

function unknownMessage(id: string) {
  return notFound('MESSAGE_UNKNOWN', `no message ${id} was given up`);
}

function unknownRecord(id: string) {
  return notFound('RECORD_UNKNOWN', `no record ${id} waits`);
}
