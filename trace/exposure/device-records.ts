import {
  type AirLimits,
  airDuring,
  type DeviceFacts,
  type DeviceRange,
  declaredGap,
  figuresDuring,
  goodReadings,
  HeldValues,
  type History,
  joinReadings,
  metricByCode,
  minutesOf,
  NEIGHBOURS,
  qualified,
  READINGS_BEFORE,
  suspectReason,
} from '../../domain/index.ts';
import { type Database, PostgresDeviceFacts } from '../../storage/index.ts';
import { devicesAroundShipments } from './kept-shipments.ts';

/** Readings past the end: the first good one says how long the last one inside held. */
const READINGS_AFTER = 4 + NEIGHBOURS;

/**
 * Statistics of one device over a calculation range. Unit of the metric, minutes to 0.001; null where nothing is known.
 * The minutes below, above, unknown and suspect and those within the limits add up to the range.
 */
export interface RecordFigures {
  /** Good readings taken in the range. */
  readonly readings: number;
  /** Suspect ones: kept, in no other figure (docs/rules.md, "Quality of a reading"). */
  readonly suspect: number;
  readonly min: number | null;
  readonly max: number | null;
  /** Arithmetic mean of the good readings. */
  readonly mean: number | null;
  /** Mean kinetic temperature by time, USP <1079.2>; null for other metrics. */
  readonly mkt: number | null;
  readonly minutesAbove: number;
  readonly minutesBelow: number;
  /** In which no reading of any kind holds. */
  readonly minutesUnknown: number;
  /** In which only suspect readings hold. */
  readonly minutesSuspect: number;
}

/** Readings drawn together: the least and the greatest of a moment. */
export interface DrawnReading {
  /** Epoch ms UTC. */
  readonly at: number;
  readonly min: number;
  readonly max: number;
  /** The value is not known to hold until the next one: a gap. */
  readonly isLast: boolean;
}

/** A reading as it is kept, with what is judged of it. */
export interface RecordedReading {
  readonly time: number;
  readonly value: number;
  readonly judged: number;
  /** null: good. */
  readonly suspect: string | null;
}

/** All that one device recorded of a metric in a range. */
export interface DeviceRecord extends DeviceRange {
  readonly figures: RecordFigures;
  readonly drawn: readonly DrawnReading[];
  readonly suspects: readonly { readonly at: number; readonly value: number }[];
  readonly readings: readonly RecordedReading[];
}

/** What devices recorded, with its statistics: what a report shows of them. */
export class DeviceRecords {
  readonly #database: Database;
  readonly #history: History;
  readonly #devices: DeviceFacts;

  constructor({ database, history }: { readonly database: Database; readonly history: History }) {
    this.#database = database;
    this.#history = history;
    this.#devices = new PostgresDeviceFacts({ client: database.pool });
  }

  /**
   * Which devices told the air around goods of a shipment during [from, to), and when: by device, then time, each stretch
   * once.
   */
  async around(shipment: string, from: number, to: number): Promise<DeviceRange[]> {
    const ranges = await devicesAroundShipments(this.#database, [shipment]);
    return joined(
      ranges
        .map((range) => ({ device: range.device, from: Math.max(range.from, from), to: Math.min(range.to, to) }))
        .filter((range) => range.from < range.to),
    );
  }

  /**
   * @param metric code
   * @param columns the drawing is so many moments wide
   */
  async of(
    { device, from, to }: DeviceRange,
    metric: number,
    limits: AirLimits,
    columns: number,
  ): Promise<DeviceRecord> {
    const [before, within, after, { context, quality }] = await Promise.all([
      this.#history.before(device, metric, from, READINGS_BEFORE),
      this.#history.read(device, metric, from, to),
      this.#history.read(device, metric, to, Number.POSITIVE_INFINITY, READINGS_AFTER),
      this.#devices.of(device, metric),
    ]);
    const all = joinReadings(joinReadings(before, within), after);
    const { times, values, flags } = qualified(all, quality);
    const good = goodReadings(all, quality);
    const gap = declaredGap(context);
    const held = HeldValues.of(good, gap, all);
    const heldAnyhow = HeldValues.of({ count: all.count, time: times, value: values }, gap);
    const readings: RecordedReading[] = [];
    for (let i = before.count; i < before.count + within.count; i++) {
      const suspect = suspectReason(flags[i] ?? 0);
      readings.push({ time: times[i] ?? 0, value: all.value[i] ?? 0, judged: values[i] ?? 0, suspect });
    }
    const isTemperature = metricByCode(metric)?.name === 'temperature';
    const air = airDuring([held], from, to, limits);
    const anyhow = airDuring([heldAnyhow], from, to, limits);
    const taken = readings.filter(({ suspect }) => suspect === null);
    return {
      ...{ device, from, to, readings },
      drawn: drawing(held, from, to, columns),
      suspects: readings.flatMap(({ time, judged, suspect }) =>
        suspect === null ? [] : [{ at: time, value: judged }],
      ),
      figures: {
        ...figuresDuring(held, from, to, isTemperature),
        ...{ readings: taken.length, suspect: readings.length - taken.length, mean: meanOf(taken) },
        minutesAbove: minutesOf(air.aboveMs),
        minutesBelow: minutesOf(air.belowMs),
        minutesUnknown: minutesOf(anyhow.unknownMs),
        minutesSuspect: minutesOf(Math.max(0, air.unknownMs - anyhow.unknownMs)),
      },
    };
  }
}

/** Where stretches of a device meet or overlap they are one. */
function joined(ranges: readonly DeviceRange[]): DeviceRange[] {
  const sorted = ranges.toSorted((a, b) => (a.device < b.device ? -1 : a.device > b.device ? 1 : a.from - b.from));
  const out: DeviceRange[] = [];
  for (const range of sorted) {
    const last = out.at(-1);
    if (last === undefined || last.device !== range.device || last.to < range.from) out.push(range);
    else if (last.to < range.to) out[out.length - 1] = { ...last, to: range.to };
  }
  return out;
}

function meanOf(readings: readonly RecordedReading[]): number | null {
  if (readings.length === 0) return null;
  return readings.reduce((sum, { judged }) => sum + judged, 0) / readings.length;
}

/** Values that hold, put together by columns of time; extremes stay. */
function drawing(held: HeldValues, from: number, to: number, columns: number): DrawnReading[] {
  const width = Math.max(1, (to - from) / columns);
  const drawn: DrawnReading[] = [];
  let column = -1;
  for (const one of held.during(from, to)) {
    const at = Math.floor((one.from - from) / width);
    const last = drawn.at(-1);
    const isLast = one.to === one.from;
    if (last === undefined || at !== column || last.isLast) {
      drawn.push({ at: one.from, min: one.value, max: one.value, isLast });
      column = at;
    } else {
      drawn[drawn.length - 1] = {
        ...{ at: last.at, isLast },
        min: Math.min(last.min, one.value),
        max: Math.max(last.max, one.value),
      };
    }
  }
  return drawn;
}
