import { readFileSync } from 'node:fs';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ReadingBuilder } from '../../domain/index.ts';
import { sharedTestdata, WITHOUT_SAMPLES } from '../../tests/parts.ts';
import { at, engineWith, hours, minutes, mkt, TEMPERATURE } from '../testing/arrange.ts';
import { Watches } from './watches.ts';

const VECTORS = sharedTestdata('mkt-vectors.json');
const START = at('00:00');

/** One reading every ten minutes: each value for its hours. */
function series(segments: readonly (readonly [celsius: number, hours: number])[]) {
  const builder = new ReadingBuilder();
  let time = START;
  let last = 0;
  for (const [celsius, length] of segments) {
    for (let minute = 0; minute < length * 60; minute += 10) {
      builder.add('logger-7', TEMPERATURE, time, celsius);
      time += minutes(10);
    }
    last = celsius;
  }
  builder.add('logger-7', TEMPERATURE, time, last);
  return { columns: builder.view(), end: time };
}

function judged(segments: readonly (readonly [number, number])[], rule: Parameters<typeof mkt>[0], now?: number) {
  const engine = engineWith([mkt(rule)]);
  const { columns, end } = series(segments);
  engine.apply(columns);
  engine.setNow(now ?? end);
  engine.flush(0);
  return engine.present();
}

describe('mkt', () => {
  test('agrees with the worked examples to 0.001 °C', (context) => {
    if (VECTORS === null) return context.skip(WITHOUT_SAMPLES);
    const { cases } = JSON.parse(readFileSync(VECTORS, 'utf8')) as {
      cases: { segments_C_hours: [number, number][]; mkt_C: number }[];
    };
    expect(cases.length).toBeGreaterThan(5);
    for (const { segments_C_hours, mkt_C } of cases) {
      const window = hours(segments_C_hours.reduce((sum, [, length]) => sum + length, 0));
      const [finding] = judged(segments_C_hours, { windowMs: window, above: -200 });
      expect(finding?.from).toBe(START + window);
      expect(Math.abs((finding?.extreme ?? 0) - mkt_C)).toBeLessThan(0.001);
    }
  });

  // A finding was missing until the next reading came: the hour that now had to reach was never waited for.
  test('is found when now alone reaches the hour, also where the key begins with an error code', () => {
    const engine = engineWith([mkt({ windowMs: hours(1), above: 6 })]);
    const apply = (...readings: readonly (readonly [minute: number, value: number])[]) => {
      const builder = new ReadingBuilder();
      for (const [minute, value] of readings)
        builder.add('logger-7', TEMPERATURE, at('00:40') + minutes(minute), value);
      engine.apply(builder.view());
      engine.flush(0);
    };
    apply([0, 85], [10, 7], [11, 30]);
    engine.setNow(at('00:30'));
    engine.flush(0);
    for (const minute of [20, 30, 40, 50, 60, 70]) apply([minute, 7]);
    expect(engine.present()).toEqual([]);
    engine.setNow(at('02:00'));
    engine.flush(0);
    expect(engine.present()).toMatchObject([{ from: at('02:00'), to: null, extreme: 7 }]);
  });

  test('is evaluated at each whole hour, from the first at least a window after the first reading', () => {
    const engine = engineWith([mkt({ windowMs: hours(2), above: 8 })]);
    const builder = new ReadingBuilder();
    for (let minute = 0; minute <= 240; minute += 10)
      builder.add('logger-7', TEMPERATURE, at('00:30') + minutes(minute), 9);
    engine.apply(builder.view());
    engine.setNow(at('04:59'));
    engine.flush(0);
    expect(engine.present()).toMatchObject([{ from: at('03:00'), to: null, endedBy: null, extreme: 9, readings: 2 }]);
  });

  test('a value that stays exactly at the limit is not above it', () => {
    expect(judged([[8, 6]], { windowMs: hours(2), above: 8 })).toEqual([]);
  });

  test('a finding ends at the first hour that is not above', () => {
    expect(
      judged(
        [
          [9, 4],
          [2, 4],
        ],
        { windowMs: hours(2), above: 8 },
      ),
    ).toMatchObject([{ from: at('02:00'), to: at('05:00'), endedBy: 'recovery', readings: 3 }]);
  });

  // A key that fell silent kept its finding for as long as the window, a month and more, and by what was left of it.
  test('a key that falls silent ends its finding once that is a gap, at the first hour after its last reading', () => {
    const rule = { windowMs: hours(2), above: 8, maxGapMs: minutes(30) };
    expect(judged([[9, 4]], rule, at('04:30'))).toMatchObject([{ to: null, endedBy: null, readings: 3 }]);
    // The hour in the gap has not come yet.
    expect(judged([[9, 4]], rule, at('04:59'))).toMatchObject([{ to: null, readings: 3 }]);
    for (const clock of ['05:00', '23:00']) {
      expect(judged([[9, 4]], rule, at(clock))).toMatchObject([
        { from: at('02:00'), to: at('05:00'), endedBy: 'silence', readings: 3 },
      ]);
    }
  });

  // What two hours of silence left in the window was cold: said to have recovered, with nothing known of it.
  test('silence is no recovery, and begins nothing: later hours wait for the next reading, or for the gap', () => {
    const rule = { windowMs: hours(2), above: 8, maxGapMs: hours(3) };
    const warmThenCold = [
      [20, 3],
      [2, 0.5],
    ] as const;
    expect(judged(warmThenCold, rule, at('06:29'))).toMatchObject([{ to: null, readings: 3 }]);
    expect(judged(warmThenCold, rule, at('06:31'))).toMatchObject([
      { to: at('04:00'), endedBy: 'silence', readings: 3 },
    ]);
    const coldThenWarm = [
      [2, 3],
      [8.5, 0.5],
    ] as const;
    expect(judged(coldThenWarm, rule, at('06:29'))).toEqual([]);
    expect(judged(coldThenWarm, rule, at('12:00'))).toEqual([]);
  });

  test('what the hour in which the silence began shows is told, and not taken back', () => {
    const rule = { windowMs: hours(2), above: 8, maxGapMs: minutes(30) };
    const late = [
      [2, 2],
      [20, 0.5],
    ] as const;
    expect(judged(late, rule, at('03:00'))).toMatchObject([{ from: at('03:00'), to: null, readings: 1 }]);
    expect(judged(late, rule, at('09:00'))).toMatchObject([
      { from: at('03:00'), to: at('03:00'), endedBy: 'silence', readings: 1 },
    ]);
  });

  test('a gap between readings ends a finding by silence, and the hours after it may begin another', () => {
    const engine = engineWith([mkt({ windowMs: hours(2), above: 8, maxGapMs: minutes(30) })]);
    const builder = new ReadingBuilder();
    for (let minute = 0; minute <= 480; minute += 10) {
      if (minute > 190 && minute < 350) continue;
      builder.add('logger-7', TEMPERATURE, START + minutes(minute), 9);
    }
    engine.apply(builder.view());
    engine.setNow(at('07:00'));
    engine.flush(0);
    expect(engine.present()).toMatchObject([
      { from: at('02:00'), to: at('04:00'), endedBy: 'silence', readings: 3 },
      { from: at('06:00'), to: null, readings: 2 },
    ]);
  });

  test('a gap weighs nothing', () => {
    const engine = engineWith([mkt({ windowMs: hours(2), above: 8, maxGapMs: minutes(30) })]);
    const builder = new ReadingBuilder();
    for (const [clock, value] of [
      ['00:00', 2],
      ['00:10', 30],
      ['01:00', 9],
      ['01:30', 9],
      ['02:00', 9],
    ] as const) {
      builder.add('logger-7', TEMPERATURE, at(clock), value);
    }
    engine.apply(builder.view());
    engine.setNow(at('02:00'));
    engine.flush(0);
    // Ten minutes of 2 °C and an hour of 9 °C; the 30 °C before the gap count for nothing.
    expect(engine.present()[0]?.extreme).toBeCloseTo(8.295696217, 9);
  });

  // Each settling brought the next: an hour above the limit cost all its keys a settling with every flush.
  test('is settled once for what happened to it, above the limit too', () => {
    const taken = vi.spyOn(Watches.prototype, 'takeDirty');
    onTestFinished(() => taken.mockRestore());
    const engine = engineWith([mkt({ windowMs: hours(1), above: 8 })]);
    const { columns, end } = series([[9, 2]]);
    engine.apply(columns);
    engine.setNow(end);
    engine.flush(0);
    expect(engine.present()).toMatchObject([{ endedBy: null }]);
    engine.setNow(end + minutes(1));
    engine.flush(0);
    expect(taken.mock.results.map(({ value }) => value.length)).toEqual([1, 0]);
  });
});
