import { type Collector, celsiusOf, decodeEachObject, isTold, shown } from './collector.ts';
import type { Dialect } from './dialect.ts';
import { measurePosition } from './position.ts';
import { isObject, type Json, timeIn } from './tag-event.ts';
import { epochMillis } from './time.ts';

/**
 * Tive (developers.tive.com, *Webhooks*, tracker data): a reading of a tracker, or an array. The device is `EntityName`,
 * the time `EntryTimeEpoch` in milliseconds, or `EntryTimeUtc`. Temperatures stand in both units; °C is taken. The
 * accelerometer's g is that of gravity while it rests, and no shock.
 */
export const TIVE: Dialect = {
  name: 'tive',
  decode: ({ source, payload }) => decodeEachObject(payload, (message, into) => readEntry(message, source, into)),
};

function readEntry(message: Json, source: string, into: Collector): void {
  const { EntityName: name, DeviceName: tracker } = message;
  const named = typeof name === 'string' && name !== '' ? name : tracker;
  const device = typeof named === 'string' && named !== '' ? named : source;
  const time = timeOf(message);
  if (time === undefined) {
    const { EntryTimeEpoch: epoch, EntryTimeUtc: text } = message;
    const detail = `is ${shown(epoch ?? text)}; allowed: epoch milliseconds, or EntryTimeUtc in RFC 3339`;
    into.refuse('TIME_NOT_UNDERSTOOD', 'EntryTimeEpoch', detail, device);
    return;
  }
  if (!isTold(time, message, 'EntryTimeEpoch', into, device)) return;
  const part = (field: string): Json => {
    const value = message[field];
    return isObject(value) ? value : {};
  };
  const { Celsius: celsius, Fahrenheit: fahrenheit } = part('Temperature');
  if (isAbsent(celsius) && typeof fahrenheit === 'number') {
    into.measure(device, 'temperature', celsiusOf(fahrenheit, 'F'), time, 'Temperature.Fahrenheit');
  } else take('temperature', celsius, 'Temperature.Celsius');
  take('humidity', part('Humidity').Percentage, 'Humidity.Percentage');
  take('light', part('Light').Lux, 'Light.Lux');
  take('battery', part('Battery').Percentage, 'Battery.Percentage');
  const { Latitude: latitude, Longitude: longitude, Accuracy: accuracy } = part('Location');
  const meters = isObject(accuracy) ? accuracy.Meters : accuracy;
  measurePosition({ latitude, longitude, accuracy: meters }, device, time, 'Location', into);

  function take(metric: 'temperature' | 'humidity' | 'light' | 'battery', value: unknown, field: string): void {
    // A sensor that the tracker lacks is null.
    if (!isAbsent(value)) into.measure(device, metric, value, time ?? null, field);
  }
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

/** null where the message has none. */
function timeOf({ EntryTimeEpoch: epoch, EntryTimeUtc: text }: Json): number | null | undefined {
  if (!isAbsent(epoch)) return epochMillis(epoch);
  return timeIn(text);
}
