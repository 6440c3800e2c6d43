/**
 * The temperature and humidity a simulated logger would measure: a steady environment with its compressor cycle and
 * sensor noise, and disturbances on top. A pure function of time, so that backlog and live readings agree.
 */
export interface Climate {
  /** °C the environment is held at. */
  readonly baseC: number;
  /** Half the swing of the compressor cycle, °C. */
  readonly swingC: number;
  /** %RH. */
  readonly humidity: number;
  /** Makes this sensor's noise its own. */
  readonly seed: number;
  readonly disturbances: readonly Disturbance[];
}

/** The air moves towards `peakC` from `from`, stays there, and is back at `to`. Epoch ms UTC. */
export interface Disturbance {
  readonly from: number;
  readonly to: number;
  readonly peakC: number;
  /** How long warming up and recovering take, ms each. */
  readonly rampMs: number;
}

const COMPRESSOR_CYCLE_MS = 42 * 60_000;
const NOISE_C = 0.12;

/** °C, rounded to 0.1 as loggers report it. */
export function temperatureAt(climate: Climate, at: number): number {
  const cycle = Math.sin((2 * Math.PI * at) / COMPRESSOR_CYCLE_MS + climate.seed);
  const calm = climate.baseC + climate.swingC * cycle;
  let value = calm;
  for (const disturbance of climate.disturbances) {
    const share = strength(disturbance, at);
    if (share > 0) value = calm + (disturbance.peakC - calm) * share;
  }
  return round(value + NOISE_C * noise(climate.seed, at), 10);
}

/** %RH, whole. */
export function humidityAt(climate: Climate, at: number): number {
  return Math.round(climate.humidity + 2 * Math.sin(at / 3_600_000 + climate.seed) + noise(climate.seed + 1, at));
}

/** 0 outside the disturbance, 1 on its plateau, a smooth ramp between. */
function strength({ from, to, rampMs }: Disturbance, at: number): number {
  if (at <= from || at >= to) return 0;
  const ramp = Math.min(1, (at - from) / rampMs, (to - at) / rampMs);
  return ramp * ramp * (3 - 2 * ramp);
}

/** Repeatable noise in [-1, 1): an integer hash of the minute, not a random walk. */
function noise(seed: number, at: number): number {
  let x = Math.imul(Math.floor(at / 1_000) ^ Math.imul(seed + 1, 0x9e3779b1), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 31 - 1;
}

function round(value: number, steps: number): number {
  return Math.round(value * steps) / steps;
}
