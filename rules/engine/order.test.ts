import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Finding, type KeyQuality, ReadingBuilder, type TimeSpan, withSetAside } from '../../domain/index.ts';
import {
  type Habits,
  hours,
  minutes,
  mkt,
  nearly,
  planOf,
  said,
  silence,
  TEMPERATURE,
  threshold,
} from '../testing/arrange.ts';
import { referenceFindings } from '../testing/reference.ts';
import type { ReferenceMeasure, ReferenceQuality } from '../testing/reference-quality.ts';
import { Engine } from './engine.ts';
import type { KeyRule } from './program.ts';
import { WHOLE_TAIL } from './series.ts';

const MOST = 120;
const START = Date.parse('2026-11-22T00:00:00Z');

interface Arrival {
  readonly time: number;
  readonly value: number;
}

const step = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(minutes(1), minutes(5)) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: minutes(20) }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: hours(3) }) },
);
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(1.5, 2, 2.5, 5, 7.5, 8, 8.5, 9) },
  { weight: 1, arbitrary: fc.double({ min: -5, max: 15, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(85, -127, 30, 9.6) },
);
const series = fc.array(fc.tuple(step, value), { minLength: 1, maxLength: MOST, size: 'max' }).map((steps) => {
  let time = START;
  return steps.map(([ms, at]): Arrival => {
    time += ms;
    return { time, value: at };
  });
});

const duration = fc.constantFrom(0, minutes(5), minutes(10), minutes(17));
const thresholds = fc
  .record({
    limits: fc.constantFrom(
      { above: 8 },
      { below: 2 },
      { above: 8, below: 2 },
      { above: 8, below: 2, clearAbove: 7.5, clearBelow: 2.5 },
      { atOrAbove: 8 },
      { atOrAbove: 8, atOrBelow: 2, clearAbove: 7.5, clearBelow: 2.5 },
      { above: 8, atOrBelow: 2 },
    ),
    forMs: duration,
    maxGapMs: fc.constantFrom(undefined, minutes(7), minutes(30)),
    gap: fc.constantFrom('unknown' as const, 'worst' as const),
    keepFiringForMs: duration,
  })
  .map(({ limits, maxGapMs, ...rest }) =>
    threshold({ ...limits, ...rest, ...(maxGapMs === undefined ? {} : { maxGapMs }) }),
  );
const silences = fc.constantFrom(minutes(3), minutes(30)).map((afterMs) => silence({ afterMs }));
const mkts = fc
  .tuple(fc.constantFrom(hours(1), hours(3)), fc.constantFrom({}, { maxGapMs: minutes(40) }))
  .map(([windowMs, gaps]) => mkt({ windowMs, above: 6.3, ...gaps }));
const base = { severity: 'warning', metric: 'temperature' } as const;
const rates = fc
  .tuple(
    fc.constantFrom(minutes(5), minutes(20)),
    fc.constantFrom(2, -1.5),
    fc.constantFrom({}, { maxGapMs: minutes(12) }),
  )
  .map(([windowMs, limit, gaps]): KeyRule => ({ id: 'rate', kind: 'rate', ...base, windowMs, limit, ...gaps }));
const shocks = duration.map(
  (keepFiringForMs): KeyRule => ({ id: 'shock', kind: 'shock', ...base, limit: 8.5, keepFiringForMs }),
);
const intervals = fc
  .constantFrom(hours(1), hours(48))
  .map((journeyMs): KeyRule => ({ id: 'interval', kind: 'interval', ...base, journeyMs }));
const freezeThaws = fc.tuple(fc.constantFrom(1, 2, 3), fc.constantFrom(minutes(30), hours(4))).map(
  ([count, windowMs]): KeyRule => ({
    id: 'thaw',
    kind: 'freezeThaw',
    ...base,
    count,
    windowMs,
    frozenBelow: 2,
    thawedAbove: 5,
  }),
);
const forecasts = fc
  .record({
    windowMs: fc.constantFrom(minutes(20), minutes(60)),
    withinMs: fc.constantFrom(minutes(10), hours(1)),
    confidence: fc.constantFrom(0.9 as const, 0.99 as const),
    limit: fc.constantFrom({ above: 8 }, { below: 4 }, { above: 10, maxGapMs: minutes(12) }),
  })
  .map(({ limit, ...rest }): KeyRule => ({ id: 'soon', kind: 'forecast', ...base, ...limit, ...rest }));
const rules = fc
  .tuple(thresholds, silences, mkts, rates, shocks, intervals, freezeThaws, forecasts)
  .map((both): readonly KeyRule[] => both);
const device = fc.constantFrom<Habits>(
  {},
  {},
  { intervalMs: minutes(5) },
  { intervalMs: minutes(50), reportsEveryMs: minutes(30) },
  { reportsOnChange: true },
  { reportsOnChange: true, heartbeatMs: minutes(40) },
);

/** Accepted: of one moment's readings the first in log order. */
function accepted(arrivals: readonly Arrival[]): Arrival[] {
  const byTime = new Map<number, Arrival>();
  for (const arrival of arrivals) if (!byTime.has(arrival.time)) byTime.set(arrival.time, arrival);
  return [...byTime.values()].sort((a, b) => a.time - b.time);
}

/** What decides which readings are judged as fact. */
const measure = {
  curve: fc.constantFrom<ReferenceMeasure['curve']>(
    [],
    [],
    [[0, 0.25]],
    [
      [2, 0.5],
      [6, -0.25],
      [9, 0.5],
    ],
  ),
  codes: fc.constantFrom([85, -127], [-163.84, -127, -100, 85, 200, 300], []),
  stepPerMinute: fc.constantFrom(5, 5, 1, Number.POSITIVE_INFINITY),
};
const qualities = fc.record({
  measures: fc
    .tuple(
      fc.record({ from: fc.constant(Number.NEGATIVE_INFINITY), ...measure }),
      fc.uniqueArray(
        fc.record({
          from: fc.integer({ min: 0, max: 15 * 60 }).map((minute) => START + minutes(minute)),
          ...measure,
        }),
        { maxLength: 2, selector: ({ from }) => from },
      ),
    )
    .map(([first, later]): readonly ReferenceMeasure[] => [first, ...later.sort((a, b) => a.from - b.from)]),
  said: fc.array(
    fc.record({
      from: fc.integer({ min: 0, max: 15 * 60 }).map((minute) => START + minutes(minute)),
      to: fc.integer({ min: 0, max: 20 * 60 }).map((minute) => START + minutes(minute)),
      isSetAside: fc.boolean(),
    }),
    { maxLength: 3 },
  ),
});

function measuresOf({ measures }: ReferenceQuality): KeyQuality['measures'] {
  const [first, ...later] = measures.map(({ curve, ...rest }) => ({
    ...rest,
    correction: curve.map(([at, add]) => ({ at, add })),
  }));
  if (first === undefined) throw new Error('a key is measured in some way');
  return [first, ...later];
}

interface Story {
  readonly quality: ReferenceQuality;
  readonly rules: readonly KeyRule[];
  readonly device: Habits;
  readonly arrivals: readonly Arrival[];
  /** Sizes of the batches they come in. */
  readonly batches: readonly number[];
  readonly ticks: readonly number[];
}

/** Late, shuffled, repeated, in conflict, in batches, with ticks between. */
const story: fc.Arbitrary<Story> = fc
  .record({
    rules,
    device,
    quality: qualities,
    series,
    order: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: MOST, maxLength: MOST }),
    isShuffled: fc.double({ min: 0, max: 1, noNaN: true }),
    again: fc.array(fc.tuple(fc.nat(MOST - 1), value), { maxLength: 8 }),
    batches: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 20 }),
    ticks: fc.array(
      fc.integer({ min: 0, max: 24 * 60 }).map((minute) => minutes(minute)),
      { maxLength: 6 },
    ),
  })
  .map(({ series, order, isShuffled, again, ticks, ...rest }) => {
    const arrivals = series
      .map((arrival, i) => ({
        arrival,
        place: i / MOST + ((order[i] ?? 0) < isShuffled ? (order[MOST - 1 - i] ?? 0) : 0),
      }))
      .sort((a, b) => a.place - b.place)
      .map(({ arrival }) => arrival);
    for (const [index, other] of again) {
      const same = series[index % series.length];
      if (same !== undefined) arrivals.splice(index, 0, { time: same.time, value: other });
    }
    return { ...rest, arrivals, ticks: ticks.map((ms) => START + ms).sort((a, b) => a - b) };
  });

function play(engine: Engine, { arrivals, batches, ticks }: Story): Finding[] {
  const present = new Map<string, Finding>();
  const flush = () => {
    for (const { event, finding } of engine.flush(0)) {
      const id = `${finding.rule} ${finding.from}`;
      if (event === 'retracted') {
        expect(present.delete(id)).toBe(true);
      } else {
        expect(present.has(id)).toBe(
          event !== 'opened' && (event === 'extended' || event === 'closed' || present.has(id)),
        );
        present.set(id, finding);
      }
    }
  };
  const waiting = [...ticks];
  let next = 0;
  for (let i = 0; next < arrivals.length; i++) {
    const builder = new ReadingBuilder();
    for (const { time, value } of arrivals.slice(next, next + (batches[i % batches.length] ?? 1))) {
      builder.add('logger-7', TEMPERATURE, time, value);
    }
    next += builder.count;
    engine.apply(builder.view());
    flush();
    const tick = i % 3 === 0 ? waiting.shift() : undefined;
    if (tick !== undefined) {
      engine.setNow(tick);
      flush();
    }
  }
  for (const tick of waiting) engine.setNow(tick);
  flush();
  return [...present.values()].sort((a, b) => (a.rule === b.rule ? a.from - b.from : a.rule < b.rule ? -1 : 1));
}

test('findings are a function of the accepted readings and now, whatever the order, the repeats and the batches', () => {
  fc.assert(
    fc.property(story, (given) => {
      const setAside = given.quality.said.reduce<TimeSpan[]>(withSetAside, []);
      const quality = { metric: TEMPERATURE, measures: measuresOf(given.quality), setAside };
      const engine = new Engine({ plan: planOf(given.rules, given.device), tail: WHOLE_TAIL, quality: () => quality });
      const found = play(engine, given);
      expect(engine.present()).toEqual(found);
      const readings = accepted(given.arrivals);
      const expected = given.rules
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .flatMap((rule) =>
          referenceFindings({
            readings,
            slices: [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, rule, version: 1 }],
            ...given.device,
            intervalMs: given.device.intervalMs ?? null,
            reportsEveryMs: given.device.reportsEveryMs ?? 0,
            now: given.ticks.at(-1) ?? Number.NEGATIVE_INFINITY,
            quality: given.quality,
          }),
        );
      expect(found.map(said).map(nearly)).toEqual(expected.map(nearly));
    }),
    { numRuns: 1_500, interruptAfterTimeLimit: 15_000 },
  );
});
