import type pg from 'pg';
import {
  type AuditTrail,
  ConflictError,
  DefectError,
  InputError,
  type KeyedAct,
  type Origination,
  serverText,
  type TimeSource,
  UNKEYED,
} from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';
import { caseId, caseNumber } from './case.ts';
import { lockCase, touchCase } from './case-store.ts';
import { TRACE_ANSWER_MOST_MS, TRACE_ANSWER_MS, traceClock } from './clocks.ts';

export interface NewTraceRequest {
  /** `in`: somebody asks us; `out`: we ask somebody. */
  readonly direction: 'in' | 'out';
  readonly partner: string;
  /** FDA or another Federal or State official asks. */
  readonly isOfficial: boolean;
  readonly text: string;
  /** When it was received or sent, epoch ms UTC; null = now. */
  readonly at: number | null;
  /** Epoch ms UTC; null = 24 h after that. */
  readonly due: number | null;
}

/** Times epoch ms UTC. */
export interface TraceRequest extends Omit<NewTraceRequest, 'at' | 'due'> {
  readonly number: number;
  readonly at: number;
  readonly due: number;
  readonly madeBy: string;
  readonly answer: string | null;
  readonly answeredAt: number | null;
  readonly answeredBy: string | null;
}

const MOST = 200;
/** More than a case can have: numbers of requests among those of all cases. */
const PLACES = 1_000;
const COLUMNS = `number, direction, partner, is_official AS "isOfficial", text, at, due_at AS due, made_by AS "madeBy", answer,
  answered_at AS "answeredAt", answered_by AS "answeredBy"`;

/** Requests for transaction information of the product of a case, in and out, each with a clock until it is answered. */
export class TraceRequests {
  readonly #audit: AuditTrail;
  readonly #database: Database;
  readonly #time: TimeSource;

  constructor(options: { readonly audit: AuditTrail; readonly database: Database; readonly time: TimeSource }) {
    this.#audit = options.audit;
    this.#database = options.database;
    this.#time = options.time;
  }

  /** Those of a case, the first one first. @throws {InputError} CASE_UNKNOWN */
  async of(id: string): Promise<readonly TraceRequest[]> {
    const { rows } = await this.#database.query<TraceRequest>(
      `SELECT ${COLUMNS} FROM trace_requests WHERE case_number = $1 ORDER BY number`,
      [caseNumber(id)],
    );
    return rows;
  }

  /**
   * Those of all cases, the latest first.
   * @param query.before `id` of the last one that was given
   */
  async list(query: {
    readonly isOpen: boolean;
    readonly limit: number;
    readonly before?: number;
  }): Promise<readonly (TraceRequest & { readonly case: string; readonly title: string; readonly id: number })[]> {
    const { isOpen, limit, before = Number.MAX_SAFE_INTEGER } = query;
    const { rows } = await this.#database.query<TraceRequest & { caseNo: number; title: string }>(
      `SELECT r.*, c.title FROM (
         SELECT case_number AS "caseNo", ${COLUMNS} FROM trace_requests
         WHERE (case_number, number) < ($1::bigint, $2::int) ${isOpen ? 'AND answer IS NULL' : ''}
         ORDER BY case_number DESC, number DESC LIMIT $3) r
       JOIN cases c ON c.number = r."caseNo" ORDER BY r."caseNo" DESC, r.number DESC`,
      [Math.floor(before / PLACES), before % PLACES, limit],
    );
    return rows.map(({ caseNo, ...request }) => ({
      ...{ ...request, case: caseId(caseNo) },
      id: caseNo * PLACES + request.number,
    }));
  }

  /** @throws {InputError} TRACE_REQUEST_UNKNOWN */
  async get(id: string, number: number): Promise<TraceRequest> {
    const found = (await this.of(id)).find((one) => one.number === number);
    if (found === undefined) throw unknown(id, number);
    return found;
  }

  /**
   * @throws {InputError} CASE_UNKNOWN, TRACE_REQUEST_TIME_BAD, TRACE_REQUESTS_MANY
   * @throws {ConflictError} CASE_CLOSED
   */
  open(id: string, wish: NewTraceRequest, by: Origination, act: KeyedAct = UNKEYED): Promise<TraceRequest> {
    const { direction, partner, isOfficial, text } = wish;
    return this.#database.transaction(async (client) => {
      const { number: caseNo } = await lockOpen(client, id);
      const now = this.#time.now();
      const at = wish.at ?? now;
      const due = wish.due ?? at + TRACE_ANSWER_MS;
      requireTimes({ at, due, now, isOfficial: isOfficial && direction === 'in' });
      const { rows } = await client.query<TraceRequest>(
        `INSERT INTO trace_requests (case_number, number, direction, partner, is_official, text, at, due_at, made_by)
         SELECT $1, coalesce(max(number), 0) + 1, $2, $3, $4, $5, $6, $7, $8 FROM trace_requests WHERE case_number = $1
         RETURNING ${COLUMNS}`,
        [caseNo, direction, partner, isOfficial, text, timestamp(at), timestamp(due), by.actor.name],
      );
      const made = only(rows);
      if (made.number > MOST)
        throw new InputError('TRACE_REQUESTS_MANY', `${id} has ${MOST} requests, the most it can have`);
      await client.query('INSERT INTO case_clocks (case_number, clock, due_at) VALUES ($1, $2, $3)', [
        ...[caseNo, traceClock(made.number), timestamp(due)],
      ]);
      const what = serverText(direction === 'in' ? 'case.trace.in' : 'case.trace.out', {
        partner,
        number: made.number,
      });
      await touchCase(effectsOf(client), caseNo, { what, at: now });
      const told = { number: made.number, direction, partner, isOfficial, text, at, due };
      const entry = { action: 'case.trace-request', subject: `case:${id}`, at: now, new: told } as const;
      await this.#audit.add(effectsOf(client), { ...by, ...entry });
      await act.mark(effectsOf(client), String(made.number));
      return made;
    });
  }

  /**
   * What was answered, by us or to us; its clock stops.
   * @throws {InputError} CASE_UNKNOWN, TRACE_REQUEST_UNKNOWN
   * @throws {ConflictError} CASE_CLOSED, TRACE_REQUEST_ANSWERED
   */
  answer(id: string, number: number, answer: string, by: Origination, act: KeyedAct = UNKEYED): Promise<TraceRequest> {
    return this.#database.transaction(async (client) => {
      const { number: caseNo } = await lockOpen(client, id);
      const { rows: found } = await client.query<TraceRequest>(
        `SELECT ${COLUMNS} FROM trace_requests WHERE case_number = $1 AND number = $2`,
        [caseNo, number],
      );
      const [asked] = found;
      if (asked === undefined) throw unknown(id, number);
      if (asked.answer !== null) {
        throw new ConflictError('TRACE_REQUEST_ANSWERED', `trace request ${number} of ${id} was answered already`, {
          number,
        });
      }
      const now = this.#time.now();
      const { rows } = await client.query<TraceRequest>(
        `UPDATE trace_requests SET answer = $3, answered_at = $4, answered_by = $5 WHERE case_number = $1 AND number = $2
         RETURNING ${COLUMNS}`,
        [caseNo, number, answer, timestamp(now), by.actor.name],
      );
      await client.query('UPDATE case_clocks SET done_at = $3, done_by = $4 WHERE case_number = $1 AND clock = $2', [
        ...[caseNo, traceClock(number), timestamp(now), by.actor.name],
      ]);
      const what = serverText('case.trace.answered', { partner: asked.partner, number });
      await touchCase(effectsOf(client), caseNo, { what, at: now });
      const entry = { action: 'case.trace-answer', subject: `case:${id}`, at: now, new: { number, answer } } as const;
      await this.#audit.add(effectsOf(client), { ...by, ...entry });
      await act.mark(effectsOf(client), String(number));
      return only(rows);
    });
  }
}

function unknown(id: string, number: number): InputError {
  return new InputError('TRACE_REQUEST_UNKNOWN', `${id} has no trace request ${number}`);
}

async function lockOpen(client: pg.ClientBase, id: string) {
  const one = await lockCase(effectsOf(client), id);
  if (one.state !== 'closed') return one;
  throw new ConflictError('CASE_CLOSED', `${id} is closed; what comes after it belongs into a case that follows it up`);
}

/** @throws {InputError} TRACE_REQUEST_TIME_BAD */
function requireTimes(given: { at: number; due: number; now: number; isOfficial: boolean }): void {
  const { at, due, now, isOfficial } = given;
  const bad = (path: string, message: string) => {
    throw new InputError('TRACE_REQUEST_TIME_BAD', `${path}: ${message}`, { errors: [{ path, message }] });
  };
  if (at > now) bad('at', 'a request that was received or sent is not of the future');
  if (due <= at) bad('due', 'has to be after the request');
  if (isOfficial && due > at + TRACE_ANSWER_MOST_MS) {
    bad('due', 'an official is answered within 48 hours of the request (FD&C Act 582(c)(1)(C))');
  }
}

function only<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new DefectError('ROW_MISSING', 'what was written gave no row back');
  return row;
}
