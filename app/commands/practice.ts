import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { PracticeTickets } from '../../access/index.ts';
import { DefectError, InputError, PRACTICE_ROLES, systemTime } from '../../domain/index.ts';
import { clearDataDirectory } from '../../storage/index.ts';
import { type Config, configSchema } from '../config/index.ts';
import { demoCredentials, playDemo } from '../demo-play.ts';
import { createLogger } from '../logging.ts';
import { Output } from '../output.ts';
import { startPlatform } from '../platform.ts';
import { type FromPractice, practiceSetting } from '../practice/practice-lines.ts';
import { untilToldToStop } from '../signals.ts';
import { usageError } from './options.ts';

/**
 * `isotherm practice`: the practice site, as `serve` starts it. Its setting comes as the first line of its input, and when its
 * input ends it ends, whatever became of the process that started it. It knows no configuration and no environment of the
 * real site: it has a data directory of its own, listens on loopback, and sends nothing anywhere.
 */
export async function run(argv: readonly string[]): Promise<number> {
  if (argv.length > 0) throw usageError('practice');
  const input = createInterface({ input: process.stdin });
  const ended = new Promise<void>((resolve) => input.once('close', resolve));
  const first = await Promise.race([
    new Promise<string>((resolve) => input.once('line', resolve)),
    ended.then(() => ''),
  ]);
  if (first === '') throw new InputError('PRACTICE_SETTING', 'practice is started by isotherm serve, on its page');
  const { dataDir, key, home, url, password, logLevel } = practiceSetting.parse(JSON.parse(first));
  const output = new Output();
  output.guard();
  const logger = createLogger(logLevel, output);
  const tell = (line: FromPractice) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const say = (step: string) => tell({ step });
  const told = Promise.race([untilToldToStop(systemTime), ended]);
  await clearDataDirectory({ dataDir, time: systemTime });
  const tickets = new PracticeTickets({ key: Buffer.from(key, 'base64'), time: systemTime });
  let passwords: ReadonlyMap<string, string> = new Map();
  const platform = await startPlatform({
    ...{ config: configOf(dataDir, url), logger, output, isDemo: false, onProgress: say },
    practice: { tickets, password, home },
    prepare: async (accounts) => {
      say('creating colleagues and device credentials');
      // Somebody to hand an alert or a case to. Who is called so at the real site is this one, and signs with the same password.
      for (const role of PRACTICE_ROLES) await accounts.users.create({ name: role, role, password });
      passwords = await demoCredentials(accounts);
    },
  });
  const stops: (() => Promise<void>)[] = [() => platform.stop()];
  try {
    const { accounts, httpUrl, mqttUrl: brokerUrl } = platform;
    if (brokerUrl === null) throw new DefectError('PRACTICE_WITHOUT_BROKER', 'a practice site runs every part');
    const playing = await playDemo({ httpUrl, brokerUrl, accounts, passwords, directory: dataDir, logger, say });
    stops.push(() => playing.stop());
    tell({ port: Number(new URL(httpUrl).port) });
    await told;
    return 0;
  } finally {
    for (const stop of stops.reverse()) await stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Nothing of the real site's: only where it is kept, and where people reach it. */
function configOf(dir: string, url: string | null): Config {
  const { http, mqtt, practice, ...rest } = configSchema.parse({});
  return {
    ...rest,
    data: { ...rest.data, dir },
    // The door before it, on loopback, says who it is that asks.
    http: { ...http, port: 0, url, trustProxy: ['loopback'] },
    mqtt: { ...mqtt, port: 0 },
    practice: { ...practice, enabled: false },
  };
}
