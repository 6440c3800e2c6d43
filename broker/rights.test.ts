import { describe, expect, test } from 'vitest';
import { DIALECTS, dialectOf } from '../codecs/payloads/index.ts';
import type { Principal } from './message.ts';
import { mayReceive, maySubscribe, rightToPublish } from './rights.ts';

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

/** What a dialect's own name or a bridge may hear on the topics it publishes on; else nobody hears it. */
const NOBODY = rights('no', 'no', 'no', 'no');
const ITSELF = rights('yes', 'no', 'no', 'no');
const ITS_BRIDGE = rights('yes', 'no', 'no', 'yes');

/**
 * Of each decoder every form of its maker's own topics, each naming `it-1`, and who may listen there. None: all that it
 * takes comes below `isotherm/v1/dialects/`. What of the platform's a form is: only the name in it may publish there.
 */
const OWN_TOPICS: Readonly<Record<string, Readonly<Record<string, Rights>>>> = {
  sparkplug: {
    ...Object.fromEntries(
      ['NBIRTH', 'NDEATH', 'NDATA', 'DBIRTH', 'DDEATH', 'DDATA'].flatMap((type) => [
        [`spBv1.0/plant/${type}/it-1`, NOBODY],
        [`spBv1.0/plant/${type}/it-1/probe`, NOBODY],
      ]),
    ),
    'spBv1.0/plant/NCMD/it-1': ITS_BRIDGE,
    'spBv1.0/plant/DCMD/it-1/probe': ITS_BRIDGE,
    'spBv1.0/STATE/it-1': NOBODY,
  },
  'the-things-stack': {
    'v3/app@tenant/devices/it-1/up': NOBODY,
    'v3/app@tenant/devices/it-1/location/solved': NOBODY,
    'v3/app@tenant/devices/it-1/down/push': NOBODY,
  },
  chirpstack: {
    'application/1/device/it-1/event/up': NOBODY,
    'application/1/device/it-1/event/status': NOBODY,
    'application/1/device/it-1/event/location': NOBODY,
  },
  ruuvi: { 'ruuvi/it-1/CB:B8:33:4C:88:4F': NOBODY, 'ruuvi/it-1/gw_status': NOBODY },
  zigbee2mqtt: {
    'zigbee2mqtt/it-1': ITS_BRIDGE,
    'zigbee2mqtt/it-1/temperature': ITS_BRIDGE,
    'zigbee2mqtt/it-1/availability': ITS_BRIDGE,
    'zigbee2mqtt/it-1/set': ITS_BRIDGE,
  },
  homie: {
    'homie/5/it-1/$state': ITS_BRIDGE,
    'homie/5/it-1/probe/temperature': ITS_BRIDGE,
    'homie/5/it-1/probe/temperature/set': ITS_BRIDGE,
    'homie/it-1/$state': NOBODY,
    'homie/it-1/probe/$name': NOBODY,
    'homie/it-1/probe/temperature': NOBODY,
    'homie/it-1/probe/temperature/$unit': NOBODY,
  },
  // Its ids have no hyphen: `it_1` signs in.
  'home-assistant': {
    'homeassistant/sensor/it_1_temperature/state': NOBODY,
    'homeassistant/binary_sensor/it_1_door/state': NOBODY,
    'statestream/sensor/it_1_temperature/unit_of_measurement': NOBODY,
  },
  tasmota: {
    'tele/it-1/SENSOR': NOBODY,
    'tele/it-1/LWT': NOBODY,
    'stat/it-1/STATUS8': NOBODY,
    'it-1/tele/SENSOR': ITSELF,
    'it-1/stat/STATUS10': ITSELF,
  },
  shelly: { 'it-1/events/rpc': ITSELF, 'it-1/status/temperature:0': ITSELF, 'it-1/online': ITSELF },
  ...{ disruptive: {}, tive: {}, teltonika: {}, efento: {}, 'impinj-r700': {}, 'zebra-fx': {} },
  ...{ influx: {}, 'influx-us': {}, 'influx-ms': {}, 'influx-s': {} },
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

  test('and knows every decoder, and of each that has topics of its own at least one', () => {
    expect(Object.keys(OWN_TOPICS).sort()).toEqual(DIALECTS.map(({ name }) => name).sort());
    const withOwn = DIALECTS.filter(({ sourceOf }) => sourceOf !== undefined).map(({ name }) => name);
    const inTable = Object.entries(OWN_TOPICS).filter(([, topics]) => Object.keys(topics).length > 0);
    expect(inTable.map(([name]) => name).sort()).toEqual(withOwn.sort());
  });

  const forms = DIALECTS.flatMap(({ name }) => [
    [name, `isotherm/v1/dialects/${name}/it-1`, NOBODY] as const,
    ...Object.entries(OWN_TOPICS[name] ?? {}).map(([topic, listening]) => [name, topic, listening] as const),
  ]);

  test.each(forms)('%s: publishing on %s is for who it names and for a service', (name, topic) => {
    expect(dialectOf(topic)?.dialect.name).toBe(name);
    const source = dialectOf(topic)?.source ?? '';
    const found = [...Object.values(WHO), { kind: 'device', id: source } as const].map((principal) =>
      rightToPublish(principal, topic, sourceOf),
    );
    expect(found).toEqual([source === 'it-1' ? 'own' : 'foreign', 'foreign', 'foreign', 'own', 'own']);
  });

  test.each(forms)('%s: listening to %s, and being sent it', (_name, topic, listening) => {
    const answers = (may: typeof maySubscribe) =>
      Object.fromEntries(Object.entries(WHO).map(([who, principal]) => [who, may(principal, topic) ? 'yes' : 'no']));
    expect(answers(maySubscribe)).toEqual(listening);
    expect(answers(mayReceive)).toEqual(listening);
  });

  test('a topic with another name in it belongs to nobody here but a service', () => {
    for (const [, topic] of forms) {
      const others = topic.replace('it-1', 'it-10').replace('it_1', 'it_10');
      const found = Object.values(WHO).map((principal) => rightToPublish(principal, others, sourceOf));
      expect(found, others).toEqual(['foreign', 'foreign', 'foreign', 'own']);
    }
  });
});
