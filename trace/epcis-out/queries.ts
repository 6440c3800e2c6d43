import { InputError } from '../../domain/index.ts';
import type { Database, ReadDatabase } from '../../storage/index.ts';
import type { EpcisJson } from '../epcis-in/index.ts';
import { lastArrival } from './arrivals.ts';
import { badParameter } from './bad-parameter.ts';
import { conditionOf } from './conditions.ts';

export interface EpcisCaptureRecord {
  readonly id: string;
  readonly createdAt: number;
  /** null: the tracer has not worked it in yet. */
  readonly finishedAt: number | null;
  readonly errorBehaviour: 'rollback' | 'proceed';
  readonly refused: readonly { readonly path: string; readonly given: string; readonly allowed: string }[];
}

export interface EpcisEventRecord {
  /** As captured. */
  readonly event: EpcisJson;
  /** Entries of its document's `@context` besides GS1's own. */
  readonly context: readonly (string | Readonly<Record<string, string>>)[];
  readonly recordTime: number;
}

/** Parameters of the standard's SimpleEventQuery, by name (EPCIS 2.0, 8.2.7.1), each a list of alternatives. */
export type EpcisParameters = ReadonlyMap<string, readonly string[]>;

export interface EpcisQueriesOptions {
  readonly database: Database;
  /** Where events are looked for. Default: in the database itself. */
  readonly reads?: ReadDatabase;
  /** JSON of the events on one page, beyond the first. */
  readonly mostPageBytes?: number;
}

/** Captures of EPCIS events and the events themselves. */
export class EpcisQueries {
  readonly #database: Database;
  readonly #reads: ReadDatabase;
  readonly #mostPageBytes: number;

  constructor({ database, reads = database, mostPageBytes = MOST_PAGE_BYTES }: EpcisQueriesOptions) {
    this.#database = database;
    this.#reads = reads;
    this.#mostPageBytes = mostPageBytes;
  }

  /** Announces a capture before it is in the log, so that its address answers from then on. */
  async announce(capture: Pick<EpcisCaptureRecord, 'id' | 'createdAt' | 'errorBehaviour'>): Promise<void> {
    await this.#database.query('INSERT INTO epcis_captures (id, created_at, error_behaviour) VALUES ($1, $2, $3)', [
      ...[capture.id, capture.createdAt, capture.errorBehaviour],
    ]);
  }

  /** Of a capture that could not be appended. */
  async withdraw(id: string): Promise<void> {
    await this.#database.query('DELETE FROM epcis_captures WHERE id = $1 AND finished_at IS NULL', [id]);
  }

  async capture(id: string): Promise<EpcisCaptureRecord | null> {
    const { rows } = await this.#database.query<EpcisCaptureRecord>(
      `SELECT id, created_at AS "createdAt", finished_at AS "finishedAt", error_behaviour AS "errorBehaviour", refused
       FROM epcis_captures WHERE id = $1`,
      [id],
    );
    return rows[0] ?? null;
  }

  /**
   * Events that satisfy every parameter, a page of them.
   * @throws {InputError} EPCIS_PARAMETER a parameter that is not known, or a value that makes no sense; EPCIS_TOO_MANY
   *   more events than `maxEventCount`
   */
  async events(
    parameters: EpcisParameters,
  ): Promise<{ readonly events: readonly EpcisEventRecord[]; readonly nextPageToken: string | null }> {
    const { conditions, given, bind } = conditionsOf(parameters);
    const order = oneOf('orderBy', parameters, ['eventTime', 'recordTime']) ?? 'eventTime';
    const direction = oneOf('orderDirection', parameters, ['ASC', 'DESC']) ?? 'DESC';
    const column = order === 'eventTime' ? 'event_time' : 'record_time';
    requireOrder(parameters);
    await this.#countUpTo(countOf('maxEventCount', parameters, 1_000_000), parameters, conditions, given);
    const after = tokenOf(parameters);
    const before = after?.[3] ?? 0;
    const left = (countOf('eventCountLimit', parameters, 1_000_000_000) ?? Number.POSITIVE_INFINITY) - before;
    const perPage = Math.min(countOf('perPage', parameters, MOST) ?? DEFAULT_PAGE, left);
    if (perPage <= 0) return { events: [], nextPageToken: null };
    if (after !== null) {
      const [at, position, index] = after.slice(0, 3).map(bind);
      const sign = direction === 'ASC' ? '>' : '<';
      conditions.push(`(${column}, position, index) ${sign} (${at}::bigint, ${position}::bigint, ${index}::integer)`);
    }
    const { rows } = await this.#reads.query<
      EpcisEventRecord & Found & { readonly at: number; readonly position: number; readonly index: number }
    >(
      within(
        `SELECT event, context, record_time AS "recordTime", ${column} AS at, position, index FROM epcis_events
         WHERE ${conditions.join(' AND ')} ORDER BY ${column} ${direction}, position ${direction}, index ${direction}
         LIMIT ${bind(perPage + 1)}`,
        `at ${direction}, position ${direction}, index ${direction}`,
        bind(this.#mostPageBytes),
      ),
      given,
    );
    const events = rows.slice(0, perPage);
    const last = events.at(-1);
    const isMore = (rows[0]?.found ?? 0) > events.length && events.length < left && last !== undefined;
    const place = last && `${last.at} ${last.position} ${last.index} ${before + events.length}`;
    return { events, nextPageToken: isMore && place ? Buffer.from(place).toString('base64url') : null };
  }

  /**
   * Events that are about any of these things, oldest first.
   * @param epcs URIs
   * @throws {InputError} EPCIS_TOO_MANY
   */
  async about(epcs: readonly string[], most: number): Promise<readonly EpcisEventRecord[]> {
    const { rows } = await this.#reads.query<EpcisEventRecord>(
      `SELECT event, context, record_time AS "recordTime" FROM epcis_events
       WHERE any_epcs && $1::text[] ORDER BY event_time, position, index LIMIT $2`,
      [epcs, most + 1],
    );
    if (rows.length <= most) return rows;
    throw new InputError('EPCIS_TOO_MANY', `more than ${most} events; allowed: ask /epcis/v2/events, page by page`);
  }

  /**
   * Events that satisfy every parameter among those that became visible after an arrival, in that order; fewer than there are
   * where they are more than `most` or, beyond the first, than `mostBytes` of JSON.
   * @param since record time, epoch ms UTC: those recorded before are left out
   * @returns them, and the arrival up to which there are no others
   * @throws {InputError} EPCIS_PARAMETER
   */
  async arrived(parameters: EpcisParameters, wanted: ArrivalWindow): Promise<ArrivedEvents> {
    const { after, upTo, since, most, mostBytes } = wanted;
    const { conditions, given, bind } = conditionsOf(parameters);
    const { rows } = await this.#database.query<ArrivedEvent & Found & { readonly bytes: number }>(
      within(
        `SELECT a.arrival, e.event, e.context, e.record_time AS "recordTime"
         FROM epcis_arrivals a JOIN epcis_events e ON e.position = a.position AND e.index = a.index
         WHERE a.arrival > ${bind(after)}::bigint AND a.arrival <= ${bind(upTo)}::bigint
           AND e.record_time >= ${bind(since)}::bigint AND ${conditions.join(' AND ')}
         ORDER BY a.arrival LIMIT ${bind(most)}`,
        'arrival',
        bind(mostBytes),
      ),
      given,
    );
    const last = rows.at(-1);
    const isCut = last !== undefined && (rows.length === most || rows.length < last.found);
    return { events: rows, upTo: isCut ? last.arrival : upTo, bytes: last?.bytes ?? 0 };
  }

  /** The last arrival that was given; 0 before the first. */
  lastArrival(): Promise<number> {
    return lastArrival(this.#database);
  }

  /** Events by their arrivals. */
  async ofArrivals(arrivals: readonly number[]): Promise<readonly ArrivedEvent[]> {
    const { rows } = await this.#database.query<ArrivedEvent>(
      `SELECT a.arrival, e.event, e.context, e.record_time AS "recordTime"
       FROM epcis_arrivals a JOIN epcis_events e ON e.position = a.position AND e.index = a.index
       WHERE a.arrival = ANY($1::bigint[]) ORDER BY a.arrival`,
      [arrivals],
    );
    return rows;
  }

  /** @throws {InputError} EPCIS_TOO_MANY, EPCIS_PARAMETER */
  async #countUpTo(
    most: number | null,
    parameters: EpcisParameters,
    conditions: readonly string[],
    given: readonly unknown[],
  ): Promise<void> {
    if (most === null) return;
    if (parameters.has('eventCountLimit')) {
      throw badParameter('maxEventCount', String(most), 'not together with eventCountLimit');
    }
    const { rows } = await this.#reads.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM (
         SELECT FROM epcis_events WHERE ${conditions.join(' AND ')} LIMIT $${given.length + 1}) AS found`,
      [...given, most + 1],
    );
    if ((rows[0]?.count ?? 0) > most) {
      throw new InputError('EPCIS_TOO_MANY', `more than ${most} events; allowed: at most maxEventCount`);
    }
  }
}

/** Part of the order in which events became visible. */
export interface ArrivalWindow {
  readonly after: number;
  readonly upTo: number;
  readonly since: number;
  readonly most: number;
  readonly mostBytes: number;
}

export interface ArrivedEvents {
  readonly events: readonly ArrivedEvent[];
  readonly upTo: number;
  /** Of their JSON. */
  readonly bytes: number;
}

/** How many rows there were before some were left out for their size. */
interface Found {
  readonly found: number;
}

/**
 * The first rows of a query of events, as many as stay within so many bytes of JSON, at least one: a thousand events of the
 * greatest size are more than any process holds. What is left out never leaves the database.
 */
function within(rows: string, order: string, mostBytes: string): string {
  return `SELECT * FROM (
    SELECT *, count(*) OVER ()::integer AS found,
      (sum(octet_length(event::text)) OVER (ORDER BY ${order}))::bigint AS bytes,
      row_number() OVER (ORDER BY ${order}) AS place
    FROM (${rows}) AS matching) AS sized
  WHERE place = 1 OR bytes <= ${mostBytes}::bigint ORDER BY place`;
}

/** An event as a subscription is told of it. */
export interface ArrivedEvent extends EpcisEventRecord {
  readonly arrival: number;
}

/** What the parameters ask, with what stands in it. @throws {InputError} EPCIS_PARAMETER */
function conditionsOf(parameters: EpcisParameters) {
  const given: unknown[] = [];
  const bind = (value: unknown) => `$${given.push(value)}`;
  const conditions = ['true'];
  for (const [name, values] of parameters) {
    if (!PAGING.has(name)) conditions.push(conditionOf(name, values, bind));
  }
  return { conditions, given, bind };
}

/** Refuses what no query can be asked with, before it is kept. @throws {InputError} EPCIS_PARAMETER */
export function checkParameters(parameters: EpcisParameters): void {
  conditionsOf(parameters);
  oneOf('orderBy', parameters, ['eventTime', 'recordTime']);
  oneOf('orderDirection', parameters, ['ASC', 'DESC']);
  requireOrder(parameters);
  const most = countOf('maxEventCount', parameters, 1_000_000);
  if (countOf('eventCountLimit', parameters, 1_000_000_000) !== null && most !== null) {
    throw badParameter('maxEventCount', String(most), 'not together with eventCountLimit');
  }
}

/** The first so many are of an order that is asked for (EPCIS 2.0, section 8.2.7.1). @throws {InputError} EPCIS_PARAMETER */
function requireOrder(parameters: EpcisParameters): void {
  const limit = parameters.get('eventCountLimit')?.join('|');
  if (limit !== undefined && !parameters.has('orderBy')) {
    throw badParameter('eventCountLimit', limit, 'together with orderBy, which says which events are the first');
  }
}

const PAGING = new Set([
  ...['orderBy', 'orderDirection', 'perPage', 'nextPageToken', 'eventCountLimit', 'maxEventCount'],
]);
const DEFAULT_PAGE = 30;
const MOST = 1_000;
/** Of events on one page, JSON: as much as one document may be that is captured. */
const MOST_PAGE_BYTES = 16 * 1024 * 1024;

function oneOf<T extends string>(name: string, parameters: EpcisParameters, allowed: readonly T[]): T | null {
  const values = parameters.get(name);
  if (values === undefined) return null;
  const found = allowed.find((one) => one === values[0]);
  if (values.length !== 1 || found === undefined) throw badParameter(name, values.join('|'), allowed.join(' or '));
  return found;
}

/** A whole number from 1 to `most`; null where it is not given. */
function countOf(name: string, parameters: EpcisParameters, most: number): number | null {
  const given = parameters.get(name)?.join('|');
  if (given === undefined) return null;
  const value = Number(given);
  if (/^\d{1,9}$/.test(given) && value >= 1 && value <= most) return value;
  throw badParameter(name, given, `1 to ${most}`);
}

/** Where the page before ended: time, position and index of its last event, and how many events were before it. */
function tokenOf(parameters: EpcisParameters): readonly [number, number, number, number] | null {
  const given = parameters.get('nextPageToken')?.join('|');
  if (given === undefined) return null;
  const text = Buffer.from(given, 'base64url').toString('utf8');
  const [, at, position, index, before] = /^(-?\d{1,15}) (\d{1,15}) (\d{1,9}) (\d{1,9})$/.exec(text) ?? [];
  if (at !== undefined) return [Number(at), Number(position), Number(index), Number(before)];
  throw badParameter('nextPageToken', given, 'a token that this query has given');
}
