import type { Epc, SeenFrom } from '../../domain/index.ts';
import { afterOf, type Database, type Page, pageOf, timestamp } from '../../storage/index.ts';
import {
  CASE_COLUMNS,
  type Case,
  type CaseRow,
  type CaseState,
  caseId,
  caseNumber,
  caseOf,
  unknownCase,
} from './case.ts';

export interface CaseQuery {
  /** Any of these; absent: all. */
  readonly state?: readonly CaseState[] | undefined;
  readonly shipment?: string | undefined;
  readonly assignee?: string | undefined;
  readonly order: 'opened' | 'due' | 'value';
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A serial of a case, with the latest decision on it. */
export interface CaseSerial {
  readonly epc: Epc;
  readonly gtin: string | null;
  readonly serial: string | null;
  readonly lot: string | null;
  readonly unit: string | null;
  readonly decision: number | null;
  readonly isInForce: boolean;
}

export interface SerialQuery {
  /** Only these; absent: all. */
  readonly epcs?: readonly Epc[] | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A comment on a case that mentions somebody. */
export interface Mention {
  readonly case: string;
  readonly title: string;
  readonly comment: number;
  /** Epoch ms UTC. */
  readonly at: number;
  readonly by: string;
  readonly text: string;
}

/** What made a revision of a case. */
export interface NumberedChange {
  readonly revision: number;
  /** Epoch ms UTC. */
  readonly at: number;
  readonly text: string;
  readonly isEvidence: boolean;
}

const MOST_MENTIONS = 50;

/** Later than any time that a case falls due: of one that never does. */
const NEVER = 253_402_300_799_999;

/** Value class times serials; a class that nobody said counts as the least. */
const WORTH = '(coalesce(value_class::int, 1) * affected)';

/** Cases as people look for them. Who sees the goods of some places alone sees the cases of these. */
export class CaseList {
  readonly #database: Database;

  constructor({ database }: { readonly database: Database }) {
    this.#database = database;
  }

  /** @throws {InputError} CASE_UNKNOWN also where it is not seen from these places */
  async get(id: string, seenFrom: SeenFrom): Promise<Case> {
    const { rows } = await this.#database.query<CaseRow>(
      `SELECT ${CASE_COLUMNS} FROM cases
       WHERE number = $1 AND ($2::text[] IS NULL OR case_seen_from(number, shipment, place, $2))`,
      [caseNumber(id), seenFrom],
    );
    const [row] = rows;
    if (row === undefined) throw unknownCase(id);
    return caseOf(row);
  }

  /** @throws {InputError} CURSOR_INVALID */
  async list(query: CaseQuery, seenFrom: SeenFrom): Promise<Page<Case>> {
    const values: unknown[] = [];
    const given = (value: unknown) => `$${values.push(value)}`;
    const where: string[] = [];
    const { state, shipment, assignee } = query;
    if (state !== undefined) {
      where.push(`state = ANY(${given(state)}::text[])`);
      // Said apart, so that the index of what stands is taken.
      if (!state.includes('closed')) where.push(`state <> 'closed'`);
    }
    if (shipment !== undefined) where.push(`shipment = ${given(shipment)}`);
    if (assignee !== undefined) where.push(`assignee = ${given(assignee)}`);
    if (seenFrom !== null) where.push(seenFromPlaces(given(seenFrom)));
    const { after, order, keyOf } = orderOf(query, given);
    if (after !== null) where.push(after);
    const { rows } = await this.#database.query<CaseRow>(
      `SELECT ${CASE_COLUMNS} FROM cases ${where.length === 0 ? '' : `WHERE ${where.join(' AND ')}`}
       ORDER BY ${order} LIMIT ${given(query.limit + 1)}`,
      values,
    );
    const { items, nextCursor } = pageOf(rows, query.limit, keyOf);
    return { items: items.map(caseOf), nextCursor };
  }

  /** Comments that mention somebody who has not looked at the case since, the latest first. */
  async mentionsOf(name: string, seenFrom: SeenFrom): Promise<readonly Mention[]> {
    const { rows } = await this.#database.query<Omit<Mention, 'case'> & { number: number }>(
      `SELECT m.case_number AS number, c.title, m.comment, m.at, k.by_name AS by, k.text
       FROM case_mentions m JOIN cases c ON c.number = m.case_number
         JOIN case_comments k ON k.case_number = m.case_number AND k.number = m.comment
       WHERE m.user_name = $1 AND m.seen_at IS NULL
         AND ($2::text[] IS NULL OR case_seen_from(c.number, c.shipment, c.place, $2))
       ORDER BY m.at DESC, m.case_number DESC, m.comment DESC LIMIT ${MOST_MENTIONS}`,
      [name, seenFrom],
    );
    return rows.map(({ number, ...mention }) => ({ case: caseId(number), ...mention }));
  }

  /** What made the revisions after one, a hundred of them, the first one first. */
  async changes(number: number, after: number): Promise<readonly NumberedChange[]> {
    const { rows } = await this.#database.query<NumberedChange>(
      `SELECT revision, at, text, is_evidence AS "isEvidence" FROM case_changes
       WHERE case_number = $1 AND revision > $2 ORDER BY id LIMIT 100`,
      [number, after],
    );
    return rows;
  }

  /** Its serials, and the units that they were in. */
  async goods(number: number): Promise<readonly Epc[]> {
    const { rows } = await this.#database.query<{ epc: Epc }>(
      `SELECT epc FROM case_serials WHERE case_number = $1
       UNION SELECT unit FROM case_serials WHERE case_number = $1 AND unit IS NOT NULL`,
      [number],
    );
    return rows.map(({ epc }) => epc);
  }

  /** By EPC: what is affected, and what was decided on. @throws {InputError} CURSOR_INVALID */
  async serials(number: number, { epcs, limit, cursor }: SerialQuery): Promise<Page<CaseSerial>> {
    const [after = ''] = afterOf({ cursor }, ['text']) ?? [];
    const { rows } = await this.#database.query<CaseSerial>(
      `SELECT epc, gtin, serial, lot, unit, decision, is_in_force AS "isInForce" FROM case_serials
       WHERE case_number = $1 AND epc > $2 AND (is_affected OR decision IS NOT NULL)
         AND ($3::text[] IS NULL OR epc = ANY($3)) ORDER BY epc LIMIT $4`,
      [number, after, epcs ?? null, limit + 1],
    );
    return pageOf(rows, limit, ({ epc }) => [epc]);
  }
}

/** As `case_seen_from` has it, which is asked only of the few that have neither shipment nor place: a call for each case is slow. */
function seenFromPlaces(places: string): string {
  return `CASE WHEN shipment IS NOT NULL THEN
      EXISTS (SELECT FROM shipment_places s WHERE s.shipment = cases.shipment AND s.place = ANY (${places}::text[]))
    WHEN place IS NOT NULL THEN place = ANY (${places}::text[])
    ELSE case_seen_from(number, shipment, place, ${places}::text[]) END`;
}

function orderOf(query: CaseQuery, given: (value: unknown) => string) {
  if (query.order === 'opened') {
    const key = afterOf(query, ['time', 'bigint']);
    return {
      order: 'opened_at DESC, number DESC',
      after: key && `(opened_at, number) < (${given(timestamp(key[0]))}, ${given(key[1])})`,
      keyOf: (row: CaseRow) => [row.opened_at, row.number],
    };
  }
  if (query.order === 'value') {
    const key = afterOf(query, ['int', 'bigint']);
    return {
      order: `${WORTH} DESC, number DESC`,
      after: key && `(${WORTH}, number) < (${given(key[0])}, ${given(key[1])})`,
      keyOf: (row: CaseRow) => [(row.value_class ?? 1) * row.affected, row.number],
    };
  }
  const key = afterOf(query, ['time', 'bigint']);
  const due = key === null || key[0] === NEVER ? 'infinity' : timestamp(key[0]);
  return {
    order: `coalesce(due_at, 'infinity'::timestamptz), number`,
    after:
      key && `(coalesce(due_at, 'infinity'::timestamptz), number) > (${given(due)}::timestamptz, ${given(key[1])})`,
    keyOf: (row: CaseRow) => [row.due_at ?? NEVER, row.number],
  };
}
