import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GrowingPass } from './growing-pass.ts';
import { formPasses, type PassPortal } from './pass.ts';
import type { GpiEvent, Sighting } from './sighting.ts';

const DOOR: PassPortal = {
  id: 'dock',
  antennas: [
    { reader: 'r', antenna: 1, side: 'outside' },
    { reader: 'r', antenna: 2, side: 'inside' },
  ],
  triggers: ['r/1'],
  quietMs: 3_000,
  capMs: 20_000,
};

const someSighting = fc
  .record({
    antenna: fc.constantFrom(1, 2, 3),
    tag: fc.nat(5),
    // Mostly of one pass.
    from: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 8_000, max: 14_000 }) }, fc.nat(30_000)),
    ms: fc.integer({ min: 0, max: 6_000 }),
    count: fc.integer({ min: 1, max: 9 }),
    rssiDbm: fc.constantFrom(-45, -60, null),
  })
  .map(({ antenna, tag, from, ms, count, rssiDbm }): Sighting => {
    const seen = { firstSeen: from, lastSeen: from + ms, count, rssiDbm };
    return { reader: 'r', antenna, epcHex: `E${tag}`, epcBits: 96, ...seen };
  });
const someTrigger = fc.record({
  from: fc.integer({ min: 8_000, max: 16_000 }),
  ms: fc.integer({ min: 100, max: 4_000 }),
});
/** Two encodings of one thing. */
const identify = (epcHex: string) => (epcHex === 'E5' ? 'E4' : epcHex);

test('a pass that grows is the pass of everything seen, in any batches and order, reports said again included', () => {
  let grew = 0;
  const property = fc.property(
    fc.array(fc.array(someSighting, { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 }),
    fc.array(someTrigger, { maxLength: 2 }),
    fc.boolean(),
    (batches, triggers, isSaidAgain) => {
      const gpi = triggers.flatMap(({ from, ms }): GpiEvent[] => [
        { reader: 'r', port: 1, isHigh: true, at: from },
        { reader: 'r', port: 1, isHigh: false, at: from + ms },
      ]);
      const seen: Sighting[] = [];
      let growing = GrowingPass.of(DOOR, [], gpi.slice(0, 0), identify);
      for (const [index, batch] of batches.entries()) {
        const more = isSaidAgain ? [...batch, ...(batches[index - 1] ?? []).map(longer)] : batch;
        seen.push(...more);
        const formed = formPasses(DOOR, seen, gpi, identify);
        if (growing?.add(more) === true) {
          grew++;
          expect([growing.pass]).toEqual(formed);
        } else {
          growing = GrowingPass.of(DOOR, seen, gpi, identify);
          if (growing === null) expect(formed).not.toHaveLength(1);
          else expect([growing.pass]).toEqual(formed);
        }
      }
    },
  );
  fc.assert(property, { numRuns: 500 });
  expect(grew).toBeGreaterThan(50);
});

test('a tag of which nothing new is seen keeps its read', () => {
  const one = { reader: 'r', antenna: 1, epcHex: 'AA', epcBits: 96, lastSeen: 2_000, count: 1, rssiDbm: -50 };
  const growing = GrowingPass.of(DOOR, [{ ...one, firstSeen: 1_000 }], [], identify);
  const [before] = growing?.pass.reads ?? [];
  expect(growing?.add([{ ...one, epcHex: 'BB', firstSeen: 1_500 }])).toBe(true);
  expect(growing?.pass.reads).toHaveLength(2);
  expect(growing?.pass.reads[0]).toBe(before);
});

test('what comes after it was quiet, before it began or past its cap is not added', () => {
  const one = { reader: 'r', antenna: 1, epcHex: 'AA', epcBits: 96, count: 1, rssiDbm: -50 };
  const growing = GrowingPass.of(DOOR, [{ ...one, firstSeen: 10_000, lastSeen: 11_000 }], [], identify);
  const before = growing?.pass;
  for (const firstSeen of [9_999, 14_001, 30_000]) {
    expect(growing?.add([{ ...one, firstSeen, lastSeen: firstSeen }])).toBe(false);
    expect(growing?.pass).toBe(before);
  }
  expect(growing?.isOverBefore(14_000)).toBe(false);
  expect(growing?.isOverBefore(14_001)).toBe(true);
});

function longer(sighting: Sighting): Sighting {
  return { ...sighting, lastSeen: sighting.lastSeen + 500, count: sighting.count + 1 };
}
