import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type AsnUnit,
  type Fact,
  GOODS_KINDS,
  type GoodsRule,
  metricByName,
  ReadingBuilder,
  type RuleVersion,
  silentLogger,
  silentMeter,
  systemTime,
  type ThermalMass,
} from '../domain/index.ts';
import { GoodsEvaluator } from '../rules/index.ts';
import { effectsOf, PostgresFacts, PostgresFindings, PostgresHistory, ReadingStore } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { markGoods, PostgresGoodsDesk, TraceExposure } from '../trace/index.ts';
import { type Arrival, at, door, notice, pallet, said, through, vial, Yard } from '../trace/testing/yard.ts';
import {
  ARRIVES,
  type NaiveFact,
  type NaiveFound,
  type NaiveMass,
  type NaiveRule,
  type NaiveSample,
  naiveGoods,
} from './testing/naive-goods.ts';

const START = at('07:30');
const MINUTE = 60_000;
const END = 300;
const GTINS = {
  'urn:epc:id:sgtin:0614141.812345': '80614141123458',
  'urn:epc:id:sgtin:0614141.812346': '80614141123465',
};
const PRODUCTS = Object.keys(GTINS) as (keyof typeof GTINS)[];
/** Two of one product and one of another. */
const VIALS = [vial(1), vial(2), `${PRODUCTS[1]}.1`];
/** On the way, where the shipment neither leaves nor arrives. */
const DOOR = door('rome-1', 'site:rome');
const PALLETS = [pallet(1), pallet(2)];
const DEVICES = ['logger-7', 'logger-8'];

const database = await testDatabase();
const yard = new Yard(database, []);
const history = new PostgresHistory({ database });
const findings = new PostgresFindings({ database });
let now = START;
const time = { ...systemTime, now: () => now };
const problems: unknown[] = [];
const logger = { ...silentLogger, warn: (fields: unknown) => problems.push(fields) };
const exposure = new TraceExposure({ database, history });

function newEvaluator(): GoodsEvaluator {
  const desk = new PostgresGoodsDesk({ database, history, findings, facts: new PostgresFacts({ database }) });
  return new GoodsEvaluator({ desk, time, logger, meter: silentMeter });
}

const minute = fc.integer({ min: 0, max: END - 1 });
const someVials = fc.subarray(VIALS, { minLength: 1 });
const unit = fc.record({ pallet: fc.constantFrom(...PALLETS), vials: someVials });

const unless = { metric: 'door', above: 0, atMost: 25 } as const;
const counting = {
  isUnknownCounted: fc.boolean(),
  unless: fc.constantFrom(null, unless),
  mass: fc.constantFrom<NaiveMass[]>(null, null, 20, { own: true, otherwise: null }, { own: true, otherwise: 90 }),
};
/** One of each kind. */
const bodies: readonly fc.Arbitrary<NaiveRule>[] = [
  fc.record({
    ...counting,
    id: fc.constant('sum'),
    kind: fc.constant('cumulative' as const),
    limit: fc.constantFrom(5, 8),
    lasting: fc.integer({ min: 5, max: 90 }),
  }),
  fc.record({
    ...counting,
    id: fc.constant('stand'),
    kind: fc.constant('budget' as const),
    share: fc.constantFrom(50, 100),
  }),
  fc.record({
    ...{ ...counting, isUnknownCounted: fc.constant(false), id: fc.constant('runs-out') },
    ...{ kind: fc.constant('budgetForecast' as const), window: fc.constantFrom(30, 60) },
  }),
  fc.record({
    ...{ id: fc.constant('hours'), kind: fc.constant('goodsMkt' as const), window: fc.constantFrom(60, 120) },
    limit: fc.constantFrom(5, 8),
  }),
  fc.record({
    ...{ id: fc.constant('thaws'), kind: fc.constant('goodsFreezeThaw' as const), count: fc.constantFrom(1, 2) },
    ...{ frozen: fc.constant(2), thawed: fc.constantFrom(4, 8) },
  }),
];
const ruleBody = fc.oneof(...bodies);
// A third of a minute over: what is expected is never just what it stands.
const product = fc
  .tuple(fc.constantFrom(...PRODUCTS), fc.option(fc.integer({ min: 5, max: 90 })), fc.option(fc.constantFrom(10, 60)))
  .map(
    ([product, budget, mass]): NaiveFact => ({
      ...{ what: 'product', product, mass },
      budget: budget === null ? null : budget + 0.37,
    }),
  );
const fact: fc.Arbitrary<NaiveFact> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.array(unit, { minLength: 1, maxLength: 2 }), fc.subarray(DEVICES), fc.nat(60))
      .map(([units, devices, used]): NaiveFact => {
        const first = new Map(units.map((one) => [one.pallet, one.vials] as const));
        const second = first.get(PALLETS[0] ?? '') ?? [];
        return {
          what: 'notice',
          used,
          units: [...first].map(([sscc, vials], i) => ({
            sscc,
            vials: sscc === PALLETS[0] ? vials : vials.filter((one) => !second.includes(one)),
            devices: devices.filter((_, k) => k % first.size === i),
          })),
        };
      }),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom('packed' as const, 'unpacked' as const), fc.constantFrom(...PALLETS), someVials, minute)
      .map(([what, sscc, vials, from]): NaiveFact => ({ what, sscc, vials, from })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...DEVICES),
        fc.constantFrom(...PALLETS, ...VIALS, DOOR.inside, DOOR.outside, null),
        minute,
      )
      .map(([device, on, from]): NaiveFact => ({ what: 'attached', device, on, from })),
  },
  {
    weight: 2,
    arbitrary: product,
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...PALLETS), fc.constantFrom(DOOR.inside, DOOR.outside), minute)
      .map(([subject, place, from]): NaiveFact => ({ what: 'passed', subject, place, from })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(ruleBody, fc.option(minute), fc.nat(4))
      .map(([rule, from, luck]): NaiveFact => ({ what: 'rule', rule, from, isRemoved: luck === 0 && from !== null })),
  },
);
/** Each five minutes at most, so that every step is one that air can make. */
const samples: fc.Arbitrary<NaiveSample[]> = fc.uniqueArray(
  fc
    .tuple(fc.constantFrom(...DEVICES), fc.constantFrom('temperature' as const, 'door' as const), fc.nat(59), fc.nat(9))
    .map(
      ([device, metric, slot, luck]): NaiveSample => ({
        ...{ device, metric, minute: slot * 5 },
        value: metric === 'door' ? luck % 2 : ([5, 5, 5, 8, 9, 9, 12, 12, 1, 1][luck] ?? 5),
      }),
    ),
  {
    minLength: 20,
    maxLength: 150,
    size: 'max',
    selector: ({ device, metric, minute }) => `${device} ${metric} ${minute}`,
  },
);
type Step = { readonly fact: NaiveFact } | { readonly samples: readonly NaiveSample[] } | 'look' | 'restart';
/** What happens at a minute: nothing is heard of before it is, most of it soon after, some of it hours late. */
interface Heard {
  readonly minute: number;
  readonly step: Step;
}
/** A device on each side of the door and none on the goods: a pallet that is carried through, and back. */
const carriage = fc
  .tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 60, max: 200 }))
  .map(([there, back]): NaiveFact[] => [
    ...[DOOR.inside, DOOR.outside].map(
      (on, i): NaiveFact => ({ what: 'attached', device: DEVICES[i] ?? '', on, from: 0 }),
    ),
    ...[
      { place: DOOR.inside, from: there },
      { place: DOOR.outside, from: back },
    ].map((where): NaiveFact => ({ what: 'passed', subject: PALLETS[0] ?? '', ...where })),
  ]);
const LATE = [0, 0, 1, 5, 60, 290];
const MOST_LATE = Math.max(...LATE);
const lateness = fc.array(fc.constantFrom(...LATE), { minLength: 64, maxLength: 64 });
const scripts: fc.Arbitrary<Heard[]> = fc
  .record({
    facts: fc.array(fact, { minLength: 4, maxLength: 14 }),
    // Else goods that follow a place are too rare for the few cases of a run.
    carried: fc.option(carriage, { freq: 2 }),
    ...{ samples, lateness, rules: fc.tuple(...bodies), products: fc.array(product, { maxLength: 3 }) },
    times: fc.array(minute, { minLength: 20, maxLength: 20 }),
    looks: fc.array(fc.tuple(fc.constantFrom('look' as const, 'look' as const, 'restart' as const), minute), {
      maxLength: 6,
    }),
  })
  .map(({ facts: drawn, carried, samples, lateness, rules, products, times, looks }) => {
    const stays = drawn.filter(({ what }) => carried === null || (what !== 'attached' && what !== 'notice'));
    // Of what went through the door in one minute the first: two pallets at once are one pass.
    const facts = [...(carried ?? []), ...stays].filter(
      (one, i, all) =>
        one.what !== 'passed' || all.findIndex((other) => other.what === 'passed' && other.from === one.from) === i,
    );
    const first: NaiveFact = {
      ...{ what: 'notice', used: 0 },
      units: [{ sscc: PALLETS[0] ?? '', vials: VIALS, devices: carried === null ? [DEVICES[0] ?? ''] : [] }],
    };
    const late = (i: number) => lateness[i % lateness.length] ?? 0;
    const chunks = new Map<number, NaiveSample[]>();
    for (const [i, sample] of samples.entries()) {
      const heard = Math.ceil((sample.minute + late(i)) / 20) * 20;
      chunks.set(heard, [...(chunks.get(heard) ?? []), sample]);
    }
    return [
      { minute: 0, step: { fact: first } },
      ...rules.map(
        (rule): Heard => ({ minute: 0, step: { fact: { what: 'rule', rule, from: null, isRemoved: false } } }),
      ),
      ...products.map((one): Heard => ({ minute: 0, step: { fact: one } })),
      ...[...chunks].map(([at, some]): Heard => ({ minute: at, step: { samples: some } })),
      ...facts.map((one, i): Heard => ({ minute: momentOf(one, times[i] ?? 0) + late(i), step: { fact: one } })),
      ...looks.map(([step, at]): Heard => ({ minute: at * 2, step })),
    ].sort((a, b) => a.minute - b.minute);
  });

/** When what a fact says happened; a notice and master data say nothing of that. */
function momentOf(one: NaiveFact, otherwise: number): number {
  return 'from' in one && one.from !== null ? one.from : otherwise;
}

function ruleOf(rule: NaiveRule): GoodsRule {
  const named = { id: rule.id, severity: 'warning' } as const;
  if (rule.kind === 'goodsMkt')
    return { ...named, kind: 'goodsMkt', windowMs: rule.window * MINUTE, above: rule.limit };
  if (rule.kind === 'goodsFreezeThaw') {
    const { count, frozen, thawed } = rule;
    return { ...named, kind: 'goodsFreezeThaw', count, frozenBelow: frozen, thawedAbove: thawed };
  }
  const goods = massOf(rule.mass);
  const base = { id: rule.id, severity: 'warning', unknown: rule.isUnknownCounted ? 'counted' : 'beside' } as const;
  const { unless } = rule;
  const except =
    unless === null ? {} : { unless: { metric: unless.metric, above: unless.above, atMostMs: unless.atMost * MINUTE } };
  if (rule.kind === 'budgetForecast') {
    const { unknown: _, ...told } = base;
    return { ...told, ...except, ...goods, kind: 'budgetForecast', windowMs: rule.window * MINUTE };
  }
  return rule.kind === 'cumulative'
    ? { ...base, ...except, ...goods, kind: 'cumulative', above: rule.limit, forMs: rule.lasting * MINUTE }
    : { ...base, ...except, ...goods, kind: 'budget', share: rule.share };
}

function massOf(mass: NaiveMass): { goods?: ThermalMass } {
  if (mass === null) return {};
  if (typeof mass === 'number') return { goods: { timeConstantMs: mass * MINUTE } };
  return {
    goods: { timeConstant: 'product', ...(mass.otherwise !== null && { otherwiseMs: mass.otherwise * MINUTE }) },
  };
}

/** What is read in passing through the door, in the log's words. */
function passOf({ subject, place, from }: Extract<NaiveFact, { what: 'passed' }>): Arrival {
  const direction = place === DOOR.inside ? 'in' : 'out';
  return said.seen(through(DOOR, direction, START + from * MINUTE, [subject]));
}

function factOf(one: Exclude<NaiveFact, { what: 'passed' }>, versions: Map<string, number>): Fact {
  const by = 'test';
  switch (one.what) {
    case 'notice': {
      const units = one.units.map(
        ({ sscc, vials, devices }): AsnUnit => ({
          ...{ sscc, children: [...vials], devices: [...devices], from: START },
          ...(one.used > 0 && { budgetUsedMs: Object.fromEntries(vials.map((epc) => [epc, one.used * MINUTE])) }),
        }),
      );
      const products = [{ gtin: '80614141123458', name: 'X', lot: 'A17', expiry: null }];
      return { type: 'asn', by, asn: notice('SHP-1', units, { products, arrives: START + ARRIVES * MINUTE }) };
    }
    case 'packed':
    case 'unpacked': {
      const { sscc, vials, from } = one;
      const packing = { unit: sscc, children: vials, isUnpacked: one.what === 'unpacked', from: START + from * MINUTE };
      return { type: 'packing', by, packing };
    }
    case 'attached':
      return {
        ...{ type: 'attachment', by },
        attachment: { device: one.device, subject: one.on, from: START + one.from * MINUTE },
      };
    case 'product': {
      const ms = (minutes: number | null) => (minutes === null ? null : Math.round(minutes * MINUTE));
      const stability = { budgetMs: ms(one.budget), mktWindowMs: null };
      const gtin = GTINS[one.product as keyof typeof GTINS];
      return {
        type: 'product',
        by,
        product: { gtin, name: 'X', profile: null, stability, thermalMassMs: ms(one.mass) },
      };
    }
    case 'rule': {
      const version = (versions.get(one.rule.id) ?? 0) + 1;
      versions.set(one.rule.id, version);
      const said: RuleVersion = {
        ...{ rule: ruleOf(one.rule), version },
        effectiveFrom: one.from === null ? null : START + one.from * MINUTE,
        ...(one.isRemoved && { isRemoved: true }),
      };
      return { type: 'rule', by, version: said };
    }
  }
}

async function measures(samples: readonly NaiveSample[]): Promise<void> {
  const builder = new ReadingBuilder();
  for (const { device, metric, minute: slot, value } of samples) {
    builder.add(device, metricByName(metric)?.code ?? 0, START + slot * MINUTE, value);
  }
  await database.transaction(async (client) => {
    await new ReadingStore({ database }).insert(effectsOf(client), builder.view());
    const devices = [...new Set(samples.map(({ device }) => device))];
    await markGoods(client, { shipments: [], devices, isRules: false, reason: null }, 0);
  });
}

/** As after readings or a fact. */
async function judgesAgain(evaluator: GoodsEvaluator): Promise<void> {
  await database.transaction((client) =>
    markGoods(client, { shipments: ['SHP-1'], devices: [], isRules: false, reason: null }, now),
  );
  await evaluator.look();
}

function withoutFigures({ serials, ...finding }: NaiveFound): NaiveFound {
  return { ...finding, extreme: null, serials: serials.map(([epc, from, to]) => [epc, from, to, null] as const) };
}

/** To a hundredth of a minute: where goods cross a limit, findings go by milliseconds. */
function expectSame(found: readonly NaiveFound[], expected: readonly NaiveFound[]): void {
  const near = (value: number | null) => (value === null ? null : expect.closeTo(value, 2));
  const loosely = expected.map(({ serials, ...one }, i) => ({
    ...{ ...one, from: near(one.from), to: near(one.to), extreme: near(one.extreme) },
    endedBy: one.endedBy.includes(found[i]?.endedBy[0] ?? null) ? found[i]?.endedBy : one.endedBy,
    serials: serials.map(([epc, ...figures]) => [epc, ...figures.map(near)]),
  }));
  expect(found).toEqual(loosely);
}

/** What is found, in minutes: rule, from, to, and of each serial since when and for how long. */
async function found(): Promise<NaiveFound[]> {
  const present = await findings.present(GOODS_KINDS);
  const all = await Promise.all(
    present.map(async (finding): Promise<NaiveFound> => {
      const groups = await exposure.foundInGoods(finding);
      const serials = groups
        .flatMap(({ epcs, from, to, minutes }) =>
          epcs.map((epc) => [epc, minuteOf(from) ?? 0, minuteOf(to), minutes] as const),
        )
        .sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1]));
      const { rule, ruleVersion: version, from, to, endedBy, extreme } = finding;
      return { rule, version, from: minuteOf(from), to: minuteOf(to), endedBy: [endedBy], extreme, serials };
    }),
  );
  return all.sort((a, b) => (a.rule < b.rule ? -1 : a.rule > b.rule ? 1 : (a.from ?? 0) - (b.from ?? 0)));
}

function minuteOf(ms: number | null): number | null {
  return ms === null ? null : (ms - START) / MINUTE;
}

test('notices, packing, devices, product data, rules and readings lead to the same findings in any order, looked at whenever, as lived through minute by minute', async () => {
  await fc.assert(
    fc.asyncProperty(scripts, async (steps) => {
      await yard.clear();
      await database.query('TRUNCATE readings, log_checkpoints');
      await yard.hearsAtOnce([said.portal(DOOR)], START);
      let evaluator = newEvaluator();
      const versions = new Map<string, number>();
      const facts: NaiveFact[] = [];
      const told: NaiveSample[] = [];
      now = START;
      for (const { minute: heard, step } of steps) {
        now = START + heard * MINUTE;
        if (step === 'restart') {
          await yard.restarts();
          evaluator = newEvaluator();
        } else if (step === 'look') {
          await evaluator.look();
        } else if ('fact' in step) {
          facts.push(step.fact);
          const { fact: one } = step;
          await yard.hearsAtOnce([one.what === 'passed' ? passOf(one) : { fact: factOf(one, versions) }], START);
        } else {
          told.push(...step.samples);
          await measures(step.samples);
        }
      }
      const end = END + MOST_LATE + 40;
      now = START + end * MINUTE;
      await yard.hearsAtOnce([said.complete(DOOR, now), { now }], START);
      await evaluator.look();
      expect(problems).toEqual([]);
      const expected = naiveGoods(facts, told, end);
      // What has become so by time alone is found by itself; how many minutes it is by now, once an hour.
      expectSame((await found()).map(withoutFigures), expected.map(withoutFigures));
      await judgesAgain(evaluator);
      expectSame(await found(), expected);

      const changes = await yard.rows('SELECT id FROM finding_changes ORDER BY id DESC LIMIT 1');
      await judgesAgain(newEvaluator());
      expect(await yard.rows('SELECT id FROM finding_changes ORDER BY id DESC LIMIT 1')).toEqual(changes);
    }),
    // Never cut off in the middle of a statement; the same cases in every run of the suite, others by another seed.
    { numRuns: 8, seed: 17 },
  );
}, 120_000);
