import { readFileSync } from 'node:fs';
import { connectAsync } from 'mqtt';
import type { Config } from './config/index.ts';

/** What `isotherm doctor` found of one thing. */
export interface Diagnosis {
  readonly about: string;
  readonly verdict: 'good' | 'warning' | 'bad';
  readonly found: string;
  readonly advice: string | null;
}

const CONNECT_MS = 5_000;

/** What is different where a broker of others takes the messages, in the four sentences of docs/mqtt-broker.md. */
export const OTHERS_BROKER = [
  'the topic is the identity: who may publish on it, the broker decides by its list of rights, not Isotherm',
  'batches of gateways are signed with the gateway’s key, and what is not is kept in quarantine',
  'a reading without a time is taken at least once: sent again after a crash it is a second one',
  'messages of one device may come in another order, which changes no result',
] as const;

/** The broker of the configuration: whether it answers, and what is to be known about it. */
export async function* diagnosePlatform({ mqtt }: Pick<Config, 'mqtt'>): AsyncGenerator<Diagnosis> {
  if (mqtt.url === null) {
    yield { about: 'MQTT', verdict: 'good', found: 'the embedded broker takes the messages', advice: null };
    return;
  }
  const about = `MQTT broker ${new URL(mqtt.url).host}`;
  for (const found of OTHERS_BROKER) yield { about, verdict: 'warning', found, advice: null };
  try {
    const ca = mqtt.ca === null ? {} : { ca: readFileSync(mqtt.ca) };
    const clientId = `isotherm-doctor-${process.pid}`;
    const options = { clientId, connectTimeout: CONNECT_MS, reconnectPeriod: 0, protocolVersion: 4, ...ca } as const;
    const client = await connectAsync(mqtt.url, options);
    const [granted] = await client
      .subscribeAsync('$share/isotherm-doctor/isotherm/v1/devices/+/readings', { qos: 1 })
      .catch(() => []);
    await client.endAsync(true);
    yield { about, verdict: 'good', found: 'it is there and lets us in', advice: null };
    if (granted?.qos === 1) yield { about, verdict: 'good', found: 'it shares out subscriptions', advice: null };
    else {
      const found = 'it does not let us share a subscription with QoS 1';
      yield { about, verdict: 'bad', found, advice: 'mend its list of rights (docs/mqtt-broker.md)' };
    }
  } catch (error) {
    yield { about, verdict: 'bad', ...whyNot(error, 'mqtt.url', ['mqtt.url', 'mend its user and password']) };
  }
}

/**
 * Why a broker was not reached, and what mends it.
 * @param who whose credentials were shown
 * @param mend the setting with the address, and what gives other credentials
 */
export function whyNot(
  error: unknown,
  who: string,
  [setting, credentials]: readonly [string, string],
): Pick<Diagnosis, 'found' | 'advice'> {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  const found = error instanceof Error && error.message !== '' ? error.message : String(code);
  // MQTT 3.1.1, 3.2.2.3: 4 bad user name or password, 5 not authorized; MQTT 5: 134, 135.
  if (code === 4 || code === 5 || code === 134 || code === 135) {
    return { found: `it does not take the credentials of ${who}`, advice: credentials };
  }
  if (code === 'ECONNREFUSED') return { found: 'nobody listens there', advice: `start it, or mend ${setting}` };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN')
    return { found: 'the name is not known', advice: `mend ${setting} or DNS` };
  if (code === 'ENOENT') return { found, advice: 'mend mqtt.ca, mqtt.cert or mqtt.key' };
  return { found, advice: 'check the address, the port, and firewalls between' };
}
