import type { DeviceVitals } from '../../domain/index.ts';
import type { Database } from '../database.ts';
import { timestamp } from '../types.ts';

/** What was noticed of devices while their messages came in, as it was last written down. */
export class DeviceVitalsStore {
  readonly #database: Database;

  constructor(options: { readonly database: Database }) {
    this.#database = options.database;
  }

  /** What is null stays as it was kept. */
  async keep(vitals: readonly DeviceVitals[]): Promise<void> {
    if (vitals.length === 0) return;
    // In one order, so that two processes that keep at once do not wait for each other.
    const sorted = vitals.toSorted((a, b) => (a.device < b.device ? -1 : 1));
    await this.#database.query(
      `INSERT INTO device_vitals AS kept (device, behind_ms, messages, clock_at, rssi, snr, signal_at)
       SELECT * FROM unnest($1::text[], $2::bigint[], $3::int[], $4::timestamptz[], $5::double precision[], $6::double precision[], $7::timestamptz[])
       ON CONFLICT (device) DO UPDATE SET
         behind_ms = coalesce(excluded.behind_ms, kept.behind_ms),
         messages = coalesce(excluded.messages, kept.messages),
         clock_at = coalesce(excluded.clock_at, kept.clock_at),
         rssi = CASE WHEN excluded.signal_at IS NULL THEN kept.rssi ELSE excluded.rssi END,
         snr = CASE WHEN excluded.signal_at IS NULL THEN kept.snr ELSE excluded.snr END,
         signal_at = coalesce(excluded.signal_at, kept.signal_at)`,
      [
        sorted.map(({ device }) => device),
        sorted.map(({ clock }) => clock?.behindMs ?? null),
        sorted.map(({ clock }) => clock?.messages ?? null),
        sorted.map(({ clock }) => (clock === null ? null : timestamp(clock.at))),
        sorted.map(({ signal }) => signal?.rssi ?? null),
        sorted.map(({ signal }) => signal?.snr ?? null),
        sorted.map(({ signal }) => (signal === null ? null : timestamp(signal.at))),
      ],
    );
  }

  async of(devices: readonly string[]): Promise<ReadonlyMap<string, DeviceVitals>> {
    if (devices.length === 0) return new Map();
    const { rows } = await this.#database.query<Row>(
      `SELECT device, behind_ms, messages, clock_at, rssi, snr, signal_at FROM device_vitals WHERE device = ANY ($1::text[])`,
      [devices],
    );
    return new Map(rows.map((row) => [row.device, vitalsOf(row)]));
  }
}

interface Row {
  readonly device: string;
  readonly behind_ms: number | null;
  readonly messages: number | null;
  readonly clock_at: number | null;
  readonly rssi: number | null;
  readonly snr: number | null;
  readonly signal_at: number | null;
}

function vitalsOf({ device, behind_ms, messages, clock_at, rssi, snr, signal_at }: Row): DeviceVitals {
  return {
    device,
    clock:
      behind_ms === null || clock_at === null ? null : { behindMs: behind_ms, messages: messages ?? 0, at: clock_at },
    signal: rssi === null || signal_at === null ? null : { rssi, snr, at: signal_at },
  };
}
