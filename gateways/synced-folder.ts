import { closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** What a file system says that knows no sync of a directory. */
const KNOWS_NONE = new Set(['EINVAL', 'EBADF', 'ENOTSUP']);

/** Names that were made, moved or taken away in a folder are so on the disk when this returns (fsync(2), NOTES). */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } catch (error) {
    if (!KNOWS_NONE.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
  } finally {
    closeSync(folder);
  }
}

/**
 * `mkdir -p`. What was made has its name on the disk when this returns, each folder in the one above it; where that may not be read, though
 * it was written, it cannot be synced, and is let pass.
 */
export function makeFolder(path: string): void {
  const topmost = mkdirSync(path, { recursive: true });
  if (topmost === undefined) return;
  for (let made = resolve(path); ; made = dirname(made)) {
    try {
      syncFolder(dirname(made));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EACCES') throw error;
    }
    if (made === resolve(topmost) || made === dirname(made)) return;
  }
}
