import { expect, test } from 'vitest';
import { ManualTime } from '../../domain/index.ts';
import { pushPallet } from './pallet.ts';
import { SimulatedReader, type SimulatedSighting } from './reader.ts';

test('a pallet of 40 is read whole, at the outer antenna before the inner one, strongest in between', async () => {
  const time = new ManualTime(0);
  const seen: (SimulatedSighting & { at: number })[] = [];
  const reader = new SimulatedReader({ time });
  reader.see = (sighting) => seen.push({ ...sighting, at: time.now() }) > 0;
  const epcs = Array.from({ length: 40 }, (_, n) => n.toString(16).padStart(24, '0').toUpperCase());
  const done = pushPallet({ reader, time, epcs, antennas: [1, 2] });
  await time.advance(4000);
  expect(await done).toBe(seen.length);
  expect(new Set(seen.map(({ epcHex }) => epcHex)).size).toBe(40);
  for (const epcHex of epcs) {
    const middle = (antenna: number) => {
      const at = seen.filter((one) => one.epcHex === epcHex && one.antenna === antenna).map((one) => one.at);
      return at.reduce((sum, one) => sum + one, 0) / at.length;
    };
    expect(middle(1)).toBeLessThan(middle(2));
  }
  const loudest = seen
    .filter(({ antenna }) => antenna === 1)
    .toSorted((a, b) => (b.rssiDbm ?? 0) - (a.rssiDbm ?? 0))[0];
  expect(loudest?.at).toBeGreaterThan(500);
  expect(loudest?.at).toBeLessThan(1600);
});
