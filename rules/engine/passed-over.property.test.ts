import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Finding,
  type KeyQuality,
  keyQuality,
  type ReadingRun,
  runsOf,
  type ValueBounds,
} from '../../domain/index.ts';
import { at, engineWith, hours, minutes, silence, TEMPERATURE, threshold } from '../testing/arrange.ts';
import { Engine } from './engine.ts';
import type { KeyRule, WatchPlan } from './program.ts';
import { BOUNDED_TAIL, WHOLE_TAIL } from './series.ts';

const START = at('00:00');
const DOOR = 8;
const DEVICES = ['logger-1', 'logger-2'];

const base = { metric: 'temperature', severity: 'warning' } as const;
const RULES: readonly KeyRule[] = [
  threshold({ above: 8, clearAbove: 7.5, forMs: minutes(5), keepFiringForMs: minutes(10) }),
  threshold({ id: 'cold', below: 2, gap: 'worst' }),
  threshold({ id: 'goods', above: 7, thermalMassMs: minutes(30), forMs: minutes(10) }),
  threshold({ id: 'shut', above: 8, unless: { metric: 'door', above: 0.5, atMostMs: minutes(40) } }),
  silence({ afterMs: minutes(20) }),
  silence({ id: 'no-good', afterMs: minutes(20), onlyGood: true }),
  { ...base, id: 'mkt', kind: 'mkt', windowMs: hours(2), above: 6 },
  { ...base, id: 'rise', kind: 'rate', windowMs: minutes(40), limit: 2.5 },
  { ...base, id: 'bump', kind: 'shock', limit: 9, keepFiringForMs: minutes(10) },
  { ...base, id: 'sparse', kind: 'interval', journeyMs: hours(3) },
  { ...base, id: 'thaw', kind: 'freezeThaw', count: 2, windowMs: hours(1), frozenBelow: 2, thawedAbove: 5 },
  { ...base, id: 'soon', kind: 'forecast', above: 8, windowMs: minutes(30), withinMs: minutes(30), confidence: 0.95 },
];

interface Scene {
  readonly rules: readonly KeyRule[];
  /** A later version of the first rule judges from here on; null where there is none. */
  readonly laterFrom: number | null;
  readonly declaredMs: number | null;
  readonly reportsOnChange: boolean;
  readonly setAside: readonly { from: number; to: number }[];
  /** Of each device: stretches of readings alike, then how long the runs are that they are cut into. */
  readonly devices: readonly { readonly legs: readonly Leg[]; readonly lengths: readonly number[] }[];
  /** So much wider than their values do runs say that they are. */
  readonly looseness: number;
  readonly lateAt: readonly number[];
  readonly nowMs: number;
}

interface Leg {
  readonly count: number;
  readonly stepMs: number;
  readonly value: number;
  /** Added to every other reading. */
  readonly swing: number;
}

const leg: fc.Arbitrary<Leg> = fc.record({
  count: fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 30, max: 200 }) }, fc.integer({ min: 1, max: 6 })),
  stepMs: fc.constantFrom(minutes(1), minutes(1), minutes(1), minutes(5), minutes(25), hours(2)),
  value: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(4, 5, 5.5, 6.5) },
    fc.constantFrom(-127, 1, 1.9, 2, 7, 7.6, 8, 8.5, 9, 12, 85, Number.NaN, -0),
  ),
  swing: fc.constantFrom(0, 0, 0.5, 1.5, -3, 6),
});

const scene: fc.Arbitrary<Scene> = fc.record({
  rules: fc.subarray([...RULES], { minLength: 1, maxLength: 3 }),
  laterFrom: fc.option(fc.integer({ min: 0, max: 900 }).map((minute) => START + minutes(minute))),
  declaredMs: fc.option(fc.constantFrom(minutes(1), minutes(30))),
  reportsOnChange: fc.boolean(),
  setAside: fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    fc.nat(600).map((minute) => [{ from: START + minutes(minute), to: START + minutes(minute + 20) }]),
  ),
  devices: fc.array(
    fc.record({
      legs: fc.array(leg, { minLength: 1, maxLength: 8 }),
      lengths: fc.array(fc.constantFrom(1, 3, 20, 31, 32, 33, 60, 128), { minLength: 1, maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 2 },
  ),
  looseness: fc.constantFrom(0, 0, 0.7, 30, Number.NaN),
  lateAt: fc.oneof(
    { weight: 3, arbitrary: fc.constant([]) },
    fc.array(fc.integer({ min: -5, max: 1_200 }), { maxLength: 2 }),
  ),
  nowMs: fc.constantFrom(0, minutes(10), hours(3)),
});

/** Told every ten minutes, open now and then. */
const DOOR_READINGS = {
  count: 200,
  time: Float64Array.from({ length: 200 }, (_, i) => START + minutes(10 * i)),
  value: Float64Array.from({ length: 200 }, (_, i) => ((i % 128) % 5 === 0 ? 1 : 0)),
};

function columnsOf(legs: readonly Leg[]) {
  let time = START;
  const readings: [number, number][] = [];
  for (const { count, stepMs, value, swing } of legs) {
    for (let i = 0; i < count; i++) {
      time += stepMs + (i % 7) * 100;
      readings.push([time, value + (i % 2) * swing]);
    }
  }
  const count = readings.length;
  return {
    count,
    time: Float64Array.from(readings, ([each]) => each),
    value: Float64Array.from(readings, ([, each]) => each),
  };
}

/** Cut where the scene says; each says more than its values do, until it is measured. */
function runsIn({ legs, lengths }: Scene['devices'][number], looseness: number): ReadingRun[] {
  const { count, time, value } = columnsOf(legs);
  const runs: ReadingRun[] = [];
  for (let from = 0, nth = 0; from < count; nth++) {
    const to = Math.min(count, from + (lengths[nth % lengths.length] ?? 1));
    const [run] = runsOf({ count: to - from, time: time.subarray(from, to), value: value.subarray(from, to) });
    if (run !== undefined) runs.push(loose(run, looseness));
    from = to;
  }
  return runs;
}

function loose(run: ReadingRun, by: number): ReadingRun {
  const wider = ({ least, most }: ValueBounds) => ({ least: least - by, most: most + by });
  return {
    count: run.count,
    ...{ firstTime: run.firstTime, lastTime: run.lastTime, lastValue: run.lastValue },
    longestStepMs: run.longestStepMs + (Number.isNaN(by) ? 0 : by * 1_000),
    bounds: wider(run.bounds),
    measure: () => run.measure(),
    newest: (count) => run.newest(count),
  };
}

function engineOf(scene: Scene, tail = BOUNDED_TAIL): Engine {
  const { rules, laterFrom, declaredMs, reportsOnChange, setAside } = scene;
  const plans = rules.map((rule, i): WatchPlan => {
    const program = { rule, version: 1 };
    const always = [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, program }];
    const inTwo = (from: number) => [
      { from: Number.NEGATIVE_INFINITY, to: from, program },
      { from: from + minutes(30), to: Number.POSITIVE_INFINITY, program: { rule, version: 2 } },
    ];
    return {
      ...{ ruleId: rule.id, kind: rule.kind },
      slices: i === 0 && laterFrom !== null ? inTwo(laterFrom) : always,
      ...{ maxGapMs: declaredMs === null ? null : 3 * declaredMs, paceMs: declaredMs, reportsOnChange },
      reportsEveryMs: 0,
    };
  });
  const quality = (_: string, metric: number): KeyQuality => keyQuality(metric, {}, setAside);
  return new Engine({ plan: (_, metric) => (metric === TEMPERATURE ? plans : []), quality, tail });
}

/** @param mayPass false: each reading is judged by itself @returns what is found, and how many readings were taken unread */
function judged(scene: Scene, mayPass: boolean): { found: Finding[]; unread: number } {
  const { engine, unread } = run(scene, engineOf(scene), mayPass);
  // As a backtest does.
  const judging = engine.parked().length > 0 ? run(scene, engineOf(scene, WHOLE_TAIL), mayPass).engine : engine;
  return { found: judging.present(), unread };
}

function run(scene: Scene, engine: Engine, mayPass: boolean): { engine: Engine; unread: number } {
  let unread = 0;
  let last = START;
  for (const [nth, device] of scene.devices.entries()) {
    const name = DEVICES[nth] ?? '';
    for (const one of runsOf(DOOR_READINGS)) {
      if (mayPass && engine.passOver(name, DOOR, one)) continue;
      for (const [i, each] of one.newest(one.count).time.entries())
        engine.applyOne(name, DOOR, each, i % 5 === 0 ? 1 : 0);
    }
    for (const one of runsIn(device, scene.looseness)) {
      last = Math.max(last, one.lastTime);
      if (mayPass && engine.passOver(name, TEMPERATURE, one)) {
        unread += one.count;
        continue;
      }
      const { time, value } = one.newest(one.count);
      for (const [i, each] of time.entries()) engine.applyOne(name, TEMPERATURE, each, value[i] as number);
    }
    for (const minute of scene.lateAt) engine.applyOne(name, TEMPERATURE, START + minutes(minute) + 17, 9.5);
  }
  engine.setNow(last + scene.nowMs);
  engine.flush(last + scene.nowMs);
  return { engine, unread };
}

test('what is passed over unread changes nothing: all is found that is found reading by reading', () => {
  const counted = { unread: 0, found: 0 };
  fc.assert(
    fc.property(scene, (drawn) => {
      const one = judged(drawn, false);
      const passing = judged(drawn, true);
      counted.unread += passing.unread;
      counted.found += passing.found.length;
      expect(passing.found).toEqual(one.found);
    }),
    { numRuns: 150, interruptAfterTimeLimit: 5_000 },
  );
  expect(counted.unread).toBeGreaterThan(0);
  expect(counted.found).toBeGreaterThan(0);
});

test.each([
  ['in it', [5, 9.5, 1, 5]],
  ['to its first reading', [12, 12, 12]],
  ['to its first reading, down', [-2, -2, -2]],
])(
  'a run with a step %s that no air makes is read, one that is late, and one behind a suspect reading',
  (_, values) => {
    const engine = engineWith([threshold({ below: -50 })], {}, BOUNDED_TAIL);
    const runOf = (from: number, given: readonly number[]) => {
      const time = Float64Array.from(given, (_, i) => START + minutes(from + i));
      return runsOf({ count: given.length, time, value: Float64Array.from(given) })[0] as ReadingRun;
    };
    expect(engine.passOver('logger-1', TEMPERATURE, runOf(0, [5, 6, 5]))).toBe(true);
    expect(engine.passOver('logger-1', TEMPERATURE, runOf(3, values))).toBe(false);
    expect(engine.passOver('logger-1', TEMPERATURE, runOf(3, [9, 9]))).toBe(true);
    expect(engine.passOver('logger-1', TEMPERATURE, runOf(4, [9, 9]))).toBe(false);
    engine.applyOne('logger-1', TEMPERATURE, START + minutes(5), 85);
    expect(engine.passOver('logger-1', TEMPERATURE, runOf(6, [9, 9]))).toBe(false);
  },
);

test.each([
  ['as many as any tail holds', threshold({ above: 8 }), 32],
  [
    'as many as its rule reaches back',
    { ...base, id: 'rise', kind: 'rate', windowMs: minutes(90), limit: 2.5 } as const,
    90,
  ],
])('of a run that was passed over the tail has %s', (_, rule, most) => {
  const engine = engineWith([rule], {}, BOUNDED_TAIL);
  const time = Float64Array.from({ length: 384 }, (_, i) => START + minutes(i));
  const [first, ...others] = runsOf({ count: 384, time, value: new Float64Array(384).fill(5) });
  for (const [i, at] of (first?.newest(128).time ?? []).entries())
    engine.applyOne('logger-1', TEMPERATURE, at, 5 + (i % 2) / 10);
  for (const each of others) expect(engine.passOver('logger-1', TEMPERATURE, each)).toBe(true);
  engine.flush(0);
  expect(engine.tailFrom(0)).toBeLessThanOrEqual(START + minutes(384 - most));
  expect(engine.tailFrom(0)).toBeGreaterThan(START + minutes(128));
});
