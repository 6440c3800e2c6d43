import { ConflictError } from '../domain/index.ts';
import type { Queryable } from './log/queryable.ts';

/** What a lease is, in the table `owners`. Every time in it is of the database's clock. */
export interface LeaseRow {
  readonly epoch: number;
  readonly holder: string;
  /** It has not run out. */
  readonly isHeld: boolean;
}

export interface Taking {
  readonly name: string;
  readonly holder: string;
  readonly leaseMs: number;
  /** As it was found just now; null: there was none. */
  readonly found: LeaseRow | null;
  /** It may be taken before it has run out: its holder is gone, or is whoever takes it. */
  readonly isLeft: boolean;
}

export async function findLease(client: Queryable, name: string): Promise<LeaseRow | null> {
  const { rows } = await client.query<LeaseRow>(
    `SELECT epoch, holder, until > clock_timestamp() AS "isHeld" FROM owners WHERE name = $1`,
    [name],
  );
  return rows[0] ?? null;
}

/** Which of these have not run out, and who has them. */
export async function findHeld(
  client: Queryable,
  names: readonly string[],
): Promise<readonly { readonly name: string; readonly holder: string }[]> {
  const { rows } = await client.query<{ name: string; holder: string }>(
    'SELECT name, holder FROM owners WHERE name = ANY($1) AND until > clock_timestamp()',
    [[...names]],
  );
  return rows;
}

/**
 * Waits for a transaction of the former owner that has checked its epoch. `name = excluded.name` makes it wait: with a
 * column of the key among those it sets PostgreSQL locks the row FOR UPDATE, which is what {@link isLatest} excludes.
 * @returns the new epoch; null where another was quicker or the holder has renewed it
 */
export async function takeLease(client: Queryable, taking: Taking): Promise<number | null> {
  const { name, holder, leaseMs, found, isLeft } = taking;
  const { rows } = await client.query<{ epoch: number }>(
    `INSERT INTO owners (name, epoch, since, holder, until)
     VALUES ($1, 1, clock_timestamp(), $2, clock_timestamp() + $3 * interval '1 ms')
     ON CONFLICT (name) DO UPDATE SET name = excluded.name, epoch = owners.epoch + 1, since = clock_timestamp(),
            holder = $2, until = clock_timestamp() + $3 * interval '1 ms'
      WHERE owners.epoch = $4 AND (owners.until <= clock_timestamp() OR owners.holder = $5)
     RETURNING epoch`,
    [name, holder, leaseMs, found?.epoch ?? 0, isLeft ? (found?.holder ?? null) : null],
  );
  return rows[0]?.epoch ?? null;
}

/** @returns the names that are still the holder's: one that has run out too, as long as nobody has taken it */
export async function renewLeases(
  client: Queryable,
  holder: string,
  leases: readonly { readonly name: string; readonly epoch: number }[],
  leaseMs: number,
): Promise<ReadonlySet<string>> {
  const { rows } = await client.query<{ name: string }>(
    `UPDATE owners SET until = clock_timestamp() + $4 * interval '1 ms'
       FROM unnest($2::text[], $3::bigint[]) held (name, epoch)
      WHERE owners.name = held.name AND owners.epoch = held.epoch AND owners.holder = $1
     RETURNING owners.name`,
    [holder, leases.map(({ name }) => name), leases.map(({ epoch }) => epoch), leaseMs],
  );
  return new Set(rows.map(({ name }) => name));
}

/** Another may take it at once. */
export async function endLease(client: Queryable, holder: string, name: string, epoch: number): Promise<void> {
  await client.query(`UPDATE owners SET until = '-infinity' WHERE name = $1 AND epoch = $2 AND holder = $3`, [
    name,
    epoch,
    holder,
  ]);
}

/** In the transaction of what is done as the owner: no new owner comes before it has ended. */
export async function isLatest(client: Queryable, name: string, epoch: number): Promise<boolean> {
  const { rowCount } = await client.query('SELECT FROM owners WHERE name = $1 AND epoch = $2 FOR KEY SHARE', [
    name,
    epoch,
  ]);
  return rowCount === 1;
}

/** What a former owner is told. */
export function ownershipLost(name: string, epoch: number): ConflictError {
  return new ConflictError('OWNERSHIP_LOST', `${name} is done by another process now`, { name, epoch });
}
