import {
  type AuditTrail,
  ConflictError,
  InputError,
  type Origination,
  type TimeSource,
  textFault,
} from '../../domain/index.ts';
import { type Database, effectsOf } from '../../storage/index.ts';
import { badParameter } from './bad-parameter.ts';
import type { EpcisPage, EpcisPaging } from './catalogue.ts';
import { checkParameters, type EpcisParameters } from './queries.ts';

/** A query that somebody has given a name (EPCIS 2.0, section 8.2.5). */
export interface EpcisNamedQuery {
  readonly name: string;
  /** Parameters of the SimpleEventQuery, as they came. */
  readonly query: Readonly<Record<string, unknown>>;
  readonly createdAt: number;
  readonly createdBy: string;
}

const MOST_QUERIES = 1_000;
const NAME_MOST = 200;
const MOST_BYTES = 64 * 1024;
/** What the standard has under these names, whether it is here or not. */
const RESERVED = new Set(['SimpleEventQuery', 'SimpleMasterDataQuery']);
const COLUMNS = 'name, query, created_at AS "createdAt", created_by AS "createdBy"';

export interface EpcisNamedQueriesOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly time: TimeSource;
}

/** Named queries. One never changes: whoever has subscribed to it knows what they are told. */
export class EpcisNamedQueries {
  readonly #options: EpcisNamedQueriesOptions;

  constructor(options: EpcisNamedQueriesOptions) {
    this.#options = options;
  }

  /**
   * @throws {InputError} EPCIS_QUERY_NAME, EPCIS_PARAMETER
   * @throws {ConflictError} EPCIS_QUERY_EXISTS, EPCIS_QUERIES_TOO_MANY
   */
  async create({ name, query }: Pick<EpcisNamedQuery, 'name' | 'query'>, who: Origination): Promise<EpcisNamedQuery> {
    const { audit, database, time } = this.#options;
    requireName(name);
    checkParameters(parametersOfQuery(query));
    if (JSON.stringify(query).length > MOST_BYTES)
      throw badParameter('query', 'more', `at most ${MOST_BYTES} characters`);
    if (RESERVED.has(name)) throw exists(name);
    const createdAt = time.now();
    return database.transaction(async (client) => {
      const { rowCount: there } = await client.query('SELECT FROM epcis_queries ORDER BY name LIMIT $1', [
        MOST_QUERIES,
      ]);
      if (there === MOST_QUERIES) {
        throw new ConflictError('EPCIS_QUERIES_TOO_MANY', `there are ${MOST_QUERIES} named queries; remove one first`);
      }
      const { rows } = await client.query<EpcisNamedQuery>(
        `INSERT INTO epcis_queries (name, query, created_at, created_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING RETURNING ${COLUMNS}`,
        [name, JSON.stringify(query), createdAt, who.actor.name],
      );
      const [made] = rows;
      if (made === undefined) throw exists(name);
      await audit.add(effectsOf(client), {
        ...{ ...who, at: createdAt, action: 'epcis-query.create', subject: subjectOf(name) },
        new: { query },
      });
      return made;
    });
  }

  /** @throws {InputError} EPCIS_QUERY_UNKNOWN */
  async get(name: string): Promise<EpcisNamedQuery> {
    const { rows } = await this.#options.database.query<EpcisNamedQuery>(
      `SELECT ${COLUMNS} FROM epcis_queries WHERE name = $1`,
      [name],
    );
    if (rows[0] === undefined) throw unknownQuery(name);
    return rows[0];
  }

  /** What it asks. @throws {InputError} EPCIS_QUERY_UNKNOWN */
  async parameters(name: string): Promise<EpcisParameters> {
    return parametersOfQuery((await this.get(name)).query);
  }

  /** In the order of their names. */
  async list({ perPage, token }: EpcisPaging): Promise<EpcisPage<EpcisNamedQuery>> {
    const { rows } = await this.#options.database.query<EpcisNamedQuery>(
      `SELECT ${COLUMNS} FROM epcis_queries WHERE name > $1 ORDER BY name LIMIT $2`,
      [token === null ? '' : Buffer.from(token, 'base64url').toString('utf8').replaceAll('\0', ''), perPage + 1],
    );
    const items = rows.slice(0, perPage);
    const last = items.at(-1);
    const isMore = rows.length > perPage && last !== undefined;
    return { items, nextPageToken: isMore ? Buffer.from(last.name).toString('base64url') : null };
  }

  /** With its subscriptions. @throws {InputError} EPCIS_QUERY_UNKNOWN */
  async remove(name: string, who: Origination): Promise<void> {
    const { audit, database, time } = this.#options;
    await database.transaction(async (client) => {
      const { rows: ended } = await client.query<{ id: string }>(
        'SELECT id FROM epcis_subscriptions WHERE query = $1 ORDER BY created_at, id',
        [name],
      );
      const { rows } = await client.query<Pick<EpcisNamedQuery, 'query'>>(
        'DELETE FROM epcis_queries WHERE name = $1 RETURNING query',
        [name],
      );
      const [before] = rows;
      if (before === undefined) throw unknownQuery(name);
      await audit.add(effectsOf(client), {
        ...{ ...who, at: time.now(), action: 'epcis-query.remove', subject: subjectOf(name) },
        old: { query: before.query, subscriptions: ended.map(({ id }) => id) },
      });
    });
  }
}

/**
 * The parameters of a query in JSON: lists are alternatives.
 * @throws {InputError} EPCIS_PARAMETER a value that is none of text, number, truth and lists of those
 */
export function parametersOfQuery(query: Readonly<Record<string, unknown>>): EpcisParameters {
  const parameters = new Map<string, readonly string[]>();
  for (const [name, given] of Object.entries(query)) {
    // Prefixes of extensions: parameters name them as the events do.
    if (name === '@context') continue;
    if (name === 'perPage' || name === 'nextPageToken') throw badParameter(name, String(given), 'it in the address');
    const values: readonly unknown[] = Array.isArray(given) ? given : [given];
    if (values.length === 0) throw badParameter(name, '[]', 'at least one value');
    parameters.set(
      name,
      values.map((value) => {
        if (typeof value === 'string' && textFault(value, { form: 'line', max: 4_000 }) === null) return value;
        if ((typeof value === 'number' && Number.isFinite(value)) || typeof value === 'boolean') return String(value);
        throw badParameter(
          name,
          JSON.stringify(value) ?? 'nothing',
          'a text, a number, true or false, or a list of them',
        );
      }),
    );
  }
  return parameters;
}

export function unknownQuery(name: string): InputError {
  return new InputError('EPCIS_QUERY_UNKNOWN', `there is no query ${name}`);
}

function requireName(name: string): void {
  const fault = textFault(name, { form: 'line', max: NAME_MOST });
  if (fault === null && name.trim() === name && name !== '' && name !== '.' && name !== '..') return;
  const allowed = `1 to ${NAME_MOST} characters in one line, no space at either end`;
  throw new InputError('EPCIS_QUERY_NAME', `name: "${name.slice(0, 100)}" given; allowed: ${allowed}`);
}

function exists(name: string): ConflictError {
  return new ConflictError('EPCIS_QUERY_EXISTS', `${name} is there already and never changes; remove it first`, {
    name,
  });
}

function subjectOf(name: string): `${string}:${string}` {
  return `epcis-query:${name}`;
}
