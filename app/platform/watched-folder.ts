import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  IsothermError,
  type Logger,
  type LoggerFiles,
  PLATFORM,
  type TimeSource,
  UnavailableError,
} from '../../domain/index.ts';

export interface WatchedFolderOptions {
  readonly folder: string;
  /** Of all files in it: a folder belongs to one kind of loggers at one place. */
  readonly zone: string;
  readonly files: LoggerFiles;
  readonly time: TimeSource;
  readonly logger: Logger;
}

const LOOK_EVERY_MS = 5_000;
const MOST_BYTES = 16 * 1024 * 1024;
/** What is still being written has changed since the last look. */
interface Seen {
  readonly size: number;
  readonly changedAt: number;
}

/**
 * A folder into which readers of loggers put their files. One that has not changed between two looks is taken in, and moved
 * to `done`, or to `refused` with a file beside it that says why. Nothing is deleted, and a file is never half taken.
 */
export class WatchedFolder {
  readonly #options: WatchedFolderOptions;
  #seen = new Map<string, Seen>();
  /** Files that could not be read, taken or moved, and what was said of it: said again when it is another thing. */
  readonly #unreadable = new Map<string, string>();
  #looking: Promise<void> | null = null;
  #timer: { cancel(): void } | null = null;

  constructor(options: WatchedFolderOptions) {
    this.#options = options;
  }

  /** @throws {UnavailableError} LOGGER_FOLDER_UNUSABLE */
  async start(): Promise<void> {
    const { folder, time, logger } = this.#options;
    try {
      for (const name of ['done', 'refused']) await mkdir(join(folder, name), { recursive: true });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UnavailableError('LOGGER_FOLDER_UNUSABLE', `loggerFiles.folder: ${folder} cannot be used: ${reason}`);
    }
    this.#timer = time.every('watched folder', LOOK_EVERY_MS, () => {
      this.#looking ??= this.look()
        .catch((error: unknown) => logger.warn({ folder, err: error }, 'the folder of logger files cannot be read'))
        .finally(() => {
          this.#looking = null;
        });
    });
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#looking;
  }

  /** Takes in what has not changed since the look before: each file by itself, whatever another one does. */
  async look(): Promise<void> {
    const seen = new Map<string, Seen>();
    let away: UnavailableError | null = null;
    const entries = await readdir(this.#options.folder, { withFileTypes: true });
    for (const entry of entries) {
      // Names that begin with a point, or end with these, are what programs write before they rename.
      if (!entry.isFile() || /^\.|\.(?:part|tmp|crdownload)$|~$/i.test(entry.name)) continue;
      try {
        await this.#lookAt(entry.name, seen);
        this.#unreadable.delete(entry.name);
      } catch (error) {
        if (error instanceof UnavailableError) away ??= error;
        else this.#failed(entry.name, error);
      }
    }
    for (const name of this.#unreadable.keys()) {
      if (!entries.some((entry) => entry.name === name)) this.#unreadable.delete(name);
    }
    this.#seen = seen;
    if (away !== null) throw away;
  }

  async #lookAt(name: string, seen: Map<string, Seen>): Promise<void> {
    const { size, mtimeMs: changedAt } = await stat(join(this.#options.folder, name));
    const before = this.#seen.get(name);
    if (before?.size !== size || before.changedAt !== changedAt) {
      seen.set(name, { size, changedAt });
      return;
    }
    try {
      await this.#take(name, size);
    } catch (error) {
      // It has stood still all the same, and is tried at the next look.
      seen.set(name, before);
      throw error;
    }
  }

  #failed(name: string, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    if (this.#unreadable.get(name) === reason) return;
    this.#unreadable.set(name, reason);
    this.#options.logger.warn({ file: name, err: error }, 'a logger file could not be taken in');
  }

  async #take(name: string, size: number): Promise<void> {
    const { folder, zone, files, logger } = this.#options;
    try {
      if (size > MOST_BYTES)
        throw new UnavailableError('LOGGER_FILE_TOO_LARGE', `${size} bytes, allowed: ${MOST_BYTES}`);
      const bytes = await readFile(join(folder, name));
      const who = { actor: PLATFORM, origin: { via: 'platform', address: null } } as const;
      const upload = { bytes, name, zone, device: null, shipment: null, mapping: null, twice: null, who };
      const answer = await files.take(upload);
      const moved = await this.#move(name, 'done');
      await writeFile(`${moved}.json`, `${JSON.stringify(answer)}\n`);
    } catch (error) {
      if (!(error instanceof IsothermError)) throw error;
      // A part that is away comes back: the file stays where it is.
      if (error instanceof UnavailableError && error.code !== 'LOGGER_FILE_TOO_LARGE') throw error;
      const moved = await this.#move(name, 'refused');
      await writeFile(`${moved}.reason.txt`, `${error.code}: ${error.message}\n`);
      logger.warn({ file: name, code: error.code }, 'a logger file was refused');
    }
  }

  /** Never over a file that is there: the same name comes again with every journey of a logger. */
  async #move(name: string, to: 'done' | 'refused'): Promise<string> {
    const { folder, time } = this.#options;
    const target = join(folder, to, name);
    const isThere = await stat(target).then(
      () => true,
      () => false,
    );
    const free = isThere
      ? join(folder, to, `${new Date(time.now()).toISOString().replaceAll(':', '')}-${name}`)
      : target;
    await rename(join(folder, name), free);
    return free;
  }
}
