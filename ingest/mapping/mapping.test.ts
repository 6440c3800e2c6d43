import { afterEach, describe, expect, test } from 'vitest';
import {
  decodeReadings,
  type Log,
  ManualTime,
  type NewRecord,
  SPEAKS_FOR_ALL,
  silentLogger,
  silentMeter,
  systemTime,
} from '../../domain/index.ts';
import { Intake } from '../intake.ts';
import { Mapper } from './mapper.ts';
import { filtersOf, type Mapping, mappingOf, parseMappings } from './mapping.ts';

const AT = Date.UTC(2026, 10, 22, 10);

const FILE = `
mappings:
  - id: acme
    topics: ["acme/{source}/telemetry", "plants/+/{source}"]
    readings: |
      sensors.{ "device": serial, "time": $toMillis(at), "temperature": t, "door": open ? 1 : 0 }
`;

let mapper: Mapper | null = null;
afterEach(() => mapper?.stop());

function mapperOf(...expressions: string[]): { mapper: Mapper; mappings: Mapping[] } {
  const mappings = expressions.map((readings, i) => ({ id: `m-${i}`, topics: [], readings }));
  mapper = new Mapper({ mappings, time: systemTime });
  return { mapper, mappings };
}

async function mapped(readings: string, message: unknown) {
  const { mapper, mappings } = mapperOf(readings);
  const payload = Buffer.from(typeof message === 'string' ? message : JSON.stringify(message));
  const made = await mapper.map(mappings[0] as Mapping, { topic: 't', payload, source: 'd', arrival: AT });
  return {
    taken: made.readings.map(({ device, metric, value, time }) => `${device} ${metric} ${value} ${time ?? 'now'}`),
    refused: made.refused.map(({ reason }) => reason),
    detail: made.refused[0]?.detail ?? '',
  };
}

describe('a file of mappings', () => {
  test('is subscribed to by filters of its topics, at a broker of others', () => {
    const mappings = [{ id: 'm', topics: ['acme/{source}/telemetry', 'plants/+/{source}'], readings: '1' }];
    expect(filtersOf(mappings)).toEqual(['acme/+/telemetry', 'plants/+/+']);
  });

  test('names topics with the level that names who signs in', () => {
    const mappings = parseMappings(FILE, 'mappings.yaml');
    const found = (topic: string) => mappingOf(mappings, topic)?.source ?? null;
    expect(found('acme/x-1/telemetry')).toBe('x-1');
    expect(found('plants/berlin/x-2')).toBe('x-2');
    expect(found('isotherm/v1/dialects/acme/x-3')).toBe('x-3');
    for (const topic of ['acme/x/other', 'acme/a b/telemetry', 'plants/x', 'isotherm/v1/devices/x/readings']) {
      expect(found(topic), topic).toBeNull();
    }
  });

  test.each([
    ['mappings: [{ id: acme, topics: [], readings: "a.{" }]', 'acme.readings: '],
    ['mappings: [{ id: tasmota, topics: [], readings: a }]', 'no dialect'],
    ['mappings: [{ id: Acme, topics: [], readings: a }]', '[a-z0-9-]'],
    ['mappings: [{ id: a, topics: ["a/b"], readings: a }]', '{source}'],
    ['mappings: [{ id: a, topics: ["a/#/{source}"], readings: a }]', '{source}'],
    ['mappings: [{ id: a, topics: ["isotherm/v1/devices/{source}"], readings: a }]', 'isotherm/'],
    ['mappings: [{ id: a, readings: a }, { id: a, readings: a }]', 'twice'],
    ['mapings: []', 'mappings'],
    ['a: [', 'mappings.yaml: '],
  ])('%s is refused', (text, why) => {
    expect(() => parseMappings(text, 'mappings.yaml')).toThrow(why);
  });
});

describe('what an expression gives', () => {
  test('is held to the rules of Isotherm’s own form, device by device', async () => {
    const [{ readings } = { readings: '' }] = parseMappings(FILE, 'f');
    const message = {
      sensors: [
        { serial: 'a', at: '2026-11-22T09:00:00Z', t: 5.1, open: false },
        { serial: 'b', at: '2026-11-22T09:00:00Z', t: 'cold', open: true },
        { serial: 'c', at: '2026-11-22T09:00:00Z', t: 900, open: true },
      ],
    };
    const time = Date.UTC(2026, 10, 22, 9);
    expect(await mapped(readings, message)).toMatchObject({
      taken: [`a temperature 5.1 ${time}`, `a door 0 ${time}`, `b door 1 ${time}`, `c door 1 ${time}`],
      refused: ['VALUE_NOT_NUMBER', 'VALUE_NOT_PHYSICAL'],
    });
  });

  test('is of the source where it names no device, and text that is no JSON can be split', async () => {
    expect((await mapped('{ "temperature": $number($split($, ";")[1]) }', 'x;5.1')).taken).toEqual([
      'd temperature 5.1 now',
    ]);
  });

  test.each([
    ['seconds as time', '{ "time": 1795341600, "temperature": 5 }', 'TIME_NOT_UNDERSTOOD'],
    ['another name for time', '{ "timestamp": "2026-11-21T10:00:00Z", "temperature": 5 }', 'FIELD_CHANGES_MEANING'],
    ['a number alone', '5', 'READING_NOT_OBJECT'],
    ['nothing', 'missing.field', 'MAPPING_FAILED'],
    ['a function', 'function($x) { $x }', 'MAPPING_FAILED'],
    ['text', '"5"', 'READING_NOT_OBJECT'],
    ['an error', '$number("x")', 'MAPPING_FAILED'],
    ['an endless recursion', '($f := function($x) { $f($x + 1) }; $f(0))', 'MAPPING_FAILED'],
    ['a deep recursion', '($f := function($x) { 1 + $f($x + 1) }; $f(0))', 'MAPPING_FAILED'],
    ['a huge sequence', '[1..9999999]', 'MAPPING_FAILED'],
    [
      'an expression that walks back without end',
      '$match("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", /^(a+)+$/)',
      'MAPPING_FAILED',
    ],
  ])('%s', async (_name, expression, reason) => {
    expect(await mapped(expression, {})).toMatchObject({ taken: [], refused: [reason] });
  });
});

describe('an expression that does not come to an end', () => {
  const ENDLESS = '($f := function($x) { $f($x + 1) }; $f(0))';
  const message = { topic: 't', payload: Buffer.from('{}'), source: 'd', arrival: AT };

  test('costs its own message and no other, and after three its own mapping for a minute', async () => {
    const { mapper, mappings } = mapperOf(ENDLESS, '{ "temperature": 5 }');
    const [endless, good] = mappings as [Mapping, Mapping];
    const all = await Promise.all([
      ...Array.from({ length: 3 }, () => [mapper.map(endless, message), mapper.map(good, message)]).flat(),
    ]);
    expect(all.map(({ readings }) => readings.length)).toEqual([0, 1, 0, 1, 0, 1]);
    const [rested] = (await mapper.map(endless, message)).refused;
    expect(rested?.detail).toContain('rests for a minute');
    expect((await mapper.map(good, message)).readings).toHaveLength(1);
  });
});

describe('a message that could not be read by no fault of its own is to be sent again', () => {
  const mappings = [{ id: 'm', topics: [], readings: '{ "temperature": 5 }' }] as const;
  const message = { topic: 't', payload: Buffer.from('{}'), source: 'd', arrival: AT };
  const busy = { code: 'MAPPINGS_BUSY' };

  test('because no thread came in time; the next one is read', async () => {
    const time = new ManualTime(AT);
    mapper = new Mapper({ mappings, time });
    const first = expect(mapper.map(mappings[0], message)).rejects.toMatchObject(busy);
    await time.advance(10_000);
    await first;
    expect((await mapper.map(mappings[0], message)).readings).toHaveLength(1);
  });

  test('because the server stopped', async () => {
    mapper = new Mapper({ mappings, time: systemTime });
    const both = [mapper.map(mappings[0], message), mapper.map(mappings[0], message)];
    const answers = both.map((one) => expect(one).rejects.toMatchObject(busy));
    await mapper.stop();
    await Promise.all(answers);
  });
});

test('a message that a mapping reads is taken as any other: its readings, what was refused, the message itself', async () => {
  const records: NewRecord[] = [];
  const log = {
    partitions: { readings: 1, trace: 1, originals: 1 },
    partitionOf: () => 0,
    append: async (added: readonly NewRecord[]) => {
      records.push(...added);
      return added.map(() => ({ position: 0, isDuplicate: false }));
    },
  } as unknown as Log;
  mapper = new Mapper({ mappings: parseMappings(FILE, 'f'), time: systemTime });
  const intake = new Intake({
    log,
    mapper,
    speaksFor: SPEAKS_FOR_ALL,
    time: systemTime,
    logger: silentLogger,
    meter: silentMeter,
  });
  const payload = Buffer.from(
    '{"sensors":[{"serial":"a","at":"2026-11-22T09:00:00Z","t":5.1,"open":true},{"serial":"b","at":"2026-11-22T09:00:00Z","t":"x"}]}',
  );
  const message = { clientId: 'x-1', topic: 'acme/x-1/telemetry', payload, arrival: AT };
  const taken = intake.taken(message);
  // The broker takes its buffer back when accept returns.
  payload.fill(0);
  await taken;
  await intake.stop();
  const kinds = records.map(({ kind }) => kind);
  expect(kinds).toContain('quarantine');
  expect(kinds).toContain('originals');
  const [readings] = records.filter(({ kind }) => kind === 'readings').map((record) => decodeReadings(record.payload));
  expect(readings?.devices.toSorted()).toEqual(['a', 'b']);
});
