import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import {
  type AuditTrail,
  ConflictError,
  type DecommissionReason,
  InputError,
  type KeyedAct,
  type LedgerAct,
  type Origination,
  type PackCapacity,
  type TimeSource,
  UNKEYED,
} from '../../domain/index.ts';
import { afterOf, type Database, effectsOf, type Page, pageOf, timestamp } from '../../storage/index.ts';
import type { Market, Markets } from '../markets/index.ts';
import { whyNotDecommissioned, whyNotReverted } from './act-rules.ts';
import type { DecommissionWish, LedgerEntry, LedgerPack, PackStops, RevertWish, Told } from './entry.ts';

export interface DecommissioningLedgerOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly markets: Markets;
  /** What else is known of the pack here. */
  readonly stops: PackStops;
  readonly time: TimeSource;
}

export interface LedgerQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly place?: string | undefined;
  readonly gtin?: string | undefined;
  readonly serial?: string | undefined;
  /** Only what the national system has not answered, oldest first. */
  readonly isWaiting?: boolean;
}

interface Row extends LedgerPack {
  readonly number: number;
  readonly id: string;
  readonly act: LedgerAct;
  readonly reverts: string | null;
  readonly revertedBy: string | null;
  readonly market: string;
  readonly reason: DecommissionReason;
  readonly capacity: PackCapacity;
  readonly place: string;
  readonly at: number;
  readonly entered_at: number;
  readonly entered_by: string;
  readonly entered_by_id: string;
  readonly note: string | null;
}

const COLUMNS = `number, id, act, reverts, market, gtin, serial, lot, expiry, expiry_coded AS "expiryCoded", reason, capacity, place, at,
  entered_at, entered_by, entered_by_id, note,
  (SELECT r.id FROM decommissioning_entries r WHERE r.reverts = decommissioning_entries.id) AS "revertedBy"`;

/** Told to the log at once, at most. */
const TELL_MOST = 500;

/** Every decommissioning of a pack and every revert of one, in the order in which they were entered; of a pack one at a time. */
export class DecommissioningLedger {
  readonly #options: DecommissioningLedgerOptions;

  constructor(options: DecommissioningLedgerOptions) {
    this.#options = options;
  }

  /**
   * Enters that a pack is decommissioned.
   * @throws {InputError} MARKET_UNKNOWN, DECOMMISSION_REASON_BAD, DECOMMISSION_TIME_BAD
   * @throws {ConflictError} DECOMMISSION_REPEATED, DECOMMISSION_STOPPED
   */
  async decommission(marketId: string, wish: DecommissionWish, by: Origination, keyed = UNKEYED): Promise<LedgerEntry> {
    if (keyed.made !== null) return this.get(keyed.made);
    const { markets, stops, time } = this.#options;
    const market = markets.get(marketId);
    // Before the turn of the pack: within it, a second connection for each would run out.
    const [stop] = await stops(wish.pack, { reason: wish.reason, revertOf: null }, time.now());
    return this.#onPack(wish.pack, async (client, last) => {
      const now = time.now();
      const refusal = whyNotDecommissioned(market, wish, last, now);
      if (refusal !== null) throw refusal;
      if (stop !== undefined) {
        const message = `not ${wish.reason}: ${stop}; set the pack aside until that is settled`;
        throw new ConflictError('DECOMMISSION_STOPPED', message, { serial: wish.pack.serial });
      }
      return this.#enter(client, { ...wish, act: 'decommission', reverts: null, market }, by, { now, keyed });
    });
  }

  /**
   * Enters that a decommissioning is reverted.
   * @throws {InputError} DECOMMISSIONING_UNKNOWN, REVERT_OF_REVERT, REVERT_UNDECLARED, DECOMMISSION_TIME_BAD
   * @throws {ConflictError} REVERT_REPEATED, REVERT_FORBIDDEN, REVERT_ELSEWHERE, REVERT_TOO_LATE, REVERT_EXPIRED, REVERT_STOPPED
   */
  async revert(wish: RevertWish, by: Origination, keyed = UNKEYED): Promise<LedgerEntry> {
    if (keyed.made !== null) return this.get(keyed.made);
    const { markets, stops, time } = this.#options;
    const entry = await this.get(wish.entry);
    const market = markets.get(entry.market);
    const [stop] = await stops(entry.pack, { reason: entry.reason, revertOf: entry }, time.now());
    return this.#onPack(entry.pack, async (client, last) => {
      const now = time.now();
      const refusal = whyNotReverted(market, wish, { entry, last: last ?? entry }, now);
      if (refusal !== null) throw refusal;
      if (stop !== undefined) {
        const message = `not reverted: ${stop}; the pack does not go back to saleable stock (Art. 13)`;
        throw new ConflictError('REVERT_STOPPED', message, { entry: entry.id });
      }
      const { reason } = entry;
      return this.#enter(client, { ...wish, pack: entry.pack, reason, act: 'revert', reverts: entry.id, market }, by, {
        now,
        keyed,
      });
    });
  }

  /** @throws {InputError} DECOMMISSIONING_UNKNOWN */
  async get(id: string): Promise<LedgerEntry> {
    const isId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id);
    const { rows } = isId
      ? await this.#options.database.query<Row>(`SELECT ${COLUMNS} FROM decommissioning_entries WHERE id = $1`, [
          id.toLowerCase(),
        ])
      : { rows: [] };
    const [row] = rows;
    if (row !== undefined) return entryOf(row);
    throw new InputError(
      'DECOMMISSIONING_UNKNOWN',
      `there is no entry ${id.slice(0, 60)} in the ledger of decommissioning`,
    );
  }

  /** Latest first; what waits for an answer oldest first. @throws {InputError} CURSOR_INVALID */
  async list(query: LedgerQuery): Promise<Page<LedgerEntry>> {
    const { limit, place = null, gtin = null, serial = null, isWaiting = false } = query;
    const after = afterOf(query, ['bigint'])?.[0] ?? null;
    const [beyond, order] = isWaiting ? ['>', 'ASC'] : ['<', 'DESC'];
    const { rows } = await this.#options.database.query<Row>(
      `SELECT ${COLUMNS} FROM decommissioning_entries
       WHERE ($1::bigint IS NULL OR number ${beyond} $1) AND ($3::text IS NULL OR place = $3) AND ($4::text IS NULL OR gtin = $4)
         AND ($5::text IS NULL OR serial = $5) ${isWaiting ? 'AND answered_at IS NULL' : ''}
       ORDER BY number ${order} LIMIT $2`,
      [after, limit + 1, place, gtin, serial],
    );
    return pageOf(rows.map(entryOf), limit, ({ number }) => [number]);
  }

  /** Those whose events are not in the log yet, oldest first. */
  async toTell(): Promise<readonly Told[]> {
    const { rows } = await this.#options.database.query<Row & { originated: Origination }>(
      `SELECT ${COLUMNS}, originated FROM decommissioning_entries WHERE told_at IS NULL ORDER BY number LIMIT $1`,
      [TELL_MOST],
    );
    return rows.map(({ originated, ...row }) => ({ entry: entryOf(row), by: originated }));
  }

  async told(entries: readonly LedgerEntry[]): Promise<void> {
    const { database, time } = this.#options;
    await database.query('UPDATE decommissioning_entries SET told_at = $2 WHERE id = ANY ($1::text[])', [
      entries.map(({ id }) => id),
      timestamp(time.now()),
    ]);
  }

  /** Does something on a pack alone, knowing the last entry on it. */
  #onPack<T>(
    { gtin, serial }: LedgerPack,
    act: (client: pg.ClientBase, last: LedgerEntry | null) => Promise<T>,
  ): Promise<T> {
    return this.#options.database.transaction(async (client) => {
      await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`isotherm pack ${gtin} ${serial}`]);
      const { rows } = await client.query<Row>(
        `SELECT ${COLUMNS} FROM decommissioning_entries WHERE gtin = $1 AND serial = $2 ORDER BY number DESC LIMIT 1`,
        [gtin, serial],
      );
      const [last] = rows;
      return act(client, last === undefined ? null : entryOf(last));
    });
  }

  async #enter(
    client: pg.ClientBase,
    wish: Pick<DecommissionWish, 'pack' | 'reason' | 'capacity' | 'place' | 'at' | 'note'> & {
      readonly act: LedgerAct;
      readonly reverts: string | null;
      readonly market: Market;
    },
    by: Origination,
    { now, keyed }: { readonly now: number; readonly keyed: KeyedAct },
  ): Promise<LedgerEntry> {
    const { pack, reason, capacity, place, at, note, act, reverts, market } = wish;
    const { rows } = await client.query<Row>(
      `INSERT INTO decommissioning_entries (id, act, reverts, market, gtin, serial, lot, expiry, reason, capacity, place,
         at, entered_at, entered_by, entered_by_id, originated, note, expiry_coded)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) RETURNING ${COLUMNS}`,
      [
        ...[
          randomUUID(),
          act,
          reverts,
          market.id,
          pack.gtin,
          pack.serial,
          pack.lot,
          pack.expiry,
          reason,
          capacity,
          place,
        ],
        ...[timestamp(at), timestamp(now), by.actor.name, by.actor.id, JSON.stringify(by), note, pack.expiryCoded],
      ],
    );
    const [row] = rows;
    if (row === undefined) throw new ConflictError('DECOMMISSION_REPEATED', 'the entry was not kept');
    const entry = entryOf(row);
    await keyed.mark(effectsOf(client), entry.id);
    await this.#options.audit.add(effectsOf(client), {
      ...{ ...by, at: now, subject: `pack:${pack.gtin}.${pack.serial}` as const },
      action: act === 'decommission' ? 'pack.decommission' : 'pack.revert',
      new: { entry: entry.id, pack, reason, capacity, place, at: new Date(at).toISOString(), note, reverts },
    });
    return entry;
  }
}

function entryOf({ entered_at, entered_by, entered_by_id, gtin, serial, lot, expiry, ...rest }: Row): LedgerEntry {
  const { expiryCoded, ...row } = rest;
  return {
    ...{ ...row, number: Number(row.number), enteredAt: entered_at, by: { id: entered_by_id, name: entered_by } },
    pack: { gtin, serial, lot, expiry, expiryCoded },
  };
}
