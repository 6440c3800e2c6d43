import type { ReadingColumns } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { DeviceIds } from './device-ids.ts';
import { storedValuesOf } from './stored-identities.ts';

/**
 * What is stored for identities of the log. Of conflicting values the first in the log is stored, and whether a
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
    return storedValuesOf(this.#database, {
      deviceId: device.subarray(0, count).map((index) => ids[index] as number),
      metric: metric.subarray(0, count),
      time: time.subarray(0, count),
    });
  }
}
