import { beforeEach, expect, test } from 'vitest';
import {
  GOODS_KINDS,
  type GoodsRule,
  type Metric,
  metricByName,
  ReadingBuilder,
  type RuleVersion,
  silentLogger,
  silentMeter,
  systemTime,
} from '../domain/index.ts';
import { GoodsEvaluator } from '../rules/index.ts';
import { effectsOf, PostgresFacts, PostgresFindings, PostgresHistory, ReadingStore } from '../storage/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { markGoods, PostgresGoodsDesk, TraceExposure } from '../trace/index.ts';
import {
  type Arrival,
  at,
  door,
  HOUR,
  MINUTE,
  notice,
  pallet,
  said,
  through,
  vial,
  vials,
  Yard,
} from '../trace/testing/yard.ts';

const database = await testDatabase();
const yard = new Yard(database, []);
const history = new PostgresHistory({ database });
const findings = new PostgresFindings({ database });
let now = at('00:00');
const time = { ...systemTime, now: () => now };
const desk = new PostgresGoodsDesk({ database, history, findings, facts: new PostgresFacts({ database }) });
const problems: unknown[] = [];
const logger = { ...silentLogger, warn: (fields: unknown) => problems.push(fields) };
const evaluator = new GoodsEvaluator({ desk, time, logger, meter: silentMeter });
const exposure = new TraceExposure({ database, history });

const GTIN = '80614141123458';
/** The product stands an hour out of range. */
const AN_HOUR = [{ gtin: GTIN, name: 'X', lot: 'A17', expiry: null, stability: { budgetMs: HOUR, mktWindowMs: null } }];
const BUDGET: GoodsRule = { id: 'budget-used', kind: 'budget', severity: 'critical', share: 100 };

beforeEach(async () => {
  await yard.clear();
  await database.query('TRUNCATE readings, log_checkpoints');
});

function version(rule: GoodsRule, number = 1, change: Partial<RuleVersion> = {}): RuleVersion {
  return { rule, version: number, effectiveFrom: null, ...change };
}

/** Master data of a product. */
function registered(
  gtin: string,
  {
    budgetMs = null,
    thermalMassMs = null,
    name = 'X',
  }: { budgetMs?: number | null; thermalMassMs?: number | null; name?: string },
): Arrival {
  const stability = { budgetMs, mktWindowMs: null };
  return { fact: { type: 'product', by: 'test', product: { gtin, name, profile: null, stability, thermalMassMs } } };
}

/** One arrival a batch, in the morning. */
async function hears(...arrivals: Arrival[]): Promise<void> {
  for (const arrival of arrivals) await yard.hearsAtOnce([arrival], at('07:00'));
}

/** A reading every ten minutes from a moment on. */
async function measures(device: string, from: string, ...values: number[]): Promise<void> {
  await measuresOf('temperature', device, from, values);
}

async function measuresOf(metric: Metric, device: string, from: string, values: readonly number[]): Promise<void> {
  const builder = new ReadingBuilder();
  const code = metricByName(metric)?.code ?? 0;
  for (const [index, value] of values.entries()) builder.add(device, code, at(from) + index * 10 * MINUTE, value);
  await database.transaction(async (client) => {
    await new ReadingStore({ database }).insert(effectsOf(client), builder.view());
    await markGoods(client, { shipments: [], devices: [device], isRules: false, reason: null }, 0);
  });
}

/** What is found by now: rule, from, to, and of each group its serials, minutes and since when. */
async function found(clock: string) {
  now = at(clock);
  await evaluator.look();
  expect(problems).toEqual([]);
  const present = await findings.present(GOODS_KINDS);
  return Promise.all(
    present.map(async (finding) => ({
      finding,
      groups: (await exposure.foundInGoods(finding)).map(({ epcs, minutes, from, to }) => [
        epcs.length,
        minutes,
        from,
        to,
      ]),
    })),
  );
}

test('serials that are out of range for longer than their product stands are one finding a shipment, from the moment it was used up', async () => {
  await hears(
    said.rule(version(BUDGET)),
    said.asn(
      notice('SHP-1', [{ sscc: pallet(1), devices: ['logger-7'], children: vials(1, 10) }], { products: AN_HOUR }),
    ),
  );
  await measures('logger-7', '08:00', 5, 9, 9, 9, 9, 9, 9);
  expect(await found('09:10')).toEqual([]);
  await measures('logger-7', '09:10', 9, 5);
  const [one, ...others] = await found('09:40');
  expect(others).toEqual([]);
  expect(one).toMatchObject({
    finding: {
      ...{
        rule: 'budget-used',
        key: 'shipment:SHP-1',
        from: at('09:10'),
        to: null,
        endedBy: null,
        extreme: 70,
        limit: 60,
      },
      ...{ readings: 10, goods: { shipment: 'SHP-1', serials: 10 } },
    },
    groups: [[10, 70, at('09:10'), null]],
  });
});

test('what a serial brings along, and one that was taken out in time, are their own groups; a late unpacking takes serials out again', async () => {
  const unit = {
    ...{ sscc: pallet(1), devices: ['logger-7'], children: vials(1, 4) },
    budgetUsedMs: { [vial(4)]: 50 * MINUTE },
  };
  await hears(
    said.rule(version(BUDGET)),
    said.asn(notice('SHP-1', [unit], { products: AN_HOUR })),
    said.unpacked(pallet(1), [vial(3)], at('08:30')),
  );
  await measures('logger-7', '08:00', 5, 9, 9, 9, 9, 9, 9, 9, 9, 5);
  const [one] = await found('10:00');
  expect(one?.finding).toMatchObject({ from: at('08:20'), readings: 3 });
  expect(one?.groups).toEqual([
    [1, 130, at('08:20'), null],
    [2, 80, at('09:10'), null],
  ]);
  // Heard of later: all were taken out before the hour was over.
  await hears(said.unpacked(pallet(1), vials(1, 2), at('09:00')));
  const [other] = await found('10:01');
  expect(other?.groups).toEqual([[1, 130, at('08:20'), null]]);
  await hears(said.unpacked(pallet(1), [vial(4)], at('08:15')));
  expect(await found('10:02')).toEqual([]);
  const { rows } = await database.query<{ event: string; reason: string }>(
    'SELECT event, reason FROM finding_changes ORDER BY id',
  );
  expect(rows.at(-1)).toEqual({
    event: 'retracted',
    reason: `we heard that 1 were unpacked from ${pallet(1)}`,
  });
  expect((await database.query('SELECT FROM goods_found')).rows).toEqual([]);
});

test('a budget goes over two pallets with loggers of their own, and unknown time counts where the rule says so', async () => {
  await hears(
    said.rule(version(BUDGET)),
    said.rule(version({ ...BUDGET, id: 'at-worst', unknown: 'counted' })),
    said.asn(
      notice(
        'SHP-1',
        [
          { sscc: pallet(1), devices: ['logger-7'], children: [vial(1)] },
          { sscc: pallet(2), devices: ['logger-8'], children: [vial(2)] },
        ],
        { products: AN_HOUR },
      ),
    ),
    said.packed(pallet(2), [vial(1)], at('08:40')),
  );
  await measures('logger-7', '07:30', 5, 5, 5, 5, 9, 9, 9, 9);
  await measures('logger-8', '07:30', 5, 5, 5, 5, 5, 5, 5, 5, 9, 9, 9, 5);
  const all = await found('09:40');
  // 30 minutes in each pallet are used of the hour: exactly all of it, not more.
  expect(all.map(({ finding }) => finding.rule)).toEqual(['at-worst']);
  expect(all[0]?.finding).toMatchObject({ from: at('09:20'), extreme: 80 });
  await measures('logger-8', '09:20', 5, 9, 5);
  expect((await found('10:00')).find(({ finding }) => finding.rule === 'budget-used')?.finding).toMatchObject({
    ...{ from: at('09:30'), extreme: 70, readings: 1 },
  });
});

test('time beyond a limit is summed over the shipment, not asked for in one piece, and the limit itself counts', async () => {
  const rule: GoodsRule = { id: 'who', kind: 'cumulative', severity: 'critical', atOrAbove: 30, forMs: 30 * MINUTE };
  await hears(
    said.rule(version(rule)),
    said.asn(notice('SHP-1', [{ sscc: pallet(1), devices: ['logger-7'], children: vials(1, 2) }])),
  );
  await measures('logger-7', '08:00', 30, 29.9, 30, 5, 31, 5);
  const [one] = await found('09:00');
  expect(one?.finding).toMatchObject({ from: at('08:50'), extreme: 30, limit: 30 });
});

test('an edited rule ends what the version before found and judges on; a removed one ends it; the same again changes nothing', async () => {
  await hears(
    said.rule(version(BUDGET)),
    said.asn(
      notice('SHP-1', [{ sscc: pallet(1), devices: ['logger-7'], children: vials(1, 2) }], { products: AN_HOUR }),
    ),
  );
  await measures('logger-7', '08:00', 9, 9, 9, 9, 9, 9, 9, 9, 5);
  expect((await found('09:30')).map(({ finding }) => finding.from)).toEqual([at('09:00')]);
  await hears(said.rule(version({ ...BUDGET, severity: 'warning' }, 2, { effectiveFrom: at('09:20') })));
  const edited = (await found('09:31')).map(({ finding: { from, to, endedBy, ruleVersion } }) => [
    from,
    to,
    endedBy,
    ruleVersion,
  ]);
  expect(edited).toEqual([
    [at('09:00'), at('09:20'), 'rule', 1],
    [at('09:20'), null, null, 2],
  ]);
  await hears(said.rule(version(BUDGET, 3, { effectiveFrom: at('09:25'), isRemoved: true })));
  const removed = (await found('09:32')).map(({ finding: { from, to, endedBy } }) => [from, to, endedBy]);
  expect(removed).toEqual([
    [at('09:00'), at('09:20'), 'rule'],
    [at('09:20'), at('09:25'), 'rule'],
  ]);
  const before = await database.query('SELECT count(*) FROM finding_changes');
  await database.query('UPDATE goods_watch SET due_at = 0');
  await found('09:33');
  expect((await database.query('SELECT count(*) FROM finding_changes')).rows).toEqual(before.rows);
});

test('light on the way and a unit that was opened are signs of tampering, told with when and what; what comes late changes them', async () => {
  const rule: GoodsRule = { id: 'tampered', kind: 'tamper', severity: 'critical', light: 10, shock: 5, opened: true };
  const units = [
    { sscc: pallet(1), devices: ['logger-7'], children: vials(1, 4) },
    { sscc: pallet(2), devices: [], children: vials(5, 6) },
  ];
  await hears(said.rule(version(rule)), said.asn(notice('SHP-1', units)));
  // It leaves at 08:00 in a lit yard, and is dark from 08:20 on.
  await measuresOf('light', 'logger-7', '07:50', [300, 300, 250, 0, 0, 0, 0]);
  await measuresOf('shock', 'logger-7', '07:50', [9, 0.2, 0.2, 1, 1, 1, 1]);
  expect(await found('08:55')).toEqual([]);
  await measuresOf('light', 'logger-7', '09:00', [0, 40, 25, 0, 0]);
  const facts = async (clock: string) => {
    const [one, ...others] = await found(clock);
    expect(others).toEqual([]);
    const { from, to, extreme, readings, goods } = one?.finding ?? {};
    return { from, to, extreme, readings, said: (goods?.facts ?? []).map(({ at: when, text }) => [when, text]) };
  };
  const light = [at('09:10'), 'Light, up to 40 lux, where it should be dark: opened?'];
  expect(await facts('09:45')).toEqual({ from: at('09:10'), to: null, extreme: 1, readings: 4, said: [light] });
  await hears(said.unpacked(pallet(1), [vial(1)], at('08:50')));
  const opened = [at('08:50'), `We heard that something was taken out of ${pallet(1)}.`];
  expect(await facts('09:46')).toEqual({ from: at('08:50'), to: null, extreme: 2, readings: 4, said: [opened, light] });
  // It turns out to leave at nine only: what was opened before was opened by those who packed it.
  await hears(said.asn(notice('SHP-1', units, { departs: at('09:00') })));
  expect(await facts('09:47')).toMatchObject({ from: at('09:10'), said: [light] });
});

test('goods of two products in one pallet follow the air each with its own thermal mass, and the alert says by which', async () => {
  const rule: GoodsRule = {
    ...{ id: 'goods-warm', kind: 'cumulative', severity: 'critical', above: 8, forMs: 15 * MINUTE },
    goods: { timeConstant: 'product' },
  };
  const other = 'urn:epc:id:sgtin:0614141.812346.1';
  await hears(
    said.rule(version(rule)),
    said.asn(notice('SHP-1', [{ sscc: pallet(1), devices: ['logger-7'], children: [vial(1), vial(2), other] }])),
    registered(GTIN, { thermalMassMs: 45 * MINUTE }),
  );
  // Twenty minutes of 15 °C are twenty above 8 by the air, and with 45 minutes four and the eight of cooling down.
  await measures('logger-7', '08:00', 5, 15, 15, 5, 5);
  const [one, ...others] = await found('08:45');
  expect(others).toEqual([]);
  expect(one?.groups.map(([serials]) => serials)).toEqual([1]);
  expect(one?.finding).toMatchObject({ from: at('08:25'), extreme: 20, readings: 1 });
  expect(one?.finding.goods?.facts?.map(({ text }) => text)).toEqual([
    'Judged by the air itself: no time constant is registered of product 80614141123465.',
  ]);

  // Said where the product has none.
  await hears(said.rule(version({ ...rule, goods: { timeConstant: 'product', otherwiseMs: 5 * MINUTE } }, 2)));
  const [again] = await found('08:46');
  expect(again?.finding.goods?.facts?.map(({ text }) => text)).toEqual([
    'Judged as goods that follow the air with a time constant of 5m, as the rule says: none is registered of product 80614141123465.',
  ]);
});

test('what is registered of a product late holds for all of time: its goods are judged again, by thermal mass and by budget', async () => {
  const rule: GoodsRule = {
    ...{ id: 'goods-warm', kind: 'cumulative', severity: 'critical', above: 8, forMs: 10 * MINUTE },
    goods: { timeConstant: 'product' },
  };
  await hears(
    ...[said.rule(version(rule)), said.rule(version(BUDGET))],
    said.asn(notice('SHP-1', [{ sscc: pallet(1), devices: ['logger-7'], children: vials(1, 3) }], { products: [] })),
  );
  await measures('logger-7', '08:00', 5, 15, 15, 5, 5);
  const rules = async (clock: string) => (await found(clock)).map(({ finding: { rule, from } }) => [rule, from]);
  expect(await rules('08:45')).toEqual([['goods-warm', at('08:20')]]);
  await hears(registered(GTIN, { thermalMassMs: 4 * HOUR }));
  expect(await rules('08:46')).toEqual([]);
  await hears(registered(GTIN, { thermalMassMs: 5 * MINUTE, budgetMs: 15 * MINUTE }));
  expect(await rules('08:47')).toEqual([
    ['budget-used', at('08:25')],
    ['goods-warm', expect.any(Number)],
  ]);
  const [{ marks } = { marks: null }] = (await database.query<{ marks: number }>('SELECT marks FROM goods_watch')).rows;
  // The same again, and another name, are nothing that goods are judged by.
  await hears(registered(GTIN, { thermalMassMs: 5 * MINUTE, budgetMs: 15 * MINUTE, name: 'Y' }));
  expect((await database.query('SELECT marks FROM goods_watch')).rows).toEqual([{ marks }]);
});

test('a pallet that has come stands in the light of the dock while others of its shipment are on the way: no sign of tampering', async () => {
  const rule: GoodsRule = { id: 'tampered', kind: 'tamper', severity: 'critical', light: 10, opened: false };
  const [berlin, lyon] = [door('berlin-1', 'site:berlin'), door('lyon-1')];
  const units = [1, 2].map((n) => ({ sscc: pallet(n), devices: [`logger-${n}`], children: [vial(n)] }));
  await hears(said.portal(berlin), said.portal(lyon), said.rule(version(rule)), said.asn(notice('SHP-1', units)));
  const passes = [
    ...[through(berlin, 'out', at('08:00'), [pallet(1)]), through(berlin, 'out', at('08:10'), [pallet(2)])],
    ...[through(lyon, 'in', at('09:00'), [pallet(1)]), through(lyon, 'in', at('10:00'), [pallet(2)])],
  ];
  for (const seen of passes) await hears(said.seen(seen));
  await hears(said.complete(berlin, at('12:00')), said.complete(lyon, at('12:00')), { now: at('12:00') });
  // Pallet 1 is unpacked from 09:00 on; pallet 2 stands in the dark of Berlin's dock until 08:05, and is opened at 09:30.
  await measuresOf('light', 'logger-1', '07:50', [0, 0, 0, 0, 0, 0, 0, 250, 250, 250, 250, 250, 0, 0]);
  await measuresOf('light', 'logger-2', '07:50', [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 40, 0, 0, 250, 250]);
  const [one, ...others] = await found('12:00');
  expect(others).toEqual([]);
  expect(one?.finding).toMatchObject({ from: at('09:30'), extreme: 1, readings: 1 });
});
