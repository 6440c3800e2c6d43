import { expect, test } from 'vitest';
import { encodeBatch } from '../../codecs/batch/index.ts';
import type { Sighting } from '../../domain/index.ts';
import { sorted } from './input.ts';

test('a batch of 200,000 reads is taken in whole: what a gateway kept of a busy day comes at once', () => {
  const sightings = Array.from({ length: 200_000 }, (_, n): Sighting => {
    const seen = { firstSeen: n, lastSeen: n, count: 1, rssiDbm: -50 };
    return { reader: 'reader', antenna: 1, epcHex: '3034257BF7194E4000001A85', epcBits: 96, ...seen };
  });
  const batch = { gateway: 'gw', sequence: 1, at: 0, sightings, gpi: [], gaps: [], complete: [] };
  const common = { family: 'trace', partition: 0, source: 'gw', sequence: null, arrival: 0, position: 7 } as const;
  const { sightings: taken } = sorted([{ ...common, kind: 'sightings', version: 1, payload: encodeBatch(batch) }]);
  expect(taken).toHaveLength(200_000);
  expect(taken.at(-1)).toEqual({ position: 7, report: sightings.at(-1) });
});
