import { chownSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConflictError, UnavailableError } from '../../domain/index.ts';

const LOCK_FILE = 'isotherm.lock';
const PID_FILE = 'isotherm.pid';
/** What stays in a data directory that is emptied: whoever waits for the lock waits on this very file. */
export const LOCK_FILES: ReadonlySet<string> = new Set([LOCK_FILE, PID_FILE]);

/**
 * One Isotherm per data directory. The lock is SQLite's on a file of its own: an fcntl lock, which the kernel drops
 * with the process however it dies and which holds across containers that share the directory. A pid in a file does
 * neither; ours, in `isotherm.pid`, is only for the message.
 */
export interface DirectoryLock {
  /** May be called again. */
  release(): void;
}

/**
 * @throws {ConflictError} DATA_DIR_IN_USE names the directory and the holder's pid
 * @throws {UnavailableError} DATA_DIR_UNUSABLE if no lock can be made there
 */
export function lockDirectory(dataDir: string): DirectoryLock {
  const lockFile = join(dataDir, LOCK_FILE);
  const pidFile = join(dataDir, PID_FILE);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(lockFile, { timeout: 0 });
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    writeFileSync(pidFile, `${process.pid}\n`);
    shareWithOwner(dataDir, [lockFile, pidFile]);
  } catch (cause) {
    database?.close();
    throw (cause as { errcode?: number }).errcode === SQLITE_BUSY
      ? inUse(dataDir, heldBy(pidFile), cause)
      : new UnavailableError(
          'DATA_DIR_UNUSABLE',
          `data directory ${dataDir} cannot be used: ${(cause as Error).message} (${lockFile})`,
          { directory: dataDir },
          cause,
        );
  }
  const held = database;
  return {
    release() {
      if (held.isOpen) held.close();
    },
  };
}

/** SQLite result code: another connection holds a lock that conflicts. */
const SQLITE_BUSY = 5;

function inUse(dataDir: string, pid: number | null, cause: unknown): ConflictError {
  return new ConflictError(
    'DATA_DIR_IN_USE',
    `data directory ${dataDir} is in use by another Isotherm (process ${pid ?? 'unknown'}); stop it or choose another data.dir`,
    { directory: dataDir, pid },
    cause,
  );
}

function heldBy(pidFile: string): number | null {
  try {
    return Number(readFileSync(pidFile, 'utf8')) || null;
  } catch {
    return null;
  }
}

/** Started once as root, a user's data directory must not be closed to the user afterwards. */
function shareWithOwner(dataDir: string, files: readonly string[]): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dataDir);
  for (const file of files) chownSync(file, uid, gid);
}
