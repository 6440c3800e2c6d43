import { open } from 'node:fs/promises';

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
