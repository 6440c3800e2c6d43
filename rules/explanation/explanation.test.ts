import { describe, expect, test } from 'vitest';
import type { Finding } from '../../domain/index.ts';
import { Engine } from '../engine/engine.ts';
import type { KeyRule } from '../engine/program.ts';
import { WHOLE_TAIL } from '../engine/series.ts';
import { Rulebook } from '../rulebook.ts';
import { at, hours, minutes, mkt, silence, temperatures, threshold } from '../testing/arrange.ts';
import { explanationOf } from './explanation.ts';

type Reading = readonly [clock: string, value: number];

interface Told {
  readonly now?: string;
  /** When another version takes over. */
  readonly until?: string;
}

/** What the engine finds in these readings, and the story of each: `10:05 began 9`, and the words after it. */
function stories(rule: KeyRule, readings: readonly Reading[], { now = '12:00', until }: Told = {}) {
  const versions = [
    { rule, version: 1, effectiveFrom: null },
    ...(until === undefined ? [] : [{ rule, version: 2, effectiveFrom: at(until), isRemoved: true }]),
  ];
  const engine = new Engine({ plan: new Rulebook(versions).planWith(() => undefined), tail: WHOLE_TAIL });
  const columns = temperatures(...readings);
  engine.apply(columns);
  engine.setNow(at(now));
  engine.flush(0);
  return engine.present().map((finding) => explanationOf(finding, rule, columns));
}

function told(...given: Parameters<typeof stories>): string[] {
  const [story = []] = stories(...given);
  return story.map(({ at: time, what, value }) => `${clock(time)} ${what} ${value ?? '-'}`);
}

function words(...given: Parameters<typeof stories>): string[] {
  const [story = []] = stories(...given);
  return story.map(({ text }) => text);
}

const clock = (time: number) => new Date(time).toISOString().slice(11, 16);
const everyFive = (from: string, ...values: number[]): Reading[] =>
  values.map((value, i) => [clock(at(from) + minutes(5) * i), value]);

describe('threshold', () => {
  const rule = threshold({ above: 8, clearAbove: 7.5, forMs: minutes(10), keepFiringForMs: minutes(15) });

  test('a limit that is itself out of range is said so', () => {
    const [first] = words(threshold({ atOrAbove: 8 }), everyFive('10:00', 5, 8, 5));
    expect(first).toBe('8 °C, at 8 °C or above.');
    const [cold] = words(threshold({ atOrBelow: 2 }), everyFive('10:00', 5, 2, 5));
    expect(cold).toBe('2 °C, at 2 °C or below.');
  });

  test('a run begins, opens the finding once it has lasted, is held by hysteresis, recovers', () => {
    const readings = everyFive('10:00', 5, 8.5, 9.1, 7.8, 8.2, 7.5);
    expect(told(rule, readings)).toEqual([
      ...['10:05 began 8.5', '10:10 furthest 9.1', '10:15 held 7.8', '10:15 opened 7.8', '10:25 recovered 7.5'],
    ]);
    expect(words(rule, readings)).toEqual([
      '8.5 °C, above 8 °C.',
      '9.1 °C, 1.1 °C beyond the limit: the furthest.',
      '7.8 °C: within the limit, but outside until 7.5 °C or less.',
      'Outside for 10 min: an alert.',
      '7.5 °C: back inside.',
    ]);
  });

  test('a later run soon after extends it', () => {
    const readings = everyFive('10:00', 9, 9, 9, 5, 5, 9, 5);
    expect(told(rule, readings)).toEqual([
      ...['10:00 began 9', '10:00 furthest 9', '10:10 opened 9', '10:15 recovered 5', '10:25 extended 9'],
      '10:30 recovered 5',
    ]);
    expect(words(rule, readings)[4]).toBe(
      '9 °C, above 8 °C, 10 min after it ended: within 15 min the same alert goes on.',
    );
  });

  test('what is not known ends it, unless the worst is taken for it', () => {
    const readings = [...everyFive('09:30', 5, 5, 5, 5, 5, 5, 9, 9, 9), ['11:30', 5]] as Reading[];
    expect(told(rule, readings).at(-1)).toBe('10:10 gap 9');
    expect(words(rule, readings).at(-1)).toBe('No reading for 1 h 20 min after this: nothing is known there.');
    const worst = threshold({ above: 8, gap: 'worst' });
    expect(told(worst, readings).slice(-2)).toEqual(['10:10 unknown -', '11:30 recovered 5']);
    expect(told(rule, everyFive('10:00', 9, 9, 9)).at(-1)).toBe('10:10 gap 9');
  });

  test('from one limit straight beyond the other it is one run', () => {
    const both = threshold({ above: 8, below: 2 });
    expect(told(both, everyFive('10:00', 9, 1, 5))).toEqual([
      ...['10:00 began 9', '10:00 opened 9', '10:00 furthest 9', '10:05 crossed 1', '10:10 recovered 5'],
    ]);
  });

  test('another version takes over, and what is open has no end', () => {
    const readings = everyFive('10:00', 9, 9, 9, 9, 9);
    expect(told(rule, readings, { now: '10:21', until: '10:12' }).at(-1)).toBe('10:12 ruleChanged -');
    expect(told(rule, readings, { now: '10:21' }).at(-1)).toBe('10:10 opened 9');
  });
});

test('silence: who was last heard, and when again', () => {
  const rule = silence({ afterMs: minutes(30) });
  expect(
    told(
      rule,
      [
        ['10:00', 5],
        ['11:00', 6],
      ],
      { now: '11:05' },
    ),
  ).toEqual([...['10:00 lastHeard 5', '10:30 opened -', '11:00 heard 6']]);
  expect(told(rule, [['10:00', 5]], { now: '11:05' })).toEqual(['10:00 lastHeard 5', '10:30 opened -']);
});

test('mkt: the hours at which it was above, the highest among them', () => {
  const rule = mkt({ windowMs: hours(1), above: 8, maxGapMs: minutes(10) });
  const readings = [
    ...everyFive('08:00', ...Array.from({ length: 12 }, () => 9)),
    ...everyFive('09:00', ...Array.from({ length: 12 }, () => 10)),
    ...everyFive('10:00', ...Array.from({ length: 13 }, () => 5)),
  ];
  expect(told(rule, readings, { now: '11:01' })).toEqual(['09:00 opened 9', '10:00 furthest 10', '11:00 recovered 5']);
  expect(words(rule, readings, { now: '11:01' })[0]).toBe(
    'The mean kinetic temperature over 1 h is 9 °C, above 8 °C: an alert.',
  );
});

test('mkt: the highest is told where it is the hour in which the device fell silent', () => {
  const rule = mkt({ windowMs: hours(1), above: 8, maxGapMs: minutes(10) });
  const readings = [
    ...everyFive('08:00', ...Array.from({ length: 12 }, () => 9)),
    ...everyFive('09:00', ...Array.from({ length: 7 }, () => 10)),
  ];
  expect(told(rule, readings, { now: '11:01' })).toEqual(['09:00 opened 9', '10:00 furthest 10', '10:00 gap -']);
});

test('rate: the change that was too fast, the fastest, and the one that was not', () => {
  const rule: KeyRule = {
    ...{ id: 'rise', kind: 'rate', metric: 'temperature', severity: 'warning' },
    ...{ windowMs: minutes(10), limit: 1.4 },
  };
  const readings = everyFive('10:00', 5, 5.5, 6.5, 8, 8.25, 8.25);
  expect(told(rule, readings)).toEqual(['10:10 opened 1.5', '10:15 furthest 2.5', '10:25 recovered 8.25']);
  expect(words(rule, readings)[0]).toBe('Up 1.5 °C in 10 min, more than 1.4 °C: an alert.');
});

test('shock: each that counts', () => {
  const rule: KeyRule = {
    ...{ id: 'bump', kind: 'shock', metric: 'shock', severity: 'warning' },
    ...{ limit: 9, keepFiringForMs: minutes(5) },
  };
  const finding: Finding = {
    ...{ rule: 'bump', ruleVersion: 1, kind: 'shock', severity: 'warning', key: 'logger-7/shock' },
    ...{ from: at('10:00'), to: at('10:04'), endedBy: 'recovery', extreme: 12, readings: 2, limit: 9, runs: [] },
    ...{ minutesOutOfRange: null, detectedAt: 0, detectedLate: false },
  };
  const story = explanationOf(finding, rule, temperatures(['10:00', 9], ['10:02', 1], ['10:04', 12]));
  expect(story.map(({ what, text }) => `${what}: ${text}`)).toEqual([
    'opened: 9 g, 9 g or more: an alert.',
    'counted: 12 g, within 5 min of the one before: the same alert.',
    'furthest: 12 g: the hardest.',
  ]);
});

test('interval: each step that was too long', () => {
  const rule: KeyRule = {
    ...{ id: 'sparse', kind: 'interval', metric: 'temperature', severity: 'info', journeyMs: hours(3) },
  };
  const readings: Reading[] = [
    ['10:00', 5],
    ['10:05', 5],
    ['10:12', 5],
    ['10:20', 5],
    ['10:25', 5],
  ];
  expect(told(rule, readings)).toEqual(['10:05 opened 7', '10:12 counted 8', '10:20 recovered 5']);
  expect(words(rule, readings)[0]).toBe(
    '7 min to the next reading; EN 12830 allows 5 min on such a journey: an alert.',
  );
});

test('freezeThaw: frozen, thawed, and the thaw that was one too many', () => {
  const rule: KeyRule = {
    ...{ id: 'thaw', kind: 'freezeThaw', metric: 'temperature', severity: 'critical' },
    ...{ count: 2, windowMs: hours(2), frozenBelow: 0, thawedAbove: 2 },
  };
  const readings: Reading[] = [
    ['10:00', -1],
    ['10:10', 1],
    ['10:20', 3],
    ['10:50', -1],
    ['11:00', 3],
  ];
  expect(told(rule, readings)).toEqual([...['10:00 began -1', '10:20 counted 3', '10:50 began -1', '11:00 opened 3']]);
  expect(words(rule, readings).at(-1)).toBe('3 °C, above 2 °C: thawed: the 2nd within 2 h, an alert.');
});

test('forecast: the warning, and whether it came true', () => {
  const rule: KeyRule = {
    ...{ id: 'soon', kind: 'forecast', metric: 'temperature', severity: 'warning', above: 8 },
    ...{ windowMs: minutes(30), withinMs: minutes(30), confidence: 0.95 },
  };
  const rising = everyFive('10:00', 4, 4, 4.5, 5, 5.5, 6, 6.5);
  expect(told(rule, rising, { now: '10:31' })).toEqual(['10:30 opened 6.5', '10:30 furthest 17.8']);
  const reached = [...rising, ['10:42', 9], ['10:45', 5]] as Reading[];
  expect(told(rule, reached, { now: '10:46' })).toEqual(['10:30 opened 6.5', '10:42 reached 9', '10:45 recovered 5']);
});
