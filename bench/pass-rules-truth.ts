/**
 * What rules over passes find of a day of three docks, against what really happened: precision and recall for each kind, by the
 * chance that a tag is not read. The day goes through the tracer on an embedded PostgreSQL, an hour a batch.
 *
 *   node bench/pass-rules-truth.ts [shipments]; 0 for the doors without a database alone
 *
 * A regression figure for this simulator, no claim about a real door.
 */
import { type GoodsRule, metricByName, type PassRule, ReadingBuilder, type Sighting } from '../domain/index.ts';
import { GoodsRules } from '../rules/index.ts';
import { OPERATIONS, type Operations, type OperationsPlan, operations, type TrueKind } from '../simulators/index.ts';
import { effectsOf, PostgresFacts, PostgresHistory, ReadingStore } from '../storage/index.ts';
import { PostgresGoodsDesk } from '../trace/index.ts';
import { reportSurges, reportWeakReads } from './usual-truth.ts';
import { BenchYard } from './yard.ts';

const shipments = Number(process.argv[2] ?? OPERATIONS.shipments);
const HOUR_MS = 3_600_000;
const COMMON = { severity: 'warning', atLeast: 1 } as const;
const RULES: readonly PassRule[] = [
  { ...COMMON, id: 'shortage', kind: 'shortage', when: 'both', waitMs: HOUR_MS },
  { ...COMMON, id: 'no-data', kind: 'noData', needs: ['notice'] },
  { ...COMMON, id: 'wrong-direction', kind: 'wrongDirection' },
  { ...COMMON, id: 'wrong-portal', kind: 'wrongPortal' },
  { ...COMMON, id: 'expired', kind: 'expired', remainingMs: 30 * 24 * HOUR_MS },
  { ...COMMON, id: 'clone', kind: 'clone', travelMs: 3 * HOUR_MS, signs: ['travel', 'tid'] },
  { ...COMMON, id: 'dwell', kind: 'dwell', longerThanMs: HOUR_MS, places: ['room:lyon/dock', 'room:rome/dock'] },
  { ...COMMON, id: 'cross-read', kind: 'crossRead' },
  { ...COMMON, id: 'diversion', kind: 'diversion' },
  { ...COMMON, id: 'bad-data', kind: 'badData', checks: ['gtin', 'duplicate'] },
];

const TAMPER: GoodsRule = { id: 'tamper', kind: 'tamper', severity: 'warning', light: 10, opened: false };

const PLANS: readonly (readonly [string, Partial<OperationsPlan>])[] = [
  ['every tag is read', { missChance: 0 }],
  ['1 % of the tags are missed in each pass', { missChance: 0.01 }],
  ['5 % are missed', { missChance: 0.05 }],
  ['1 % are missed, and one reader fades to 30 %', { missChance: 0.01, fading: 0.3 }],
  ['1 % are missed, and TIDs are read with 90 % of the reads', { missChance: 0.01, tidChance: 0.9 }],
  ['5 % are missed, and TIDs are read with 30 % of the reads', { missChance: 0.05, tidChance: 0.3 }],
];

for (const missChance of [0.01, 0.05, 0.2]) for (const fadesTo of [0.4, 0.6, 0.9]) reportWeakReads(missChance, fadesTo);
for (const spread of [0.1, 0.3, 0.6]) for (const times of [2, 3, 5]) reportSurges(spread, times);
if (shipments > 0) for (const [name, change] of PLANS) await report(name, { ...OPERATIONS, shipments, ...change });

async function report(name: string, plan: OperationsPlan): Promise<void> {
  const day = operations(plan);
  const yard = await BenchYard.open();
  try {
    await yard.hears(
      ...day.doors.map((portal) => ({ type: 'portal', portal, by: 'bench' }) as const),
      ...RULES.map(
        (rule) => ({ type: 'rule', version: { rule, version: 1, effectiveFrom: null }, by: 'bench' }) as const,
      ),
      ...day.facts,
    );
    const began = performance.now();
    const readers = day.doors.map(({ id }) => `${id}-reader`);
    const hours = Map.groupBy(day.sightings, ({ firstSeen }: Sighting) => Math.floor((firstSeen - day.from) / HOUR_MS));
    for (const [hour, sightings] of hours) await yard.reports(sightings, readers, day.from + (hour + 1) * HOUR_MS);
    await yard.reports([], readers, day.to);
    const seconds = (performance.now() - began) / 1_000;
    console.log(`${name}: ${plan.shipments} shipments, ${day.sightings.length} sightings in ${seconds.toFixed(1)} s`);
    const found = await yard.found();
    const takenBack = await yard.takenBack();
    for (const { kind, id } of RULES) {
      const truth = day.truth.get(kind as TrueKind) ?? new Set<string>();
      print(kind, found.get(kind) ?? [], truth, takenBack.get(id) ?? 0);
    }
    print('tamper', await tampered(yard, day), day.truth.get('tamper') ?? new Set(), 0);
  } finally {
    await yard.close();
  }
}

/** What light finds of each shipment, judged once at the end: what doors miss says when it left and was received. */
async function tampered(yard: BenchYard, { light, to }: Operations): Promise<readonly (readonly string[])[]> {
  const { database, findings } = yard;
  const builder = new ReadingBuilder();
  const code = metricByName('light')?.code ?? 0;
  for (const { device, at, lux } of light.toSorted((a, b) => a.at - b.at)) builder.add(device, code, at, lux);
  await database.transaction((client) => new ReadingStore({ database }).insert(effectsOf(client), builder.view()));
  const [history, facts] = [new PostgresHistory({ database }), new PostgresFacts({ database })];
  const desk = new PostgresGoodsDesk({ database, history, facts, findings });
  const rules = new GoodsRules([{ rule: TAMPER, version: 1, effectiveFrom: null }]);
  const found: string[][] = [];
  for (const shipment of await desk.shipmentsDuring(0, to, 10_000)) {
    const goods = await desk.goods(shipment, to, rules.metrics);
    if (goods === null) continue;
    for (const { groups } of rules.judge(goods, to).found) found.push(groups.flatMap(({ epcs }) => epcs));
  }
  return found;
}

/** @param alerts serials of each that stands in the end; those taken back on the way are counted apart */
function print(
  kind: string,
  alerts: readonly (readonly string[])[],
  truth: ReadonlySet<string>,
  takenBack: number,
): void {
  const serials = new Set(alerts.flat());
  const right = [...serials].filter((epc) => truth.has(epc)).length;
  const rightAlerts = alerts.filter((epcs) => epcs.some((epc) => truth.has(epc))).length;
  const percent = (part: number, of: number) =>
    of === 0 ? '    –' : `${((100 * part) / of).toFixed(1)} %`.padStart(7);
  console.log(
    `  ${kind.padEnd(15)} recall ${percent(right, truth.size)} (${right} of ${truth.size} serials), ` +
      `precision ${percent(right, serials.size)} of ${serials.size} serials, ${percent(rightAlerts, alerts.length)} of ${alerts.length} alerts, ${takenBack} taken back`,
  );
}
