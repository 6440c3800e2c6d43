import { constants } from 'node:fs';
import { open, opendir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { IsothermError, UnavailableError } from '../../domain/index.ts';
import { makeFolder, syncFolder } from '../../storage/index.ts';
import { requireOwn } from './dropped-file.ts';

/** Files that may wait in one folder to be fetched: a system that fetches none does not fill the disk. */
const MOST_WAITING = 10_000;

/**
 * Puts a file where a system fetches it: whole under its name or not there at all, on the disk when this returns. The folder is
 * the system's to write, so a link in it is not followed. The same name again replaces it.
 * @throws {UnavailableError} SYSTEM_FOLDER_UNUSABLE it cannot be written now; OUTBOX_FULL nobody fetches what is there
 */
export async function putOut(folder: string, name: string, content: string, most = MOST_WAITING): Promise<void> {
  const half = join(folder, `.${name}.part`);
  try {
    await requireOwn(folder, 'SYSTEM_FOLDER_UNUSABLE');
    await makeFolder(folder);
    await requireRoom(folder, most);
    // Left by one of us that was killed, or put there by somebody: neither is written through.
    await rm(half, { force: true });
    const file = await open(
      half,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o660,
    );
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(half, join(folder, name));
    await syncFolder(folder);
  } catch (error) {
    if (error instanceof IsothermError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new UnavailableError('SYSTEM_FOLDER_UNUSABLE', `${folder} cannot be written: ${reason}`);
  }
}

async function requireRoom(folder: string, most: number): Promise<void> {
  let waiting = 0;
  for await (const _entry of await opendir(folder)) {
    waiting += 1;
    if (waiting < most) continue;
    const message = `${most} files wait in ${folder}; allowed: fewer. Fetch and delete them`;
    throw new UnavailableError('OUTBOX_FULL', message);
  }
}
