import type { Database } from '../../storage/index.ts';

const LOOK_MS = 100;
const TEMPERATURE = 1;

/** When which readings of a logger were in the tables: asked again and again, and of a database that is away not. */
export class StoredThrough {
  readonly #seen: { readonly at: number; readonly through: number }[] = [];
  readonly #database: Database;
  readonly #device: string;
  #isOver = false;
  readonly #watching: Promise<void>;

  constructor(database: Database, device: string) {
    this.#database = database;
    this.#device = device;
    this.#watching = this.#watch();
  }

  /** The first moment at which a reading of `time` (epoch ms) or later was seen there, of performance.now(); infinite: none was. */
  since(time: number): number {
    return this.#seen.find(({ through }) => through >= time)?.at ?? Number.POSITIVE_INFINITY;
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      const { rows } = await this.#database
        .query<{ through: number | null }>(
          `SELECT (extract(epoch FROM max(r.time)) * 1000)::float8 AS through FROM devices AS d
           JOIN readings AS r ON r.device_id = d.id WHERE d.name = $1 AND r.metric = $2`,
          [this.#device, TEMPERATURE],
        )
        .catch(() => ({ rows: [] }));
      const through = rows[0]?.through;
      if (typeof through === 'number') this.#seen.push({ at: performance.now(), through });
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
}
