import { join } from 'node:path';
import { InputError, type Logger, type TimeSource, UnavailableError } from '../../domain/index.ts';
import { makeFolder } from '../../storage/index.ts';
import { contentOf, MOST_DROPPED_BYTES, moveAside, requireOwn, statOf } from './dropped-file.ts';
import { FolderWatch } from './folder-watch.ts';

/** What became of a file; the whole of it goes into the note beside it. */
export interface DroppedFate {
  readonly fate: string;
  readonly reason: string | null;
  readonly [more: string]: unknown;
}

/** Of the drop of one kind of others: where they are, who they are, and what takes their files. */
export interface DropOptions<Owner, Taken> {
  /** Holds a folder for each of them, by its id. */
  readonly folder: string;
  readonly owners: () => Promise<readonly Owner[]>;
  /** @throws {InputError} for more than is agreed for a day: it may come later; of another code: it may not come at all */
  readonly take: (
    owner: Owner,
    file: { readonly via: 'folder'; readonly name: string; readonly content: Buffer },
  ) => Promise<Taken>;
  readonly time: TimeSource;
  readonly logger: Logger;
}

export interface FolderDropOptions<Owner extends { readonly id: string }> {
  /** Names its clock. */
  readonly name: string;
  /** Holds a folder for each owner, by its id. */
  readonly folder: string;
  /** Where in the folder of an owner its files come, such as `in`; empty: in itself. */
  readonly inbox: string;
  /** What says so where the folder cannot be used: the code of the error, and the setting. */
  readonly unusable: { readonly code: string; readonly setting: string };
  readonly owners: () => Promise<readonly Owner[]>;
  /** @throws {InputError} of the code `quota`: it may come later; of another: it may not come at all */
  readonly take: (owner: Owner, file: { readonly name: string; readonly content: Buffer }) => Promise<DroppedFate>;
  readonly quota: string;
  /** More than is agreed for a day came: told once each time it is asked again. */
  readonly onWaiting: (owner: Owner, reason: string) => void;
  readonly onStuck: (owner: string, name: string, error: unknown) => void;
  readonly onUnreadable: (folder: string, error: unknown) => void;
  readonly time: TimeSource;
}

/** One that has used up its quota is asked again so often: it may have been raised. */
const ASK_AGAIN_MS = 5 * 60_000;

/**
 * Folders that others may write, one for each of them: `FOLDER/OWNER/INBOX/NAME`. A file that has not changed between two looks
 * is taken, and moved to `done` or `refused` beside it with its fate in a file of the same name. Nothing is deleted. Links are
 * not followed, and a file that cannot be taken holds up no other. What is more than is agreed for a day waits.
 */
export class FolderDrop<Owner extends { readonly id: string }> {
  readonly #options: FolderDropOptions<Owner>;
  readonly #watch: FolderWatch;
  #owners: ReadonlyMap<string, Owner> = new Map();
  /** Those that have used up their quota, and when they are asked again, epoch ms UTC. */
  readonly #waiting = new Map<string, number>();

  constructor(options: FolderDropOptions<Owner>) {
    this.#options = options;
    const { folder: all, name, onStuck, onUnreadable, time } = options;
    this.#watch = new FolderWatch({
      ...{ name, time },
      folders: () => this.#folders(),
      take: (folder, file) => this.#take(folder, file),
      onStuck: (folder, file, error) => onStuck(this.#owners.get(folder)?.id ?? folder, file, error),
      onUnreadable: (folder, error) => onUnreadable(folder ?? all, error),
    });
  }

  /** @throws {UnavailableError} of the code `unusable` */
  async start(): Promise<void> {
    const { folder, unusable } = this.#options;
    try {
      await makeFolder(folder);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UnavailableError(unusable.code, `${unusable.setting}: ${folder} cannot be used: ${reason}`);
    }
    this.#watch.start();
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  look(): Promise<void> {
    return this.#watch.look();
  }

  /** Those that stand there: who has none brings its files another way. */
  async #folders(): Promise<readonly string[]> {
    const { folder: all, inbox } = this.#options;
    const owners = await this.#options.owners();
    const folders = owners.map((owner) => [join(all, owner.id), owner] as const);
    // The folder of the owner too: a link in place of it is followed no more than one in it.
    const isThere = async (path: string) => (await statOf(path))?.isDirectory() === true;
    const found = await Promise.all(
      folders.map(async ([own]) => (await isThere(own)) && (inbox === '' || (await isThere(join(own, inbox))))),
    );
    this.#owners = new Map(
      folders.filter((_, index) => found[index]).map(([own, owner]) => [join(own, inbox), owner] as const),
    );
    return [...this.#owners.keys()];
  }

  async #take(folder: string, name: string): Promise<boolean> {
    const { onWaiting, quota, take, time, unusable } = this.#options;
    const owner = this.#owners.get(folder);
    if (owner === undefined || time.now() < (this.#waiting.get(folder) ?? 0)) return false;
    // Before it is taken: what could not be moved away would be taken again and again.
    for (const to of ['done', 'refused']) await requireOwn(join(folder, to), unusable.code);
    const content = await contentOf(join(folder, name));
    if (typeof content === 'number') {
      const reason = `${content} bytes; allowed: ${MOST_DROPPED_BYTES}`;
      await this.#move(folder, name, { fate: 'refused', reason });
      return true;
    }
    try {
      await this.#move(folder, name, await take(owner, { name, content }));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if (error.code === quota) {
        this.#waiting.set(folder, time.now() + ASK_AGAIN_MS);
        onWaiting(owner, error.message);
        return false;
      }
      await this.#move(folder, name, { fate: 'refused', reason: error.message });
    }
    return true;
  }

  #move(folder: string, name: string, told: DroppedFate): Promise<void> {
    const note = { ending: '.fate.json', text: `${JSON.stringify(told)}\n` };
    const to = told.fate === 'refused' ? 'refused' : 'done';
    return moveAside(folder, name, { to, at: this.#options.time.now(), note });
  }
}
