import type { Gauge, Labels, Meter } from '../../domain/index.ts';

/** Gauges that several of a process set, each for itself: what is shown is their sum. */
export class SummedGauges {
  readonly #meter: Meter;
  /** By name of the gauge and whose it is. */
  readonly #values = new Map<string, Map<string, number>>();

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  /** The meter of one of them. Gauges have no labels. */
  of(whose: string): Meter {
    return {
      counter: (definition) => this.#meter.counter(definition),
      histogram: (definition) => this.#meter.histogram(definition),
      gauge: (definition): Gauge => {
        const gauge = this.#meter.gauge(definition);
        const values = this.#values.get(definition.name) ?? new Map<string, number>();
        this.#values.set(definition.name, values);
        return {
          set(value: number, labels?: Labels) {
            values.set(whose, value);
            gauge.set(
              [...values.values()].reduce((sum, one) => sum + one, 0),
              labels,
            );
          },
        };
      },
    };
  }
}
