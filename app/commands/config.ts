import { stringify } from 'yaml';
import { maskedConfig } from '../config/index.ts';
import { configFor, readOptions } from './options.ts';

/** `isotherm config`: the effective configuration as YAML, secrets masked. */
export async function run(argv: readonly string[]): Promise<number> {
  const { values } = readOptions(argv, {});
  process.stdout.write(stringify(maskedConfig(configFor(values.config))));
  return 0;
}
