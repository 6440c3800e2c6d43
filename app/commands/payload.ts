import { buffer } from 'node:stream/consumers';
import { DECODER_NAMES, DIALECTS, dialectNamed } from '../../codecs/payloads/index.ts';
import { dialectTopic, InputError, systemTime } from '../../domain/index.ts';
import {
  type Explained,
  type ExplainedMessage,
  explainMessage,
  Mapper,
  type Mapping,
  NATIVE,
} from '../../ingest/index.ts';
import { configuredMappings } from '../mappings.ts';
import { readOptions, usageError } from './options.ts';

const OPTIONS = {
  topic: { type: 'string' },
  dialect: { type: 'string' },
  decoder: { type: 'string' },
  mapping: { type: 'string' },
} as const;

/**
 * `isotherm payload --topic TOPIC` or `--dialect NAME`, with `--mapping FILE` by the mappings of a file too: the message on standard input as it would be taken in, one JSON
 * line a reading `{"device","metric","value","time"}` (`time` null where the message has none: then it is of its
 * arrival), one `{"rejected","field"}` a part that would not be; what is wrong with it stands on standard error. A
 * reader's tag reads and inputs are lines as well. Exit 1 where nothing would be taken.
 */
export async function run(argv: readonly string[]): Promise<number> {
  const { values, positionals } = readOptions(argv, OPTIONS);
  const { topic = null, dialect = null, decoder = null, mapping: file } = values;
  if ((topic === null) === (dialect === null) || positionals.length > 0) {
    throw usageError('payload --topic TOPIC|--dialect NAME [--decoder NAME] [--mapping FILE] < MESSAGE');
  }
  const mappings = await configuredMappings(file ?? null);
  const names = [NATIVE, ...DIALECTS.map(({ name }) => name), ...mappings.map(({ id }) => id)];
  if (dialect !== null && dialectNamed(dialect) === undefined && !names.includes(dialect)) {
    throw new InputError('DIALECT_UNKNOWN', `--dialect: given "${dialect}", allowed: ${names.join(', ')}`);
  }
  if (decoder !== null && !DECODER_NAMES.includes(decoder)) {
    throw new InputError('DECODER_UNKNOWN', `--decoder: given "${decoder}", allowed: ${DECODER_NAMES.join(', ')}`);
  }
  const payload = await buffer(process.stdin);
  const asked = { payload, topic, dialect, decoder, now: systemTime.now() };
  const { readings, events, refused } = (await explainMapped(asked, mappings)) ?? explainMessage(asked);
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

/** By a mapping of the file, where the topic or name is one's; null where it is none's. */
async function explainMapped(
  { payload, topic, dialect, now }: ExplainedMessage,
  mappings: readonly Mapping[],
): Promise<Explained | null> {
  const mapper = new Mapper({ mappings, time: systemTime });
  const published = topic ?? dialectTopic(dialect ?? '', 'device');
  const mapped = mapper.of(published);
  if (mapped === null) return null;
  const { mapping, source } = mapped;
  try {
    return await mapper.map(mapping, { topic: published, payload, source, arrival: now });
  } finally {
    await mapper.stop();
  }
}

function written(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
