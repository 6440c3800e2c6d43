import type pg from 'pg';
import {
  type CalibrationFact,
  calibrationsInForce,
  type DeviceFacts,
  type DeviceRegistration,
  type Fact,
  type KnownDevice,
  keyQuality,
  metricByCode,
  registeredSpans,
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
    const told = await this.#client.query<{ fact: Fact }>(
      `SELECT fact FROM facts WHERE subject = $1 AND type = ANY ('{device,calibration,setAside}') ORDER BY position`,
      [`device:${device}`],
    );
    const name = metricByCode(metric)?.name;
    const registrations: DeviceRegistration[] = [];
    const calibrations: CalibrationFact[] = [];
    let setAside: TimeSpan[] = [];
    for (const { fact } of told.rows) {
      if (fact.type === 'device') registrations.push(fact.device);
      else if (fact.type === 'calibration' && fact.calibration.metric === name) calibrations.push(fact.calibration);
      else if (fact.type === 'setAside' && fact.setAside.metric === name)
        setAside = withSetAside(setAside, fact.setAside);
    }
    const registered = registeredSpans(registrations);
    const quality = keyQuality(metric, { registered, calibrations }, setAside);
    const context = registrations.at(-1)?.context ?? {};
    return { context, quality, calibrations: calibrationsInForce(calibrations) };
  }
}
