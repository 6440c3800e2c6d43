import type { Metric } from '../../domain/index.ts';

/** What a name says that stands beside a number. */
export interface Meant {
  readonly metric: Metric;
  readonly unit?: 'C' | 'F';
}

/**
 * Names of fields that say what they are; folded to lower case, letters and digits. A field that is called `battery`
 * alone may be volts: it is left to the decoders that know.
 */
const FIELDS: Readonly<Record<string, Meant>> = {
  temperature: { metric: 'temperature' },
  temp: { metric: 'temperature' },
  airtemperature: { metric: 'temperature' },
  ambienttemperature: { metric: 'temperature' },
  temperaturec: { metric: 'temperature', unit: 'C' },
  tempc: { metric: 'temperature', unit: 'C' },
  temperaturecelsius: { metric: 'temperature', unit: 'C' },
  tempcsht: { metric: 'temperature', unit: 'C' },
  temperaturef: { metric: 'temperature', unit: 'F' },
  tempf: { metric: 'temperature', unit: 'F' },
  temperaturefahrenheit: { metric: 'temperature', unit: 'F' },
  humidity: { metric: 'humidity' },
  hum: { metric: 'humidity' },
  relativehumidity: { metric: 'humidity' },
  humsht: { metric: 'humidity' },
  pressure: { metric: 'pressure' },
  barometricpressure: { metric: 'pressure' },
  illuminance: { metric: 'light' },
  illumination: { metric: 'light' },
  lux: { metric: 'light' },
  lightintensity: { metric: 'light' },
  batterypercent: { metric: 'battery' },
  batterypercentage: { metric: 'battery' },
  batterylevel: { metric: 'battery' },
};

/** What a field is that says what it is; null where its name says nothing to us. */
export function meaningOf(name: string): Meant | null {
  const folded = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return Object.hasOwn(FIELDS, folded) ? (FIELDS[folded] ?? null) : null;
}
