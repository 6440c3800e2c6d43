import { readFile } from 'node:fs/promises';
import type { Database } from '../storage/index.ts';

/**
 * Milliseconds of processor time this thread has used, both user's and system's. What a measurement of one core counts:
 * other programs on the machine do not make it slower, but for what they take of its caches.
 */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

/** Processor time so far, ms: of this process, or another one, and of the database's connections. */
export async function spentMs(database: Database, pid = process.pid): Promise<{ ours: number; database: number }> {
  const { rows } = await database.query<{ pid: number }>(
    'SELECT pid FROM pg_stat_activity WHERE backend_start IS NOT NULL',
  );
  // Connections that have ended meanwhile are counted by the server that was their parent.
  let inDatabase = await endedMs(await parentOf(rows[0]?.pid ?? 0));
  for (const one of rows) inDatabase += await processorMs(one.pid);
  return { ours: await processorMs(pid), database: inDatabase };
}

/** Its threads' too; in steps of 10 ms. */
async function processorMs(pid: number): Promise<number> {
  const fields = await fieldsOf(pid);
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10;
}

/** Of children that have ended. */
async function endedMs(pid: number): Promise<number> {
  const fields = await fieldsOf(pid);
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) * 10;
}

async function parentOf(pid: number): Promise<number> {
  return Number((await fieldsOf(pid))[1] ?? 0);
}

/** proc_pid_stat(5), from the third field on; none where it has ended. */
async function fieldsOf(pid: number): Promise<readonly string[]> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}
