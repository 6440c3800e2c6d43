import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PoisonIsolation } from './poison-isolation.ts';

const PLACE = { family: 'readings', partition: 0 } as const;

describe('isolation', () => {
  it('buries exactly the records at fault, takes all others once and in order, and does not try for ever', () => {
    const log = fc.array(fc.boolean(), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(log, fc.integer({ min: 1, max: 64 }), (isBad, batchRecords) => {
        const isolation = new PoisonIsolation();
        const taken: number[] = [];
        const buried: number[] = [];
        let checkpoint = 0;
        let tries = 0;
        while (checkpoint < isBad.length) {
          tries++;
          const narrowed = isolation.limit(PLACE, checkpoint);
          const most = Math.min(batchRecords, narrowed?.records ?? batchRecords);
          const last = Math.min(checkpoint + most, narrowed?.until ?? isBad.length, isBad.length);
          const batch = Array.from({ length: last - checkpoint }, (_, index) => checkpoint + 1 + index);
          if (!batch.some((position) => isBad[position - 1])) {
            taken.push(...batch);
          } else {
            const decision = isolation.failed(PLACE, checkpoint, last, batch.length);
            if (decision !== 'deadLetter') continue;
            buried.push(...batch);
          }
          isolation.passed(PLACE, last);
          checkpoint = last;
        }
        const positions = isBad.map((_, index) => index + 1);
        expect(buried).toEqual(positions.filter((position) => isBad[position - 1]));
        expect(taken).toEqual(positions.filter((position) => !isBad[position - 1]));
        expect(tries).toBeLessThanOrEqual(20 * isBad.length);
      }),
    );
  });

  it('leaves other partitions and later batches alone', () => {
    const isolation = new PoisonIsolation();
    for (let failure = 0; failure < 3; failure++) isolation.failed(PLACE, 10, 30, 20);
    expect(isolation.limit(PLACE, 10)).toEqual({ records: 10, until: 30 });
    expect(isolation.limit({ family: 'trace', partition: 0 }, 10)).toBeNull();
    expect(isolation.limit(PLACE, 30)).toBeNull();
  });
});
