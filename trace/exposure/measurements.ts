import {
  type DeviceFacts,
  declaredGap,
  goodReadings,
  HeldValues,
  type History,
  NEIGHBOURS,
  READINGS_BEFORE,
} from '../../domain/index.ts';

/** Readings past the end of a stretch: the first good one says how long the last one inside held. */
const READINGS_AFTER = 4 + NEIGHBOURS;

/** What a device measured of one metric. */
export interface MeasuredKey {
  readonly good: HeldValues;
  /** Suspect readings as well. */
  readonly all: HeldValues;
  readonly hasSuspect: boolean;
}

/** What devices measured, with all that decides which values are good and how long they held. */
export class Measurements {
  readonly #devices: DeviceFacts;
  readonly #history: History;

  constructor({ devices, history }: { readonly devices: DeviceFacts; readonly history: History }) {
    this.#devices = devices;
    this.#history = history;
  }

  /** One device's values of a metric during [from, to); `to` Infinity for all there is. */
  async during(device: string, metric: number, from: number, to: number): Promise<HeldValues> {
    return (await this.all(device, metric, from, to)).good;
  }

  /** The same, with what cannot be believed beside it. */
  async all(device: string, metric: number, from: number, to: number): Promise<MeasuredKey> {
    const before = await this.#history.before(device, metric, from, READINGS_BEFORE);
    const after =
      to === Number.POSITIVE_INFINITY
        ? null
        : await this.#history.read(device, metric, to, Number.POSITIVE_INFINITY, READINGS_AFTER);
    const end = after === null || after.count === 0 ? to : (after.time[after.count - 1] ?? to) + 1;
    const readings = await this.#history.read(device, metric, before.time[0] ?? from, end);
    const { context, quality } = await this.#devices.of(device, metric);
    const trusted = goodReadings(readings, quality);
    const gap = declaredGap(context);
    const good = HeldValues.of(trusted, gap, readings);
    const hasSuspect = trusted.count < readings.count;
    return { good, all: hasSuspect ? HeldValues.of(readings, gap) : good, hasSuspect };
  }
}
