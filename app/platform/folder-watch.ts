import type { Dirent } from 'node:fs';
import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { type TimeSource, UnavailableError } from '../../domain/index.ts';

export interface FolderWatchOptions {
  /** Names its clock. */
  readonly name: string;
  /** Those that are looked at, each for itself. */
  readonly folders: () => Promise<readonly string[]>;
  /**
   * Takes a file that has stood still, and moves it away. What it throws is told, and the file tried again.
   * @returns whether more of this folder may be taken in this look
   */
  readonly take: (folder: string, name: string) => Promise<boolean>;
  /** A file cannot be taken: told once, and again where the reason is another. */
  readonly onStuck: (folder: string, name: string, error: unknown) => void;
  /** A folder cannot be read, or what takes its files is away; null: their list cannot be had. Told once likewise. */
  readonly onUnreadable: (folder: string | null, error: unknown) => void;
  readonly time: TimeSource;
}

const LOOK_EVERY_MS = 5_000;
/** An empty file is most often one that somebody has opened and not written yet: it is taken when it stays so. */
const EMPTY_FOR_MS = 60_000;
/** Of one folder at one look: one that is full holds up no other. */
const MOST_TAKEN = 25;
/** A folder with more is seen from its beginning on, as it is emptied. */
const MOST_SEEN = 5_000;
/** What programs write before they rename, and what hides. */
const NOT_YET = /^\.|\.(?:part|partial|filepart|tmp|swp|crdownload)$|~$/i;

/**
 * Looks into folders into which others put files, and takes each that has not changed between two looks: one that is still
 * being written is never half taken. Each file and each folder for itself, whatever another one does. Links are not followed.
 */
export class FolderWatch {
  readonly #options: FolderWatchOptions;
  /** By path, its size and time at the last look. */
  #seen: ReadonlyMap<string, string> = new Map();
  /** By path, of files and folders, what was said of it. */
  #stuck: ReadonlyMap<string, string> = new Map();
  #looking: Promise<void> | null = null;
  #timer: { cancel(): void } | null = null;

  constructor(options: FolderWatchOptions) {
    this.#options = options;
  }

  start(): void {
    const { name, onUnreadable, time } = this.#options;
    this.#timer = time.every(name, LOOK_EVERY_MS, () => {
      this.#looking ??= this.look()
        .catch((error: unknown) => onUnreadable(null, error))
        .finally(() => {
          this.#looking = null;
        });
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#looking;
  }

  /** Takes what has not changed since the look before. */
  async look(): Promise<void> {
    const seen = new Map<string, string>();
    const stuck = new Map<string, string>();
    for (const folder of await this.#options.folders()) {
      try {
        await this.#lookInto(folder, seen, stuck);
      } catch (error) {
        // Under the path of the folder itself, which no file has.
        this.#tell(folder, error, stuck, () => this.#options.onUnreadable(folder, error));
      }
    }
    this.#seen = seen;
    this.#stuck = stuck;
  }

  async #lookInto(folder: string, seen: Map<string, string>, stuck: Map<string, string>): Promise<void> {
    const { onStuck, take } = this.#options;
    let away: UnavailableError | null = null;
    let left = MOST_TAKEN;
    // Those that failed come last: they leave the others their turn.
    const isStuck = (name: string) => this.#stuck.has(join(folder, name));
    const names = await namesIn(folder);
    for (const name of [...names.filter((one) => !isStuck(one)), ...names.filter(isStuck)]) {
      const path = join(folder, name);
      try {
        const { size, mtimeMs } = await lstat(path);
        const mark = `${size} ${mtimeMs}`;
        // Until it is taken: what fails has stood still all the same, and is tried at the next look.
        seen.set(path, mark);
        if (this.#seen.get(path) !== mark || left <= 0) continue;
        if (size === 0 && Math.abs(this.#options.time.now() - mtimeMs) < EMPTY_FOR_MS) continue;
        left -= 1;
        if (await take(folder, name)) seen.delete(path);
        else left = 0;
      } catch (error) {
        if (error instanceof UnavailableError) away ??= error;
        else this.#tell(path, error, stuck, () => onStuck(folder, name, error));
      }
    }
    if (away !== null) throw away;
  }

  #tell(path: string, error: unknown, stuck: Map<string, string>, say: () => void): void {
    const reason = error instanceof Error ? error.message : String(error);
    stuck.set(path, reason);
    if (this.#stuck.get(path) !== reason) say();
  }
}

/** Names of plain files that may be taken, in the order of their names as far as they are seen. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const names: string[] = [];
  // Read piece by piece: a folder with a million of files costs what is looked at.
  for await (const entry of await opendir(folder)) {
    if (isTakeable(entry)) names.push(entry.name);
    if (names.length >= MOST_SEEN) break;
  }
  return names.sort();
}

function isTakeable(entry: Dirent): boolean {
  return entry.isFile() && !NOT_YET.test(entry.name);
}
