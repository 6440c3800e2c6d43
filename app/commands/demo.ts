import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Accounts } from '../../access/index.ts';
import { DefectError, InputError, ROLES, silentMeter, systemTime } from '../../domain/index.ts';
import {
  apiClient,
  PORTALS,
  play,
  ROOM_SENSORS,
  SHIPMENTS,
  SITES,
  setStage,
  storyFrom,
} from '../../simulators/index.ts';
import { clearDataDirectory } from '../../storage/index.ts';
import { isLoopback } from '../addresses.ts';
import { type Config, dataDir } from '../config/index.ts';
import { gatewayOf, startDemoGateways } from '../demo-gateways.ts';
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
  const file = readConfigOption(argv, 'demo [--config FILE]');
  const given = configFor(file);
  refuseOutside(given);
  // Beside the installation's data, never inside: the demo empties its own each time.
  const directory = `${dataDir(given, process.cwd(), process.getuid?.() === 0)}-demo`;
  const config: Config = {
    ...{ ...given, data: { ...given.data, dir: directory }, database: { url: null, ownerUrl: null } },
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
      passwords = await credentialsFor(accounts);
    },
  });
  const curtain = new AbortController();
  const stops: (() => Promise<void>)[] = [() => platform.stop()];
  const stopAll = async () => {
    curtain.abort();
    for (const stop of stops.splice(0).reverse()) await stop();
  };
  try {
    const { accounts, mqttUrl: brokerUrl } = platform;
    if (brokerUrl === null) throw new DefectError('DEMO_WITHOUT_BROKER', 'the demo runs every part');
    const token = await accounts.tokens.create({ name: 'demo-simulators', role: 'admin' });
    const passwordOf = (id: string) => passwords.get(id) ?? '';
    say('setting the stage: three sites, five shipments');
    const now = systemTime.now();
    await setStage(apiClient(platform.httpUrl, token), now);
    const gateways = await startDemoGateways({
      ...{ brokerUrl, passwordOf, time: systemTime, logger, meter: silentMeter },
      dataDir: join(directory, 'gateways'),
    });
    stops.push(() => gateways.stop());
    const playing = play(
      storyFrom(now),
      {
        ...{ brokerUrl, passwordOf, time: systemTime, onScene: say },
        read: (reader, tag) => gateways.readers.get(reader)?.see(tag),
      },
      curtain.signal,
    );
    stops.push(() => playing);
    process.stdout.write(welcome(platform.httpUrl, brokerUrl));
    await Promise.race([told, playing]);
    say('stopping');
    return 0;
  } finally {
    await stopAll();
    await rm(directory, { recursive: true, force: true });
  }
}

async function credentialsFor(accounts: Accounts): Promise<Map<string, string>> {
  const devices = [
    ...SHIPMENTS.flatMap((shipment) => shipment.units.map((unit) => unit.logger)),
    ...ROOM_SENSORS.map((sensor) => sensor.id),
  ];
  const passwords = new Map<string, string>();
  for (const id of devices) passwords.set(id, await accounts.credentials.create(id, { kind: 'device' }));
  for (const { id } of SITES) {
    const gateway = gatewayOf(id);
    const readers = PORTALS.filter(({ site }) => site === id).map(({ reader }) => reader);
    passwords.set(gateway, await accounts.credentials.create(gateway, { kind: 'gateway', speaksFor: readers }));
  }
  return passwords;
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
