import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type CalibrationFact,
  type DeviceContext,
  type Fact,
  type Finding,
  type KeptFact,
  metricByName,
  SLOTS,
  slotOf,
  type ThresholdRule,
} from '../../domain/index.ts';
import type { KeyRule } from '../engine/program.ts';
import { hours, minutes, mkt, nearly, said, silence, TEMPERATURE, threshold } from '../testing/arrange.ts';
import { referenceFindings } from '../testing/reference.ts';
import { referenceGood } from '../testing/reference-quality.ts';
import {
  referenceSlices,
  registeredContext,
  registeredQuality,
  registeredSwitch,
} from '../testing/reference-slices.ts';
import { World, type WorldReading } from '../testing/world.ts';
import { dividedAnew, type FormerShare, type NextShare } from './shares.ts';

const START = Date.parse('2026-11-22T00:00:00Z');
const MOST = 150;
const DEVICES = ['logger-1', 'logger-2'];
const UNITS = ['urn:epc:id:sscc:0614141.1000000001', 'urn:epc:id:sscc:0614141.1000000002'];

const moment = fc.integer({ min: 0, max: 20 * 60 }).map((minute) => START + minutes(minute));
const step = fc.oneof(
  { weight: 10, arbitrary: fc.constantFrom(minutes(5), minutes(5), minutes(1)) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: minutes(20) }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: hours(3) }) },
);
const value = fc.constantFrom(1.5, 3, 5, 5, 5, 7.6, 8, 8.5, 9);
const DEFROST = metricByName('defrost')?.code ?? 0;
/** What is told of a defrost beside a temperature, if anything. */
const flag = fc.option(
  fc.record({ value: fc.constantFrom(0, 0, 1, 1), after: fc.constantFrom(0, 0, 0, -1, minutes(2)) }),
);
const device = fc.constantFrom(...DEVICES);

const ruleBody = fc.oneof(
  fc
    .record({
      limits: fc.constantFrom(
        { above: 8 },
        { above: 8, below: 2, clearAbove: 7.5 },
        { below: 4 },
        { atOrAbove: 8 },
        { atOrBelow: 3, atOrAbove: 8.5, clearBelow: 5 },
      ),
      forMs: fc.constantFrom(0, minutes(10)),
      gap: fc.constantFrom('unknown' as const, 'worst' as const),
      keepFiringForMs: fc.constantFrom(0, minutes(15)),
      gaps: fc.constantFrom({}, { maxGapMs: minutes(12) }),
      where: fc.constantFrom({}, {}, { appliesTo: 'profile == "2-8C"' }),
      unless: fc.constantFrom<Partial<ThresholdRule>[]>(
        {},
        { unless: { metric: 'defrost', above: 0, atMostMs: minutes(20) } },
        { unless: { metric: 'defrost', atOrAbove: 1 } },
      ),
      mass: fc.constantFrom({}, {}, { thermalMassMs: minutes(3) }, { thermalMassMs: minutes(30) }),
    })
    .map(({ limits, gaps, where, unless, mass, ...rest }) =>
      threshold({ id: 'warm', ...limits, ...gaps, ...where, ...unless, ...mass, ...rest }),
    ),
  fc
    .record({
      afterMs: fc.constantFrom(minutes(7), minutes(30)),
      where: fc.constantFrom({}, { appliesTo: 'site == "site:lyon"' }),
    })
    .map(({ afterMs, where }) => silence({ id: 'silent', afterMs, ...where })),
);

const mktBody = fc
  .tuple(fc.constantFrom(hours(1), hours(3)), fc.constantFrom({}, { appliesTo: 'profile == "2-8C"' }))
  .map(([windowMs, where]) => mkt({ windowMs, above: 6.1, ...where }));
const base = { severity: 'warning', metric: 'temperature' } as const;
const otherBody = fc.constantFrom<KeyRule>(
  { id: 'rate', kind: 'rate', ...base, windowMs: minutes(10), limit: 2 },
  {
    id: 'rate',
    kind: 'rate',
    ...base,
    windowMs: minutes(30),
    limit: -3,
    maxGapMs: minutes(20),
    appliesTo: 'profile == "2-8C"',
  },
  { id: 'shock', kind: 'shock', ...base, limit: 8.5, keepFiringForMs: minutes(15) },
  { id: 'interval', kind: 'interval', ...base, journeyMs: hours(3) },
  { id: 'interval', kind: 'interval', ...base, journeyMs: hours(30), appliesTo: 'site == "site:lyon"' },
  { id: 'thaw', kind: 'freezeThaw', ...base, count: 2, windowMs: hours(1), frozenBelow: 2, thawedAbove: 5 },
  { id: 'soon', kind: 'forecast', ...base, above: 8, windowMs: minutes(30), withinMs: minutes(30), confidence: 0.9 },
  {
    ...{ id: 'soon', kind: 'forecast', ...base, below: 4, windowMs: hours(1), withinMs: hours(2), confidence: 0.9 },
    appliesTo: 'profile == "2-8C"',
  },
);
const anyRule = fc.oneof(
  { weight: 2, arbitrary: ruleBody },
  { weight: 1, arbitrary: mktBody },
  { weight: 2, arbitrary: otherBody },
);

type Step =
  | { readonly do: 'append'; readonly readings: number }
  | { readonly do: 'write'; readonly records: number }
  | { readonly do: 'consume'; readonly family: 'readings' | 'trace'; readonly records: number; readonly fails: boolean }
  | { readonly do: 'tick'; readonly now: number }
  | { readonly do: 'restart' }
  | { readonly do: 'tell'; readonly fact: Fact };

const context = fc.constantFrom<DeviceContext>(
  {},
  { intervalMs: minutes(5) },
  { profile: '2-8C', reportsEveryMs: minutes(20) },
  { sensor: 'pt100', intervalMs: minutes(5) },
  { sensor: 'ds18b20', corrections: { temperature: -0.5 } },
  { stepPerMinute: 1, profile: '2-8C' },
  { reportsOnChange: true },
  { reportsOnChange: true, heartbeatMs: minutes(40), intervalMs: minutes(1) },
);
const told: fc.Arbitrary<Fact> = fc.oneof(
  fc
    .record({
      device,
      from: moment,
      minutes: fc.integer({ min: 1, max: 400 }),
      isSetAside: fc.boolean(),
      isOpen: fc.nat(5),
      metric: fc.constantFrom('temperature' as const, 'temperature' as const, 'defrost' as const),
    })
    .map(({ device, from, minutes: long, isSetAside, isOpen, metric }): Fact => {
      const to = isOpen === 0 ? null : from + minutes(long);
      const setAside = { device, metric, from, to, isSetAside, reason: 'test', at: 0 };
      return { type: 'setAside', by: 'test', setAside };
    }),
  fc.tuple(anyRule, fc.option(moment), fc.boolean()).map(
    ([rule, effectiveFrom, isRemoved]): Fact => ({
      type: 'rule',
      by: 'test',
      version: { rule, version: 0, effectiveFrom, ...(isRemoved && effectiveFrom !== null ? { isRemoved } : {}) },
    }),
  ),
  fc.tuple(device, context, fc.option(moment, { nil: undefined })).map(
    ([id, context, from]): Fact => ({
      type: 'device',
      by: 'test',
      device: { id, kind: 'logger', context, ...(from === undefined ? {} : { effectiveFrom: from }) },
    }),
  ),
  fc
    .tuple(
      device,
      moment,
      fc.constantFrom<CalibrationFact['points']>(
        [],
        [{ reported: 0, reference: 0.5 }],
        [
          { reported: 2, reference: 2.5 },
          { reported: 6, reference: 5.75 },
          { reported: 10, reference: 10 },
        ],
      ),
    )
    .map(([device, effectiveFrom, points]): Fact => {
      const said = { certificate: null, reason: 'test', at: 0 };
      const calibration = { device, metric: 'temperature' as const, effectiveFrom, points, ...said };
      return { type: 'calibration', by: 'test', calibration };
    }),
  fc
    .tuple(device, fc.constantFrom(...UNITS, 'site:lyon', null), moment)
    .map(
      ([device, subject, from]): Fact => ({ type: 'attachment', by: 'test', attachment: { device, subject, from } }),
    ),
  fc
    .tuple(
      fc.constantFrom('SHP-1', 'SHP-2'),
      fc.constantFrom('2-8C', 'frozen'),
      fc.constantFrom(...UNITS),
      fc.subarray(DEVICES),
      moment,
    )
    .map(
      ([id, profile, sscc, devices, from]): Fact => ({
        type: 'asn',
        by: 'test',
        asn: {
          ...{
            id,
            profile,
            origin: 'site:lyon',
            destination: 'site:berlin',
            departs: from,
            arrives: from + 1,
            products: [],
          },
          units: [{ sscc, devices, children: [], from }],
        },
      }),
    ),
);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 25 }).map((readings): Step => ({ do: 'append', readings })) },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 6 }).map((records): Step => ({ do: 'write', records })) },
    {
      weight: 7,
      arbitrary: fc
        .tuple(
          fc.constantFrom('readings' as const, 'readings' as const, 'trace' as const),
          fc.integer({ min: 1, max: 4 }),
          fc.nat(9),
        )
        .map(([family, records, luck]): Step => ({ do: 'consume', family, records, fails: luck === 0 })),
    },
    { weight: 2, arbitrary: moment.map((now): Step => ({ do: 'tick', now })) },
    { weight: 1, arbitrary: fc.constant<Step>({ do: 'restart' }) },
    { weight: 2, arbitrary: told.map((fact): Step => ({ do: 'tell', fact })) },
  ),
  { minLength: 5, maxLength: 60, size: 'max' },
);

const readings = fc
  .record({
    series: fc.array(fc.tuple(device, step, value, flag), { minLength: 5, maxLength: MOST, size: 'max' }),
    late: fc.array(fc.tuple(fc.nat(MOST), fc.nat(MOST)), { maxLength: 25 }),
    again: fc.array(fc.tuple(fc.nat(MOST), value), { maxLength: 6 }),
  })
  .map(({ series, late, again }): WorldReading[] => {
    const clocks = new Map<string, number>();
    const inOrder = series.flatMap(([device, ms, value, flag]): WorldReading[] => {
      const time = (clocks.get(device) ?? START) + ms;
      clocks.set(device, time);
      const told = { device, metric: DEFROST, time: time + (flag?.after ?? 0), value: flag?.value ?? 0 };
      return [{ device, metric: TEMPERATURE, time, value }, ...(flag === null ? [] : [told])];
    });
    for (const [from, by] of late) {
      const [moved] = inOrder.splice(from % inOrder.length, 1);
      if (moved !== undefined) inOrder.splice(Math.min(inOrder.length, from + by), 0, moved);
    }
    for (const [index, value] of again) {
      const same = inOrder[index % inOrder.length];
      if (same === undefined) continue;
      inOrder.splice(index, 0, { ...same, value: same.metric === DEFROST ? Number(value > 5) : value });
    }
    return inOrder;
  });

const state = fc.record({ hasConsumerState: fc.boolean(), historyMs: fc.constantFrom(0, 5) });

test('lag, restarts, rollbacks, edits and late facts change when something is found, never what', async () => {
  await fc.assert(
    fc.asyncProperty(readings, steps, anyRule, state, async (readings, steps, firstRule, state) => {
      const { hasConsumerState, historyMs } = state;
      const world = new World({ most: 32, kept: 24 }, { hasConsumerState });
      world.historyMs = historyMs;
      const facts: KeptFact[] = [];
      const versions = new Map<string, number>();
      const tell = (fact: Fact) => {
        let known = fact;
        if (fact.type === 'rule') {
          const version = (versions.get(fact.version.rule.id) ?? 0) + 1;
          versions.set(fact.version.rule.id, version);
          known = { ...fact, version: { ...fact.version, version } };
        }
        // Positions in the reference only order the facts.
        facts.push({ position: facts.length + 1, arrival: 0, fact: known });
        world.tell(known);
      };
      tell({ type: 'rule', by: 'test', version: { rule: firstRule, version: 1, effectiveFrom: null } });
      let next = 0;
      let now = START;
      for (const step of steps) {
        if (step.do === 'append') {
          const some = readings.slice(next, next + step.readings);
          next += some.length;
          if (some.length > 0) world.append(some);
        } else if (step.do === 'write') world.write(step.records);
        else if (step.do === 'consume') await world.consume(step.family, step.records, step.fails);
        else if (step.do === 'restart') world.restart();
        else if (step.do === 'tell') tell(step.fact);
        else if (step.now > now) {
          now = step.now;
          world.tick(now);
        }
      }
      if (next < readings.length) world.append(readings.slice(next));
      now += hours(4);
      const found = await world.finish(now);
      const expected = [...versions.keys()].sort().flatMap((rule) =>
        DEVICES.flatMap((device) => {
          const { intervalMs, reportsEveryMs, ...habits } = registeredContext(facts, device);
          return referenceFindings({
            readings: world.accepted(device, TEMPERATURE),
            slices: referenceSlices(facts, rule, device),
            ...habits,
            intervalMs: intervalMs ?? null,
            reportsEveryMs: reportsEveryMs ?? 0,
            now,
            quality: registeredQuality(facts, device),
            beside: (metric) => referenceGood(world.accepted(device, DEFROST), registeredSwitch(facts, device, metric)),
          });
        }),
      );
      expect(found.map(said).map(nearly)).toEqual(expected.map(nearly));

      const transitions = world.changes.length;
      world.restart();
      world.tick(now);
      await world.consume('trace', 1);
      expect(world.changes.slice(transitions)).toEqual([]);
    }),
    { numRuns: 500, interruptAfterTimeLimit: 15_000 },
  );
});

test('two evaluators with disjoint slots find together what one finds, over lag, restarts and rollbacks', async () => {
  const slots = Array.from({ length: SLOTS }, (_, slot) => slot);
  const first = new Set(slots.filter((slot) => slot === slotOf('logger-1')));
  const second = new Set(slots.filter((slot) => !first.has(slot)));
  expect(second.has(slotOf('logger-2'))).toBe(true);
  await fc.assert(
    fc.asyncProperty(readings, steps, steps, anyRule, fc.boolean(), async (readings, steps, others, rule, hasState) => {
      const tail = { most: 32, kept: 24 };
      const present = new Map<string, Finding>();
      const whole = new World(tail, { hasConsumerState: hasState });
      const parts = [
        new World(tail, { hasConsumerState: hasState, present, share: { name: 'evaluator-1', slots: first } }),
        new World(tail, { hasConsumerState: hasState, present, share: { name: 'evaluator-2', slots: second } }),
      ];
      const all = [whole, ...parts];
      const told: Fact = { type: 'rule', by: 'test', version: { rule, version: 1, effectiveFrom: null } };
      for (const world of all) world.tell(told);
      let next = 0;
      let now = START;
      // All see one log; each consumes it at its own pace, and is stopped and rolled back when it likes.
      for (const [index, step] of steps.entries()) {
        if (step.do === 'append') {
          const some = readings.slice(next, next + step.readings);
          next += some.length;
          if (some.length > 0) for (const world of all) world.append(some);
        } else if (step.do === 'tell' && step.fact.type !== 'rule') for (const world of all) world.tell(step.fact);
        else if (step.do === 'tick' && step.now > now) {
          now = step.now;
          for (const world of all) world.tick(now);
        }
        for (const [which, world] of all.entries()) {
          const own = others[(index + which) % others.length];
          if (own?.do === 'write') world.write(own.records);
          else if (own?.do === 'consume') await world.consume(own.family, own.records, own.fails);
          else if (own?.do === 'restart') world.restart();
        }
      }
      if (next < readings.length) for (const world of all) world.append(readings.slice(next));
      now += hours(4);
      const found = await whole.finish(now);
      for (const world of parts) await world.finish(now);
      const together = parts[0]?.present() ?? [];
      expect(together.map(said).map(nearly)).toEqual(found.map(said).map(nearly));
      for (const [index, device] of ['logger-1', 'logger-2'].entries()) {
        const foreign = parts[index]?.changes.filter(({ finding }) => !finding.key.startsWith(`${device}/`));
        expect(foreign).toEqual([]);
      }
    }),
    { numRuns: 300, interruptAfterTimeLimit: 10_000 },
  );
});

test('evaluators whose number changes find together what one finds, wherever each of them stands', async () => {
  const shareCount = fc.constantFrom(1, 2, 3, 4, 5);
  await fc.assert(
    fc.asyncProperty(
      readings,
      steps,
      steps,
      anyRule,
      fc.array(fc.tuple(fc.nat(60), shareCount), { maxLength: 5 }),
      async (readings, steps, others, rule, changes) => {
        const tail = { most: 32, kept: 24 };
        const whole = new World(tail);
        // Nobody consumes in it: log, writer and findings of all that share.
        const shared = new World(tail);
        const present = new Map<string, Finding>();
        const worldOf = ({ name, slots, ...from }: NextShare) => ({
          slots,
          world: new World(tail, { present, share: { name, slots }, beside: shared, from }),
        });
        const nothing: FormerShare = {
          slots: new Set(Array.from({ length: SLOTS }, (_, slot) => slot)),
          ...{ checkpoints: {}, memory: { now: null, parked: [] } },
        };
        let parts = dividedAnew([nothing], 2).map(worldOf);
        const told: Fact = { type: 'rule', by: 'test', version: { rule, version: 1, effectiveFrom: null } };
        const versions = new Map([[rule.id, 1]]);
        for (const world of [whole, shared]) world.tell(told);
        let next = 0;
        let now = START;
        for (const [index, step] of steps.entries()) {
          for (const [at, count] of changes) {
            if (at === index) {
              parts = dividedAnew(
                parts.map(({ slots, world }) => world.stand(slots)),
                count,
              ).map(worldOf);
            }
          }
          if (step.do === 'append') {
            const some = readings.slice(next, next + step.readings);
            next += some.length;
            if (some.length > 0) for (const world of [whole, shared]) world.append(some);
          } else if (step.do === 'tell') {
            let { fact } = step;
            if (fact.type === 'rule') {
              const version = (versions.get(fact.version.rule.id) ?? 0) + 1;
              versions.set(fact.version.rule.id, version);
              fact = { ...fact, version: { ...fact.version, version } };
            }
            for (const world of [whole, shared]) world.tell(fact);
          } else if (step.do === 'tick' && step.now > now) {
            now = step.now;
            for (const world of [whole, shared]) world.tick(now);
          }
          for (const [which, world] of [whole, ...parts.map((part) => part.world)].entries()) {
            const own = others[(index + which * 7) % others.length];
            if (own?.do === 'write') world.write(own.records);
            else if (own?.do === 'consume') await world.consume(own.family, own.records, own.fails);
            else if (own?.do === 'restart') world.restart();
          }
        }
        if (next < readings.length) for (const world of [whole, shared]) world.append(readings.slice(next));
        now += hours(4);
        const found = await whole.finish(now);
        // One tick for all of them, and each consumes it.
        for (const { world } of parts) await world.finish(now);
        const together = parts[0]?.world.present() ?? [];
        expect(together.map(said).map(nearly)).toEqual(found.map(said).map(nearly));
      },
    ),
    { numRuns: 300, interruptAfterTimeLimit: 6_000 },
  );
});
