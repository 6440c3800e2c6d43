import { expect, test } from 'vitest';
import type { Condition } from '../../../api/index.ts';
import { conditionText } from './Marks.tsx';

function condition(changes: Partial<Condition>): Condition {
  return {
    ...{ state: 'inRange', now: 'inRange', pending: null, about: null, device: null, temperature: null, at: null },
    ...changes,
  };
}

const pending = (kind: string, metric: string | null = null, changes: Partial<Condition> = {}) =>
  conditionText(condition({ state: 'warning', pending: 'warning', about: { kind, metric }, ...changes }));

// A shipment whose only alert was about serials nobody expects said "Out of limits, to be decided".
test('what waits to be decided is named by what the alert is about', () => {
  expect(pending('unexpected')).toBe('Serials nobody expects, to be decided; now in range');
  expect(pending('blocked', null, { state: 'excursion', pending: 'excursion' })).toBe(
    'Serials that must not move on, to be decided; now in range',
  );
  expect(pending('silence', 'temperature', { now: 'unknown' })).toBe(
    'A logger was silent, to be decided; now not known',
  );
  expect(pending('threshold', 'humidity')).toBe('Humidity out of limits, to be decided; now in range');
  expect(pending('threshold', 'door')).toBe('Door open, to be decided; now in range');
  expect(pending('threshold', 'temperature', { state: 'excursion', pending: 'excursion' })).toBe(
    'Excursion, to be decided; now in range',
  );
  expect(pending('case', null, { state: 'excursion', pending: 'excursion' })).toBe(
    'A case, to be decided; now in range',
  );
  expect(pending('hold')).toBe('On hold, to be decided; now in range');
  // It said "Opened on the way?" of a budget that was used up.
  expect(pending('budget')).toBe('Budget used up, to be decided; now in range');
  expect(pending('cumulative')).toBe('Out of range too long in all, to be decided; now in range');
  expect(pending('tamper')).toBe('Opened on the way?, to be decided; now in range');
  expect(pending('of a newer server')).toBe('An alert, to be decided; now in range');
});

test('what is out of limits now says so, and what else waits', () => {
  expect(pending('threshold', 'temperature', { now: 'warning' })).toBe('Out of limits');
  expect(pending('unexpected', null, { now: 'warning' })).toBe('Out of limits; serials nobody expects, to be decided');
  expect(conditionText(condition({}))).toBe('In range');
});
