import { createHash } from 'node:crypto';
import { DEVICE_ID, InputError, METRIC_NAMES, metricByName } from '../../domain/index.ts';
import type { Archive } from '../../storage/index.ts';
import { withDatabase } from '../administration.ts';
import { withArchive } from '../nats.ts';
import { Originals } from '../originals.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE = 'original DEVICE METRIC TIME [--raw] [--config FILE]';

/**
 * `isotherm original DEVICE METRIC TIME`: the messages, as received, that brought a reading, as JSON lines; the first
 * is what it was stored from. `--raw` writes the bytes of that one and nothing else.
 * @returns 1 where no message is found
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, { raw: { type: 'boolean' } });
  const [device, metric, at, ...more] = positionals;
  if (device === undefined || metric === undefined || at === undefined || more.length > 0) throw usageError(USAGE);
  if (!DEVICE_ID.test(device)) {
    throw new InputError('DEVICE_ID_BAD', `device id: given "${device}", allowed: 1 to 128 of A-Z a-z 0-9 . _ : -`);
  }
  const code = metricByName(metric)?.code;
  if (code === undefined) {
    throw new InputError('METRIC_BAD', `metric: given "${metric}", allowed: ${METRIC_NAMES.join(', ')}`);
  }
  const time = /^\d{1,15}$/.test(at) ? Number(at) : Date.parse(at);
  if (Number.isNaN(time)) {
    throw new InputError('TIME_BAD', `time: given "${at}", allowed: RFC 3339 with a zone, or epoch milliseconds`);
  }
  const config = configFor(values.config);
  const inArchive = (run: (archive: Archive) => Promise<number>) =>
    withDatabase(config, (database) => withArchive(config, database, run));
  return inArchive(async (archive) => {
    let found = 0;
    for await (const { original, value } of new Originals({ archive }).ofReading(device, code, time)) {
      found++;
      const { arrival, source, door, payload, segment, position } = original;
      if (values.raw) {
        process.stdout.write(payload);
        break;
      }
      const line = {
        ...{ arrival: new Date(arrival).toISOString(), source, door, value, segment, position },
        sha256: createHash('sha256').update(payload).digest('hex'),
        payload: Buffer.from(payload).toString('base64'),
      };
      process.stdout.write(`${JSON.stringify(line)}\n`);
    }
    if (found === 0) process.stderr.write(`no message brought ${metric} of ${device} at ${at}\n`);
    return found === 0 ? 1 : 0;
  });
}
