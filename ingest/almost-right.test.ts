import { describe, expect, test } from 'vitest';
import { explainMessage } from './index.ts';

const NOW = Date.UTC(2026, 10, 22, 10);
const YESTERDAY = NOW - 86_400_000;
const ISO = new Date(YESTERDAY).toISOString();

/** `metric value age` of what is taken, `now` where it would be of its arrival; reasons of what is not. */
function heard(topic: string, message: unknown): { taken: string[]; refused: string[] } {
  const payload = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
  const { readings, refused } = explainMessage({ payload, topic, dialect: null, decoder: null, now: NOW });
  const age = (time: number | null) => (time === null ? 'now' : `${(NOW - time) / 3_600_000}h`);
  return {
    taken: readings.map(({ metric, value, time }) => `${metric} ${value} ${age(time)}`),
    refused: refused.map(({ reason }) => reason),
  };
}

const own = (message: unknown) => heard('isotherm/v1/devices/d/readings', message);
const NAMES =
  `timestamp ts Time TIME received_at receivedAt measuredAt recorded_at created_at date DateTime utc epoch @timestamp
  _time time_ gateway_time timeUtc`.split(/\s+/);

describe('yesterday’s reading is never one of now, whatever its time is called', () => {
  const forms = [ISO, YESTERDAY, YESTERDAY / 1000, String(YESTERDAY), '2026-11-21 10:00:00', '21.11.2026 10:00'];

  test.each(NAMES)('%s in Isotherm’s own form', (name) => {
    for (const form of forms) {
      expect(own({ [name]: form, temperature: 5.1 }), String(form)).toEqual({
        taken: [],
        refused: ['FIELD_CHANGES_MEANING'],
      });
    }
  });

  const decoded = (object: object) =>
    heard('application/1/device/d/event/up', { time: new Date(NOW).toISOString(), object });

  test.each(NAMES)('%s in a decoded uplink is when it was measured, or it waits', (name) => {
    for (const form of [ISO, YESTERDAY, YESTERDAY / 1000, String(YESTERDAY)]) {
      expect(decoded({ [name]: form, temperature: 5.1 }), String(form)).toEqual({
        taken: ['temperature 5.1 24h'],
        refused: [],
      });
    }
    for (const form of ['2026-11-21 10:00:00', '21.11.2026 10:00']) {
      expect(decoded({ [name]: form, temperature: 5.1 }), form).toEqual({
        taken: [],
        refused: ['TIME_NOT_UNDERSTOOD'],
      });
    }
  });

  // A cold room that cools down is at another temperature nine minutes later; a clock of a zone away is one of three hours.
  test('a time near that of its arrival was taken for it: it is its own, and without a zone it waits', () => {
    for (const minutes of [0.05, 1, 9.9, 10.1]) {
      const timestamp = NOW - minutes * 60_000;
      expect(decoded({ timestamp, temperature: 5.1 }).taken).toEqual([
        `temperature 5.1 ${(minutes * 60_000) / 3_600_000}h`,
      ]);
    }
    for (const time of ['2026-11-22 10:00:00', '2026-11-22T09:59:00', '2026-11-22 13:00:00', '22.11.2026 10:00']) {
      expect(decoded({ time, temperature: 5.1 }), time).toEqual({ taken: [], refused: ['TIME_NOT_UNDERSTOOD'] });
    }
  });

  test('two times that differ: nobody says which is that of the measurement; one written twice is one', () => {
    const twice = { measured_at: ISO, timestamp: YESTERDAY / 1000 };
    expect(decoded({ ...twice, temperature: 5.1 })).toEqual({ taken: ['temperature 5.1 24h'], refused: [] });
    const differ = { measured_at: ISO, timestamp: NOW };
    expect(decoded({ ...differ, temperature: 5.1 })).toEqual({ taken: [], refused: ['TIME_NOT_UNDERSTOOD'] });
  });

  test('the day a sensor was calibrated, installed or started was taken for the time of its reading', () => {
    for (const name of 'calibration_date calibrated_at installed_at lastBootTime firmware_date battery_changed_at'.split(
      ' ',
    )) {
      expect(decoded({ [name]: ISO, temperature: 5.1 }), name).toEqual({ taken: ['temperature 5.1 0h'], refused: [] });
    }
  });

  test('the start of something that lasted is not when its readings were measured', () => {
    for (const name of ['start_time', 'startedAt', 'end_time', 'ended_at']) {
      expect(decoded({ [name]: ISO, temperature: 5.1 }), name).toEqual({ taken: [], refused: ['TIME_NOT_UNDERSTOOD'] });
    }
    expect(decoded({ sendTime: ISO, temperature: 5.1 }).taken).toEqual(['temperature 5.1 24h']);
  });

  test('what is no time, or a duration, changes nothing', () => {
    for (const object of [{ uptime: 1_795_341_600 }, { interval_time: 600 }, { update: '2026-11-01' }]) {
      expect(decoded({ ...object, temperature: 5.1 }), JSON.stringify(object)).toEqual({
        taken: ['temperature 5.1 0h'],
        refused: [],
      });
    }
  });

  test.each<[string, string, object]>([
    ['Tive', 'isotherm/v1/dialects/tive/c', { EntityName: 'A', EventTime: ISO, Temperature: { Celsius: 5.1 } }],
    ['Teltonika', 'isotherm/v1/dialects/teltonika/c', { state: { reported: { timestamp: YESTERDAY, 72: 51 } } }],
    [
      'Efento',
      'isotherm/v1/dialects/efento/c',
      { serial: 'A', timestamp: ISO, params: [{ channel: 1, type: 'temperature', value: 5.1 }] },
    ],
    ['ChirpStack', 'application/1/device/d/event/up', { received_at: ISO, object: { temperature: 5.1 } }],
    [
      'The Things Stack',
      'v3/a@t/devices/d/up',
      { uplink_message: { time: ISO, decoded_payload: { temperature: 5.1 } } },
    ],
    ['Zigbee2MQTT', 'zigbee2mqtt/d', { timestamp: ISO, temperature: 5.1 }],
    [
      'Disruptive Technologies',
      'isotherm/v1/dialects/disruptive/c',
      { eventType: 'temperature', targetName: 'd', time: ISO, data: { temperature: { value: 5.1 } } },
    ],
  ])('a message of %s without its time under its documented name waits', (_name, topic, message) => {
    expect(heard(topic, message)).toEqual({ taken: [], refused: ['TIME_NOT_UNDERSTOOD'] });
  });
});

describe('a duration that says how old a reading is holds it back', () => {
  test.each(['age', 'offset', 'elapsed', 'delay', 'ago', 'lag', 'seconds_ago'])('%s', (name) => {
    expect(own({ [name]: 3600, temperature: 5.1 })).toEqual({ taken: [], refused: ['FIELD_CHANGES_MEANING'] });
  });
});

describe('one bad element never costs the good ones around it', () => {
  test.each([
    ...['NaN', '-NaN', 'nan', 'Infinity', '-Infinity', '1e400', '05', '+5', '.5', '5.', '0x10', 'null', 'true', '""'],
    ...['"5.1"', '"5,1"', '[5.1]', '{"value":5.1}', '[[]]', "'5'", 'undefined'],
  ])('%s', (bad) => {
    const { taken, refused } = own(`{"temperature":${bad},"humidity":45}`);
    expect([taken, refused.length]).toEqual([['humidity 45 now'], 1]);
    const beside = own(`[{"temperature":5},{"temperature":${bad}},{"temperature":6}]`);
    expect([beside.taken, beside.refused.length]).toEqual([['temperature 5 now', 'temperature 6 now'], 1]);
  });

  test('arrays in arrays, nulls and texts among readings', () => {
    const { taken, refused } = own('[{"temperature":5},[{"temperature":6}],null,"7",8,{"temperature":9}]');
    expect([taken, refused]).toEqual([['temperature 5 now', 'temperature 9 now'], Array(4).fill('READING_NOT_OBJECT')]);
  });

  test('a fix is whole, or costs itself and nothing beside it', () => {
    expect(own({ latitude: 52.5, longitude: 13.4, accuracy: 9, temperature: 5 }).taken).toHaveLength(4);
    const half = own({ latitude: 52.5, temperature: 5 });
    expect(half).toEqual({ taken: ['temperature 5 now'], refused: ['VALUE_NOT_PHYSICAL'] });
    const wrong = own({ latitude: 152.5, longitude: 13.4, accuracy: 9, temperature: 5 });
    expect([wrong.taken, new Set(wrong.refused)]).toEqual([['temperature 5 now'], new Set(['VALUE_NOT_PHYSICAL'])]);
  });
});

describe('a number as time means milliseconds', () => {
  test.each([
    ['seconds', NOW / 1000],
    ['microseconds', NOW * 1e3],
    ['nanoseconds', NOW * 1e6],
    ['text', String(NOW)],
    ['1e300', 1e300],
  ])('%s is refused with that said', (_name, time) => {
    expect(own({ time, temperature: 5 })).toEqual({ taken: [], refused: ['TIME_NOT_UNDERSTOOD'] });
  });
});

describe('what is not this form at all', () => {
  test.each([
    ...['', '   ', '\0', 'temperature=5.1', "{'temperature':5.1}", '{temperature:5.1}', '{"temperature":5.1}garbage'],
    ...[
      '{"temperature":5.1}{"temperature":6}',
      '{"temperature":5.1',
      '{"temperature":5.1,}',
      '<temperature>5</temperature>',
    ],
    Buffer.from('\ufeff{"temperature":5.1}', 'utf16le').toString('latin1'),
  ])('%j', (message) => {
    expect(own(message)).toEqual({ taken: [], refused: ['PAYLOAD_NOT_JSON'] });
  });

  test.each(['Temperature', 'TEMPERATURE', 'temp', 'temperature_c', 'temperature ', 'temperatur'])(
    '%s is no metric',
    (name) => {
      expect(own({ [name]: 5.1 })).toEqual({ taken: [], refused: ['FIELD_UNKNOWN'] });
    },
  );

  test('a byte order mark in front and zeros behind are passed over; -0 is 0; of a key given twice the last counts', () => {
    expect(own('\ufeff{"temperature":-0}\0\0').taken).toEqual(['temperature 0 now']);
    expect(own('{"temperature":5,"temperature":6}').taken).toEqual(['temperature 6 now']);
  });
});
