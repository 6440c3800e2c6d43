import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { protobuf } from './testing/protobuf.ts';
import { said } from './testing/said.ts';

const AT = Date.UTC(2026, 10, 22, 10);
const ISO = '2026-11-22T10:00:00.000Z';
const NEITHER = { taken: [], refused: [] };

describe('Tive (developers.tive.com, Webhooks)', () => {
  const topic = 'isotherm/v1/dialects/tive/cloud';
  const entry = {
    EntityName: 'A571992',
    EntryTimeEpoch: AT,
    EntryTimeUtc: '2026-11-22T10:00:00Z',
    Temperature: { Celsius: 5.078125, Fahrenheit: 41.140625 },
    Humidity: { Percentage: 45.5 },
    Light: { Lux: 0 },
    Accelerometer: { G: 1.01, X: 0, Y: 0, Z: 1.01 },
    Battery: { Percentage: 93, Estimation: 'N/A', IsCharging: false },
    Location: { Latitude: 40.810562, Longitude: -73.879285, LocationMethod: 'wifi', Accuracy: { Meters: 23 } },
    DeviceId: '863257063350583',
  };

  test('a reading is of EntityName, in °C, with where it was', () => {
    expect(said(topic, entry)).toEqual({
      taken: [
        `A571992 temperature 5.078125 ${ISO}`,
        `A571992 humidity 45.5 ${ISO}`,
        `A571992 light 0 ${ISO}`,
        `A571992 battery 93 ${ISO}`,
        `A571992 latitude 40.810562 ${ISO}`,
        `A571992 longitude -73.879285 ${ISO}`,
        `A571992 accuracy 23 ${ISO}`,
      ],
      refused: [],
    });
  });

  test.each([
    ['what the tracker lacks is null', { Humidity: null, Temperature: { Celsius: null, Fahrenheit: null } }, []],
    ['a time in seconds is no time', { EntryTimeEpoch: AT / 1000 }, ['TIME_NOT_UNDERSTOOD EntryTimeEpoch']],
    ['half a fix is none', { Location: { Latitude: 40.8 } }, ['VALUE_NOT_NUMBER Location.longitude']],
    [
      'a place that is none costs the whole fix',
      { Location: { Latitude: 91, Longitude: 8 } },
      ['VALUE_NOT_PHYSICAL Location.latitude'],
    ],
    ['a receiver without a fix is at 0, 0', { Location: { Latitude: 0, Longitude: 0 } }, []],
    ['text is no number', { Temperature: { Celsius: '5.1' } }, ['VALUE_NOT_NUMBER Temperature.Celsius']],
  ])('%s', (_name, change, refused) => {
    expect(said(topic, { ...entry, ...change }).refused).toEqual(refused);
  });

  test('several come in an array, and a bad one costs only itself', () => {
    const { taken, refused } = said(topic, [entry, 7, { ...entry, EntityName: 'B1', Location: null }]);
    expect([taken.length, refused]).toEqual([11, ['MESSAGE_MALFORMED [1]']]);
  });
});

describe('Teltonika (wiki.teltonika-gps.com, Codec JSON)', () => {
  const topic = 'isotherm/v1/dialects/teltonika/352093081452251';
  const of = (elements: object) => said(topic, { state: { reported: { ts: AT, ...elements } } });
  const imei = '352093081452251';

  test('elements are tenths or hundredths, the only probe is the tracker, and where it was goes with it', () => {
    expect(of({ latlng: '54.687157,25.279652', sat: 12, 72: 51, 113: 88, 240: 1, 16: 1234 })).toEqual({
      taken: [
        `${imei} temperature 5.1 ${ISO}`,
        `${imei} battery 88 ${ISO}`,
        `${imei} latitude 54.687157 ${ISO}`,
        `${imei} longitude 25.279652 ${ISO}`,
      ],
      refused: [],
    });
  });

  test('of several probes each is one of the tracker, whether it works or not', () => {
    expect(of({ 72: 51, 73: 3000, 25: -1850, 86: 455 })).toEqual({
      taken: [
        `${imei}.ble1 temperature -18.5 ${ISO}`,
        `${imei}.1 temperature 5.1 ${ISO}`,
        `${imei}.ble1 humidity 45.5 ${ISO}`,
      ],
      refused: ['VALUE_NOT_PHYSICAL 73'],
    });
  });

  test.each([
    [72, 850],
    [72, 2000],
    [72, 3000],
    [73, 4000],
    [74, 5000],
    [75, 32_767],
    [25, 2000],
    [26, 3000],
    [27, 4000],
    [28, 32_767],
    [10_800, 32_767],
    [86, 65_535],
    [104, 3000],
  ])('element %i with %i is an error of the sensor and no reading', (id, code) => {
    expect(of({ [id]: code })).toEqual({ taken: [], refused: [`VALUE_NOT_PHYSICAL ${id}`] });
    expect(of({ [id]: String(code) }).taken).toEqual([]);
  });

  test('firmware that writes numbers as text is read', () => {
    const { taken } = said(topic, { state: { reported: { ts: String(AT), 72: '51' } } });
    expect(taken).toEqual([`${imei} temperature 5.1 ${ISO}`]);
  });

  test.each([
    ['a time in seconds is no time', { ts: AT / 1000, 72: 51 }, ['TIME_NOT_UNDERSTOOD ts']],
    ['a position that is none', { ts: AT, latlng: '54.68' }, ['MESSAGE_MALFORMED latlng']],
    ['a decimal comma is not guessed at', { ts: AT, 72: '5,1' }, ['VALUE_NOT_NUMBER 72']],
  ])('%s', (_name, reported, refused) => {
    expect(said(topic, { state: { reported } })).toEqual({ taken: [], refused });
  });

  test('without satellites the last position is repeated, and is not of now', () => {
    expect(of({ latlng: '54.68,25.27', sat: 0 })).toEqual(NEITHER);
  });

  test('an answer to a command measures nothing', () => {
    expect(said(topic, { RSP: 'OK' })).toEqual(NEITHER);
  });
});

describe('Efento (docs.efento.io, Measurements)', () => {
  const topic = 'isotherm/v1/dialects/efento/cloud';
  const measurement = {
    serial: '282C024FFFB3',
    battery: 'ok',
    signal: -70,
    measured_at: '2026-11-22 10:00:00',
    measurement_interval: 180,
    params: [
      { channel: 1, type: 'temperature', value: 5.1 },
      { channel: 2, type: 'humidity', value: 45 },
      { channel: 3, type: 'open-close', value: 'closed' },
    ],
  };
  const taken = [
    `282C024FFFB3 temperature 5.1 ${ISO}`,
    `282C024FFFB3 humidity 45 ${ISO}`,
    `282C024FFFB3 door 0 ${ISO}`,
  ];

  test('measurements of a gateway are of their sensors; measured_at is UTC', () => {
    expect(said(topic, { measurements: [measurement] })).toEqual({ taken, refused: [] });
    expect(said(topic, [measurement])).toEqual({ taken, refused: [] });
    expect(said(topic, [{ ...measurement, measured_at: '2026-11-22 10:00:00 UTC' }]).taken).toEqual(taken);
  });

  test('several channels of a kind are several devices', () => {
    const params = [
      { channel: 1, type: 'TEMPERATURE', value: 5.1 },
      { channel: 2, type: 'TEMPERATURE', value: 4.9 },
    ];
    expect(said(topic, [{ ...measurement, params }]).taken).toEqual([
      `282C024FFFB3.1 temperature 5.1 ${ISO}`,
      `282C024FFFB3.2 temperature 4.9 ${ISO}`,
    ]);
  });

  test('a channel that fell out leaves the other its id, and its place in the message', () => {
    const params = [
      { channel: 1, type: 'battery_voltage', value: 3 },
      { channel: 2, type: 'temperature', value: null },
      { channel: 3, type: 'temperature', value: 4.9 },
      { type: 'temperature', value: 'broken' },
    ];
    expect(said(topic, [{ ...measurement, params }])).toEqual({
      taken: [`282C024FFFB3.3 temperature 4.9 ${ISO}`],
      refused: ['VALUE_NOT_NUMBER params[3].value'],
    });
  });

  test.each([
    ['a time that is none', { measured_at: 'yesterday' }, ['TIME_NOT_UNDERSTOOD measured_at']],
    [
      'an error in words',
      { params: [{ channel: 1, type: 'temperature', value: 'sensor_error' }] },
      ['VALUE_NOT_NUMBER params[0].value'],
    ],
    ['no channels', { params: null }, ['MESSAGE_MALFORMED params']],
  ])('%s is refused', (_name, change, refused) => {
    expect(said(topic, [{ ...measurement, ...change }])).toEqual({ taken: [], refused });
  });
});

describe('Efento protocol buffers (github.com/efento/NB-IoT-sensors-integration)', () => {
  const topic = 'isotherm/v1/dialects/efento/cloud';
  const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value);
  const serial = [1, 'message', Buffer.from('282c02424eed', 'hex')] as const;
  const channel = (type: number, start: number, offsets: readonly number[], at = AT / 1000) =>
    protobuf(
      [1, 'varint', type],
      [2, 'varint', at],
      [4, 'varint', zigzag(start)],
      ...offsets.map((offset) => [5, 'varint', zigzag(offset)] as const),
    );
  const sent = (...channels: readonly Buffer[]) =>
    protobuf(serial, [2, 'varint', 1], [3, 'varint', 180], ...channels.map((one) => [4, 'message', one] as const), [
      8,
      'varint',
      1,
    ]);

  // A message of a sensor in the field, as developper89/data-pipeline documents it.
  test('samples are a start point and offsets, a measuring period apart', () => {
    const field = Buffer.from(
      '0a06282c02424eed1001183c220f080110b8d0a7c20620d2032a020000220e080210b8d0a7c20620722a0200002896d5a7c20640014809820100',
      'hex',
    );
    expect(said(topic, field)).toEqual({
      taken: ['temperature 23.3', 'humidity 57'].flatMap((value) =>
        ['20:34', '20:35'].map((time) => `282C02424EED ${value} 2025-06-11T${time}:00.000Z`),
      ),
      refused: [],
    });
  });

  test('below zero, two channels of a kind, and what is no measurement', () => {
    expect(
      said(topic, sent(channel(1, -185, [0, 2]), channel(5, 0, [1, -200]), channel(1, 41, [0]), channel(0, 0, []))),
    ).toEqual({
      taken: [
        `282C02424EED.1 temperature -18.5 ${ISO}`,
        '282C02424EED.1 temperature -18.3 2026-11-22T10:03:00.000Z',
        `282C02424EED.3 temperature 4.1 ${ISO}`,
      ],
      refused: [],
    });
  });

  test('error codes, a time that is none, and bytes that are cut off cost themselves only', () => {
    expect(said(topic, sent(channel(1, 41, [0, 8_388_607, -32_768, 1]))).taken).toHaveLength(2);
    expect(said(topic, sent(channel(1, 41, [0], 0), channel(2, 40, [0]))).refused).toEqual([
      'TIME_NOT_UNDERSTOOD channels[0].timestamp',
    ]);
    expect(said(topic, sent(channel(1, 41, [0])).subarray(0, 20))).toEqual({
      taken: [],
      refused: ['MESSAGE_MALFORMED'],
    });
  });

  test('law: whatever bytes follow the serial number, nothing crashes and what is taken is physical', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 80 }),
        fc.array(fc.tuple(fc.nat(4), fc.integer(), fc.array(fc.integer()))),
        (bytes, many) => {
          const channels = many.map(([type, start, offsets]) => channel(type, start | 0, offsets));
          for (const payload of [protobuf(serial, [9, 'message', bytes]), Buffer.concat([sent(...channels), bytes])]) {
            for (const line of said(topic, payload).taken) {
              const [, metric, value] = line.split(' ');
              const [least, most] =
                metric === 'temperature' ? [-200, 300] : metric === 'humidity' ? [0, 105] : [300, 1_200];
              expect(Number(value) >= (least ?? 0) && Number(value) <= (most ?? 0), line).toBe(true);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
