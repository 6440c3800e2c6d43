import { buffer } from 'node:stream/consumers';
import { DECODER_NAMES, DIALECTS } from '../../codecs/payloads/index.ts';
import { InputError, systemTime } from '../../domain/index.ts';
import { explainMessage, NATIVE } from '../../ingest/index.ts';
import { readOptions, usageError } from './options.ts';

const OPTIONS = { topic: { type: 'string' }, dialect: { type: 'string' }, decoder: { type: 'string' } } as const;

/**
 * `isotherm payload --topic TOPIC` or `--dialect NAME`: the message on standard input as it would be taken in, one JSON
 * line a reading `{"device","metric","value","time"}` (`time` null where the message has none: then it is of its
 * arrival), one `{"rejected","field"}` a part that would not be; what is wrong with it stands on standard error. A
 * reader's tag reads and inputs are lines as well. Exit 1 where nothing would be taken.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, OPTIONS);
  const { topic = null, dialect = null, decoder = null } = values;
  if ((topic === null) === (dialect === null) || positionals.length > 0) {
    throw usageError('payload --topic TOPIC|--dialect NAME [--decoder NAME] < MESSAGE');
  }
  const names = [NATIVE, ...DIALECTS.map(({ name }) => name)];
  if (dialect !== null && !names.includes(dialect)) {
    throw new InputError('DIALECT_UNKNOWN', `--dialect: given "${dialect}", allowed: ${names.join(', ')}`);
  }
  if (decoder !== null && !DECODER_NAMES.includes(decoder)) {
    throw new InputError('DECODER_UNKNOWN', `--decoder: given "${decoder}", allowed: ${DECODER_NAMES.join(', ')}`);
  }
  const payload = await buffer(process.stdin);
  const { readings, events, refused } = explainMessage({ payload, topic, dialect, decoder, now: systemTime.now() });
  const lines: object[] = [
    ...readings.map(({ device, metric, value, time }) => ({ device, metric, value, time: written(time) })),
    ...events.map(({ at, ...event }) => ({ ...event, time: written(at) })),
    ...refused.map(({ reason, field }) => ({ rejected: reason, field })),
  ];
  for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
  for (const { reason, field, detail } of refused) {
    process.stderr.write(`${reason}: ${detail.startsWith(field) ? '' : `${field} `}${detail}\n`);
  }
  if (lines.length === 0) process.stderr.write('the message is understood and measures nothing\n');
  return readings.length + events.length > 0 ? 0 : 1;
}

function written(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
