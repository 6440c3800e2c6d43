import { type AuditTrail, InputError, type Origination, type TimeSource } from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';
import type { Markets } from './markets.ts';
import { isInForce, periodOf } from './periods.ts';

/** That a site, product or shipment belongs to a market, by days. */
export interface MarketAssignment {
  /** `site:…`, `product:GTIN-14` or `shipment:…` */
  readonly subject: string;
  readonly market: string;
  /** First day, YYYY-MM-DD. */
  readonly from: string;
  /** From then on it does not any more; null = none is set. */
  readonly to: string | null;
}

export interface MarketAssignmentsOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly markets: Markets;
  readonly time: TimeSource;
}

const COLUMNS = 'subject, market, from_day AS "from", to_day AS "to"';

/** Which market's law holds where, as people set it. */
export class MarketAssignments {
  readonly #options: MarketAssignmentsOptions;

  constructor(options: MarketAssignmentsOptions) {
    this.#options = options;
  }

  /** All, by subject, market and day. */
  async all(): Promise<readonly MarketAssignment[]> {
    const { rows } = await this.#options.database.query<MarketAssignment>(
      `SELECT ${COLUMNS} FROM market_assignments ORDER BY subject, market, from_day`,
    );
    return rows;
  }

  async of(subjects: readonly string[]): Promise<readonly MarketAssignment[]> {
    const { rows } = await this.#options.database.query<MarketAssignment>(
      `SELECT ${COLUMNS} FROM market_assignments WHERE subject = ANY ($1) ORDER BY subject, market, from_day`,
      [subjects],
    );
    return rows;
  }

  /**
   * Says to which markets something belongs; what was said before of it goes.
   * @throws {InputError} MARKET_UNKNOWN, MARKET_DAYS_BAD
   */
  async put(
    subject: `${string}:${string}`,
    wanted: readonly Omit<MarketAssignment, 'subject'>[],
    by: Origination,
  ): Promise<void> {
    const { audit, database, markets, time } = this.#options;
    for (const { market } of wanted) markets.get(market);
    requireApart(wanted);
    await database.transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`isotherm markets of ${subject}`]);
      const { rows: old } = await client.query<MarketAssignment>(
        `DELETE FROM market_assignments WHERE subject = $1 RETURNING market, from_day AS "from", to_day AS "to"`,
        [subject],
      );
      for (const { market, from, to } of wanted) {
        await client.query(
          `INSERT INTO market_assignments (subject, market, from_day, to_day, set_at, set_by) VALUES ($1, $2, $3, $4, $5, $6)`,
          [subject, market, from, to, timestamp(time.now()), by.actor.name],
        );
      }
      const said = { old: { markets: old }, new: { markets: wanted } };
      await audit.add(effectsOf(client), { ...by, at: time.now(), action: 'market.set', subject, ...said });
    });
  }
}

/** Ids of the markets that one subject belongs to on a day. */
export function marketsOn(assignments: readonly MarketAssignment[], subject: string, day: string): string[] {
  const held = assignments.filter((one) => one.subject === subject && isInForce(one, day));
  return [...new Set(held.map(({ market }) => market))].toSorted();
}

/**
 * For how long records are to be kept at least: the longest that a market asks which is or was set anywhere, whatever day it ended.
 * @returns ms, and whose period it is; null where none asks
 */
export function longestRecords(assignments: readonly MarketAssignment[], markets: Markets) {
  let longest: { readonly ms: number; readonly market: string } | null = null;
  for (const id of new Set(assignments.map(({ market }) => market))) {
    const market = markets.find(id);
    const ms = market === null ? null : periodOf(market, 'records kept');
    if (market !== null && ms !== null && ms > (longest?.ms ?? 0)) longest = { ms, market: market.name };
  }
  return longest;
}

/** @throws {InputError} MARKET_DAYS_BAD */
function requireApart(wanted: readonly Omit<MarketAssignment, 'subject'>[]): void {
  for (const [index, one] of wanted.entries()) {
    if (one.to !== null && one.to <= one.from) throw bad(index, `to: expected a day after ${one.from}`);
    const twice = wanted
      .slice(0, index)
      .some((other) => other.market === one.market && isBefore(one.from, other.to) && isBefore(other.from, one.to));
    if (twice) throw bad(index, `${one.market} is named twice for the same days; end one before the other begins`);
  }
}

function isBefore(day: string, end: string | null): boolean {
  return end === null || day < end;
}

function bad(index: number, message: string): InputError {
  return new InputError('MARKET_DAYS_BAD', `markets.${index}.${message}`, {
    errors: [{ path: `markets.${index}`, message }],
  });
}
