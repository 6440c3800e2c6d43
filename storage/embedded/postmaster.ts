import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, type TimeSource, UnavailableError } from '../../domain/index.ts';

/** How long an orphan may take to shut down cleanly before it is made to recover instead. */
const CLEAN_STOP_MS = 30_000;
const HARD_STOP_MS = 10_000;
const POLL_MS = 50;

/**
 * Stops a server that an Isotherm killed earlier has left behind on this cluster, and clears away a `postmaster.pid`
 * that belongs to no server. Call with the directory locked: then no living Isotherm can own it.
 *
 * A pid alone proves nothing (pids are reused, and mean something else in another container): a process counts only if
 * it works in this directory, as every process of the server does.
 *
 * @throws {UnavailableError} POSTGRES_ORPHAN_STUCK
 */
export async function stopOrphan(options: {
  readonly clusterDir: string;
  readonly time: TimeSource;
  readonly logger: Logger;
}): Promise<void> {
  const { clusterDir, time, logger } = options;
  const pidFile = join(clusterDir, 'postmaster.pid');
  const postmaster = Number((await readFile(pidFile, 'utf8').catch(() => '')).split('\n')[0]);
  const processes = await serverProcesses(clusterDir);
  if (processes.length > 0) {
    logger.warn({ pids: processes, directory: clusterDir }, 'stopping a PostgreSQL left behind by an earlier process');
    // SIGINT: fast shutdown, with a checkpoint. Without their postmaster the others end by themselves.
    if (processes.includes(postmaster)) signal(postmaster, 'SIGINT');
    let remaining = await untilGone(clusterDir, CLEAN_STOP_MS, time);
    // SIGQUIT: at once; the next start recovers from the WAL.
    for (const pid of remaining) signal(pid, 'SIGQUIT');
    if (remaining.length > 0) remaining = await untilGone(clusterDir, HARD_STOP_MS, time);
    if (remaining.length > 0) {
      throw new UnavailableError(
        'POSTGRES_ORPHAN_STUCK',
        `PostgreSQL processes ${remaining.join(', ')} on ${clusterDir} do not stop; stop them by hand`,
        { pids: remaining, directory: clusterDir },
      );
    }
  }
  await rm(pidFile, { force: true });
}

/** @returns who is still there after `forMs` */
async function untilGone(clusterDir: string, forMs: number, time: TimeSource): Promise<number[]> {
  const from = time.monotonic();
  for (;;) {
    const remaining = await serverProcesses(clusterDir);
    if (remaining.length === 0 || time.monotonic() - from > forMs) return remaining;
    await time.sleep('storage: orphaned postgres', POLL_MS);
  }
}

async function serverProcesses(clusterDir: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((entry) => /^\d+$/.test(entry)).map(Number);
  const works = await Promise.all(pids.map((pid) => worksIn(pid, clusterDir)));
  return pids.filter((_, i) => works[i]);
}

/**
 * By its working directory. Root without CAP_SYS_PTRACE (a container's) may not see that of another uid's process;
 * there the postmaster is known by its command line, and its children end with it.
 */
async function worksIn(pid: number, clusterDir: string): Promise<boolean> {
  const directory = await readlink(`/proc/${pid}/cwd`).catch((error: NodeJS.ErrnoException) => error.code);
  if (directory !== 'EACCES') return directory === clusterDir;
  const [program = '', ...args] = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0');
  return program.endsWith('/postgres') && args[0] === '-D' && args[1] === clusterDir;
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // Gone in the meantime, which is what was asked for.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
