import { readFileSync } from 'node:fs';
import { parse, YAMLParseError } from 'yaml';
import { InputError, systemTime } from '../../domain/index.ts';
import { Gateway, parseGatewayConfig } from '../../gateways/index.ts';
import { createLogger } from '../logging.ts';
import { createMetering, LOST_LINES } from '../metering.ts';
import { Output } from '../output.ts';
import { untilToldToStop } from '../signals.ts';
import { readConfigOption, usageError } from './options.ts';

const USAGE = 'gateway --config FILE';

/** `isotherm gateway --config FILE`: the edge process, until SIGINT or SIGTERM. Loads no database. */
export async function run(argv: readonly string[]): Promise<number> {
  const file = readConfigOption(argv, USAGE);
  if (file === undefined) throw usageError(USAGE);
  const config = parseGatewayConfig(parseYaml(file), file);
  const output = new Output();
  output.guard();
  const logger = createLogger('info', output);
  const { meter } = createMetering();
  output.countInto(meter.counter(LOST_LINES));
  const gateway = new Gateway({ config, time: systemTime, logger, meter });
  const told = untilToldToStop(systemTime);
  await gateway.start();
  process.stdout.write(`Isotherm gateway ${config.id} is running with ${config.readers.length} reader(s)\n`);
  await told;
  await gateway.stop();
  return 0;
}

function parseYaml(file: string): unknown {
  const text = readText(file);
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof YAMLParseError)) throw cause;
    const line = cause.linePos?.[0].line ?? 1;
    throw new InputError('GATEWAY_CONFIG_INVALID', `${file}:${line}: ${cause.message.split('\n')[0]}`, { file }, cause);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new InputError('FILE_UNREADABLE', `${file}: cannot be read (${code})`, { file }, cause);
  }
}
