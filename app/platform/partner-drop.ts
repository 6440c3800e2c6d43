import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, type Partner, type TimeSource, UnavailableError } from '../../domain/index.ts';
import type { CameIn, PartnerFile } from '../../partners/index.ts';

export interface PartnerDropOptions {
  /** Holds a folder for each partner, by its id. */
  readonly folder: string;
  readonly partners: () => Promise<readonly Partner[]>;
  readonly take: (partner: Partner, file: CameIn) => Promise<PartnerFile>;
  readonly time: TimeSource;
  readonly logger: Logger;
}

const LOOK_EVERY_MS = 5_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** What programs write before they rename, and what hides. */
const NOT_YET = /^\.|\.(?:part|partial|filepart|tmp|swp|crdownload)$|~$/i;

/**
 * Where the SFTP server of the machine puts what partners bring: `FOLDER/PARTNER/NAME`. A file that has not changed between
 * two looks is taken, and moved to `done` or `refused` beside it with its fate in a file of the same name. Nothing is deleted.
 */
export class PartnerDrop {
  readonly #options: PartnerDropOptions;
  #seen = new Map<string, string>();
  #looking: Promise<void> | null = null;
  #timer: { cancel(): void } | null = null;

  constructor(options: PartnerDropOptions) {
    this.#options = options;
  }

  /** @throws {UnavailableError} PARTNER_FOLDER_UNUSABLE */
  async start(): Promise<void> {
    const { folder, logger, time } = this.#options;
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UnavailableError('PARTNER_FOLDER_UNUSABLE', `partners.folder: ${folder} cannot be used: ${reason}`);
    }
    this.#timer = time.every('partner drop', LOOK_EVERY_MS, () => {
      this.#looking ??= this.look()
        .catch((error: unknown) => logger.warn({ folder, err: error }, 'a folder of a partner cannot be read'))
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
    for (const partner of await this.#options.partners()) {
      const own = join(this.#options.folder, partner.id);
      const entries = await readdir(own, { withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        if (!entry.isFile() || NOT_YET.test(entry.name)) continue;
        const path = join(own, entry.name);
        const { size, mtimeMs } = await stat(path);
        const mark = `${size} ${mtimeMs}`;
        if (this.#seen.get(path) !== mark) seen.set(path, mark);
        else await this.#take(partner, entry.name, size);
      }
    }
    this.#seen = seen;
  }

  async #take(partner: Partner, name: string, size: number): Promise<void> {
    const own = join(this.#options.folder, partner.id);
    if (size > MOST_BYTES) {
      await this.#move(own, name, 'refused', { fate: 'refused', reason: `${size} bytes; allowed: ${MOST_BYTES}` });
      return;
    }
    const content = await readFile(join(own, name));
    const { fate, reason, sha256, repeats, subject } = await this.#options.take(partner, {
      via: 'folder',
      name,
      content,
    });
    const told = { fate, reason, sha256, repeats, subject };
    await this.#move(own, name, fate === 'refused' ? 'refused' : 'done', told);
  }

  /** Never over a file that is there: the same name comes again. */
  async #move(own: string, name: string, to: 'done' | 'refused', told: object): Promise<void> {
    await mkdir(join(own, to), { recursive: true });
    const plain = join(own, to, name);
    const isThere = await stat(plain).then(
      () => true,
      () => false,
    );
    const stamp = new Date(this.#options.time.now()).toISOString().replaceAll(':', '');
    const free = isThere ? join(own, to, `${stamp}-${name}`) : plain;
    await rename(join(own, name), free);
    await writeFile(`${free}.fate.json`, `${JSON.stringify(told)}\n`);
  }
}
