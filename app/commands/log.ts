import { InputError, silentLogger, systemTime } from '../../domain/index.ts';
import { leaveStreams, type NatsOptions, raiseStreams } from '../../storage/index.ts';
import { withDatabase } from '../administration.ts';
import type { Config } from '../config/index.ts';
import { natsOf } from '../nats.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE = 'log to-postgres [--patience SECONDS] | log partitions NUMBER [--config FILE]';
const PATIENCE_S = 120;
const MOST_S = 86_400;

/**
 * `isotherm log partitions 4`: readings are parted over so many streams from here on. Called while Isotherm runs; nothing is
 * started again.
 *
 * `isotherm log to-postgres`: the readings of the log leave NATS. Called while Isotherm runs, with the same `NATS_URL`: what
 * comes in is not acknowledged from then on, what is in the streams is read to its end, and when this has ended every
 * process is started again without `NATS_URL` (docs/scaling.md).
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, { patience: { type: 'string' } });
  const [action, number, ...more] = positionals;
  const isRaise = action === 'partitions' && number !== undefined && values.patience === undefined;
  const isBack = action === 'to-postgres' && number === undefined;
  if (!(isRaise || isBack) || more.length > 0) throw usageError(USAGE);
  const config = configFor(values.config);
  const nats = await natsOf(config);
  if (nats === null) {
    throw new InputError('NATS_NOT_GIVEN', 'nats.url: not set; give the NATS_URL that the processes have');
  }
  if (isRaise) return raise(config, nats, partitionsOf(number));
  const patienceMs = 1_000 * secondsOf(values.patience);
  let told = '';
  const originals = await withDatabase(config, (database) =>
    leaveStreams({
      ...{ database, nats, time: systemTime, logger: silentLogger, patienceMs },
      onWaiting: (unread) => {
        const text = unread.map(({ consumer, messages }) => `${consumer} ${messages}`).join(', ');
        if (text !== told && text !== '') process.stderr.write(`messages still to be read: ${text}\n`);
        told = text;
      },
      onAway: ({ message }) => {
        if (message !== told) process.stderr.write(`${message}; it is asked again\n`);
        told = message;
      },
    }),
  );
  process.stdout.write(
    `the readings of the log are in PostgreSQL from here on (${originals} originals that wait for the archive were taken over); ` +
      'take NATS_URL away from every process and start them again\n',
  );
  return 0;
}

async function raise(config: Config, nats: NatsOptions, partitions: number): Promise<number> {
  const inForce = await withDatabase(config, (database) =>
    raiseStreams({ database, nats, time: systemTime, logger: silentLogger }, partitions),
  );
  const more = inForce > partitions ? '; they become fewer only by isotherm log to-postgres' : '';
  process.stdout.write(`readings are parted over ${inForce} streams${more}\n`);
  return 0;
}

function partitionsOf(given: string): number {
  const partitions = Number(given);
  if (/^\d{1,2}$/.test(given) && partitions >= 1 && partitions <= 64) return partitions;
  throw new InputError('OPTION_BAD', `log partitions: given "${given}", allowed: a whole number from 1 to 64`);
}

function secondsOf(given: string | undefined): number {
  if (given === undefined) return PATIENCE_S;
  const seconds = Number(given);
  if (/^\d{1,5}$/.test(given) && seconds <= MOST_S) return seconds;
  throw new InputError('OPTION_BAD', `--patience: given "${given}", allowed: 0 to ${MOST_S}`);
}
