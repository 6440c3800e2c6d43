import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEVICE_ID, isPhysical, type MetricDefinition, metricByName } from '../../domain/index.ts';
import { sharedTestdata, WITHOUT_SAMPLES } from '../../tests/parts.ts';
import { DIALECTS, type Dialect, dialectNamed, dialectOf } from './index.ts';

const SAMPLES = sharedTestdata('payloads.json');

/** `device metric value time` of what is taken, and `reason field` of what is not. */
function read(topic: string, payload: unknown, decoder?: string): { taken: string[]; refused: string[] } {
  const known = dialectOf(topic);
  if (known === null) throw new Error(`nobody decodes ${topic}`);
  const bytes = payload instanceof Uint8Array ? payload : Buffer.from(text(payload));
  const message = { topic, source: known.source, payload: bytes };
  const { readings, refused } = known.dialect.decode(decoder === undefined ? message : { ...message, decoder });
  return {
    taken: readings.map(({ device, metric, value, time }) =>
      [device, metric, value, ...(time === null ? [] : [new Date(time).toISOString()])].join(' '),
    ),
    refused: refused.map(({ reason, field }) => `${reason} ${field}`.trimEnd()),
  };
}

function text(payload: unknown): string {
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}

const taken = (topic: string, payload: unknown, decoder?: string) => {
  const { taken, refused } = read(topic, payload, decoder);
  expect(refused).toEqual([]);
  return taken;
};

test('messages as their makers document them give the readings that the documents say', (context) => {
  if (SAMPLES === null) return context.skip(WITHOUT_SAMPLES);
  const samples = JSON.parse(readFileSync(SAMPLES, 'utf8'));
  const heard = '2022-05-27T16:13:47.000Z';
  expect(taken('ruuvi/C8:25:2D:8E:9C:2C/AD:69:7F:F4:1F:0C', samples.ruuvi_gateway.payload)).toEqual([
    `AD:69:7F:F4:1F:0C temperature 27.75 ${heard}`,
    `AD:69:7F:F4:1F:0C humidity 48.9125 ${heard}`,
    `AD:69:7F:F4:1F:0C pressure 1009.03 ${heard}`,
  ]);
  const { hex, expect: said } = samples.ruuvi_df5_vector;
  expect(taken('ruuvi/gw/CB:B8:33:4C:88:4F', { data: hex, ts: '' })).toEqual([
    `CB:B8:33:4C:88:4F temperature ${said.temperature_C}`,
    `CB:B8:33:4C:88:4F humidity ${said.humidity_pct}`,
    `CB:B8:33:4C:88:4F pressure ${said.pressure_Pa / 100}`,
  ]);
  expect(taken('zigbee2mqtt/fridge', samples.zigbee2mqtt.payload)).toEqual([
    'fridge temperature 27.34',
    'fridge humidity 44.72',
  ]);
  const shelly = 'shellyplusht-b8d61a8b17cc';
  expect(taken(`${shelly}/events/rpc`, samples.shelly_gen2_notifyfullstatus.payload)).toEqual([
    `${shelly} humidity 42.2 2023-04-08T14:07:59.620Z`,
    `${shelly} temperature 19.8 2023-04-08T14:07:59.620Z`,
  ]);
  const disruptive = 'isotherm/v1/dialects/disruptive/cloud';
  expect(taken(disruptive, samples.disruptive_technologies.payload)).toEqual([
    'bhekp869j9fg00ecpct0 temperature 23.55',
  ]);
  // One byte for which the message names neither brand nor model.
  const uplink = read('application/1/device/0101010101010101/event/up', samples.chirpstack_v4_up.payload);
  expect(uplink).toEqual({ taken: [], refused: ['DECODER_MISSING data'] });
});

describe('Tasmota', () => {
  const TIME = '2026-11-22T10:00:00';

  test('one sensor is the device, of several each has an id of its own, and the chip is none', () => {
    const one = { Time: TIME, AM2301: { Temperature: 20.3, Humidity: 51.2, DewPoint: 10 }, TempUnit: 'C' };
    expect(taken('tele/cold/SENSOR', one)).toEqual(['cold temperature 20.3', 'cold humidity 51.2']);
    const several = {
      Time: TIME,
      'DS18B20-1': { Id: '01131B5D', Temperature: 5.1 },
      'DS18B20-2': { Id: '01131B5E', Temperature: -18.4 },
      ESP32: { Temperature: 53.3 },
      ENERGY: { Voltage: 231 },
      TempUnit: 'C',
    };
    const readings = ['cold.DS18B20-1 temperature 5.1', 'cold.DS18B20-2 temperature -18.4'];
    expect(taken('tele/cold/SENSOR', several)).toEqual(readings);
    expect(taken('cold/tele/SENSOR', several)).toEqual(readings);
    expect(taken('stat/cold/STATUS10', { StatusSNS: several })).toEqual(readings);
    const nested = { Time: '2018.02.15 01:00:50', DS18x20: { DS1: { Type: 'DS18B20', Temperature: 4.5 } } };
    expect(taken('tele/cold/SENSOR', nested)).toEqual(['cold temperature 4.5']);
  });

  test('units are those that the message says', () => {
    const payload = {
      BMP280: { Temperature: 41, Pressure: 750 },
      BH1750: { Illuminance: 8 },
      TempUnit: 'F',
      PressureUnit: 'mmHg',
    };
    expect(taken('tele/cold/SENSOR', payload)).toEqual([
      'cold.BMP280 temperature 5',
      'cold.BMP280 pressure 999.9178',
      'cold.BH1750 light 8',
    ]);
    expect(read('tele/cold/SENSOR', { BMP280: { Temperature: 41 }, TempUnit: 'K' }).refused).toEqual([
      'UNIT_NOT_UNDERSTOOD TempUnit',
    ]);
  });

  // arendst/Tasmota: a sensor that does not answer is null, and no 0.
  test('a sensor that does not answer is no reading, and costs no other', () => {
    const payload = { Time: TIME, 'DS18B20-1': { Temperature: null }, 'DS18B20-2': { Temperature: 4 }, TempUnit: 'C' };
    expect(read('tele/cold/SENSOR', payload)).toEqual({
      taken: ['cold.DS18B20-2 temperature 4'],
      refused: ['VALUE_NOT_NUMBER DS18B20-1.Temperature'],
    });
  });

  // arendst/Tasmota #4147: `nan` where a sensor is not connected made the whole message no JSON.
  test('a sensor that is not connected costs no other, spelt nan or null', () => {
    const payload =
      '{"Time":"2018-10-23T23:47:58","DHT11":{"Temperature":nan,"Humidity":nan},"DS18B20":{"Temperature":4.5}}';
    expect(read('tele/esp01/SENSOR', payload)).toEqual({
      taken: ['esp01.DS18B20 temperature 4.5'],
      refused: ['VALUE_NOT_NUMBER DHT11.Temperature', 'VALUE_NOT_NUMBER DHT11.Humidity'],
    });
  });

  test('a local time is of its arrival where a zone can bring it there, and else is not understood', () => {
    const arrival = Date.parse('2026-11-22T10:00:00Z');
    const at = (Time: string) => {
      const payload = Buffer.from(JSON.stringify({ Time, DS18B20: { Temperature: 4 }, TempUnit: 'C' }));
      const { readings, refused } = (dialectNamed('tasmota') as Dialect).decode({
        ...{ topic: 'tele/cold/SENSOR', source: 'cold', payload, arrival },
      });
      return readings[0]?.time ?? refused[0]?.reason ?? 'arrival';
    };
    expect(at('2026-11-22T11:00:00')).toBe('arrival');
    expect(at('1970-01-01T00:00:08')).toBe('arrival');
    expect(at('2026-11-20T10:00:00')).toBe('TIME_NOT_UNDERSTOOD');
    expect(at('2026-11-22T11:00:00+01:00')).toBe(arrival);
    expect(at('noon')).toBe('TIME_NOT_UNDERSTOOD');
  });

  test('what a plug says of itself measures nothing', () => {
    for (const tail of ['STATE', 'LWT', 'INFO1', 'RESULT']) expect(taken(`tele/cold/${tail}`, 'Online')).toEqual([]);
  });
});

describe('Zigbee2MQTT', () => {
  test('takes what a device exposes, each endpoint as a device of its own, a contact as a door', () => {
    const seen = '2026-11-22T10:00:00.000Z';
    const payload = {
      ...{ battery: 91, contact: true, humidity: null, illuminance: 18_000, illuminance_lux: 63, linkquality: 115 },
      ...{ pressure: 1013.2, temperature: 4.5, temperature_l2: 6, device_temperature: 30, voltage: 3005 },
      last_seen: seen,
    };
    expect(taken('zigbee2mqtt/fridge', payload)).toEqual([
      `fridge battery 91 ${seen}`,
      `fridge pressure 1013.2 ${seen}`,
      `fridge temperature 4.5 ${seen}`,
      `fridge.l2 temperature 6 ${seen}`,
      `fridge light 63 ${seen}`,
      `fridge door 0 ${seen}`,
    ]);
    expect(taken('zigbee2mqtt/fridge', { temperature: 4, last_seen: 1_795_341_600_000 })).toEqual([
      `fridge temperature 4 ${seen}`,
    ]);
    expect(taken('zigbee2mqtt/fridge/temperature', '4.5')).toEqual(['fridge temperature 4.5']);
  });

  // zigbee2mqtt.io, "MQTT Topics and Messages": a friendly name may have folders, as in kitchen/floor_light.
  test('a device whose name has folders was passed over without a word: it is one, by its whole name', () => {
    expect(taken('zigbee2mqtt/kitchen/fridge', { temperature: 4.5 })).toEqual(['kitchen.fridge temperature 4.5']);
    expect(taken('zigbee2mqtt/a/b/c', ' {"temperature_l2":4.5}')).toEqual(['a.b.c.l2 temperature 4.5']);
    expect(taken('zigbee2mqtt/kitchen/fridge/temperature', '4.5')).toEqual(['kitchen.fridge temperature 4.5']);
    // The last part of the name may be that of a value: what is an object is a device's.
    expect(taken('zigbee2mqtt/kitchen/temperature', { temperature: 4.5 })).toEqual([
      'kitchen.temperature temperature 4.5',
    ]);
    for (const tail of ['set', 'get', 'set/temperature', 'availability'])
      expect(read(`zigbee2mqtt/kitchen/fridge/${tail}`, { temperature: 4.5 })).toEqual({ taken: [], refused: [] });
    expect(read('zigbee2mqtt/kitchen/cold room', { temperature: 4.5 }).refused).toEqual([
      'MESSAGE_MALFORMED temperature',
    ]);
  });

  // zigbee-herdsman-converters 26.112.0: EFEKTA_TH_DUO, EFEKTA_T8_POW, Icon2; ZG-105NTH, TZ-ZT01_GA4.
  test('a second probe was passed over without a word, as its endpoint has a number alone or it is on a cable', () => {
    const payload = { temperature_1: 4.5, temperature_2: -18, humidity_2: 40, pressure_2: 1013.2 };
    expect(taken('zigbee2mqtt/duo', payload)).toEqual([
      ...['duo.1 temperature 4.5', 'duo.2 temperature -18', 'duo.2 humidity 40', 'duo.2 pressure 1013.2'],
    ]);
    expect(taken('zigbee2mqtt/room', { temperature: 21, probe_temperature: 4.5 })).toEqual([
      ...['room temperature 21', 'room.probe temperature 4.5'],
    ]);
    expect(taken('zigbee2mqtt/room', { temperature_probe: 4.5 })).toEqual(['room.probe temperature 4.5']);
    expect(taken('zigbee2mqtt/duo/temperature_2', '-18')).toEqual(['duo.2 temperature -18']);
    // What is set, and not measured, stays out.
    const set = { temperature_offset: 1, max_temperature: 30, probe_temperature_calibration: 1, temperature_f: 70 };
    expect(taken('zigbee2mqtt/duo', set)).toEqual([]);
  });

  // The same: 26 of its definitions expose pressure in kPa, 10 in hPa.
  test('pressure is in kPa of some devices and in hPa of others: by its number, as no air has both', () => {
    for (const pressure of [101.32, 1013.2]) {
      expect(taken('zigbee2mqtt/fridge', { pressure })).toEqual(['fridge pressure 1013.2']);
    }
    for (const pressure of [29, 121, 250]) {
      expect(read('zigbee2mqtt/fridge', { pressure }).refused).toEqual(['VALUE_NOT_PHYSICAL pressure']);
    }
  });

  // Koenkk/zigbee2mqtt: cached states are published again at each start; with last_seen they are of when they were.
  test('a last_seen that cannot be read holds back what stands beside it', () => {
    for (const last_seen of ['2026-11-22T10:00:00', 1_795_341_600, 'disabled']) {
      expect(read('zigbee2mqtt/fridge', { temperature: 4, last_seen })).toEqual({
        taken: [],
        refused: ['TIME_NOT_UNDERSTOOD last_seen'],
      });
    }
  });

  test('availability and the bridge measure nothing', () => {
    expect(taken('zigbee2mqtt/fridge/availability', { state: 'online' })).toEqual([]);
    expect(taken('zigbee2mqtt/bridge/devices', [{ temperature: 4 }])).toEqual([]);
    expect(taken('zigbee2mqtt/bridge/state', 'online')).toEqual([]);
    expect(taken('zigbee2mqtt/fridge', '')).toEqual([]);
  });
});

describe('Shelly', () => {
  const status = (params: object) => ({ src: 'ht', dst: 'ht/events', method: 'NotifyStatus', params });

  test('component 0 is the device, another has an id of its own; a probe that fails says null', () => {
    const params = {
      ts: 1_795_341_600.25,
      'temperature:0': { id: 0, tC: 4.5 },
      'temperature:100': { id: 100, tC: -18.2 },
    };
    expect(taken('ht/events/rpc', status(params))).toEqual([
      'ht temperature 4.5 2026-11-22T10:00:00.250Z',
      'ht.100 temperature -18.2 2026-11-22T10:00:00.250Z',
    ]);
    const failed = { ts: 1_795_341_600, 'temperature:100': { id: 100, tC: null, tF: null, errors: ['read'] } };
    expect(read('ht/events/rpc', status(failed)).refused).toEqual(['VALUE_NOT_NUMBER temperature:100.tC']);
    expect(taken('ht/status/humidity:0', { id: 0, rh: 43 })).toEqual(['ht humidity 43']);
  });

  test('a battery of a device on mains is none, and a clock that is not set is no time', () => {
    const battery = { V: 0.43, percent: 0 };
    const params = {
      ts: null,
      'devicepower:0': { id: 0, battery, external: { present: true } },
      'illuminance:0': { lux: 12 },
    };
    expect(taken('ht/events/rpc', status(params))).toEqual(['ht light 12']);
    const alone = {
      ts: null,
      'devicepower:0': { id: 0, battery: { V: 5.9, percent: 97 }, external: { present: false } },
    };
    expect(taken('ht/events/rpc', status(alone))).toEqual(['ht battery 97']);
    expect(read('ht/events/rpc', status({ ts: 1_795_341_600_000, 'temperature:0': { tC: 4 } })).refused).toEqual([
      'TIME_NOT_UNDERSTOOD params.ts',
    ]);
  });

  test('events and answers measure nothing, or say what they are', () => {
    expect(taken('ht/events/rpc', { method: 'NotifyEvent', params: { events: [] } })).toEqual([]);
    expect(taken('ht/online', 'true')).toEqual([]);
    expect(read('ht/events/rpc', { id: 1, result: {} }).refused).toEqual(['MESSAGE_MALFORMED method']);
  });
});

describe('Ruuvi', () => {
  const topic = 'ruuvi/C8:25:2D:8E:9C:2C/CB:B8:33:4C:88:4F';
  const data = (hex: string) => ({ data: hex, ts: '1795341600' });
  const tag = (...readings: string[]) =>
    readings.map((reading) => `CB:B8:33:4C:88:4F ${reading} 2026-11-22T10:00:00.000Z`);

  // Test vectors of docs.ruuvi.com, data formats 5 and 6: valid, maximum, minimum, invalid.
  test.each([
    ['0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F', ['temperature 24.3', 'humidity 53.49', 'pressure 1000.44']],
    [
      '06170C5668C79E007000C90501D9FFCD004C884F',
      ['temperature 29.5', 'humidity 55.3', 'pressure 1011.02', 'light 13026.67'],
    ],
    [
      '067FFF9C40FFFE27109C40FAFAFEFFFF074C8F4F',
      ['temperature 163.835', 'humidity 100', 'pressure 1155.34', 'light 65535'],
    ],
    ['0680010000000000000000000000FF00004C884F', ['temperature -163.835', 'humidity 0', 'pressure 500', 'light 0']],
    ['058000FFFFFFFF800080008000FFFFFFFFFFFFFFFFFFFFFF', []],
    ['068000FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF', []],
  ])('%s', (hex, readings) => {
    expect(taken(topic, data(hex))).toEqual(tag(...readings));
  });

  test('a frame of another format, cut off, or with a time in milliseconds is refused', () => {
    expect(read(topic, data('0201061BFF9904')).refused).toEqual(['MESSAGE_MALFORMED data']);
    expect(read(topic, data('0512FC53')).refused).toEqual(['MESSAGE_MALFORMED data']);
    expect(read(topic, data('03291A1ECE1EFC18F94202CA0B53')).refused).toEqual(['MESSAGE_MALFORMED data']);
    const ms = { data: '0512FC5394C37C0004FFFC040CAC364200CDCBB8334C884F', ts: 1_795_341_600_000 };
    expect(read(topic, ms).refused).toEqual(['TIME_NOT_UNDERSTOOD ts']);
    expect(taken('ruuvi/C8:25:2D:8E:9C:2C/gw_status', { state: 'online' })).toEqual([]);
  });
});

describe('LoRaWAN', () => {
  const up = (uplink_message: object) => ({ end_device_ids: { device_id: 'probe-4' }, uplink_message });
  const received_at = '2026-11-22T10:00:00.123456789Z';
  const topic = 'v3/app@tenant/devices/probe-4/up';
  const at = '2026-11-22T10:00:00.123Z';

  test('The Things Stack: normalized before decoded before bytes, each of when it was received', () => {
    const decoded_payload = { temperature: 99, battery: 3.6 };
    const normalized_payload = [{ air: { temperature: 4.5, relativeHumidity: 60, pressure: 1003 } }];
    expect(taken(topic, up({ received_at, f_port: 2, decoded_payload, normalized_payload }))).toEqual([
      `probe-4 temperature 4.5 ${at}`,
      `probe-4 humidity 60 ${at}`,
      `probe-4 pressure 1003 ${at}`,
    ]);
    const plain = { TempC_SHT: 5.25, Hum_SHT: 44, BatV: 3.06, battery: 3.6 };
    expect(taken(topic, up({ received_at, decoded_payload: plain }))).toEqual([
      `probe-4 temperature 5.25 ${at}`,
      `probe-4 humidity 44 ${at}`,
    ]);
    expect(taken(topic, up({ received_at, decoded_payload: { temperature_3: 27.2, temperature_5: 25.5 } }))).toEqual([
      `probe-4.3 temperature 27.2 ${at}`,
      `probe-4.5 temperature 25.5 ${at}`,
    ]);
  });

  test('a probe that fell out leaves the other its id', () => {
    const decodeds = [{ temperature_1: null, temperature_2: 4.9 }, { temperatureSensor: { '1': null, '2': 4.9 } }];
    for (const decoded_payload of decodeds) {
      expect(read(topic, up({ received_at, decoded_payload }))).toEqual({
        taken: [`probe-4.2 temperature 4.9 ${at}`],
        refused: [],
      });
    }
  });

  test('bytes go through the decoder of the brand and model in the message, or the one that is named', () => {
    const frm_payload = Buffer.from('01755C03673401046865', 'hex').toString('base64');
    const version_ids = { brand_id: 'milesight-iot', model_id: 'em300-th' };
    const readings = [`probe-4 battery 92 ${at}`, `probe-4 temperature 30.8 ${at}`, `probe-4 humidity 50.5 ${at}`];
    expect(taken(topic, up({ received_at, f_port: 85, frm_payload, version_ids }))).toEqual(readings);
    expect(taken(topic, up({ received_at, f_port: 85, frm_payload }), 'milesight')).toEqual(readings);
    expect(read(topic, up({ received_at, f_port: 85, frm_payload })).refused).toEqual([
      'DECODER_MISSING uplink_message.frm_payload',
    ]);
    // thethingsindustries.com, CayenneLPP: 03 67 01 10 05 67 00 FF.
    const lpp = Buffer.from('03670110056700FF', 'hex').toString('base64');
    expect(taken(topic, up({ received_at, frm_payload: lpp }), 'cayenne')).toEqual([
      `probe-4.3 temperature 27.2 ${at}`,
      `probe-4.5 temperature 25.5 ${at}`,
    ]);
  });

  test('what a sensor kept in its memory is of its own time', () => {
    const bytes = Buffer.from('20CE20BA026A340165', 'hex');
    const { taken: readings } = read(topic, up({ received_at, frm_payload: bytes.toString('base64') }), 'milesight');
    expect(readings).toEqual([
      'probe-4 temperature 30.8 2026-05-12T05:26:56.000Z',
      'probe-4 humidity 50.5 2026-05-12T05:26:56.000Z',
    ]);
  });

  // TheThingsNetwork/lorawan-stack #3869: a frame without a payload has neither port nor bytes, and measures nothing.
  test('an uplink without a payload measures nothing', () => {
    expect(taken(topic, up({ received_at, f_cnt: 7, rx_metadata: [] }))).toEqual([]);
  });

  test('joins and other events measure nothing; an uplink without a readable time is held back', () => {
    expect(taken('v3/app@tenant/devices/probe-4/join', { join_accept: {} })).toEqual([]);
    expect(read(topic, up({ received_at: 'now', decoded_payload: { temperature: 4 } }))).toEqual({
      taken: [],
      refused: ['TIME_NOT_UNDERSTOOD uplink_message.received_at'],
    });
  });

  test('ChirpStack: the decoded object by devEui, an absent port or empty data is nothing, a status has the battery', () => {
    const deviceInfo = { devEui: '24e124136b502345', deviceProfileName: 'Milesight EM300-TH' };
    const time = '2026-11-22T10:00:00+00:00';
    const of = 'application/17/device/24e124136b502345/event';
    expect(taken(`${of}/up`, { deviceInfo, time, object: { temperature: 4.5, humidity: 0 } })).toEqual([
      '24e124136b502345 temperature 4.5 2026-11-22T10:00:00.000Z',
      '24e124136b502345 humidity 0 2026-11-22T10:00:00.000Z',
    ]);
    const data = Buffer.from('03673401', 'hex').toString('base64');
    expect(taken(`${of}/up`, { deviceInfo, time, data })).toEqual([
      '24e124136b502345 temperature 30.8 2026-11-22T10:00:00.000Z',
    ]);
    expect(taken(`${of}/up`, { deviceInfo, time, data: '' })).toEqual([]);
    expect(taken(`${of}/status`, { deviceInfo, time, batteryLevel: 75.5 })).toEqual([
      '24e124136b502345 battery 75.5 2026-11-22T10:00:00.000Z',
    ]);
    expect(taken(`${of}/join`, {})).toEqual([]);
  });
});

test('Disruptive Technologies: samples are readings of their own time, within a Data Connector message too', () => {
  const samples = [
    { value: 22.4, sampleTime: '2026-11-22T09:55:00Z' },
    { value: 22.6, sampleTime: '2026-11-22T10:00:00Z' },
  ];
  const temperature = { value: 22.6, updateTime: '2026-11-22T10:00:00Z', samples, isBackfilled: true };
  const event = { targetName: 'projects/p/devices/d1', eventType: 'temperature', data: { temperature } };
  expect(taken('isotherm/v1/dialects/disruptive/cloud', { event, labels: {} })).toEqual([
    'd1 temperature 22.4 2026-11-22T09:55:00.000Z',
    'd1 temperature 22.6 2026-11-22T10:00:00.000Z',
  ]);
  const quiet = { ...event, eventType: 'networkStatus', data: { networkStatus: { signalStrength: 53 } } };
  expect(taken('isotherm/v1/dialects/disruptive/cloud', quiet)).toEqual([]);
});

test('each topic is of one dialect, and names its source', () => {
  const named = [
    'v3/app@t/devices/x/up',
    'application/1/device/x/event/up',
    'ruuvi/x/AA:BB:CC:DD:EE:FF',
    'zigbee2mqtt/x',
    'tele/x/SENSOR',
    'x/events/rpc',
    'homie/5/x/y/z',
    'homie/x/y/z',
    'spBv1.0/cold/NDATA/x',
    'spBv1.0/cold/DDATA/x/probe',
    'homeassistant/sensor/x_temperature/state',
    'isotherm/v1/dialects/disruptive/x',
    'isotherm/v1/dialects/tasmota/x',
    'isotherm/v1/dialects/influx-s/x',
  ];
  for (const topic of named) expect(dialectOf(topic)?.source, topic).toBe('x');
  for (const topic of [
    'x',
    'tele/x',
    'homeassistant/sensor/x/config',
    '$SYS/x',
    'tele/a b/SENSOR',
    'isotherm/v1/dialects/none/x',
    '',
  ]) {
    expect(dialectOf(topic), topic).toBeNull();
  }
});

test('law: whatever is published, nothing crashes, and what is taken is physical and has a device', () => {
  const scalar = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.constantFrom(null, true, '2026-11-22T10:00:00Z'));
  const words = [
    ...['Time', 'DS18B20', 'Temperature', 'TempUnit', 'temperature', 'last_seen', 'contact', 'method', 'params', 'ts'],
    ...[
      'temperature:0',
      'tC',
      'data',
      'uplink_message',
      'decoded_payload',
      'frm_payload',
      'received_at',
      'time',
      'object',
    ],
    ...['state', 'reported', 'latlng', 'sat', '72', '25', 'EntityName', 'EntryTimeEpoch', 'Location', 'Latitude'],
    ...['Longitude', 'Celsius', 'measurements', 'params', 'serial', 'channel', 'type', 'measured_at', 'locations'],
    ...['deviceInfo', 'eventType', 'humidity', 'value', 'samples', 'normalized_payload', 'air', 'event'],
  ];
  const nearly = fc.letrec((tie) => ({
    value: fc.oneof({ depthSize: 'small' }, scalar, fc.array(tie('value'), { maxLength: 3 }), tie('object')),
    object: fc.dictionary(fc.oneof(fc.constantFrom(...words), fc.string()), tie('value'), { maxKeys: 6 }),
  })).object;
  const bytes = fc.oneof(
    nearly.map((value) => Buffer.from(JSON.stringify(value))),
    fc.tuple(nearly, fc.nat(200)).map(([value, at]) => Buffer.from(JSON.stringify(value).slice(0, at))),
    fc.uint8Array({ maxLength: 64 }),
    fc.uint8Array({ maxLength: 40 }).map((raw) => Buffer.from(`{"data":"${Buffer.from(raw).toString('hex')}"}`)),
    fc.uint8Array({ maxLength: 40 }).map((raw) => {
      const frm_payload = Buffer.from(raw).toString('base64');
      return Buffer.from(JSON.stringify({ uplink_message: { frm_payload, version_ids: { brand_id: 'milesight' } } }));
    }),
  );
  fc.assert(
    fc.property(fc.constantFrom(...DIALECTS), bytes, (dialect, payload) => {
      const topic = `isotherm/v1/dialects/${dialect.name}/x`;
      const { readings } = dialect.decode({ topic, source: 'x', payload });
      for (const { device, metric, value, time } of readings) {
        expect(device).toMatch(DEVICE_ID);
        expect(isPhysical(metricByName(metric) as MetricDefinition, value)).toBe(true);
        if (time !== null) expect(Number.isInteger(time)).toBe(true);
      }
    }),
    { numRuns: 2_000 },
  );
});
