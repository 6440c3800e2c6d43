import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { sharedTestdata, WITHOUT_SAMPLES } from '../tests/parts.ts';
import { meanKineticTemperature } from './mkt.ts';

const VECTORS = sharedTestdata('mkt-vectors.json');

test('a steady temperature is its own mean kinetic temperature', () => {
  expect(meanKineticTemperature([5], [10])).toBeCloseTo(5, 9);
});

test('warm hours weigh more than cold ones', () => {
  expect(meanKineticTemperature([2, 8], [1, 1])).toBeCloseTo(5.5364, 4);
});

test('nothing known has none', () => {
  expect(meanKineticTemperature([5, 9], [0, 0])).toBeNull();
});

test('agrees with values computed elsewhere', (context) => {
  if (VECTORS === null) return context.skip(WITHOUT_SAMPLES);
  const { cases } = JSON.parse(readFileSync(VECTORS, 'utf8')) as {
    cases: { segments_C_hours: [number, number][]; mkt_C: number }[];
  };
  expect(cases.length).toBeGreaterThan(5);
  for (const { segments_C_hours, mkt_C } of cases) {
    const values = segments_C_hours.map(([celsius]) => celsius);
    const weights = segments_C_hours.map(([, hours]) => hours);
    expect(meanKineticTemperature(values, weights)).toBeCloseTo(mkt_C, 3);
  }
});
