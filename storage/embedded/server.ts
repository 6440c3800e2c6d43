import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import pg from 'pg';
import { type Logger, silentLogger, type TimeSource, UnavailableError } from '../../domain/index.ts';
import { type Account, serverAccount } from './account.ts';
import { PORT, type RoleUrls, roleUrls, type SocketDirectory, socketDirectory, urlOf } from './address.ts';
import { type Binaries, locateBinaries } from './binaries.ts';
import { DATABASE_NAME, type Durability, hasCluster, prepareCluster } from './cluster.ts';
import { makeDataDir, openDataDir } from './data-dir.ts';
import { type DirectoryLock, lockDirectory } from './lock.ts';
import { stopOrphan } from './postmaster.ts';
import { ensureRolesAndDatabase } from './roles.ts';

export interface EmbeddedPostgresOptions {
  /** Holds the cluster (`postgres/`), the socket, the lock and, where needed, a copy of the binaries. Made if absent. */
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
  /** Connection string of the superuser for the database `isotherm`. Stays the same while the server restarts. */
  readonly url: string;
  /** The same of the two roles the platform uses. */
  readonly roles: RoleUrls;
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
  const { time, logger = silentLogger, durability = 'durable', onProgress = () => {}, packageDir } = options;
  const dataDir = await makeDataDir(options.dataDir);
  const lock = lockDirectory(dataDir);
  try {
    const clusterDir = join(dataDir, 'postgres');
    const account = await serverAccount(clusterDir);
    await openDataDir(dataDir, account);
    const binaries = await locateBinaries({ account, copyDir: dataDir, ...(packageDir && { packageDir }) });
    await stopOrphan({ clusterDir, time, logger });
    if (!(await hasCluster(clusterDir))) onProgress('setting up PostgreSQL');
    await prepareCluster({ clusterDir, binaries, account, durability });
    onProgress('starting PostgreSQL');
    const server = new Server({
      ...{ time, logger, lock, clusterDir, account, binaries },
      socketDir: await socketDirectory(dataDir, account),
      onState: options.onState ?? (() => {}),
    });
    await server.start();
    return server;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** First pause before a server that died is started again; doubles up to the longest. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Crash recovery may take minutes: asked often at first, then less so. */
const FIRST_POLL_MS = 20;
const LONGEST_POLL_MS = 250;
const FAST_STOP_MS = 60_000;
const LINES_KEPT = 20;

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
  readonly roles: RoleUrls;
  readonly #parts: ServerParts;
  /** What the server said last, for when it does not start. */
  #lines: string[] = [];
  #child: ChildProcess | undefined;
  #exited: Promise<void> = Promise.resolve();
  #state: EmbeddedState = 'stopped';
  #stopping: Promise<void> | undefined;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.url = urlOf(parts.socketDir.path, DATABASE_NAME);
    this.roles = roleUrls(parts.socketDir.path);
  }

  get state(): EmbeddedState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  async start(): Promise<void> {
    try {
      await this.#launch();
      await ensureRolesAndDatabase(urlOf(this.#parts.socketDir.path, 'postgres'));
    } catch (error) {
      await this.stop();
      throw error;
    }
    this.#enter('running');
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    const { time, logger, lock, socketDir, clusterDir } = this.#parts;
    this.#state = 'stopping';
    this.#parts.onState('stopping');
    this.#child?.kill('SIGINT');
    const late = time.after('storage: postgres shutdown', FAST_STOP_MS, () => {
      logger.warn(
        { directory: clusterDir },
        'PostgreSQL takes too long to shut down; it will recover at the next start',
      );
      this.#child?.kill('SIGQUIT');
    });
    await this.#exited;
    late.cancel();
    await socketDir.remove();
    lock.release();
    this.#state = 'stopped';
    this.#parts.onState('stopped');
  }

  /** Resolves when the server answers. @throws {UnavailableError} POSTGRES_START_FAILED if it ends before that */
  async #launch(): Promise<void> {
    const { time, socketDir } = this.#parts;
    this.#lines = [];
    let child: ChildProcess;
    try {
      child = this.#spawn();
    } catch (cause) {
      // A uid that may not be taken on is thrown, not emitted.
      throw this.#startFailed(cause as Error);
    }
    let end: { cause: Error | null } | undefined;
    this.#child = child;
    this.#exited = new Promise((resolve) => {
      child.on('error', (cause) => {
        end = { cause };
        resolve();
      });
      child.on('close', () => {
        end ??= { cause: null };
        resolve();
      });
    });
    const url = urlOf(socketDir.path, 'postgres');
    for (let pause = FIRST_POLL_MS; !(await answers(url)); pause = Math.min(pause * 1.2, LONGEST_POLL_MS)) {
      if (end !== undefined) throw this.#startFailed(end.cause);
      await time.sleep('storage: postgres starting', pause);
    }
    void this.#exited.then(() => {
      if (this.#stopping === undefined) return this.#recover();
    });
  }

  #spawn(): ChildProcess {
    const { binaries, clusterDir, account, socketDir, logger } = this.#parts;
    const args = [
      ...['-D', clusterDir, '-p', String(PORT), '-c', 'listen_addresses='],
      ...['-c', `unix_socket_directories=${socketDir.path}`, '-c', 'unix_socket_permissions=0700'],
    ];
    // A session of its own: Ctrl-C on our terminal is for us, we stop the server when nobody needs it any more.
    const child = spawn(binaries.postgres, args, {
      ...account,
      cwd: '/',
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {},
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.#lines = [...this.#lines, line].slice(-LINES_KEPT);
      // FATAL is every connection refused while starting or cut while stopping: the callers' to report.
      if (/\bPANIC:/.test(line)) logger.error({ postgres: line }, 'PostgreSQL gives up');
      else logger.debug({ postgres: line }, 'PostgreSQL reports');
    });
    return child;
  }

  async #recover(): Promise<void> {
    const { logger, time, clusterDir } = this.#parts;
    this.#state = 'recovering';
    this.#parts.onState('recovering');
    logger.error({ directory: clusterDir }, 'PostgreSQL has died; starting it again');
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      try {
        await stopOrphan({ clusterDir, time, logger });
        if (this.#stopping !== undefined) return;
        await this.#launch();
        logger.warn({ directory: clusterDir, pid: this.pid }, 'PostgreSQL is back');
        this.#enter('running');
        return;
      } catch (error) {
        if (this.#stopping !== undefined) return;
        logger.error({ directory: clusterDir, error }, 'PostgreSQL does not start; trying again');
        await time.sleep('storage: postgres restart', pause);
      }
    }
  }

  #enter(state: 'running'): void {
    if (this.#stopping !== undefined) return;
    this.#state = state;
    this.#parts.onState(state);
  }

  #startFailed(cause: Error | null): UnavailableError {
    // The last says that it gave up, the one before it often why.
    const said = this.#lines.flatMap((line) => /\b(?:LOG|ERROR|FATAL|PANIC):\s+(.*)/.exec(line)?.[1] ?? []).slice(-2);
    return new UnavailableError(
      'POSTGRES_START_FAILED',
      `the embedded PostgreSQL on ${this.#parts.clusterDir} does not start: ${said.join('; ') || (cause?.message ?? 'it said nothing')}`,
      { lines: this.#lines },
      cause ?? undefined,
    );
  }
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  // A connection that is cut while it is made says so twice.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}
