import { ConflictError, type Effects, type Owned, type Ownership, type TimeSource } from '../domain/index.ts';
import type { Database } from './database.ts';
import { clientOf } from './effects.ts';
import { raiseEpoch } from './epoch.ts';
import { openConnection } from './log/connection.ts';
import type { Queryable } from './log/queryable.ts';

/** First key of the advisory locks; the second is the hash of the name. */
const OWNER_LOCK = 0x150e;
const LOOK_EVERY_MS = 1_000;
const PATIENCE_MS = 5_000;

/** Ownership by an advisory lock on a connection of its own, and an epoch in the table `owners`. */
export class PostgresOwnership implements Ownership {
  readonly #database: Database;
  readonly #time: TimeSource;

  constructor(options: { readonly database: Database; readonly time: TimeSource }) {
    this.#database = options.database;
    this.#time = options.time;
  }

  async own(name: string, signal: AbortSignal): Promise<Owned> {
    for (;;) {
      signal.throwIfAborted();
      const connection = await openConnection({
        ...{ database: this.#database, time: this.#time, name: `isotherm own ${name}`, timeoutMs: PATIENCE_MS },
      });
      try {
        while (!(await hasLock(connection.client, name))) {
          await this.#time.sleep(`own ${name}`, LOOK_EVERY_MS, signal);
          signal.throwIfAborted();
        }
        const epoch = await raiseEpoch(connection.client, name);
        return owned(connection, name, epoch);
      } catch (error) {
        await connection.close();
        if (!connection.lost.aborted || signal.aborted) throw error;
        await this.#time.sleep(`own ${name} again`, LOOK_EVERY_MS, signal);
      }
    }
  }
}

/** As {@link PostgresOwnership.own}, without waiting: null where it is another's now. */
export async function ownNow(
  { database, time }: { readonly database: Database; readonly time: TimeSource },
  name: string,
): Promise<Owned | null> {
  const connection = await openConnection({ database, time, name: `isotherm own ${name}`, timeoutMs: PATIENCE_MS });
  try {
    if (!(await hasLock(connection.client, name))) {
      await connection.close();
      return null;
    }
    return owned(connection, name, await raiseEpoch(connection.client, name));
  } catch (error) {
    await connection.close();
    throw error;
  }
}

function owned(connection: Awaited<ReturnType<typeof openConnection>>, name: string, epoch: number): Owned {
  return {
    ...{ name, epoch, lost: connection.lost },
    check: (effects) => checkEpoch(effects, name, epoch),
    release: () => connection.close(),
  };
}

async function hasLock(client: Queryable, name: string): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1, hashtext($2)) AS locked', [
    OWNER_LOCK,
    name,
  ]);
  return rows[0]?.locked === true;
}

async function checkEpoch(effects: Effects, name: string, epoch: number): Promise<void> {
  const { rowCount } = await clientOf(effects).query('SELECT FROM owners WHERE name = $1 AND epoch = $2 FOR SHARE', [
    name,
    epoch,
  ]);
  if (rowCount === 1) return;
  throw new ConflictError('OWNERSHIP_LOST', `${name} is done by another process now`, { name, epoch });
}
