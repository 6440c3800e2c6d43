/**
 * How long a proposal takes for 10,000 serials of a case after the last reading: their exposure over a week of readings
 * every five minutes, twenty pallets with a logger each, by group, and what is proposed of each.
 *
 *   node bench/dispositions.ts [SERIALS]
 */
import { loadavg } from 'node:os';
import { systemTime } from '../domain/index.ts';
import { propose } from '../quality/index.ts';
import { ExposureGroups } from '../trace/index.ts';
import { sameOfAll } from './same-history.ts';
import { BenchYard, DAY, HOUR, notice, vials } from './yard.ts';

const SERIALS = Number(process.argv[2]) || 10_000;
const PALLETS = 20;
const TURNS = 100;
const WEEK = 7 * 24 * HOUR;
const EACH = SERIALS / PALLETS;

/** Every logger the same: 5 °C, an hour of 9 °C on the sixth day. */
const TIME = Float64Array.from({ length: WEEK / 300_000 }, (_, i) => DAY + i * 300_000);
const VALUE = TIME.map((at) => (at >= DAY + 130 * HOUR && at < DAY + 131 * HOUR ? 9 : 5));
const history = sameOfAll(TIME, VALUE);

const yard = await BenchYard.open();
try {
  const epcs = Array.from({ length: PALLETS }, (_, n) => vials(n * EACH, EACH)).flat();
  for (let n = 0; n < PALLETS; n++) await yard.hears(notice(n, vials(n * EACH, EACH), 'LOT-1'));
  await yard.database.query('ANALYZE');
  const groups = new ExposureGroups({ database: yard.database, history });
  const took: number[] = [];
  let found = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    const from = systemTime.monotonic();
    const all = await groups.of(epcs, { until: DAY + WEEK });
    for (const { limits, journey, minutesSuspect, minutesExcused } of all) {
      const exposure = { ...journey, minutesSuspect };
      propose({ limits, exposure, budget: null, minutesExcused, unknown: 'asked' });
    }
    took.push(systemTime.monotonic() - from);
    found = all.length;
  }
  took.sort((a, b) => a - b);
  const [median = 0, p99 = 0] = [took[TURNS >> 1], took[Math.floor(TURNS * 0.99)]];
  console.log(
    `proposals for ${SERIALS.toLocaleString('en')} serials in ${found} groups: ${Math.round(median)} ms, median; ${Math.round(p99)} ms, p99 of ${TURNS}; target 60,000 ms; load ${loadavg()[0]?.toFixed(1)}`,
  );
} finally {
  await yard.close();
}
