import type { Ageing, HeldValues } from './held-values.ts';
import { temperatureOfAgeing } from './mkt.ts';

/** What a device measured during a stretch; null where it measured nothing. Unit of the metric; mkt °C. */
export interface Figures {
  readonly min: number | null;
  readonly max: number | null;
  readonly mkt: number | null;
}

/**
 * Minimum, maximum and mean kinetic temperature during [from, to) of one device. The value that still holds at `from`
 * counts.
 *
 * @param isTemperature else there is no mkt
 */
export function figuresDuring(values: HeldValues, from: number, to: number, isTemperature: boolean): Figures {
  const { min, max } = extremesOf([values], from, to);
  if (min === null || max === null) return { min: null, max: null, mkt: null };
  // A stretch with one reading and nothing after it: that value is all there is.
  const mkt = isTemperature ? (mktOf(values.ageingDuring(from, to)) ?? (min === max ? min : null)) : null;
  return { min, max, mkt };
}

/** Milliseconds in minutes to 0.001, half up (docs/rules.md, `minutesOutOfRange`). */
export function minutesOf(ms: number): number {
  return Math.floor(ms / 60 + 0.5) / 1_000;
}

/** AirLimits of a storage profile, strict: 8.0 is not above 8. null = no such limit. */
export interface AirLimits {
  readonly min: number | null;
  readonly max: number | null;
}

/** The air of a stretch by all devices that tell it. Milliseconds; unit of the metric. */
export interface AirFigures {
  readonly min: number | null;
  readonly max: number | null;
  readonly aboveMs: number;
  readonly belowMs: number;
  /** Above or below: with several devices at once both may be. */
  readonly outsideMs: number;
  /** All of them in a gap, or none there. */
  readonly unknownMs: number;
}

/**
 * Several devices at once (docs/trace.md, "Environment and exposure"): outside a limit where any of them is, minimum and maximum over
 * all, unknown only where all are in a gap.
 */
export function airDuring(devices: readonly HeldValues[], from: number, to: number, limits: AirLimits): AirFigures {
  const known: Span[] = [];
  const above: Span[] = [];
  const below: Span[] = [];
  for (const values of devices) {
    for (const held of values.during(from, to)) {
      known.push(held);
      if (limits.max !== null && held.value > limits.max) above.push(held);
      if (limits.min !== null && held.value < limits.min) below.push(held);
    }
  }
  return {
    ...extremesOf(devices, from, to),
    aboveMs: lengthOf(above),
    belowMs: lengthOf(below),
    outsideMs: lengthOf([...above, ...below]),
    unknownMs: to - from - lengthOf(known),
  };
}

/**
 * The devices' ageing whose mean kinetic temperature is the highest of theirs, of equal ones the longest known; null where none
 * knows anything. Two that measured the same differ in doubles by where their sums began: equal to a billionth of a degree is equal.
 */
export function fastestAgeing(devices: readonly HeldValues[], from: number, to: number): Ageing | null {
  let fastest: { readonly ageing: Ageing; readonly mkt: number } | null = null;
  for (const values of devices) {
    const ageing = values.ageingDuring(from, to);
    if (ageing.ms <= 0) continue;
    const mkt = Math.round(temperatureOfAgeing(ageing.sum / ageing.ms) * 1e9);
    if (fastest !== null && (mkt < fastest.mkt || (mkt === fastest.mkt && ageing.ms <= fastest.ageing.ms))) continue;
    fastest = { ageing, mkt };
  }
  return fastest?.ageing ?? null;
}

/** °C; null where nothing has weight. */
export function mktOf({ sum, ms }: Ageing): number | null {
  return ms > 0 ? temperatureOfAgeing(sum / ms) : null;
}

/** Mean kinetic temperature of a journey during [from, to), °C: of each leg the device with the highest; null where nothing is known. */
export function mktDuring(
  told: readonly {
    readonly leg: { readonly from: number; readonly to: number };
    readonly devices: readonly HeldValues[];
  }[],
  from: number,
  to: number,
): number | null {
  const all: Ageing[] = [];
  for (const { leg, devices } of told) {
    const [start, end] = [Math.max(leg.from, from), Math.min(leg.to, to)];
    const ageing = start < end ? fastestAgeing(devices, start, end) : null;
    if (ageing !== null) all.push(ageing);
  }
  return mktOf({
    sum: all.reduce((total, { sum }) => total + sum, 0),
    ms: all.reduce((total, { ms }) => total + ms, 0),
  });
}

interface Span {
  readonly from: number;
  readonly to: number;
}

function extremesOf(devices: readonly HeldValues[], from: number, to: number): Pick<Figures, 'min' | 'max'> {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const values of devices) {
    for (const { value } of values.during(from, to)) {
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  return min > max ? { min: null, max: null } : { min, max };
}

/** Of the union: where spans overlap, the time counts once. */
function lengthOf(spans: readonly Span[]): number {
  let length = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    if (to <= end) continue;
    length += to - Math.max(from, end);
    end = to;
  }
  return length;
}
