import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nextRun, SCHEDULE_FIELDS } from './schedule.ts';

const at = (text: string) => Date.parse(text);

describe('the next run of a schedule', () => {
  test.each([
    [{ hour: '1', minute: '5' }, '2026-07-22T10:00:00Z', '2026-07-23T01:05:00Z'],
    [{ hour: '1', minute: '5' }, '2026-07-22T01:04:59.999Z', '2026-07-22T01:05:00Z'],
    [{ hour: '1', minute: '5' }, '2026-07-22T01:05:00Z', '2026-07-23T01:05:00Z'],
    [{ minute: '0,30' }, '2026-07-22T10:12:00Z', '2026-07-22T10:30:00Z'],
    [{ second: '0/30' }, '2026-07-22T10:12:29Z', '2026-07-22T10:12:30Z'],
    [{ second: '[10-12],50' }, '2026-07-22T10:12:12Z', '2026-07-22T10:12:50Z'],
    [{ dayOfWeek: '1' }, '2026-07-22T10:00:00Z', '2026-07-27T00:00:00Z'],
    [{ dayOfWeek: '7', hour: '23' }, '2026-07-22T10:00:00Z', '2026-07-26T23:00:00Z'],
    [{ dayOfMonth: '31' }, '2026-08-31T10:00:00Z', '2026-10-31T00:00:00Z'],
    [{ dayOfMonth: '29', month: '2' }, '2026-07-22T10:00:00Z', '2028-02-29T00:00:00Z'],
    [{ month: '12' }, '2026-07-22T10:00:00Z', '2026-12-01T00:00:00Z'],
    [{ dayOfMonth: '29', month: '2', dayOfWeek: '7' }, '2026-07-22T10:00:00Z', '2032-02-29T00:00:00Z'],
  ])('%o after %s is %s', (schedule, now, next) => {
    expect(new Date(nextRun(schedule, at(now))).toISOString()).toBe(new Date(next).toISOString());
  });

  test.each([
    [{}],
    [{ second: '60' }],
    [{ hour: '-1' }],
    [{ minute: '' }],
    [{ minute: '5-3' }],
    [{ minute: '*/0' }],
    [{ second: '1,' }],
    [{ dayOfWeek: '0' }],
    [{ hour: '1;2' }],
    [{ dayOfMonth: '31', month: '2' }],
    [{ dayOfMonth: '30', month: '2,2' }],
  ])('%o never comes, or is none', (schedule) => {
    expect(() => nextRun(schedule, at('2026-07-22T10:00:00Z'))).toThrow(/allowed/);
  });

  test('is after now, and the same from any moment before it', () => {
    const ranges = { second: 59, minute: 59, hour: 23, dayOfMonth: 28, month: 12, dayOfWeek: 7 };
    const field = (most: number) => fc.option(fc.integer({ min: 1, max: most }).map(String), { nil: undefined });
    const schedules = fc.record(Object.fromEntries(SCHEDULE_FIELDS.map((name) => [name, field(ranges[name])])));
    fc.assert(
      fc.property(
        schedules,
        fc.integer({ min: 0, max: 4e12 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (given, now, part) => {
          const schedule = Object.fromEntries(
            Object.entries(given).filter(([, value]) => value !== undefined),
          ) as Record<string, string>;
          fc.pre(Object.keys(schedule).length > 0);
          const next = nextRun(schedule, now);
          expect(next).toBeGreaterThan(now);
          const between = Math.floor(now + (next - 1 - now) * part);
          expect(nextRun(schedule, between)).toBe(next);
        },
      ),
      { numRuns: 200 },
    );
  });
});
