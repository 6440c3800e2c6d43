import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InputError, type Logger, type Partner, type TimeSource, UnavailableError } from '../../domain/index.ts';
import type { CameIn, PartnerFile } from '../../partners/index.ts';
import { contentOf, MOST_DROPPED_BYTES, moveAside, statOf } from './dropped-file.ts';
import { FolderWatch } from './folder-watch.ts';

export interface PartnerDropOptions {
  /** Holds a folder for each partner, by its id. */
  readonly folder: string;
  readonly partners: () => Promise<readonly Partner[]>;
  /** @throws {InputError} PARTNER_QUOTA it may come later; another code: it may not come at all */
  readonly take: (partner: Partner, file: CameIn) => Promise<PartnerFile>;
  readonly time: TimeSource;
  readonly logger: Logger;
}

/** A partner that has used up its quota is asked again so often: it may have been raised. */
const ASK_AGAIN_MS = 5 * 60_000;

/**
 * Where the SFTP server of the machine puts what partners bring: `FOLDER/PARTNER/NAME`. A file that has not changed between
 * two looks is taken, and moved to `done` or `refused` beside it with its fate in a file of the same name. Nothing is deleted.
 * The folder is the partner's to write: links in it are not followed, and a file that cannot be taken holds up no other. What
 * is more than is agreed for a day waits in it.
 */
export class PartnerDrop {
  readonly #options: PartnerDropOptions;
  readonly #watch: FolderWatch;
  #partners: ReadonlyMap<string, Partner> = new Map();
  /** Partners that have used up their quota, and when they are asked again, epoch ms UTC. */
  readonly #waiting = new Map<string, number>();

  constructor(options: PartnerDropOptions) {
    this.#options = options;
    const { folder: all, logger, time } = options;
    this.#watch = new FolderWatch({
      ...{ name: 'partner drop', time },
      folders: () => this.#folders(),
      take: (folder, name) => this.#take(folder, name),
      onStuck: (folder, name, err) =>
        logger.warn({ partner: basename(folder), name, err }, 'a file of a partner cannot be taken'),
      onUnreadable: (folder, err) =>
        logger.warn({ folder: folder ?? all, err }, 'a folder of a partner cannot be read'),
    });
  }

  /** @throws {UnavailableError} PARTNER_FOLDER_UNUSABLE */
  async start(): Promise<void> {
    const { folder } = this.#options;
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UnavailableError('PARTNER_FOLDER_UNUSABLE', `partners.folder: ${folder} cannot be used: ${reason}`);
    }
    this.#watch.start();
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  look(): Promise<void> {
    return this.#watch.look();
  }

  /** Those that stand there: a partner without one brings its files another way. */
  async #folders(): Promise<readonly string[]> {
    const partners = await this.#options.partners();
    const folders = partners.map((partner) => [join(this.#options.folder, partner.id), partner] as const);
    const found = await Promise.all(folders.map(async ([folder]) => (await statOf(folder))?.isDirectory() === true));
    this.#partners = new Map(folders.filter((_, index) => found[index]));
    return [...this.#partners.keys()];
  }

  async #take(folder: string, name: string): Promise<boolean> {
    const { logger, time } = this.#options;
    const partner = this.#partners.get(folder);
    if (partner === undefined || time.now() < (this.#waiting.get(folder) ?? 0)) return false;
    // Before it is taken: what could not be moved away would be taken again and again.
    for (const to of ['done', 'refused']) await requireOwn(join(folder, to));
    const content = await contentOf(join(folder, name));
    if (typeof content === 'number') {
      const reason = `${content} bytes; allowed: ${MOST_DROPPED_BYTES}`;
      await this.#move(folder, name, { fate: 'refused', reason });
      return true;
    }
    try {
      const file = await this.#options.take(partner, { via: 'folder', name, content });
      const { fate, reason, sha256, repeats, subject } = file;
      await this.#move(folder, name, { fate, reason, sha256, repeats, subject });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      if (error.code === 'PARTNER_QUOTA') {
        this.#waiting.set(folder, time.now() + ASK_AGAIN_MS);
        logger.warn({ partner: partner.id, reason: error.message }, 'files of a partner wait: more than is agreed');
        return false;
      }
      await this.#move(folder, name, { fate: 'refused', reason: error.message });
    }
    return true;
  }

  #move(
    folder: string,
    name: string,
    told: { readonly fate: string; readonly [more: string]: unknown },
  ): Promise<void> {
    const note = { ending: '.fate.json', text: `${JSON.stringify(told)}\n` };
    const to = told.fate === 'refused' ? 'refused' : 'done';
    return moveAside(folder, name, { to, at: this.#options.time.now(), note });
  }
}

/** @throws {UnavailableError} PARTNER_FOLDER_UNUSABLE what stands there is a link to elsewhere, or a file */
async function requireOwn(path: string): Promise<void> {
  const found = await statOf(path);
  if (found === null || found.isDirectory()) return;
  throw new UnavailableError('PARTNER_FOLDER_UNUSABLE', `${path} is no folder but a link or a file; remove it`);
}
