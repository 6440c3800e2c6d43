import { type NewRecord, silentLogger, silentMeter, systemTime } from '../domain/index.ts';
import { type Database, PostgresLog, type PostgresLogOptions } from '../storage/index.ts';

/** A log that runs, over a database and perhaps another home. */
export async function startLog(
  database: Database,
  more: Pick<PostgresLogOptions, 'home' | 'limits'> = {},
): Promise<PostgresLog> {
  const log = new PostgresLog({ database, time: systemTime, logger: silentLogger, meter: silentMeter, ...more });
  await log.start();
  return log;
}

/** A record of readings that arrives now. @param sequence of its source; null: it has none */
export function benchRecord(payload: Uint8Array, sequence: number | null = null): NewRecord {
  const arrival = systemTime.now();
  return { family: 'readings', kind: 'readings', version: 1, source: 'bench', sequence, arrival, payload };
}
