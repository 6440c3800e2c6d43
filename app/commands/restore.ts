import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ConflictError, InputError, silentLogger, systemTime } from '../../domain/index.ts';
import { clearDataDirectory, restore, verifyBackup } from '../../storage/index.ts';
import { type Config, dataDir } from '../config/index.ts';
import { databaseAccess, handOver, withOwner } from '../database.ts';
import { KEY_FILE } from '../installation-key.ts';
import { LEDGER_KEY_FILE } from '../ledger-key.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE = 'restore DIRECTORY --manifest-sha256 HEX [--check] [--config FILE]';

/**
 * `isotherm restore DIRECTORY --manifest-sha256 HEX`: checks every file of a backup, then puts it into an empty data
 * directory, or the empty database of `DATABASE_URL`. `--check` stops after the first half. An embedded cluster that was made for a restore
 * that failed is taken away again.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, {
    check: { type: 'boolean' },
    'manifest-sha256': { type: 'string' },
  });
  const [directory, ...more] = positionals;
  if (directory === undefined || more.length > 0) throw usageError(USAGE);
  const expected = expectedHash(values['manifest-sha256'], directory, values.check === true);
  const onProgress = (text: string) => {
    process.stderr.write(`${text}\n`);
  };
  const config = configFor(values.config);
  const embedded = values.check ? null : emptyDataDir(config);
  const { manifest, sha256 } = await verifyBackup(directory, expected, onProgress);
  const { at, tables } = manifest;
  if (values.check) {
    const result = { directory, at, tables: tables.length, manifestSha256: sha256 };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    return 0;
  }
  try {
    const rows = await restoreInto(config, { directory, manifestSha256: sha256, onProgress });
    process.stdout.write(`${JSON.stringify({ directory, at, tables: tables.length, rows })}\n`);
    return 0;
  } catch (error) {
    if (embedded !== null)
      await clearDataDirectory({ dataDir: embedded, time: systemTime, keep: [KEY_FILE, LEDGER_KEY_FILE] });
    throw error;
  }
}

interface Wanted {
  readonly directory: string;
  readonly manifestSha256: string;
  readonly onProgress: (text: string) => void;
}

/**
 * Whoever could change the backup could change its hashes too: the manifest's own comes from where it was printed.
 * @throws {InputError} MANIFEST_SHA256_MISSING, MANIFEST_SHA256_BAD
 */
function expectedHash(given: string | undefined, directory: string, isCheck: boolean): string | null {
  if (given === undefined) {
    if (isCheck) return null;
    throw new InputError(
      'MANIFEST_SHA256_MISSING',
      `--manifest-sha256: give the manifest's SHA-256 as isotherm backup printed it; sha256sum ${join(directory, 'backup.json')} shows that of the file as it is now`,
    );
  }
  if (/^[0-9a-f]{64}$/i.test(given)) return given.toLowerCase();
  throw new InputError('MANIFEST_SHA256_BAD', `--manifest-sha256: given "${given}", allowed: 64 hexadecimal digits`);
}

async function restoreInto(config: Config, { onProgress, ...wanted }: Wanted): Promise<number> {
  const access = await databaseAccess(config, { onProgress });
  try {
    // The owner is no superuser: what a backup could bring to run has no more rights than a migration.
    return await withOwner(access, async (owner) => {
      const { rows: roles } = await owner.query<{ isSuperuser: boolean }>(
        'SELECT rolsuper AS "isSuperuser" FROM pg_roles WHERE rolname = current_user',
      );
      if (roles[0]?.isSuperuser) {
        onProgress('DATABASE_URL is a superuser: a restore needs none, a role that owns the database is enough');
      }
      const rows = await restore({ ...wanted, database: owner, logger: silentLogger, onProgress });
      await handOver(access, owner);
      return rows;
    });
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
