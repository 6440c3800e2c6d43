import { backUp } from '../../storage/index.ts';
import { withDatabase } from '../administration.ts';
import { configFor, readOptions, usageError } from './options.ts';

/** `isotherm backup DIRECTORY`: everything at one moment, whether the server runs or not; what was written as JSON. */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, {});
  const [directory, ...more] = positionals;
  if (directory === undefined || more.length > 0) throw usageError('backup DIRECTORY [--config FILE]');
  const { manifest, sha256 } = await withDatabase(configFor(values.config), (database) =>
    backUp({ database, directory, onProgress: (text) => process.stderr.write(`${text}\n`) }),
  );
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
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
  return 0;
}
