import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import {
  type IsothermError,
  type Logger,
  silentLogger,
  type TimeSource,
  UnavailableError,
} from '../../domain/index.ts';
import { type Account, barrier, PASS, serverAccount } from './account.ts';
import { PORT, type SocketDirectory, socketDirectory, urlOf } from './address.ts';
import { type Binaries, locateBinaries } from './binaries.ts';
import { DATABASE_NAME, type Durability, hasCluster, prepareCluster } from './cluster.ts';
import { type DirectoryLock, lockDirectory } from './lock.ts';
import { stopOrphan } from './postmaster.ts';

export interface EmbeddedPostgresOptions {
  /** Holds the cluster (`postgres/`), the lock and, where needed, a copy of the binaries. Made if absent. */
  readonly dataDir: string;
  readonly time: TimeSource;
  readonly logger?: Logger;
  /** One short line a step, for a person who waits. */
  readonly onProgress?: (text: string) => void;
  /** `recovering` after the server died under us, `running` once it answers again. */
  readonly onState?: (state: EmbeddedState) => void;
  /** Default `durable`; `disposable` may lose everything in a crash (tests). */
  readonly durability?: Durability;
  /** Root of the package with the binaries; default: as installed. */
  readonly packageDir?: string;
}

export type EmbeddedState = 'running' | 'recovering' | 'stopping' | 'stopped';

export interface EmbeddedPostgres {
  /** Connection string for the database `isotherm`. Stays the same while the server restarts. */
  readonly url: string;
  readonly state: EmbeddedState;
  /** The postmaster's. */
  readonly pid: number | undefined;
  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL on `dataDir` as a child of this process, and restarts it when it dies. Resolves when it answers.
 *
 * @throws {ConflictError} DATA_DIR_IN_USE, POSTGRES_VERSION_MISMATCH
 * @throws {UnavailableError} DATA_DIR_UNUSABLE, POSTGRES_BINARIES_MISSING, POSTGRES_INIT_FAILED, POSTGRES_START_FAILED
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { time, logger = silentLogger, durability = 'durable', onProgress = () => {} } = options;
  const dataDir = await usableDirectory(options.dataDir);
  const lock = lockDirectory(dataDir);
  try {
    const clusterDir = join(dataDir, 'postgres');
    const account = await serverAccount(clusterDir);
    const closed = await barrier(account, dataDir, PASS);
    if (closed !== null) {
      throw unusable(dataDir, `${closed} is closed to the unprivileged user (${account?.uid}) PostgreSQL runs as`);
    }
    const { packageDir } = options;
    const binaries = await locateBinaries({
      account,
      copyDir: dataDir,
      ...(packageDir === undefined ? {} : { packageDir }),
    });
    await stopOrphan({ clusterDir, time, logger });
    if (!(await hasCluster(clusterDir))) onProgress('setting up PostgreSQL');
    await prepareCluster({ clusterDir, binaries, account, durability });
    onProgress('starting PostgreSQL');
    const socketDir = await socketDirectory(dataDir, account);
    const server = new Server({
      ...{ time, logger, lock, clusterDir, account, binaries, socketDir },
      onState: options.onState ?? (() => {}),
    });
    await server.start();
    return server;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** First pause before a server that died is started again; doubles up to {@link LONGEST_PAUSE_MS}. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Crash recovery may take minutes; a server that is still starting up says so when asked. */
const READY_POLL_MS = 30;
const FAST_STOP_MS = 60_000;

interface ServerParts {
  readonly time: TimeSource;
  readonly logger: Logger;
  readonly lock: DirectoryLock;
  readonly clusterDir: string;
  readonly account: Account | undefined;
  readonly binaries: Binaries;
  readonly socketDir: SocketDirectory;
  readonly onState: (state: EmbeddedState) => void;
}

class Server implements EmbeddedPostgres {
  readonly url: string;
  readonly #parts: ServerParts;
  readonly #lastLines: string[] = [];
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #state: EmbeddedState = 'stopped';
  #stopping: Promise<void> | undefined;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.url = urlOf(parts.socketDir.path, DATABASE_NAME);
  }

  get state(): EmbeddedState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    await this.#launch();
    await createDatabase(urlOf(this.#parts.socketDir.path, 'postgres'));
    this.#enter('running');
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    this.#enter('stopping');
    const { time, logger, lock, socketDir } = this.#parts;
    this.#child?.kill('SIGINT');
    const late = time.after('storage: postgres shutdown', FAST_STOP_MS, () => {
      logger.warn({ pid: this.pid }, 'PostgreSQL does not shut down; it will recover at the next start');
      this.#child?.kill('SIGQUIT');
    });
    await this.#exited;
    late.cancel();
    await socketDir.remove();
    lock.release();
    this.#enter('stopped');
  }

  /** Resolves when the server answers. @throws {UnavailableError} POSTGRES_START_FAILED if it ends before that */
  async #launch(): Promise<void> {
    const { binaries, clusterDir, account, socketDir, logger, time } = this.#parts;
    this.#lastLines.length = 0;
    const child = spawn(
      binaries.postgres,
      [
        ...['-D', clusterDir, '-p', String(PORT), '-c', 'listen_addresses='],
        ...['-c', `unix_socket_directories=${socketDir.path}`, '-c', 'unix_socket_permissions=0700'],
      ],
      // A session of its own: Ctrl-C on our terminal is for us, we stop the server when nobody needs it any more.
      { ...account, cwd: '/', detached: true, stdio: ['ignore', 'ignore', 'pipe'], env: {} },
    );
    this.#child = child;
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.#lastLines.push(line);
      if (this.#lastLines.length > 20) this.#lastLines.shift();
      if (/^(FATAL|PANIC):/.test(line)) logger.warn({ postgres: line }, 'PostgreSQL reports');
      else logger.debug({ postgres: line }, 'PostgreSQL reports');
    });
    let cause: Error | undefined;
    let hasEnded = false;
    this.#exited = new Promise((resolve) => {
      child.on('error', (error) => {
        cause = error;
        hasEnded = true;
        resolve();
      });
      child.on('close', () => {
        hasEnded = true;
        resolve();
      });
    });
    const url = urlOf(socketDir.path, 'postgres');
    while (!(await answers(url))) {
      if (hasEnded) throw this.#startFailed(cause);
      await time.sleep('storage: postgres starting', READY_POLL_MS);
    }
    if (hasEnded) throw this.#startFailed(cause);
    void this.#exited.then(() => {
      if (this.#child === child && this.#stopping === undefined) return this.#recover();
    });
  }

  async #recover(): Promise<void> {
    const { logger, time, clusterDir } = this.#parts;
    this.#enter('recovering');
    logger.error({ directory: clusterDir }, 'PostgreSQL has died; starting it again');
    for (let pause = FIRST_PAUSE_MS; this.#stopping === undefined; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        await stopOrphan({ clusterDir, time, logger });
        if (this.#stopping !== undefined) return;
        await this.#launch();
        this.#enter('running');
        logger.warn({ directory: clusterDir, pid: this.pid }, 'PostgreSQL is back');
        return;
      } catch (error) {
        logger.error({ directory: clusterDir, error }, 'PostgreSQL does not start');
        await time.sleep('storage: postgres restart', pause);
      }
    }
  }

  #enter(state: EmbeddedState): void {
    if (this.#stopping !== undefined && (state === 'running' || state === 'recovering')) return;
    this.#state = state;
    this.#parts.onState(state);
  }

  #startFailed(cause: Error | undefined): UnavailableError {
    const said = this.#lastLines.findLast((line) => /^(FATAL|PANIC):/.test(line)) ?? this.#lastLines.at(-1);
    return new UnavailableError(
      'POSTGRES_START_FAILED',
      `the embedded PostgreSQL on ${this.#parts.clusterDir} does not start: ${said ?? cause?.message ?? 'it said nothing'}`,
      { lines: [...this.#lastLines] },
      cause,
    );
  }
}

async function usableDirectory(dataDir: string): Promise<string> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o711 });
    return await realpath(dataDir);
  } catch (cause) {
    throw unusable(dataDir, (cause as Error).message, cause);
  }
}

function unusable(dataDir: string, reason: string, cause?: unknown): IsothermError {
  return new UnavailableError(
    'DATA_DIR_UNUSABLE',
    `data directory ${dataDir} cannot be used: ${reason}`,
    { directory: dataDir },
    cause,
  );
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  try {
    await client.connect();
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE_NAME]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE_NAME}`);
  } finally {
    await client.end();
  }
}
