import type { IsothermError, Timer, TimeSource } from '../domain/index.ts';
import type { Database } from './database.ts';
import { LeaseHolder } from './lease-holder.ts';
import { endLease, findHeld, findLease, ownershipLost, renewLeases, takeLease } from './lease-rows.ts';
import { type Connection, openConnection } from './log/connection.ts';

/** A thing that is this process's until it is lost or released. */
export interface Lease {
  readonly name: string;
  readonly epoch: number;
  /** Aborted when it may be another's; where it is, with `OWNERSHIP_LOST` as its reason. */
  readonly lost: AbortSignal;
  /** Another may take it at once; where the database is away, once it has run out. */
  release(): Promise<void>;
}

export interface LeasesOptions {
  readonly database: Database;
  readonly time: TimeSource;
  /** How long a lease lasts that is not renewed. Default {@link LEASE_MS}. */
  readonly leaseMs?: number;
}

/** A hung owner is replaced after this and a look; a process that works a moment without pause keeps its leases. */
export const LEASE_MS = 6_000;
/** A former owner's transaction that stands open without a statement is ended after this long in a new one's way. */
const PATIENCE_MS = 2_000;

interface Held extends Lease {
  readonly losing: AbortController;
  /** Of the monotonic clock here: from the sending of what set it, so never later than in the database. */
  deadline: number;
  timer: Timer | null;
}

/**
 * The leases of one process, renewed together each third of their length on a connection of their own, so that a busy pool
 * loses none. Nothing is right or wrong by these clocks: who has been replaced is refused by the epoch in the transaction
 * of what it does ({@link isLatest}). The clocks only see to it that there is an owner, and that a former one stops by
 * itself.
 */
export class Leases {
  readonly #database: Database;
  readonly #time: TimeSource;
  readonly #leaseMs: number;
  readonly #holder = new LeaseHolder();
  readonly #held = new Map<string, Held>();
  /** Held, or being taken. */
  readonly #names = new Set<string>();
  #connection: Connection | null = null;
  #timer: Timer | null = null;
  #renewing: Promise<void> | null = null;

  constructor({ database, time, leaseMs = LEASE_MS }: LeasesOptions) {
    this.#database = database;
    this.#time = time;
    this.#leaseMs = leaseMs;
  }

  /** @returns null while it is another's @throws {UnavailableError} DATABASE_UNAVAILABLE */
  async take(name: string): Promise<Lease | null> {
    if (this.#names.has(name)) return null;
    this.#names.add(name);
    try {
      const lease = await this.#take(name);
      if (lease === null) this.#names.delete(name);
      return lease;
    } catch (error) {
      this.#names.delete(name);
      throw error;
    }
  }

  /** Those that have not run out, and whose holder has not ended for certain. */
  async held(names: readonly string[]): Promise<readonly string[]> {
    const found = await findHeld(this.#database, names);
    return found.filter(({ holder }) => !this.#holder.isGone(holder)).map(({ name }) => name);
  }

  async #take(name: string): Promise<Lease | null> {
    const found = await findLease(this.#database, name);
    const holder = this.#holder.name;
    const isLeft = found !== null && (found.holder === holder || this.#holder.isGone(found.holder));
    if (found?.isHeld === true && !isLeft) return null;
    let sentAt = this.#time.monotonic();
    const epoch = await this.#database.transaction(async (client) => {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      const patience = this.#time.after(`lease ${name}`, PATIENCE_MS, () => void this.#endIdle(rows[0]?.pid ?? 0));
      try {
        sentAt = this.#time.monotonic();
        return await takeLease(client, { name, holder, leaseMs: this.#leaseMs, found, isLeft });
      } finally {
        patience.cancel();
      }
    });
    return epoch === null ? null : await this.#hold(name, epoch, sentAt + this.#leaseMs);
  }

  /** A process that hangs with the row locked would keep it for ever; its lease has run out, so it is no owner. */
  async #endIdle(waiting: number): Promise<void> {
    await this.#database
      .query(
        `SELECT pg_terminate_backend(a.pid) FROM unnest(pg_blocking_pids($1)) b JOIN pg_stat_activity a ON a.pid = b
          WHERE a.state LIKE 'idle in transaction%'`,
        [waiting],
      )
      // Whoever waits goes on waiting, and hears itself that the database is away.
      .catch(() => undefined);
  }

  async #hold(name: string, epoch: number, deadline: number): Promise<Lease> {
    const losing = new AbortController();
    const release = () => this.#release(held);
    const held: Held = { name, epoch, losing, lost: losing.signal, deadline, timer: null, release };
    this.#held.set(name, held);
    this.#timer ??= this.#time.every('leases renewed', this.#leaseMs / 3, () => void this.#renew());
    // It has waited for another's transaction: the lease has begun in the meantime.
    if (deadline - this.#time.monotonic() < (this.#leaseMs * 2) / 3) await this.#renew();
    this.#watch(held);
    return held;
  }

  /** Before it ends in the database. */
  #watch(held: Held): void {
    held.timer?.cancel();
    if (this.#held.get(held.name) !== held) return;
    const left = held.deadline - this.#leaseMs / 12 - this.#time.monotonic();
    held.timer = this.#time.after(`lease ${held.name} ends`, Math.max(0, left), () => void this.#ends(held));
  }

  async #ends(held: Held): Promise<void> {
    // The process has stood still, or has worked without a pause. While nobody else has taken it, it is still the owner.
    if (this.#time.monotonic() >= held.deadline) {
      await this.#renewing;
      if (this.#time.monotonic() >= held.deadline) await this.#renew();
      if (this.#time.monotonic() < held.deadline) return;
    }
    this.#lose(held);
  }

  #lose(held: Held, reason?: IsothermError): void {
    if (!this.#forget(held)) return;
    held.losing.abort(reason);
    if (this.#held.size === 0) void this.#disconnect();
  }

  #forget(held: Held): boolean {
    held.timer?.cancel();
    if (this.#held.get(held.name) !== held) return false;
    this.#held.delete(held.name);
    this.#names.delete(held.name);
    if (this.#held.size > 0) return true;
    this.#timer?.cancel();
    this.#timer = null;
    return true;
  }

  async #release(held: Held): Promise<void> {
    if (!this.#forget(held)) return;
    held.losing.abort();
    try {
      await this.#asked((connection) => endLease(connection.client, this.#holder.name, held.name, held.epoch));
    } catch {
      // It runs out.
    }
    if (this.#held.size === 0) await this.#disconnect();
  }

  #renew(): Promise<void> {
    this.#renewing ??= this.#renewAll().finally(() => {
      this.#renewing = null;
    });
    return this.#renewing;
  }

  async #renewAll(): Promise<void> {
    const leases = [...this.#held.values()];
    if (leases.length === 0) return;
    let sentAt = 0;
    let renewed: ReadonlySet<string>;
    try {
      renewed = await this.#asked(({ client }) => {
        sentAt = this.#time.monotonic();
        return renewLeases(client, this.#holder.name, leases, this.#leaseMs);
      });
    } catch {
      // Asked again with the next turn of the timer, until each lease ends.
      return;
    }
    for (const held of leases) {
      if (!renewed.has(held.name)) this.#lose(held, ownershipLost(held.name, held.epoch));
      else {
        held.deadline = sentAt + this.#leaseMs;
        this.#watch(held);
      }
    }
  }

  /** A server that does not answer is not waited for: the next question goes over another connection. */
  async #asked<T>(question: (connection: Connection) => Promise<T>): Promise<T> {
    const timeoutMs = this.#leaseMs / 3;
    if (this.#connection === null || this.#connection.lost.aborted) {
      this.#connection = await openConnection({
        ...{ database: this.#database, time: this.#time, name: 'isotherm leases', timeoutMs },
      });
    }
    const connection = this.#connection;
    const patience = this.#time.after('leases answered', timeoutMs, () => connection.destroy());
    try {
      return await question(connection);
    } finally {
      patience.cancel();
    }
  }

  async #disconnect(): Promise<void> {
    const connection = this.#connection;
    this.#connection = null;
    await connection?.close();
  }
}
