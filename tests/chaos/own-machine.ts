import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A process is known to have ended by those alone that were started in the same run of the machine (`storage/lease-holder.ts`). */
const OF_ITS_RUN = '/proc/sys/kernel/random/boot_id';
const SCRIPT = `mount --bind "$0" ${OF_ITS_RUN} && exec "$@"`;

/**
 * What stands before a command so that its process takes itself to be on a machine of its own: others have to wait for its leases to run
 * out once it is gone. Its number stays what it is. Each call is another machine.
 *
 * @param folder where a file can be left @returns null where this account may not do that (unshare(1), mount(8))
 */
export function ownMachine(folder: string): readonly string[] | null {
  const file = join(folder, `machine-${randomUUID()}`);
  writeFileSync(file, `${randomUUID()}\n`);
  const words = ['unshare', '--mount', 'sh', '-c', SCRIPT, file] as const;
  const [program, ...rest] = words;
  return spawnSync(program, [...rest, 'true'], { stdio: 'ignore' }).status === 0 ? words : null;
}
