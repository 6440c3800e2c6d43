import type { History, KeyReadings } from '../../domain/index.ts';

/** Readings of one device and metric, `[time, value]`, ascending, as the port gives them. */
export class FewReadings implements History {
  readonly #device: string;
  readonly #readings: readonly (readonly [time: number, value: number])[];

  constructor(device: string, readings: readonly (readonly [time: number, value: number])[]) {
    this.#device = device;
    this.#readings = readings;
  }

  async read(device: string, _metric: number, from: number, to: number, limit?: number): Promise<KeyReadings> {
    const inside = this.#of(device).filter(([time]) => time >= from && time < to);
    return columns(limit === undefined ? inside : inside.slice(0, limit));
  }

  async before(device: string, _metric: number, before: number, count: number): Promise<KeyReadings> {
    return columns(
      this.#of(device)
        .filter(([time]) => time < before)
        .slice(-count),
    );
  }

  async keys(): Promise<[]> {
    return [];
  }

  #of(device: string): readonly (readonly [time: number, value: number])[] {
    return device === this.#device ? this.#readings : [];
  }
}

function columns(readings: readonly (readonly [time: number, value: number])[]): KeyReadings {
  return {
    count: readings.length,
    time: Float64Array.from(readings, ([time]) => time),
    value: Float64Array.from(readings, ([, value]) => value),
  };
}
