import { expect, test } from 'vitest';
import { calendarOf, momentOf, type ScheduleView, withOffset } from './calendar.ts';
import { patchOf } from './routing-draft.ts';

const schedule = (zone: string, shifts: readonly (readonly [string, string, string])[]): ScheduleView => ({
  ...{ id: 'duty', zone, people: ['anna', 'ben'], start: '2026-03-02', days: 1, handOver: '08:00' },
  ...{ hours: null, holidays: [], instead: [] },
  shifts: shifts.map(([from, to, who]) => ({ from, to, people: [who], why: 'turn' })),
});

test('a day of 23 hours is a day of the calendar, and says that the clock is set', () => {
  const days = calendarOf(
    schedule('Europe/Berlin', [
      ['2026-03-28T12:00:00.000Z', '2026-03-29T06:00:00.000Z', 'anna'],
      ['2026-03-29T06:00:00.000Z', '2026-04-11T12:00:00.000Z', 'ben'],
    ]),
    3,
  );
  expect(days.map(({ date, clockSet, shifts }) => [date, clockSet, shifts.map(({ people }) => people[0])])).toEqual([
    ['2026-03-28', 0, ['anna']],
    ['2026-03-29', 60, ['anna', 'ben']],
    ['2026-03-30', 0, ['ben']],
  ]);
  expect(days[1]?.shifts[1]?.from).toBe(Date.parse('2026-03-29T08:00:00+02:00'));
});

test('a moment is written with the offset that the clock has then, also where the clock is set over it', () => {
  expect(withOffset(momentOf('2026-03-28', '08:00', 'Europe/Berlin'), 'Europe/Berlin')).toBe(
    '2026-03-28T08:00:00+01:00',
  );
  expect(withOffset(momentOf('2026-03-29', '08:00', 'Europe/Berlin'), 'Europe/Berlin')).toBe(
    '2026-03-29T08:00:00+02:00',
  );
  expect(withOffset(momentOf('2026-03-29', '02:30', 'Europe/Berlin'), 'Europe/Berlin')).toBe(
    '2026-03-29T03:00:00+02:00',
  );
  expect(withOffset(momentOf('2026-09-06', '00:00', 'America/Santiago'), 'America/Santiago')).toBe(
    '2026-09-06T01:00:00-03:00',
  );
  expect(withOffset(Date.parse('2026-01-01T00:00:00Z'), 'Asia/Kathmandu')).toBe('2026-01-01T05:45:00+05:45');
});

test('a form sends what is other, and takes out what is empty now', () => {
  const before = {
    zone: 'UTC',
    notify: { critical: ['sms'], warning: ['mail'] },
    quiet: [],
    addresses: { sms: '+49' },
  };
  expect(patchOf(before, before)).toEqual({});
  expect(
    patchOf(before, { ...before, notify: { critical: ['sms', 'mail'], warning: [] }, addresses: {}, quiet: [1] }),
  ).toEqual({ notify: { critical: ['sms', 'mail'], warning: null }, addresses: null, quiet: [1] });
});
