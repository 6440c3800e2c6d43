import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type GatewayBatch, InputError, mergeTids, ReadingBuilder, type ReadingColumns } from '../../domain/index.ts';
import { decodeBatch, encodeBatch } from './index.ts';

const time = fc.integer({ min: 0, max: 253_402_300_799_999 });
const reader = fc.constantFrom('dock-1', 'dock-2', 'Tür 3');
const whole = fc.nat({ max: 70_000 });

/** A maker's and model's word, or the one tag's. */
const tid = fc
  .tuple(fc.constantFrom('E2801160', 'E2806894', 'E0040100'), fc.constantFrom('', '20007A52', '20007A520B1C5E71'))
  .map((words) => words.join(''));

const sighting = fc
  .record({
    reader,
    antenna: whole,
    epcBits: fc.integer({ min: 0, max: 300 }),
    hex: fc.uint8Array({ minLength: 38, maxLength: 38 }),
    firstSeen: time,
    lastSeen: time,
    count: whole,
    rssiDbm: fc.option(fc.integer({ min: -32_767, max: 32_767 }).map((n) => n / 100)),
    tids: fc.array(tid, { maxLength: 5 }),
  })
  .map(({ hex, tids, ...rest }) => ({
    ...rest,
    ...(tids.length > 0 && { tids: mergeTids(tids) }),
    epcHex: Buffer.from(hex)
      .toString('hex')
      .toUpperCase()
      .slice(0, Math.ceil(rest.epcBits / 8) * 2),
  }));

const shownLight = fc.record({
  portal: fc.string({ unit: 'binary', maxLength: 20 }),
  from: time,
  to: time,
  at: time,
  light: fc.constantFrom('green', 'amber', 'red'),
  manifest: whole,
  reason: fc.string({ unit: 'binary', maxLength: 40 }),
});

const said: fc.Arbitrary<GatewayBatch> = fc.record({
  gateway: fc.stringMatching(/^[A-Za-z0-9._:-]{1,128}$/),
  sequence: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  at: time,
  sightings: fc.array(sighting, { maxLength: 20 }),
  gpi: fc.array(fc.record({ reader, port: whole, isHigh: fc.boolean(), at: time }), { maxLength: 5 }),
  gaps: fc.array(fc.record({ reader, from: time, to: time, reason: fc.string({ unit: 'binary', maxLength: 40 }) }), {
    maxLength: 5,
  }),
  complete: fc.array(fc.record({ reader, at: time }), { maxLength: 5 }),
});
const batches = fc
  .tuple(said, fc.array(shownLight, { maxLength: 3 }))
  .map(([batch, shown]): GatewayBatch => (shown.length === 0 ? batch : { ...batch, shown }));

const readings: fc.Arbitrary<ReadingColumns> = fc
  .array(fc.tuple(fc.constantFrom('logger-1', 'logger-2.probe:b'), fc.nat({ max: 255 }), time, fc.double()), {
    maxLength: 30,
  })
  .map((rows) => {
    const builder = new ReadingBuilder();
    for (const row of rows) builder.add(...row);
    return builder.view();
  });

function rowsOf(columns: ReadingColumns | null): unknown[] | null {
  if (columns === null) return null;
  return Array.from({ length: columns.count }, (_, i) => [
    columns.devices[columns.device[i] ?? -1],
    columns.metric[i],
    columns.time[i],
    columns.value[i],
  ]);
}

const plain: GatewayBatch = {
  gateway: 'gw-lyon-1',
  sequence: 42,
  at: 1_795_341_600_000,
  sightings: [],
  gpi: [],
  gaps: [],
  complete: [],
};

describe('gateway batch', () => {
  test('what a gateway says is what is read, whatever it says', () => {
    fc.assert(
      fc.property(batches, fc.option(readings), (batch, columns) => {
        const decoded = decodeBatch(encodeBatch(batch, columns));
        expect(decoded.batch).toEqual(batch);
        expect(rowsOf(decoded.readings)).toEqual(rowsOf(columns));
      }),
    );
  });

  test('encoded again without its readings it is the same batch', () => {
    fc.assert(
      fc.property(batches, readings, (batch, columns) => {
        const decoded = decodeBatch(encodeBatch(decodeBatch(encodeBatch(batch, columns)).batch));
        expect(decoded).toEqual({ batch, readings: null });
      }),
    );
  });

  test('any bytes are read or refused with an offset, never anything else', () => {
    const seeds = batches.map((batch) => encodeBatch(batch));
    const damaged = fc
      .tuple(seeds, fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 }))
      .map(([bytes, changes]) => {
        const copy = bytes.slice();
        for (const [at, value] of changes) copy[at % copy.length] = value;
        return copy;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 80 }), damaged), (bytes) => {
        try {
          decodeBatch(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect((error as InputError).details).toHaveProperty('offset');
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a batch cut anywhere is refused', () => {
    const builder = new ReadingBuilder();
    builder.add('logger-1', 1, plain.at, 5.1);
    const bytes = encodeBatch({ ...plain, complete: [{ reader: 'dock-1', at: plain.at }] }, builder.view());
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeBatch(bytes.subarray(0, length)), `${length} bytes`).toThrow(InputError);
    }
    expect(() => decodeBatch(new Uint8Array([...bytes, 0]))).toThrow('1 bytes follow the last section');
  });

  test('a count that cannot fit is refused before any memory is taken for it', () => {
    const bytes = encodeBatch(plain);
    const readersAt = bytes.length - 5;
    const lying = [...bytes.subarray(0, readersAt), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f];
    expect(() => decodeBatch(new Uint8Array(lying))).toThrow(
      `offset ${lying.length}: 9007199254740991 readers cannot fit into the remaining 0 bytes`,
    );
  });

  test('a version to come is named, not guessed at', () => {
    expect(() => decodeBatch(new Uint8Array([2, 0]))).toThrow('version 2; known: 1');
  });

  test('what the format cannot say is refused where it is made', () => {
    expect(() => encodeBatch({ ...plain, sequence: 0 })).toThrow(InputError);
    expect(() => encodeBatch({ ...plain, gateway: 'a b' })).toThrow(InputError);
    expect(() => encodeBatch({ ...plain, at: 1.5 })).toThrow(InputError);
    const seen = { reader: 'r', antenna: 1, firstSeen: 0, lastSeen: 0, count: 1, rssiDbm: null };
    expect(() => encodeBatch({ ...plain, sightings: [{ ...seen, epcHex: '3074', epcBits: 96 }] })).toThrow('96 bits');
    expect(() => encodeBatch({ ...plain, sightings: [{ ...seen, epcHex: 'ab', epcBits: 8 }] })).toThrow('upper-case');
  });
});

describe('docs/batch.md', () => {
  const page = readFileSync(new URL('../../docs/batch.md', import.meta.url), 'utf8');
  const example = page.split('## Worked example')[1] ?? '';
  const documented = Buffer.from(
    [...example.matchAll(/^\| `([0-9A-F ]+)` \|/gm)].map(([, hex]) => (hex ?? '').replaceAll(' ', '')).join(''),
    'hex',
  );

  test('the worked example is byte for byte what the codec writes and reads', () => {
    const batch: GatewayBatch = {
      gateway: 'gw-lyon-1',
      sequence: 42,
      at: Date.parse('2026-11-22T10:00:00.000Z'),
      sightings: [
        {
          reader: 'dock-1',
          antenna: 1,
          epcHex: '3074257BF7194E4000001A85',
          epcBits: 96,
          firstSeen: Date.parse('2026-11-22T09:59:58.000Z'),
          lastSeen: Date.parse('2026-11-22T09:59:58.500Z'),
          count: 7,
          rssiDbm: -61.5,
        },
        {
          reader: 'dock-2',
          antenna: 4,
          epcHex: '3074257BF7194E4000001A85',
          epcBits: 96,
          firstSeen: Date.parse('2026-11-22T09:59:58.100Z'),
          lastSeen: Date.parse('2026-11-22T09:59:58.100Z'),
          count: 1,
          rssiDbm: null,
        },
      ],
      gpi: [{ reader: 'dock-1', port: 1, isHigh: true, at: Date.parse('2026-11-22T09:59:57.900Z') }],
      gaps: [
        {
          reader: 'dock-2',
          from: Date.parse('2026-11-22T09:59:50.000Z'),
          to: Date.parse('2026-11-22T09:59:51.000Z'),
          reason: 'connection lost',
        },
      ],
      complete: [{ reader: 'dock-1', at: Date.parse('2026-11-22T10:00:00.000Z') }],
    };
    const builder = new ReadingBuilder();
    builder.add('logger-7', 1, Date.parse('2026-11-22T09:59:00.000Z'), 5.1);
    builder.add('logger-7', 2, Date.parse('2026-11-22T09:59:00.000Z'), 45);
    expect(Buffer.from(encodeBatch(batch, builder.view())).toString('hex')).toBe(documented.toString('hex'));
    expect(decodeBatch(documented).batch).toEqual(batch);
    expect(rowsOf(decodeBatch(documented).readings)).toEqual(rowsOf(builder.view()));
  });
});
