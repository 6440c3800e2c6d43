import { InputError } from '../../domain/index.ts';
import { checkpointLag } from '../../storage/index.ts';
import { withDatabase } from '../administration.ts';
import { checkRecord } from '../archive-check.ts';
import { keptArchiveHead } from '../archive-head.ts';
import { withArchive } from '../nats.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE = 'archive verify [--head HASH] [--sample N] [--config FILE]';
const PROGRESS_EVERY = 1_000;

/**
 * `isotherm archive verify`: reads every archived message and recomputes every hash, compares index, ends and number of
 * segments, and the stored readings with the messages that brought them; prints what was found as JSON. `--head HASH`: a
 * head printed earlier has to be in the chain still. `--sample N`: readings of one segment in N only.
 * @returns 1 where something is not what was received, or the head is not there
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, { head: { type: 'string' }, sample: { type: 'string' } });
  const [action, ...more] = positionals;
  if (action !== 'verify' || more.length > 0) throw usageError(USAGE);
  const { head } = values;
  if (head !== undefined && !/^[0-9a-f]{64}$/.test(head)) {
    throw new InputError('HEAD_BAD', `--head: given "${head}", allowed: 64 hexadecimal digits, as printed before`);
  }
  const oneIn = sampleOf(values.sample);
  const config = configFor(values.config);
  const kept = await keptArchiveHead(config);
  const { check, isHeadThere } = await withDatabase(config, (database) =>
    withArchive(config, database, async (archive) => ({
      check: await checkRecord({
        ...{ archive, database, kept },
        isSampled: (segment) => segment % oneIn === 0,
        isWritten: async () => (await checkpointLag(database, 'writer')) === 0,
        onSegment: (segment) => {
          if (segment % PROGRESS_EVERY === 0) process.stderr.write(`${segment} segments\n`);
        },
      }),
      isHeadThere: head === undefined || (await archive.holds(head)),
    })),
  );
  process.stdout.write(`${JSON.stringify(check)}\n`);
  for (const { segment, reason } of check.broken) {
    process.stderr.write(`${segment === null ? 'the record' : `segment ${segment}`}: ${reason}\n`);
  }
  if (!isHeadThere) process.stderr.write(`the head ${head} is not in the chain: what was archived then is not there\n`);
  return check.broken.length === 0 && isHeadThere ? 0 : 1;
}

function sampleOf(given: string | undefined): number {
  if (given === undefined) return 1;
  if (/^[1-9]\d{0,6}$/.test(given)) return Number(given);
  throw new InputError(
    'SAMPLE_BAD',
    `--sample: given "${given}", allowed: a number from 1 on; 50 takes one segment in 50`,
  );
}
