import type pg from 'pg';
import {
  type Counter,
  InputError,
  type Meter,
  type PartnerQuota,
  type PartnerUse,
  type TimeSource,
  USUAL_QUOTA,
} from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { DayUse } from '../day-use.ts';
import { PARTNERS_METRICS } from '../metrics.ts';

export interface PartnerQuotasOptions {
  readonly database: Database;
  readonly meter: Meter;
  readonly time: TimeSource;
}

const MINUTE_MS = 60_000;
/** A quota that was changed holds within this. */
const FRESH_MS = 5_000;
/** Requests of one partner that are worked on at once: reading a large file takes time that the others need as well. */
const MOST_AT_ONCE = 4;

/** What this process knows of a partner that asks. */
interface Turn {
  quota: PartnerQuota;
  readAt: number;
  minute: number;
  requests: number;
  atOnce: number;
  /** Turned away and not written down yet. */
  unwritten: number;
  writtenAt: number;
}

/**
 * Holds partners to what is agreed with them, so that one that sends without end neither fills the disk nor takes the time of
 * the others: requests of a minute in each process, files and bytes of a day (UTC) in all of them. What is too many is turned
 * away whole, counted, and told to operations; nothing of it is kept.
 */
export class PartnerQuotas {
  readonly #options: PartnerQuotasOptions;
  readonly #turns = new Map<string, Turn>();
  readonly #turnedAway: Counter;
  readonly #use: DayUse;

  constructor(options: PartnerQuotasOptions) {
    this.#options = options;
    this.#use = new DayUse({ ...options, table: 'partner_use', owner: 'partner' });
    this.#turnedAway = options.meter.counter(PARTNERS_METRICS.turnedAway);
  }

  /**
   * Before a request of a partner is read.
   * @returns what is called when it is answered, however that ends
   * @throws {InputError} PARTNER_QUOTA
   */
  async enter(partner: string): Promise<() => void> {
    const { time } = this.#options;
    const turn = await this.#turnOf(partner);
    const minute = Math.floor(time.now() / MINUTE_MS);
    if (turn.minute !== minute) Object.assign(turn, { minute, requests: 0 });
    turn.requests += 1;
    const { requestsPerMinute } = turn.quota;
    if (turn.requests > requestsPerMinute) {
      await this.#away(partner, turn, 'requests');
      const retryAfterSeconds = Math.max(1, Math.ceil(((minute + 1) * MINUTE_MS - time.now()) / 1_000));
      throw tooMany(`${requestsPerMinute} requests a minute are agreed with ${partner}`, retryAfterSeconds);
    }
    if (turn.atOnce >= MOST_AT_ONCE) {
      await this.#away(partner, turn, 'at once');
      throw tooMany(`${MOST_AT_ONCE} requests of ${partner} are worked on already; send one after another`, 1);
    }
    turn.atOnce += 1;
    return () => {
      turn.atOnce -= 1;
    };
  }

  /**
   * Counts a file of this size for today; to be called in the transaction that keeps it.
   * @throws {InputError} PARTNER_QUOTA, PARTNER_FILE_TOO_LARGE: then nothing may be kept
   */
  async count(client: pg.ClientBase, partner: string, bytes: number): Promise<void> {
    const quota = await this.#quotaOf(partner, client);
    if (bytes > quota.bytesPerDay) {
      const message = `it has ${bytes} bytes; agreed with ${partner} are ${quota.bytesPerDay} a day`;
      throw new InputError('PARTNER_FILE_TOO_LARGE', message, { limit: quota.bytesPerDay });
    }
    if (await this.#use.count(client, partner, bytes, quota)) return;
    throw this.#full(partner, quota);
  }

  /**
   * Counts what is kept of a message as a file is counted.
   * @throws {InputError} PARTNER_QUOTA, PARTNER_FILE_TOO_LARGE
   */
  async countMessage(partner: string, bytes: number): Promise<void> {
    await this.within(partner, (client) => this.count(client, partner, bytes));
  }

  /** What keeps something of a partner, in a transaction: what is too much is rolled back whole, and told. */
  async within<T>(partner: string, work: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    try {
      return await this.#options.database.transaction(work);
    } catch (error) {
      if (error instanceof InputError) await this.#away(partner, await this.#turnOf(partner), 'files');
      throw error;
    }
  }

  /**
   * Whether a file of this size may still come today, before its bytes are read.
   * @throws {InputError} PARTNER_QUOTA
   */
  async requireRoom(partner: string, bytes: number): Promise<void> {
    const quota = await this.#quotaOf(partner);
    const { files, bytes: taken } = await this.today(partner);
    if (files < quota.filesPerDay && taken + Math.min(bytes, quota.bytesPerDay) <= quota.bytesPerDay) return;
    await this.#away(partner, await this.#turnOf(partner), 'files');
    throw this.#full(partner, quota);
  }

  today(partner: string): Promise<PartnerUse> {
    return this.#use.today(partner);
  }

  #full(partner: string, { filesPerDay, bytesPerDay }: PartnerQuota): InputError {
    const agreed = `${filesPerDay} files and ${bytesPerDay} bytes a day are agreed with ${partner}`;
    return tooMany(`${agreed}, and today’s are used up; the day begins at 00:00 UTC`, this.#use.secondsLeft());
  }

  /** The first at once, what follows once a minute: who asks without end does not make us write without end. */
  async #away(partner: string, turn: Turn, why: 'requests' | 'at once' | 'files'): Promise<void> {
    const { time } = this.#options;
    this.#turnedAway.add(1, { why });
    turn.unwritten += 1;
    const now = time.now();
    if (Math.abs(now - turn.writtenAt) < MINUTE_MS) return;
    const count = turn.unwritten;
    Object.assign(turn, { unwritten: 0, writtenAt: now });
    await this.#use.turnedAway(partner, count);
  }

  async #turnOf(partner: string): Promise<Turn> {
    const now = this.#options.time.monotonic();
    const known = this.#turns.get(partner);
    if (known !== undefined && now - known.readAt < FRESH_MS) return known;
    const quota = await this.#quotaOf(partner);
    // Another request may have been first meanwhile; what it counted stays.
    const turn = this.#turns.get(partner) ?? {
      ...{ quota, readAt: now, minute: 0, requests: 0, atOnce: 0, unwritten: 0 },
      writtenAt: Number.NEGATIVE_INFINITY,
    };
    this.#turns.set(partner, Object.assign(turn, { quota, readAt: now }));
    return turn;
  }

  async #quotaOf(partner: string, client: pg.ClientBase | pg.Pool = this.#options.database.pool) {
    const { rows } = await client.query<PartnerQuota>(
      `SELECT requests_a_minute AS "requestsPerMinute", files_a_day AS "filesPerDay", bytes_a_day AS "bytesPerDay"
       FROM partners WHERE id = $1`,
      [partner],
    );
    return rows[0] ?? USUAL_QUOTA;
  }
}

function tooMany(message: string, retryAfterSeconds: number): InputError {
  return new InputError('PARTNER_QUOTA', message, { retryAfterSeconds });
}
