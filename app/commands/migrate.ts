import { withDatabase } from '../administration.ts';
import { configFor, readConfigOption } from './options.ts';

/** `isotherm migrate`: brings the schema up to date; opening the database does it, under a lock. */
export async function run(argv: readonly string[]): Promise<number> {
  await withDatabase(configFor(readConfigOption(argv, 'migrate [--config FILE]')), async () => {});
  return 0;
}
