import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { InputError, systemTime } from '../../domain/index.ts';
import { Gateway, parseGatewayConfig } from '../../gateways/index.ts';
import { createLogger } from '../logging.ts';
import { createMetering } from '../metering.ts';
import { untilToldToStop } from '../signals.ts';
import { readOptions, usageError } from './options.ts';

/** `isotherm gateway --config FILE`: the edge process, until SIGINT or SIGTERM. Loads no database. */
export async function run(argv: readonly string[]): Promise<number> {
  const { values } = readOptions(argv, {});
  const file = values.config;
  if (file === undefined) throw usageError('gateway --config FILE');
  if (!existsSync(file)) throw new InputError('GATEWAY_CONFIG_INVALID', `${file}: no such file`);
  const config = parseGatewayConfig(parseYaml(file), file);
  const logger = createLogger('info');
  const gateway = new Gateway({ config, time: systemTime, logger, meter: createMetering().meter });
  await gateway.start();
  process.stdout.write(`Isotherm gateway ${config.id} is running with ${config.readers.length} reader(s)\n`);
  await untilToldToStop();
  await gateway.stop();
  return 0;
}

function parseYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    const message = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw new InputError('GATEWAY_CONFIG_INVALID', `${file}: ${message}`, { file }, cause);
  }
}
