import { Accounts } from '../access/index.ts';
import { silentLogger, systemTime } from '../domain/index.ts';
import { type Database, migrate, openDatabase } from '../storage/index.ts';
import type { Config } from './config/index.ts';
import { databaseAccess } from './database.ts';

/** Runs an administration command on the installation's database, whether its server is running or not. */
export async function withDatabase<T>(config: Config, run: (database: Database) => Promise<T>): Promise<T> {
  const access = await databaseAccess(config, { isShared: true });
  try {
    const database = await openDatabase({ url: access.url, logger: silentLogger, time: systemTime, maxConnections: 2 });
    try {
      await migrate(database, silentLogger);
      return await run(database);
    } finally {
      await database.close();
    }
  } finally {
    await access.release();
  }
}

export function withAccounts<T>(config: Config, run: (accounts: Accounts) => Promise<T>): Promise<T> {
  return withDatabase(config, (database) => run(new Accounts({ database, time: systemTime })));
}
