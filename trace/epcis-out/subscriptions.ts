import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import {
  type AuditTrail,
  bareAddress,
  ConflictError,
  InputError,
  type Origination,
  type Outgoing,
  type TimeSource,
  textFault,
} from '../../domain/index.ts';
import { type Database, effectsOf, type InstallationKey } from '../../storage/index.ts';
import { lastArrival } from './arrivals.ts';
import { badParameter } from './bad-parameter.ts';
import type { EpcisPage, EpcisPaging } from './catalogue.ts';
import { parametersOfQuery, unknownQuery } from './named-queries.ts';
import { checkParameters } from './queries.ts';
import { type EpcisSchedule, nextRun } from './schedule.ts';

/** A standing query (EPCIS 2.0, sections 8.2.5.3 and 12.6). Times are epoch ms UTC. */
export interface EpcisSubscription {
  readonly id: string;
  /** Name of the query; {@link EVENT_QUERY} where it has parameters of its own. */
  readonly query: string;
  readonly dest: string;
  /** Name of who made it, or had it go on last. */
  readonly createdBy: string;
  /** null: told of events as they come. */
  readonly schedule: EpcisSchedule | null;
  readonly reportIfEmpty: boolean;
  readonly initialRecordTime: number;
  readonly createdAt: number;
  readonly lastNotifiedAt: number | null;
  /** Since when no message was taken; null = it gets on. */
  readonly failingSince: number | null;
  readonly lastError: string | null;
  /** null: it is active. */
  readonly endedAt: number | null;
  readonly endedBecause: string | null;
}

/** What messages to a subscriber are. */
export type EpcisMessageFormat = 'json' | 'xml 1.2' | 'xml 2.0';

export interface NewEpcisSubscription {
  readonly dest: string;
  readonly signatureToken: string | null;
  readonly schedule: EpcisSchedule | null;
  readonly reportIfEmpty: boolean;
  readonly initialRecordTime: number | null;
  /** Chosen by who subscribes over SOAP; absent: one is made. */
  readonly id?: string;
  /** Of the SimpleEventQuery, where no query that has a name is subscribed to. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly format?: EpcisMessageFormat;
}

export interface EpcisSubscriptionsOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly key: InstallationKey;
  readonly outgoing: Outgoing;
  readonly time: TimeSource;
}

/** The standard's own query, that parameters are given to. */
export const EVENT_QUERY = 'SimpleEventQuery';
/** By query: of one that has a name, or of those with parameters of their own. */
const OF_QUERY = `coalesce(query, '${EVENT_QUERY}') = `;
/** Active ones of an installation. */
const MOST = 1_000;
/** Events of one message, until a receiver says that it was too large. */
const BATCH = 100;
const COLUMNS = `id, coalesce(query, 'SimpleEventQuery') AS query, dest, created_by AS "createdBy", schedule, report_if_empty AS "reportIfEmpty", initial_record_time AS "initialRecordTime",
  created_at AS "createdAt", last_notified_at AS "lastNotifiedAt", failing_since AS "failingSince",
  last_error AS "lastError", ended_at AS "endedAt", ended_because AS "endedBecause"`;
/** What makes no sense of events that come one after another. */
const OF_ONE_ANSWER = ['orderBy', 'orderDirection', 'eventCountLimit', 'maxEventCount'];

/** Subscriptions to named queries: made, shown and ended. What is sent for them is the worker's. */
export class EpcisSubscriptions {
  readonly #options: EpcisSubscriptionsOptions;

  constructor(options: EpcisSubscriptionsOptions) {
    this.#options = options;
  }

  /**
   * @throws {InputError} EPCIS_QUERY_UNKNOWN, EPCIS_SUBSCRIPTION, EPCIS_PARAMETER, OUTGOING_FORBIDDEN
   * @throws {ConflictError} EPCIS_SUBSCRIPTIONS_TOO_MANY, EPCIS_SUBSCRIPTION_EXISTS
   */
  async create(query: string, wanted: NewEpcisSubscription, who: Origination): Promise<EpcisSubscription> {
    const { audit, database, key, outgoing, time } = this.#options;
    const { dest, signatureToken, schedule, reportIfEmpty, parameters = null, format = 'json' } = wanted;
    outgoing.check(dest);
    const now = time.now();
    const nextAt = schedule === null ? now : nextRun(schedule, now);
    const id = wanted.id ?? randomUUID();
    requireId(id);
    return database.transaction(async (client) => {
      const asks = parameters ?? (await namedQuery(client, query));
      checkParameters(parametersOfQuery(asks));
      requireStanding(asks);
      await requireRoom(client);
      const since = wanted.initialRecordTime ?? now;
      const { rows } = await client.query<EpcisSubscription>(
        `INSERT INTO epcis_subscriptions (id, query, dest, signature_token, schedule, report_if_empty, initial_record_time,
           created_at, created_by, actor, arrival, batch, next_at, parameters, format)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
         ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
        [
          ...[
            id,
            parameters === null ? query : null,
            dest,
            signatureToken === null ? null : key.seal(placeOf(id), signatureToken),
          ],
          ...[schedule === null ? null : JSON.stringify(schedule), reportIfEmpty, since, now],
          ...[who.actor.name, who.actor.id, since < now ? 0 : await lastArrival(client), BATCH, nextAt],
          ...[parameters === null ? null : JSON.stringify(parameters), format],
        ],
      );
      const [made] = rows;
      if (made === undefined) {
        throw new ConflictError(
          'EPCIS_SUBSCRIPTION_EXISTS',
          `there is a subscription ${id} already; allowed: another id`,
        );
      }
      await audit.add(effectsOf(client), {
        ...{ ...who, at: now, action: 'epcis-subscription.create', subject: `epcis-subscription:${id}` },
        new: { query, dest: bareAddress(dest), schedule, reportIfEmpty, isSigned: signatureToken !== null },
      });
      return made;
    });
  }

  /** One, active or ended. @throws {InputError} EPCIS_SUBSCRIPTION_UNKNOWN */
  async get(query: string, id: string): Promise<EpcisSubscription> {
    const { rows } = await this.#options.database.query<EpcisSubscription>(
      `SELECT ${COLUMNS} FROM epcis_subscriptions WHERE id = $1 AND ${OF_QUERY} $2`,
      [id, query],
    );
    if (rows[0] === undefined) throw unknown(query, id);
    return rows[0];
  }

  /** Active ones, oldest first. */
  async list(query: string, { perPage, token }: EpcisPaging): Promise<EpcisPage<EpcisSubscription>> {
    const text = token === null ? '-1 ' : Buffer.from(token, 'base64url').toString('utf8');
    const [, at, after = ''] = /^(-?\d{1,15}) (.{0,200})$/.exec(text) ?? [];
    if (at === undefined) throw badParameter('nextPageToken', token ?? '', 'a token that this list has given');
    const { rows } = await this.#options.database.query<EpcisSubscription>(
      `SELECT ${COLUMNS} FROM epcis_subscriptions
       WHERE ${OF_QUERY} $1 AND ended_at IS NULL AND (created_at, id) > ($2::bigint, $3::text)
       ORDER BY created_at, id LIMIT $4`,
      [query, Number(at), after, perPage + 1],
    );
    const items = rows.slice(0, perPage);
    const last = items.at(-1);
    const isMore = rows.length > perPage && last !== undefined;
    return { items, nextPageToken: isMore ? Buffer.from(`${last.createdAt} ${last.id}`).toString('base64url') : null };
  }

  /** Whatever it asks. @throws {InputError} EPCIS_SUBSCRIPTION_UNKNOWN */
  async queryOf(id: string): Promise<string> {
    const { rows } = await this.#options.database.query<Pick<EpcisSubscription, 'query'>>(
      `SELECT ${COLUMNS} FROM epcis_subscriptions WHERE id = $1`,
      [id],
    );
    if (rows[0] === undefined) throw new InputError('EPCIS_SUBSCRIPTION_UNKNOWN', `there is no subscription ${id}`);
    return rows[0].query;
  }

  /** Those that have ended and that nobody has removed since, newest end first. */
  async ended(most: number): Promise<readonly EpcisSubscription[]> {
    const { rows } = await this.#options.database.query<EpcisSubscription>(
      `SELECT ${COLUMNS} FROM epcis_subscriptions WHERE ended_at IS NOT NULL ORDER BY ended_at DESC, id LIMIT $1`,
      [most],
    );
    return rows;
  }

  /**
   * Has one that ended go on from where it was: a message that was not taken comes again under its id, what was missed follows.
   * From then on it is of who had it go on.
   * @throws {InputError} EPCIS_SUBSCRIPTION_UNKNOWN: there is none that has ended; OUTGOING_FORBIDDEN
   * @throws {ConflictError} EPCIS_SUBSCRIPTIONS_TOO_MANY
   */
  async resume(id: string, who: Origination): Promise<void> {
    const { audit, database, outgoing, time } = this.#options;
    await database.transaction(async (client) => {
      const { rows } = await client.query<EpcisSubscription>(
        `SELECT ${COLUMNS} FROM epcis_subscriptions WHERE id = $1 AND ended_at IS NOT NULL FOR UPDATE`,
        [id],
      );
      const [before] = rows;
      if (before === undefined) throw unknownEnded(id);
      const { query, dest, schedule, endedAt, endedBecause } = before;
      outgoing.check(dest);
      await requireRoom(client);
      const now = time.now();
      await client.query(
        `UPDATE epcis_subscriptions SET ended_at = NULL, ended_because = NULL, attempts = 0, failing_since = NULL,
           last_error = NULL, created_by = $2, actor = $3, next_at = $4 WHERE id = $1`,
        [id, who.actor.name, who.actor.id, schedule === null ? now : nextRun(schedule, now)],
      );
      await audit.add(effectsOf(client), {
        ...{ ...who, at: now, action: 'epcis-subscription.resume', subject: `epcis-subscription:${id}` },
        old: { query, dest: bareAddress(dest), endedAt, endedBecause },
      });
    });
  }

  /** Does without one that has ended. @throws {InputError} EPCIS_SUBSCRIPTION_UNKNOWN */
  async discard(id: string, reason: string, who: Origination): Promise<void> {
    const { rows } = await this.#options.database.query<{ query: string }>(
      `SELECT ${COLUMNS} FROM epcis_subscriptions WHERE id = $1 AND ended_at IS NOT NULL`,
      [id],
    );
    if (rows[0] === undefined) throw unknownEnded(id);
    await this.remove(rows[0].query, id, who, reason);
  }

  /** Ends it for good. @throws {InputError} EPCIS_SUBSCRIPTION_UNKNOWN */
  async remove(query: string, id: string, who: Origination, reason?: string): Promise<void> {
    const { audit, database, time } = this.#options;
    await database.transaction(async (client) => {
      const { rows } = await client.query<{ dest: string }>(
        `DELETE FROM epcis_subscriptions WHERE id = $1 AND ${OF_QUERY} $2 RETURNING dest`,
        [id, query],
      );
      const [before] = rows;
      if (before === undefined) throw unknown(query, id);
      await audit.add(effectsOf(client), {
        ...{ ...who, at: time.now(), action: 'epcis-subscription.remove', subject: `epcis-subscription:${id}` },
        old: { query, dest: bareAddress(before.dest) },
        ...(reason !== undefined && { reason }),
      });
    });
  }
}

/** What it asks, held until the transaction ends. @throws {InputError} EPCIS_QUERY_UNKNOWN */
async function namedQuery(client: pg.ClientBase, name: string): Promise<Readonly<Record<string, unknown>>> {
  const { rows } = await client.query<{ query: Readonly<Record<string, unknown>> }>(
    'SELECT query FROM epcis_queries WHERE name = $1 FOR KEY SHARE',
    [name],
  );
  if (rows[0] === undefined) throw unknownQuery(name);
  return rows[0].query;
}

/** @throws {InputError} EPCIS_SUBSCRIPTION */
function requireId(id: string): void {
  if (textFault(id, { form: 'line', max: 200 }) === null && id.trim() === id && id !== '') return;
  const allowed = '1 to 200 characters in one line, no space at either end';
  throw new InputError('EPCIS_SUBSCRIPTION', `subscriptionID: "${id.slice(0, 100)}" given; allowed: ${allowed}`);
}

/** @throws {ConflictError} EPCIS_SUBSCRIPTIONS_TOO_MANY */
async function requireRoom(client: pg.ClientBase): Promise<void> {
  const { rowCount: active } = await client.query(
    'SELECT FROM epcis_subscriptions WHERE ended_at IS NULL ORDER BY next_at LIMIT $1',
    [MOST],
  );
  if (active !== MOST) return;
  throw new ConflictError('EPCIS_SUBSCRIPTIONS_TOO_MANY', `there are ${MOST} subscriptions; end one first`);
}

/** Where a token to sign with is sealed for. */
export function placeOf(id: string): string {
  return `epcis_subscriptions.signature_token/${id}`;
}

/** @throws {InputError} EPCIS_SUBSCRIPTION */
export function requireStanding(query: Readonly<Record<string, unknown>>): void {
  const wrong = OF_ONE_ANSWER.find((name) => parametersOfQuery(query).has(name));
  if (wrong === undefined) return;
  throw new InputError(
    'EPCIS_SUBSCRIPTION',
    `the query has ${wrong}; allowed: a query without it, to be subscribed to`,
  );
}

function unknown(query: string, id: string): InputError {
  return new InputError('EPCIS_SUBSCRIPTION_UNKNOWN', `there is no subscription ${id} to ${query}`);
}

function unknownEnded(id: string): InputError {
  return new InputError('EPCIS_SUBSCRIPTION_UNKNOWN', `there is no subscription ${id} that has ended`);
}
