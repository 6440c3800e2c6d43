import net from 'node:net';
import pg from 'pg';
import { type TimeSource, UnavailableError } from '../domain/index.ts';
import type { ServerHost } from './server-url.ts';

export interface PrimaryOptions {
  readonly hosts: readonly ServerHost[];
  /** How each is asked, besides its URL. */
  readonly connection: pg.ClientConfig;
  readonly time: TimeSource;
  /** Default `primary`: the one that takes writes. */
  readonly wanted?: 'primary' | 'stand-by';
}

/** One that does not answer is no longer waited for, ms. */
const ANSWER_MS = 3_000;
/** A pool that fills asks once, ms. */
const BELIEVED_MS = 1_000;

/**
 * Which of several servers takes writes now: a primary and its stand-bys change places when one fails (Patroni, a managed
 * service). Each new connection goes to the one that says so; those to a server that has become a stand-by end, as PostgreSQL
 * ends them itself. For questions alone (storage/replica/) a stand-by is looked for in the same way.
 */
export class Primary {
  readonly #options: PrimaryOptions;
  #looking: Promise<ServerHost> | null = null;
  #found: { readonly host: ServerHost; readonly at: number } | null = null;

  constructor(options: PrimaryOptions) {
    this.#options = options;
  }

  /** @throws {UnavailableError} DATABASE_UNAVAILABLE, with what each of them said */
  find(): Promise<ServerHost> {
    const { time } = this.#options;
    if (this.#found !== null && time.monotonic() - this.#found.at < BELIEVED_MS)
      return Promise.resolve(this.#found.host);
    this.#looking ??= this.#look()
      .then((host) => {
        this.#found = { host, at: time.monotonic() };
        return host;
      })
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  /** For one connection of pg, which calls `connect` on it: wherever that says, it goes to the primary. */
  socket(): net.Socket {
    return new PrimarySocket(this);
  }

  /** All are asked at once: one that is away costs no time while another answers. */
  async #look(): Promise<ServerHost> {
    const said = new Map<ServerHost, string>();
    const asked = this.#options.hosts.map(async (host) => {
      const answer = await this.#ask(host);
      if (answer === null) return host;
      said.set(host, answer);
      throw new Error(answer);
    });
    try {
      return await Promise.any(asked);
    } catch (error) {
      const each = this.#options.hosts.map((one) => `${one.host}:${one.port} ${said.get(one)}`).join('; ');
      const wanted = this.#options.wanted === 'stand-by' ? 'is a stand-by' : 'takes writes';
      throw new UnavailableError('DATABASE_UNAVAILABLE', `no database server ${wanted}: ${each}`, {}, error);
    }
  }

  /** @returns why not; null: it takes writes */
  async #ask({ url }: ServerHost): Promise<string | null> {
    const client = new pg.Client({
      ...this.#options.connection,
      ...{ connectionString: url, application_name: 'isotherm primary' },
      ...{ connectionTimeoutMillis: ANSWER_MS, query_timeout: ANSWER_MS },
    });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query<{ standby: boolean; readonly: string }>(
        `SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') AS readonly`,
      );
      const isStandby = rows[0]?.standby !== false;
      if (this.#options.wanted === 'stand-by') return isStandby ? null : 'is no stand-by';
      if (isStandby) return 'is a stand-by';
      return rows[0]?.readonly === 'off' ? null : 'is read-only';
    } catch (error) {
      const { message } = error as Error;
      return message === '' ? String((error as { code?: unknown }).code) : message;
    } finally {
      void client.end().catch(() => {});
    }
  }
}

class PrimarySocket extends net.Socket {
  readonly #primary: Primary;

  constructor(primary: Primary) {
    super();
    this.#primary = primary;
  }

  override connect(..._: unknown[]): this {
    this.#primary.find().then(
      ({ host, port }) => {
        if (!this.destroyed) super.connect({ host, port });
      },
      (error) => this.destroy(error),
    );
    return this;
  }
}
