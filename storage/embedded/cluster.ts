import { spawn } from 'node:child_process';
import { chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { release, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { ConflictError, UnavailableError } from '../../domain/index.ts';
import { syncFolder } from '../synced-folder.ts';
import { type Account, type NamedRun, namedRun } from './account.ts';
import type { Binaries } from './binaries.ts';

/** Name of the superuser and of the database. */
export const DATABASE_NAME = 'isotherm';

/** What the server is tuned for. `disposable` trades durability for speed: tests only. */
export type Durability = 'durable' | 'disposable';

/**
 * Makes the cluster if there is none, else checks that this server can open it; then writes `isotherm.conf`, which is
 * ours and rewritten at each start (`postgresql.conf` and ALTER SYSTEM are the operator's).
 *
 * @throws {ConflictError} POSTGRES_VERSION_MISMATCH if the cluster was made by another major version
 * @throws {UnavailableError} POSTGRES_INIT_FAILED if initdb gives up
 */
export async function prepareCluster(options: {
  readonly clusterDir: string;
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  readonly durability: Durability;
}): Promise<void> {
  const { clusterDir, binaries, account, durability } = options;
  const version = await readFile(join(clusterDir, 'PG_VERSION'), 'utf8').catch(() => null);
  if (version === null) await initialise(options);
  else if (Number(version) !== binaries.major) {
    throw new ConflictError(
      'POSTGRES_VERSION_MISMATCH',
      `${clusterDir} was made by PostgreSQL ${version.trim()}, this is PostgreSQL ${binaries.major}: ` +
        '`isotherm backup` with the version that made it, then `isotherm restore` into a new data directory',
      { directory: clusterDir, found: version.trim(), expected: binaries.major },
    );
  }
  const file = join(clusterDir, 'isotherm.conf');
  await writeFile(file, settings(durability, memory()), { mode: 0o600 });
  if (account !== undefined) await chown(file, account.uid, account.gid);
}

/** Into a directory beside it that is renamed when whole: an initdb cut short leaves nothing that looks like a cluster. */
async function initialise(options: {
  readonly clusterDir: string;
  readonly binaries: Binaries;
  readonly account: Account | undefined;
  readonly durability: Durability;
}): Promise<void> {
  const { clusterDir, binaries, account, durability } = options;
  const named = await namedRun(account);
  const partial = `${clusterDir}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { mode: 0o700 });
  if (named.account !== undefined) await chown(partial, named.account.uid, named.account.gid);
  const args = [
    ...['-D', partial, '-U', DATABASE_NAME, '--auth=trust', '--encoding=UTF8', '--data-checksums'],
    // The same order of text on every machine, whatever its libraries: the provider is built into the server.
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
    ...['--set=timezone=UTC', '--set=log_timezone=UTC'],
    ...(durability === 'disposable' ? ['--no-sync'] : []),
  ];
  await run([...named.prefix, binaries.initdb, ...args], named);
  const conf = join(partial, 'postgresql.conf');
  const text = `${await readFile(conf, 'utf8')}\ninclude_if_exists = 'isotherm.conf'\n# Your own below.\n`;
  await writeFile(conf, text, { flush: durability === 'durable' });
  if (account !== undefined) await chownTree(partial, account);
  await rename(partial, clusterDir);
  // PostgreSQL syncs all that is within: under which name that is found is ours.
  if (durability === 'durable') await syncFolder(dirname(clusterDir));
}

function run(command: readonly string[], { account, as }: NamedRun): Promise<void> {
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown) =>
      reject(
        new UnavailableError(
          'POSTGRES_INIT_FAILED',
          `cannot set up the embedded PostgreSQL as ${as}: ${reason}; DATABASE_URL would use another server`,
          { program },
          cause,
        ),
      );
    let said = '';
    try {
      const child = spawn(program, args, { ...account, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'], env: {} });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        said += text;
      });
      child.on('error', (cause) => fail(cause.message, cause));
      child.on('close', (code) => {
        if (code === 0) resolve();
        else fail(said.trim().split('\n').at(-1) || `initdb ended with ${code}`);
      });
    } catch (cause) {
      // A uid that may not be taken on is thrown, not emitted.
      fail((cause as Error).message, cause);
    }
  });
}

async function chownTree(directory: string, account: Account): Promise<void> {
  await chown(directory, account.uid, account.gid);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await chownTree(path, account);
    else await chown(path, account.uid, account.gid);
  }
}

/** Bytes this machine, or the container we are in, has. */
function memory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

/**
 * For a machine of two cores that mostly appends: few and long checkpoints, compressed full-page images, autovacuum
 * that freezes what is only inserted before it piles up, and no parallel plans to compete with the writer.
 */
function settings(durability: Durability, memoryBytes: number): string {
  const megabytes = memoryBytes / 2 ** 20;
  const shared = Math.round(Math.min(512, Math.max(64, megabytes / 8)));
  const lines: Record<string, string | number> = {
    max_connections: 100,
    shared_buffers: `${durability === 'disposable' ? 64 : shared}MB`,
    effective_cache_size: `${Math.round(Math.max(256, megabytes / 2))}MB`,
    maintenance_work_mem: '128MB',
    work_mem: '16MB',
    wal_compression: 'on',
    wal_buffers: '16MB',
    max_wal_size: '4GB',
    min_wal_size: '256MB',
    checkpoint_timeout: '15min',
    checkpoint_completion_target: 0.9,
    synchronous_commit: 'on',
    autovacuum_naptime: '30s',
    autovacuum_vacuum_insert_scale_factor: 0.1,
    max_parallel_workers_per_gather: 1,
    random_page_cost: 1.1,
    jit: 'off',
    log_checkpoints: 'off',
    // A statement that fails is the caller's to report.
    log_min_messages: 'fatal',
    log_line_prefix: "''",
  };
  if (saysWhatIsNotSynced()) lines.recovery_init_sync_method = 'syncfs';
  if (durability === 'disposable') {
    Object.assign(lines, { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' });
  }
  return `# Written by Isotherm at each start; put your own settings at the end of postgresql.conf.\n${Object.entries(
    lines,
  )
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('')}`;
}

/**
 * Before it recovers from a crash PostgreSQL syncs the whole cluster, some 2,400 files one after the other by default: several seconds
 * in which nothing is acknowledged, with nothing to sync as a rule. Linux does it in one call, syncfs(2), which since 5.8 says what could
 * not be written (PostgreSQL manual, recovery_init_sync_method).
 */
function saysWhatIsNotSynced(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number);
  return process.platform === 'linux' && (major > 5 || (major === 5 && minor >= 8));
}

/** Whether a cluster is there at all. */
export async function hasCluster(clusterDir: string): Promise<boolean> {
  return (await stat(join(clusterDir, 'PG_VERSION')).catch(() => null)) !== null;
}
