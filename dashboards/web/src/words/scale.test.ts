import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { bareLimit, degrees, differenceText, limitText, valueText } from './figures.ts';
import { axisSteps, showIn, shownDifference, shownValue, typedDifference, typedValue } from './scale.ts';

afterEach(() => showIn('C'));
const plain = (text: string) => text.replaceAll('\u00a0', ' ');

test('in °F every temperature is one, what is no temperature stays, and a difference is no temperature', () => {
  showIn('F');
  expect(plain(degrees(4))).toBe('39.2 °F');
  expect(plain(limitText(8))).toBe('46.4 °F');
  expect(plain(limitText(-20))).toBe('−4 °F');
  expect(bareLimit(2)).toBe('35.6');
  expect(plain(valueText(-40, '°C'))).toBe('−40.0 °F');
  expect(plain(valueText(55, '%RH'))).toBe('55 %RH');
  // A tilt is an angle.
  expect(limitText(30, '°')).toBe('30°');
  expect(plain(differenceText(1, '°C'))).toBe('1.8 °F');
  expect(plain(differenceText(-2.5, '°C'))).toBe('−4.5 °F');
  expect(plain(differenceText(1, 'hPa'))).toBe('1 hPa');
});

test('in °C nothing is other than it was', () => {
  expect(plain(degrees(4))).toBe('4.0 °C');
  expect(plain(limitText(7.5))).toBe('7.5 °C');
  expect(plain(differenceText(1, '°C'))).toBe('1 °C');
});

test('law: what is typed in °F to a tenth is kept in °C and shown as it was typed', () => {
  showIn('F');
  fc.assert(
    fc.property(fc.integer({ min: -3000, max: 3000 }), (tenths) => {
      const typed = tenths / 10;
      expect(shownValue(typedValue(typed, '°C'), '°C').value).toBeCloseTo(typed, 2);
      expect(shownDifference(typedDifference(typed, '°C'), '°C').value).toBeCloseTo(typed, 2);
      expect(typedValue(typed, '%RH')).toBe(typed);
    }),
  );
});

test('law: the lines of an axis lie between its ends, in order, at whole steps of the unit that is shown', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('C' as const, 'F' as const),
      fc.integer({ min: -300, max: 300 }),
      fc.integer({ min: 1, max: 400 }),
      fc.constantFrom(0.5, 1, 2, 5, 10),
      (scale, low, width, step) => {
        showIn(scale);
        const steps = axisSteps(low, low + width, step, '°C');
        expect(steps.every((at) => at >= low - 1e-6 && at <= low + width + 1e-6)).toBe(true);
        for (const at of steps) {
          const { value } = shownValue(at, '°C');
          expect(Math.abs(value * 2 - Math.round(value * 2))).toBeLessThan(1e-6);
        }
        expect(steps).toEqual(steps.toSorted((one, other) => one - other));
      },
    ),
  );
});
