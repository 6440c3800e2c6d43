import type { ReadDatabase } from '../database.ts';

/**
 * The numbers that stand for devices in `readings`. A number once given is for good, so the cache needs no
 * invalidation; giving one commits by itself, so it also outlives a transaction that is rolled back.
 */
export class DeviceIds {
  readonly #database: ReadDatabase;
  readonly #ids = new Map<string, number>();

  constructor(options: { database: ReadDatabase }) {
    this.#database = options.database;
  }

  /** Undefined for a device that never had a reading. */
  async find(device: string): Promise<number | undefined> {
    const known = this.#ids.get(device);
    if (known !== undefined) return known;
    const { rows } = await this.#database.query<{ id: number }>('SELECT id FROM devices WHERE name = $1', [device]);
    const id = rows[0]?.id;
    if (id !== undefined) this.#ids.set(device, id);
    return id;
  }

  /** One id per device, in the same order; new devices get one. */
  async idsOf(devices: readonly string[]): Promise<Int32Array> {
    const unknown = devices.filter((device) => !this.#ids.has(device));
    if (unknown.length > 0) await this.#intern(unknown);
    return Int32Array.from(devices, (device) => this.#ids.get(device) ?? 0);
  }

  async #intern(devices: readonly string[]): Promise<void> {
    // Looked up first: an INSERT that conflicts would burn a number for each device it skips.
    const find = 'SELECT id, name FROM devices WHERE name = ANY ($1)';
    const found = await this.#database.query<{ id: number; name: string }>(find, [devices]);
    for (const { id, name } of found.rows) this.#ids.set(name, id);
    const absent = devices.filter((device) => !this.#ids.has(device));
    if (absent.length === 0) return;
    await this.#database.query('INSERT INTO devices (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING', [absent]);
    const added = await this.#database.query<{ id: number; name: string }>(find, [absent]);
    for (const { id, name } of added.rows) this.#ids.set(name, id);
  }
}
