import { expect, test } from 'vitest';
import { AT_ONCE, GroupPace, THEN_EVERY_MS } from './group-pace.ts';

const GROUP = { rule: 'silent', key: 'logger-7/temperature' };

test('a group that changes all the time comes to one change a second, and has all of them again once it rests', () => {
  const pace = new GroupPace();
  const settledWithin = (from: number, ms: number) => {
    let settled = 0;
    for (let now = from; now < from + ms; now += 20) {
      if (pace.readyAt('g') > now) continue;
      pace.changed(GROUP, 'g', now);
      settled++;
    }
    return settled;
  };
  expect(settledWithin(0, 500)).toBe(AT_ONCE);
  expect(settledWithin(500, 10_000)).toBe(10);
  expect(pace.waiting(10_500)).toEqual({ groups: [GROUP], until: expect.any(Number) });
  const later = 10_500 + AT_ONCE * THEN_EVERY_MS;
  expect(pace.waiting(later)).toEqual({ groups: [], until: Number.POSITIVE_INFINITY });
  expect(settledWithin(later, 500)).toBe(AT_ONCE);
});
