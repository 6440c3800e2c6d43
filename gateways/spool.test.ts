import { describe, expect, test } from 'vitest';
import { Spool } from './spool.ts';
import { temporaryDirectory } from './testing/directory.ts';

function batch(sequence: number, bytes = 10) {
  return { sequence, at: 1000 + sequence, payload: new Uint8Array(bytes).fill(sequence) };
}

const nothing = new Map<string, number>();

describe('the spool', () => {
  test('keeps batches and the next number over a restart', () => {
    const directory = temporaryDirectory();
    const spool = new Spool(directory, 1e6);
    spool.add(batch(1), nothing, null);
    spool.add(batch(2), new Map([['dock-1', 77]]), null);
    spool.remove([1]);
    spool.close();
    const again = new Spool(directory, 1e6);
    expect(again.after(0, 10)).toEqual([batch(2)]);
    expect([again.nextSequence, again.pending, again.oldest, again.bytes]).toEqual([3, 1, 1002, 10]);
    expect(again.completeUntil('dock-1')).toBe(77);
    again.close();
  });

  test('numbers go on even when everything has been acknowledged', () => {
    const directory = temporaryDirectory();
    const spool = new Spool(directory, 1e6);
    spool.add(batch(1), nothing, null);
    spool.remove([1]);
    spool.close();
    const again = new Spool(directory, 1e6);
    expect(again.nextSequence).toBe(2);
    again.close();
  });

  test('keeps reads until a batch holds everything, then only what is still open', () => {
    const spool = new Spool(temporaryDirectory(), 1e6);
    spool.keepReads(Uint8Array.of(1));
    spool.keepReads(Uint8Array.of(2));
    spool.add(batch(1), nothing, null);
    expect(spool.keptReads()).toEqual({ payloads: [Uint8Array.of(1), Uint8Array.of(2)], damaged: 0 });
    spool.add(batch(2), nothing, Uint8Array.of(9));
    expect(spool.keptReads()).toEqual({ payloads: [Uint8Array.of(9)], damaged: 0 });
    spool.close();
  });

  test('a number that was used is never used again, and the failed write leaves nothing behind', () => {
    const spool = new Spool(temporaryDirectory(), 1e6);
    spool.add(batch(1), nothing, null);
    expect(() => spool.add(batch(1), new Map([['dock-1', 5]]), Uint8Array.of(9))).toThrow(/cannot be written/);
    expect([spool.state, spool.pending, spool.nextSequence, spool.completeUntil('dock-1')]).toEqual([
      'broken',
      1,
      2,
      null,
    ]);
    spool.probe();
    expect(spool.state).toBe('ok');
    spool.close();
  });

  test('says when it is full', () => {
    const spool = new Spool(temporaryDirectory(), 100);
    spool.add(batch(1, 60), nothing, null);
    expect(spool.state).toBe('ok');
    spool.keepReads(new Uint8Array(40));
    expect(spool.state).toBe('full');
    spool.remove([1]);
    expect(spool.state).toBe('ok');
    spool.close();
  });

  test('a disk that is full breaks it, and it works on once there is room', () => {
    const spool = new Spool(temporaryDirectory(), 100_000);
    let sequence = 0;
    expect(() => {
      while (sequence < 1000) spool.add(batch(++sequence, 3000), nothing, null);
    }).toThrow(/cannot be written: database or disk is full/);
    expect([spool.state, spool.pending]).toEqual(['broken', sequence - 1]);
    spool.remove(Array.from({ length: sequence - 1 }, (_, n) => n + 1));
    spool.add(batch(sequence, 3000), nothing, null);
    expect([spool.state, spool.pending]).toEqual(['ok', 1]);
    spool.close();
  });

  test('a second gateway on the same directory is refused', () => {
    const directory = temporaryDirectory();
    const spool = new Spool(directory, 1e6);
    spool.add(batch(1), nothing, null);
    expect(() => new Spool(directory, 1e6)).toThrow(/cannot be opened/);
    spool.close();
  });

  test('completeness does not overtake: the newest are those that say nothing of it', () => {
    const spool = new Spool(temporaryDirectory(), 1e6);
    spool.add(batch(1), nothing, null);
    spool.add(batch(2), new Map([['dock-1', 5]]), null);
    spool.add(batch(3), nothing, null);
    expect(spool.newest(5).map(({ sequence }) => sequence)).toEqual([3, 1]);
    spool.close();
  });
});
