/** What devices measure, with the unit each value is kept in and the range that makes physical sense. */
export interface MetricDefinition {
  readonly name: Metric;
  /** Code in binary batches and in the `readings` table. Never reused. */
  readonly code: number;
  /** UCUM symbol as shown to people. */
  readonly unit: string;
  /** Outside [min, max] a reading is quarantined. */
  readonly min: number;
  readonly max: number;
}

/** What rules may judge. */
export const JUDGED_METRICS = [
  'temperature',
  'humidity',
  'shock',
  'light',
  'pressure',
  'battery',
  'tilt',
  'door',
  'defrost',
] as const;

/** Where a device is: WGS 84 degrees and metres; one fix of one time. Kept and drawn, judged by no rule. */
export const POSITION_METRICS = ['latitude', 'longitude', 'accuracy'] as const;

export const METRIC_NAMES = [...JUDGED_METRICS, ...POSITION_METRICS] as const;

export type Metric = (typeof METRIC_NAMES)[number];

/** Indexed by code; code 0 is kept free so that a zeroed column is never a valid metric. */
export const METRICS: readonly MetricDefinition[] = [
  { name: 'temperature', code: 1, unit: '°C', min: -200, max: 300 },
  // Sensors with dew on them give a little more than saturation; it is judged as 100 (docs/rules.md).
  { name: 'humidity', code: 2, unit: '%RH', min: 0, max: 105 },
  { name: 'shock', code: 3, unit: 'g', min: 0, max: 10_000 },
  { name: 'light', code: 4, unit: 'lux', min: 0, max: 200_000 },
  { name: 'pressure', code: 5, unit: 'hPa', min: 300, max: 1_200 },
  { name: 'battery', code: 6, unit: '%', min: 0, max: 100 },
  { name: 'tilt', code: 7, unit: '°', min: -180, max: 360 },
  { name: 'door', code: 8, unit: '', min: 0, max: 1 },
  { name: 'latitude', code: 9, unit: '°', min: -90, max: 90 },
  { name: 'longitude', code: 10, unit: '°', min: -180, max: 180 },
  // A fix by the cells of a mobile network is kilometres wide; beyond this it says nothing.
  { name: 'accuracy', code: 11, unit: 'm', min: 0, max: 100_000 },
  // A cooling unit thaws its evaporator: the air warms for minutes, by design.
  { name: 'defrost', code: 12, unit: '', min: 0, max: 1 },
];

const byName = new Map(METRICS.map((metric) => [metric.name as string, metric]));
const byCode = new Map(METRICS.map((metric) => [metric.code, metric]));

export function metricByName(name: string): MetricDefinition | undefined {
  return byName.get(name);
}

export function metricByCode(code: number): MetricDefinition | undefined {
  return byCode.get(code);
}

/** What is either so or not: 0 or 1. */
export const SWITCHES: ReadonlySet<Metric> = new Set<Metric>(['door', 'defrost']);

/** A door is open or closed, a defrost on or off; every other metric takes any number in its range. */
export function isPhysical(metric: MetricDefinition, value: number): boolean {
  if (SWITCHES.has(metric.name)) return value === 0 || value === 1;
  return value >= metric.min && value <= metric.max;
}
