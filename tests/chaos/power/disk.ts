import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Chance } from '../../../simulators/portal/random.ts';
import { type NameChange, namesIn, type Piece, piecesIn } from './store.ts';

/**
 * What of the unsynced is on the disk when the power is gone. `nothing` of it; `names` alone, which a journal may keep before the bytes are
 * written (delayed allocation: a file that was renamed over another is empty); `some`, as it is drawn: of bytes page by page, one in ten of
 * them torn, of names the first so many.
 */
export type Survives = 'nothing' | 'names' | 'some';
export const SURVIVES: readonly Survives[] = ['nothing', 'names', 'some'];

export interface Loss {
  /** That had bytes or a length that were not synced, and lost of them. */
  readonly files: number;
  readonly bytes: number;
  /** Changes of directories that are undone. */
  readonly names: number;
}

/** Pages are written whole or not, but for a drive's sectors. */
const PAGE = 4096;
const SECTOR = 512;
const TORN = 0.1;
const NAMES_FILE = 'names';

/** The files below a folder, as they are on a disk that keeps only what it is told to sync (unsynced.c). */
export class Disk {
  readonly root: string;
  readonly #store: string;
  readonly #library: string;

  /** @param store is made; outside of `root`, on the same file system. Whoever uses the disk does so as one account */
  constructor({ root, store, library }: { root: string; store: string; library: string }) {
    this.root = root;
    this.#store = store;
    this.#library = library;
    mkdirSync(store, { recursive: true });
    chmodSync(store, 0o777);
  }

  /** Of each process that writes there. */
  get env(): Readonly<Record<string, string>> {
    // Node writes by calls that can be stood before; io_uring's cannot.
    return { LD_PRELOAD: this.#library, POWER_ROOT: `${this.root}/`, POWER_STORE: this.#store, UV_USE_IO_URING: '0' };
  }

  /** Everything that is there now is synced. */
  forget(): void {
    for (const name of readdirSync(this.#store)) rmSync(join(this.#store, name));
  }

  /** When every process that writes there has ended: takes away what was not synced. */
  losePower(survives: Survives, chance: Chance): Loss {
    const names = this.#undoNames(survives, chance);
    const paths = pathsOf(this.root);
    let [files, bytes] = [0, 0];
    for (const name of readdirSync(this.#store)) {
      const path = paths.get(name);
      if (path === undefined) continue;
      const undone = undoPieces(path, piecesIn(readFileSync(join(this.#store, name))), survives, chance);
      files += undone === null ? 0 : 1;
      bytes += undone ?? 0;
    }
    this.forget();
    return { files, bytes, names };
  }

  /** @returns how many */
  #undoNames(survives: Survives, chance: Chance): number {
    const file = join(this.#store, NAMES_FILE);
    if (!existsSync(file)) return 0;
    const unsynced = namesIn(readFileSync(file));
    const kept = { nothing: 0, names: unsynced.length, some: Math.floor(chance.between(0, unsynced.length + 1)) };
    const undone = unsynced.slice(kept[survives]).reverse();
    for (const change of undone) this.#undoName(change);
    return undone.length;
  }

  #undoName({ kind, id, from, to, saved }: NameChange): void {
    const kept = saved === 0 ? null : join(this.#store, `saved-${saved}`);
    switch (kind) {
      case 'created':
      case 'linked':
        if (idAt(from) === id) unlinkSync(from);
        return;
      case 'renamed':
        if (idAt(to) !== id) return;
        // Taken again by another since: this one has no name any more.
        if (idAt(from) !== null) unlinkSync(to);
        else renameSync(to, from);
        if (kept !== null) linkSync(kept, to);
        return;
      case 'unlinked':
        if (kept !== null && idAt(from) === null && existsSync(join(from, '..'))) linkSync(kept, from);
    }
  }
}

/** By the id that unsynced.c gives a file. */
function pathsOf(root: string): Map<string, string> {
  const paths = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const id = idAt(path);
    if (id !== null) paths.set(id, path);
  }
  return paths;
}

const GOLDEN = 0x9e3779b97f4a7c15n;

function idAt(path: string): string | null {
  const found = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return null;
  return BigInt.asUintN(64, found.ino ^ BigInt.asUintN(64, found.birthtimeNs * GOLDEN))
    .toString(16)
    .padStart(16, '0');
}

/** From the newest to the oldest. @returns bytes that are other than they were, or null where nothing was */
function undoPieces(path: string, pieces: readonly Piece[], survives: Survives, chance: Chance): number | null {
  const [oldest] = pieces;
  if (oldest === undefined) return null;
  const isDrawn = survives === 'some';
  const isLost = isDrawn ? drawLost(chance) : () => true;
  const file = openSync(path, 'r+');
  try {
    const written = fstatSync(file).size;
    const keepsSize = isDrawn && chance.next() < 0.5;
    const end = keepsSize ? written : Number.MAX_SAFE_INTEGER;
    let bytes = 0;
    for (const piece of pieces.toReversed()) {
      // What was not there before: zeros, where the length has survived.
      const length = keepsSize ? piece.length : piece.kept.length;
      for (let at = piece.offset; at < Math.min(piece.offset + length, end); ) {
        const sector = isDrawn ? (Math.floor(at / SECTOR) + 1) * SECTOR : Number.MAX_SAFE_INTEGER;
        const next = Math.min(sector, piece.offset + length, end);
        if (isLost(at)) {
          const was = Buffer.alloc(next - at);
          was.set(piece.kept.subarray(at - piece.offset, next - piece.offset));
          writeSync(file, was, 0, was.length, at);
          bytes += was.length;
        }
        at = next;
      }
    }
    if (keepsSize) return bytes;
    ftruncateSync(file, oldest.size);
    return bytes + Math.max(0, written - oldest.size);
  } finally {
    closeSync(file);
  }
}

/** Whether a byte is as it was at the last sync: the same of a sector, and but for a torn page of a page. */
function drawLost(chance: Chance): (at: number) => boolean {
  const drawn = new Map<string, boolean>();
  const draw = (what: string) => {
    const known = drawn.get(what);
    if (known !== undefined) return known;
    const isSo = chance.next() < 0.5;
    drawn.set(what, isSo);
    return isSo;
  };
  const torn = new Map<number, boolean>();
  return (at) => {
    const page = Math.floor(at / PAGE);
    const isTorn = torn.get(page) ?? chance.next() < TORN;
    torn.set(page, isTorn);
    return isTorn ? draw(`sector ${Math.floor(at / SECTOR)}`) : draw(`page ${page}`);
  };
}
