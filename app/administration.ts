import { userInfo } from 'node:os';
import { Accounts } from '../access/index.ts';
import { type Origination, silentLogger, systemTime } from '../domain/index.ts';
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

/** Who decides at the command line: the account of this machine that runs the command. */
export function atCommandLine(): Origination {
  const name = accountName();
  return { actor: { id: `command:${name}`, name, kind: 'command' }, origin: { via: 'command', address: null } };
}

/** A container may run under a number that no account has. */
function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
