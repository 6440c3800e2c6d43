import { rm } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { DefectError, InputError, ROLES, systemTime } from '../../domain/index.ts';
import { clearDataDirectory } from '../../storage/index.ts';
import { isLoopback } from '../addresses.ts';
import { type Config, dataDir } from '../config/index.ts';
import { demoCredentials, playDemo } from '../demo-play.ts';
import { createLogger } from '../logging.ts';
import { Output } from '../output.ts';
import { startPlatform } from '../platform.ts';
import { untilToldToStop } from '../signals.ts';
import { configFor, readConfigOption } from './options.ts';

const PASSWORD = 'demo';

/**
 * `isotherm demo`: the platform with simulated readers and loggers over the real protocols, on data of its own that
 * start fresh each time. Loopback only, since its sign-ins are known to everybody.
 */
export async function run(argv: readonly string[]): Promise<number> {
  // Killed, a process keeps nothing of what it compiled: the next start would be as slow as the first.
  flushCompileCache();
  const file = readConfigOption(argv, 'demo [--config FILE]');
  const given = configFor(file);
  refuseOutside(given);
  // Beside the installation's data, never inside: the demo empties its own each time.
  const directory = `${dataDir(given, process.cwd(), process.getuid?.() === 0)}-demo`;
  const config: Config = {
    ...{ ...given, data: { ...given.data, dir: directory }, database: { url: null, ownerUrl: null, readUrl: null } },
    // Its own players speak plain HTTP, on loopback.
    http: { ...given.http, tls: { cert: null, key: null } },
  };
  // Said with the first step: a start that is refused leaves the one line that says why.
  let heading = 'Isotherm demo: says when the page can be opened, in half a minute or less\n';
  const say = (text: string) => {
    process.stderr.write(`${heading}  ${text}\n`);
    heading = '';
  };
  const output = new Output();
  output.guard();
  const logger = createLogger(file === undefined && given.log.level === 'info' ? 'warn' : given.log.level, output);

  // From the first moment: what is being started must also be stopped.
  const told = untilToldToStop(systemTime);
  await clearDataDirectory({ dataDir: directory, time: systemTime });
  let passwords: ReadonlyMap<string, string> = new Map();
  const platform = await startPlatform({
    config,
    logger,
    output,
    isDemo: true,
    onProgress: say,
    prepare: async (accounts) => {
      say('creating sign-ins and device credentials');
      for (const role of ROLES) await accounts.users.create({ name: role, role, password: PASSWORD });
      passwords = await demoCredentials(accounts);
    },
  });
  const stops: (() => Promise<void>)[] = [() => platform.stop()];
  const stopAll = async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    const { accounts, httpUrl, mqttUrl: brokerUrl } = platform;
    if (brokerUrl === null) throw new DefectError('DEMO_WITHOUT_BROKER', 'the demo runs every part');
    const playing = await playDemo({ httpUrl, brokerUrl, accounts, passwords, directory, logger, say });
    stops.push(() => playing.stop());
    process.stdout.write(welcome(httpUrl, brokerUrl));
    await Promise.race([told, playing.ended]);
    say('stopping');
    return 0;
  } finally {
    await stopAll();
    await rm(directory, { recursive: true, force: true });
  }
}

/** @throws {InputError} DEMO_NOT_LOOPBACK */
function refuseOutside(config: Config): void {
  for (const [key, host] of [
    ['http.host', config.http.host],
    ['mqtt.host', config.mqtt.host],
  ] as const) {
    if (isLoopback(host)) continue;
    throw new InputError(
      'DEMO_NOT_LOOPBACK',
      `${key}: given "${host}", allowed: in the demo 127.0.0.1, its sign-ins are public`,
    );
  }
}

function welcome(httpUrl: string, mqttUrl: string): string {
  return `
Isotherm demo is ready: open ${httpUrl} now
  page      ${httpUrl}
  MQTT      ${mqttUrl}
  sign in   ${ROLES.join(', ')}; password for each: ${PASSWORD}
  stop      Ctrl-C

`;
}
