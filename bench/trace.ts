/**
 * How fast the tracer takes notices, packing and sightings on a database of a million serials, what a unit of 10,000
 * serials costs beside one of 10, and how fast an excursion has the list of its serials.
 *
 *   node bench/trace.ts [SHIPMENTS] [SERIALS] [MANY]
 *
 * SHIPMENTS (default 1,000) of one pallet, SERIALS (default 1,000,000) in all, 10,000 of them on the first pallet; MANY
 * (default 300,000) children in one aggregation. Prints one line a measurement.
 */
import { loadavg } from 'node:os';
import { AlertRouting, AlertService, AlertWorker } from '../alerts/index.ts';
import { type Fact, type Finding, ReadingBuilder, silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { effectsOf, PostgresAuditTrail, PostgresHistory, ReadingStore } from '../storage/index.ts';
import { SerialExposures, TraceExposure } from '../trace/index.ts';
import { spentMs } from './cpu.ts';
import { median, ms } from './timing.ts';
import { attached, BenchYard, DAY, DOOR, HOUR, notice, packed, pallet, through, vial, vials } from './yard.ts';

const [shipments, serials, many] = [2, 3, 4].map((index) => Number(process.argv[index])) as [number, number, number];
const SHIPMENTS = shipments || 1_000;
const SERIALS = serials || 1_000_000;
const MANY = many || 300_000;
/** On the first pallet. */
const LARGE = Math.min(10_000, SERIALS);
const SMALL = 10;
const TURNS = 9;

const yard = await BenchYard.open();
const { database } = yard;
const history = new PostgresHistory({ database });
try {
  say('load', { 'of this machine, a minute': loadavg()[0] ?? 0 });
  await yard.hears({ type: 'portal', portal: DOOR, by: 'bench' });
  await notices();
  await database.query('ANALYZE');
  await events();
  await sightings();
  await bulk();
  await units();
  await excursion();
} finally {
  await yard.close();
}

async function notices(): Promise<void> {
  const each = Math.floor((SERIALS - LARGE) / Math.max(1, SHIPMENTS - 1));
  const took = await ms(async () => {
    for (let n = 0; n < SHIPMENTS; n++) {
      const children = n === 0 ? vials(0, LARGE) : vials(LARGE + (n - 1) * each, each);
      await yard.hears(notice(n, children, `LOT-${Math.floor(n / 100)}`));
    }
  });
  const count = LARGE + each * (SHIPMENTS - 1);
  say(`notices of ${SHIPMENTS} shipments, ${count.toLocaleString('en')} serials`, {
    'serials/s': (count * 1_000) / took,
  });
}

/** Packing facts of ten children each, fifty a batch, into units of their own. */
async function events(): Promise<void> {
  const facts = Array.from({ length: 1_000 }, (_, n): Fact => {
    return packed(pallet(1_000_000 + n), vials(10_000_000 + n * 10, 10), DAY + 9 * HOUR + n);
  });
  const took = await ms(async () => {
    for (let n = 0; n < facts.length; n += 50) await yard.hears(...facts.slice(n, n + 50));
  });
  say('packing events of ten children, fifty a batch', { 'tracer events/s': (facts.length * 1_000) / took });
}

async function sightings(): Promise<void> {
  const pass = vials(0, Math.min(LARGE, 1_000));
  let count = 0;
  const took = await ms(async () => {
    for (let n = 0; n < 10; n++) {
      const reads = through(DAY + 15 * HOUR + n * 180_000, [pallet(0), ...pass]);
      count += reads.length;
      for (let at = 0; at < reads.length; at += 200) await yard.sees(reads.slice(at, at + 200));
    }
  });
  say(`sightings, ${pass.length} tags a pass, 200 a batch`, { 'sightings/s': (count * 1_000) / took });
}

/** One aggregation of very many children; the same into another unit; out of it again. */
async function bulk(): Promise<void> {
  const children = vials(20_000_000, MANY);
  const [one, other] = [pallet(2_000_000), pallet(2_000_001)];
  const before = await spentMs(database);
  const pack = await ms(() => yard.hears(packed(one, children, DAY + 9 * HOUR)));
  const after = await spentMs(database);
  const repack = await ms(() => yard.hears(packed(other, children, DAY + 10 * HOUR)));
  const unpacking: Fact = {
    type: 'packing',
    packing: { unit: other, children, isUnpacked: true, from: DAY + 11 * HOUR },
    by: 'bench',
  };
  const unpack = await ms(() => yard.hears(unpacking));
  say(`one aggregation of ${MANY.toLocaleString('en')}`, {
    'ms, packed': pack,
    'ms of processor time of ours': after.ours - before.ours,
    'and of the database': after.database - before.database,
    'ms, all into another unit': repack,
    'ms, all out': unpack,
  });
}

/** What a unit costs that holds ten serials, and one that holds ten thousand. */
async function units(): Promise<void> {
  const exposures = new SerialExposures({ database, history });
  const steps: [string, (unit: number, turn: number) => Promise<unknown>][] = [
    ['binding a logger to it', (n, turn) => yard.hears(attached('spare', pallet(n), DAY + 12 * HOUR + turn))],
    [
      'putting it into a larger unit',
      (n, turn) => yard.hears(packed(pallet(4_000_000), [pallet(n)], DAY + 13 * HOUR + turn)),
    ],
    ['through a door by its own tag', (n, turn) => yard.sees(through(DAY + 17 * HOUR + turn * 180_000, [pallet(n)]))],
    ['the exposure of one of its serials', (n) => exposures.of(vial(n === 0 ? 0 : 30_000_000), DAY + 18 * HOUR)],
  ];
  await yard.hears(notice(3_000_000, vials(30_000_000, SMALL), 'SMALL'));
  for (const [index, [name, step]] of steps.entries()) {
    // In turns, so that what else runs on the machine slows both.
    const took: { small: number[]; large: number[] } = { small: [], large: [] };
    for (let turn = 0; turn < TURNS; turn++) {
      const at = index * 4 * TURNS + turn * 4;
      took.small.push(await ms(() => step(3_000_000, at)));
      took.large.push(await ms(() => step(0, at + 1)));
    }
    say(`a unit of ${SMALL} and one of ${LARGE.toLocaleString('en')}: ${name}`, {
      [`ms with ${SMALL}`]: median(took.small),
      [`ms with ${LARGE.toLocaleString('en')}`]: median(took.large),
    });
  }
}

/** From the finding to the alert with its list, and the list as it is served. */
async function excursion(): Promise<void> {
  const builder = new ReadingBuilder();
  const from = DAY + 10 * HOUR;
  for (let minute = -60; minute < 120; minute++) builder.add('logger-0', 1, from + minute * 60_000, minute < 0 ? 5 : 9);
  const store = new ReadingStore({ database });
  await database.transaction((client) => store.insert(effectsOf(client), builder.view()));
  const exposure = new TraceExposure({ database, history });
  const found = findingOf(0);
  await repeated(`an excursion on a pallet of ${LARGE.toLocaleString('en')} finds its serials`, () =>
    exposure.affected({ device: 'logger-0', metric: 1, from, to: found.to, runs: found.runs }),
  );
  const audit = new PostgresAuditTrail({ database });
  const routing = new AlertRouting({ plan: () => null });
  const book = new AlertService({ audit, database, time: systemTime, routing });
  const desk = new AlertWorker({
    audit,
    ...{ database, exposure, history, time: systemTime, logger: silentLogger, meter: silentMeter },
    routing,
  });
  await desk.start();
  let turn = 0;
  await repeated('from the finding to the alert with its list', async () => {
    const finding = findingOf(turn++);
    await database.transaction((client) => yard.findings.apply(effectsOf(client), [{ event: 'opened', finding }]));
    await desk.settled();
  });
  await desk.stop();
  const { items } = await book.list({ limit: 1 });
  const id = items[0]?.id ?? '';
  if ((items[0]?.affectedCount ?? 0) !== LARGE) throw new Error(`the alert lists ${items[0]?.affectedCount} serials`);
  await repeated('the alert with the first 1,000 of its serials', () =>
    Promise.all([book.get(id), book.breadth(id), book.serials(id, { limit: 1_000 })]),
  );
  await repeated('all of its serials, 1,000 a page', async () => {
    for (let cursor: string | null | undefined; cursor !== null; ) {
      cursor = (await book.serials(id, { limit: 1_000, cursor })).nextCursor;
    }
  });
}

/** A rule each, so that each makes an alert of its own. */
function findingOf(rule: number): Finding {
  const [from, to] = [DAY + 10 * HOUR, DAY + 11 * HOUR];
  return {
    ...{
      rule: `too-warm-${rule}`,
      ruleVersion: 1,
      kind: 'threshold',
      severity: 'critical',
      key: 'logger-0/temperature',
    },
    ...{
      from,
      to,
      endedBy: 'recovery',
      extreme: 9,
      readings: 60,
      minutesOutOfRange: 60,
      runs: [{ from, to }],
      limit: 8,
    },
    ...{ detectedAt: to, detectedLate: false },
  };
}

async function repeated(name: string, work: () => Promise<unknown>): Promise<void> {
  const took: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) took.push(await ms(work));
  say(name, { 'ms, median': median(took), 'ms, worst': Math.max(...took) });
}

function say(name: string, figures: Readonly<Record<string, number>>): void {
  const rounded = Object.entries(figures).map(([unit, value]) => {
    return `${value < 100 ? value.toFixed(1) : Math.round(value).toLocaleString('en')} ${unit}`;
  });
  console.log(`${name}: ${rounded.join(', ')}`);
}
