import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { ConflictError } from '../../domain/index.ts';

/**
 * One Isotherm per data directory. The lock is SQLite's on a file of its own: an fcntl lock, which the kernel drops
 * with the process however it dies and which holds across containers that share the directory. A pid in a file does
 * neither; ours, in `isotherm.pid`, is only for the message.
 */
export interface DirectoryLock {
  release(): void;
}

/** @throws {ConflictError} DATA_DIR_IN_USE names the directory and the holder's pid */
export function lockDirectory(dataDir: string): DirectoryLock {
  const pidFile = join(dataDir, 'isotherm.pid');
  const file = new DatabaseSync(join(dataDir, 'isotherm.lock'), { timeout: 0 });
  try {
    file.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (cause) {
    file.close();
    if ((cause as { errcode?: number }).errcode !== SQLITE_BUSY) throw cause;
    const pid = heldBy(pidFile);
    throw new ConflictError(
      'DATA_DIR_IN_USE',
      `data directory ${dataDir} is in use by another Isotherm (process ${pid ?? 'unknown'}); stop it or choose another data.dir`,
      { directory: dataDir, pid },
      cause,
    );
  }
  writeFileSync(pidFile, `${process.pid}\n`);
  return {
    release() {
      file.exec('ROLLBACK');
      file.close();
    },
  };
}

const SQLITE_BUSY = 5;

function heldBy(pidFile: string): number | null {
  try {
    return Number(readFileSync(pidFile, 'utf8')) || null;
  } catch {
    return null;
  }
}
