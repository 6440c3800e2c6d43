/**
 * What ERP and reports ask of stock and receipts, of an installation that holds many packs: how long each takes, and what it reads
 * of the large tables otherwise than by an index.
 *
 *   node bench/stock.ts [PACKS]
 */
import { loadavg } from 'node:os';
import { systemTime } from '../domain/index.ts';
import { packsAt, stockAt } from '../trace/lookup/index.ts';
import { receipts } from '../trace/reconciliation/index.ts';
import { fillStock, PACKS_OF_SHIPMENT, readWhole, SHIPMENTS, SITES } from '../trace/testing/stocked.ts';
import { inEmptyDatabase } from './empty-database.ts';

const PACKS = Number(process.argv[2]) || 1_000_000;
const TIMES = 5;

await inEmptyDatabase(async (database) => {
  await fillStock(database, PACKS);
  const site = 'site:s3';
  const since = Date.UTC(2026, 0, 1);
  const last = `SHP-${(PACKS / PACKS_OF_SHIPMENT) * SHIPMENTS - SHIPMENTS + 1}`;
  const asked: Readonly<Record<string, () => Promise<unknown>>> = {
    'stock of a site': () => stockAt(database, site, null),
    'packs of a site, at most 50,000': () => packsAt(database, site, 50_000),
    'the latest 100 receipts': () => receipts(database, { limit: 100, seenFrom: null }),
    'the receipt of one shipment': () => receipts(database, { limit: 1, shipment: last, seenFrom: null }),
    'bi.stock of a site': () => database.query('SELECT * FROM bi.stock WHERE site = $1', [site]),
    'bi.receipts of one shipment': () => database.query('SELECT * FROM bi.receipts WHERE shipment = $1', [last]),
    'bi.receipts since a time': () =>
      database.query('SELECT * FROM bi.receipts WHERE received_ms >= $1 ORDER BY received_ms LIMIT 100', [since]),
    'bi.stock of all sites': () => database.query('SELECT * FROM bi.stock'),
  };
  console.log(`${PACKS.toLocaleString('en')} packs at ${SITES} sites, load ${loadavg()[0]?.toFixed(1)}`);
  for (const [what, ask] of Object.entries(asked)) {
    const took: number[] = [];
    const read = await readWhole(database, async () => {
      for (let n = 0; n < TIMES; n++) {
        const from = systemTime.monotonic();
        await ask();
        took.push(systemTime.monotonic() - from);
      }
    });
    const median = took.toSorted((a, b) => a - b)[Math.floor(TIMES / 2)] ?? 0;
    const whole = Object.entries(read).map(([table, rows]) => `${table} ${(rows / TIMES).toFixed(0)}`);
    console.log(`${what}: median ${median.toFixed(0)} ms; not by an index: ${whole.join(', ') || 'nothing'}`);
  }
});
