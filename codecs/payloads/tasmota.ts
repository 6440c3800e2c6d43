import { type Collector, celsiusOf, decimal, decodeObject, NOTHING_MEASURED, shown } from './collector.ts';
import type { Dialect } from './dialect.ts';
import { isObject, type Json, timeIn } from './tag-event.ts';

/** `tele/{name}/SENSOR`, and with the full topic that Home Assistant proposes `{name}/tele/SENSOR`. */
const TOPIC = /^(?:(?:tele|stat)\/([^/]+)|([^/]+)\/(?:tele|stat))\/([A-Z][A-Z0-9_]*)$/;

/** The chip's own temperature and that of a power controller: no air that goods lie in. */
const NOT_A_SENSOR: ReadonlySet<string> = new Set(['ESP32', 'ESP32S2', 'ESP32S3', 'ESP32C3', 'AXP192', 'AXP2101']);
/** Zones lie between UTC-12 and UTC+14; ten minutes for a clock that is off. */
const ZONES_MS = (14 * 60 + 10) * 60_000;
const HECTOPASCALS: Readonly<Record<string, number>> = { hPa: 1, mmHg: 1.333_223_68, inHg: 33.863_886_7 };

/**
 * Tasmota (tasmota.github.io/docs, *MQTT* and *JSON Status Responses*): `tele/{name}/SENSOR`, and the same object as
 * `StatusSNS` under `stat/{name}/STATUS8` and `STATUS10`. One sensor is the device; of several each is `{name}.{sensor}`.
 * `Time` is the device's local time without a zone: the reading is of its arrival where the two agree but for a zone.
 */
export const TASMOTA: Dialect = {
  name: 'tasmota',
  sourceOf(topic) {
    const match = TOPIC.exec(topic);
    return match?.[1] ?? match?.[2] ?? null;
  },
  decode({ topic, source, payload, arrival }) {
    const tail = topic.split('/').at(-1) ?? '';
    const isAnswer = /^STATUS(8|10)$/.test(tail);
    if (tail !== 'SENSOR' && !isAnswer && topic.includes('/') && TOPIC.test(topic)) return NOTHING_MEASURED;
    return decodeObject(payload, (message, into) => {
      const sensors = isObject(message.StatusSNS) ? message.StatusSNS : message;
      readSensors(sensors, { source, arrival }, into);
    });
  },
};

function readSensors(
  message: Json,
  { source, arrival }: { readonly source: string; readonly arrival: number | undefined },
  into: Collector,
): void {
  const time = timeOf(message.Time, arrival);
  if (time === undefined) {
    into.refuse(
      'TIME_NOT_UNDERSTOOD',
      'Time',
      `is ${shown(message.Time)}; allowed: 2026-11-22T10:00:00 near its arrival, or with a zone`,
    );
    return;
  }
  const { TempUnit: unit = 'C', PressureUnit: pressureUnit = 'hPa' } = message;
  const sensors = sensorsOf(message);
  for (const [name, sensor] of sensors) {
    const device = sensors.length === 1 ? source : `${source}.${idOf(name)}`;
    if (sensor.Temperature !== undefined) {
      if (unit === 'C' || unit === 'F') {
        into.measure(device, 'temperature', celsiusOf(sensor.Temperature, unit), time, `${name}.Temperature`);
      } else into.refuse('UNIT_NOT_UNDERSTOOD', 'TempUnit', `is ${shown(unit)}; allowed: C, F`);
    }
    into.measure(device, 'humidity', sensor.Humidity, time, `${name}.Humidity`);
    if (sensor.Pressure !== undefined) {
      const factor = typeof pressureUnit === 'string' ? HECTOPASCALS[pressureUnit] : undefined;
      const { Pressure: pressure } = sensor;
      if (factor === undefined) {
        into.refuse('UNIT_NOT_UNDERSTOOD', 'PressureUnit', `is ${shown(pressureUnit)}; allowed: hPa, mmHg, inHg`);
      } else {
        const value = typeof pressure === 'number' && factor !== 1 ? decimal(pressure * factor) : pressure;
        into.measure(device, 'pressure', value, time, `${name}.Pressure`);
      }
    }
    into.measure(device, 'light', sensor.Illuminance, time, `${name}.Illuminance`);
  }
}

/** Objects that measure one of our metrics; old versions put the probes of a bus one level down (`DS18x20.DS1`). */
function sensorsOf(message: Json): [string, Json][] {
  return Object.entries(message).flatMap(([name, part]): [string, Json][] => {
    if (!isObject(part) || NOT_A_SENSOR.has(name)) return [];
    if (isSensor(part)) return [[name, part]];
    return Object.entries(part).flatMap(([probe, inner]): [string, Json][] =>
      isObject(inner) && isSensor(inner) ? [[`${name}-${probe}`, inner]] : [],
    );
  });
}

function isSensor(part: Json): boolean {
  return ['Temperature', 'Humidity', 'Pressure', 'Illuminance'].some((field) => part[field] !== undefined);
}

function idOf(name: string): string {
  return name.replace(/[^A-Za-z0-9._:-]/g, '_');
}

/**
 * With a zone (SetOption52) epoch ms; without one null, as it is of its arrival; undefined where it is no time, or one
 * that no zone brings to its arrival. A clock that was not set since the start says 1970, and speaks of now all the same.
 */
function timeOf(given: unknown, arrival: number | undefined): number | null | undefined {
  if (given === undefined) return null;
  if (typeof given !== 'string') return undefined;
  const local = /^(\d{4})[-.](\d\d)[-.](\d\d)[T ](\d\d:\d\d:\d\d)$/.exec(given);
  if (local === null) return timeIn(given);
  const [, year, month, day, clock] = local;
  const asUtc = Date.parse(`${year}-${month}-${day}T${clock}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  const isUnset = Number(year) < 2000;
  return isUnset || arrival === undefined || Math.abs(asUtc - arrival) <= ZONES_MS ? null : undefined;
}
