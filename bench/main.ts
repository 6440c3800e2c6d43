/**
 * Every measurement, one after another on one machine: `npm run bench`, or `npm run bench -- durable` for one. Figures
 * are ratios within a run (limit, ours, peer), since machines differ.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const BENCHES: Readonly<Record<string, readonly string[]>> = {
  durable: ['durable.ts'],
  epc: ['epc.ts'],
  epcis: ['epcis.ts'],
  log: ['log-append.ts'],
  nats: ['nats-log.ts'],
  payloads: ['payloads.ts'],
  llrp: ['llrp-decode.ts'],
  rules: ['rules.ts'],
  'rules-kinds': ['rules-kinds.ts'],
  'rules-peers': ['rules-peers.ts'],
  forecast: ['forecast.ts'],
  'budget-forecast': ['budget-forecast.ts'],
  trace: ['trace.ts'],
  dock: ['dock.ts'],
  'dock-live': ['dock-live.ts'],
  sockets: ['sockets.ts'],
  recall: ['recall.ts'],
  verification: ['verification.ts'],
  dispositions: ['dispositions.ts'],
  cases: ['cases.ts'],
  stock: ['stock.ts'],
  'page-shipments': ['page-shipments.ts'],
  'page-chart': ['page-chart.ts'],
  'page-serials': ['page-serials.ts'],
  storm: ['storm.ts'],
  webhook: ['webhook-latency.ts'],
  'goods-rules': ['goods-rules.ts'],
  portal: ['portal-truth.ts'],
  'pass-rules': ['pass-rules-truth.ts'],
  backlog: ['gateway-backlog.ts'],
  series: ['series.ts'],
  grafana: ['grafana.ts'],
  restore: ['restore.ts'],
  processes: ['processes.ts'],
  fleet: ['fleet.ts'],
  backtest: ['backtest.ts'],
  packed: ['packed-targets.ts'],
  'packed-forms': ['packed.ts'],
  'packed-readers': ['packed-readers.ts'],
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in BENCHES));
if (unknown !== undefined) {
  process.stderr.write(`bench: given "${unknown}", allowed: ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(2);
}
for (const name of asked.length > 0 ? asked : Object.keys(BENCHES)) {
  process.stdout.write(`\n== ${name}\n`);
  const [file = '', ...args] = BENCHES[name] ?? [];
  const code = await new Promise<number | null>((resolve) => {
    spawn(process.execPath, ['--expose-gc', join(import.meta.dirname, file), ...args], { stdio: 'inherit' }).once(
      'exit',
      resolve,
    );
  });
  if (code !== 0) process.exitCode = 1;
}
