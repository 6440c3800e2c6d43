/**
 * How fast a recall answers: a lot of 100,000 among a million serials in 1,000 shipments, by counts and first page, as
 * CSV-sized rows, and the first page alone.
 *
 *   node bench/recall.ts [SHIPMENTS] [SERIALS]
 *
 * A tenth of the serials is of each lot; every tenth shipment has come in through a door with a hundred of its tags read.
 */
import { loadavg } from 'node:os';
import { systemTime } from '../domain/index.ts';
import { TraceQueries } from '../trace/index.ts';
import { BenchYard, DAY, DOOR, HOUR, notice, pallet, through, vials } from './yard.ts';

const SHIPMENTS = Number(process.argv[2]) || 1_000;
const SERIALS = Number(process.argv[3]) || 1_000_000;
const EACH = Math.floor(SERIALS / SHIPMENTS);
const TURNS = 5;

const yard = await BenchYard.open();
try {
  const { database } = yard;
  await yard.hears({ type: 'portal', portal: DOOR, by: 'bench' });
  for (let n = 0; n < SHIPMENTS; n++) {
    await yard.hears(notice(n, vials(n * EACH, EACH), `LOT-${Math.floor((n * 10) / SHIPMENTS)}`));
  }
  for (let n = 0; n < SHIPMENTS; n += 10) {
    await yard.sees(through(DAY + 15 * HOUR + n * 180_000, [pallet(n), ...vials(n * EACH, Math.min(EACH, 100))]));
  }
  await database.query('ANALYZE');
  const queries = new TraceQueries({ database });
  const lot = { lot: 'LOT-3' };
  const { serials, groups } = await queries.recall(lot);
  console.log(
    `a lot of ${serials.toLocaleString('en')} of ${(EACH * SHIPMENTS).toLocaleString('en')}, ${groups.length} places and units; load ${loadavg()[0]?.toFixed(1)}`,
  );
  await measure('counts by place and unit, and the first 1,000', () =>
    Promise.all([queries.recall(lot), queries.recalledSerials(lot, { limit: 1_000 })]),
  );
  await measure('every serial with where it is', async () => {
    let rows = 0;
    for await (const items of queries.everyRecalledSerial(lot)) rows += items.length;
    if (rows !== serials) throw new Error(`${rows} rows of ${serials}`);
  });
  await measure('by GTIN and lot, counts', () => queries.recall({ gtin: '80614141123458', ...lot }));
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
