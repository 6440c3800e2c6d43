import type pg from 'pg';
import {
  type DeviceFacts,
  type Fact,
  type KnownDevice,
  keyQuality,
  metricByCode,
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
    // Taken apart here, not by a JSON path: one that meets a NUL, in whichever fact, fails for every device.
    const registered = await this.#client.query<{ fact: Fact }>(
      `SELECT fact FROM facts WHERE subject = $1 AND type = 'device' ORDER BY position DESC LIMIT 1`,
      [`device:${device}`],
    );
    const said = await this.#client.query<{ fact: Fact }>(
      `SELECT fact FROM facts WHERE subject = $1 AND type = 'setAside' ORDER BY position`,
      [`device:${device}`],
    );
    const known = registered.rows[0]?.fact;
    const context = known?.type === 'device' ? known.device.context : {};
    const name = metricByCode(metric)?.name;
    const setAside = said.rows
      .flatMap(({ fact }) => (fact.type === 'setAside' && fact.setAside.metric === name ? [fact.setAside] : []))
      .reduce<TimeSpan[]>(withSetAside, []);
    return { context, quality: keyQuality(metric, context, setAside) };
  }
}
