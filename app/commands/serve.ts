import { createLogger } from '../logging.ts';
import { startPlatform } from '../platform.ts';
import { untilToldToStop } from '../signals.ts';
import { configFor, readOptions } from './options.ts';

/** `isotherm serve`: everything on one machine, until SIGINT or SIGTERM. */
export async function run(argv: readonly string[]): Promise<number> {
  const { values } = readOptions(argv, {});
  const config = configFor(values.config);
  const logger = createLogger(config.log.level);
  const platform = await startPlatform({
    config,
    logger,
    isDemo: false,
    onProgress: (text) => logger.info({}, text),
  });
  process.stdout.write(`Isotherm is ready\n  page  ${platform.httpUrl}\n  MQTT  ${platform.mqttUrl}\n`);
  await untilToldToStop();
  logger.info({}, 'stopping');
  await platform.stop();
  return 0;
}
