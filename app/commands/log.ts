import { InputError, silentLogger, systemTime } from '../../domain/index.ts';
import { leaveStreams } from '../../storage/index.ts';
import { withDatabase } from '../administration.ts';
import { natsOf } from '../nats.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE = 'log to-postgres [--patience SECONDS] [--config FILE]';
const PATIENCE_S = 120;
const MOST_S = 86_400;

/**
 * `isotherm log to-postgres`: the readings of the log leave NATS. Called while Isotherm runs, with the same `NATS_URL`: what
 * comes in is not acknowledged from then on, what is in the streams is read to its end, and when this has ended every
 * process is started again without `NATS_URL` (docs/scaling.md).
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, { patience: { type: 'string' } });
  const [action, ...more] = positionals;
  if (action !== 'to-postgres' || more.length > 0) throw usageError(USAGE);
  const patienceMs = 1_000 * secondsOf(values.patience);
  const config = configFor(values.config);
  const nats = await natsOf(config);
  if (nats === null) {
    throw new InputError(
      'NATS_NOT_GIVEN',
      'nats.url: not set; give the NATS_URL that the processes have, to read to the end there',
    );
  }
  let told = '';
  const originals = await withDatabase(config, (database) =>
    leaveStreams({
      ...{ database, nats, time: systemTime, logger: silentLogger, patienceMs },
      onWaiting: (unread) => {
        const text = unread.map(({ consumer, messages }) => `${consumer} ${messages}`).join(', ');
        if (text !== told && text !== '') process.stderr.write(`messages still to be read: ${text}\n`);
        told = text;
      },
    }),
  );
  process.stdout.write(
    `the readings of the log are in PostgreSQL from here on (${originals} originals that wait for the archive were taken over); ` +
      'take NATS_URL away from every process and start them again\n',
  );
  return 0;
}

function secondsOf(given: string | undefined): number {
  if (given === undefined) return PATIENCE_S;
  const seconds = Number(given);
  if (/^\d{1,5}$/.test(given) && seconds <= MOST_S) return seconds;
  throw new InputError('OPTION_BAD', `--patience: given "${given}", allowed: 0 to ${MOST_S}`);
}
