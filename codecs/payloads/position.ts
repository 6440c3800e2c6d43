import { isPhysical, metricByName } from '../../domain/index.ts';
import { type Collector, shown } from './collector.ts';

export interface Fix {
  readonly latitude: unknown;
  readonly longitude: unknown;
  /** Metres; undefined or null where it is not told. */
  readonly accuracy?: unknown;
}

/**
 * Where a device was: latitude and longitude belong together, so one that is missing or cannot be costs the other. 0, 0 is
 * what receivers without a fix send, and no place of a shipment.
 * @param field where it stands in the message
 */
export function measurePosition(
  { latitude, longitude, accuracy }: Fix,
  device: string,
  time: number | null,
  field: string,
  into: Collector,
): void {
  if (isAbsent(latitude) && isAbsent(longitude)) return;
  if (latitude === 0 && longitude === 0) return;
  for (const [name, value] of Object.entries({ latitude, longitude })) {
    const metric = metricByName(name);
    if (typeof value !== 'number') {
      into.refuse(
        'VALUE_NOT_NUMBER',
        `${field}.${name}`,
        `is ${shown(value)}; allowed: a fix has both, as numbers`,
        device,
      );
      return;
    }
    if (metric !== undefined && !isPhysical(metric, value)) {
      into.refuse(
        'VALUE_NOT_PHYSICAL',
        `${field}.${name}`,
        `is ${value}; allowed: ${metric.min} to ${metric.max}°`,
        device,
      );
      return;
    }
  }
  into.measure(device, 'latitude', latitude, time, field);
  into.measure(device, 'longitude', longitude, time, field);
  if (!isAbsent(accuracy)) into.measure(device, 'accuracy', accuracy, time, field);
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
