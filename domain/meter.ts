/** Where rooms count: OpenMetrics names with unit suffixes; `app/` hands in the implementation behind /metrics. */
export interface Meter {
  counter(definition: MeterDefinition): Counter;
  gauge(definition: MeterDefinition): Gauge;
  histogram(definition: MeterDefinition & { readonly buckets: readonly number[] }): Histogram;
}

export interface MeterDefinition {
  /** `isotherm_<room>_<what>_<unit>`, base units (seconds, bytes); counters without `_total`, which the format adds. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;
export interface Counter {
  add(amount?: number, labels?: Labels): void;
}
export interface Gauge {
  set(value: number, labels?: Labels): void;
}
export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

const nothing = { add() {}, set() {}, observe() {} };
export const silentMeter: Meter = { counter: () => nothing, gauge: () => nothing, histogram: () => nothing };
