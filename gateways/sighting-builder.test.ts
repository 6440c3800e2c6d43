import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeSightings, type Sighting } from '../domain/index.ts';
import { SightingBuilder } from './sighting-builder.ts';

const rules = { gapMs: 2000, capMs: 60_000 };

function read(at: number, changes: Partial<Sighting> = {}): Sighting {
  const base = { reader: 'dock-1', antenna: 1, epcHex: 'AA', epcBits: 8, count: 1, rssiDbm: -60 };
  return { ...base, firstSeen: at, lastSeen: at, ...changes };
}

function built(reads: readonly Sighting[], now = 0): Sighting[] {
  const builder = new SightingBuilder(rules);
  for (const one of reads) builder.add(one, now);
  return builder.takeChanged(now);
}

describe('reads become sightings', () => {
  test('reads close together are one, reads further apart than the gap are two', () => {
    expect(built([read(0), read(2000), read(4001)]).map(({ firstSeen, count }) => [firstSeen, count])).toEqual([
      [0, 2],
      [4001, 1],
    ]);
  });

  test('antennas and EPCs are kept apart, an EPC of another length too', () => {
    const apart = [read(0), read(0, { antenna: 2 }), read(0, { epcHex: 'BB' }), read(0, { epcBits: 7 })];
    expect(built(apart)).toHaveLength(4);
  });

  test('a tag that never leaves is cut at the cap', () => {
    const reads = Array.from({ length: 121 }, (_, n) => read(n * 1000));
    expect(built(reads).map(({ firstSeen }) => firstSeen)).toEqual([0, 60_000, 120_000]);
  });

  test('a late read from before the first one joins without changing the identity', () => {
    expect(built([read(5000), read(4000)])).toEqual([read(5000, { count: 2 })]);
  });

  test('the best RSSI counts, and one reader without it does not hide it', () => {
    expect(built([read(0, { rssiDbm: null }), read(1, { rssiDbm: -70 }), read(2, { rssiDbm: -50 }), read(3)])).toEqual([
      read(0, { lastSeen: 3, count: 4, rssiDbm: -50 }),
    ]);
  });

  test('what is new is taken at once and only once; growth comes with the next update', () => {
    const builder = new SightingBuilder(rules);
    builder.add(read(0), 0);
    expect(builder.takeNew()).toEqual([read(0)]);
    builder.add(read(500), 500);
    expect(builder.takeNew()).toEqual([]);
    expect(builder.takeChanged(1000)).toEqual([read(0, { lastSeen: 500, count: 2 })]);
    expect(builder.takeChanged(1100)).toEqual([]);
  });

  test('in need of room what is known is reported again only once it is over', () => {
    const builder = new SightingBuilder(rules);
    builder.add(read(0), 0);
    builder.takeNew();
    builder.add(read(500), 500);
    expect(builder.takeEnded(1000)).toEqual([]);
    expect(builder.takeEnded(2501)).toEqual([read(0, { lastSeen: 500, count: 2 })]);
    expect(builder.open).toEqual([]);
  });

  test('law: however reads come in and whenever reports are taken, the merged reports hold every read once', () => {
    const anyRead = fc.record({ at: fc.nat(20_000), antenna: fc.integer({ min: 1, max: 2 }), take: fc.boolean() });
    fc.assert(
      fc.property(fc.array(anyRead, { maxLength: 60 }), (steps) => {
        const builder = new SightingBuilder(rules);
        const merged = new Map<string, Sighting>();
        const report = (sightings: Sighting[]) => {
          for (const one of sightings) {
            const key = `${one.antenna} ${one.firstSeen}`;
            const before = merged.get(key);
            merged.set(key, before === undefined ? one : mergeSightings(before, one));
          }
        };
        const inOrder = steps.toSorted((a, b) => a.at - b.at);
        for (const { at, antenna, take } of inOrder) {
          builder.add(read(at, { antenna }), at);
          report(take ? builder.takeChanged(at) : builder.takeNew());
        }
        report(builder.takeChanged(30_000));
        const total = [...merged.values()].reduce((sum, { count }) => sum + count, 0);
        expect(total).toBe(steps.length);
        for (const { at, antenna } of steps) {
          const holder = [...merged.values()].find(
            (one) => one.antenna === antenna && one.firstSeen <= at && at <= one.lastSeen,
          );
          expect(holder).toBeDefined();
        }
      }),
    );
  });
});

test('a change of the light curtain cuts sightings, also when the reads come after it all', () => {
  const builder = new SightingBuilder({ gapMs: 2000, capMs: 60_000 });
  for (const at of [5_000, 3_000]) builder.cut(at);
  for (const at of [2_000, 2_900, 3_000, 4_000, 5_500]) builder.add(read(at), 9_000);
  const times = builder.takeNew().map(({ firstSeen, lastSeen }) => [firstSeen, lastSeen]);
  expect(times).toEqual([
    [2_000, 2_900],
    [3_000, 4_000],
    [5_500, 5_500],
  ]);
});
