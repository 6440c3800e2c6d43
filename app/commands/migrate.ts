import { moveToTimescale } from '../../storage/index.ts';
import { withOwnersDatabase } from '../administration.ts';
import { configFor, readOptions, usageError } from './options.ts';

/**
 * `isotherm migrate`: brings the schema up to date; opening the database does it, under a lock. With `--timescale` it
 * then moves the readings into a TimescaleDB hypertable, while the platform runs (docs/storage.md).
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, { timescale: { type: 'boolean' } });
  if (positionals.length > 0) throw usageError('migrate [--timescale] [--config FILE]');
  const progress = (text: string) => process.stderr.write(`isotherm: ${text}\n`);
  await withOwnersDatabase(configFor(values.config), async (database) => {
    if (!values.timescale) return;
    const isMoved = await moveToTimescale(database, progress);
    progress(isMoved ? 'the readings are in TimescaleDB now' : 'the readings are in TimescaleDB already');
  });
  return 0;
}
