import { Broker } from '../../broker/index.ts';
import { dialectOf } from '../../codecs/payloads/index.ts';
import { Intake, Ticker } from '../../ingest/index.ts';
import { urlHost } from '../addresses.ts';
import type { StackLight } from '../stack-light.ts';
import type { TlsFiles } from '../tls.ts';
import { earlierArrivals } from './earlier-arrivals.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

export interface MqttDoorOptions {
  readonly storage: Storage;
  readonly light: StackLight;
  readonly tls: TlsFiles | null;
}

/** The broker with what stands behind it; it takes nothing in before `open`. */
export interface MqttDoor {
  readonly broker: Broker;
  /** @returns where it listens */
  open(): Promise<string>;
}

/** MQTT, in the process that has the part `broker`. */
export function mqttDoor(surroundings: Surroundings, { storage, light, tls }: MqttDoorOptions): MqttDoor {
  const { config, lifetime } = surroundings;
  const { accounts, archive, log } = storage;
  const intake = new Intake({
    ...tools(surroundings, 'ingest'),
    log,
    speaksFor: accounts.spokenFor,
    onGatewayStatus: (gateway, status) => light.heard(gateway, status.state),
  });
  lifetime.started(() => intake.stop());
  const broker = new Broker({
    ...tools(surroundings, 'broker'),
    ...{ host: config.mqtt.host, port: config.mqtt.port },
    ...(tls !== null && { tls: { port: config.mqtt.tls.port, ...tls } }),
    authenticate: async (_clientId, username, password) => {
      const holder = await accounts.credentials.verify(username, password);
      if (holder === null) return null;
      await accounts.spokenFor.know(holder.id);
      return { kind: holder.kind === 'service' ? 'service' : 'device', id: holder.id };
    },
    accept: intake.accept,
    sourceOf: (topic) => dialectOf(topic)?.source ?? null,
    earlierArrival: earlierArrivals(archive, surroundings.time.now()),
  });
  accounts.revocations.onChange((grant) => {
    if (grant.startsWith('credential:')) broker.disconnect(grant.slice('credential:'.length));
  });
  return {
    broker,
    open: async () => {
      const ports = await broker.start();
      lifetime.started(() => broker.stop());
      light.connect(broker);
      const ticker = new Ticker({ ...tools(surroundings, 'ingest'), log });
      ticker.start();
      lifetime.started(() => ticker.stop());
      return `mqtt://${urlHost(config.mqtt.host)}:${ports.mqtt}`;
    },
  };
}
