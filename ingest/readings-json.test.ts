import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { METRICS, ReadingBuilder } from '../domain/index.ts';
import { decodeReadingsJson } from './readings-json.ts';
import { ReadingScanner } from './readings-scan.ts';
import { Refusals } from './refusals.ts';
import { parseTime } from './time-text.ts';

const ARRIVAL = Date.parse('2026-11-22T10:00:00.000Z');

function decode(payload: string | Uint8Array, arrival = ARRIVAL) {
  const builder = new ReadingBuilder();
  const refusals = new Refusals();
  const bytes = Buffer.from(payload);
  const device = builder.deviceIndex('logger-7');
  decodeReadingsJson({ payload: bytes, device, arrival, absentTime: arrival }, builder, refusals);
  const message = { arrival, source: 'logger-7', topic: 't', payload: bytes };
  return { rows: rowsOf(builder), refused: refusals.counts(), quarantined: refusals.toQuarantined(message) };
}

function scan(payload: string | Uint8Array, arrival = ARRIVAL): unknown[] | null {
  const builder = new ReadingBuilder();
  const device = builder.deviceIndex('logger-7');
  return new ReadingScanner().scan(Buffer.from(payload), device, arrival, arrival, builder) ? rowsOf(builder) : null;
}

function rowsOf(builder: ReadingBuilder): unknown[] {
  const { count, metric, time, value } = builder.view();
  const names = new Map(METRICS.map(({ code, name }) => [code, name]));
  return Array.from({ length: count }, (_, i) => [names.get(metric[i] ?? 0), time[i], value[i]]);
}

const iso = (ms: number) => new Date(ms).toISOString();

describe('a message in the native form', () => {
  test('several metrics share one time', () => {
    const payload = '{"time":"2026-11-22T09:59:00Z","temperature":5.1,"humidity":45,"shock":0.2}';
    const time = ARRIVAL - 60_000;
    expect(decode(payload).rows).toEqual([
      ['temperature', time, 5.1],
      ['humidity', time, 45],
      ['shock', time, 0.2],
    ]);
    expect(scan(payload)).toEqual(decode(payload).rows);
  });

  test('without a time it is of the moment it arrived', () => {
    expect(decode('{"temperature":5.1}').rows).toEqual([['temperature', ARRIVAL, 5.1]]);
    expect(scan('{"temperature":5.1}')).toEqual([['temperature', ARRIVAL, 5.1]]);
  });

  test.each([
    ['"2026-11-22T10:00:00Z"', ARRIVAL],
    ['"2026-11-22T10:00:00.1239999Z"', ARRIVAL + 123],
    ['"2026-11-22T11:00:00+01:00"', ARRIVAL],
    ['"2026-11-22T04:30:00.5-05:30"', ARRIVAL + 500],
    ['"2026-11-22 10:00:00Z"', ARRIVAL],
    ['"2026-11-22T10:00Z"', ARRIVAL],
    ['"2026-11-22T11:00:00,25+0100"', ARRIVAL + 250],
    [`${ARRIVAL}`, ARRIVAL],
    [`${ARRIVAL}.9`, ARRIVAL],
    ['1.7953416e12', ARRIVAL],
  ])('the time %s is understood', (written, time) => {
    const payload = `{"time":${written},"temperature":5}`;
    expect(decode(payload).rows).toEqual([['temperature', time, 5]]);
    expect([null, `temperature,${time},5`]).toContain(scan(payload)?.join(';') ?? null);
  });

  test.each([
    '"2026-11-22T10:00:00"',
    '"2026-11-22"',
    '"2026-02-29T10:00:00Z"',
    '"2026-11-22T24:00:00Z"',
    '"2026-11-22T10:00:60Z"',
    '"2026-11-22T10:00:00.Z"',
    '"2026-11-22T10:00:00+25:00"',
    '"2026-11-22T10:00:00+01:60"',
    '"2026-13-01T10:00:00Z"',
    '"yesterday"',
    '"1795341600000"',
    'null',
    'true',
    '1e999',
  ])('the time %s is refused, and its readings with it', (written) => {
    const { rows, refused } = decode(`{"temperature":5,"humidity":40,"time":${written}}`);
    expect(rows).toEqual([]);
    expect(refused).toEqual([['TIME_NOT_UNDERSTOOD', 2]]);
    expect(scan(`{"temperature":5,"time":${written}}`)).toBeNull();
  });

  test('a clock is bad beyond ten minutes ahead, and a reading waits beyond 400 days of age', () => {
    const day = 86_400_000;
    const at = (ms: number) => `{"time":"${iso(ms)}","temperature":5}`;
    for (const [ms, reason] of [
      [ARRIVAL + 600_000, null],
      [ARRIVAL + 600_001, 'TIME_AHEAD'],
      [ARRIVAL - 400 * day, null],
      [ARRIVAL - 400 * day - 1, 'TIME_TOO_OLD'],
    ] as const) {
      expect(decode(at(ms)).refused).toEqual(reason === null ? [] : [[reason, 1]]);
      expect(scan(at(ms)) === null).toBe(reason !== null);
    }
  });

  // Epoch seconds used to wait for adoption as readings of January 1970.
  test.each([
    ['1795341600', 'seconds'],
    ['1795341600000000', 'microseconds'],
    ['1795341600000000000', 'nanoseconds'],
    ['1795341600.5', 'seconds'],
  ])('the number %s can only be %s, and is refused with that said', (written, unit) => {
    const { rows, quarantined } = decode(`{"time":${written},"temperature":5}`);
    expect(rows).toEqual([]);
    expect(quarantined).toMatchObject([
      {
        reason: 'TIME_NOT_UNDERSTOOD',
        detail: expect.stringContaining(`this can only be ${unit}; allowed: epoch milliseconds`),
      },
    ]);
    expect(scan(`{"time":${written},"temperature":5}`)).toBeNull();
  });

  // 1.0 took the first half for midnight of the next day and the other for no time.
  test('hour 24, minute 60 and second 60 are no time in either half, also where that moment is past', () => {
    for (const time of ['23T24:00:00Z', '23T10:60:00Z', '23T10:00:60Z', '23T10:00:00+24:00', '23T10:00:00+01:60']) {
      const payload = `{"time":"2026-11-${time}","temperature":5}`;
      const later = ARRIVAL + 7 * 86_400_000;
      expect(scan(payload, later), time).toBeNull();
      expect(decode(payload, later).refused, time).toEqual([['TIME_NOT_UNDERSTOOD', 1]]);
    }
  });

  // Yesterday's reading under "timestamp" was stored as of its arrival, and raised an alert.
  test.each([
    ['timestamp', `"${iso(ARRIVAL - 86_400_000)}"`],
    ['ts', String(ARRIVAL - 86_400_000)],
    ['ts', String(Math.floor(ARRIVAL / 1000) - 86_400)],
    ['t', `"${Math.floor(ARRIVAL / 1000) - 86_400}"`],
    ['Time', '"2026-11-21T10:00:00Z"'],
    ['TIME', 'null'],
    ['received_at', '"2026-11-21 10:00:00"'],
    ['at', '"21.11.2026 10:00"'],
    ['when', '"Sat, 21 Nov 2026 10:00:00 GMT"'],
    ['dateTime', '1'],
    ['data_age', '3600'],
    ['ageMs', '3600000'],
    ['Clock-Skew', '3'],
    ['tempUnit', '"F"'],
    ['scale', '0.1'],
    ['probe', '2'],
    ['channel', '1'],
    ['sensorId', '"x"'],
    ['quality', '"bad"'],
    ['isValid', 'false'],
    ['status', '"fault"'],
    ['error_code', '7'],
    ['stamp', '0'],
    ['epoch', '0'],
    ['offset', '-2'],
    ['measured', '20261121100000'],
    ['meta', '{"taken":"2026-11-21T10:00:00Z"}'],
  ])('a field %s of %s may change what stands beside it, and holds the whole reading back', (name, value) => {
    const held = decode(`{"temperature":-1,"${name}":${value},"humidity":40}`);
    expect(held.rows).toEqual([]);
    expect(held.refused).toEqual([['FIELD_CHANGES_MEANING', 2]]);
    expect(held.quarantined[0]?.detail).toContain(name);
    expect(scan(`{"temperature":-1,"${name}":${value}}`)).toBeNull();
  });

  test.each([
    ['20261345', 'month 13'],
    ['20260045', 'month 0'],
    ['20261132', 'day 32'],
    ['20261100', 'day 0'],
    ['20101122', 'more than ten years ago'],
    ['20281122', 'the year after next'],
    ['1000000000', 'seconds of 2001'],
    ['2100000000', 'seconds of 2036'],
    ['"2010-11-22 10:00"', 'a written date of long ago'],
    ['"batch 2026"', 'a year alone'],
    ['"10:00:00"', 'a time of no day'],
  ])('a value of %s (%s) reads as no time of the last ten years', (value) => {
    expect(decode(`{"temperature":5,"n":${value}}`)).toMatchObject({
      rows: [['temperature', ARRIVAL, 5]],
      refused: [['FIELD_UNKNOWN', 1]],
    });
  });

  test('in an array it holds back its own element only', () => {
    const { rows, refused } = decode('[{"timestamp":"2026-11-21T10:00:00Z","temperature":-1},{"temperature":5}]');
    expect(rows).toEqual([['temperature', ARRIVAL, 5]]);
    expect(refused).toEqual([['FIELD_CHANGES_MEANING', 1]]);
  });

  test('what says nothing about the values beside it is free, whatever its value', () => {
    const { rows, refused } = decode(
      '{"temperature":5,"rssi":-61,"snr":9.5,"linkquality":120,"voltage":3.01,"battery_voltage":3010,"firmware":"1.2",' +
        '"seq":1795341600,"Link-Quality":1,"uptime":12}',
    );
    expect(rows).toEqual([['temperature', ARRIVAL, 5]]);
    expect(refused).toEqual([]);
  });

  test('any other field costs itself only, also where `age` is part of another word', () => {
    const { rows, refused } = decode('{"temperature":5,"foo":1,"percentage":20,"average":4.9,"co2":812}');
    expect(rows).toEqual([['temperature', ARRIVAL, 5]]);
    expect(refused).toEqual([['FIELD_UNKNOWN', 4]]);
  });

  // One bare NaN used to cost the whole message: 0 of 4 good values were stored.
  test.each(['NaN', '-Infinity', 'Infinity', 'nan', 'inf', 'None', 'undefined', '05', '+5', '.5', '5.', '0x1F', ''])(
    'a bare %s costs itself only',
    (bad) => {
      const payload = `[{"temperature":5,"humidity":${bad},"shock":0.2},{"temperature":6}]`;
      const { rows, refused, quarantined } = decode(payload);
      expect(rows).toEqual([
        ['temperature', ARRIVAL, 5],
        ['shock', ARRIVAL, 0.2],
        ['temperature', ARRIVAL, 6],
      ]);
      expect(refused).toEqual([['VALUE_NOT_NUMBER', 1]]);
      expect(quarantined[0]?.detail).toContain(`[0].humidity is ${bad === '' ? 'nothing' : bad}`);
      expect(scan(payload)).toBeNull();
    },
  );

  test('an element that is no object of JSON costs itself only, and one that is cut off is not guessed at', () => {
    const { rows, refused } = decode(
      '[{"temperature":5},{\'temperature\':6},{"temperature":5,5},{"temperature":7,},{"temperature":8},{"temperature":9',
    );
    expect(rows).toEqual([
      ['temperature', ARRIVAL, 5],
      ['temperature', ARRIVAL, 8],
    ]);
    expect(refused).toEqual([['READING_NOT_OBJECT', 5]]);
    expect(decode('{"time":NaN,"temperature":5}').refused).toEqual([['TIME_NOT_UNDERSTOOD', 1]]);
  });

  // As published by devices and reported to the trackers named in docs/field-cases.md.
  test.each([
    [
      'Blueforcer/awtrix-ng #9',
      '{"uptimeSeconds":74888,"batteryPercent":61,"batteryVoltage":3.88,"temperature":nan,"humidity":44}',
      ['humidity 44'],
      ['FIELD_UNKNOWN', 'VALUE_NOT_NUMBER'],
    ],
    ['thingsboard/thingsboard #6351', '{"time":1648731311,"temperature":3.1}', [], ['TIME_NOT_UNDERSTOOD']],
    [
      'thingsboard/thingsboard-gateway #628',
      '{"unit":"%","status":0,"value":null,"timestamp":"2021-09-14T06:32:07.507569+00:00","humidity":40}',
      [],
      ['FIELD_CHANGES_MEANING'],
    ],
    ['dojot/dojot #533', '{"timestamp":1526846710,"temperature":4}', [], ['FIELD_CHANGES_MEANING']],
    [
      'ESPresense/ESPresense #1038',
      '[{"temperature":5.2,"rssi":inf},{"temperature":5.1}]',
      ['temperature 5.2', 'temperature 5.1'],
      [],
    ],
    ['emsesp/EMS-ESP #385', 'offline', [], ['PAYLOAD_NOT_JSON']],
    [
      'emsesp/EMS-ESP32 #3157',
      '{"temperature":20,"datetime":"13.07.2026 23:36","intoffset":0}',
      [],
      ['FIELD_CHANGES_MEANING'],
    ],
    [
      '1technophile/OpenMQTTGateway #1900',
      '{"temperature":5.4,"name":"battery","val_tpl":"{{ float(value_json.battery',
      [],
      ['PAYLOAD_NOT_JSON'],
    ],
  ])('%s: %s', (_source, payload, values, reasons) => {
    const { rows, refused } = decode(payload);
    expect(rows.map((row) => [Reflect.get(Object(row), 0), Reflect.get(Object(row), 2)].join(' '))).toEqual(values);
    expect(refused.map(([reason]) => reason)).toEqual(reasons);
  });

  test('a byte order mark in front, zero bytes behind, and a name in Latin-1 cost no reading', () => {
    expect(decode('\ufeff{"temperature":5}').rows).toEqual([['temperature', ARRIVAL, 5]]);
    expect(decode('{"temperature":5}\0\0').rows).toEqual([['temperature', ARRIVAL, 5]]);
    const latin1 = Buffer.from('{"temperature":5,"ort":"K\xfchl"}', 'latin1');
    expect(decode(latin1)).toMatchObject({ rows: [['temperature', ARRIVAL, 5]], refused: [['FIELD_UNKNOWN', 1]] });
  });

  test('good readings are taken whatever their neighbours are', () => {
    const { rows, refused, quarantined } = decode(
      '[{"temperature":5,"foo":1,"humidity":106},{"temperature":null},7,{},{"shock":"0.2"},{"time":0,"door":1},{"light":3}]',
    );
    expect(rows).toEqual([
      ['temperature', ARRIVAL, 5],
      ['light', ARRIVAL, 3],
    ]);
    expect(refused).toEqual([
      ['FIELD_UNKNOWN', 1],
      ['VALUE_NOT_PHYSICAL', 1],
      ['VALUE_NOT_NUMBER', 2],
      ['READING_NOT_OBJECT', 1],
      ['READING_EMPTY', 1],
      ['TIME_TOO_OLD', 1],
    ]);
    expect(quarantined.map(({ detail }) => detail)).toEqual([
      '[0].foo is no field (time, temperature, humidity, shock, light, pressure, battery, tilt, door, latitude, longitude, accuracy, defrost)',
      '[0].humidity is 106; allowed: 0 to 105 %RH',
      '[1].temperature is null; allowed: a number; 2 in this message',
      '[2] is 7; allowed: an object',
      '[3] has no metric (time, temperature, humidity, shock, light, pressure, battery, tilt, door, latitude, longitude, accuracy, defrost)',
      '[5].time is 0; more than 400 days before its arrival; it waits to be adopted',
    ]);
  });

  test.each([
    ['temperature', -200.001],
    ['temperature', 300.001],
    ['humidity', -0.1],
    ['shock', 10_001],
    ['light', 200_001],
    ['pressure', 299],
    ['battery', 101],
    ['tilt', -181],
    ['door', 0.5],
  ])('%s %d is outside physical sense', (name, value) => {
    const payload = `{"${name}":${value}}`;
    expect(decode(payload).refused).toEqual([['VALUE_NOT_PHYSICAL', 1]]);
    expect(scan(payload)).toBeNull();
  });

  test.each(['', 'no json', '{"temperature":5', '{"temperature":5}x', Buffer.from([0x22, 0xff, 0x22])])(
    'what is no JSON is refused whole: %s',
    (payload) => {
      expect(decode(payload).refused).toEqual([['PAYLOAD_NOT_JSON', 1]]);
      expect(scan(payload)).toBeNull();
    },
  );

  test('ten thousand readings are one message, one more is too many', () => {
    const readings = Array.from({ length: 10_000 }, (_, i) => `{"time":${ARRIVAL - i},"temperature":5}`);
    expect(scan(`[${readings.join(',')}]`)).toHaveLength(10_000);
    expect(decode(`[${readings.join(',')}]`).rows).toHaveLength(10_000);
    readings.push('{"temperature":5}');
    expect(scan(`[${readings.join(',')}]`)).toBeNull();
    expect(decode(`[${readings.join(',')}]`)).toMatchObject({ rows: [], refused: [['READINGS_TOO_MANY', 10_001]] });
  });

  test('a large message of old readings is kept whole for adoption, other refusals by their first 64 KiB', () => {
    const readings = Array.from({ length: 5_000 }, (_, i) => `{"time":${1_000_000 + i},"temperature":5.25,"foo":"é"}`);
    const { quarantined } = decode(`[${readings.join(', ')}]`);
    const old = quarantined.filter(({ reason }) => reason === 'TIME_TOO_OLD');
    const kept = old.flatMap(({ payload }) => JSON.parse(Buffer.from(payload, 'base64').toString()));
    expect(kept).toHaveLength(5_000);
    expect(old.every(({ payload }) => payload.length <= 90_000)).toBe(true);
    expect(quarantined.filter(({ reason }) => reason === 'FIELD_UNKNOWN')).toHaveLength(1);
  });

  test('nesting without end is refused before anything recurses into it', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(decode(deep).refused).toEqual([['PAYLOAD_NOT_JSON', 1]]);
    expect(decode(`{"temperature":5,"foo":"${'['.repeat(100)}\\""}`).rows).toEqual([['temperature', ARRIVAL, 5]]);
  });

  test('a hundred thousand unknown fields cost one entry', () => {
    const fields = Array.from({ length: 100_000 }, (_, i) => `"f${i}":1`);
    const { refused, quarantined } = decode(`{${fields.join(',')}}`);
    expect(refused).toEqual([['FIELD_UNKNOWN', 100_000]]);
    expect(quarantined).toHaveLength(1);
  });
});

describe('the scanner', () => {
  const number = fc.oneof(
    fc.double({ min: -300, max: 400, noNaN: true }).map(String),
    fc.tuple(fc.integer({ min: -20_000, max: 30_000 }), fc.nat({ max: 4 })).map(([n, d]) => (n / 100).toFixed(d)),
    fc.constantFrom(
      '0',
      '-0',
      '0.0',
      '1',
      '05',
      '5.',
      '-',
      '1e2',
      '1E-2',
      '0.1234567890123456',
      '99999999999999999',
      'null',
      'NaN',
      '1795341600',
    ),
  );
  const time = fc.oneof(
    fc.integer({ min: ARRIVAL - 86_400_000, max: ARRIVAL + 700_000 }).map((ms) => JSON.stringify(iso(ms))),
    fc.integer({ min: ARRIVAL - 86_400_000, max: ARRIVAL }).map(String),
    fc
      .tuple(
        fc.date({ min: new Date(ARRIVAL - 3e7), max: new Date(ARRIVAL), noInvalidDate: true }),
        fc.nat({ max: 25 }),
      )
      .map(([date, hours]) => `"${date.toISOString().slice(0, -1)}+${String(hours).padStart(2, '0')}:30"`),
    fc.constantFrom('"2026-11-22T09:59:59Z"', '"2026-11-22T09:59:59.1234567Z"', '"2026-11-31T09:59:59Z"', '17', '""'),
  );
  const name = fc.constantFrom(
    ...METRICS.map((metric) => metric.name),
    'time',
    'foo',
    'tide',
    'ts',
    'unit',
    'rssi',
    'd\\u006for',
  );
  const space = fc.constantFrom('', '', '', ' ', '\n', '\t', '\r', '\u00a0', '\u0001');
  const wild = fc
    .tuple(space, name, space, space, number, time, space)
    .map(([a, key, b, c, value, at, d]) => `${a}"${key}"${b}:${c}${key === 'time' ? at : value}${d}`);
  const sound = fc
    .constantFrom(...METRICS)
    .chain(({ name, min, max }) =>
      (name === 'door' ? fc.constantFrom('0', '1') : fc.double({ min, max, noNaN: true }).map((n) => n.toFixed(3))).map(
        (value) => `"${name}": ${value}`,
      ),
    );
  const soundTime = fc.integer({ min: ARRIVAL - 864e5, max: ARRIVAL }).map((ms) => `"time":"${iso(ms)}"`);
  const field = fc.oneof({ weight: 10, arbitrary: sound }, { weight: 5, arbitrary: soundTime }, wild);
  const object = fc
    .uniqueArray(field, { maxLength: 5, selector: (text) => text.split(':')[0] })
    .map((fields) => `{${fields.join(',')}}`);
  const message = fc.oneof(
    object,
    fc.tuple(fc.array(object, { maxLength: 4 }), space).map(([objects, s]) => `[${objects.join(`${s},${s}`)}]${s}`),
  );
  const cut = fc.tuple(message, fc.nat()).map(([text, at]) => text.slice(0, at % (text.length + 1)));

  test('gives the rows the JSON parser gives, or leaves the message alone; what it takes is flawless', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.oneof({ weight: 5, arbitrary: message }, cut), (text) => {
        const rows = scan(text);
        if (rows === null) return;
        taken++;
        expect(decode(text)).toEqual({ rows, refused: [], quarantined: [] });
      }),
      { numRuns: 5_000 },
    );
    expect(taken).toBeGreaterThan(200);
  });

  test('takes the shapes that loggers send', () => {
    for (const text of [
      '{"time":"2026-11-22T10:00:00Z","temperature":5.1,"humidity":45,"shock":0.2}',
      '{"temperature": -18.25, "time": 1795341600000}',
      '[{"time":"2026-11-22T10:00:00.000Z","temperature":5.1},\n {"time":"2026-11-22T10:00:10.000Z","temperature":5.2}]',
      '{"temperature":5.1,"humidity":45,"shock":0,"light":10,"pressure":1013.25,"battery":97,"tilt":-3,"door":1}',
    ]) {
      expect(scan(text), text).toEqual(decode(text).rows);
    }
  });

  test('reads any number the way JSON.parse does', () => {
    fc.assert(
      fc.property(fc.integer({ min: -999_999_999, max: 999_999_999 }), fc.nat({ max: 9 }), (n, decimals) => {
        const text = `{"temperature":${(n / 1e7).toFixed(decimals)}}`;
        const rows = scan(text);
        if (rows !== null) expect(rows).toEqual(decode(text).rows);
      }),
    );
  });
});

describe('a written time', () => {
  test('is what Date makes of the canonical spelling, for any moment and zone', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1000-01-01T00:00:00Z'), max: new Date('9999-12-30T00:00:00Z'), noInvalidDate: true }),
        fc.integer({ min: 0, max: 14 * 60 }),
        fc.constantFrom('+', '-'),
        (date, minutes, sign) => {
          const zone = `${sign}${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
          const text = `${date.toISOString().slice(0, -1)}${zone}`;
          expect(parseTime(text)).toBe(Date.parse(text));
        },
      ),
    );
  });
});
