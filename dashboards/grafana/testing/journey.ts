// biome-ignore-all lint/style/noRestrictedImports: a kit of the tests, which stand outside the table of rooms
import { ReadingBuilder } from '../../../domain/index.ts';
import { type Database, effectsOf, ReadingStore } from '../../../storage/index.ts';
import { at, DAY, door, notice, pallet, said, through, vial, vials, Yard } from '../../../trace/testing/yard.ts';
import type { View } from './macros.ts';

const PORTAL = door('dock-1');
const PALLET = pallet(1);
const TEMPERATURE = 1;
const HUMIDITY = 2;
const SHOCK = 3;
const ROWS_AT_ONCE = 100_000;

export interface Size {
  readonly devices: number;
  /** Of each device and metric, a `stepMs` apart, up to the end of the day. */
  readonly readings: number;
  readonly stepMs: number;
}

/** What every query of the dashboards finds something with. */
export const VIEW: View = {
  from: DAY,
  to: DAY + 86_400_000,
  intervalMs: 60_000,
  variables: {
    shipment: 'SHP-1',
    logger: ['logger-0', 'logger-1'],
    device: 'logger-0',
    metric: 'temperature',
    portal: 'dock-1',
  },
};

/**
 * A journey of a pallet with its loggers through a dock door, an alert of each kind, and one of everything that can
 * wait or be refused; readings of temperature, and for the first devices of humidity and shock.
 */
export async function playJourney(database: Database, { devices, readings, stepMs }: Size): Promise<void> {
  const names = Array.from({ length: devices }, (_, n) => `logger-${n}`);
  const yard = new Yard(database);
  await yard.hears(
    said.portal(PORTAL),
    said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 10), devices: names.slice(0, 10) }])),
    said.seen(through(PORTAL, 'in', at('15:00'), [PALLET, ...vials(1, 9), vial(99)])),
    said.complete(PORTAL, at('16:00')),
  );
  await readingsOf(database, names, TEMPERATURE, readings, stepMs);
  await readingsOf(database, names.slice(0, 10), HUMIDITY, Math.min(readings, 1000), stepMs);
  await readingsOf(database, names.slice(0, 10), SHOCK, Math.min(readings, 1000), stepMs);
  await database.query(
    `INSERT INTO alerts (id, rule, key, rule_version, kind, severity, state, device, metric, portal, shipments, summary,
       from_at, to_at, detected_at, detected_late, evidence, evidence_complete, affected_count)
     VALUES ('alert-1', 'too-warm', 'logger-0/temperature', 1, 'threshold', 'critical', 'open', 'logger-0', 'temperature',
       NULL, '{SHP-1}', 'logger-0 above 8 °C', $1, NULL, $1, false, '{}', true, 10),
       ('alert-2', 'not-expected', 'dock-1', 1, 'unexpected', 'warning', 'acknowledged', NULL, NULL,
       'dock-1', '{}', 'one not expected', $1, NULL, $1, false, '{}', true, 1)`,
    [new Date(at('12:00')).toISOString()],
  );
  await database.query(
    `INSERT INTO outbox (id, event, type, alert_id, channel, body, created_at, next_attempt_at)
     VALUES ('m-1', 'e-1', 'alert.opened', 'alert-1', 'ops', '{}', $1, $1)`,
    [new Date(at('12:00')).toISOString()],
  );
  await database.query(
    `INSERT INTO quarantine VALUES (0, 1, 0, $1, 'logger-0', 'a/topic', 'TIME_AHEAD', 'a bad clock', '')`,
    [new Date(at('11:00')).toISOString()],
  );
  await database.query(`
    INSERT INTO log_head (family, partition, position) VALUES ('readings', 0, 5), ('trace', 0, 5) ON CONFLICT DO NOTHING;
    INSERT INTO log_consumers VALUES ('writer', true, 0, 0), ('influx', false, 0, 0) ON CONFLICT DO NOTHING;
    INSERT INTO log_checkpoints (consumer, family, partition, position)
      VALUES ('writer', 'readings', 0, 5), ('influx', 'readings', 0, 2) ON CONFLICT DO NOTHING;
    INSERT INTO log_dead (consumer, family, partition, position, kind, version, source, arrival, reason, payload, at)
      VALUES ('writer', 'readings', 0, 3, 'readings', 1, 'mqtt', 0, 'cut', '', 0)`);
}

async function readingsOf(
  database: Database,
  devices: readonly string[],
  metric: number,
  readings: number,
  stepMs: number,
): Promise<void> {
  const store = new ReadingStore({ database });
  const rows = new ReadingBuilder();
  const first = DAY + 86_400_000 - readings * stepMs;
  const flush = async () => {
    await database.transaction((client) => store.insert(effectsOf(client), rows.view()));
    rows.reset();
  };
  // As they come: all devices of one time, then the next.
  for (let n = 0; n < readings; n++) {
    for (const device of devices) rows.add(device, metric, first + n * stepMs, 5 + ((n * 7) % 31) / 10);
    if (rows.count >= ROWS_AT_ONCE) await flush();
  }
  if (rows.count > 0) await flush();
}
