import type { KeyReadings } from '../domain/index.ts';

const MINUTE = 60_000;
const MINUTES_A_DAY = 1_440;

/** A kind of logger: when it measures and what. */
interface Kind {
  readonly name: string;
  /** Ms since the day began of the minute's reading; null where there is none. */
  timeAt(minute: number, draw: number): number | null;
  valueAt(device: number, minute: number, draw: number): number;
}

/** A fridge that is opened now and then, as of `bench/series.ts`. */
const fridge = (device: number, minute: number) => 5 + 2 * Math.sin(minute / 97 + device);
const inTenths = (device: number, minute: number) => Math.round(fridge(device, minute) * 10) / 10;
const onTime = (minute: number) => minute * MINUTE;
const withJitter = (minute: number, draw: number) => minute * MINUTE + Math.floor(draw * 1_000);
/** Noise of ±0.15 on top, as a sensor that gives more digits than it can measure. */
const inHundredths = (device: number, minute: number, draw: number) =>
  Math.round((fridge(device, minute) + (draw - 0.5) * 0.3) * 100) / 100;

export const KINDS: readonly Kind[] = [
  { name: 'on the minute, tenths', timeAt: onTime, valueAt: inTenths },
  { name: 'within a second, tenths', timeAt: withJitter, valueAt: inTenths },
  { name: 'within a second, noisy hundredths', timeAt: withJitter, valueAt: inHundredths },
  {
    name: 'whole seconds, one in 20 lost',
    timeAt: (minute, draw) => (draw < 0.05 ? null : minute * MINUTE + Math.floor(draw * 4) * 1_000),
    valueAt: inTenths,
  },
  {
    name: 'within a second, floats of 32 bits',
    timeAt: withJitter,
    valueAt: (device, minute) => Math.fround(inTenths(device, minute)),
  },
  {
    name: 'on the minute, from Fahrenheit, all digits',
    timeAt: onTime,
    valueAt: (device, minute) => (Math.round(fridge(device, minute) * 18 + 320) / 10 - 32) / 1.8,
  },
];

/** The readings of one device and day. @param day where it begins, epoch ms UTC */
export function dayOf({ timeAt, valueAt }: Kind, device: number, day: number): KeyReadings {
  const time = new Float64Array(MINUTES_A_DAY);
  const value = new Float64Array(MINUTES_A_DAY);
  let count = 0;
  let state = (device * 2_654_435_761 + day / MINUTE) >>> 0;
  for (let minute = 0; minute < MINUTES_A_DAY; minute++) {
    // xorshift32: the same at each run.
    state = (state ^ (state << 13)) >>> 0 || 1;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    const draw = state / 2 ** 32;
    const since = timeAt(minute, draw);
    if (since === null) continue;
    time[count] = day + since;
    value[count++] = valueAt(device, minute + ((day / MINUTE) % 100_000), draw);
  }
  return { count, time: time.subarray(0, count), value: value.subarray(0, count) };
}
