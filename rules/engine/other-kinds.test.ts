import { describe, expect, test } from 'vitest';
import type { Rule } from '../../domain/index.ts';
import { parseRules } from '../file/rule-file.ts';
import { at, engineWith, planOf, temperatures } from '../testing/arrange.ts';
import { Engine } from './engine.ts';
import { allowedIntervalMs } from './interval.ts';
import type { KeyRule } from './program.ts';
import { WHOLE_TAIL } from './series.ts';

type Readings = readonly (readonly [clock: string, value: number])[];

function isKeyRule(rule: Rule): rule is KeyRule {
  return 'metric' in rule;
}

const INTERVAL = { id: 'r', kind: 'interval', metric: 'temperature', severity: 'warning' } as const;

/** The findings of one rule, written as in a file, as `[from, to, endedBy, extreme, readings]`. */
function judge(rule: string, readings: Readings, now = readings.at(-1)?.[0] ?? '00:00') {
  const rules = parseRules(`rules: [{id: r, metric: temperature, ${rule}}]`, 'f').rules.map((entry) => entry.rule);
  const engine = engineWith(rules.filter(isKeyRule));
  for (const reading of readings) {
    engine.apply(temperatures(reading));
    engine.flush(0);
  }
  engine.setNow(at(now));
  engine.flush(0);
  const clock = (time: number | null) => (time === null ? null : new Date(time).toISOString().slice(11, 16));
  return engine
    .present()
    .map(({ from, to, endedBy, extreme, readings }) => [clock(from), clock(to), endedBy, extreme, readings]);
}

// They waited for a reading, however long ago the last one was; threshold did not.
describe('the step from the last reading to now is judged as any other', () => {
  const falling: Readings = [
    ['10:00', 8],
    ['10:05', 6],
    ['10:10', 3.5],
  ];
  const sparse: Readings = [
    ['10:00', 5],
    ['10:20', 5],
  ];

  test('a rate is silent once it is a gap', () => {
    expect(judge('kind: rate, window: 5m, limit: -2', falling, '11:10')).toEqual([['10:10', '10:10', null, -2.5, 1]]);
    expect(judge('kind: rate, window: 5m, limit: -2', falling, '11:11')).toEqual([
      ['10:10', '10:10', 'silence', -2.5, 1],
    ]);
  });

  test('an interval is found while the step still runs, without an end or a length', () => {
    const rule = 'kind: interval, journey: 10h';
    expect(judge(rule, [['10:00', 5]], '10:05')).toEqual([]);
    expect(judge(rule, [['10:00', 5]], '10:06')).toEqual([['10:00', null, null, null, 1]]);
    expect(judge(rule, sparse, '10:25')).toEqual([['10:00', '10:20', null, 20, 1]]);
    expect(judge(rule, sparse, '10:26')).toEqual([['10:00', null, null, 20, 2]]);
  });

  test('and it was none where a reading comes that was on its way', () => {
    const engine = engineWith([{ ...INTERVAL, journeyMs: 36_000_000 }]);
    engine.apply(temperatures(['10:00', 5]));
    engine.setNow(at('10:30'));
    expect(engine.flush(0).map(({ event }) => event)).toEqual(['opened']);
    engine.apply(temperatures(['10:04', 5]));
    expect(engine.flush(0).map(({ event }) => event)).toContain('retracted');
    expect(engine.present()).toMatchObject([{ from: at('10:04'), to: null, readings: 1 }]);
  });
});

describe('rate', () => {
  test('finds the readings that have moved by more than limit since a window before', () => {
    const warming: Readings = [
      ['10:00', 5],
      ['10:05', 5.5],
      ['10:10', 6.5],
      ['10:15', 8],
      ['10:20', 8.2],
      ['10:25', 8.2],
    ];
    expect(judge('kind: rate, window: 10m, limit: 1.4', warming)).toEqual([['10:10', '10:25', 'recovery', 2.5, 3]]);
  });

  test('a fall has a limit below zero, and moving by exactly the limit is not beyond it', () => {
    expect(
      judge('kind: rate, window: 5m, limit: -2', [
        ['10:00', 8],
        ['10:05', 6],
        ['10:10', 3.5],
      ]),
    ).toEqual([['10:10', '10:10', null, -2.5, 1]]);
  });

  test('what held at the beginning of the window counts, not the nearest reading', () => {
    expect(
      judge('kind: rate, window: 10m, limit: 2, maxGap: 30m', [
        ['10:00', 1],
        ['10:12', 5],
        ['10:13', 5],
      ]),
    ).toEqual([['10:12', '10:13', null, 4, 2]]);
  });

  test('a gap inside the window leaves the change unknown', () => {
    const readings: Readings = [
      ['10:00', 1],
      ['10:20', 9],
      ['10:25', 9.5],
    ];
    expect(judge('kind: rate, window: 10m, limit: 2, maxGap: 15m', readings)).toEqual([]);
  });
});

describe('shock', () => {
  test('finds readings at or above the limit; those closer than keepFiringFor join', () => {
    const readings: Readings = [
      ['10:00', 9],
      ['10:04', 12],
      ['10:05', 1],
      ['10:09', 10],
      ['10:20', 8.9],
    ];
    expect(judge('kind: shock, limit: 9, keepFiringFor: 5m', readings)).toEqual([
      ['10:00', '10:04', 'recovery', 12, 2],
      ['10:09', '10:09', 'recovery', 10, 1],
    ]);
  });
});

describe('interval', () => {
  test('allows 5 minutes for journeys under 24 hours, 15 minutes up to 7 days, 60 minutes beyond', () => {
    const allowed = (journey: number) => allowedIntervalMs(journey * 3_600_000) / 60_000;
    expect([1, 23.99, 24, 168, 168.01].map(allowed)).toEqual([5, 5, 15, 15, 60]);
  });

  test('neighbouring steps that are too long are one finding, ended by a step that is not', () => {
    const readings: Readings = [
      ['10:00', 5],
      ['10:05', 5],
      ['10:11', 5],
      ['10:20', 5],
      ['10:25', 5],
      ['10:40', 5],
    ];
    expect(judge('kind: interval, journey: 10h', readings)).toEqual([
      ['10:05', '10:20', 'recovery', 9, 2],
      ['10:25', '10:40', null, 15, 1],
    ]);
  });
});

describe('freezeThaw', () => {
  test('counts crossings from frozen to thawed, through what lies between', () => {
    const readings: Readings = [
      ['10:00', -1],
      ['10:10', 1],
      ['10:20', 3],
      ['10:30', -1],
      ['10:40', 1],
      ['10:50', -1],
      ['11:00', 3],
    ];
    const rule = 'kind: freezeThaw, window: 2h, frozenBelow: 0, thawedAbove: 2';
    expect(judge(`${rule}, count: 1`, readings)).toEqual([['10:20', '11:00', 'recovery', null, 2]]);
    expect(judge(`${rule}, count: 2`, readings)).toEqual([['11:00', '11:00', 'recovery', null, 2]]);
    expect(judge(`${rule}, count: 3`, readings)).toEqual([]);
  });

  test('crossings further apart than the window are counted by themselves', () => {
    const readings: Readings = [
      ['10:00', -1],
      ['10:10', 3],
      ['10:20', -1],
      ['12:10', 3],
    ];
    expect(judge('kind: freezeThaw, window: 2h, count: 2', readings)).toEqual([]);
    expect(judge('kind: freezeThaw, window: 2h, count: 1', readings)).toHaveLength(2);
  });
});

describe('forecast', () => {
  const rule = 'kind: forecast, window: 30m, within: 30m';
  const warming: Readings = [
    ['10:00', 4],
    ['10:05', 4],
    ['10:10', 4.5],
    ['10:15', 5],
    ['10:20', 5.5],
    ['10:25', 6],
    ['10:30', 6.5],
    ['10:35', 6.4],
    ['10:40', 5.5],
  ];

  test('warns from the first reading whose trend is sure to reach the limit', () => {
    expect(judge(`${rule}, above: 8`, warming.slice(0, 6))).toEqual([]);
    expect(judge(`${rule}, above: 8`, warming.slice(0, 7))).toEqual([['10:30', '10:30', null, 17.8, 1]]);
    expect(judge(`${rule}, above: 8`, warming)).toEqual([['10:30', '10:40', null, 14.672, 3]]);
  });

  test('is surer of less: at 0.999 it waits longer, and a limit below mirrors one above', () => {
    expect(judge(`${rule}, above: 8, confidence: 0.999`, warming.slice(0, 7))).toEqual([]);
    const cooling = warming.slice(0, 7).map(([clock, value]) => [clock, 10 - value] as const);
    expect(judge(`${rule}, below: 2`, cooling)).toEqual([['10:30', '10:30', null, 17.8, 1]]);
  });

  test('is retracted when the trend turns before the limit, closed by the reading back inside after it', () => {
    expect(judge(`${rule}, above: 8`, [...warming, ['10:45', 5]])).toEqual([]);
    // The late reading makes true what had been taken back.
    expect(judge(`${rule}, above: 8`, [...warming, ['10:45', 5], ['10:42', 9]])).toEqual([
      ['10:30', '10:45', 'recovery', 14.672, 4],
    ]);
  });

  test('a gap ends it where it was last known', () => {
    expect(judge(`${rule}, above: 8, maxGap: 15m`, [...warming, ['11:00', 5]])).toEqual([
      ['10:30', '10:40', 'silence', 14.672, 3],
    ]);
  });
});

test('a limit in °F on a product kept at 2 to 8 °C is allowed, with a warning', () => {
  const file = (limit: number) =>
    parseRules(
      `rules:\n  - {id: warm, kind: threshold, metric: temperature, above: ${limit}, appliesTo: 'profile == "2-8C"'}\n`,
      'r.yaml',
    );
  expect(file(46).warnings).toEqual(['r.yaml:2: warm.above: 46 °C on 2-8C (up to 8 °C); if 46 °F is meant, write 7.8']);
  expect(file(8).warnings).toEqual([]);
  expect(file(20).warnings).toEqual([]);
});

// To look for where to judge again from, a reading of an earlier version's time was asked whether it is clean: from there on
// the watch took that version's end for its own and began anew at the next reading. A shock was told as two.
describe('a late reading of an earlier version changes nothing of what the version in force has under way', () => {
  const every5 = (from: string, count: number): Readings =>
    Array.from({ length: count }, (_, i) => [new Date(at(from) + i * 300_000).toISOString().slice(11, 16), 5] as const);

  /** A first version to 10:00, a second from then on; 09:55 comes after all of 09:50 to 12:00. */
  function judgeLate(first: KeyRule, second: KeyRule, ...later: Readings[]) {
    const [plan] = planOf([first])('logger-7', 1);
    const slices = [
      { from: Number.NEGATIVE_INFINITY, to: at('10:00'), program: { rule: first, version: 1 } },
      { from: at('10:00'), to: Number.POSITIVE_INFINITY, program: { rule: second, version: 2 } },
    ];
    const engine = new Engine({ plan: () => (plan ? [{ ...plan, slices }] : []), tail: WHOLE_TAIL });
    engine.apply(temperatures(['09:45', 5], ['09:50', 5], ...every5('10:00', 25), ...(later[0] ?? [])));
    engine.flush(0);
    engine.apply(temperatures(['09:55', 5]));
    engine.flush(0);
    for (const readings of later.slice(1)) engine.apply(temperatures(...readings));
    engine.flush(0);
    return engine.present().map(({ ruleVersion, from, to, readings }) => [ruleVersion, from, to, readings]);
  }

  test('shocks that join are one', () => {
    const shock = { id: 'r', kind: 'shock', metric: 'temperature', severity: 'warning', limit: 8 } as const;
    const rule = { ...shock, keepFiringForMs: 900_000 };
    expect(judgeLate(rule, rule, [['12:05', 9]], [['12:10', 9]])).toEqual([[2, at('12:05'), at('12:10'), 2]]);
  });

  test('a first thawing counts for the second', () => {
    const thaw = { id: 'r', kind: 'freezeThaw', metric: 'temperature', severity: 'warning', count: 2 } as const;
    const rule = { ...thaw, windowMs: 3_600_000, frozenBelow: 2, thawedAbove: 4 };
    const [once, again]: Readings[] = [
      [
        ['12:05', 1],
        ['12:10', 6],
      ],
      [
        ['12:15', 1],
        ['12:20', 6],
      ],
    ];
    expect(judgeLate(rule, rule, once ?? [], again ?? [])).toMatchObject([[2, at('12:20'), at('12:20'), 2]]);
  });
});
