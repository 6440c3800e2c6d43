import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { record } from './conformance.ts';
import { Tail, type TailReader } from './tail.ts';

describe('the tail', () => {
  it('gives what follows a position without a hole, or says that it is not in memory', () => {
    // Commits of this process (its records) and of others (only their number of positions), and readers of any place.
    const step = fc.record({ isOurs: fc.boolean(), records: fc.integer({ min: 1, max: 5 }), jump: fc.nat(3) });
    const reads = fc.array(fc.record({ after: fc.nat(80), most: fc.integer({ min: 1, max: 8 }) }), { maxLength: 5 });
    const plan = fc.array(fc.record({ step, reads }), { maxLength: 20 });
    fc.assert(
      fc.property(plan, fc.nat(3000), fc.nat(60), (steps, handOverBytes, slowest) => {
        const tail = new Tail({ handOverBytes });
        const reader: TailReader = { families: ['readings'], positions: { 'readings/0': slowest }, wake() {} };
        tail.add(reader);
        const all: number[] = [];
        let head = 0;
        for (const { step, reads } of steps) {
          const previous = head;
          const positions = Array.from({ length: step.records }, (_, index) => head + step.jump + index + 1);
          head = positions.at(-1) ?? head;
          all.push(...positions);
          const records = positions.map((position) => ({ ...record('12345'), position }));
          if (step.isOurs) tail.committed('readings', 0, previous, head, records);
          else tail.reaches('readings', 0, head);
          expect(tail.head('readings', 0)).toBe(head);
          for (const { after, most } of reads) {
            const got = tail.after('readings', 0, after, 1000, most)?.map(({ position }) => position);
            if (got === undefined) continue;
            expect(got).toEqual(all.filter((position) => position > after).slice(0, got.length));
            expect(got.length).toBeGreaterThan(0);
            expect(got.length).toBeLessThanOrEqual(most);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('hands over what was just committed to whoever is at its beginning, and keeps nothing that all have passed', () => {
    const tail = new Tail({ handOverBytes: 1_000_000 });
    const reader: TailReader = { families: ['readings'], positions: { 'readings/0': 10 }, wake() {} };
    tail.add(reader);
    const records = [11, 12].map((position) => ({ ...record('a'), position }));
    tail.committed('readings', 0, 10, 12, records);
    expect(tail.after('readings', 0, 10, 1000, 10)).toEqual(records);
    reader.positions = { 'readings/0': 12 };
    tail.trim('readings', 0);
    expect(tail.after('readings', 0, 10, 1000, 10)).toBeNull();
  });
});
