import { statfs } from 'node:fs/promises';
import { type Config, dataDir } from '../config/index.ts';
import type { Room } from '../disk-concern.ts';

/** Of the data directory's disk; null where it is not on this machine. */
export async function diskOf(config: Config): Promise<Room | null> {
  const directory = dataDir(config, process.cwd(), process.getuid?.() === 0);
  const found = await statfs(directory).catch(() => null);
  return found === null ? null : { free: found.bavail * found.bsize, total: found.blocks * found.bsize };
}
