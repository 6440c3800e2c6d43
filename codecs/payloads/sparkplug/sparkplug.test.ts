import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Field, protobuf } from '../testing/protobuf.ts';
import { listener } from '../testing/said.ts';
import { decodePayload } from './payload.ts';

const AT = Date.UTC(2026, 10, 22, 10);
const ISO = '2026-11-22T10:00:00.000Z';

interface Written {
  readonly name?: string;
  readonly alias?: number;
  readonly at?: number;
  readonly type?: number;
  readonly historical?: boolean;
  readonly isNull?: boolean;
  readonly unit?: string;
  readonly double?: number;
  readonly float?: number;
  readonly int?: number | bigint;
  readonly long?: bigint;
  readonly bool?: boolean;
  readonly text?: string;
  readonly template?: boolean;
  readonly dataset?: boolean;
}

/** As an edge node writes it, byte by byte. */
function metric(of: Written): Buffer {
  const fields: Field[] = [];
  if (of.name !== undefined) fields.push([1, 'text', of.name]);
  if (of.alias !== undefined) fields.push([2, 'varint', of.alias]);
  if (of.at !== undefined) fields.push([3, 'varint', of.at]);
  if (of.type !== undefined) fields.push([4, 'varint', of.type]);
  if (of.historical !== undefined) fields.push([5, 'varint', Number(of.historical)]);
  if (of.isNull !== undefined) fields.push([7, 'varint', Number(of.isNull)]);
  if (of.unit !== undefined) {
    const value = protobuf([1, 'varint', 12], [8, 'text', of.unit]);
    fields.push([9, 'message', protobuf([1, 'text', 'engUnit'], [2, 'message', value])]);
  }
  if (of.int !== undefined) fields.push([10, 'varint', of.int]);
  if (of.long !== undefined) fields.push([11, 'varint', of.long]);
  if (of.float !== undefined) fields.push([12, 'float', of.float]);
  if (of.double !== undefined) fields.push([13, 'double', of.double]);
  if (of.bool !== undefined) fields.push([14, 'varint', Number(of.bool)]);
  if (of.text !== undefined) fields.push([15, 'text', of.text]);
  if (of.dataset === true) fields.push([17, 'message', protobuf([1, 'varint', 1])]);
  if (of.template === true) fields.push([18, 'message', protobuf([1, 'text', '1.0'])]);
  return protobuf(...fields);
}

function payload(seq: number | null, metrics: readonly Written[], at: number | null = AT): Buffer {
  return protobuf(
    ...(at === null ? [] : ([[1, 'varint', at]] as const)),
    ...metrics.map((one) => [2, 'message', metric(one)] as const),
    ...(seq === null ? [] : ([[3, 'varint', seq]] as const)),
  );
}

const of = (type: string, device?: string) => `spBv1.0/cold/${type}/edge-1${device === undefined ? '' : `/${device}`}`;
const bdSeq = (value: number): Written => ({ name: 'bdSeq', type: 4, long: BigInt(value) });
const rebirth: Written = { name: 'Node Control/Rebirth', type: 11, bool: false };
const NCMD = 'spBv1.0/cold/NCMD/edge-1';

/** A node that was born, with an alias for its temperature, and how to hear it go on. */
function born(hear = listener(), more: Partial<Written> = {}) {
  const value = 'int' in more ? {} : { float: 5.1 };
  const temperature = { name: 'Temperature', alias: 7, type: 9, at: AT, ...value, ...more };
  const first = hear(of('NBIRTH'), payload(0, [bdSeq(1), rebirth, temperature]), { arrival: AT });
  return { hear, first };
}

test('the values of a birth are values of their time [tck-id-payloads-nbirth-seq]', () => {
  expect(born().first).toEqual({ taken: [`edge-1 temperature 5.1 ${ISO}`], refused: [], asked: [] });
});

test('an alias means what the birth said [tck-id-payloads-alias-data-cmd-requirement]', () => {
  const { hear } = born();
  expect(hear(of('NDATA'), payload(1, [{ alias: 7, at: AT + 60_000, float: 5.3 }]), { arrival: AT })).toEqual({
    taken: ['edge-1 temperature 5.3 2026-11-22T10:01:00.000Z'],
    refused: [],
    asked: [],
  });
});

test('named metrics are taken without a birth, which is asked for', () => {
  const hear = listener();
  expect(hear(of('NDATA'), payload(4, [{ name: 'temperature', at: AT, double: 4.5 }]), { arrival: AT })).toEqual({
    taken: [`edge-1 temperature 4.5 ${ISO}`],
    refused: [],
    asked: [NCMD],
  });
});

test('an alias without a birth waits, and the birth is asked for [tck-id-operational-behavior-data-commands-ncmd-rebirth-verb]', () => {
  const hear = listener();
  const data = payload(4, [
    { alias: 7, float: 5.3 },
    { name: 'humidity', double: 41, at: AT },
  ]);
  expect(hear(of('NDATA'), data, { arrival: AT })).toEqual({
    taken: [`edge-1 humidity 41 ${ISO}`],
    refused: ['BIRTH_MISSING metrics[0]'],
    asked: [NCMD],
  });
});

test('a node that does not answer is asked again half a minute later, and not before', () => {
  const hear = listener();
  const data = (seq: number) => payload(seq, [{ alias: 7, float: 5.3 }]);
  const asked = [0, 1_000, 29_000, 30_000, 31_000].map(
    (ms, i) => hear(of('NDATA'), data(i), { arrival: AT + ms }).asked.length,
  );
  expect(asked).toEqual([1, 0, 0, 1, 0]);
});

// A converter in °F whose node died, and whose next birth was missed, was read in °C by the name of its metric.
test('a metric whose birth said °F is not read in °C when the session is another: the new birth is waited for', () => {
  const hear = listener();
  const temperature = { name: 'Temperature', at: AT, double: 41 };
  const named = (seq: number) => hear(of('NDATA'), payload(seq, [temperature]), { arrival: AT + seq * 60_000 });
  hear(of('NBIRTH'), payload(0, [bdSeq(1), { ...temperature, unit: '°F' }]), { arrival: AT });
  expect(named(1).taken).toEqual([`edge-1 temperature 5 ${ISO}`]);
  hear(of('NDEATH'), payload(null, [bdSeq(1)]), { arrival: AT });
  expect(named(2)).toEqual({ taken: [], refused: ['BIRTH_MISSING Temperature'], asked: [NCMD] });
  hear(of('NBIRTH'), payload(0, [bdSeq(2), { ...temperature, double: 5 }]), { arrival: AT });
  expect(hear(of('NDATA'), payload(1, [{ ...temperature, double: 5 }]), { arrival: AT }).taken).toEqual([
    `edge-1 temperature 5 ${ISO}`,
  ]);
});

describe('a rebirth request', () => {
  test('names the metric, is true, has a time and no sequence [tck-id-operational-behavior-data-commands-ncmd-rebirth-name] [tck-id-operational-behavior-data-commands-ncmd-rebirth-value] [tck-id-payloads-ncmd-timestamp] [tck-id-payloads-ncmd-seq]', async () => {
    const { rebirthPayload } = await import('./payload.ts');
    const { metrics, timestamp, seq } = decodePayload(rebirthPayload(AT));
    expect([timestamp, seq, metrics.length]).toEqual([AT, null, 1]);
    expect([metrics[0]?.name, metrics[0]?.datatype, metrics[0]?.valueAs(null)]).toEqual([
      'Node Control/Rebirth',
      11,
      true,
    ]);
  });
});

describe('order', () => {
  const data = (seq: number) => payload(seq, [{ alias: 7, float: 5 + seq / 10, at: AT + seq * 1000 }]);

  test('a message that is missing is waited for, and then a rebirth asked for [tck-id-operational-behavior-host-reordering-start] [tck-id-operational-behavior-host-reordering-rebirth]', () => {
    const { hear } = born();
    expect(hear(of('NDATA'), data(1), { arrival: AT }).asked).toEqual([]);
    const late = hear(of('NDATA'), data(3), { arrival: AT + 100 });
    expect([late.taken.length, late.asked]).toEqual([1, []]);
    expect(hear(of('NDATA'), data(4), { arrival: AT + 2_100 }).asked).toEqual([NCMD]);
  });

  test('one that arrives in time ends the waiting [tck-id-operational-behavior-host-reordering-success]', () => {
    const { hear } = born();
    hear(of('NDATA'), data(2), { arrival: AT });
    expect(hear(of('NDATA'), data(1), { arrival: AT + 100 }).taken).toHaveLength(1);
    expect(hear(of('NDATA'), data(3), { arrival: AT + 5_000 }).asked).toEqual([]);
  });

  test('numbers go round at 255 [tck-id-payloads-sequence-num-incrementing]', () => {
    const { hear } = born();
    for (let seq = 1; seq < 600; seq++) {
      expect(hear(of('NDATA'), data(seq % 256), { arrival: AT + seq * 3_000 }).asked).toEqual([]);
    }
  });

  test('a number that goes back is a session whose birth was missed: its aliases are another’s', () => {
    const { hear } = born();
    for (const seq of [1, 2, 3, 4]) hear(of('NDATA'), data(seq), { arrival: AT });
    expect(hear(of('NDATA'), data(1), { arrival: AT })).toEqual({
      taken: [],
      refused: ['BIRTH_MISSING metrics[0]'],
      asked: [NCMD],
    });
  });

  test('a message without a number says nothing of the order, and a rebirth is due [tck-id-payloads-sequence-num-always-included]', () => {
    const { hear } = born();
    const named = payload(null, [{ name: 'temperature', at: AT, double: 4 }]);
    expect(hear(of('NDATA'), named, { arrival: AT })).toMatchObject({
      taken: [`edge-1 temperature 4 ${ISO}`],
      asked: [NCMD],
    });
  });
});

describe('births and deaths', () => {
  test('a device is one of the edge node, with aliases of its own birth', () => {
    const { hear } = born();
    const birth = payload(1, [{ name: 'Temperature', alias: 20, type: 10, double: -18.5, at: AT }]);
    expect(hear(of('DBIRTH', 'freezer'), birth, { arrival: AT }).taken).toEqual([
      `edge-1.freezer temperature -18.5 ${ISO}`,
    ]);
    const data = payload(2, [{ alias: 20, double: -18.1, at: AT }]);
    expect(hear(of('DDATA', 'freezer'), data, { arrival: AT }).taken).toEqual([
      `edge-1.freezer temperature -18.1 ${ISO}`,
    ]);
  });

  test('after its death a device is silent until it is born again [tck-id-operational-behavior-edge-node-termination-host-action-ddeath-devices-tags-stale]', () => {
    const { hear } = born();
    hear(of('DBIRTH', 'freezer'), payload(1, [{ name: 'Temperature', alias: 20, type: 10, double: -18 }]), {
      arrival: AT,
    });
    expect(hear(of('DDEATH', 'freezer'), payload(2, []), { arrival: AT })).toEqual({
      taken: [],
      refused: [],
      asked: [],
    });
    const data = hear(of('DDATA', 'freezer'), payload(3, [{ alias: 20, double: -18 }]), { arrival: AT });
    expect(data).toEqual({ taken: [], refused: ['BIRTH_MISSING metrics[0]'], asked: [NCMD] });
  });

  test('the death of a node takes its aliases, and those of its devices [tck-id-operational-behavior-edge-node-termination-host-action-ndeath-node-tags-stale] [tck-id-operational-behavior-edge-node-termination-host-action-ndeath-devices-tags-stale]', () => {
    const { hear } = born();
    expect(hear(of('NDEATH'), payload(null, [bdSeq(1)], null), { arrival: AT })).toEqual({
      taken: [],
      refused: [],
      asked: [],
    });
    expect(hear(of('NDATA'), payload(1, [{ alias: 7, float: 5 }]), { arrival: AT }).refused).toEqual([
      'BIRTH_MISSING metrics[0]',
    ]);
  });

  test('a death of the session before says nothing of this one [tck-id-payloads-ndeath-bdseq]', () => {
    const { hear } = born();
    hear(of('NDEATH'), payload(null, [bdSeq(0)], null), { arrival: AT });
    expect(hear(of('NDATA'), payload(1, [{ alias: 7, float: 5, at: AT }]), { arrival: AT }).taken).toHaveLength(1);
  });

  test('a new birth takes the place of the old one, aliases and all', () => {
    const { hear } = born();
    hear(of('NBIRTH'), payload(0, [bdSeq(2), { name: 'Humidity', alias: 7, type: 10, double: 40 }]), { arrival: AT });
    expect(hear(of('NDATA'), payload(1, [{ alias: 7, double: 41, at: AT }]), { arrival: AT }).taken).toEqual([
      `edge-1 humidity 41 ${ISO}`,
    ]);
  });

  test('nodes of two groups are two, of the same name as they may be', () => {
    const { hear } = born();
    const other = hear('spBv1.0/dry/NDATA/edge-1', payload(1, [{ alias: 7, float: 5 }]), { arrival: AT });
    expect(other).toEqual({ taken: [], refused: ['BIRTH_MISSING metrics[0]'], asked: ['spBv1.0/dry/NCMD/edge-1'] });
  });
});

describe('values', () => {
  const one = (written: Written) => {
    const { taken, refused } = listener()(of('NBIRTH'), payload(0, [{ at: AT, ...written }]), { arrival: AT });
    return [...taken, ...refused].join('|').replace(` ${ISO}`, '');
  };

  test.each<[Written, string]>([
    [{ name: 'Temperature', type: 1, int: 251 }, 'edge-1 temperature -5'],
    [{ name: 'Temperature', type: 1, int: 4_294_967_291 }, 'edge-1 temperature -5'],
    [{ name: 'Temperature', type: 2, int: 65_531 }, 'edge-1 temperature -5'],
    [{ name: 'Temperature', type: 3, int: 4_294_967_291 }, 'edge-1 temperature -5'],
    [{ name: 'Temperature', type: 4, long: -5n }, 'edge-1 temperature -5'],
    [{ name: 'Temperature', type: 7, int: 5 }, 'edge-1 temperature 5'],
    [{ name: 'Temperature', float: 5.1 }, 'edge-1 temperature 5.1'],
    [{ name: 'Temperature', double: -0 }, 'edge-1 temperature 0'],
    [{ name: 'Temperature', double: 0 }, 'edge-1 temperature 0'],
    [{ name: 'Temperature', type: 3, int: 0 }, 'edge-1 temperature 0'],
    [{ name: 'Temperature', unit: '°F', double: 41 }, 'edge-1 temperature 5'],
    [{ name: 'Temperature', unit: 'degF', double: 41 }, 'edge-1 temperature 5'],
    [{ name: 'Temperature', unit: 'furlong', double: 41 }, 'UNIT_NOT_UNDERSTOOD Temperature'],
    [{ name: 'Freezer 1/Temperature', double: -18 }, 'edge-1.Freezer_1 temperature -18'],
    [{ name: 'Pressure', unit: 'kPa', double: 101.325 }, 'edge-1 pressure 1013.25'],
    [{ name: 'Door', bool: true }, 'edge-1 door 1'],
    [{ name: 'Temperature', bool: true }, 'VALUE_NOT_NUMBER Temperature'],
    [{ name: 'Temperature', text: '5.1' }, 'VALUE_NOT_NUMBER Temperature'],
    [{ name: 'Temperature', double: Number.NaN }, 'VALUE_NOT_PHYSICAL Temperature'],
    [{ name: 'Temperature', float: Number.POSITIVE_INFINITY }, 'VALUE_NOT_PHYSICAL Temperature'],
    [{ name: 'Temperature', isNull: true }, ''],
    [{ name: 'Freezer', template: true }, 'FIELD_UNKNOWN Freezer'],
    [{ name: 'History', dataset: true }, 'FIELD_UNKNOWN History'],
    [{ name: 'Motor/RPM', double: 1500 }, ''],
    [{ name: 'Temperature', historical: true, double: 5 }, 'edge-1 temperature 5'],
    [{ name: 'Temperature', at: 1_700_000_000, double: 5 }, 'TIME_NOT_UNDERSTOOD Temperature'],
  ])('%o', (written, expected) => {
    expect(one(written)).toBe(expected);
  });

  test('a historical value without a time of its own is of no time anybody knows', () => {
    const { refused } = listener()(of('NBIRTH'), payload(0, [{ name: 'Temperature', historical: true, double: 5 }]));
    expect(refused).toEqual(['TIME_NOT_UNDERSTOOD Temperature']);
  });

  test('the type and the unit that a birth told hold for the data behind it', () => {
    const { hear } = born(listener(), { type: 2, unit: '°F', int: 41 });
    expect(hear(of('NDATA'), payload(1, [{ alias: 7, int: 65_531, at: AT }]), { arrival: AT }).taken).toEqual([
      `edge-1 temperature -20.5556 ${ISO}`,
    ]);
  });

  test('a metric without a time is of its message, and without that of its arrival', () => {
    const birth = (at: number | null) =>
      listener()(of('NBIRTH'), payload(0, [{ name: 'Temperature', double: 5 }], at)).taken;
    expect([birth(AT), birth(null)]).toEqual([[`edge-1 temperature 5 ${ISO}`], ['edge-1 temperature 5']]);
  });
});

test('what goes down, and the states of other hosts, measure nothing', () => {
  const hear = listener();
  const nothing = { taken: [], refused: [], asked: [] };
  expect(hear(of('NCMD'), payload(null, [{ name: 'temperature', double: 5 }]))).toEqual(nothing);
  expect(hear('spBv1.0/STATE/scada', '{"online":true,"timestamp":1}')).toEqual(nothing);
});

// sparkplug-client publishes so with `compress: true`, Ignition and Tahu by a setting: nothing was taken, and nothing said.
describe('a compressed payload', () => {
  const inner = payload(1, [{ name: 'Temperature', alias: 7, float: 5.3, at: AT }]);
  const packed = (body: Uint8Array, algorithm?: string, uuid = 'SPBV1.0_COMPRESSED') =>
    protobuf(
      ...(algorithm === undefined
        ? []
        : [[2, 'message', metric({ name: 'algorithm', type: 12, text: algorithm })] as const]),
      [4, 'text', uuid],
      [5, 'message', body],
    );

  test.each([
    ['without a word', packed(deflateSync(inner))],
    ['DEFLATE', packed(deflateSync(inner), 'DEFLATE')],
    ['GZIP', packed(gzipSync(inner), 'GZIP')],
  ])('says what the one inside says, its number in the order too (%s)', (_, message) => {
    const { hear } = born();
    const taken = [`edge-1 temperature 5.3 ${ISO}`];
    expect(hear(of('NDATA'), message, { arrival: AT })).toEqual({ taken, refused: [], asked: [] });
    expect(hear(of('NDATA'), payload(2, [{ alias: 7, float: 5.4, at: AT }]), { arrival: AT + 5_000 }).asked).toEqual(
      [],
    );
  });

  test('a birth that is compressed tells aliases', () => {
    const hear = listener();
    const birth = payload(0, [bdSeq(1), { name: 'Temperature', alias: 9, type: 9, float: 5, at: AT }]);
    hear(of('NBIRTH'), packed(deflateSync(birth)), { arrival: AT });
    expect(hear(of('NDATA'), payload(1, [{ alias: 9, float: 5.4, at: AT }]), { arrival: AT }).taken).toHaveLength(1);
  });

  test.each([
    ['damaged', packed(deflateSync(inner).subarray(0, 9))],
    ['not what it says', packed(deflateSync(inner), 'GZIP')],
    ['by another algorithm', packed(inner, 'LZ4')],
    ['more than a message may have', packed(deflateSync(Buffer.alloc(1_048_577)))],
    ['empty', packed(Buffer.alloc(0))],
  ])('that is %s is refused whole', (_, message) => {
    expect(born().hear(of('NDATA'), message, { arrival: AT })).toMatchObject({
      taken: [],
      refused: ['MESSAGE_MALFORMED'],
    });
  });

  test('a body of another kind, or compressed twice, is counted', () => {
    const twice = packed(deflateSync(packed(deflateSync(inner))));
    for (const message of [packed(inner, undefined, 'files'), twice])
      expect(born().hear(of('NDATA'), message, { arrival: AT }).refused).toEqual(['FIELD_UNKNOWN body']);
  });
});

test('what is no protocol buffer is refused whole', () => {
  expect(listener()(of('NDATA'), '{"metrics":[]}').refused).toEqual(['MESSAGE_MALFORMED']);
  expect(listener()(of('NDATA', 'd'), payload(0, [])).refused).toEqual(['MESSAGE_MALFORMED']);
});

test('law: whatever bytes come, in whatever order, nothing crashes and what is taken is physical', () => {
  const written = fc.record(
    {
      name: fc.constantFrom('Temperature', 'Humidity', 'x', 'bdSeq', 'Door'),
      alias: fc.nat(5),
      type: fc.nat(20),
      double: fc.double(),
      int: fc.nat(),
      unit: fc.constantFrom('°F', 'C', 'x'),
      historical: fc.boolean(),
      at: fc.nat(2 ** 31),
    },
    { requiredKeys: [] },
  );
  const message = fc.tuple(
    fc.constantFrom('NBIRTH', 'NDATA', 'NDEATH', 'DBIRTH', 'DDATA', 'DDEATH'),
    fc.oneof(
      fc.tuple(fc.nat(300), fc.array(written, { maxLength: 4 })).map(([seq, metrics]) => payload(seq, metrics)),
      fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
    ),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 12 }), (messages) => {
      const hear = listener();
      for (const [type, bytes] of messages) {
        const { taken } = hear(of(type, type.startsWith('D') ? 'd' : undefined), bytes, { arrival: AT });
        for (const line of taken) expect(line).toMatch(/^edge-1(\.d)? (temperature|humidity|door) -?\d/);
      }
    }),
    { numRuns: 500 },
  );
});
