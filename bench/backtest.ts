/**
 * How fast a backtest over history reads and judges: all stored readings with one rule and with three, beside a binary
 * COPY of the same rows out of the same table, in one run. The target is half of COPY or more. Then the longest that
 * the process was held while it ran: everything else waits that long at most.
 *
 * Then the same from packed weeks, as columns without rows between (docs/decisions/0230).
 *
 * node bench/backtest.ts [DEVICES, default 50000] [readings a device, default 120]
 */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { to as copyTo } from 'pg-copy-streams';
import { type Rule, systemTime } from '../domain/index.ts';
import { backtestHistory } from '../rules/index.ts';
import { type Database, PartitionManager, PostgresHistoryScan, WeekPacker } from '../storage/index.ts';
import { storedReadings, UNTIL } from './stored-readings.ts';

const devices = Number(process.argv[2] ?? 50_000);
const minutes = Number(process.argv[3] ?? 120);
const MINUTE = 60_000;
const BASE = { metric: 'temperature', severity: 'critical' } as const;
const THRESHOLD: Rule = {
  ...{ ...BASE, id: 'outside', kind: 'threshold', above: 8, below: 2 },
  ...{ forMs: 10 * MINUTE, gap: 'unknown', keepFiringForMs: 0 },
};
const THREE: readonly Rule[] = [
  THRESHOLD,
  { ...BASE, id: 'silent', kind: 'silence', afterMs: 30 * MINUTE },
  { ...THRESHOLD, id: 'warmer', above: 8.5 },
];

const EVERYWHERE = { spans: [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, context: {} }] };

const say = (name: string, text: string) => process.stdout.write(`${name.padEnd(44)} ${text}\n`);
const { database, close } = await storedReadings(devices, minutes);
try {
  const rows = devices * minutes;
  say('stored', `${(rows / 1e6).toFixed(1)} M readings of ${devices} devices`);
  const copies: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round < 3; round++) {
    copies.push(rows / (await copyOut(database)));
    ours.push(rows / (await backtest(database, [THRESHOLD])).seconds);
  }
  const copy = Math.max(...copies);
  const one = Math.max(...ours);
  say('binary COPY out', million(copy));
  say('backtest, one threshold rule', `${million(one)}: ${(one / copy).toFixed(2)} of COPY`);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const three = await backtest(database, THREE);
  delay.disable();
  say('backtest, three rules', `${million(rows / three.seconds)}: ${(rows / three.seconds / copy).toFixed(2)} of COPY`);
  say('  findings', String(three.findings));
  say(
    '  held the process',
    `${(delay.percentile(99) / 1e6).toFixed(0)} ms at p99, ${(delay.max / 1e6).toFixed(0)} ms at most`,
  );
  await packAll(database);
  const packed: number[] = [];
  for (let round = 0; round < 3; round++) packed.push(rows / (await backtest(database, [THRESHOLD])).seconds);
  const ofPacked = Math.max(...packed);
  say('backtest of packed weeks, one rule', `${million(ofPacked)} (target 10): ${(ofPacked / one).toFixed(2)} of rows`);
} finally {
  await close();
}

async function copyOut({ pool }: Database): Promise<number> {
  const client = await pool.connect();
  const from = systemTime.monotonic();
  let bytes = 0;
  const text = 'COPY (SELECT device_id, metric, time, value FROM readings) TO STDOUT (FORMAT binary)';
  for await (const chunk of client.query(copyTo(text))) bytes += (chunk as Buffer).length;
  if (bytes === 0) throw new Error('COPY gave nothing');
  client.release();
  return (systemTime.monotonic() - from) / 1_000;
}

/** Weeks as they are, over or not. */
async function packAll(of: Database): Promise<void> {
  const packer = new WeekPacker({ database: of, time: systemTime });
  for (const week of await new PartitionManager({ database: of }).list()) {
    const outcome = await packer.pack(week);
    if (outcome !== 'packed') throw new Error(`${week.table}: ${outcome}`);
  }
  await of.query('VACUUM (ANALYZE) packed_readings');
}

async function backtest(of: Database, rules: readonly Rule[]): Promise<{ seconds: number; findings: number }> {
  const scan = new PostgresHistoryScan({ database: of });
  const from = systemTime.monotonic();
  const steps = backtestHistory(
    {
      ...{ from: UNTIL - minutes * MINUTE, to: UNTIL + 1, now: UNTIL, keys: await scan.keys(), inForce: [] },
      proposed: rules.map((rule) => ({ rule, version: 1, effectiveFrom: null })),
    },
    { scan, time: systemTime, recordOf: () => EVERYWHERE },
  );
  let findings = 0;
  for await (const step of steps) if ('outcome' in step) findings = step.outcome.found.length;
  return { seconds: (systemTime.monotonic() - from) / 1_000, findings };
}

function million(rate: number): string {
  return `${(rate / 1e6).toFixed(2)} M readings/s`;
}
