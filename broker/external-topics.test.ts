import { expect, test } from 'vitest';
import { dialectOf } from '../codecs/payloads/index.ts';
import { DESCRIPTION_FILTERS, EXTERNAL_FILTERS } from './external-topics.ts';

/** What a broker takes for a match (MQTT 3.1.1, 4.7.1). */
function isMatch(filter: string, topic: string): boolean {
  const levels = topic.split('/');
  const wanted = filter.split('/');
  return wanted.length === levels.length && wanted.every((one, i) => one === '+' || one === levels[i]);
}

test.each([
  'spBv1.0/plant/NBIRTH/edge',
  'spBv1.0/plant/DDATA/edge/probe',
  'v3/app@tenant/devices/d-1/up',
  'v3/app@tenant/devices/d-1/location/solved',
  'application/1/device/0102030405060708/event/up',
  'application/1/device/0102030405060708/event/status',
  'application/1/device/0102030405060708/event/location',
  'ruuvi/aa:bb/cc:dd',
  'zigbee2mqtt/fridge',
  'zigbee2mqtt/fridge/temperature',
  'zigbee2mqtt/kitchen/fridge/temperature',
  'tele/plug/SENSOR',
  'plug/tele/SENSOR',
  'stat/plug/STATUS8',
  'shelly-1/events/rpc',
  'shelly-1/status/temperature:0',
  'homie/5/fridge/$description',
  'homie/5/fridge/sensor/temperature',
  'homie/fridge/sensor/temperature',
  'homie/fridge/sensor/temperature/$unit',
  'homeassistant/sensor/fridge_temperature/state',
  'statestream/binary_sensor/fridge_door/state',
])('%s is decoded, and comes once from a broker of others', (topic) => {
  expect(dialectOf(topic)).not.toBeNull();
  expect(EXTERNAL_FILTERS.filter((filter) => isMatch(filter, topic))).toHaveLength(1);
});

test('no two filters match one topic, but those of descriptions, which bring no reading', () => {
  const examples = EXTERNAL_FILTERS.map((filter) => filter.replaceAll('+', 'x'));
  for (const topic of examples) expect(EXTERNAL_FILTERS.filter((filter) => isMatch(filter, topic))).toHaveLength(1);
  for (const filter of DESCRIPTION_FILTERS) {
    const topic = filter.replaceAll('+', 'x');
    expect(
      dialectOf(topic)?.dialect.decode({ topic, source: 'x', payload: Buffer.from('x'), arrival: 0 }),
    ).toMatchObject({
      readings: [],
    });
  }
});
