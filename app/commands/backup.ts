import { backUp, PostgresAuditTrail, recordBackup } from '../../storage/index.ts';
import { atCommandLine, withDatabase } from '../administration.ts';
import type { Config } from '../config/index.ts';
import { installationKey, kept, keyFileOf } from '../installation-key.ts';
import { ledgerKeyFileOf } from '../ledger-key.ts';
import { configFor, readOptions, usageError } from './options.ts';

/** `isotherm backup DIRECTORY`: everything at one moment, whether the server runs or not; what was written as JSON. */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, {});
  const [directory, ...more] = positionals;
  if (directory === undefined || more.length > 0) throw usageError('backup DIRECTORY [--config FILE]');
  const config = configFor(values.config);
  const { manifest, sha256 } = await withDatabase(config, async (database) => {
    const made = await backUp({ database, directory, onProgress: (text) => process.stderr.write(`${text}\n`) });
    const record = { at: Date.parse(made.manifest.at), manifestSha256: made.sha256 };
    await recordBackup({ audit: new PostgresAuditTrail({ database }), database }, record, atCommandLine());
    return made;
  });
  const { at, tables } = manifest;
  const sum = (of: (table: (typeof tables)[number]) => number) => tables.reduce((total, table) => total + of(table), 0);
  const result = {
    directory,
    at,
    tables: tables.length,
    rows: sum(({ rows }) => rows),
    bytes: sum(({ bytes }) => bytes),
    // Kept elsewhere, it proves at the restore that this is the backup that was made.
    manifestSha256: sha256,
    installationKey: await keyBeside(config),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return 0;
}

/**
 * Whoever has a backup and the key has the secrets in it too: the key is kept by itself. Without it a restored
 * installation starts, and second factors and the secrets of channels have to be set anew.
 */
async function keyBeside(config: Config): Promise<{ isIncluded: false; id: string | null; where: string }> {
  const file = keyFileOf(config);
  const id = file === null ? (await installationKey(config)).id : ((await kept(file))?.id ?? null);
  const where = file ?? 'secrets.key of the configuration';
  process.stderr.write(
    `not in the backup: the key of the installation (${where}); keep it too, apart from the backup\n`,
  );
  process.stderr.write(
    `not in the backup: the key of the ledger (${ledgerKeyFileOf(config)}); keep it too, apart from the backup\n`,
  );
  return { isIncluded: false, id, where };
}
