import { expect, test } from 'vitest';
import {
  airPieces,
  type GoodsRule,
  HeldValues,
  mktDuring,
  type ShipmentGoods,
  silentAfterOf,
} from '../../domain/index.ts';
import { at, hours, minutes } from '../testing/arrange.ts';
import { GoodsRules } from './judge-shipment.ts';

const LIMITS = { min: 2, max: 8 };
const EPC = 'urn:epc:id:sgtin:0614141.812345.1';
/** Its logger measures every ten minutes: more than thirty are a gap. */
const GAP = minutes(30);

type Readings = readonly (readonly [clock: string, ...values: readonly number[]])[];

function valuesOf(readings: Readings, now: number): HeldValues {
  const all = readings
    .flatMap(([clock, ...values]) => values.map((value, i) => ({ time: at(clock) + i * minutes(10), value })))
    .filter(({ time }) => time <= now);
  const [time, value] = [Float64Array.from(all, (one) => one.time), Float64Array.from(all, (one) => one.value)];
  return HeldValues.of({ count: all.length, time, value }, GAP);
}

/** What a rule finds of a pallet packed at midnight, due at noon, whose product stands 60 minutes, by a moment. */
function found(rule: GoodsRule, clock: string, temperature: Readings, light: Readings = []) {
  const now = at(clock);
  const [air, lit] = [valuesOf(temperature, now), valuesOf(light, now)];
  const leg = { from: at('00:00'), to: now, devices: ['logger-7'], limits: LIMITS };
  const told = [{ leg, devices: [air] }];
  const goods: ShipmentGoods = {
    ...{ shipment: 'SHP-1', lane: null, from: at('00:00'), to: null, arrives: at('12:00'), sealed: at('00:00') },
    ...{ openings: [], devices: ['logger-7'] },
    groups: [
      {
        ...{
          epcs: [EPC],
          gtin: null,
          lot: null,
          unit: null,
          profile: '2-8C',
          budgetMs: hours(1),
          thermalMassMs: null,
          way: { left: null, came: null },
          carried: null,
        },
        air: new Map([['temperature', airPieces([leg], () => air)]]),
        own: new Map([['light', airPieces([leg], () => lit)]]),
        mktDuring: (from, to) => mktDuring(told, from, to),
        silentAfter: silentAfterOf(told),
      },
    ],
  };
  const judged = new GoodsRules([{ rule, version: 1, effectiveFrom: null }]).judge(goods, now);
  const time = (ms: number | null) => ms && new Date(ms).toISOString().slice(11, 16);
  return {
    again: time(judged.again),
    found: judged.found.map(({ finding }) => [
      ...[time(finding.from), time(finding.to), finding.endedBy, Math.round((finding.extreme ?? 0) * 10) / 10],
    ]),
  };
}

const base = { id: 'r', severity: 'warning' } as const;
/** 9 °C from two o'clock to the last reading at 04:40. */
const WARM: Readings = [
  ['00:00', 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5],
  ['02:00', 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9],
];

// They went on, by what was left of the window, until it had run empty.
test('goodsMkt: goods whose loggers fall silent are above until the first hour after, by silence', () => {
  const rule: GoodsRule = { ...base, kind: 'goodsMkt', windowMs: hours(1), above: 8 };
  expect(found(rule, '04:50', WARM)).toEqual({ found: [['03:00', null, null, 9]], again: '05:00' });
  expect(found(rule, '05:05', WARM)).toEqual({ found: [['03:00', null, null, 9]], again: '05:10' });
  expect(found(rule, '05:11', WARM).found).toEqual([['03:00', '05:00', 'silence', 9]]);
  expect(found(rule, '09:00', WARM).found).toEqual([['03:00', '05:00', 'silence', 9]]);
  // Heard of again: another.
  const again: Readings = [...WARM, ['07:30', 9, 9, 9, 9, 9, 9, 9]];
  expect(found(rule, '08:30', again).found).toEqual([
    ['03:00', '05:00', 'silence', 9],
    ['08:00', null, null, 9],
  ]);
});

test('budgetForecast: the warning ends by silence with the first quarter after the last reading', () => {
  const rule: GoodsRule = { ...base, kind: 'budgetForecast', windowMs: hours(2) };
  const brief: Readings = [
    ['00:00', 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5],
    ['02:00', 9, 9, 9, 5],
  ];
  expect(found(rule, '02:40', brief).found).toMatchObject([['02:15', null, null, expect.any(Number)]]);
  expect(found(rule, '03:30', brief).found).toMatchObject([['02:15', '02:45', 'silence', expect.any(Number)]]);
  expect(found(rule, '06:00', brief).found).toMatchObject([['02:15', '02:45', 'silence', expect.any(Number)]]);
});

test('budget and cumulative: what is used is used for good; in silence it grows only where unknown time counts', () => {
  const budget: GoodsRule = { ...base, kind: 'budget', share: 100, unknown: 'beside' };
  expect(found(budget, '04:50', WARM).found).toEqual([['03:00', null, null, 160]]);
  expect(found(budget, '09:00', WARM)).toEqual({ found: [['03:00', null, null, 160]], again: null });
  expect(found({ ...budget, unknown: 'counted' }, '09:00', WARM).found).toEqual([['03:00', null, null, 420]]);
  const sum: GoodsRule = { ...base, kind: 'cumulative', above: 8, forMs: hours(2), unknown: 'beside' };
  expect(found(sum, '04:50', WARM).found).toEqual([['04:00', null, null, 160]]);
  expect(found(sum, '09:00', WARM)).toEqual({ found: [['04:00', null, null, 160]], again: null });
  expect(found({ ...sum, unknown: 'counted' }, '09:00', WARM).found).toEqual([['04:00', null, null, 420]]);
});

test('goodsFreezeThaw: a crossing is one for good, and silence is none', () => {
  const rule: GoodsRule = { ...base, kind: 'goodsFreezeThaw', count: 1, frozenBelow: 0, thawedAbove: 2 };
  const thawed: Readings = [['00:00', 5, -1, -1, 5, -1]];
  expect(found(rule, '00:45', thawed).found).toEqual([['00:30', null, null, 1]]);
  expect(found(rule, '09:00', thawed).found).toEqual([['00:30', null, null, 1]]);
});

test('tamper: light ends as a sign with its logger, and light after the silence is another', () => {
  const rule: GoodsRule = { ...base, kind: 'tamper', light: 10, opened: false };
  const lit: Readings = [['00:00', 0, 0, 40, 40]];
  expect(found(rule, '00:35', [], lit).found).toEqual([['00:20', null, null, 1]]);
  expect(found(rule, '09:00', [], lit).found).toEqual([['00:20', null, null, 1]]);
  expect(found(rule, '09:00', [], [...lit, ['02:00', 40, 40, 0]]).found).toEqual([['00:20', null, null, 2]]);
});
