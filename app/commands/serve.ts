import { flushCompileCache } from 'node:module';
import { systemTime } from '../../domain/index.ts';
import { createLogger } from '../logging.ts';
import { Output } from '../output.ts';
import { type Platform, startPlatform } from '../platform.ts';
import { ALL_PARTS, partsOf } from '../processes.ts';
import { untilToldToStop } from '../signals.ts';
import { configFor, readOptions, usageError } from './options.ts';

const USAGE = 'serve [--only PART,...] [--config FILE]';

/** `isotherm serve`: everything on one machine, or with `--only` a part of it, until SIGINT or SIGTERM. */
export async function run(argv: readonly string[]): Promise<number> {
  // Killed, a process keeps nothing of what it compiled: the next start would be as slow as the first.
  flushCompileCache();
  const { values, positionals } = readOptions(argv, { only: { type: 'string' } });
  if (positionals.length > 0) throw usageError(USAGE);
  const parts = values.only === undefined ? ALL_PARTS : partsOf(values.only);
  const config = configFor(values.config);
  const output = new Output();
  output.guard();
  const logger = createLogger(config.log.level, output);
  // From the first moment: what is being started must also be stopped.
  const told = untilToldToStop(systemTime);
  const platform = await startPlatform({
    config,
    logger,
    output,
    isDemo: false,
    parts,
    onProgress: (step) => logger.info({ step }, 'starting'),
  });
  const elsewhere = parts.has('broker') ? 'closed until there is a user' : 'in another process';
  const mqtt = platform.mqttUrl ?? elsewhere;
  const secure = platform.mqttsUrl === null ? '' : `  MQTT over TLS  ${platform.mqttsUrl}\n`;
  process.stdout.write(`Isotherm is ready\n  page  ${platform.httpUrl}\n  MQTT  ${mqtt}\n${secure}`);
  if (platform.setUpCode !== null) process.stdout.write(setUpText(platform));
  await told;
  logger.info({}, 'stopping');
  await platform.stop();
  return 0;
}

/** Only the terminal tells it: it stands in no log line, no error and no address. */
function setUpText({ httpUrl, setUpCode }: Pick<Platform, 'httpUrl' | 'setUpCode'>): string {
  const what = 'There is no user yet. Open the page and give this one-time code to become its first admin:';
  return `\n${what}\n  ${httpUrl}\n  code  ${setUpCode}\n`;
}
