import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Puts a short text in place of a file's, whole or not at all. Several processes may: each writes a file of its own first, so
 * that none puts half of another's in place.
 */
export async function keepFile(file: string, text: string): Promise<void> {
  const fresh = `${file}.${randomBytes(6).toString('hex')}`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(fresh, text);
    await rename(fresh, file);
  } finally {
    await rm(fresh, { force: true });
  }
}
