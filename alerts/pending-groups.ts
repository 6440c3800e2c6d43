import type pg from 'pg';
import { type Database, timestamp } from '../storage/index.ts';
import type { Group } from './alert-store.ts';

/** A mark on a finding: it changed, its exposure changed, or its readings are to be looked for again. */
export interface Mark {
  readonly id: number;
  /** The finding's `from`. */
  readonly from: number;
  readonly reason: string | null;
  readonly isExposure: boolean;
  /** How often its readings have been looked for again. */
  readonly attempt: number;
}

/**
 * Groups with marks that are due, longest waiting first.
 * @param now epoch ms UTC
 * @param paused those that failed just now: however many there are, they do not stand in the way of the rest
 */
export async function dueGroups(
  database: Database,
  now: number,
  limit: number,
  paused: readonly Group[],
): Promise<readonly Group[]> {
  const { rows } = await database.query<{ rule: string; key: string }>(
    `SELECT rule, key FROM alert_work WHERE (not_before IS NULL OR not_before <= $1)
       AND (rule, key) NOT IN (SELECT * FROM unnest($3::text[], $4::text[]))
     GROUP BY rule, key ORDER BY min(id) LIMIT $2`,
    [timestamp(now), limit, paused.map(({ rule }) => rule), paused.map(({ key }) => key)],
  );
  return rows;
}

export async function dueMarks(database: Database, { rule, key }: Group, now: number): Promise<readonly Mark[]> {
  const { rows } = await database.query<Mark>(
    `SELECT id, from_at AS "from", reason, is_exposure AS "isExposure", attempt FROM alert_work
     WHERE rule = $1 AND key = $2 AND (not_before IS NULL OR not_before <= $3) ORDER BY id`,
    [rule, key, timestamp(now)],
  );
  return rows;
}

/** Takes marks away in the transaction that did what they asked for; those that came meanwhile stay. */
export async function takeMarks(client: pg.ClientBase, marks: readonly Mark[]): Promise<void> {
  await client.query('DELETE FROM alert_work WHERE id = ANY($1)', [marks.map(({ id }) => id)]);
}

/** The writer of readings may be behind the evaluator by moments, after an outage by minutes. */
const LOOK_AGAIN_MS = [500, 5_000, 60_000, 600_000];

/**
 * Marks findings whose readings are not all stored yet for another look.
 * @returns the earliest moment that is due, epoch ms UTC, or null
 */
export async function lookAgain(
  client: pg.ClientBase,
  { rule, key }: Group,
  findings: readonly { readonly from: number; readonly attempt: number }[],
  now: number,
): Promise<number | null> {
  let earliest: number | null = null;
  for (const { from, attempt } of findings) {
    const wait = LOOK_AGAIN_MS[attempt];
    if (wait === undefined) continue;
    await client.query('INSERT INTO alert_work (rule, key, from_at, not_before, attempt) VALUES ($1, $2, $3, $4, $5)', [
      rule,
      key,
      timestamp(from),
      timestamp(now + wait),
      attempt + 1,
    ]);
    earliest = Math.min(earliest ?? Number.POSITIVE_INFINITY, now + wait);
  }
  return earliest;
}

/** How long a finding that failed by itself waits for the next try, ms. */
const POSTPONED_MS = 60_000;

/** Marks findings that failed anew, for later: the rest of their group goes on without them. */
export async function postpone(
  client: pg.ClientBase,
  { rule, key }: Group,
  findings: readonly { readonly from: number; readonly why: Pick<Mark, 'reason' | 'isExposure'> }[],
  now: number,
): Promise<void> {
  for (const { from, why } of findings) {
    await client.query(
      'INSERT INTO alert_work (rule, key, from_at, reason, is_exposure, not_before) VALUES ($1, $2, $3, $4, $5, $6)',
      [rule, key, timestamp(from), why.reason, why.isExposure, timestamp(now + POSTPONED_MS)],
    );
  }
}

/** The next moment at which a mark falls due, epoch ms UTC; null where none waits. */
export async function nextDue(database: Database): Promise<number | null> {
  const { rows } = await database.query<{ at: number | null }>('SELECT min(not_before) AS at FROM alert_work');
  return rows[0]?.at ?? null;
}

/** Marks that are due by then and not settled yet. */
export async function countMarks(database: Database, dueBy: number): Promise<number> {
  const { rows } = await database.query<{ count: number }>(
    'SELECT count(*) AS count FROM alert_work WHERE not_before IS NULL OR not_before <= $1',
    [timestamp(dueBy)],
  );
  return rows[0]?.count ?? 0;
}

/** More findings than one look takes wait to become alerts: whatever is counted now is not all there is. */
export const BACKLOG = 100;

/** Whether so many wait, by now. */
export async function hasBacklog(client: pg.ClientBase, now: number): Promise<boolean> {
  const { rows } = await client.query<{ waiting: number }>(
    `SELECT count(*)::int AS waiting FROM (SELECT FROM alert_work WHERE not_before IS NULL OR not_before <= $1 LIMIT ${BACKLOG + 1}) AS marks`,
    [timestamp(now)],
  );
  return (rows[0]?.waiting ?? 0) > BACKLOG;
}
