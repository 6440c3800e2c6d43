import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AirLeg,
  airPieces,
  type GoodsGroup,
  type GoodsRule,
  HeldValues,
  meanKineticTemperature,
  type ShipmentGoods,
  type ThermalMass,
} from '../../domain/index.ts';
import { minutes } from '../testing/arrange.ts';
import { GoodsRules } from './judge-shipment.ts';

const START = Date.parse('2026-11-22T00:00:00Z');
const MINUTE = 60_000;
const GAP = 20;
const DEVICES = ['a', 'b'];
const PROFILE = { id: '2-8C', limits: { min: 2, max: 8 } };

interface Reading {
  readonly minute: number;
  readonly value: number;
}

interface Journey {
  readonly readings: readonly (readonly Reading[])[];
  /** Which devices tell the air, from a minute on. */
  readonly legs: readonly { readonly from: number; readonly devices: readonly string[] }[];
  readonly end: number;
  readonly budget: number;
  readonly carried: { readonly minutes: number; readonly since: number } | null;
}

const readings = fc
  .array(fc.tuple(fc.constantFrom(1, 5, 5, 10, 25), fc.constantFrom(-1, 1, 2, 5, 5, 8, 9, 12, 30)), {
    minLength: 1,
    maxLength: 60,
    size: 'max',
  })
  .map((steps) => {
    let minute = 0;
    return steps.map(([step, value]): Reading => {
      minute += step;
      return { minute, value };
    });
  });
const journeys: fc.Arbitrary<Journey> = fc
  .record({
    readings: fc.tuple(readings, readings),
    cuts: fc.uniqueArray(fc.integer({ min: 1, max: 290 }), { maxLength: 3 }),
    sets: fc.array(fc.constantFrom(['a'], ['b'], ['a', 'b'], []), { minLength: 4, maxLength: 4 }),
    end: fc.integer({ min: 60, max: 400 }),
    budget: fc.integer({ min: 1, max: 120 }),
    carried: fc.option(fc.record({ minutes: fc.nat(80), since: fc.nat(200) })),
  })
  .map(({ cuts, sets, end, ...rest }) => {
    const from = [0, ...cuts.filter((cut) => cut < end).sort((a, b) => a - b)];
    return { ...rest, end, legs: from.map((minute, i) => ({ from: minute, devices: sets[i] ?? [] })) };
  });

/** The last value at a minute of each device that tells the air then, as long as the next reading is no gap away. */
function valuesAt({ readings, legs }: Journey, minute: number): number[] {
  const leg = legs.findLast(({ from }) => from <= minute);
  return (leg?.devices ?? []).flatMap((device) => {
    const own = readings[DEVICES.indexOf(device)] ?? [];
    const last = own.findLastIndex((reading) => reading.minute <= minute);
    const [held, next] = [own[last], own[last + 1]];
    return held === undefined || next === undefined || next.minute - held.minute > GAP ? [] : [held.value];
  });
}

/** The minute until which those around it last may be silent without a gap. */
function silentAfter({ readings, legs }: Journey): number {
  const last = (legs.at(-1)?.devices ?? []).map((device) => readings[DEVICES.indexOf(device)]?.at(-1)?.minute);
  return Math.max(Number.NEGATIVE_INFINITY, ...last.flatMap((minute) => (minute === undefined ? [] : [minute + GAP])));
}

/** Whether anything was measured at a minute, or holds from then on. */
function isTold(journey: Journey, minute: number): boolean {
  const leg = journey.legs.findLast(({ from }) => from <= minute);
  const read = (leg?.devices ?? []).some((device) =>
    journey.readings[DEVICES.indexOf(device)]?.some((reading) => reading.minute === minute),
  );
  return read || valuesAt(journey, minute).length > 0;
}

/** "In a gap no moment is known but the first", minutes; null = it waits for the next reading. */
function knownAt(journey: Journey, minute: number, every: number): { isInGap: boolean; isKnown: boolean } | null {
  if (valuesAt(journey, minute - 1).length > 0) return { isInGap: false, isKnown: true };
  const between = Array.from({ length: every }, (_, i) => minute - every + i);
  // What is read at the moment before, and does not hold, tells nothing after it.
  const isFirst = between.some((one, i) => (i === 0 ? valuesAt(journey, one).length > 0 : isTold(journey, one)));
  const later = Array.from({ length: Math.max(0, journey.end - minute) }, (_, i) => minute + i);
  if (journey.end > silentAfter(journey) || later.some((one) => isTold(journey, one))) {
    return { isInGap: true, isKnown: isFirst };
  }
  return isFirst ? { isInGap: false, isKnown: true } : null;
}

function goodsOf(journey: Journey): ShipmentGoods {
  const values = new Map(
    DEVICES.map((device, i) => {
      const own = journey.readings[i] ?? [];
      const time = Float64Array.from(own, ({ minute }) => START + minute * MINUTE);
      const value = Float64Array.from(own, (reading) => reading.value);
      return [device, HeldValues.of({ count: own.length, time, value }, GAP * MINUTE)];
    }),
  );
  const legs = journey.legs.map(
    ({ from, devices }, i): AirLeg => ({
      from: START + from * MINUTE,
      to: START + (journey.legs[i + 1]?.from ?? journey.end) * MINUTE,
      ...{ devices, limits: PROFILE.limits },
    }),
  );
  const group: GoodsGroup = {
    ...{ epcs: ['urn:epc:id:sgtin:0614141.812345.1'], gtin: null, lot: null, unit: null, profile: PROFILE.id },
    own: new Map(),
    air: new Map([['temperature' as const, airPieces(legs, (device) => values.get(device) ?? HeldValues.none)]]),
    mktDuring: (from, to) => naiveMkt(journey, (from - START) / MINUTE, (to - START) / MINUTE),
    silentAfter: START + silentAfter(journey) * MINUTE,
    budgetMs: minutes(journey.budget),
    thermalMassMs: null,
    way: { left: null, came: null },
    carried:
      journey.carried === null
        ? null
        : { ms: minutes(journey.carried.minutes), since: START + minutes(journey.carried.since) },
  };
  return {
    shipment: 'S',
    lane: null,
    from: START,
    to: null,
    arrives: null,
    sealed: START,
    openings: [],
    groups: [group],
    devices: [],
  };
}

/** One device told all of a window here: the hottest of several is another test's (trace/exposure). */
function naiveMkt(journey: Journey, from: number, to: number): number | null {
  const known: number[] = [];
  for (let minute = Math.max(0, from); minute < to; minute++) {
    const values = valuesAt(journey, minute);
    if (values.length > 0) known.push(Math.max(...values));
  }
  return meanKineticTemperature(
    known,
    known.map(() => 1),
  );
}

/** [from, to, extreme] of what a rule finds, by the minute. */
function found(rule: GoodsRule, journey: Journey): unknown[] {
  const rules = new GoodsRules([{ rule, version: 1, effectiveFrom: null }]);
  return rules
    .judge(goodsOf(journey), START + journey.end * MINUTE)
    .found.map(({ finding: { from, to, extreme } }) => [(from - START) / MINUTE, to && (to - START) / MINUTE, extreme]);
}

const base = { id: 'r', severity: 'warning' } as const;
const RUNS = { numRuns: 300 };

test('a seal is said to be broken from the first light, shock or opening after the goods left', () => {
  const light = fc
    .array(fc.tuple(fc.constantFrom(1, 5, 10, 25), fc.constantFrom(0, 3, 9, 10, 40)), { maxLength: 30 })
    .map((steps) => {
      let minute = 0;
      return steps.map(([step, value]) => {
        minute += step;
        return { minute, value };
      });
    });
  const openings = fc.array(fc.record({ minute: fc.nat(300), isOurs: fc.boolean() }), { maxLength: 2 });
  fc.assert(
    fc.property(
      light,
      openings,
      fc.nat(200),
      fc.integer({ min: 201, max: 400 }),
      fc.boolean(),
      (told, opened, sealed, end, counts) => {
        const known = told.filter(({ minute }) => minute <= end);
        const values = HeldValues.of(
          {
            count: known.length,
            time: Float64Array.from(known, ({ minute }) => START + minute * MINUTE),
            value: Float64Array.from(known, ({ value }) => value),
          },
          GAP * MINUTE,
        );
        const leg = { from: START, to: START + end * MINUTE, devices: ['a'], limits: PROFILE.limits };
        const [group] = goodsOf({ readings: [[], []], legs: [], end, budget: 1, carried: null }).groups;
        const epc = 'urn:epc:id:sgtin:0614141.812345.1';
        const goods: ShipmentGoods = {
          ...goodsOf({ readings: [[], []], legs: [], end, budget: 1, carried: null }),
          sealed: START + sealed * MINUTE,
          openings: opened.map(({ minute, isOurs }) => ({
            ...{ at: START + minute * MINUTE, unit: 'u' },
            epcs: new Set([isOurs ? epc : 'another']),
          })),
          groups:
            group === undefined
              ? []
              : [{ ...group, own: new Map([['light' as const, airPieces([leg], () => values)]]) }],
        };
        const rule: GoodsRule = { ...base, kind: 'tamper', light: 10, opened: counts };
        const { found: signs } = new GoodsRules([{ rule, version: 1, effectiveFrom: null }]).judge(
          goods,
          START + end * MINUTE,
        );
        const lit = known.filter(({ minute, value }, index) => {
          const before = known[index - 1];
          const goesOn = before !== undefined && before.value >= 10 && minute - before.minute <= GAP;
          return value >= 10 && !goesOn && minute >= sealed;
        });
        const taken = counts ? opened.filter(({ minute, isOurs }) => isOurs && minute >= sealed && minute <= end) : [];
        const all = [...lit, ...taken].map(({ minute }) => minute).sort((a, b) => a - b);
        const [first] = all;
        const expected = first === undefined ? [] : [[first, all.length]];
        expect(signs.map(({ finding }) => [(finding.from - START) / MINUTE, finding.extreme])).toEqual(expected);
      },
    ),
    RUNS,
  );
});

test('a budget is used up at the minute at which a minute more is out of range than it has', () => {
  fc.assert(
    fc.property(journeys, fc.constantFrom('counted', 'beside'), fc.constantFrom(50, 100), (journey, unknown, share) => {
      const allowed = (journey.budget * share) / 100;
      const carried = journey.carried?.minutes ?? 0;
      const since = journey.carried?.since ?? 0;
      let [used, at] = [carried, carried > allowed ? since : null] as [number, number | null];
      for (let minute = since; minute < journey.end; minute++) {
        const values = valuesAt(journey, minute);
        const isOut = values.some((value) => value > 8 || value < 2);
        if (!isOut && !(values.length === 0 && unknown === 'counted')) continue;
        if (at === null && used + 1 > allowed) at = minute + (allowed - used);
        used++;
      }
      const expected = at === null || at >= journey.end ? [] : [[at, null, used]];
      expect(found({ ...base, kind: 'budget', share, unknown }, journey)).toEqual(expected);
    }),
    RUNS,
  );
});

test('time in all is reached at the end of the minute that completes it, and the limit itself counts', () => {
  fc.assert(
    fc.property(journeys, fc.integer({ min: 1, max: 90 }), (journey, lasting) => {
      let [used, at] = [0, null] as [number, number | null];
      for (let minute = 0; minute < journey.end; minute++) {
        if (!valuesAt(journey, minute).some((value) => value >= 9)) continue;
        used++;
        if (used === lasting) at = minute + 1;
      }
      const rule: GoodsRule = { ...base, kind: 'cumulative', atOrAbove: 9, forMs: minutes(lasting), unknown: 'beside' };
      expect(found(rule, journey)).toEqual(at === null ? [] : [[at, null, used]]);
    }),
    RUNS,
  );
});

test('goods that follow the air are out of range for as long as a minute by minute model says, to a minute a crossing', () => {
  fc.assert(
    fc.property(journeys, fc.constantFrom(5, 30, 240), (journey, constant) => {
      let [warmest, used, crossings, wasOut] = [null, 0, 0, false] as [number | null, number, number, boolean];
      for (let minute = 0; minute < journey.end; minute++) {
        const values = valuesAt(journey, minute);
        if (values.length === 0) {
          warmest = null;
          continue;
        }
        const air = Math.max(...values);
        const begin: number = warmest ?? air;
        warmest = air + (begin - air) * Math.exp(-1 / constant);
        const isOut = (begin + warmest) / 2 > 8;
        if (isOut) used++;
        if (isOut !== wasOut) crossings++;
        wasOut = isOut;
      }
      const rule: GoodsRule = {
        ...{ ...base, kind: 'cumulative', above: 8, forMs: 1, unknown: 'beside' },
        goods: { timeConstantMs: minutes(constant) },
      };
      const [[, , extreme = 0] = []] = found(rule, journey) as number[][];
      expect(Math.abs((extreme ?? 0) - used)).toBeLessThanOrEqual(crossings + 1);
    }),
    RUNS,
  );
});

test('goods of several products in one air are judged as each alone by a rule with its constant, else by the one of the rule, else by the air', () => {
  const constants = fc.array(fc.option(fc.constantFrom(5, 30, 240)), { minLength: 1, maxLength: 3 });
  const kinds = fc.constantFrom(
    (goods: ThermalMass): GoodsRule => ({ ...base, kind: 'cumulative', above: 8, forMs: 1, unknown: 'beside', goods }),
    (goods: ThermalMass): GoodsRule => ({ ...base, kind: 'budget', share: 100, unknown: 'beside', goods }),
    (goods: ThermalMass): GoodsRule => ({ ...base, kind: 'budgetForecast', windowMs: minutes(60), goods }),
    (goods: ThermalMass): GoodsRule => ({
      ...{ ...base, kind: 'goodsFreezeThaw', count: 1, frozenBelow: 0, thawedAbove: 2 },
      goods,
    }),
  );
  fc.assert(
    fc.property(journeys, constants, fc.option(fc.constantFrom(15, 120)), kinds, (journey, own, otherwise, kind) => {
      const goods = { ...goodsOf(journey), arrives: START + minutes(journey.end + 240) };
      const [alone] = goods.groups;
      if (alone === undefined) throw new Error('no group');
      const groups = own.map((constant, i) => ({
        ...alone,
        epcs: [`urn:epc:id:sgtin:0614141.81234${i}.1`],
        thermalMassMs: constant === null ? null : minutes(constant),
      }));
      const judged = (rule: GoodsRule, of: readonly GoodsGroup[]) =>
        new GoodsRules([{ rule, version: 1, effectiveFrom: null }])
          .judge({ ...goods, groups: of }, START + minutes(journey.end))
          .found.flatMap((one) => one.groups.map(({ epcs, from, to, minutes: used }) => [epcs[0], from, to, used]))
          .sort((a, b) => String(a).localeCompare(String(b)));
      const ofRule = otherwise === null ? {} : { otherwiseMs: minutes(otherwise) };
      const expected = groups.flatMap((group, i) => {
        const constant = own[i] ?? otherwise;
        const { goods: _, ...byAir } = kind({ timeConstantMs: 1 }) as GoodsRule & { goods: unknown };
        const rule = constant === null ? (byAir as GoodsRule) : kind({ timeConstantMs: minutes(constant) });
        return judged(rule, [{ ...group, thermalMassMs: null }]);
      });
      expect(judged(kind({ timeConstant: 'product', ...ofRule }), groups)).toEqual(expected);
    }),
    RUNS,
  );
});

test('goods thaw at the reading above that follows one below, whatever lies between', () => {
  fc.assert(
    fc.property(journeys, fc.constantFrom(1, 2), (journey, count) => {
      const moments = [...new Set(journey.readings.flat().map(({ minute }) => minute))].filter((m) => m <= journey.end);
      let isFrozen = false;
      const crossings: number[] = [];
      const starts = journey.legs.map(({ from }) => from);
      for (const minute of [...new Set([...moments, ...starts])].sort((a, b) => a - b)) {
        if (minute >= journey.end) continue;
        const leg = journey.legs.findLast(({ from }) => from <= minute);
        // A reading that is not known to hold is one all the same.
        const read = (leg?.devices ?? []).flatMap((device) =>
          (journey.readings[DEVICES.indexOf(device)] ?? []).filter((one) => one.minute === minute),
        );
        const held = valuesAt(journey, minute);
        // What was read and does not hold tells the moment, what holds all that follows.
        for (const values of [[...held, ...read.map(({ value }) => value)], held]) {
          if (values.length === 0) continue;
          if (Math.min(...values) < 0) isFrozen = true;
          else if (isFrozen && Math.min(...values) > 2) {
            isFrozen = false;
            crossings.push(minute);
          }
        }
      }
      const at = crossings[count - 1];
      const rule: GoodsRule = { ...base, kind: 'goodsFreezeThaw', count, frozenBelow: 0, thawedAbove: 2 };
      expect(found(rule, journey)).toEqual(at === undefined ? [] : [[at, null, crossings.length]]);
    }),
    RUNS,
  );
});

test('the mean kinetic temperature of the journey is looked at each whole hour, and runs of hours above are findings', () => {
  fc.assert(
    fc.property(journeys, (journey) => {
      const expected: [number, number | null, number][] = [];
      let isOpen = false;
      for (let minute = 120; minute <= journey.end; minute += 60) {
        const known = knownAt(journey, minute, 60);
        if (known === null) break;
        const mkt = known.isKnown ? naiveMkt(journey, minute - 120, minute) : null;
        const value = mkt === null ? null : Math.round(mkt * 1e9) / 1e9;
        const last = expected.at(-1);
        if (value === null || value <= 8) {
          if (isOpen && last) last[1] = minute;
          isOpen = false;
        } else if (isOpen && last) last[2] = Math.max(last[2], value);
        else {
          expected.push([minute, null, value]);
          isOpen = true;
        }
        const ends = expected.at(-1);
        if (isOpen && known.isInGap && ends) {
          ends[1] = minute;
          isOpen = false;
        }
      }
      expect(found({ ...base, kind: 'goodsMkt', windowMs: minutes(120), above: 8 }, journey)).toEqual(expected);
    }),
    RUNS,
  );
});
