import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { silentLogger, systemTime } from '../../domain/index.ts';
import { openDatabase } from '../database.ts';
import { lockDirectory } from '../embedded/lock.ts';
import { stopOrphan } from '../embedded/postmaster.ts';
import { startEmbeddedPostgres } from '../embedded/server.ts';
import { migrate } from '../migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the maintenance database of the test server; see testDatabase(). */
    postgresUrl: string;
  }
}

/** The migrated database that every test database is a copy of. */
export const TEMPLATE = 'template_isotherm';

const PREFIX = 'isotherm-test-';
const ABANDONED_AFTER_MS = 60_000;

/** One PostgreSQL for the whole run, in a directory that goes with it. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const dataDir = await mkdtemp(join(tmpdir(), PREFIX));
  const remove = () => rm(dataDir, { recursive: true, force: true });
  const server = await startEmbeddedPostgres({ dataDir, time: systemTime, durability: 'disposable' }).catch(
    async (error) => {
      await remove();
      throw error;
    },
  );
  const tearDown = async () => {
    await server.stop();
    await remove();
  };
  try {
    const template = new URL(server.url);
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    await client.query(`CREATE DATABASE ${TEMPLATE}`);
    await client.end();
    template.pathname = `/${TEMPLATE}`;
    const database = await openDatabase({ url: template.href, logger: silentLogger, time: systemTime });
    await migrate(database, silentLogger).finally(() => database.close());
    project.provide('postgresUrl', server.url);
    return tearDown;
  } catch (error) {
    await tearDown();
    throw error;
  }
}

/** Clears away what runs that were killed have left behind: their directories are nobody's any more. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const directory = join(tmpdir(), name);
    const { mtimeMs } = await stat(directory).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
    if (mtimeMs > systemTime.now() - ABANDONED_AFTER_MS) continue;
    try {
      const lock = lockDirectory(directory);
      await stopOrphan({ clusterDir: join(directory, 'postgres'), time: systemTime, logger: silentLogger });
      lock.release();
      await rm(directory, { recursive: true, force: true });
    } catch {
      // In use by a run beside this one, or another user's: not ours to clear.
    }
  }
}
