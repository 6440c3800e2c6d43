import { withDatabase } from '../administration.ts';
import { configFor, readOptions } from './options.ts';

/** `isotherm migrate`: brings the schema up to date; opening the database does it, under a lock. */
export async function run(argv: readonly string[]): Promise<number> {
  const { values } = readOptions(argv, {});
  await withDatabase(configFor(values.config), async () => {});
  return 0;
}
