import { userInfo } from 'node:os';
import { Accounts } from '../access/index.ts';
import { type Origination, silentLogger, systemTime } from '../domain/index.ts';
import { type Database, openDatabase } from '../storage/index.ts';
import type { Config } from './config/index.ts';
import { bringUpToDate, databaseAccess, handOver, withOwner } from './database.ts';

/** Runs an administration command on the installation's database, whether its server is running or not. */
export async function withDatabase<T>(config: Config, run: (database: Database) => Promise<T>): Promise<T> {
  const access = await databaseAccess(config, { isShared: true });
  try {
    await bringUpToDate(access, silentLogger);
    const database = await openDatabase({ url: access.url, logger: silentLogger, time: systemTime, maxConnections: 2 });
    try {
      return await run(database);
    } finally {
      await database.close();
    }
  } finally {
    await access.release();
  }
}

/** The same as the role that owns the tables, and hands over to the platform's what it has made. */
export async function withOwnersDatabase<T>(config: Config, run: (database: Database) => Promise<T>): Promise<T> {
  const access = await databaseAccess(config, { isShared: true });
  try {
    await bringUpToDate(access, silentLogger);
    return await withOwner(access, async (owner) => {
      const result = await run(owner);
      await handOver(access, owner);
      return result;
    });
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
