import { InputError } from '../domain/index.ts';
import type { Database } from '../storage/index.ts';
import { bareWord, type EpcisJson, spellings } from './epcis-event.ts';

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

/** Captures of EPCIS events and the events themselves. */
export class EpcisQueries {
  readonly #database: Database;

  constructor({ database }: { readonly database: Database }) {
    this.#database = database;
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
   * @throws {InputError} EPCIS_PARAMETER a parameter that is not known, or a value that makes no sense
   */
  async events(
    parameters: EpcisParameters,
  ): Promise<{ readonly events: readonly EpcisEventRecord[]; readonly nextPageToken: string | null }> {
    const given: unknown[] = [];
    const bind = (value: unknown) => `$${given.push(value)}`;
    const conditions: string[] = [];
    for (const [name, values] of parameters) {
      if (PAGING.has(name)) continue;
      conditions.push(conditionOf(name, values, bind));
    }
    const order = oneOf('orderBy', parameters, ['eventTime', 'recordTime']) ?? 'eventTime';
    const direction = oneOf('orderDirection', parameters, ['ASC', 'DESC']) ?? 'DESC';
    const column = order === 'eventTime' ? 'event_time' : 'record_time';
    const perPage = perPageOf(parameters);
    const after = tokenOf(parameters);
    if (after !== null) {
      const [at, position, index] = after.map(bind);
      const sign = direction === 'ASC' ? '>' : '<';
      conditions.push(`(${column}, position, index) ${sign} (${at}::bigint, ${position}::bigint, ${index}::integer)`);
    }
    const where = conditions.length === 0 ? 'true' : conditions.join(' AND ');
    const { rows } = await this.#database.query<
      EpcisEventRecord & { readonly at: number; readonly position: number; readonly index: number }
    >(
      `SELECT event, context, record_time AS "recordTime", ${column} AS at, position, index FROM epcis_events
       WHERE ${where} ORDER BY ${column} ${direction}, position ${direction}, index ${direction}
       LIMIT ${bind(perPage + 1)}`,
      given,
    );
    const events = rows.slice(0, perPage);
    const last = events.at(-1);
    const isMore = rows.length > perPage && last !== undefined;
    const token = isMore ? Buffer.from(`${last.at} ${last.position} ${last.index}`).toString('base64url') : null;
    return { events, nextPageToken: token };
  }
}

const PAGING = new Set(['orderBy', 'orderDirection', 'perPage', 'nextPageToken']);
const DEFAULT_PAGE = 30;
const MOST = 1_000;

type Bind = (value: unknown) => string;

/** Columns that a parameter compares with one of its values. */
const EQUALS: Readonly<Record<string, string>> = {
  eventType: 'type',
  EQ_action: 'action',
  EQ_bizStep: 'biz_step',
  EQ_disposition: 'disposition',
  EQ_readPoint: 'read_point',
  EQ_bizLocation: 'biz_location',
  EQ_eventID: 'event_id',
};

const MATCHES: Readonly<Record<string, string>> = {
  MATCH_epc: 'epcs',
  MATCH_parentID: 'parents',
  MATCH_inputEPC: 'inputs',
  MATCH_outputEPC: 'outputs',
  MATCH_anyEPC: 'any_epcs',
};

const TIMES: Readonly<Record<string, string>> = {
  GE_eventTime: 'event_time >=',
  LT_eventTime: 'event_time <',
  GE_recordTime: 'record_time >=',
  LT_recordTime: 'record_time <',
};

const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  eventType: ['ObjectEvent', 'AggregationEvent', 'AssociationEvent', 'TransactionEvent', 'TransformationEvent'],
  EQ_action: ['ADD', 'OBSERVE', 'DELETE'],
};

function conditionOf(name: string, values: readonly string[], bind: Bind): string {
  const equals = EQUALS[name];
  if (equals !== undefined) {
    for (const value of values) {
      const allowed = ALLOWED[name];
      if (allowed !== undefined && !allowed.includes(value)) throw bad(name, value, allowed.join(', '));
    }
    return `${equals} = ANY(${bind(values.map((value) => (/Step|disp/.test(name) ? bareWord(value) : value)))}::text[])`;
  }
  const matches = MATCHES[name];
  if (matches !== undefined) return matchOf(matches, values, bind);
  const time = TIMES[name];
  if (time !== undefined) {
    const value = values[0] ?? '';
    const at = Date.parse(value);
    if (values.length !== 1 || !RFC_3339.test(value) || Number.isNaN(at)) {
      throw bad(name, values.join('|'), 'one time, RFC 3339 with zone');
    }
    return `${time} ${bind(at)}::bigint`;
  }
  const known = [...Object.keys(EQUALS), ...Object.keys(MATCHES), ...Object.keys(TIMES), ...PAGING];
  throw bad(name, values.join('|'), `the parameters ${known.join(', ')}`);
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Identifiers themselves, and pure identity patterns: `urn:epc:idpat:sgtin:0614141.812345.*`. */
function matchOf(column: string, values: readonly string[], bind: Bind): string {
  const patterns = values.filter((value) => value.startsWith('urn:epc:idpat:'));
  const exact = values.filter((value) => !patterns.includes(value));
  const alternatives: string[] = [];
  if (exact.length > 0) alternatives.push(`${column} && ${bind(spellings(exact))}::text[]`);
  if (patterns.length > 0) {
    const like = patterns.map((pattern) =>
      pattern
        .replace('urn:epc:idpat:', 'urn:epc:id:')
        .replaceAll(/[\\%_]/g, '\\$&')
        .replaceAll('*', '%'),
    );
    alternatives.push(`EXISTS (SELECT FROM unnest(${column}) AS epc WHERE epc LIKE ANY(${bind(like)}::text[]))`);
  }
  return `(${alternatives.join(' OR ')})`;
}

function oneOf<T extends string>(name: string, parameters: EpcisParameters, allowed: readonly T[]): T | null {
  const values = parameters.get(name);
  if (values === undefined) return null;
  const found = allowed.find((one) => one === values[0]);
  if (values.length !== 1 || found === undefined) throw bad(name, values.join('|'), allowed.join(' or '));
  return found;
}

function perPageOf(parameters: EpcisParameters): number {
  const given = parameters.get('perPage')?.join('|');
  if (given === undefined) return DEFAULT_PAGE;
  const value = Number(given);
  if (/^\d+$/.test(given) && value >= 1 && value <= MOST) return value;
  throw bad('perPage', given, `1 to ${MOST}`);
}

function tokenOf(parameters: EpcisParameters): readonly number[] | null {
  const given = parameters.get('nextPageToken')?.join('|');
  if (given === undefined) return null;
  const text = Buffer.from(given, 'base64url').toString('utf8');
  if (/^-?\d{1,15} \d{1,15} \d{1,9}$/.test(text)) return text.split(' ').map(Number);
  throw bad('nextPageToken', given, 'a token that this query has given');
}

function bad(name: string, given: string, allowed: string): InputError {
  return new InputError('EPCIS_PARAMETER', `${name}: "${given.slice(0, 100)}" given; allowed: ${allowed}`);
}
