import { constants, type Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, rename, writeFile } from 'node:fs/promises';
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
/** Of a name, bytes: with what is put before and behind it, it still is one (POSIX NAME_MAX is 255). */
const MOST_NAME_BYTES = 200;
/** What programs write before they rename, and what hides. */
const NOT_YET = /^\.|\.(?:part|partial|filepart|tmp|swp|crdownload)$|~$/i;

/**
 * Where the SFTP server of the machine puts what partners bring: `FOLDER/PARTNER/NAME`. A file that has not changed between
 * two looks is taken, and moved to `done` or `refused` beside it with its fate in a file of the same name. Nothing is deleted.
 * The folder is the partner's to write: links in it are not followed, and a file that cannot be taken holds up no other.
 */
export class PartnerDrop {
  readonly #options: PartnerDropOptions;
  #seen = new Map<string, string>();
  /** Told once, not at every look. */
  #stuck: ReadonlySet<string> = new Set();
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
    const stuck = new Set<string>();
    for (const partner of await this.#options.partners()) {
      const own = join(this.#options.folder, partner.id);
      for (const name of await filesIn(own)) {
        const path = join(own, name);
        try {
          const { size, mtimeMs } = await lstat(path);
          const mark = `${size} ${mtimeMs}`;
          if (this.#seen.get(path) !== mark) seen.set(path, mark);
          else await this.#take(partner, name);
        } catch (error) {
          stuck.add(path);
          const fields = { partner: partner.id, name, err: error };
          if (!this.#stuck.has(path)) this.#options.logger.warn(fields, 'a file of a partner cannot be taken');
        }
      }
    }
    // One that is looked at again only after the next look is stuck still.
    for (const path of this.#stuck) if (seen.has(path)) stuck.add(path);
    this.#seen = seen;
    this.#stuck = stuck;
  }

  async #take(partner: Partner, name: string): Promise<void> {
    const own = join(this.#options.folder, partner.id);
    // Before it is taken: what could not be moved away would be taken again and again.
    for (const to of ['done', 'refused']) await requireOwn(join(own, to));
    const content = await contentOf(join(own, name));
    if (typeof content === 'number') {
      await this.#move(own, name, 'refused', { fate: 'refused', reason: `${content} bytes; allowed: ${MOST_BYTES}` });
      return;
    }
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
    const short = shortName(name);
    const stamp = new Date(this.#options.time.now()).toISOString().replaceAll(':', '');
    const isThere = (await statOf(join(own, to, short))) !== null;
    const free = join(own, to, isThere ? `${stamp}-${short}` : short);
    await rename(join(own, name), free);
    // `wx`: a link that a partner put there beforehand is not written through.
    await writeFile(`${free}.fate.json`, `${JSON.stringify(told)}\n`, { flag: 'wx' });
  }
}

/** Names of plain files that may be taken. */
async function filesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isFile() && !NOT_YET.test(entry.name)).map(({ name }) => name);
}

/** Of the file itself, or how many bytes it has where these are too many. A link that stands there now is not followed. */
async function contentOf(path: string): Promise<Buffer | number> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { size } = await file.stat();
    if (size > MOST_BYTES) return size;
    const content = Buffer.alloc(size);
    const { bytesRead } = await file.read(content, 0, size, 0);
    return content.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** @throws {UnavailableError} PARTNER_FOLDER_UNUSABLE what stands there is a link to elsewhere, or a file */
async function requireOwn(path: string): Promise<void> {
  const found = await statOf(path);
  if (found === null || found.isDirectory()) return;
  throw new UnavailableError('PARTNER_FOLDER_UNUSABLE', `${path} is no folder but a link or a file; remove it`);
}

function statOf(path: string): Promise<Stats | null> {
  return lstat(path).catch(() => null);
}

/** The end of a name says what it is, so it stays. */
function shortName(name: string): string {
  let short = name;
  while (Buffer.byteLength(short) > MOST_NAME_BYTES) short = Array.from(short).slice(1).join('');
  return short;
}
