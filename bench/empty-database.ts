import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemTime } from '../domain/index.ts';
import { type Database, migrate, openDatabase, startEmbeddedPostgres } from '../storage/index.ts';

/** Runs a measurement on a real embedded database that has the tables and nothing in them, and goes afterwards. */
export async function inEmptyDatabase(run: (database: Database) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), 'isotherm-bench-'));
  const server = await startEmbeddedPostgres({ dataDir, logger: silentLogger, time: systemTime });
  try {
    const database = await openDatabase({ url: server.url, logger: silentLogger, time: systemTime });
    try {
      await migrate(database, silentLogger);
      await run(database);
    } finally {
      await database.close();
    }
  } finally {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
