import { expect, test } from 'vitest';
import type { CalibrationView } from '../../../api/index.ts';
import { overdueSpans } from './overdue.ts';

const at = (day: string) => Date.parse(`${day}T00:00:00Z`);
const calibration = (from: string, due: string | null, more: Partial<CalibrationView> = {}): CalibrationView => ({
  ...{ metric: 'temperature', points: [], reason: 'yearly', at: `${from}T00:00:00.000Z`, by: 'paula', state: 'valid' },
  effectiveFrom: `${from}T00:00:00.000Z`,
  certificate: due === null ? null : { number: '1', laboratory: 'x', date: from, due },
  isReplaced: false,
  ...more,
});

test('is from the day after the last one until the next calibration, and to the end of what is shown', () => {
  const all = [calibration('2026-02-01', '2026-03-01'), calibration('2025-01-01', '2026-01-09')];
  expect(overdueSpans(all, 'temperature', at('2026-04-01'))).toEqual([
    { from: at('2026-01-10'), to: at('2026-02-01') },
    { from: at('2026-03-02'), to: at('2026-04-01') },
  ]);
  expect(overdueSpans(all, 'humidity', at('2026-04-01'))).toEqual([]);
});

test('is nowhere without a certificate, and one that was replaced says nothing', () => {
  const mended = [
    calibration('2026-01-01', '2026-12-31'),
    calibration('2026-01-01', '2026-01-02', { isReplaced: true }),
  ];
  expect(overdueSpans(mended, 'temperature', at('2026-06-01'))).toEqual([]);
  expect(overdueSpans([calibration('2026-01-01', null)], 'temperature', at('2026-06-01'))).toEqual([]);
});
