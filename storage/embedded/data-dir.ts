import { chmod, chown, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UnavailableError } from '../../domain/index.ts';
import { syncName } from '../synced-folder.ts';
import { type Account, barrier, PASS } from './account.ts';

/**
 * Makes the data directory where it is absent, closed to others. @returns its path without symbolic links
 * @throws {UnavailableError} DATA_DIR_UNUSABLE
 */
export async function makeDataDir(dataDir: string): Promise<string> {
  try {
    const first = await makeWithParents(resolve(dataDir));
    const path = await realpath(dataDir);
    if (first !== undefined) {
      // The umask may have closed what was made on the way, but the server's account must get through.
      const topmost = await realpath(first);
      for (let at = path; at.startsWith(topmost); at = dirname(at)) await chmod(at, at === path ? 0o700 : 0o711);
    }
    return path;
  } catch (cause) {
    throw unusable(dataDir, (cause as Error).message, cause);
  }
}

/**
 * Lets the server's account pass through to its cluster, and nobody else: where root's directory is closed to it, by
 * the directory's group.
 * @throws {UnavailableError} DATA_DIR_UNUSABLE where a directory above it is closed; that one is not ours to open
 */
export async function openDataDir(dataDir: string, account: Account | undefined): Promise<void> {
  if (account === undefined) return;
  let closed = await barrier(account, dataDir, PASS);
  if (closed === dataDir) {
    const { uid, mode } = await stat(dataDir);
    try {
      await chown(dataDir, uid, account.gid);
      await chmod(dataDir, (mode & 0o7777) | 0o010);
    } catch (cause) {
      // A container that maps no uid but root's, or a root without CAP_CHOWN.
      throw unusable(
        dataDir,
        `it cannot be opened to uid ${account.uid}, which PostgreSQL runs as because it refuses to be root ` +
          `(${(cause as Error).message}); run as another user, or set DATABASE_URL`,
        cause,
      );
    }
    closed = await barrier(account, dataDir, PASS);
  }
  if (closed !== null) {
    throw unusable(
      dataDir,
      `${closed} is closed to uid ${account.uid}, which PostgreSQL runs as because it refuses to be root`,
    );
  }
}

/**
 * `mkdir -p`, by hand: Node's recursive one never returns where the parent is there and yet says ENOENT (/proc).
 * @returns the topmost directory that was made, undefined where all were there
 */
async function makeWithParents(path: string): Promise<string | undefined> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (found?.isDirectory()) return undefined;
  if (found !== null) throw new Error('it is no directory');
  const topmost = dirname(path) === path ? undefined : await makeWithParents(dirname(path));
  try {
    await mkdir(path, { mode: 0o711 });
    await syncName(path);
  } catch (error) {
    // Someone else made it at the same moment.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return topmost ?? path;
}

function unusable(dataDir: string, reason: string, cause?: unknown): UnavailableError {
  return new UnavailableError(
    'DATA_DIR_UNUSABLE',
    `data directory ${dataDir} cannot be used: ${reason}`,
    { directory: dataDir },
    cause,
  );
}
