import { describe, expect, test } from 'vitest';
import { dialectOf } from '../codecs/payloads/index.ts';
import type { Principal } from './message.ts';
import { maySubscribe, rightToPublish } from './rights.ts';

const sourceOf = (topic: string) => dialectOf(topic)?.source ?? null;

/** Who may be signed in, by what they are. Nobody, a person and a revoked credential are not: admission refuses them. */
const WHO = {
  itself: { kind: 'device', id: 'it-1' },
  'another device': { kind: 'device', id: 'other-1' },
  'a gateway': { kind: 'device', id: 'gw-1' },
  'a service': { kind: 'service', id: 'bridge-1' },
} as const satisfies Readonly<Record<string, Principal>>;

type Rights = Readonly<Record<keyof typeof WHO, string>>;

const rights = (itself: string, other: string, gateway: string, service: string): Rights => ({
  ...{ itself, 'another device': other, 'a gateway': gateway, 'a service': service },
});

/** Every form of topic that somebody may publish on, each naming `it-1` where it names anybody. */
const PUBLISH: Readonly<Record<string, Rights>> = {
  'isotherm/v1/devices/it-1/readings': rights('own', 'foreign', 'foreign', 'foreign'),
  'isotherm/v1/devices/it-1/commands': rights('foreign', 'foreign', 'foreign', 'foreign'),
  'isotherm/v1/gateways/it-1/batches': rights('own', 'foreign', 'foreign', 'foreign'),
  'isotherm/v1/gateways/gw-1/batches': rights('foreign', 'foreign', 'own', 'foreign'),
  'isotherm/v1/gateways/gw-1/status': rights('foreign', 'foreign', 'own', 'foreign'),
  'isotherm/v1/gateways/gw-1/commands': rights('foreign', 'foreign', 'foreign', 'foreign'),
  'isotherm/v1/devices//readings': rights('unknown', 'unknown', 'unknown', 'unknown'),
  'isotherm/v1/devices/it-10/readings': rights('foreign', 'foreign', 'foreign', 'foreign'),
  'isotherm/v2/devices/it-1/readings': rights('unknown', 'unknown', 'unknown', 'unknown'),
  '$SYS/broker/uptime': rights('unknown', 'unknown', 'unknown', 'unknown'),
  '': rights('unknown', 'unknown', 'unknown', 'unknown'),
};

/** Every form of filter that somebody may ask for. */
const SUBSCRIBE: Readonly<Record<string, Rights>> = {
  'isotherm/v1/devices/it-1/commands': rights('yes', 'no', 'no', 'no'),
  'isotherm/v1/devices/it-1/readings': rights('no', 'no', 'no', 'no'),
  'isotherm/v1/devices/+/commands': rights('no', 'no', 'no', 'no'),
  'isotherm/v1/gateways/gw-1/commands': rights('no', 'no', 'yes', 'no'),
  'isotherm/v1/gateways/+/status': rights('no', 'no', 'no', 'yes'),
  'isotherm/v1/gateways/gw-1/status': rights('no', 'no', 'no', 'yes'),
  'isotherm/#': rights('no', 'no', 'no', 'no'),
  '#': rights('no', 'no', 'no', 'no'),
  '$SYS/#': rights('no', 'no', 'no', 'no'),
  'zigbee2mqtt/it-1/#': rights('yes', 'no', 'no', 'yes'),
  'cmnd/it-1/#': rights('yes', 'no', 'no', 'yes'),
  'homie/5/it-1/+/+/set': rights('yes', 'no', 'no', 'yes'),
  'it-1/rpc': rights('yes', 'no', 'no', 'no'),
  'spBv1.0/STATE/isotherm': rights('yes', 'yes', 'yes', 'yes'),
  'spBv1.0/plant/NCMD/it-1': rights('yes', 'no', 'no', 'yes'),
  'spBv1.0/plant/DCMD/it-1/probe': rights('yes', 'no', 'no', 'yes'),
};

describe('a topic is answered exactly as the table says', () => {
  test.each(Object.entries(PUBLISH))('publishing on %j', (topic, expected) => {
    const found = Object.entries(WHO).map(([name, principal]) => [name, rightToPublish(principal, topic, sourceOf)]);
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  test.each(Object.entries(SUBSCRIBE))('listening to %j', (filter, expected) => {
    const found = Object.entries(WHO).map(([name, principal]) => [
      name,
      maySubscribe(principal, filter) ? 'yes' : 'no',
    ]);
    expect(Object.fromEntries(found)).toEqual(expected);
  });
});
