import { InputError } from '../../domain/index.ts';
import { Archive } from '../../storage/index.ts';
import { withDatabase } from '../administration.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE = 'archive verify [--head HASH] [--config FILE]';
const PROGRESS_EVERY = 1_000;

/**
 * `isotherm archive verify`: reads every archived message and recomputes every hash; prints what was found as JSON.
 * `--head HASH`: a head printed earlier has to be in the chain still.
 * @returns 1 where a segment is not what was archived, or the head is not there
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, { head: { type: 'string' } });
  const [action, ...more] = positionals;
  if (action !== 'verify' || more.length > 0) throw usageError(USAGE);
  const { head } = values;
  if (head !== undefined && !/^[0-9a-f]{64}$/.test(head)) {
    throw new InputError('HEAD_BAD', `--head: given "${head}", allowed: 64 hexadecimal digits, as printed before`);
  }
  const { verdict, isHeadThere } = await withDatabase(configFor(values.config), async (database) => {
    const archive = new Archive({ database });
    return {
      verdict: await archive.verify((number) => {
        if (number % PROGRESS_EVERY === 0) process.stderr.write(`${number} segments\n`);
      }),
      isHeadThere: head === undefined || (await archive.holds(head)),
    };
  });
  process.stdout.write(`${JSON.stringify(verdict)}\n`);
  for (const { segment, reason } of verdict.broken) process.stderr.write(`segment ${segment}: ${reason}\n`);
  if (!isHeadThere) process.stderr.write(`the head ${head} is not in the chain: what was archived then is not there\n`);
  return verdict.broken.length === 0 && isHeadThere ? 0 : 1;
}
