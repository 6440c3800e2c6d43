import { Counter, collectDefaultMetrics, Gauge, Histogram, type OpenMetricsContentType, Registry } from 'prom-client';
import { DefectError, type Meter, type MeterDefinition } from '../domain/index.ts';

export interface Metering {
  readonly meter: Meter;
  /** The exposition behind /metrics (OpenMetrics text). */
  text(): Promise<string>;
  readonly contentType: string;
}

/** What stdout or stderr did not take (app/output.ts). */
export const LOST_LINES: MeterDefinition = {
  name: 'isotherm_app_lost_lines',
  help: 'Lines that could not be written to stdout or stderr: a full disk, or a pipe nobody reads',
};

/** The domain's Meter on prom-client; a name declared twice with the same kind is one metric. */
export function createMetering(): Metering {
  const registry = new Registry<OpenMetricsContentType>();
  registry.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  collectDefaultMetrics({ register: registry });
  const settings = ({ name, help, labels = [] }: MeterDefinition) => ({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
  });
  return {
    contentType: registry.contentType,
    text: () => registry.metrics(),
    meter: {
      counter(definition) {
        const counter = once(registry, definition.name, Counter, () => new Counter(settings(definition)));
        return { add: (amount = 1, labels = {}) => counter.inc(labels, amount) };
      },
      gauge(definition) {
        const gauge = once(registry, definition.name, Gauge, () => new Gauge(settings(definition)));
        return { set: (value, labels = {}) => gauge.set(labels, value) };
      },
      histogram(definition) {
        const make = () => new Histogram({ ...settings(definition), buckets: [...definition.buckets] });
        const histogram = once(registry, definition.name, Histogram, make);
        return { observe: (value, labels = {}) => histogram.observe(labels, value) };
      },
    },
  };
}

function once<T>(
  registry: Registry<OpenMetricsContentType>,
  name: string,
  kind: new (...args: never[]) => T,
  make: () => T,
): T {
  const present: unknown = registry.getSingleMetric(name);
  if (present === undefined) return make();
  if (present instanceof kind) return present;
  throw new DefectError('METRIC_REDECLARED', `metric ${name} is declared as two kinds`);
}
