import { expect, test } from 'vitest';
import type { Assessment, DecisionWish } from './decision-record.ts';
import { recordOf } from './decision-record.ts';
import { evidenceChanges, exposureChanges } from './evidence-changes.ts';

type Group = Assessment['groups'][number];

/** Packs of one product and lot that were out of range for some minutes; more than thirty are rejected. */
function group(epcs: readonly string[], minutesOutOfRange: number): Group {
  const exposure = { min: 5, max: 9, mkt: 6, minutesAbove: minutesOutOfRange, minutesBelow: 0, minutesOutOfRange };
  const disposition = minutesOutOfRange > 30 ? 'reject' : 'release';
  return {
    ...{ id: `g-${epcs.join('')}`, gtin: '80614141123458', product: null, lot: 'A17', expiry: null, units: [] },
    ...{ devices: ['logger-7'], epcs, from: 0, to: 1, limits: { min: 2, max: 8 }, budget: null, needsSecond: false },
    exposure: { ...exposure, minutesUnknown: 0, minutesSuspect: 0 },
    proposal: { disposition, reasons: [], isCertain: true },
  };
}

const assessed = (...groups: Group[]): Assessment => ({ at: 0, groups, alerts: [] });
const WISH = { revision: 1, disposition: 'release', reason: 'within its budget' } as const;

function signed(scope: DecisionWish['scope'], now: Assessment) {
  return recordOf({ id: 'C-000001', number: 1 }, { ...WISH, scope }, now);
}

/** Of which serials something changed, and how it is told. */
function changesOf(record: ReturnType<typeof signed>, now: Assessment) {
  return exposureChanges(record, now).map(({ sentence, epcs }) => [epcs, sentence]);
}

// Compared by lot: a pack that came to be as others of its lot were signed went unnoticed, though it was not so itself.
test('a serial that came to be as others of its lot were is told, with what was signed of itself', () => {
  const record = signed({ lot: 'A17' }, assessed(group(['a', 'b'], 10), group(['c'], 40)));
  expect(changesOf(record, assessed(group(['a'], 10), group(['b', 'c'], 40)))).toEqual([
    [
      ['b'],
      'Of 1 serial, now 40 min out of range (5 to 9 °C), reject is proposed; it was 10 min out of range (5 to 9 °C), and release was.',
    ],
  ]);
});

// The whole group was told as changed, and what had been of it was taken from the first group of the lot.
test('of a group that was mixed anew only the serials that went through something else are told', () => {
  const record = signed({ serials: ['a', 'b', 'c'] }, assessed(group(['a'], 10), group(['b', 'c'], 40)));
  const now = assessed(group(['a', 'b', 'c'], 40));
  expect(changesOf(record, now).map(([epcs]) => epcs)).toEqual([['a']]);
  expect(changesOf(record, assessed(group(['c'], 40), group(['b'], 40), group(['a'], 10)))).toEqual([]);
});

test('serials that changed from two groups into one are told apart, and one that was not decided on is no part of it', () => {
  const record = signed({ serials: ['a', 'b'] }, assessed(group(['a'], 10), group(['b'], 20), group(['d'], 40)));
  const now = assessed(group(['a', 'b', 'd'], 60));
  expect(changesOf(record, now).map(([epcs]) => epcs)).toEqual([['a'], ['b']]);
});

test('a decision on one group lists its serials once', () => {
  const whole = assessed(group(['b', 'a'], 10));
  expect(signed({ lot: 'A17' }, whole).groups).toMatchObject([{ serials: 2 }]);
  expect(signed({ lot: 'A17' }, whole).groups[0]).not.toHaveProperty('epcs');
  expect(signed({ lot: 'A17' }, assessed(group(['b'], 10), group(['a'], 20))).groups).toMatchObject([
    { epcs: ['b'] },
    { epcs: ['a'] },
  ]);
});

test('a record that was signed before groups listed their serials is compared by product and lot, as it was then', () => {
  const record = signed({ lot: 'A17' }, assessed(group(['a'], 10), group(['b'], 40)));
  const older = { ...record, groups: record.groups.map(({ epcs: _, ...one }) => one) };
  expect(changesOf(older, assessed(group(['b'], 40), group(['a'], 10)))).toEqual([]);
  expect(changesOf(older, assessed(group(['a'], 50))).map(([epcs]) => epcs)).toEqual([['a']]);
});

// An excursion that ran was over at its last reading: the next reading made the second signature impossible.
test('an excursion that goes on is as it was while it does; its end is a change of neither', () => {
  const alert = { id: 'a-1', rule: 'too-warm', ruleVersion: 1, state: 'open', from: 0, to: null };
  const record = signed({ lot: 'A17' }, { ...assessed(group(['a'], 10)), alerts: [alert] });
  expect(evidenceChanges(record, { ...assessed(group(['a'], 10)), alerts: [alert] })).toEqual([]);
  expect(evidenceChanges(record, { ...assessed(group(['a'], 10)), alerts: [{ ...alert, to: 90 }] })).toEqual([]);
  const ended = signed({ lot: 'A17' }, { ...assessed(group(['a'], 10)), alerts: [{ ...alert, to: 90 }] });
  expect(evidenceChanges(ended, { ...assessed(group(['a'], 10)), alerts: [{ ...alert, to: 120 }] })).toHaveLength(1);
});
