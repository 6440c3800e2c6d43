/**
 * How fast the log takes records, durable, one process, one connection; and how fast a consumer goes through them.
 *
 *   node bench/log-append.ts [postgresql://... of an empty database]
 *
 * Without an address it starts the embedded PostgreSQL in a directory of its own. Prints one line a measurement.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemTime } from '../domain/index.ts';
import { migrate, openDatabase, startEmbeddedPostgres } from '../storage/index.ts';
import { benchRecord, startLog } from './bench-log.ts';

const SECONDS = 4;
/** device (4), metric (1), time (8) and value (8) of a reading as columns. */
const READING_BYTES = 21;

const [given] = process.argv.slice(2);
const dataDir = given === undefined ? await mkdtemp(join(tmpdir(), 'isotherm-bench-')) : null;
const server =
  dataDir === null ? null : await startEmbeddedPostgres({ dataDir, logger: silentLogger, time: systemTime });
const database = await openDatabase({ url: given ?? server?.url ?? '', logger: silentLogger, time: systemTime });
await migrate(database, silentLogger);
try {
  await append('1 record of 5,000 readings a call, 1 call at a time', 1, 1, 5000);
  await append('1 record of 5,000 readings a call, 8 calls at a time', 8, 1, 5000);
  await append('64 records of 5,000 readings a call, 1 call at a time', 1, 64, 5000);
  await append('1 record of 100 readings a call, 256 calls at a time', 256, 1, 100);
  await append('1 record of 1 reading a call, 1 call at a time', 1, 1, 1);
  await append('1 record of 1 reading a call, 64 calls at a time', 64, 1, 1);
  await append('1 record of 1 reading a call, 4,000 calls at a time', 4000, 1, 1);
  await append('the same with a sequence each', 4000, 1, 1, true);
  await consume();
} finally {
  await database.close();
  await server?.stop();
  if (dataDir !== null) await rm(dataDir, { recursive: true, force: true });
}

async function append(name: string, calls: number, records: number, readings: number, isSequenced = false) {
  const log = await startLog(database);
  const payload = new Uint8Array(readings * READING_BYTES).map((_, index) => index * 31);
  const took: number[] = [];
  let sequence = 0;
  let appended = 0;
  const from = systemTime.monotonic();
  const until = from + SECONDS * 1000;
  const caller = async () => {
    while (systemTime.monotonic() < until) {
      const at = systemTime.monotonic();
      await log.append(Array.from({ length: records }, () => benchRecord(payload, isSequenced ? sequence++ : null)));
      took.push(systemTime.monotonic() - at);
      appended += records;
    }
  };
  await Promise.all(Array.from({ length: calls }, caller));
  const seconds = (systemTime.monotonic() - from) / 1000;
  await log.stop();
  took.sort((a, b) => a - b);
  const at = (share: number) => (took[Math.floor(took.length * share)] ?? 0).toFixed(1);
  const figures = {
    'records/s': Math.round(appended / seconds),
    'readings/s': Math.round((appended * readings) / seconds),
    'MB/s': Math.round((appended * payload.length) / seconds / 1e6),
    p50: `${at(0.5)} ms`,
    p99: `${at(0.99)} ms`,
  };
  console.log(name, figures);
}

/** Reads back what was written, as a consumer that was away would. */
async function consume() {
  const log = await startLog(database);
  let records = 0;
  let bytes = 0;
  const consumer = log.consumer({
    name: `bench-${systemTime.now()}`,
    families: ['readings'],
    isMandatory: false,
    handler: {
      async handle(batch) {
        records += batch.records.length;
        for (const { payload } of batch.records) bytes += payload.length;
      },
    },
  });
  const from = systemTime.monotonic();
  await consumer.start();
  await consumer.passed(await log.heads());
  const seconds = (systemTime.monotonic() - from) / 1000;
  await log.stop();
  console.log('a consumer catches up from the table', {
    records,
    'records/s': Math.round(records / seconds),
    'MB/s': Math.round(bytes / seconds / 1e6),
  });
}
