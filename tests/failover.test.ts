import { describe, expect, test } from 'vitest';
import { asked } from './failover/arguments.ts';
import { isWithin, type Occasion, quantile, table } from './failover/figures.ts';

/* What `npm run failover` is asked and says; the program itself runs by hand (docs/scaling.md). */

describe('what is asked of it', () => {
  test('is everything, twenty times, for half an hour at most, unless told otherwise', () => {
    expect(asked([])).toEqual({
      times: 20,
      minutes: 30,
      of: ['primary', 'frozen-primary', 'worker', 'frozen', 'nats'],
    });
    expect(asked(['--times', '3', '--of', 'nats,worker', '--minutes', '0.5'])).toEqual({
      ...{ times: 3, minutes: 0.5, of: ['worker', 'nats'] },
    });
  });

  test.each([
    ['a kind that there is not', ['--of', 'primary,redis']],
    ['no kind', ['--of', '']],
    ['half a time', ['--times', '1.5']],
    ['no time', ['--times', '0']],
    ['minutes that are no number', ['--minutes', 'soon']],
    ['an option that there is not', ['--seeds', '3']],
    ['a word', ['primary']],
  ])('is not %s', (_, args) => {
    expect(asked(args)).toBeNull();
  });
});

describe('what it says', () => {
  const of = (...seconds: readonly number[]): Occasion[] =>
    seconds.map((one) => ({
      kind: 'primary',
      ...{ acknowledgedMs: one * 1_000, longestWaitMs: 1, answeredMs: 1, storedMs: Number.POSITIVE_INFINITY },
    }));
  const to = (last: number) => Array.from({ length: last }, (_, n) => n + 1);

  test.each([
    [[7], 0.5, 7],
    [[7], 0.99, 7],
    [[3, 1, 2], 0.5, 2],
    [[1, 2, 3, 4], 0.5, 2],
    [to(20), 0.99, 20],
    [to(100), 0.99, 99],
    [to(101), 0.99, 100],
  ])('of %j: the smallest with a share of %d at or below it is %d', (values, share, expected) => {
    expect(quantile(values, share)).toBe(expected);
  });

  test('calls the p99 of few the longest, and what was not seen again never', () => {
    const row = (occasions: readonly Occasion[]) => table(occasions).at(-1);
    expect(row(of(5, 9))).toMatch(
      /\| 2 \| 5\.00 s \| 9\.00 s \(the longest\) \|.*\| never \| never \(the longest\) \|$/,
    );
    expect(row(of(...to(100)))).toMatch(/\| 100 \| 50\.00 s \| 99\.00 s \|/);
  });

  test('has what is late in one of few and not in one of a hundred', () => {
    expect(isWithin(of(3, 10), 10_000)).toBe(true);
    expect(isWithin(of(3, 10.1), 10_000)).toBe(false);
    expect(isWithin(of(...to(99).map(() => 3), 11), 10_000)).toBe(true);
    expect(isWithin(of(3, Number.POSITIVE_INFINITY), 10_000)).toBe(false);
  });
});
