import type pg from 'pg';
import type { Logger, Timer, TimeSource } from '../domain/index.ts';
import type { Database } from '../storage/index.ts';

/** What an open door rests on: `user:7`, `token:3`, `session:12`, `role:packer`, `credential:logger-7`; `sources:gateway-1` is its list. */
export type Grant = `${'user' | 'token' | 'session' | 'role' | 'credential' | 'sources'}:${string | number}`;

const CHANNEL = 'isotherm_access';
/** What a lost wake-up costs at most; with the question itself well below five seconds. */
const LOOK_EVERY_MS = 2_000;
/** Transactions that wrote a row may commit this much later. */
const OVERLAP_MS = 60_000;
const KEPT = '7 days';

interface Row {
  readonly now: number;
  readonly number: number | null;
  readonly what: Grant | null;
}

/**
 * Ends what is open when what it rests on is taken away, in every process within five seconds. Whoever takes something
 * away writes a row in that transaction; a process reads rows it has not seen when it is woken, and every two seconds.
 */
export class Revocations {
  readonly #database: Database;
  readonly #time: TimeSource;
  readonly #logger: Logger;
  readonly #held = new Map<Grant, Set<() => void>>();
  readonly #listeners = new Set<(grant: Grant) => void>();
  /** Rows acted upon within the overlap, by number, with the time they were read. */
  readonly #seen = new Map<number, number>();
  #since: number | null = null;
  #looking: Promise<void> | null = null;
  #isAgain = false;
  #timer: Timer | null = null;
  #listening: { stop(): Promise<void> } | null = null;

  constructor(options: { readonly database: Database; readonly time: TimeSource; readonly logger: Logger }) {
    this.#database = options.database;
    this.#time = options.time;
    this.#logger = options.logger;
  }

  async start(): Promise<void> {
    await this.#look();
    this.#listening = await this.#database.listen(
      CHANNEL,
      () => void this.#wake(),
      () => void this.#wake(),
    );
    this.#timer = this.#time.every('access: what was taken away', LOOK_EVERY_MS, () => this.#wake());
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#listening?.stop();
    await this.#looking;
  }

  /** In the transaction that takes these away. */
  async revoke(client: pg.ClientBase, ...grants: readonly Grant[]): Promise<void> {
    if (grants.length === 0) return;
    await client.query('INSERT INTO access_changes (what) SELECT * FROM unnest($1::text[])', [grants]);
    // More than are written, in the order of an index.
    await client.query(
      `DELETE FROM access_changes WHERE number IN
         (SELECT number FROM access_changes WHERE at < now() - interval '${KEPT}' ORDER BY at LIMIT 100)`,
    );
    await this.#database.notify(CHANNEL, '', client);
  }

  /**
   * Calls `end` once any of these is taken away.
   * @param graceMs what is nearly done may be finished: `end` is called that much later
   * @returns gives it up; call it when what was open is closed
   */
  hold(grants: readonly Grant[], end: () => void, graceMs = 0): () => void {
    let timer: Timer | null = null;
    const onEnd = () => {
      if (graceMs === 0) end();
      else timer ??= this.#time.after('access: grace', graceMs, end);
    };
    for (const grant of grants) this.#held.set(grant, (this.#held.get(grant) ?? new Set()).add(onEnd));
    return () => {
      timer?.cancel();
      for (const grant of grants) {
        const ends = this.#held.get(grant);
        ends?.delete(onEnd);
        if (ends?.size === 0) this.#held.delete(grant);
      }
    };
  }

  /** For whoever remembers something about grants. */
  onChange(listener: (grant: Grant) => void): void {
    this.#listeners.add(listener);
  }

  /** Looks now; a look under way is followed by one more. */
  #wake(): Promise<void> {
    if (this.#looking !== null) {
      this.#isAgain = true;
      return this.#looking;
    }
    this.#looking = this.#lookUntilDone().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #lookUntilDone(): Promise<void> {
    do {
      this.#isAgain = false;
      await this.#look().catch((error) =>
        this.#logger.warn({ error }, 'could not look what access was taken away; tried again in two seconds'),
      );
    } while (this.#isAgain);
  }

  async #look(): Promise<void> {
    const isFirst = this.#since === null;
    const { rows } = await this.#database.query<Row>(
      `SELECT clock.now, number, what FROM (SELECT now()) AS clock (now)
       LEFT JOIN access_changes ON at > coalesce($1::timestamptz, clock.now - interval '${OVERLAP_MS} ms') ORDER BY number`,
      [this.#since === null ? null : new Date(this.#since - OVERLAP_MS).toISOString()],
    );
    const now = rows[0]?.now ?? 0;
    this.#since = now;
    for (const [number, at] of this.#seen) if (at < now - 3 * OVERLAP_MS) this.#seen.delete(number);
    for (const { number, what } of rows) {
      if (number === null || what === null || this.#seen.has(number)) continue;
      this.#seen.set(number, now);
      // Nothing was open before the first look.
      if (!isFirst) this.#end(what);
    }
  }

  #end(grant: Grant): void {
    for (const listener of this.#listeners) listener(grant);
    const ends = this.#held.get(grant) ?? [];
    this.#held.delete(grant);
    for (const end of ends) end();
  }
}
