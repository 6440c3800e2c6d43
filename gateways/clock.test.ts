import { expect, test } from 'vitest';
import { ReaderClock } from './clock.ts';

const noon = Date.UTC(2026, 10, 22, 12);

function anchored(skewMs: number, isUptime = false): ReaderClock {
  const clock = new ReaderClock(500);
  clock.anchor(noon + skewMs, noon, isUptime);
  return clock;
}

test('a clock within the tolerance is believed as it is', () => {
  expect(anchored(400).toGateway(noon + 123.9)).toBe(noon + 123);
});

test('a clock at 2000-01-01 is corrected, and says so', () => {
  const clock = anchored(Date.UTC(2000, 0, 1) - noon);
  expect(clock.toGateway(Date.UTC(2000, 0, 1) + 5000)).toBe(noon + 5000);
  expect(clock.state.isCorrected).toBe(true);
});

test('a clock far ahead is corrected', () => {
  expect(anchored(86_400_000).toGateway(noon + 86_400_000 + 70)).toBe(noon + 70);
});

test('an uptime is always mapped', () => {
  const clock = new ReaderClock(500);
  clock.anchor(1000, noon, true);
  expect(clock.toGateway(3000)).toBe(noon + 2000);
});

test('an event that was held back does not move the clock', () => {
  const clock = anchored(1000);
  clock.sample(noon + 1000 - 3_600_000, noon, false);
  expect(clock.state.skewMs).toBe(1000);
});

test('a later sample that was quicker on the way betters the estimate', () => {
  const clock = anchored(1000);
  clock.sample(noon + 6040, noon + 5000, true);
  expect(clock.state.skewMs).toBe(1040);
});

test('a clock that jumps back while it runs is anchored anew once two live events agree', () => {
  const clock = anchored(3_600_000);
  expect(clock.sample(noon + 1000, noon + 1000, true)).toBe(false);
  expect(clock.sample(noon + 2000, noon + 2000, true)).toBe(true);
  expect(clock.toGateway(noon + 3000)).toBe(noon + 3000);
});

test('a clock that jumps ahead is noticed at once', () => {
  const clock = anchored(0);
  expect(clock.sample(noon + 3_600_000, noon, true)).toBe(true);
  expect(clock.toGateway(noon + 3_600_000)).toBe(noon);
});
