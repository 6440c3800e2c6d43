import { constants, type Stats } from 'node:fs';
import { lstat, open, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UnavailableError } from '../../domain/index.ts';
import { makeFolder, syncFolder } from '../../storage/index.ts';

/** Of a file that somebody put into a folder, bytes: beyond it is refused unread. */
export const MOST_DROPPED_BYTES = 16 * 1024 * 1024;
/** Of a name, bytes: with what is put before and behind it, it still is one (POSIX NAME_MAX is 255). */
const MOST_NAME_BYTES = 200;

/** Of the file itself, or how many bytes it has where these are too many. A link that stands there now is not followed. */
export async function contentOf(path: string): Promise<Buffer | number> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = await file.stat();
    if (size > MOST_DROPPED_BYTES) return size;
    const content = Buffer.alloc(size);
    const { bytesRead } = await file.read(content, 0, size, 0);
    return content.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Where a file goes when it was looked at. */
export interface Aside {
  /** A folder in its own: `done`, `refused`. */
  readonly to: string;
  /** Epoch ms UTC: before the name where that is taken. */
  readonly at: number;
  /** What is said of it, in a file of the same name with this behind it. */
  readonly note: { readonly ending: string; readonly text: string };
}

/**
 * Moves a file aside, with its note. Never over a file that is there: the same name comes again. Nor beside the note of another: who
 * took away the file and left its note would take that for the fate of the next one.
 */
export async function moveAside(folder: string, name: string, { to, at, note }: Aside): Promise<void> {
  await makeFolder(join(folder, to));
  const short = shortName(name);
  const stamp = new Date(at).toISOString().replaceAll(':', '');
  const isThere = async (path: string) =>
    (await statOf(path)) !== null || (await statOf(`${path}${note.ending}`)) !== null;
  let free = join(folder, to, short);
  for (let tries = 1; await isThere(free); tries += 1)
    free = join(folder, to, `${stamp}${tries === 1 ? '' : `-${tries}`}-${short}`);
  await rename(join(folder, name), free);
  // `wx`: a link that somebody put there beforehand is not written through. On the disk: who fetches it takes an empty one for the answer.
  await writeFile(`${free}${note.ending}`, note.text, { flag: 'wx', flush: true });
  await syncFolder(join(folder, to));
  await syncFolder(folder);
}

/** Of what stands there itself; null: nothing does. */
export function statOf(path: string): Promise<Stats | null> {
  return lstat(path).catch(() => null);
}

/** Where a folder is to be, nothing or a folder stands. @throws {UnavailableError} of this code: a link to elsewhere, or a file */
export async function requireOwn(path: string, code: string): Promise<void> {
  const found = await statOf(path);
  if (found === null || found.isDirectory()) return;
  throw new UnavailableError(code, `${path} is no folder but a link or a file; remove it`);
}

/** The end of a name says what it is, so it stays. */
function shortName(name: string): string {
  let short = name;
  while (Buffer.byteLength(short) > MOST_NAME_BYTES) short = Array.from(short).slice(1).join('');
  return short;
}
