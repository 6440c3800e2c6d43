import net from 'node:net';
import pg from 'pg';
import { type TimeSource, UnavailableError } from '../domain/index.ts';
import { sqlState } from './failure.ts';
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
/** While one keeps us waiting, those that have answered are asked again: one of them may have been promoted, ms. */
const AGAIN_MS = 300;
/** A connection on which the server has said nothing at all for so long is one that nobody answers, ms. */
const FIRST_WORD_MS = 1_000;
/** A server that another has replaced is given so long to say that it takes writes as well, ms. */
const FORMER_SAYS_MS = 1_000;

/** What a server that takes writes writes to: of a cluster, by its identifier, the timeline, which grows with each promotion. */
interface Line {
  readonly cluster: string;
  readonly timeline: number;
}

/**
 * Which of several servers takes writes now: a primary and its stand-bys change places when one fails (Patroni, a managed
 * service). Each new connection goes to the one that says so; those to a server that has become a stand-by end, as PostgreSQL
 * ends them itself, and those to one that stands still are cut once another takes writes ({@link Primary.leaveFormer}). For questions alone (storage/replica/) a stand-by is looked for in the same way.
 */
export class Primary {
  readonly #options: PrimaryOptions;
  #looking: Promise<ServerHost> | null = null;
  #found: { readonly host: ServerHost; readonly at: number } | null = null;
  /** The newest on which a server has said that it takes writes; of another cluster, the last that has. */
  #line: Line | null = null;
  readonly #open = new Set<PrimarySocket>();
  /** What is being asked, since when on the monotonic clock. */
  readonly #asked = new Map<ServerHost, { readonly since: number; readonly answer: Promise<string | null> }>();

  constructor(options: PrimaryOptions) {
    this.#options = options;
  }

  /** @throws {UnavailableError} DATABASE_UNAVAILABLE, with what each of them said */
  find(): Promise<ServerHost> {
    if (this.#found !== null && this.now() - this.#found.at < BELIEVED_MS) return Promise.resolve(this.#found.host);
    this.#looking ??= this.#look()
      .then((host) => {
        this.#found = { host, at: this.now() };
        return host;
      })
      .finally(() => {
        this.#looking = null;
      });
    return this.#looking;
  }

  /** For one connection of pg, which calls `connect` on it: wherever that says, it goes to the primary. */
  socket(): net.Socket {
    const socket = new PrimarySocket(this);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  }

  /** Of the monotonic clock. */
  now(): number {
    return this.#options.time.monotonic();
  }

  /** Some connection has been made and its server has not said a word. */
  get isUnanswered(): boolean {
    const since = this.now() - FIRST_WORD_MS;
    return [...this.#open].some(({ led, bytesRead }) => led !== null && led.at < since && bytesRead === 0);
  }

  /**
   * Cuts connections to servers that another has replaced and that do not take writes any more, or say nothing: one that stands
   * still closes nothing, and what waits on it would wait for good. A server that takes writes keeps its connections, however
   * long their statements; so does each while nobody else takes them.
   * @returns how many were cut
   */
  async leaveFormer(): Promise<number> {
    const now = await this.find().catch(() => null);
    if (now === null) return 0;
    const hosts = new Set([...this.#open].flatMap(({ led }) => (led === null || led.host === now ? [] : [led.host])));
    const left = await Promise.all([...hosts].map(async (host) => ((await this.#isLeft(host)) ? [host] : [])));
    const former = new Set(left.flat());
    const sockets = [...this.#open].filter(({ led }) => led !== null && former.has(led.host));
    for (const socket of sockets) {
      socket.destroy(new Error('Connection terminated: another server takes writes now'));
    }
    return sockets.length;
  }

  /** One that is looked for may have kept us waiting already. */
  async #isLeft(host: ServerHost): Promise<boolean> {
    const { since, answer } = this.#ask(host);
    const isOver = new AbortController();
    const silence = this.#options.time
      .sleep('a former primary answers', Math.max(0, since + FORMER_SAYS_MS - this.now()), isOver.signal)
      .then(() => 'says nothing');
    const said = await Promise.race([answer, silence]);
    isOver.abort();
    return said !== null;
  }

  /** All are asked at once: one that is away costs no time while another answers. */
  async #look(): Promise<ServerHost> {
    const { hosts, time } = this.#options;
    const said = new Map<ServerHost, string>();
    const isOver = new AbortController();
    const asked = hosts.map(async (host) => {
      for (;;) {
        const answer = await this.#ask(host).answer;
        if (answer === null) return host;
        said.set(host, answer);
        if (said.size === hosts.length) isOver.abort();
        await time.sleep('the primary is looked for', AGAIN_MS, isOver.signal);
        if (isOver.signal.aborted) throw new Error(answer);
      }
    });
    try {
      return await Promise.any(asked);
    } catch (error) {
      const each = this.#options.hosts.map((one) => `${one.host}:${one.port} ${said.get(one)}`).join('; ');
      const wanted = this.#options.wanted === 'stand-by' ? 'is a stand-by' : 'takes writes';
      throw new UnavailableError('DATABASE_UNAVAILABLE', `no database server ${wanted}: ${each}`, {}, error);
    } finally {
      isOver.abort();
    }
  }

  /** @param line null of one that does not say, as a managed service's may: it is taken at its word */
  #whyFormer(line: Line | null): string | null {
    const before = this.#line;
    const isFormer = line !== null && line.cluster === before?.cluster && line.timeline < before.timeline;
    if (!isFormer) {
      this.#line = line ?? before;
      return null;
    }
    return `takes writes on timeline ${line.timeline}, where timeline ${before.timeline} has what was acknowledged since`;
  }

  /** Once at a time. */
  #ask(host: ServerHost): { readonly since: number; readonly answer: Promise<string | null> } {
    const underWay = this.#asked.get(host);
    if (underWay !== undefined) return underWay;
    const answer = this.#question(host).finally(() => this.#asked.delete(host));
    const asked = { since: this.now(), answer };
    this.#asked.set(host, asked);
    return asked;
  }

  /** @returns why not; null: it takes writes */
  async #question({ url }: ServerHost): Promise<string | null> {
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
      return rows[0]?.readonly === 'off' ? this.#whyFormer(await lineOf(client)) : 'is read-only';
    } catch (error) {
      const { message } = error as Error;
      return message === '' ? String((error as { code?: unknown }).code) : message;
    } finally {
      void client.end().catch(() => {});
    }
  }
}

/** @param client to a server that takes writes; the first eight digits of a WAL file's name are its timeline (PostgreSQL manual, "WAL Internals") */
async function lineOf(client: pg.Client): Promise<Line | null> {
  try {
    const { rows } = await client.query<{ cluster: string; wal: string }>(
      'SELECT system_identifier::text AS cluster, pg_walfile_name(pg_current_wal_lsn()) AS wal FROM pg_control_system()',
    );
    const [row] = rows;
    return row === undefined ? null : { cluster: row.cluster, timeline: Number.parseInt(row.wal.slice(0, 8), 16) };
  } catch (error) {
    // One that cannot say it (SQLSTATE) is not one that does not answer.
    if (sqlState(error) === null) throw error;
    return null;
  }
}

class PrimarySocket extends net.Socket {
  /** Where it goes, and since when, on the monotonic clock; null until that is found. */
  led: { readonly host: ServerHost; readonly at: number } | null = null;
  readonly #primary: Primary;

  constructor(primary: Primary) {
    super();
    this.#primary = primary;
  }

  override connect(..._: unknown[]): this {
    this.#primary.find().then(
      (host) => {
        if (this.destroyed) return;
        this.led = { host, at: this.#primary.now() };
        super.connect({ host: host.host, port: host.port });
      },
      (error) => this.destroy(error),
    );
    return this;
  }
}
