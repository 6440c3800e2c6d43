import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ReadingColumns, silentLogger, systemTime } from '../domain/index.ts';
import {
  type Database,
  effectsOf,
  migrate,
  openDatabase,
  ReadingStore,
  startEmbeddedPostgres,
} from '../storage/index.ts';

/** Temperature. */
const METRIC = 1;
const EVERY_MS = 60_000;
const ROWS_AT_ONCE = 20_000;

/** Every this many devices one is outside 2-8 °C for part of the time. */
const WARM_EVERY = 25;

/** The last reading is about now, so that nothing is silent. */
export const UNTIL = Math.floor(systemTime.now() / EVERY_MS) * EVERY_MS;

/**
 * A real embedded database with a minute's reading of each of many devices, as they would have come in: device after
 * device, minute after minute. Goes when it is closed.
 */
export async function storedReadings(
  devices: number,
  minutes: number,
): Promise<{ database: Database; close(): Promise<void> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'isotherm-bench-'));
  const server = await startEmbeddedPostgres({ dataDir, logger: silentLogger, time: systemTime });
  const database = await openDatabase({ url: server.url, logger: silentLogger, time: systemTime, maxConnections: 16 });
  const close = async () => {
    await database.close();
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await migrate(database, silentLogger);
    await fill(database, devices, minutes);
    return { database, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function fill(database: Database, devices: number, minutes: number): Promise<void> {
  const store = new ReadingStore({ database });
  const names = Array.from({ length: devices }, (_, i) => `logger-${i}`);
  for (let minute = 0; minute < minutes; minute++) {
    for (let at = 0; at < devices; at += ROWS_AT_ONCE) {
      const some = names.slice(at, at + ROWS_AT_ONCE);
      const columns: ReadingColumns = {
        count: some.length,
        devices: some,
        device: Uint32Array.from(some, (_, i) => i),
        metric: new Uint8Array(some.length).fill(METRIC),
        time: new Float64Array(some.length).fill(UNTIL - (minutes - 1 - minute) * EVERY_MS),
        value: Float64Array.from(some, (_, i) => valueAt(at + i, minute)),
      };
      await database.transaction((client) => store.insert(effectsOf(client), columns));
    }
  }
  await database.query('VACUUM (ANALYZE) readings');
}

function valueAt(device: number, minute: number): number {
  return 5 + (device % WARM_EVERY === 0 ? 4 : 2.8) * Math.sin((minute + device * 7) / 40);
}
