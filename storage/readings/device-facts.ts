import type pg from 'pg';
import {
  type DeviceContext,
  type DeviceFacts,
  type KnownDevice,
  keyQuality,
  metricByCode,
  type SetAsideFact,
  type TimeSpan,
  withSetAside,
} from '../../domain/index.ts';

/** How devices measure and what people say of their readings, from the facts as they stand. */
export class PostgresDeviceFacts implements DeviceFacts {
  readonly #client: Pick<pg.Pool, 'query'> | Pick<pg.ClientBase, 'query'>;

  /** @param client a pool, or the client of a transaction that has to see its own facts */
  constructor({ client }: { readonly client: Pick<pg.Pool, 'query'> | Pick<pg.ClientBase, 'query'> }) {
    this.#client = client;
  }

  async of(device: string, metric: number): Promise<KnownDevice> {
    const registered = await this.#client.query<{ context: DeviceContext }>(
      `SELECT fact->'device'->'context' AS context FROM facts
       WHERE type = 'device' AND (fact->'device'->>'id') COLLATE "C" = $1 ORDER BY position DESC LIMIT 1`,
      [device],
    );
    const said = await this.#client.query<{ fact: SetAsideFact }>(
      `SELECT fact->'setAside' AS fact FROM facts
       WHERE type = 'setAside' AND (fact->'setAside'->>'device') COLLATE "C" = $1 ORDER BY position`,
      [device],
    );
    const name = metricByCode(metric)?.name;
    const context = registered.rows[0]?.context ?? {};
    const setAside = said.rows
      .filter(({ fact }) => fact.metric === name)
      .reduce<TimeSpan[]>((spans, { fact }) => withSetAside(spans, fact), []);
    return { context, quality: keyQuality(metric, context, setAside) };
  }
}
