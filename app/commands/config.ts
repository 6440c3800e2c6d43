import { stringify } from 'yaml';
import { maskedConfig } from '../config/index.ts';
import { configFor, readConfigOption } from './options.ts';

/** `isotherm config`: the effective configuration as YAML, secrets masked. */
export async function run(argv: readonly string[]): Promise<number> {
  process.stdout.write(stringify(maskedConfig(configFor(readConfigOption(argv, 'config [--config FILE]')))));
  return 0;
}
