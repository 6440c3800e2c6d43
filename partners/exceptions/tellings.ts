import { randomUUID } from 'node:crypto';
import { type AuditTrail, BY_PLATFORM, type Origination, type TimeSource } from '../../domain/index.ts';
import { type Database, effectsOf, timestamp } from '../../storage/index.ts';
import { exceptionId } from './exception.ts';

/** What a partner has not taken yet of an exception. Times are epoch ms UTC. */
export interface Telling {
  readonly exception: number;
  /** Last entry that is to be told, and last one that was taken. */
  readonly upto: number;
  readonly taken: number;
  /** When a person asked for it. */
  readonly since: number;
  readonly attempts: number;
  /** Null: it was given up. */
  readonly nextAt: number | null;
  readonly failure: string | null;
}

/** One that nobody else works on. */
export interface ClaimedTelling extends Telling {
  readonly claim: string;
}

/** Longer than one request takes; each entry that is taken begins it anew. */
const CLAIM_MS = 15_000;
const COLUMNS = 'exception, upto, taken, since, attempts, next_at AS "nextAt", failure';

/** What is to be told to partners of exceptions, until they have it or it is given up. Any number of processes may claim. */
export class Tellings {
  readonly #options: { readonly audit: AuditTrail; readonly database: Database; readonly time: TimeSource };

  constructor(options: { readonly audit: AuditTrail; readonly database: Database; readonly time: TimeSource }) {
    this.#options = options;
  }

  /** A person wants all of it told, from the first word on; what was under way before is not any more. */
  async ask(exception: number, by: Origination): Promise<ClaimedTelling> {
    const { audit, database, time } = this.#options;
    const now = time.now();
    const claim = randomUUID();
    return database.transaction(async (client) => {
      const { rows } = await client.query<Telling>(
        `INSERT INTO exception_tellings (exception, upto, taken, since, asked_by, next_at, claim, claimed_until)
         SELECT $1, coalesce(max(number), 0), 0, $2, $3, $2, $4, $5 FROM exception_entries
         WHERE exception = $1 AND side = 'ours'
         ON CONFLICT (exception) DO UPDATE SET upto = excluded.upto, taken = 0, since = excluded.since,
           asked_by = excluded.asked_by, attempts = 0, next_at = excluded.next_at, failure = NULL,
           claim = excluded.claim, claimed_until = excluded.claimed_until
         RETURNING ${COLUMNS}`,
        [exception, timestamp(now), by.actor.name, claim, timestamp(now + CLAIM_MS)],
      );
      const telling = rows[0] as Telling;
      const subject = `exception:${exceptionId(exception)}` as const;
      await audit.add(effectsOf(client), {
        ...{ ...by, at: now, action: 'exception.tell', subject, new: { upTo: telling.upto } },
      });
      return { ...telling, claim };
    });
  }

  /** Those that are due, the longest waiting first. */
  async claim(most: number): Promise<readonly ClaimedTelling[]> {
    const { database, time } = this.#options;
    const now = time.now();
    const claim = randomUUID();
    const { rows } = await database.query<Telling>(
      `UPDATE exception_tellings SET claim = $1, claimed_until = $2 WHERE exception IN (
         SELECT exception FROM exception_tellings
         WHERE next_at <= $3 AND (claimed_until IS NULL OR claimed_until <= $3)
         ORDER BY next_at LIMIT $4 FOR UPDATE SKIP LOCKED)
       RETURNING ${COLUMNS}`,
      [claim, timestamp(now + CLAIM_MS), timestamp(now), most],
    );
    return rows.map((row) => ({ ...row, claim }));
  }

  /** The partner has taken an entry. @returns whether this attempt may go on */
  async taken({ exception, claim }: ClaimedTelling, entry: number): Promise<boolean> {
    const { database, time } = this.#options;
    const { rowCount } = await database.query(
      `UPDATE exception_tellings SET taken = greatest(taken, $3), attempts = 0, failure = NULL, claimed_until = $4
       WHERE exception = $1 AND claim = $2`,
      [exception, claim, entry, timestamp(time.now() + CLAIM_MS)],
    );
    return rowCount !== 0;
  }

  /** The partner has all that was to be told. */
  async done({ exception, claim }: ClaimedTelling): Promise<void> {
    await this.#options.database.query('DELETE FROM exception_tellings WHERE exception = $1 AND claim = $2', [
      exception,
      claim,
    ]);
  }

  async failed({ exception, claim }: ClaimedTelling, failure: string, nextAt: number): Promise<void> {
    await this.#options.database.query(
      `UPDATE exception_tellings SET attempts = attempts + 1, failure = $3, next_at = $4, claim = NULL, claimed_until = NULL
       WHERE exception = $1 AND claim = $2`,
      [exception, claim, failure, timestamp(nextAt)],
    );
  }

  /** An attempt was cut off: it is made again by whoever comes next. */
  async release({ exception, claim }: ClaimedTelling): Promise<void> {
    await this.#options.database.query(
      'UPDATE exception_tellings SET claim = NULL, claimed_until = NULL WHERE exception = $1 AND claim = $2',
      [exception, claim],
    );
  }

  /** It is tried no more, until a person asks for it again. @returns whether it was this attempt's to give up */
  async giveUp({ exception, claim }: ClaimedTelling, failure: string): Promise<boolean> {
    const { audit, database, time } = this.#options;
    return database.transaction(async (client) => {
      const { rowCount } = await client.query(
        `UPDATE exception_tellings SET attempts = attempts + 1, failure = $3, next_at = NULL, claim = NULL,
           claimed_until = NULL WHERE exception = $1 AND claim = $2`,
        [exception, claim, failure],
      );
      if (rowCount === 0) return false;
      const subject = `exception:${exceptionId(exception)}` as const;
      await audit.add(effectsOf(client), {
        ...{ ...BY_PLATFORM, at: time.now(), action: 'exception.untold', subject, reason: failure },
      });
      return true;
    });
  }

  /** The partner was told another way: what was given up is over. */
  async toldElse(exception: number): Promise<void> {
    await this.#options.database.query('DELETE FROM exception_tellings WHERE exception = $1 AND next_at IS NULL', [
      exception,
    ]);
  }

  /** Null: nothing is waiting to be told. */
  async of(exception: number): Promise<Telling | null> {
    const { rows } = await this.#options.database.query<Telling>(
      `SELECT ${COLUMNS} FROM exception_tellings WHERE exception = $1`,
      [exception],
    );
    return rows[0] ?? null;
  }

  /** What nobody could be told, the longest first: a person has to see to it. */
  async givenUp(most: number): Promise<readonly (Telling & { readonly partnerName: string })[]> {
    const { rows } = await this.#options.database.query<Telling & { partnerName: string }>(
      `SELECT ${COLUMNS}, partner_name AS "partnerName" FROM exception_tellings t JOIN exceptions e ON e.number = t.exception
       WHERE next_at IS NULL ORDER BY since LIMIT $1`,
      [most],
    );
    return rows;
  }
}
