import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Checkpoints, LogReader, LogRecord } from '../../domain/index.ts';
import { record as newRecord } from './conformance.ts';
import { Tail } from './tail.ts';

const record = (text: string, fields: Partial<LogRecord> = {}) => ({ ...newRecord(text), partition: 0, ...fields });

describe('the tail', () => {
  it('gives what follows a position without a hole, or says that it is not in memory', () => {
    // Commits of this process (its records) and of others (only their number of positions), and readers of any place.
    const step = fc.record({ isOurs: fc.boolean(), records: fc.integer({ min: 1, max: 5 }), jump: fc.nat(3) });
    const reads = fc.array(fc.record({ after: fc.nat(80), most: fc.integer({ min: 1, max: 8 }) }), { maxLength: 5 });
    const plan = fc.array(fc.record({ step, reads }), { maxLength: 20 });
    fc.assert(
      fc.property(plan, fc.nat(3000), fc.nat(60), (steps, handOverBytes, slowest) => {
        const tail = new Tail({ handOverBytes });
        const reader: LogReader & { positions: Checkpoints } = {
          families: ['readings'],
          positions: { 'readings/0': slowest },
          wake() {},
        };
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
    const reader: LogReader & { positions: Checkpoints } = {
      families: ['readings'],
      positions: { 'readings/0': 10 },
      wake() {},
    };
    tail.add(reader);
    const records = [11, 12].map((position) => ({ ...record('a'), position }));
    tail.committed('readings', 0, 10, 12, records);
    expect(tail.after('readings', 0, 10, 1000, 10)).toEqual(records);
    reader.positions = { 'readings/0': 12 };
    tail.trim('readings', 0);
    expect(tail.after('readings', 0, 10, 1000, 10)).toBeNull();
  });
});

describe('the bounds of the log in memory', () => {
  const at = (position: number, text = 'a') => ({ ...record(text), position });
  const positionsOf = (records: readonly { position: number }[] | null) => records?.map(({ position }) => position);
  const readerAt = (position: number): LogReader & { positions: Checkpoints } => ({
    ...{ families: ['readings'], positions: { 'readings/0': position }, wake() {} },
  });

  it('what is beyond them leaves, the oldest first, and whoever stands before it reads the table', () => {
    // Three records of 256 bytes besides their payload fit, a fourth does not.
    const tail = new Tail({ handOverBytes: 3 * 257 });
    tail.add(readerAt(0));
    tail.committed('readings', 0, 0, 3, [at(1), at(2), at(3)]);
    expect(positionsOf(tail.after('readings', 0, 0, 1000, 10))).toEqual([1, 2, 3]);
    tail.committed('readings', 0, 3, 4, [at(4)]);
    expect(tail.after('readings', 0, 0, 1000, 10)).toBeNull();
    expect(positionsOf(tail.after('readings', 0, 1, 1000, 10))).toEqual([2, 3, 4]);
  });

  it('records that another process has appended in between are a break: what lies before is forgotten', () => {
    const tail = new Tail({ handOverBytes: 1_000_000 });
    tail.add(readerAt(0));
    tail.committed('readings', 0, 0, 2, [at(1), at(2)]);
    tail.committed('readings', 0, 5, 6, [at(6)]);
    expect(tail.after('readings', 0, 2, 1000, 10)).toBeNull();
    expect(positionsOf(tail.after('readings', 0, 5, 1000, 10))).toEqual([6]);
    expect(tail.after('readings', 0, 6, 1000, 10)).toBeNull();
  });

  it('a batch has one record at least, as many as fit, and not one more', () => {
    const tail = new Tail({ handOverBytes: 1_000_000 });
    tail.add(readerAt(0));
    tail.committed('readings', 0, 0, 3, [at(1, 'aaaa'), at(2, 'aaaa'), at(3, 'aaaa')]);
    expect(positionsOf(tail.after('readings', 0, 0, 1, 10))).toEqual([1]);
    expect(positionsOf(tail.after('readings', 0, 0, 8, 10))).toEqual([1, 2]);
    expect(positionsOf(tail.after('readings', 0, 0, 7, 10))).toEqual([1]);
    expect(positionsOf(tail.after('readings', 0, 0, 100, 2))).toEqual([1, 2]);
  });

  it('says whether so many bytes wait, as far as this process can say', () => {
    const tail = new Tail({ handOverBytes: 1_000_000 });
    tail.add(readerAt(10));
    expect(tail.holds('readings', 0, 10, 1)).toBe(false);
    tail.committed('readings', 0, 10, 12, [at(11, 'aaaa'), at(12, 'aaaa')]);
    expect(tail.holds('readings', 0, 10, 8)).toBe(true);
    expect(tail.holds('readings', 0, 10, 9)).toBe(false);
    expect(tail.holds('readings', 0, 11, 4)).toBe(true);
    expect(tail.holds('readings', 0, 12, 1)).toBe(false);
    // Not in memory: it may be any amount.
    expect(tail.holds('readings', 0, 3, 1_000)).toBe(true);
  });

  it('a head only ever grows, and wakes those who read its family', () => {
    const tail = new Tail({ handOverBytes: 1_000 });
    const woken: string[] = [];
    tail.add({ families: ['readings'], positions: {}, wake: () => woken.push('readings') });
    tail.add({ families: ['trace'], positions: {}, wake: () => woken.push('trace') });
    tail.reaches('readings', 0, 5);
    tail.reaches('readings', 0, 5);
    tail.reaches('readings', 0, 4);
    expect([tail.head('readings', 0), tail.head('trace', 0)]).toEqual([5, 0]);
    expect(woken).toEqual(['readings']);
  });

  it('a reader that is not at work holds nothing back', () => {
    const tail = new Tail({ handOverBytes: 1_000_000 });
    const idle: LogReader & { positions: Checkpoints } = { families: ['readings'], positions: {}, wake() {} };
    const slow = readerAt(1);
    tail.add(idle);
    tail.add(slow);
    tail.committed('readings', 0, 0, 3, [at(1), at(2), at(3)]);
    expect(tail.after('readings', 0, 0, 1000, 10)).toBeNull();
    expect(positionsOf(tail.after('readings', 0, 1, 1000, 10))).toEqual([2, 3]);
    tail.remove(slow);
    tail.trim('readings', 0);
    expect(tail.after('readings', 0, 1, 1000, 10)).toBeNull();
  });
});
