import { describeEpc } from '../../codecs/epc/index.ts';
import { InputError, systemTime } from '../../domain/index.ts';
import { readOptions, usageError } from './options.ts';

const OPTIONS = { filter: { type: 'string' }, 'company-prefix-length': { type: 'string' } } as const;

/**
 * `isotherm epc INPUT...`: each EPC in every form that its input determines, one JSON line each; a bad one is a line
 * `{"input","error"}`. `--filter` and `--company-prefix-length` say what an input does not.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, OPTIONS);
  if (positionals.length === 0) throw usageError('epc [--filter N] [--company-prefix-length N] INPUT...');
  const filter = wholeNumber('--filter', values.filter, 0, 7);
  const companyPrefixLength = wholeNumber('--company-prefix-length', values['company-prefix-length'], 6, 12);
  const options = {
    year: new Date(systemTime.now()).getUTCFullYear(),
    ...(filter !== undefined && { filter }),
    ...(companyPrefixLength !== undefined && { companyPrefixLength }),
  };
  let isGood = true;
  for (const input of positionals) {
    try {
      process.stdout.write(`${JSON.stringify(describeEpc(input, options))}\n`);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      process.stdout.write(`${JSON.stringify({ input, error: error.message })}\n`);
      isGood = false;
    }
  }
  return isGood ? 0 : 1;
}

/** @throws {InputError} OPTION_BAD */
function wholeNumber(name: string, given: string | undefined, least: number, most: number): number | undefined {
  if (given === undefined) return undefined;
  const value = Number(given);
  if (/^\d+$/.test(given) && value >= least && value <= most) return value;
  throw new InputError('OPTION_BAD', `${name}: given "${given}", allowed: ${least} to ${most}`);
}
