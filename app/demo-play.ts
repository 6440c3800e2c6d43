import { join } from 'node:path';
import type { Accounts } from '../access/index.ts';
import { type Logger, silentMeter, systemTime } from '../domain/index.ts';
import { apiClient, PORTALS, play, ROOM_SENSORS, SHIPMENTS, SITES, setStage, storyFrom } from '../simulators/index.ts';
import { gatewayOf, startDemoGateways } from './demo-gateways.ts';

/** Where the demo is played. */
export interface DemoStage {
  readonly httpUrl: string;
  readonly brokerUrl: string;
  readonly accounts: Accounts;
  /** Of the demo's devices, by id ({@link demoCredentials}). */
  readonly passwords: ReadonlyMap<string, string>;
  /** For the spools of its gateways. */
  readonly directory: string;
  readonly logger: Logger;
  /** One short line a step. */
  readonly say: (text: string) => void;
}

export interface DemoPlaying {
  /** Ends with the story, or when it is stopped. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Two days of history and the story, by simulated readers and loggers over the real protocols, until it is stopped. */
export async function playDemo({ httpUrl, brokerUrl, accounts, passwords, ...stage }: DemoStage): Promise<DemoPlaying> {
  const { directory, logger, say } = stage;
  const passwordOf = (id: string) => passwords.get(id) ?? '';
  const token = await accounts.tokens.create({ name: 'demo-simulators', role: 'admin' });
  say(`setting the stage: ${SITES.length} sites, ${SHIPMENTS.length} shipments`);
  const now = systemTime.now();
  await setStage(apiClient(httpUrl, token), now);
  const gateways = await startDemoGateways({
    ...{ brokerUrl, passwordOf, time: systemTime, logger, meter: silentMeter },
    dataDir: join(directory, 'gateways'),
  });
  const curtain = new AbortController();
  const playing = play(
    storyFrom(now),
    {
      ...{ brokerUrl, passwordOf, time: systemTime, onScene: say },
      read: (reader, tag) => gateways.readers.get(reader)?.see(tag),
    },
    curtain.signal,
  );
  return {
    ended: playing,
    async stop() {
      curtain.abort();
      try {
        await playing;
      } finally {
        await gateways.stop();
      }
    },
  };
}

/** Makes the credentials of the demo's devices. @returns their passwords by id */
export async function demoCredentials(accounts: Accounts): Promise<Map<string, string>> {
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
