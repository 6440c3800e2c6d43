import { expect, test } from 'vitest';
import type { Condition, ConditionState } from './condition.ts';
import { standing, WAITING_KINDS, type Waiting } from './waiting.ts';

const NO_ALERT = { pending: null, about: null };

function measured(now: ConditionState): Condition {
  return { ...{ state: now, now, device: 'logger-7', temperature: 5, at: null }, ...NO_ALERT };
}

const one = (kind: Waiting['kind'], gravity: Waiting['gravity']): Waiting => ({ kind, gravity, count: 1, case: null });

const ALERT = {
  critical: { pending: 'excursion', about: { kind: 'threshold', metric: 'temperature' } },
  warning: { pending: 'warning', about: { kind: 'silence', metric: 'temperature' } },
} as const;

// The tile said "in range" of a pallet that was cold again, whose case nobody had decided.
test.each([
  // by readings | alerts | what else waits | state | about
  ['inRange', null, [], 'inRange', null],
  ['unknown', null, [], 'unknown', null],
  ['warning', null, [], 'warning', null],
  ['excursion', null, [], 'excursion', null],
  ['inRange', 'critical', [], 'excursion', 'threshold'],
  ['inRange', 'warning', [], 'warning', 'silence'],
  ['unknown', 'warning', [], 'warning', 'silence'],
  ['excursion', 'warning', [], 'excursion', 'silence'],
  ['inRange', null, [one('case', 'excursion')], 'excursion', 'case'],
  ['inRange', null, [one('case', 'warning')], 'warning', 'case'],
  ['inRange', null, [one('difference', 'warning')], 'warning', 'difference'],
  ['inRange', null, [one('hold', 'warning')], 'warning', 'hold'],
  ['inRange', null, [one('stopped', 'warning')], 'warning', 'stopped'],
  ['inRange', null, [one('recall', 'excursion')], 'excursion', 'recall'],
  ['unknown', null, [one('hold', 'warning')], 'warning', 'hold'],
  ['warning', null, [one('recall', 'excursion')], 'excursion', 'recall'],
  // The gravest names it, of equal ones the alert, then in the order of the kinds.
  ['inRange', 'warning', [one('recall', 'excursion')], 'excursion', 'recall'],
  ['inRange', 'critical', [one('recall', 'excursion')], 'excursion', 'threshold'],
  ['inRange', 'warning', [one('difference', 'warning')], 'warning', 'silence'],
  ['inRange', null, [one('case', 'warning'), one('difference', 'warning')], 'warning', 'case'],
  ['inRange', null, [one('difference', 'warning'), one('case', 'excursion')], 'excursion', 'case'],
] as const)('by its readings %s, alerts %s, waiting %j: %s about %s', (now, alerts, waiting, state, about) => {
  const condition = standing(measured(now), alerts === null ? NO_ALERT : ALERT[alerts], waiting);
  expect([condition.state, condition.now, condition.about?.kind ?? null]).toEqual([state, now, about]);
});

test('whatever waits, nothing is in range', () => {
  for (const kind of WAITING_KINDS.filter((each) => each !== 'alert'))
    for (const gravity of ['warning', 'excursion'] as const)
      expect(standing(measured('inRange'), NO_ALERT, [one(kind, gravity)]).state).toBe(gravity);
});
