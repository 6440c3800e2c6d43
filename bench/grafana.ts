/**
 * Every query of the Grafana dashboards at size, as Grafana sends it, as the role that reads.
 *
 *   node bench/grafana.ts [readings, default 10000000]
 *
 * Starts the embedded PostgreSQL in a directory of its own: 1,000 loggers over the last days. Prints the queries,
 * slowest first, in ms: the first run and the best of three, and the rate the readings went in with.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { playJourney, VIEW } from '../dashboards/grafana/testing/journey.ts';
import { asSent } from '../dashboards/grafana/testing/macros.ts';
import { sqlQueries } from '../dashboards/grafana/testing/queries.ts';
import { silentLogger, systemTime } from '../domain/index.ts';
import { migrate, openDatabase, Rollups, startEmbeddedPostgres } from '../storage/index.ts';

const DEVICES = 1_000;
/** Above this a dashboard feels slow. */
const WANTED_MS = 100;

const readings = Number(process.argv[2] ?? 10_000_000);
const dataDir = await mkdtemp(join(tmpdir(), 'isotherm-bench-'));
const server = await startEmbeddedPostgres({ dataDir, logger: silentLogger, time: systemTime });
const database = await openDatabase({ url: server.url, logger: silentLogger, time: systemTime });
try {
  await migrate(database, silentLogger);
  const from = systemTime.monotonic();
  await playJourney(database, { devices: DEVICES, readings: Math.floor(readings / DEVICES), stepMs: 10_000 });
  const seconds = (systemTime.monotonic() - from) / 1000;
  console.log(`${readings} readings of ${DEVICES} loggers in ${seconds.toFixed(0)} s`);
  // As upkeep does beside a running platform.
  const rollups = new Rollups({ database });
  while (await rollups.advance(systemTime.now()));
  await database.query('VACUUM ANALYZE');
  const figures: { where: string; rows: number; first: number; best: number }[] = [];
  for (const { where, rawSql } of sqlQueries()) {
    const runs: number[] = [];
    let rows = 0;
    for (let run = 0; run < 3; run++) {
      const at = systemTime.monotonic();
      rows = await database.transaction(async (client) => {
        await client.query('SET LOCAL ROLE isotherm_reader');
        return (await client.query(asSent(rawSql, VIEW))).rows.length;
      });
      runs.push(systemTime.monotonic() - at);
    }
    figures.push({ where, rows, first: runs[0] ?? 0, best: Math.min(...runs) });
  }
  figures.sort((a, b) => b.best - a.best);
  for (const { where, rows, first, best } of figures) {
    console.log(`${best.toFixed(1).padStart(8)} ${first.toFixed(1).padStart(8)}  ${where} (${rows} rows)`);
  }
  const slow = figures.filter(({ best }) => best > WANTED_MS);
  console.log(`${figures.length - slow.length} of ${figures.length} queries within ${WANTED_MS} ms`);
  if (slow.length > 0) process.exitCode = 1;
} finally {
  await database.close();
  await server.stop();
  await rm(dataDir, { recursive: true, force: true });
}
