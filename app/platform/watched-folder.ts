import { join } from 'node:path';
import {
  InputError,
  IsothermError,
  type Logger,
  type LoggerFiles,
  PLATFORM,
  type TimeSource,
  UnavailableError,
} from '../../domain/index.ts';
import { makeFolder } from '../../storage/index.ts';
import { contentOf, MOST_DROPPED_BYTES, moveAside } from './dropped-file.ts';
import { FolderWatch } from './folder-watch.ts';

export interface WatchedFolderOptions {
  readonly folder: string;
  /** Of all files in it: a folder belongs to one kind of loggers at one place. */
  readonly zone: string;
  readonly files: LoggerFiles;
  readonly time: TimeSource;
  readonly logger: Logger;
}

/**
 * A folder into which readers of loggers put their files. One that has not changed between two looks is taken in, and moved
 * to `done`, or to `refused` with a file beside it that says why. Nothing is deleted, and a file is never half taken.
 */
export class WatchedFolder {
  readonly #options: WatchedFolderOptions;
  readonly #watch: FolderWatch;

  constructor(options: WatchedFolderOptions) {
    this.#options = options;
    const { folder, logger, time } = options;
    this.#watch = new FolderWatch({
      ...{ name: 'watched folder', time, folders: async () => [folder] },
      take: (_folder, name) => this.#take(name),
      onStuck: (_folder, file, err) => logger.warn({ file, err }, 'a logger file could not be taken in'),
      onUnreadable: (_folder, err) => logger.warn({ folder, err }, 'the folder of logger files cannot be read'),
    });
  }

  /** @throws {UnavailableError} LOGGER_FOLDER_UNUSABLE */
  async start(): Promise<void> {
    const { folder } = this.#options;
    try {
      for (const name of ['done', 'refused']) await makeFolder(join(folder, name));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new UnavailableError('LOGGER_FOLDER_UNUSABLE', `loggerFiles.folder: ${folder} cannot be used: ${reason}`);
    }
    this.#watch.start();
  }

  stop(): Promise<void> {
    return this.#watch.stop();
  }

  look(): Promise<void> {
    return this.#watch.look();
  }

  async #take(name: string): Promise<boolean> {
    const { folder, zone, files, logger, time } = this.#options;
    try {
      const bytes = await contentOf(join(folder, name));
      if (typeof bytes === 'number')
        throw new InputError('LOGGER_FILE_TOO_LARGE', `${bytes} bytes, allowed: ${MOST_DROPPED_BYTES}`);
      const who = { actor: PLATFORM, origin: { via: 'platform', address: null } } as const;
      const upload = { bytes, name, zone, device: null, shipment: null, mapping: null, twice: null, who };
      const answer = await files.take(upload);
      const note = { ending: '.json', text: `${JSON.stringify(answer)}\n` };
      await moveAside(folder, name, { to: 'done', at: time.now(), note });
    } catch (error) {
      // A part that is away comes back: the file stays where it is.
      if (!(error instanceof IsothermError) || error instanceof UnavailableError) throw error;
      const note = { ending: '.reason.txt', text: `${error.code}: ${error.message}\n` };
      await moveAside(folder, name, { to: 'refused', at: time.now(), note });
      logger.warn({ file: name, code: error.code }, 'a logger file was refused');
    }
    return true;
  }
}
