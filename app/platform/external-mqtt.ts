import { readFile } from 'node:fs/promises';
import type { SpokenFor } from '../../access/index.ts';
import { ExternalBroker, type RefusedTopic } from '../../broker/index.ts';
import { isSigned, isSignedBy } from '../../codecs/batch/index.ts';
import { dialectOf } from '../../codecs/payloads/index.ts';
import { InputError, nativeTopic, type SpeaksFor } from '../../domain/index.ts';
import type { Intaking } from './intaking.ts';
import { MqttSessions } from './mqtt-sessions.ts';
import type { Storage } from './storage.ts';
import { type Surroundings, tools } from './surroundings.ts';

/** Takes from the broker of `mqtt.url`. @throws {InputError} MQTT_CA_UNREADABLE */
export async function openExternal(surroundings: Surroundings, storage: Storage, { intake, mapper }: Intaking) {
  const { config, lifetime, troubles, time } = surroundings;
  const { url, ca, shared } = config.mqtt;
  const speakers = speaksAsBrokerLets(storage.accounts.spokenFor);
  const { host, protocol } = new URL(url ?? '');
  const external = new ExternalBroker({
    ...tools(surroundings, 'broker'),
    accept: (message, done) => intake.accept({ ...message, speakers }, done),
    ...{ troubles, isShared: shared, mapped: mapper.filters },
    sourceOf: (topic) => dialectOf(topic)?.source ?? mapper.of(topic)?.source ?? null,
    address: { url: url ?? '', ...(ca === null ? {} : { ca: await authority(ca) }) },
    refusalOf: unsignedBatch(storage),
    sessions: new MqttSessions({ database: storage.database, time, broker: host }),
  });
  external.start();
  lifetime.started(() => external.stop());
  return { urls: { plain: `${protocol}//${host}`, tls: null }, down: external };
}

/** Whoever the broker let speak is believed for others too, unless its credentials here say for whom. */
function speaksAsBrokerLets(spokenFor: SpokenFor): SpeaksFor {
  return {
    speaksFor: (credential, source) => (spokenFor.knows(credential) ? spokenFor.speaksFor(credential, source) : 'yes'),
    heardOwn: (credential) => spokenFor.heardOwn(credential),
  };
}

/** A batch moves goods: of whom it is, the gateway's own key says and not the topic. */
function unsignedBatch({ accounts }: Storage) {
  return async (topic: string, payload: Uint8Array): Promise<RefusedTopic | null> => {
    const native = nativeTopic(topic);
    if (native?.kind !== 'gateway' || native.tail !== 'batches') return null;
    const { id } = native;
    if (!isSigned(payload)) {
      const detail = `the batch of ${id} is not signed; set mqtt.sign in its gateway.yaml`;
      return { reason: 'BATCH_UNSIGNED', detail };
    }
    const key = await accounts.credentials.signingKey(id);
    if (key === null) {
      const detail = `${id} has no credentials here to sign with; isotherm device create ${id} --kind gateway`;
      return { reason: 'BATCH_SIGNATURE_WRONG', detail };
    }
    if (isSignedBy(payload, id, key)) return null;
    const detail = `the batch is not signed by the key of ${id}; give the gateway its present password`;
    return { reason: 'BATCH_SIGNATURE_WRONG', detail };
  };
}

async function authority(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    const message = `mqtt.ca: given "${file}", which cannot be read; allowed: a PEM file`;
    throw new InputError('MQTT_CA_UNREADABLE', message, {}, cause);
  }
}
