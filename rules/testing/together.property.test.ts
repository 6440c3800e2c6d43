import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DeviceContext, Fact, KeptFact } from '../../domain/index.ts';
import { KEY_KINDS, type KeyRule } from '../engine/program.ts';
import { hours, minutes, mkt, nearly, said, silence, TEMPERATURE, threshold } from './arrange.ts';
import { referenceFindings } from './reference.ts';
import { referenceSlices, registeredContext, registeredQuality } from './reference-slices.ts';
import { World } from './world.ts';

/** Many for whoever works on the engine: ISOTHERM_RULE_RUNS=20000 npx vitest run rules/testing */
const RUNS = Number(process.env.ISOTHERM_RULE_RUNS ?? 60);
const START = Date.parse('2026-11-22T00:00:00Z');
const MOST = 220;
const DEVICES = ['logger-1', 'logger-2'];
const base = { severity: 'warning', metric: 'temperature' } as const;

/** One rule of each kind, in variants; a later version of it is another variant. */
const KINDS: { readonly [K in KeyRule['kind']]: readonly KeyRule[] } = {
  threshold: [
    threshold({ above: 8, below: 2, clearAbove: 7.5, forMs: minutes(10), keepFiringForMs: minutes(15) }),
    threshold({ above: 8, maxGapMs: minutes(12), gap: 'worst' }),
    threshold({ below: 4, forMs: minutes(5), appliesTo: 'profile == "2-8C"' }),
    threshold({ atOrAbove: 8, atOrBelow: 3, clearBelow: 4.5, forMs: minutes(5) }),
  ],
  silence: [
    silence({ afterMs: minutes(7) }),
    silence({ afterMs: minutes(30), appliesTo: 'site == "site:lyon"' }),
    silence({ afterMs: minutes(45) }),
    silence({ id: 'broken', afterMs: minutes(20), onlyGood: true }),
    silence({ id: 'broken-lyon', afterMs: minutes(12), onlyGood: true, appliesTo: 'site == "site:lyon"' }),
  ],
  mkt: [
    mkt({ windowMs: hours(1), above: 6.1 }),
    mkt({ windowMs: hours(3), above: 5.5, maxGapMs: minutes(40) }),
    mkt({ windowMs: hours(2), above: 6, appliesTo: 'profile == "2-8C"' }),
  ],
  rate: [
    { id: 'rate', kind: 'rate', ...base, windowMs: minutes(10), limit: 2 },
    { id: 'rate', kind: 'rate', ...base, windowMs: minutes(90), limit: -3, maxGapMs: minutes(20) },
    { id: 'rate', kind: 'rate', ...base, windowMs: minutes(45), limit: 5, appliesTo: 'profile == "2-8C"' },
  ],
  shock: [
    { id: 'shock', kind: 'shock', ...base, limit: 8.5, keepFiringForMs: minutes(15) },
    { id: 'shock', kind: 'shock', ...base, limit: 9, keepFiringForMs: 0 },
  ],
  interval: [
    { id: 'interval', kind: 'interval', ...base, journeyMs: hours(3) },
    { id: 'interval', kind: 'interval', ...base, journeyMs: hours(30), appliesTo: 'site == "site:lyon"' },
  ],
  freezeThaw: [
    { id: 'thaw', kind: 'freezeThaw', ...base, count: 2, windowMs: hours(1), frozenBelow: 2, thawedAbove: 5 },
    { id: 'thaw', kind: 'freezeThaw', ...base, count: 1, windowMs: hours(4), frozenBelow: 4, thawedAbove: 4 },
  ],
  forecast: [
    { id: 'soon', kind: 'forecast', ...base, above: 8, windowMs: hours(1), withinMs: hours(1), confidence: 0.9 },
    { id: 'soon', kind: 'forecast', ...base, below: 4, windowMs: minutes(20), withinMs: hours(2), confidence: 0.9 },
    {
      ...{ id: 'soon', kind: 'forecast', ...base, above: 9, windowMs: hours(2), withinMs: hours(2), confidence: 0.95 },
      ...{ maxGapMs: minutes(12), appliesTo: 'profile == "2-8C"' },
    },
  ],
};
const variantOf = (kind: KeyRule['kind']) => fc.constantFrom(...KINDS[kind]);
const everyKind = fc.tuple(...KEY_KINDS.map(variantOf));

const device = fc.constantFrom(...DEVICES);
const moment = fc.integer({ min: 0, max: 20 * 60 }).map((minute) => START + minutes(minute));
const told: fc.Arbitrary<Fact> = fc.oneof(
  fc
    .record({
      device,
      from: moment,
      minutes: fc.integer({ min: 1, max: 400 }),
      isSetAside: fc.boolean(),
      isOpen: fc.nat(5),
    })
    .map(({ device, from, minutes: long, isSetAside, isOpen }): Fact => {
      const to = isOpen === 0 ? null : from + minutes(long);
      const setAside = { device, metric: 'temperature' as const, from, to, isSetAside, reason: 'test', at: 0 };
      return { type: 'setAside', by: 'test', setAside };
    }),
  fc.tuple(fc.constantFrom(...KEY_KINDS).chain(variantOf), fc.option(moment), fc.nat(5)).map(
    ([rule, effectiveFrom, luck]): Fact => ({
      type: 'rule',
      by: 'test',
      version: { rule, version: 0, effectiveFrom, ...(luck === 0 && effectiveFrom ? { isRemoved: true } : {}) },
    }),
  ),
  fc
    .tuple(
      device,
      fc.constantFrom<DeviceContext>(
        {},
        { intervalMs: minutes(5) },
        { profile: '2-8C', reportsEveryMs: minutes(20) },
        { sensor: 'pt100', intervalMs: minutes(5) },
        { sensor: 'ds18b20', corrections: { temperature: -0.5 } },
        { stepPerMinute: 1, profile: '2-8C' },
        { reportsOnChange: true },
        { reportsOnChange: true, heartbeatMs: minutes(40), intervalMs: minutes(1) },
      ),
      fc.constantFrom({}, { effectiveFrom: START + hours(3) }),
    )
    .map(
      ([id, context, from]): Fact => ({ type: 'device', by: 'test', device: { id, kind: 'logger', context, ...from } }),
    ),
  fc.tuple(device, moment, fc.constantFrom(0, 0.5)).map(([device, effectiveFrom, offset]): Fact => {
    const points = [
      { reported: 2, reference: 2 + offset },
      { reported: 6, reference: 5.75 },
    ];
    const said = { certificate: null, reason: 'test', at: 0 };
    const calibration = { device, metric: 'temperature' as const, effectiveFrom, points, ...said };
    return { type: 'calibration', by: 'test', calibration };
  }),
  fc
    .tuple(device, fc.constantFrom('site:lyon', null), moment)
    .map(
      ([device, subject, from]): Fact => ({ type: 'attachment', by: 'test', attachment: { device, subject, from } }),
    ),
);

type Move =
  | { readonly do: 'append'; readonly readings: number }
  | { readonly do: 'write'; readonly records: number }
  | { readonly do: 'consume'; readonly family: 'readings' | 'trace'; readonly records: number; readonly fails: boolean }
  | { readonly do: 'tick'; readonly after: number }
  | { readonly do: 'restart' }
  | { readonly do: 'tell'; readonly fact: Fact };

const moves: fc.Arbitrary<Move[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 1, max: 40 }).map((readings): Move => ({ do: 'append', readings })) },
    { weight: 4, arbitrary: fc.integer({ min: 1, max: 6 }).map((records): Move => ({ do: 'write', records })) },
    {
      weight: 7,
      arbitrary: fc
        .tuple(fc.constantFrom('readings', 'readings', 'trace'), fc.integer({ min: 1, max: 4 }), fc.nat(9))
        .map(([family, records, luck]): Move => ({ do: 'consume', family, records, fails: luck === 0 })),
    },
    { weight: 2, arbitrary: fc.integer({ min: 0, max: 90 }).map((after): Move => ({ do: 'tick', after })) },
    { weight: 1, arbitrary: fc.constant<Move>({ do: 'restart' }) },
    { weight: 2, arbitrary: told.map((fact): Move => ({ do: 'tell', fact })) },
  ),
  { minLength: 5, maxLength: 60, size: 'max' },
);

/**
 * A walk that forecasts and rates find something in, at a pace of its own for each stretch: seconds, so that windows hold
 * more than a tail, minutes, or hours of nothing. Single readings and whole backlogs of a device come late, some again.
 */
const readings = fc
  .record({
    stretches: fc.array(
      fc.record({
        device,
        paceMs: fc.constantFrom(minutes(5), minutes(5), minutes(2), 40_000, 61_003),
        drift: fc.constantFrom(0, 0, 0.05, 0.2, -0.1, 0.5),
        noise: fc.constantFrom(0, 0.1, 2),
        pauseMs: fc.constantFrom(0, 0, minutes(11), hours(2)),
        steps: fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 1, maxLength: 50, size: 'max' }),
      }),
      { minLength: 1, maxLength: 8, size: 'max' },
    ),
    late: fc.array(fc.tuple(fc.nat(MOST), fc.nat(MOST)), { maxLength: 12 }),
    backlogs: fc.array(fc.tuple(fc.nat(MOST), fc.integer({ min: 2, max: 60 }), fc.nat(MOST)), { maxLength: 3 }),
    again: fc.array(fc.tuple(fc.nat(MOST), fc.constantFrom(3, 5, 9)), { maxLength: 4 }),
  })
  .map(({ stretches, late, backlogs, again }) => {
    const clocks = new Map<string, { time: number; value: number }>();
    const log = stretches.flatMap(({ device, paceMs, drift, noise, pauseMs, steps }) => {
      const before = clocks.get(device) ?? { time: START, value: 5 };
      let { time, value } = { ...before, time: before.time + pauseMs };
      const made = steps.map((luck) => {
        time += paceMs;
        value = value > 11 || value < 0 ? 5 : value + drift;
        // Now and then a sensor's code, or a value that no air has.
        const odd = luck > 0.97 ? 85 : luck < -0.97 ? -127 : luck > 0.9 ? 40 : null;
        return { device, metric: TEMPERATURE, time, value: odd ?? Math.round((value + noise * luck) * 10) / 10 };
      });
      clocks.set(device, { time, value });
      return made;
    });
    for (const [from, by] of late) {
      const [moved] = log.splice(from % log.length, 1);
      if (moved !== undefined) log.splice(Math.min(log.length, from + by), 0, moved);
    }
    for (const [from, count, by] of backlogs) {
      const moved = log.splice(from % log.length, count);
      log.splice(Math.min(log.length, from + by), 0, ...moved);
    }
    for (const [index, value] of again) {
      const same = log[index % log.length];
      if (same !== undefined) log.splice(index, 0, { ...same, value });
    }
    return log;
  });

test('all kinds at once, late readings, backlogs, a lagging writer, restarts and rule edits: the findings are those of the readings', async () => {
  await fc.assert(
    fc.asyncProperty(readings, moves, everyKind, fc.boolean(), async (readings, moves, rules, hasConsumerState) => {
      const world = new World({ most: 32, kept: 24 }, { hasConsumerState });
      const facts: KeptFact[] = [];
      const versions = new Map<string, number>();
      const tell = (fact: Fact) => {
        let known = fact;
        if (fact.type === 'rule') {
          const version = (versions.get(fact.version.rule.id) ?? 0) + 1;
          versions.set(fact.version.rule.id, version);
          known = { ...fact, version: { ...fact.version, version } };
        }
        facts.push({ position: facts.length + 1, arrival: 0, fact: known });
        world.tell(known);
      };
      for (const rule of rules) tell({ type: 'rule', by: 'test', version: { rule, version: 1, effectiveFrom: null } });
      let next = 0;
      let now = START;
      for (const move of moves) {
        if (move.do === 'append') {
          const some = readings.slice(next, next + move.readings);
          next += some.length;
          if (some.length > 0) world.append(some);
        } else if (move.do === 'write') world.write(move.records);
        else if (move.do === 'consume') await world.consume(move.family, move.records, move.fails);
        else if (move.do === 'restart') world.restart();
        else if (move.do === 'tell') tell(move.fact);
        else {
          now += minutes(move.after);
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
          });
        }),
      );
      expect(found.map(said).map(nearly)).toEqual(expected.map(nearly));

      const committed = world.changes.length;
      world.restart();
      world.tick(now);
      await world.consume('trace', 1);
      expect(world.changes.slice(committed)).toEqual([]);
    }),
    { numRuns: RUNS, interruptAfterTimeLimit: 240_000, endOnFailure: true },
  );
}, 3_600_000);
