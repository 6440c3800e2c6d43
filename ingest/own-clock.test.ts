import { expect, test } from 'vitest';
import type { TimeSource } from '../domain/index.ts';
import { OwnClock } from './own-clock.ts';

const NOON = Date.parse('2026-11-22T12:00:00Z');
const MINUTE = 60_000;

/** A clock that can be set, and one that nobody sets. */
function clocks(wrongByMs: number) {
  let [elapsed, wrong] = [0, wrongByMs];
  const time: Pick<TimeSource, 'now' | 'monotonic'> = { now: () => NOON + elapsed + wrong, monotonic: () => elapsed };
  return {
    clock: new OwnClock(time as TimeSource),
    truth: () => NOON + elapsed,
    pass: (ms: number) => {
      elapsed += ms;
    },
    set: (byMs: number) => {
      wrong = byMs;
    },
  };
}

// Our clock eleven minutes behind: every good reading was PUBACKed into quarantine, and lost to its owner.
test('three senders that are ahead show that it is our clock, and setting it right is noticed at once', () => {
  const { clock, truth, pass, set } = clocks(-11 * MINUTE);
  for (const sender of ['a', 'b']) clock.heard(sender, truth());
  expect(clock.fault).toBeNull();
  pass(2_000);
  clock.heard('c', truth());
  expect(clock.fault).toContain('3 of the 3 senders');
  pass(5 * MINUTE);
  expect(clock.fault).not.toBeNull();
  set(0);
  pass(1_000);
  expect(clock.fault).toBeNull();
});

test('one sender alone, or two, have a bad clock of their own, as have fewer than nine in ten', () => {
  const { clock, truth, pass } = clocks(0);
  for (let n = 0; n < 3; n++) clock.heard(`ahead-${n}`, truth() + 60 * MINUTE);
  clock.heard('good-1', truth());
  expect(clock.fault).toBeNull();
  for (let n = 3; n < 9; n++) clock.heard(`ahead-${n}`, truth() + 60 * MINUTE);
  pass(1_000);
  expect(clock.fault).toContain('9 of the 10');
});

test('who was heard more than ten minutes ago is not asked', () => {
  const { clock, truth, pass } = clocks(-11 * MINUTE);
  for (const sender of ['a', 'b', 'c']) clock.heard(sender, truth());
  expect(clock.fault).not.toBeNull();
  pass(10 * MINUTE + 1);
  expect(clock.fault).toBeNull();
});

test('exactly ten minutes ahead is not too far', () => {
  const { clock, truth } = clocks(-10 * MINUTE);
  for (const sender of ['a', 'b', 'c']) clock.heard(sender, truth());
  expect(clock.fault).toBeNull();
});

test("a database server's clock more than a minute off shows it by itself, on either side", () => {
  const { clock } = clocks(0);
  clock.databaseIsAhead(60_000);
  expect(clock.fault).toBeNull();
  clock.databaseIsAhead(61_000);
  expect(clock.fault).toContain('61 s behind');
  clock.databaseIsAhead(-90_000);
  expect(clock.fault).toContain('90 s ahead of');
  clock.databaseIsAhead(null);
  expect(clock.fault).toBeNull();
});
