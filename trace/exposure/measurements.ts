import type { History } from '../../domain/index.ts';
import type { Queries } from '../passes/index.ts';
import { HeldValues, READINGS_BEFORE } from './held-values.ts';

/** What devices measured, with all that decides how long their values held. */
export class Measurements {
  readonly #client: Queries;
  readonly #history: History;

  constructor({ client, history }: { readonly client: Queries; readonly history: History }) {
    this.#client = client;
    this.#history = history;
  }

  /** One device's values of a metric during [from, to); `to` Infinity for all there is. */
  async during(device: string, metric: number, from: number, to: number): Promise<HeldValues> {
    const before = await this.#history.before(device, metric, from, READINGS_BEFORE);
    // One reading past the end says how long the last one inside held.
    const after =
      to === Number.POSITIVE_INFINITY
        ? null
        : await this.#history.read(device, metric, to, Number.POSITIVE_INFINITY, 1);
    const readings = await this.#history.read(
      device,
      metric,
      before.time[0] ?? from,
      after?.count === 1 ? (after.time[0] ?? to) + 1 : to,
    );
    return HeldValues.of(readings, await this.#intervalOf(device));
  }

  /** As the device was last registered. */
  async #intervalOf(device: string): Promise<number | null> {
    const { rows } = await this.#client.query<{ interval: number | null }>(
      `SELECT (fact->'device'->'context'->>'intervalMs')::double precision AS interval FROM facts
       WHERE type = 'device' AND fact->'device'->>'id' = $1 ORDER BY position DESC LIMIT 1`,
      [device],
    );
    return rows[0]?.interval ?? null;
  }
}
