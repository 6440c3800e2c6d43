import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, type TimeSource, UnavailableError } from '../../domain/index.ts';

/** How long an orphan may take to shut down cleanly before it is made to recover instead. */
const CLEAN_STOP_MS = 20_000;

/**
 * Stops a server that an Isotherm killed earlier has left behind on this cluster, and clears away a `postmaster.pid`
 * that belongs to no server. Call with the directory locked: then no living Isotherm can own it.
 *
 * A pid alone proves nothing (pids are reused, and mean something else in another container): it counts only if that
 * process works in this directory, as a postmaster always does.
 */
export async function stopOrphan(options: {
  readonly clusterDir: string;
  readonly time: TimeSource;
  readonly logger: Logger;
}): Promise<void> {
  const { clusterDir, time, logger } = options;
  const pidFile = join(clusterDir, 'postmaster.pid');
  const pid = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  const stopped = async (forMs: number) => {
    for (const from = time.monotonic(); time.monotonic() - from < forMs; ) {
      if ((await serversIn(clusterDir)).length === 0) return true;
      await time.sleep('storage: orphaned postmaster', 50);
    }
    return false;
  };
  const servers = await serversIn(clusterDir);
  if (servers.length > 0) {
    logger.warn({ pids: servers, directory: clusterDir }, 'stopping a PostgreSQL left behind by an earlier process');
    // SIGINT: fast shutdown, with a checkpoint. SIGQUIT: at once, the next start recovers from the WAL.
    if (servers.includes(pid)) signal(pid, 'SIGINT');
    if (!(await stopped(CLEAN_STOP_MS))) {
      for (const server of await serversIn(clusterDir)) signal(server, 'SIGQUIT');
      if (!(await stopped(CLEAN_STOP_MS))) {
        throw new UnavailableError(
          'POSTGRES_ORPHAN_STUCK',
          `PostgreSQL process ${servers.join(', ')} on ${clusterDir} does not stop; stop it by hand`,
          { pids: servers, directory: clusterDir },
        );
      }
    }
  }
  await rm(pidFile, { force: true });
}

/** Processes that work in the cluster directory: the postmaster and its children. */
async function serversIn(clusterDir: string): Promise<number[]> {
  const found: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const at = await readlink(`/proc/${entry}/cwd`).catch(() => null);
    if (at === clusterDir) found.push(Number(entry));
  }
  return found;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Gone in the meantime, which is what was asked for.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
