import { randomBytes } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder, syncFolder } from '../storage/index.ts';

/**
 * Puts a short text in place of a file's, whole or not at all, also when the power goes: the text is on the disk before the name is, and the
 * name before this returns. Without the first a file system with delayed allocation leaves an empty file under the name (ext4(5),
 * `auto_da_alloc`), without the second the former one may be back. Several processes may: each writes a file of its own first, so that none
 * puts half of another's in place.
 */
export async function keepFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.${randomBytes(6).toString('hex')}`;
  await makeFolder(dirname(file));
  try {
    await writeFile(fresh, text, { flush: true });
    await rename(fresh, file);
  } finally {
    await rm(fresh, { force: true });
  }
  await syncFolder(dirname(file));
}
