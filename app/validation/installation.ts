import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readdir, readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { systemTime } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { withDatabase } from '../administration.ts';
import { type Config, dataDir, maskedConfig } from '../config/index.ts';
import { installationKey } from '../installation-key.ts';
import { ledgerKeys } from '../ledger-key.ts';
import type { Check } from './protocol.ts';

const ROOT = join(import.meta.dirname, '../..');
/** Not part of the program: what it makes, what it stands on, and its history. */
const NOT_OURS = new Set(['node_modules', '.git', 'data', 'data-demo', 'dist', 'coverage']);
const LEAST_FREE_BYTES = 1024 ** 3;
const CLOCK_WITHIN_MS = 2_000;
const NODE_NEEDED = 24;

export interface InstallationAsked {
  readonly config: Config;
  /** SHA-256 of the program's files as somebody trusted gave it; null: it is only recorded. */
  readonly expectedFiles: string | null;
}

/** What stands on this machine: program, libraries, configuration, database, disk, clocks, keys. */
export async function* qualifyInstallation({ config, expectedFiles }: InstallationAsked): AsyncGenerator<Check> {
  const major = Number(process.versions.node.split('.')[0]);
  yield check(
    'IQ-1',
    'The runtime',
    `Node ${NODE_NEEDED} or newer`,
    `Node ${process.versions.node}`,
    major >= NODE_NEEDED,
  );

  const { files, sha256 } = await programFiles();
  const given = expectedFiles === null ? 'recorded; --files-sha256 compares' : expectedFiles;
  const isSame = expectedFiles === null || expectedFiles === sha256;
  yield check('IQ-2', 'The files of the program', given, `SHA-256 ${sha256} over ${files} files`, isSame);

  const strangers = await strangeLibraries();
  const found = strangers.length === 0 ? 'all as locked' : strangers.slice(0, 10).join(', ');
  yield check('IQ-3', 'The libraries', 'each in the version of package-lock.json', found, strangers.length === 0);

  const shown = createHash('sha256')
    .update(JSON.stringify(maskedConfig(config)))
    .digest('hex');
  yield check('IQ-4', 'The configuration', 'is read, without a fault', `read; SHA-256 without secrets ${shown}`, true);

  const directory = dataDir(config, process.cwd(), process.getuid?.() === 0);
  yield await tried('IQ-5', 'The keys', 'readable by this account alone', ['ACC-7'], async () => {
    const [key, ledger] = [await installationKey(config), await ledgerKeys(config)];
    return { found: `installation key ${key.id}; ledger key ${ledger.signing.verifier}`, isPassed: true };
  });
  yield* await withDatabase(config, databaseChecks).catch((error: unknown) => [
    check('IQ-6', 'The database', 'is there', messageOf(error), false),
  ]);
  yield await tried('IQ-9', 'The disk of the data directory', 'at least 1 GiB free', ['RUN-1'], async () => {
    const { bavail, bsize } = await statfs(directory);
    const free = bavail * bsize;
    return { found: `${(free / 1024 ** 3).toFixed(1)} GiB free`, isPassed: free >= LEAST_FREE_BYTES };
  });
}

async function databaseChecks(database: Database): Promise<Check[]> {
  const { rows } = await database.query<
    Record<'version' | 'encoding' | 'fsync' | 'pages' | 'commit', string> & { at: number }
  >(
    `SELECT current_setting('server_version') AS version, current_setting('server_encoding') AS encoding,
       current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages,
       current_setting('synchronous_commit') AS "commit", extract(epoch FROM clock_timestamp()) * 1000 AS at`,
  );
  const now = systemTime.now();
  const { version = '', encoding = '', fsync = '', pages = '', commit = '', at = 0 } = rows[0] ?? {};
  const migrations = await database.query<{ count: number }>('SELECT count(*)::int AS count FROM isotherm_migrations');
  const files = (await readdir(join(ROOT, 'storage/migrations'))).filter((name) => name.endsWith('.sql')).length;
  const steps = migrations.rows[0]?.count ?? 0;
  const apart = Math.abs(Number(at) - now);
  return [
    check(
      ...([
        'IQ-6',
        'The database keeps what it commits',
        'UTF8; fsync, full_page_writes and synchronous_commit on',
      ] as const),
      `PostgreSQL ${version}, ${encoding}; ${fsync}, ${pages}, ${commit}`,
      encoding === 'UTF8' && fsync === 'on' && pages === 'on' && commit !== 'off',
      ['REC-1'],
    ),
    check('IQ-7', 'The schema', `${files} migrations`, `${steps} migrations`, steps === files),
    check(
      ...(['IQ-8', 'The clocks of program and database', `within ${CLOCK_WITHIN_MS} ms`] as const),
      `${new Date(now).toISOString()}, ${Math.round(apart)} ms apart`,
      apart <= CLOCK_WITHIN_MS,
      ['ACC-8'],
    ),
  ];
}

/** One hash over the paths and hashes of all files, sorted: `sha256  path` a line, as sha256sum writes them. */
export async function programFiles(root = ROOT): Promise<{ readonly files: number; readonly sha256: string }> {
  const entries = await readdir(root, { withFileTypes: true });
  const tops = entries.filter(({ name }) => !NOT_OURS.has(name));
  const paths: string[] = [];
  for (const top of tops) {
    if (top.isFile()) paths.push(top.name);
    if (!top.isDirectory()) continue;
    const within = await readdir(join(root, top.name), { recursive: true, withFileTypes: true });
    for (const entry of within) {
      const path = join(entry.parentPath, entry.name).slice(root.length + 1);
      if (entry.isFile() && !path.split('/').some((part) => NOT_OURS.has(part))) paths.push(path);
    }
  }
  const total = createHash('sha256');
  for (const path of paths.sort()) {
    const sha256 = createHash('sha256')
      .update(await readFile(join(root, path)))
      .digest('hex');
    total.update(`${sha256}  ${path}\n`);
  }
  return { files: paths.length, sha256: total.digest('hex') };
}

interface Lock {
  readonly packages: Readonly<Record<string, { version?: string; dev?: boolean; optional?: boolean; peer?: boolean }>>;
}

/** Libraries that are not there, or in another version than locked. */
async function strangeLibraries(): Promise<string[]> {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Lock;
  const strangers: string[] = [];
  for (const [path, { version, dev, optional, peer }] of Object.entries(packages)) {
    if (path === '' || dev === true || optional === true || peer === true) continue;
    const there = await readFile(join(ROOT, path, 'package.json'), 'utf8').then(
      (text) => (JSON.parse(text) as { version?: string }).version ?? 'without a version',
      () => 'not there',
    );
    if (there !== version) strangers.push(`${path}: ${there} instead of ${version}`);
  }
  return strangers;
}

export function check(
  id: string,
  text: string,
  expected: string,
  found: string,
  isPassed: boolean,
  requirements: readonly string[] = [],
): Check {
  return { id, text, requirements, expected, found, isPassed };
}

/** What goes wrong on the way is what was found. */
export async function tried(
  id: string,
  text: string,
  expected: string,
  requirements: readonly string[],
  look: () => Promise<{ readonly found: string; readonly isPassed: boolean }>,
): Promise<Check> {
  try {
    const { found, isPassed } = await look();
    return { id, text, requirements, expected, found, isPassed };
  } catch (error) {
    return { id, text, requirements, expected, found: messageOf(error), isPassed: false };
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
