import { documentFault } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { bareWord, type EpcisWordKind } from '../epcis-in/index.ts';
import { badParameter } from './bad-parameter.ts';
import { identifierForms } from './conditions.ts';
import type { EpcisCaptureRecord } from './queries.ts';

/** A page of what there is. */
export interface EpcisPage<Item> {
  readonly items: readonly Item[];
  readonly nextPageToken: string | null;
}

export interface EpcisPaging {
  /** At most so many. */
  readonly perPage: number;
  /** Of the page before; null = the first page. */
  readonly token: string | null;
}

/** What events name, and captures: the lists behind the top-level resources of EPCIS 2.0 (section 12). */
export class EpcisCatalogue {
  readonly #database: Database;

  constructor({ database }: { readonly database: Database }) {
    this.#database = database;
  }

  /** Words or places that events name, in the order of their letters. @throws {InputError} EPCIS_PARAMETER */
  async words(kind: EpcisWordKind, { perPage, token }: EpcisPaging): Promise<EpcisPage<string>> {
    const { rows } = await this.#database.query<{ word: string }>(
      'SELECT word FROM epcis_words WHERE kind = $1 AND word > $2 ORDER BY word LIMIT $3',
      [kind, token === null ? '' : textOf(token), perPage + 1],
    );
    const items = rows.slice(0, perPage).map(({ word }) => word);
    return { items, nextPageToken: rows.length > perPage ? tokenOf(items.at(-1) ?? '') : null };
  }

  /** Whether an event names it. */
  async knowsWord(kind: EpcisWordKind, given: string): Promise<boolean> {
    const { rows } = await this.#database.query('SELECT FROM epcis_words WHERE kind = $1 AND word = ANY($2::text[])', [
      kind,
      [bareWord(given) ?? given, ...identifierForms(given)],
    ]);
    return rows.length > 0;
  }

  /**
   * EPCs in the order in which events named them. One that several events name may stand on several pages, once on each.
   * @throws {InputError} EPCIS_PARAMETER
   */
  async epcs({ perPage, token }: EpcisPaging): Promise<EpcisPage<string>> {
    const after = token === null ? [FIRST, 0, 0, 0] : numbersOf(token, 4);
    const { rows } = await this.#database.query<Named>(
      `SELECT e.record_time AS at, e.position, e.index, u.place::integer AS place, u.epc
       FROM epcis_events e, LATERAL unnest(e.any_epcs) WITH ORDINALITY AS u (epc, place)
       WHERE (e.record_time, e.position, e.index) >= ($1::bigint, $2::bigint, $3::bigint)
         AND (e.record_time, e.position, e.index, u.place) > ($1::bigint, $2::bigint, $3::bigint, $4::bigint)
       ORDER BY e.record_time, e.position, e.index, u.place LIMIT $5`,
      [...after, MOST_LOOKED_AT],
    );
    const found = new Set<string>();
    let last: Named | null = null;
    for (const row of rows) {
      if (found.size === perPage && !found.has(row.epc)) break;
      found.add(row.epc);
      last = row;
    }
    const isMore = last !== null && (last !== rows.at(-1) || rows.length === MOST_LOOKED_AT);
    const place = last === null ? '' : `${last.at} ${last.position} ${last.index} ${last.place}`;
    return { items: [...found], nextPageToken: isMore ? tokenOf(place) : null };
  }

  /** Whether an event names it, in whatever form. */
  async knowsEpc(given: string): Promise<boolean> {
    const { rows } = await this.#database.query('SELECT FROM epcis_events WHERE any_epcs && $1::text[] LIMIT 1', [
      identifierForms(given),
    ]);
    return rows.length > 0;
  }

  /** Capture jobs, newest first. @throws {InputError} EPCIS_PARAMETER */
  async captures({ perPage, token }: EpcisPaging): Promise<EpcisPage<EpcisCaptureRecord>> {
    const [at = '', ...id] = token === null ? [] : textOf(token).split(' ');
    if (token !== null && !/^\d{1,15}$/.test(at)) throw badToken(token);
    const { rows } = await this.#database.query<EpcisCaptureRecord>(
      `SELECT id, created_at AS "createdAt", finished_at AS "finishedAt", error_behaviour AS "errorBehaviour", refused
       FROM epcis_captures WHERE (created_at, id) < ($1::bigint, $2::text) ORDER BY created_at DESC, id DESC LIMIT $3`,
      [token === null ? LAST : Number(at), id.join(' '), perPage + 1],
    );
    const items = rows.slice(0, perPage);
    const last = items.at(-1);
    const isMore = rows.length > perPage && last !== undefined;
    return { items, nextPageToken: isMore ? tokenOf(`${last.createdAt} ${last.id}`) : null };
  }
}

interface Named {
  readonly at: number;
  readonly position: number;
  readonly index: number;
  readonly place: number;
  readonly epc: string;
}

/** EPCs of one page, with those that stand in it again. */
const MOST_LOOKED_AT = 5_000;
const MOST_TOKEN = 5_000;
/** Before and after every time that there is, epoch ms UTC. */
const FIRST = -8_640_000_000_000_000;
const LAST = 8_640_000_000_000_000;

function tokenOf(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function textOf(token: string): string {
  const text = Buffer.from(token, 'base64url').toString('utf8');
  if (text === '' || documentFault(text, { form: 'prose', max: MOST_TOKEN }) !== null) throw badToken(token);
  return text;
}

function numbersOf(token: string, count: number): number[] {
  const parts = textOf(token).split(' ');
  if (parts.length !== count || !parts.every((part) => /^-?\d{1,15}$/.test(part))) throw badToken(token);
  return parts.map(Number);
}

function badToken(token: string) {
  return badParameter('nextPageToken', token, 'a token that this list has given');
}
