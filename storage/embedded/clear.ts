import { existsSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { silentLogger, type TimeSource } from '../../domain/index.ts';
import { LOCK_FILES, lockDirectory } from './lock.ts';
import { stopOrphan } from './postmaster.ts';

/**
 * Empties a data directory for a fresh start: a PostgreSQL left behind there is stopped first, one that is in use is
 * left alone. Nothing happens where there is no such directory.
 *
 * @throws {ConflictError} DATA_DIR_IN_USE
 */
export async function clearDataDirectory({
  dataDir,
  time,
  keep = [],
}: {
  dataDir: string;
  time: TimeSource;
  /** Names in it that stay. */
  keep?: readonly string[];
}): Promise<void> {
  if (!existsSync(dataDir)) return;
  const lock = lockDirectory(dataDir);
  try {
    await stopOrphan({ clusterDir: join(dataDir, 'postgres'), time, logger: silentLogger });
    for (const name of await readdir(dataDir)) {
      if (!LOCK_FILES.has(name) && !keep.includes(name))
        await rm(join(dataDir, name), { recursive: true, force: true });
    }
  } finally {
    lock.release();
  }
}
