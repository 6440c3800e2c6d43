import { mkdir, open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** What a file system says that knows no sync of a directory; PostgreSQL takes it so too (`fsync_fname_ext`). */
const KNOWS_NONE = new Set(['EINVAL', 'EBADF', 'ENOTSUP']);

/** Names that were made, moved or taken away in a folder are so on the disk when this returns (fsync(2), NOTES). */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } catch (error) {
    if (!KNOWS_NONE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    await folder.close();
  }
}

/**
 * `mkdir -p`. What was made has its name on the disk when this returns, each folder in the one above it: a file that is synced in a folder
 * whose name is lost is lost with it.
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  const topmost = await mkdir(path, { recursive: true, ...(mode !== undefined && { mode }) });
  if (topmost !== undefined) await syncNames(resolve(path), resolve(topmost));
}

/** The names of folders that were made, from the deepest up to the topmost of them. */
async function syncNames(deepest: string, topmost: string): Promise<void> {
  for (let made = deepest; ; made = dirname(made)) {
    await syncName(made);
    if (made === topmost || made === dirname(made)) return;
  }
}

/** The name of a folder in the one above it. @throws what the disk says; where the folder above may not be read, though it was written, it cannot be synced, and is let pass */
export async function syncName(folder: string): Promise<void> {
  try {
    await syncFolder(dirname(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
  }
}
