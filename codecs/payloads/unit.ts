import { type Metric, metricByName } from '../../domain/index.ts';
import { decimal } from './collector.ts';

type Convert = (value: number) => number;

const SAME: Convert = (value) => value;

/** Units as makers write them, folded: lower case, without spaces and signs. Each gives ours (domain/metric.ts). */
const UNITS: Readonly<Partial<Record<Metric, Readonly<Record<string, Convert>>>>> = {
  temperature: {
    c: SAME,
    degc: SAME,
    celsius: SAME,
    degreescelsius: SAME,
    cel: SAME,
    f: (value) => decimal(((value - 32) * 5) / 9),
    degf: (value) => decimal(((value - 32) * 5) / 9),
    fahrenheit: (value) => decimal(((value - 32) * 5) / 9),
    degreesfahrenheit: (value) => decimal(((value - 32) * 5) / 9),
    k: (value) => decimal(value - 273.15),
    kelvin: (value) => decimal(value - 273.15),
  },
  humidity: { '%': SAME, '%rh': SAME, rh: SAME, percent: SAME, '%h': SAME },
  battery: { '%': SAME, percent: SAME },
  pressure: {
    hpa: SAME,
    mbar: SAME,
    mb: SAME,
    millibar: SAME,
    pa: (value) => decimal(value / 100),
    kpa: (value) => decimal(value * 10),
    bar: (value) => decimal(value * 1000),
    mmhg: (value) => decimal(value * 1.333_223_68),
    inhg: (value) => decimal(value * 33.863_886_7),
    psi: (value) => decimal(value * 68.947_572_9),
  },
  light: { lx: SAME, lux: SAME, klx: (value) => decimal(value * 1000) },
  shock: { g: SAME, gn: SAME, mg: (value) => decimal(value / 1000), 'm/s2': (value) => decimal(value / 9.806_65) },
  tilt: { deg: SAME, degree: SAME, degrees: SAME },
  latitude: { deg: SAME, degree: SAME, degrees: SAME },
  longitude: { deg: SAME, degree: SAME, degrees: SAME },
  accuracy: { m: SAME, km: (value) => decimal(value * 1000), ft: (value) => decimal(value * 0.3048) },
};

/** How a value in a unit becomes one in ours; null where it is no unit of this metric. */
export function conversionOf(metric: Metric, unit: string): Convert | null {
  const folded = unit
    .toLowerCase()
    .replace('²', '2')
    .replace(/°|º/g, metric === 'temperature' ? '' : 'deg')
    .replace(/[\s_.]/g, '')
    .replace(/^deg(?=[cf]$)/, '');
  const units = UNITS[metric] ?? {};
  return Object.hasOwn(units, folded) ? (units[folded] ?? null) : null;
}

/** What is allowed, for a refusal. */
export function unitsOf(metric: Metric): string {
  const units = Object.keys(UNITS[metric] ?? {});
  return units.length === 0 ? (metricByName(metric)?.unit ?? '') : units.join(', ');
}
