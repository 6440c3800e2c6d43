import { figuresDuring, type History, metricByName } from '../../domain/index.ts';
import { type Database, PostgresDeviceFacts } from '../../storage/index.ts';
import { Measurements } from './measurements.ts';

/** What one device measured where goods stood, °C; null where nothing is known. */
export interface StayAirFigures {
  readonly place: string;
  readonly device: string;
  readonly min: number | null;
  readonly max: number | null;
  /** Mean kinetic temperature. */
  readonly mkt: number | null;
}

const TEMPERATURE = metricByName('temperature')?.code ?? 1;

/** The air that goods stood in where a pass had brought them, as it is known now: late readings count. */
export class StayAir {
  readonly #database: Database;
  readonly #measurements: Measurements;

  constructor({ database, history }: { readonly database: Database; readonly history: History }) {
    this.#database = database;
    this.#measurements = new Measurements({ devices: new PostgresDeviceFacts({ client: database.pool }), history });
  }

  /**
   * By the devices of the place behind the door, each for as long as it hung there; by device.
   *
   * @param from when the pass through the portal began, epoch ms UTC
   * @param to until when they stood there, or up to when it is asked
   */
  async during(portal: string, from: number, to: number): Promise<StayAirFigures[]> {
    const { rows } = await this.#database.query<{ place: string; device: string; since: number; until: number | null }>(
      `SELECT a.subject AS place, a.device, a.since, a.until
       FROM passes p JOIN portals t ON t.id = p.portal
         JOIN attachments a ON a.subject = CASE p.direction WHEN 'in' THEN t.inside ELSE t.outside END
       WHERE p.portal = $1 AND p.since = $2 AND p.direction <> 'unknown' AND a.holds
         AND a.since < $3 AND (a.until IS NULL OR a.until > $2) ORDER BY a.device, a.since`,
      [portal, from, to],
    );
    return Promise.all(
      rows.map(async ({ place, device, since, until }) => {
        const [begins, ends] = [Math.max(since, from), Math.min(until ?? to, to)];
        const values = await this.#measurements.during(device, TEMPERATURE, begins, ends);
        return { place, device, ...figuresDuring(values, begins, ends, true) };
      }),
    );
  }
}
