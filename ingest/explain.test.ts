import { expect, test } from 'vitest';
import { explainMessage } from './index.ts';

const now = Date.UTC(2026, 10, 22, 10);

function explain(payload: string, where: { topic?: string; dialect?: string; decoder?: string }) {
  const { topic = null, dialect = null, decoder = null } = where;
  const { readings, events, refused } = explainMessage({ payload: Buffer.from(payload), topic, dialect, decoder, now });
  return [
    ...readings.map(({ device, metric, value, time }) => `${device} ${metric} ${value} ${time ?? 'arrival'}`),
    ...events.map(({ kind }) => kind),
    ...refused.map(({ reason, field }) => `${reason} ${field}`.trimEnd()),
  ];
}

test('the native form is explained on its topic, or by its name, each refusal by its field', () => {
  const payload = `[{"time":${now},"temperature":5},{"humidity":40},{"unit":"F","temperature":9},{"foo":1},7]`;
  const said = (device: string) => [
    `${device} temperature 5 ${now}`,
    `${device} humidity 40 arrival`,
    'FIELD_CHANGES_MEANING [2].unit',
    'FIELD_UNKNOWN [3].foo',
    'READING_NOT_OBJECT [4]',
  ];
  expect(explain(payload, { topic: 'isotherm/v1/devices/logger-7/readings' })).toEqual(said('logger-7'));
  expect(explain(payload, { dialect: 'isotherm' })).toEqual(said('device'));
});

test('a dialect is explained by its topic, by its name, and with a decoder that is named', () => {
  expect(explain('{"temperature":4}', { topic: 'zigbee2mqtt/fridge' })).toEqual(['fridge temperature 4 arrival']);
  expect(explain('{"temperature":4}', { dialect: 'zigbee2mqtt' })).toEqual(['device temperature 4 arrival']);
  const uplink = '{"uplink_message":{"frm_payload":"A2c0AQ=="}}';
  expect(explain(uplink, { dialect: 'the-things-stack' })).toEqual(['DECODER_MISSING uplink_message.frm_payload']);
  expect(explain(uplink, { dialect: 'the-things-stack', decoder: 'milesight' })).toEqual([
    'device temperature 30.8 arrival',
  ]);
  const tag = '{"eventType":"tagInventory","tagInventoryEvent":{"epcHex":"AB","antennaPort":1}}';
  expect(explain(tag, { topic: 'isotherm/v1/dialects/impinj-r700/dock-1' })).toEqual(['tag']);
});

test('where nobody decodes it, that is said', () => {
  for (const topic of ['nobody/knows', 'isotherm/v1/devices/logger-7/other', 'isotherm/v1/gateways/gw-1/readings']) {
    expect(() => explain('{}', { topic }), topic).toThrow('nobody decodes the topic');
  }
  expect(() => explain('{}', { dialect: 'klingon' })).toThrow('there is no dialect klingon');
});
