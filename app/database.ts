import { ConflictError, type Logger, silentLogger, systemTime } from '../domain/index.ts';
import { type EmbeddedState, runningEmbeddedUrl, startEmbeddedPostgres } from '../storage/index.ts';
import { type Config, dataDir } from './config/index.ts';

export interface DatabaseAccess {
  readonly url: string;
  /** False while an embedded server recovers from a crash. */
  isUp(): boolean;
  release(): Promise<void>;
}

export interface AccessOptions {
  /** Administration: where a server holds the data directory, use its PostgreSQL instead of refusing. */
  readonly isShared?: boolean;
  readonly logger?: Logger;
  readonly onProgress?: (text: string) => void;
}

/**
 * The PostgreSQL of this installation: `database.url`, else the embedded one on the data directory.
 * @throws {ConflictError} DATA_DIR_IN_USE
 */
export async function databaseAccess(config: Config, options: AccessOptions = {}): Promise<DatabaseAccess> {
  if (config.database.url !== null) {
    return { url: config.database.url, isUp: () => true, release: async () => {} };
  }
  const directory = dataDir(config, process.cwd(), process.getuid?.() === 0);
  let state: EmbeddedState = 'stopped';
  try {
    const embedded = await startEmbeddedPostgres({
      dataDir: directory,
      time: systemTime,
      logger: options.logger ?? silentLogger,
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
      onState: (next) => {
        state = next;
      },
    });
    return { url: embedded.url, isUp: () => state === 'running', release: () => embedded.stop() };
  } catch (error) {
    const isHeld = error instanceof ConflictError && error.code === 'DATA_DIR_IN_USE';
    const url = isHeld && options.isShared ? await runningEmbeddedUrl(directory) : null;
    if (url === null) throw error;
    return { url, isUp: () => true, release: async () => {} };
  }
}
