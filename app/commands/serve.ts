import { systemTime } from '../../domain/index.ts';
import { createLogger } from '../logging.ts';
import { startPlatform } from '../platform.ts';
import { untilToldToStop } from '../signals.ts';
import { configFor, readConfigOption } from './options.ts';

/** `isotherm serve`: everything on one machine, until SIGINT or SIGTERM. */
export async function run(argv: readonly string[]): Promise<number> {
  const config = configFor(readConfigOption(argv, 'serve [--config FILE]'));
  const logger = createLogger(config.log.level);
  // From the first moment: what is being started must also be stopped.
  const told = untilToldToStop(systemTime);
  const platform = await startPlatform({
    config,
    logger,
    isDemo: false,
    onProgress: (text) => logger.info({}, text),
  });
  process.stdout.write(`Isotherm is ready\n  page  ${platform.httpUrl}\n  MQTT  ${platform.mqttUrl}\n`);
  await told;
  logger.info({}, 'stopping');
  await platform.stop();
  return 0;
}
