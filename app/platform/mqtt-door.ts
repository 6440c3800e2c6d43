import type { CredentialHolder } from '../../access/index.ts';
import { Broker, type Principal } from '../../broker/index.ts';
import { dialectOf } from '../../codecs/payloads/index.ts';
import { type Downlink, UnavailableError } from '../../domain/index.ts';
import { type OwnClock, Ticker } from '../../ingest/index.ts';
import { PostgresOwnership } from '../../storage/index.ts';
import { urlHost } from '../addresses.ts';
import type { DoorCertificate } from '../door-certificate.ts';
import type { DoorManifests } from '../door-manifests.ts';
import { LIGHT_CHANNEL, type StackLight } from '../stack-light.ts';
import { tellDoors } from './door-manifests.ts';
import { earlierArrivals } from './earlier-arrivals.ts';
import { openExternal } from './external-mqtt.ts';
import type { Intaking } from './intaking.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

const CLOCK_EVERY_MS = 10_000;
const SLOW_MS = 5_000;

export interface MqttDoorOptions {
  readonly storage: Storage;
  readonly intaking: Intaking;
  readonly light: StackLight;
  readonly manifests: DoorManifests;
  readonly tls: DoorCertificate | null;
}

/** Where the broker listens. */
export interface MqttUrls {
  readonly plain: string;
  /** Null without a certificate. */
  readonly tls: string | null;
}

/** A door that is open, and the way down through it. */
export interface OpenDoor {
  readonly urls: MqttUrls;
  readonly down: Downlink;
}

/** The broker with what stands behind it; it takes nothing in before `open`. */
export interface MqttDoor {
  /** The embedded one; null where one of others stands in its place. */
  readonly broker: Broker | null;
  /** Null until it is open. */
  urls(): MqttUrls | null;
  open(): Promise<MqttUrls>;
}

/** MQTT, in the process that has the part `broker`: by the embedded broker, or by one of others. */
export function mqttDoor(surroundings: Surroundings, options: MqttDoorOptions): MqttDoor {
  const { config, lifetime } = surroundings;
  const { storage, intaking, light, manifests } = options;
  const { clock } = intaking;
  const { log } = storage;
  const broker = config.mqtt.url === null ? embeddedBroker(surroundings, options) : null;
  let opened: MqttUrls | null = null;
  return {
    broker,
    urls: () => opened,
    open: async () => {
      watchClock(surroundings, storage, clock);
      const { urls, down } =
        broker === null
          ? await openExternal(surroundings, storage, intaking)
          : await openEmbedded(surroundings, broker);
      light.connect(down);
      const told = await storage.database.listen(LIGHT_CHANNEL, light.pass);
      lifetime.started(() => told.stop());
      await tellDoors(surroundings, storage, manifests, down);
      intaking.repliesBy(({ topic, payload }) => down.publish(topic, payload, { qos: 0 }));
      const ownership = new PostgresOwnership({ database: storage.database, time: surroundings.time });
      const ticker = new Ticker({ ...tools(surroundings, 'ingest'), log, ownership });
      ticker.start();
      lifetime.started(() => ticker.stop());
      opened = urls;
      return urls;
    },
  };
}

function embeddedBroker(surroundings: Surroundings, { storage, intaking, tls }: MqttDoorOptions): Broker {
  const { config } = surroundings;
  const { accounts, archive } = storage;
  const { intake } = intaking;
  const principalOf = async (holder: CredentialHolder | null): Promise<Principal | null> => {
    if (holder === null) return null;
    await accounts.spokenFor.know(holder.id);
    return { kind: holder.kind === 'service' ? 'service' : 'device', id: holder.id };
  };
  const broker = new Broker({
    ...tools(surroundings, 'broker'),
    ...{ host: config.mqtt.host, port: config.mqtt.port },
    ...(tls !== null && {
      tls: { port: config.mqtt.tls.port, ...tls.present, onChange: (take) => tls.onChange(take) },
    }),
    authenticate: async (_clientId, username, password) => {
      return principalOf(await accounts.credentials.verify(username, password));
    },
    certified: async (id) => principalOf(await accounts.credentials.certified(id)),
    accept: intake.accept,
    sourceOf: (topic) => dialectOf(topic)?.source ?? intaking.mapper.of(topic)?.source ?? null,
    earlierArrival: earlierArrivals(archive, surroundings.time.now()),
  });
  accounts.revocations.onChange((grant) => {
    if (grant.startsWith('credential:')) broker.disconnect(grant.slice('credential:'.length));
  });
  return broker;
}

async function openEmbedded({ config, lifetime }: Surroundings, broker: Broker): Promise<OpenDoor> {
  const ports = await broker.start();
  lifetime.started(() => broker.stop());
  const host = urlHost(config.mqtt.host);
  const tls = ports.tls === null ? null : `mqtts://${host}:${ports.tls}`;
  return { urls: { plain: `mqtt://${host}:${ports.mqtt}`, tls }, down: broker };
}

/** Asks the database server what time it is, and says where our clock is wrong; a server that does not answer says nothing about our clock. */
function watchClock({ lifetime, time, troubles }: Surroundings, { database }: Storage, clock: OwnClock): void {
  const look = async () => {
    const from = time.now();
    const { rows } = await database.query<{ now: number }>(
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS now',
    );
    const took = time.now() - from;
    const [row] = rows;
    // An answer that took long is of no moment in particular.
    clock.databaseIsAhead(row === undefined || Math.abs(took) > SLOW_MS ? null : row.now - from - took / 2);
  };
  const say = () => {
    const { fault } = clock;
    if (fault === null) troubles.passed('clock');
    else troubles.failed('clock', new UnavailableError('CLOCK_WRONG', fault), time.now());
  };
  const timer = time.every('own clock', CLOCK_EVERY_MS, () => {
    look()
      .catch(() => clock.databaseIsAhead(null))
      .finally(say);
  });
  lifetime.started(async () => timer.cancel());
}
