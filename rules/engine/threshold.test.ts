import { describe, expect, test } from 'vitest';
import { at, engineWith, temperatures, threshold } from '../testing/arrange.ts';

type Readings = readonly (readonly [clock: string, value: number])[];

function judge(rule: Parameters<typeof threshold>[0], readings: Readings, now = '23:59', device = {}) {
  const engine = engineWith([threshold(rule)], device);
  engine.apply(temperatures(...readings));
  engine.setNow(at(now));
  engine.flush(0);
  return engine.present();
}

const shown = (findings: ReturnType<typeof judge>) =>
  findings.map(({ from, to, endedBy }) => [clock(from), to === null ? null : clock(to), endedBy]);
const clock = (time: number) => new Date(time).toISOString().slice(11, 16);

describe('outside', () => {
  test('limits are strict: 8.0 is not above 8, 2.0 not below 2', () => {
    expect(
      judge({ above: 8, below: 2 }, [
        ['10:00', 8],
        ['10:05', 2],
      ]),
    ).toEqual([]);
  });

  test('with atOrAbove and atOrBelow the limit itself is out of range, and the next double inside it is not', () => {
    const inside = 30 - 2 ** -48;
    expect(inside).toBeLessThan(30);
    const [warm] = judge({ atOrAbove: 30 }, [
      ['10:00', inside],
      ['10:05', 30],
      ['10:10', inside],
    ]);
    expect(warm).toMatchObject({ from: at('10:05'), to: at('10:10'), extreme: 30, limit: 30, readings: 1 });
    const [cold] = judge({ atOrBelow: -0.5, clearBelow: 0 }, [
      ['10:00', -0.49],
      ['10:05', -0.5],
      ['10:10', -0.4],
      ['10:15', 0],
    ]);
    expect(cold).toMatchObject({ from: at('10:05'), to: at('10:15'), extreme: -0.5, readings: 2 });
    const [atZero] = judge({ atOrAbove: 0 }, [
      ['10:00', -0],
      ['10:05', -Number.MIN_VALUE],
    ]);
    expect(atZero).toMatchObject({ from: at('10:00'), to: at('10:05'), readings: 1 });
  });

  test('readings kept outside by hysteresis belong to the run and count', () => {
    const [finding] = judge({ above: 8, clearAbove: 7 }, [
      ['10:00', 9],
      ['10:05', 7.5],
      ['10:10', 7],
      ['10:15', 7.5],
    ]);
    expect(finding).toMatchObject({ from: at('10:00'), to: at('10:10'), readings: 2, extreme: 9, endedBy: 'recovery' });
  });

  test('below clears at clearBelow', () => {
    const findings = judge({ below: 2, clearBelow: 3 }, [
      ['10:00', 1],
      ['10:05', 2.9],
      ['10:10', 3],
      ['10:15', 5],
    ]);
    expect(findings).toMatchObject([{ to: at('10:10'), readings: 2, extreme: 1 }]);
  });

  test('a reading directly beyond the other limit continues the run under that limit', () => {
    const findings = judge({ above: 8, below: 2, clearBelow: 4 }, [
      ['10:00', 9],
      ['10:05', 1],
      ['10:10', 3],
      ['10:15', 5],
    ]);
    expect(findings).toMatchObject([{ from: at('10:00'), to: at('10:15'), readings: 3 }]);
  });

  test('after a gap the state is inside until a reading is beyond a limit', () => {
    const findings = judge({ above: 8, clearAbove: 7, maxGapMs: 600_000 }, [
      ['10:00', 9],
      ['10:30', 7.5],
      ['10:35', 9],
      ['10:40', 5],
    ]);
    expect(shown(findings)).toEqual([
      ['10:00', '10:00', 'silence'],
      ['10:35', '10:40', 'recovery'],
    ]);
  });
});

describe('runs', () => {
  test('a run ended by a gap is silent, not recovered, and ends with its last reading', () => {
    const findings = judge({ above: 8, maxGapMs: 600_000 }, [
      ['10:00', 9],
      ['10:05', 9],
      ['10:30', 5],
    ]);
    expect(findings).toMatchObject([{ to: at('10:05'), endedBy: 'silence', minutesOutOfRange: 5 }]);
  });

  test('a run at the end of the data is open until now is more than maxGap behind its last reading', () => {
    const readings: Readings = [
      ['10:00', 9],
      ['10:05', 9],
    ];
    expect(shown(judge({ above: 8, maxGapMs: 600_000 }, readings, '10:15'))).toEqual([['10:00', '10:05', null]]);
    expect(shown(judge({ above: 8, maxGapMs: 600_000 }, readings, '10:16'))).toEqual([['10:00', '10:05', 'silence']]);
  });

  test('with gap: worst a gap does not end a run, the next reading decides, and there is no silence', () => {
    const rule = { above: 8, clearAbove: 7, maxGapMs: 600_000, gap: 'worst' as const };
    expect(
      shown(
        judge(rule, [
          ['10:00', 9],
          ['11:00', 7.5],
          ['12:00', 5],
        ]),
      ),
    ).toEqual([['10:00', '12:00', 'recovery']]);
    expect(shown(judge(rule, [['10:00', 9]]))).toEqual([['10:00', '10:00', null]]);
  });

  test('with gap: worst unknown time after an inside reading is never a run', () => {
    expect(
      judge({ above: 8, maxGapMs: 600_000, gap: 'worst' }, [
        ['10:00', 5],
        ['12:00', 5],
      ]),
    ).toEqual([]);
  });

  test('a run counts when it has lasted for, the inside reading that ends it included', () => {
    expect(
      judge({ above: 8, forMs: 600_000 }, [
        ['10:00', 9],
        ['10:09', 5],
      ]),
    ).toEqual([]);
    expect(
      shown(
        judge({ above: 8, forMs: 600_000 }, [
          ['10:00', 9],
          ['10:10', 5],
        ]),
      ),
    ).toEqual([['10:00', '10:10', 'recovery']]);
  });
});

describe('findings', () => {
  test('a later run that starts less than keepFiringFor after the end extends the finding, counted or not', () => {
    const rule = { above: 8, forMs: 600_000, keepFiringForMs: 300_000 };
    const first: Readings = [
      ['10:00', 9],
      ['10:10', 5],
    ];
    expect(shown(judge(rule, [...first, ['10:14', 9], ['10:15', 5]]))).toEqual([['10:00', '10:15', 'recovery']]);
    expect(shown(judge(rule, [...first, ['10:15', 9], ['10:16', 5]]))).toEqual([['10:00', '10:10', 'recovery']]);
  });

  test('a gap between keeps a later run from extending it', () => {
    const rule = { above: 8, keepFiringForMs: 3_600_000, maxGapMs: 600_000 };
    expect(
      judge(rule, [
        ['10:00', 9],
        ['10:05', 5],
        ['10:20', 5],
        ['10:25', 9],
        ['10:30', 5],
      ]),
    ).toHaveLength(2);
  });

  test('minutesOutOfRange is the sum of the runs alone, rounded half up to three decimals', () => {
    const rule = { above: 8, keepFiringForMs: 3_600_000 };
    const [joined] = judge(rule, [
      ['10:00', 9],
      ['10:05', 5],
      ['10:20', 9],
      ['10:30', 5],
    ]);
    expect(joined).toMatchObject({ minutesOutOfRange: 15, runs: [{}, {}], readings: 2 });
    const [short] = judge({ above: 8 }, [
      ['10:00', 9],
      ['10:00:00.030', 5],
    ]);
    expect(short?.minutesOutOfRange).toBe(0.001);
    const [shorter] = judge({ above: 8 }, [
      ['10:00', 9],
      ['10:00:00.029', 5],
    ]);
    expect(shorter?.minutesOutOfRange).toBe(0);
  });

  test('extreme is furthest beyond the limit in force for it; of equals the earliest', () => {
    expect(
      judge({ above: 8, below: 2 }, [
        ['10:00', 9],
        ['10:05', 0.5],
        ['10:10', 9.2],
      ]),
    ).toMatchObject([{ extreme: 0.5, limit: 2 }]);
    expect(
      judge({ above: 8, below: 2 }, [
        ['10:00', 9],
        ['10:05', 1],
      ]),
    ).toMatchObject([{ extreme: 9, limit: 8 }]);
  });

  test('a finding is reported at the first reading with time >= run.from + for', () => {
    const engine = engineWith([threshold({ above: 8, forMs: 600_000 })]);
    const events = ['10:00', '10:09', '10:10', '10:11'].map((time) => {
      engine.apply(temperatures([time, 9]));
      return engine.flush(at(time)).map(({ event, finding }) => [event, clock(finding.detectedAt)]);
    });
    expect(events).toEqual([[], [], [['opened', '10:10']], [['extended', '10:10']]]);
  });
});

describe('maxGap', () => {
  test("is the rule's before the device's", () => {
    const readings: Readings = [
      ['10:00', 9],
      ['10:20', 5],
    ];
    const device = { intervalMs: 300_000 };
    expect(shown(judge({ above: 8 }, readings, '23:59', device))).toEqual([['10:00', '10:00', 'silence']]);
    expect(shown(judge({ above: 8, maxGapMs: 1_200_000 }, readings, '23:59', device))).toEqual([
      ['10:00', '10:20', 'recovery'],
    ]);
  });

  test('is three intervals of the device, where it declares one', () => {
    const ends = (clock: string) =>
      judge(
        { above: 8 },
        [
          ['10:00', 9],
          [clock, 5],
        ],
        '23:59',
        { intervalMs: 300_000 },
      )[0]?.endedBy;
    expect([ends('10:15'), ends('10:16')]).toEqual(['recovery', 'silence']);
  });

  test('is one hour where fewer than four steps are known', () => {
    const inside: Readings = [
      ['08:00', 5],
      ['08:01', 5],
      ['08:02', 5],
    ];
    const ends = (clock: string) => judge({ above: 8 }, [...inside, ['08:03', 9], [clock, 5]])[0]?.endedBy;
    expect([ends('09:03'), ends('09:04')]).toEqual(['recovery', 'silence']);
  });

  test('is learnt as five medians of the steps before, the mean of the middle two for an even count', () => {
    const steady: Readings = [
      ['08:00', 5],
      ['08:01', 5],
      ['08:02', 5],
      ['08:04', 5],
      ['08:07', 9],
    ];
    // Steps 1, 1, 2, 3 min: median 1.5 min, so 7.5 min are no gap yet.
    const ends = (clock: string) => judge({ above: 8 }, [...steady, [clock, 5]])[0]?.endedBy;
    expect([ends('08:14:30'), ends('08:14:30.001')]).toEqual(['recovery', 'silence']);
  });

  test('is learnt from the twenty steps immediately before, gaps included', () => {
    const minute = (n: number) => new Date(at('00:00') + n * 60_000).toISOString().slice(11, 16);
    const slow: Readings = Array.from({ length: 24 }, (_, i) => [minute(i * 30), 5]);
    const fast: Readings = Array.from({ length: 20 }, (_, i) => [minute(691 + i), i === 19 ? 9 : 5]);
    const ends = (before: Readings, last: number) => judge({ above: 8 }, [...before, [minute(last), 5]])[0]?.endedBy;
    // 23 steps of half an hour, then 20 of a minute: only the minutes count.
    expect([ends([...slow, ...fast], 715), ends([...slow, ...fast], 716)]).toEqual(['recovery', 'silence']);
    // Half an hour each, but two gaps of three hours among them: the median is still half an hour.
    const gaps: Readings = [
      ['00:00', 5],
      ['03:00', 5],
      ['03:30', 5],
      ['06:30', 5],
      ['07:00', 5],
      ['07:30', 9],
    ];
    expect([ends(gaps, 600), ends(gaps, 601)]).toEqual(['recovery', 'silence']);
  });
});

test('of conflicting values for one moment the first in log order stays, also when both are late', () => {
  const readings: Readings = [
    ['10:00', 5],
    ['10:20', 5],
    ['10:05', 9],
    ['10:05', 30],
    ['10:10', 5],
    ['10:20', 40],
  ];
  expect(judge({ above: 8 }, readings)).toMatchObject([{ from: at('10:05'), to: at('10:10'), extreme: 9 }]);
});
