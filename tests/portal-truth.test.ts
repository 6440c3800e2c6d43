import { expect, test } from 'vitest';
import { scoreTraffic } from '../bench/portal-score.ts';
import { STANDARD_TRAFFIC } from '../simulators/index.ts';

test('every pallet of a short day at four doors is judged as it was', () => {
  const { pallets } = scoreTraffic({ ...STANDARD_TRAFFIC, pallets: 150, seed: 7 });
  expect(pallets.filter(({ isExact }) => !isExact)).toEqual([]);
  expect(pallets).toHaveLength(150);
});
