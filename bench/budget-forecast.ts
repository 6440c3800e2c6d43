/**
 * What the forecast of a stability budget (docs/rules.md, `budgetForecast`, formula 1) is worth, on simulated journeys of a day with a
 * reading every ten minutes and a budget of 60 minutes out of 2-8 °C: of those that use it up on the way, how many were
 * warned of and how long before; of the others, how many were, and for how many of these the warning was over by arrival.
 *
 *   node bench/budget-forecast.ts
 */
import {
  airPieces,
  type GoodsRule,
  HeldValues,
  mktDuring,
  type ShipmentGoods,
  silentAfterOf,
} from '../domain/index.ts';
import { GoodsRules } from '../rules/index.ts';

const START = Date.parse('2026-11-01T00:00:00Z');
const MINUTE = 60_000;
const EVERY = 10;
const JOURNEY = 24 * 60;
const BUDGET = 60;
const CASES = 200;
const LIMITS = { min: 2, max: 8 };
/** docs/rules.md: of journeys that use the budget up this share is warned of before, and of those never out of range none. */
const ACCEPTED = 0.95;
const NEVER_OUT = 'healthy';
/** Hours, and whether docs/rules.md says that it is accepted. */
const WINDOWS = [
  { hours: 1, isSaid: true },
  { hours: 2, isSaid: true },
  { hours: 6, isSaid: true },
  { hours: 12, isSaid: false },
];
const SOON = 'soon';
const USED: GoodsRule = { id: 'used', kind: 'budget', severity: 'critical', share: 100, unknown: 'beside' };

/** °C at a minute of the journey. */
type Course = (random: () => number) => (minute: number) => number;

const COURSES: Readonly<Record<string, Course>> = {
  'cooling lost for good': (random) => {
    const at = 180 + random() * 900;
    return (minute) => (minute < at ? 5 : 25 - 20 * Math.exp(-(minute - at) / 600));
  },
  'too warm by swings': (random) => {
    const [at, period, part] = [180 + random() * 600, 60 + random() * 60, 0.15 + random() * 0.25];
    return (minute) => (minute > at && (minute - at) % period < part * period ? 9 : 6);
  },
  'one stop of 20 to 50 min': (random) => {
    const [at, lasts] = [180 + random() * 1000, 20 + random() * 30];
    return (minute) => (minute >= at && minute < at + lasts ? 12 : 5);
  },
  'doors, 5 min each 4 h': (random) => {
    const at = random() * 240;
    return (minute) => ((minute + at) % 240 < 5 ? 10 : 5);
  },
  [NEVER_OUT]: () => () => 5,
};

/** Mulberry32: the same cases in every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function goodsOf(course: (minute: number) => number): ShipmentGoods {
  const count = JOURNEY / EVERY + 1;
  const time = Float64Array.from({ length: count }, (_, i) => START + i * EVERY * MINUTE);
  const value = Float64Array.from({ length: count }, (_, i) => course(i * EVERY));
  const values = HeldValues.of({ count, time, value }, 3 * EVERY * MINUTE);
  const leg = { from: START, to: START + JOURNEY * MINUTE, devices: ['logger-1'], limits: LIMITS };
  const told = [{ leg, devices: [values] }];
  const arrives = START + JOURNEY * MINUTE;
  const group = {
    ...{ epcs: ['urn:epc:id:sgtin:0614141.812345.1'], gtin: null, lot: null, unit: null, profile: '2-8C' },
    ...{
      air: new Map([['temperature' as const, airPieces([leg], () => values)]]),
      own: new Map(),
      thermalMassMs: null,
      way: { left: null, came: null },
      carried: null,
    },
    ...{ mktDuring: (from: number, to: number) => mktDuring(told, from, to), silentAfter: silentAfterOf(told) },
    budgetMs: BUDGET * MINUTE,
  };
  return {
    ...{ shipment: 'S', lane: null, from: START, to: arrives, arrives, sealed: START, openings: [], devices: [] },
    groups: [group],
  };
}

const share = (part: number, of: number) => (of === 0 ? '-' : `${Math.round((part / of) * 100)} % of ${of}`);

/** @returns whether it is accepted */
function measure(window: number): boolean {
  const soon: GoodsRule = { id: SOON, kind: 'budgetForecast', severity: 'warning', windowMs: window * 60 * MINUTE };
  const rules = new GoodsRules([soon, USED].map((rule) => ({ rule, version: 1, effectiveFrom: null })));
  let [warned, used, falsely, others, wrongly] = [0, 0, 0, 0, 0];
  console.log(`window ${window}h`);
  for (const [name, course] of Object.entries(COURSES)) {
    const leads: number[] = [];
    let [wrong, over] = [0, 0];
    for (let seed = 1; seed <= CASES; seed++) {
      const goods = goodsOf(course(randomFrom(seed)));
      const found = rules.judge(goods, START + JOURNEY * MINUTE).found.map(({ finding }) => finding);
      const end = found.find(({ rule }) => rule === USED.id)?.from;
      const warnings = found.filter(({ rule }) => rule === SOON);
      const first = warnings[0]?.from;
      if (end !== undefined) leads.push(first === undefined ? 0 : Math.max(0, (end - first) / MINUTE));
      else if (first !== undefined) {
        wrong++;
        if ((warnings.at(-1)?.to ?? Number.POSITIVE_INFINITY) < START + JOURNEY * MINUTE) over++;
      }
    }
    const early = leads.filter((lead) => lead > 0).length;
    const median = leads.toSorted((a, b) => a - b)[Math.floor((leads.length - 1) / 2)] ?? 0;
    const rest = CASES - leads.length;
    [warned, used, falsely, others] = [warned + early, used + leads.length, falsely + wrong, others + rest];
    if (name === NEVER_OUT) wrongly += wrong;
    const said = [
      ...(leads.length > 0
        ? [`used up: warned of in time ${share(early, leads.length)}, median lead ${Math.round(median)} min`]
        : []),
      ...(rest > 0 ? [`not used up: warned of ${share(wrong, rest)}, ${over} of these over by arrival`] : []),
    ];
    console.log(`  ${name.padEnd(25)} ${said.join('; ')}`);
  }
  console.log(`  all: ${share(warned, used)} in time; of the others ${share(falsely, others)}`);
  return warned >= ACCEPTED * used && wrongly === 0;
}

console.log(`budget ${BUDGET} min, a day's journey, a reading every ${EVERY} min; ${CASES} cases of each`);
for (const { hours, isSaid } of WINDOWS) {
  const isAccepted = measure(hours);
  console.log(`  ${isAccepted ? 'accepted' : 'NOT accepted'}`);
  if (isAccepted !== isSaid) process.exitCode = 1;
}
