import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cleanStarts, formPasses, type PassPortal } from './pass.ts';
import type { GpiEvent, Sighting } from './sighting.ts';

const DOCK: PassPortal = {
  id: 'dock-1',
  antennas: [
    { reader: 'r1', antenna: 1, side: 'outside' },
    { reader: 'r1', antenna: 2, side: 'inside' },
    { reader: 'r1', antenna: 3, side: null },
  ],
  triggers: ['r1/1', 'r1/2'],
  quietMs: 5_000,
  capMs: 60_000,
};

const OUTSIDE = 1;
const INSIDE = 2;

function seen(epcHex: string, antenna: number, firstSeen: number, lastSeen = firstSeen, more: Partial<Sighting> = {}) {
  return { reader: 'r1', antenna, epcHex, epcBits: 96, firstSeen, lastSeen, count: 1, rssiDbm: -60, ...more };
}

function curtain(at: number, isHigh: boolean, port = 1): GpiEvent {
  return { reader: 'r1', port, isHigh, at };
}

describe('forming passes', () => {
  test('reads closer than the quiet time are one pass, later ones the next', () => {
    const passes = formPasses(DOCK, [seen('AA', 1, 0, 1_000), seen('BB', 1, 6_000), seen('CC', 1, 11_001)], []);
    expect(passes.map((pass) => [pass.from, pass.to, pass.endedBy, pass.reads.map((read) => read.epcHex)])).toEqual([
      [0, 6_001, 'quiet', ['AA', 'BB']],
      [11_001, 11_002, 'quiet', ['CC']],
    ]);
  });

  test('a pass begins with the light curtain, before its first read', () => {
    const [pass] = formPasses(DOCK, [seen('AA', 1, 2_000)], [curtain(500, true), curtain(1_500, false)]);
    expect(pass).toMatchObject({ from: 500, to: 2_001, settlesAt: 7_001 });
  });

  test('the next break of a cleared curtain is the next movement, even within the quiet time', () => {
    const gpi = [curtain(0, true), curtain(1_000, false), curtain(3_000, true), curtain(4_000, false)];
    const passes = formPasses(DOCK, [seen('AA', 1, 500), seen('BB', 1, 3_500)], gpi);
    expect(passes.map((pass) => [pass.from, pass.endedBy, pass.reads.map((read) => read.epcHex)])).toEqual([
      [0, 'gpi', ['AA']],
      [3_000, 'quiet', ['BB']],
    ]);
  });

  test('forks that flicker through the curtain stay one movement', () => {
    const gpi = [curtain(0, true), curtain(1_000, false), curtain(1_900, true), curtain(2_500, false)];
    expect(formPasses(DOCK, [seen('AA', 1, 500)], gpi)).toHaveLength(1);
  });

  test('a broken curtain keeps a pass open although nothing is read', () => {
    const gpi = [curtain(0, true), curtain(20_000, false)];
    expect(formPasses(DOCK, [seen('AA', 1, 19_000)], gpi)).toHaveLength(1);
  });

  test('a curtain without tags is a pass without reads', () => {
    expect(formPasses(DOCK, [], [curtain(0, true), curtain(800, false)])).toMatchObject([
      { from: 0, to: 801, reads: [], direction: 'unknown', directionReason: 'no tag shows a direction' },
    ]);
  });

  test('a tag that stays in the field does not hold a pass open beyond the cap', () => {
    const passes = formPasses(DOCK, [seen('AA', 1, 0, 600_000), seen('BB', 1, 61_000)], []);
    expect(passes.map((pass) => [pass.from, pass.to, pass.endedBy])).toEqual([
      [0, 60_000, 'cap'],
      [61_000, 61_001, 'quiet'],
    ]);
  });

  test('other readers, antennas and ports are none of this portal', () => {
    const stranger = seen('AA', 1, 0, 0, { reader: 'r2' });
    expect(formPasses(DOCK, [stranger, seen('AA', 9, 0)], [curtain(0, true, 9)])).toEqual([]);
  });

  test('first outside and last inside is in, the other way round out', () => {
    const [pass] = formPasses(
      DOCK,
      [
        seen('AA', OUTSIDE, 0, 2_000),
        seen('AA', INSIDE, 1_000, 3_000),
        seen('BB', INSIDE, 0, 2_000),
        seen('BB', OUTSIDE, 1_000, 3_000),
        seen('CC', OUTSIDE, 0, 3_000),
        seen('CC', INSIDE, 1_000, 2_000),
        seen('DD', OUTSIDE, 0),
        seen('EE', 3, 0),
        seen('FF', OUTSIDE, 0, 2_000),
        seen('FF', INSIDE, 1_000, 3_000),
      ],
      [],
    );
    expect(pass?.reads.map((read) => [read.epcHex, read.direction, read.directionReason])).toEqual([
      ['AA', 'in', 'seen first outside, last inside'],
      ['BB', 'out', 'seen first inside, last outside'],
      ['CC', 'unknown', 'seen first and last by the outside'],
      ['DD', 'unknown', 'seen by the outside only'],
      ['EE', 'unknown', 'seen by no antenna that has a side only'],
      ['FF', 'in', 'seen first outside, last inside'],
    ]);
    expect(pass).toMatchObject({ direction: 'in', directionReason: '2 of 6 tags moved in' });
  });

  test('counts add up over antennas and the best signal is kept', () => {
    const [pass] = formPasses(
      DOCK,
      [
        seen('AA', OUTSIDE, 0, 9, { count: 3, rssiDbm: -70 }),
        seen('AA', INSIDE, 5, 20, { count: 4, rssiDbm: null }),
        seen('AA', OUTSIDE, 10, 12, { count: 1, rssiDbm: -55 }),
      ],
      [],
    );
    expect(pass?.reads).toEqual([
      expect.objectContaining({
        firstSeen: 0,
        lastSeen: 20,
        count: 8,
        rssiDbm: -55,
        outside: { firstSeen: 0, lastSeen: 12, count: 4, rssiDbm: -55 },
        inside: { firstSeen: 5, lastSeen: 20, count: 4, rssiDbm: null },
      }),
    ]);
  });

  test('two encodings of one thing are one read', () => {
    const sightings = [seen('BB', OUTSIDE, 0), seen('AA', INSIDE, 1_000)];
    const [pass] = formPasses(DOCK, sightings, [], () => 'the same');
    expect(pass?.reads).toMatchObject([{ epcHex: 'AA', count: 2, direction: 'in' }]);
  });

  test('a quiet time that is not positive is refused', () => {
    expect(() => formPasses({ ...DOCK, quietMs: 0 }, [], [])).toThrow(RangeError);
  });
});

const someSighting = fc
  .record({
    epcHex: fc.constantFrom('AA', 'BB', 'CC', 'DD'),
    antenna: fc.constantFrom(1, 2, 3),
    firstSeen: fc.integer({ min: 0, max: 200_000 }),
    length: fc.oneof(fc.integer({ min: 0, max: 8_000 }), fc.integer({ min: 0, max: 150_000 })),
    count: fc.integer({ min: 1, max: 50 }),
    rssiDbm: fc.option(fc.integer({ min: -80, max: -30 })),
  })
  .map(({ length, ...rest }): Sighting => {
    return { reader: 'r1', epcBits: 96, ...rest, lastSeen: rest.firstSeen + length };
  });
const someSightings = fc.uniqueArray(someSighting, {
  maxLength: 40,
  selector: (sighting) => `${sighting.epcHex}|${sighting.antenna}|${sighting.firstSeen}`,
});
const someGpi = fc.array(
  fc.record({
    reader: fc.constant('r1'),
    port: fc.constantFrom(1, 2),
    isHigh: fc.boolean(),
    at: fc.integer({ min: 0, max: 200_000 }),
  }),
  { maxLength: 12 },
);

describe('laws of pass formation', () => {
  test('any order and any repeated or partial reports give the same passes', () => {
    fc.assert(
      fc.property(someSightings, someGpi, fc.infiniteStream(fc.nat()), (sightings, gpi, dice) => {
        const roll = () => Number(dice.next().value);
        const partial = sightings
          .filter(() => roll() % 3 === 0)
          .map((sighting) => ({ ...sighting, lastSeen: sighting.firstSeen, count: 1, rssiDbm: null }));
        const shuffled = <T>(all: T[]) => all.map((one) => ({ one, at: roll() })).sort((a, b) => a.at - b.at);
        const reports = shuffled([...sightings, ...partial]).map(({ one }) => one);
        const events = shuffled([...gpi, ...gpi.slice(0, 3)]).map(({ one }) => one);
        expect(formPasses(DOCK, reports, events)).toEqual(formPasses(DOCK, sightings, gpi));
      }),
    );
  });

  test('every sighting belongs to exactly one pass, and passes do not overlap', () => {
    fc.assert(
      fc.property(someSightings, someGpi, (sightings, gpi) => {
        const passes = formPasses(DOCK, sightings, gpi);
        for (const [index, pass] of passes.entries()) {
          expect(pass.to).toBeGreaterThan(pass.from);
          expect(pass.to - pass.from).toBeLessThanOrEqual(DOCK.capMs);
          expect(pass.reads.length > 0 || gpi.some(({ isHigh }) => isHigh)).toBe(true);
          expect(pass.settlesAt).toBeGreaterThanOrEqual(pass.to);
          const next = passes[index + 1];
          if (next !== undefined) expect(next.from).toBeGreaterThanOrEqual(pass.to);
        }
        for (const sighting of sightings) {
          const holding = passes
            .flatMap((pass) => pass.reads)
            .filter(({ epcHex, firstSeen, lastSeen }) => {
              return epcHex === sighting.epcHex && firstSeen <= sighting.firstSeen && lastSeen >= sighting.lastSeen;
            });
          expect(holding.length).toBeGreaterThan(0);
        }
        const counted = passes.flatMap((pass) => pass.reads).reduce((sum, read) => sum + read.count, 0);
        expect(counted).toBe(sightings.reduce((sum, sighting) => sum + sighting.count, 0));
      }),
    );
  });

  test('passes from a clean start on are the same without anything before it', () => {
    fc.assert(
      fc.property(someSightings, someGpi, (sightings, gpi) => {
        const passes = formPasses(DOCK, sightings, gpi);
        for (const start of cleanStarts(DOCK, sightings, gpi)) {
          const later = formPasses(
            DOCK,
            sightings.filter((sighting) => sighting.firstSeen >= start),
            gpi.filter((event) => event.at >= start),
          );
          expect(later).toEqual(passes.filter((pass) => pass.from >= start));
        }
      }),
    );
  });
});
