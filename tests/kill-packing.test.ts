import { expect, test } from 'vitest';
import { killSeeds } from './packing-killed.ts';

/** One of them kills PostgreSQL, the other the packer; `npm run kill-packing` takes fifty. */
const SEEDS = [6, 4];

test('kill -9 of the packer and of PostgreSQL loses, doubles and changes nothing', async () => {
  const outcomes = [];
  for await (const outcome of killSeeds(SEEDS, { weeks: 1, devices: 6, longestMs: 3_000 })) outcomes.push(outcome);
  expect(outcomes).toMatchObject([
    { killed: 'PostgreSQL', wrong: null },
    { killed: 'packer', wrong: null },
  ]);
}, 240_000);
