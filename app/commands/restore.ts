import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConflictError, silentLogger, systemTime } from '../../domain/index.ts';
import { clearDataDirectory, openDatabase, restore, verifyBackup } from '../../storage/index.ts';
import { type Config, dataDir } from '../config/index.ts';
import { databaseAccess } from '../database.ts';
import { configFor, readOptions, usageError } from './options.ts';

/**
 * `isotherm restore DIRECTORY`: checks every file of a backup, then puts it into an empty data directory, or the empty
 * database of `DATABASE_URL`. `--check` stops after the first half. An embedded cluster that was made for a restore
 * that failed is taken away again.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, { check: { type: 'boolean' } });
  const [directory, ...more] = positionals;
  if (directory === undefined || more.length > 0) throw usageError('restore DIRECTORY [--check] [--config FILE]');
  const onProgress = (text: string) => {
    process.stderr.write(`${text}\n`);
  };
  const config = configFor(values.config);
  const embedded = values.check ? null : emptyDataDir(config);
  const { at, tables } = await verifyBackup(directory, onProgress);
  if (values.check) {
    process.stdout.write(`${JSON.stringify({ directory, at, tables: tables.length })}\n`);
    return 0;
  }
  try {
    const rows = await restoreInto(config, directory, onProgress);
    process.stdout.write(`${JSON.stringify({ directory, at, tables: tables.length, rows })}\n`);
    return 0;
  } catch (error) {
    if (embedded !== null) await clearDataDirectory({ dataDir: embedded, time: systemTime });
    throw error;
  }
}

async function restoreInto(config: Config, directory: string, onProgress: (text: string) => void): Promise<number> {
  const access = await databaseAccess(config, { onProgress });
  try {
    const database = await openDatabase({ url: access.url, logger: silentLogger, time: systemTime, maxConnections: 2 });
    return await restore({ database, directory, logger: silentLogger, onProgress }).finally(() => database.close());
  } finally {
    await access.release();
  }
}

/**
 * The data directory of the embedded server, without a cluster; null where another server is used.
 * @throws {ConflictError} RESTORE_TARGET_NOT_EMPTY
 */
function emptyDataDir(config: Config): string | null {
  if (config.database.url !== null) return null;
  const directory = dataDir(config, process.cwd(), process.getuid?.() === 0);
  if (!existsSync(join(directory, 'postgres'))) return directory;
  throw new ConflictError(
    'RESTORE_TARGET_NOT_EMPTY',
    `the data directory ${directory} holds a database already; set data.dir (ISOTHERM_DATA_DIR) to an empty one`,
    { directory },
  );
}
