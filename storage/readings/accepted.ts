import type { ReadingColumns } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { DeviceIds } from './device-ids.ts';
import { int2Array, int4Array, readFloat8Array, timestamptzArray } from './pack.ts';

/**
 * What `readings` holds for identities of the log. Of conflicting values the first in the log is stored, and whether a
 * value is that one the log alone does not say; so the mirror sends what is stored, never what a record says.
 */
export class AcceptedReadings {
  readonly #database: Database;
  readonly #devices: DeviceIds;

  constructor(options: { database: Database }) {
    this.#database = options.database;
    this.#devices = new DeviceIds(options);
  }

  /**
   * One value per row, whatever the row says; NaN where nothing is stored (set aside by the writer, or past retention).
   * Only what the writer has passed may be asked for.
   */
  async values({ count, devices, device, metric, time }: ReadingColumns): Promise<Float64Array> {
    const ids = await this.#devices.idsOf(devices);
    const { rows } = await this.#database.query<{ values: Buffer | null }>(VALUES, [
      int4Array(device.subarray(0, count).map((index) => ids[index] as number)),
      int2Array(metric.subarray(0, count)),
      timestamptzArray(time.subarray(0, count)),
    ]);
    return readFloat8Array(rows[0]?.values ?? null);
  }
}

/** One index probe a row, whatever the planner believes: LATERAL with LIMIT sees to it. */
const VALUES = `
  SELECT array_send(array_agg(coalesce(stored.value, 'NaN') ORDER BY asked.nth)) AS values
  FROM unnest($1::int4[], $2::int2[], $3::timestamptz[]) WITH ORDINALITY AS asked (device_id, metric, time, nth)
  LEFT JOIN LATERAL (
    SELECT value FROM readings r
    WHERE r.device_id = asked.device_id AND r.metric = asked.metric AND r.time = asked.time LIMIT 1
  ) AS stored ON true`;
