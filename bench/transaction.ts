import { finished } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { systemTime } from '../domain/index.ts';

/** @returns ms from BEGIN to the end of COMMIT */
export async function transaction(client: pg.ClientBase, work: () => Promise<unknown>): Promise<number> {
  const from = systemTime.monotonic();
  await client.query('BEGIN');
  await work();
  await client.query('COMMIT');
  return systemTime.monotonic() - from;
}

/** @param rows as `CopyRows` of storage finishes them @param table `readings`, or a partition of it */
export async function copyInto(client: pg.ClientBase, rows: Buffer, table = 'readings'): Promise<void> {
  const stream = client.query(copyFrom(`COPY ${table} (device_id, metric, time, value) FROM STDIN (FORMAT binary)`));
  stream.end(rows);
  await finished(stream);
}
