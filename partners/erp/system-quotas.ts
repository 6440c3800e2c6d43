import type pg from 'pg';
import { type Counter, InputError, type Meter, type PartnerUse, type TimeSource } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { DayUse } from '../day-use.ts';
import { PARTNERS_METRICS } from '../metrics.ts';
import type { System } from './systems.ts';

export interface SystemQuotasOptions {
  readonly database: Database;
  readonly meter: Meter;
  readonly time: TimeSource;
}

/**
 * Holds ERP and WMS to the files and bytes of a day (UTC) that their mapping files allow: one that writes its stock without end
 * neither fills the disk nor takes the time of the others. Of what is too much nothing is kept.
 */
export class SystemQuotas {
  readonly #database: Database;
  readonly #use: DayUse;
  readonly #turnedAway: Counter;

  constructor({ database, meter, time }: SystemQuotasOptions) {
    this.#database = database;
    this.#use = new DayUse({ database, time, table: 'erp_use', owner: 'system' });
    this.#turnedAway = meter.counter(PARTNERS_METRICS.systemsTurnedAway);
  }

  /**
   * What keeps a file of this size, in the transaction that counts it.
   * @throws {InputError} SYSTEM_QUOTA, SYSTEM_FILE_TOO_LARGE: then nothing is kept
   */
  async within<T>(system: System, bytes: number, keep: (client: pg.ClientBase) => Promise<T>): Promise<T> {
    const { id, file } = system;
    const { filesPerDay, bytesPerDay } = file.quota;
    if (bytes > bytesPerDay) {
      await this.#away(id);
      const message = `it has ${bytes} bytes; the quota of ${id} allows ${bytesPerDay} a day: raise quota.bytesPerDay in its mapping file`;
      throw new InputError('SYSTEM_FILE_TOO_LARGE', message, { limit: bytesPerDay });
    }
    const kept = await this.#database.transaction(async (client) =>
      (await this.#use.count(client, id, bytes, file.quota)) ? { as: await keep(client) } : null,
    );
    if (kept !== null) return kept.as;
    await this.#away(id);
    const message = `the quota of ${id} allows ${filesPerDay} files and ${bytesPerDay} bytes a day, and today’s are used up; the day begins at 00:00 UTC`;
    throw new InputError('SYSTEM_QUOTA', message, { retryAfterSeconds: this.#use.secondsLeft() });
  }

  today(system: string): Promise<PartnerUse> {
    return this.#use.today(system);
  }

  async #away(system: string): Promise<void> {
    this.#turnedAway.add(1, { system });
    await this.#use.turnedAway(system, 1);
  }
}
