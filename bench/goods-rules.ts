/**
 * How fast goods are judged: a million serials in 1,000 shipments with a logger each and a day of readings every five
 * minutes, and one shipment of 10,000 more, whose serials a late packing event puts beside another logger.
 *
 *   node bench/goods-rules.ts [SHIPMENTS] [SERIALS]
 */
import { loadavg } from 'node:os';
import { type Asn, type Fact, silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { GoodsEvaluator } from '../rules/index.ts';
import { PostgresFacts } from '../storage/index.ts';
import { PostgresGoodsDesk, TraceExposure } from '../trace/index.ts';
import { sameOfAll } from './same-history.ts';
import { BenchYard, DAY, HOUR, packed, pallet, vials } from './yard.ts';

const SHIPMENTS = Number(process.argv[2]) || 1_000;
const SERIALS = Number(process.argv[3]) || 1_000_000;
const EACH = Math.floor(SERIALS / SHIPMENTS);
const MOVED = 10_000;
const TURNS = 7;
/** Packing events of one serial, and in how many batches of the log. */
const EVENTS = 500;
const BATCHES = 10;
const NOW = DAY + 24 * HOUR;

/** Every logger the same: 5 °C, and 9 °C from 10:00 to 12:00. */
const TIME = Float64Array.from({ length: 288 }, (_, i) => DAY + i * 300_000);
const VALUE = TIME.map((at) => (at >= DAY + 10 * HOUR && at < DAY + 12 * HOUR ? 9 : 5));
const history = sameOfAll(TIME, VALUE);

function notice(n: number, from: number, count: number): Fact {
  const stability = { budgetMs: HOUR, mktWindowMs: null };
  const asn: Asn = {
    ...{ id: `SHP-${n}`, profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
    ...{ departs: DAY + 8 * HOUR, arrives: DAY + 40 * HOUR },
    units: [{ sscc: pallet(n), devices: [`logger-${n}`], children: vials(from, count), from: DAY + 7 * HOUR }],
    products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2027-06-30', stability }],
  };
  return { type: 'asn', asn, by: 'bench' };
}

const yard = await BenchYard.open();
try {
  const { database, findings } = yard;
  const desk = new PostgresGoodsDesk({ database, history, findings, facts: new PostgresFacts({ database }) });
  const time = { ...systemTime, now: () => NOW };
  const goods = new GoodsEvaluator({ desk, time, logger: silentLogger, meter: silentMeter });
  const exposure = new TraceExposure({ database, history });
  const rule = { id: 'used', kind: 'budget', severity: 'critical', share: 100 } as const;
  await yard.hears({ type: 'rule', by: 'bench', version: { rule, version: 1, effectiveFrom: null } });
  for (let n = 0; n < SHIPMENTS; n++) await yard.hears(notice(n, n * EACH, EACH));
  const [big, beside] = [SHIPMENTS, SHIPMENTS + 1];
  await yard.hears(notice(big, SERIALS, MOVED), notice(beside, SERIALS + MOVED, 1));
  await database.query('ANALYZE');
  console.log(`${(SERIALS + MOVED).toLocaleString('en')} serials; load ${loadavg()[0]?.toFixed(1)}`);

  const before = process.memoryUsage().heapUsed;
  const from = systemTime.monotonic();
  const judged = await goods.look();
  const took = systemTime.monotonic() - from;
  const kept = (process.memoryUsage().heapUsed - before) / judged;
  console.log(
    `judged ${judged} shipments once: ${Math.round(took)} ms, ${(took / judged).toFixed(1)} ms a shipment, ${Math.round((judged / took) * 1000)} a second; kept in memory of each group: nothing (heap ${Math.round(kept / 1024)} KB a shipment before it is collected)`,
  );

  const serials = vials(SERIALS, MOVED);
  let [turn, at] = [0, DAY + 9 * HOUR];
  await measure(
    `a late packing event of ${MOVED.toLocaleString('en')} serials, heard, judged and its findings written; target 2,000 ms`,
    async () => {
      at += 60_000;
      await yard.hears(packed(pallet(turn++ % 2 === 0 ? beside : big), serials, at));
      await goods.look();
    },
  );
  const [found] = (await desk.present(`SHP-${big}`, ['used'])).slice(-1);
  if (found?.goods?.serials !== MOVED) throw new Error(`${found?.goods?.serials} serials of ${MOVED}`);
  const listed = async (
    groups: readonly { readonly epcs?: readonly string[]; readonly serials?: readonly string[] }[],
  ) => {
    const epcs = groups.flatMap(({ epcs = [], serials = [] }) => [...epcs, ...serials]);
    if (epcs.length < MOVED) throw new Error(`${epcs.length} serials of ${MOVED}`);
    await exposure.identities(epcs);
  };
  await measure('a finding on goods to its list of 10,000 serials with lot and expiry; target 300 ms', async () =>
    listed(await exposure.foundInGoods(found)),
  );
  const device = `logger-${turn % 2 === 0 ? big : beside}`;
  const query = { device, metric: 1, from: DAY + 10 * HOUR, to: DAY + 12 * HOUR, runs: [] };
  await measure('a finding of a logger to its list of 10,000 serials with lot and expiry; target 300 ms', async () =>
    listed(await exposure.affected(query)),
  );

  // Serials of a few shipments are taken out one by one, each at a moment of its own: as many groups as events.
  const touched = Math.min(10, SHIPMENTS);
  const started = systemTime.monotonic();
  for (let batch = 0; batch < BATCHES; batch++) {
    const events = Array.from({ length: EVENTS / BATCHES }, (_, i) => {
      const n = batch * (EVENTS / BATCHES) + i;
      const one = (n % touched) * EACH + Math.floor(n / touched);
      return packed(pallet(beside), vials(one, 1), DAY + 9 * HOUR + n * 1_000);
    });
    await yard.hears(...events);
    await goods.look();
  }
  const seconds = (systemTime.monotonic() - started) / 1_000;
  console.log(
    `${EVENTS} packing events of a serial each, ${EVENTS / BATCHES} a batch over ${touched} shipments, heard, judged and written: ${(EVENTS / seconds).toFixed(1)} events/s`,
  );
  globalThis.gc?.();
  const empty = process.memoryUsage().heapUsed;
  const loaded = await desk.goods('SHP-0', NOW, []);
  globalThis.gc?.();
  const groups = loaded?.groups.length ?? 0;
  console.log(
    globalThis.gc === undefined
      ? 'memory: run with node --expose-gc'
      : `${groups} exposure groups of a shipment with ${loaded?.groups.reduce((sum, { epcs }) => sum + epcs.length, 0)} serials, a day of readings each: ${((process.memoryUsage().heapUsed - empty) / 1024 / Math.max(1, groups)).toFixed(1)} KB a group while it is judged, nothing after`,
  );
} finally {
  await yard.close();
}

async function measure(name: string, work: () => Promise<unknown>): Promise<void> {
  const took: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const from = systemTime.monotonic();
    await work();
    took.push(systemTime.monotonic() - from);
  }
  const median = took.toSorted((a, b) => a - b)[TURNS >> 1] ?? 0;
  console.log(`${name}: ${Math.round(median)} ms, median; ${Math.round(Math.max(...took))} ms, worst`);
}
