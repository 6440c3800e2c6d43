import { type AirLimits, airDuring, type HeldValues, minutesOf, mktDuring } from '../../domain/index.ts';
import type { Environment } from './environment.ts';

/** A stretch of a journey: which devices told the air, none = unknown, and between which limits it had to be. */
export interface Leg {
  readonly from: number;
  readonly to: number;
  readonly devices: readonly string[];
  readonly through: Environment['through'] | null;
  /** Storage profile in force; null where no shipment says one. */
  readonly profile: string | null;
  readonly limits: AirLimits;
}

/** Figures of a leg or of a whole journey. Minutes to 0.001, half up; °C, null where nothing is known. */
export interface ExposureFigures {
  readonly min: number | null;
  readonly max: number | null;
  readonly mkt: number | null;
  readonly minutesAbove: number;
  readonly minutesBelow: number;
  /** Above or below: with several devices at once both may be. */
  readonly minutesOutOfRange: number;
  /** In which no device said anything. */
  readonly minutesUnknown: number;
}

export interface LegFigures extends Leg, ExposureFigures {}

/** How much of what the product stands is used up, minutes. */
export interface BudgetFigures {
  readonly budget: number;
  /** Brought along from before. */
  readonly carriedIn: number;
  /** Carried in and out of range since. */
  readonly used: number;
  /** None where it is overdrawn. */
  readonly left: number;
  /** Had all unknown time been out of range (docs/rules.md, `gap: worst`). */
  readonly usedAtWorst: number;
}

/** The highest mean kinetic temperature over any window of its length that ends at a whole UTC hour. */
export interface HighestMkt {
  readonly windowMs: number;
  readonly mkt: number;
  /** End of that window. */
  readonly at: number;
}

export interface JourneyFigures extends ExposureFigures {
  readonly from: number;
  readonly to: number;
  /** null without a window, and on journeys shorter than it. */
  readonly highestMkt: HighestMkt | null;
  readonly budget: BudgetFigures | null;
}

/** A product's budget, and what of it was used before `since`. */
export interface Budget {
  readonly budgetMs: number;
  readonly carriedInMs: number;
  readonly since: number;
}

/**
 * What a journey exposed its goods to (docs/trace.md, "Environment and exposure"). Serials that share the legs share all of it. Pure.
 *
 * @param legs ascending, without holes
 * @param valuesOf what a device measured over the journey
 */
export function journeyOf(
  legs: readonly Leg[],
  valuesOf: (device: string) => HeldValues,
  { windowMs, budget }: { readonly windowMs: number | null; readonly budget: Budget | null },
): { readonly legs: readonly LegFigures[]; readonly journey: JourneyFigures } {
  const told = legs.map((leg): Told => {
    const devices = leg.devices.map(valuesOf);
    return { leg, devices, air: airDuring(devices, leg.from, leg.to, leg.limits) };
  });
  const [from, to] = [legs[0]?.from ?? 0, legs.at(-1)?.to ?? 0];
  return {
    legs: told.map(({ leg, ...rest }) => ({ ...leg, ...figuresOf([{ leg, ...rest }], leg.from, leg.to) })),
    journey: {
      from,
      to,
      ...figuresOf(told, from, to),
      highestMkt: windowMs === null ? null : highestMkt(told, from, to, windowMs),
      budget: budget === null ? null : budgetOf(told, budget),
    },
  };
}

/** A leg with what its devices measured. */
interface Told {
  readonly leg: Leg;
  readonly devices: readonly HeldValues[];
  readonly air: ReturnType<typeof airDuring>;
}

function figuresOf(told: readonly Told[], from: number, to: number): ExposureFigures {
  const known = told.flatMap(({ air: { min, max } }) => (min === null || max === null ? [] : [{ min, max }]));
  const least = known.reduce((min, one) => Math.min(min, one.min), Number.POSITIVE_INFINITY);
  const most = known.reduce((max, one) => Math.max(max, one.max), Number.NEGATIVE_INFINITY);
  const sum = (of: (air: Told['air']) => number) => told.reduce((total, { air }) => total + of(air), 0);
  return {
    min: known.length === 0 ? null : least,
    max: known.length === 0 ? null : most,
    mkt: mktDuring(told, from, to) ?? (least === most ? least : null),
    minutesAbove: minutesOf(sum(({ aboveMs }) => aboveMs)),
    minutesBelow: minutesOf(sum(({ belowMs }) => belowMs)),
    minutesOutOfRange: minutesOf(sum(({ outsideMs }) => outsideMs)),
    minutesUnknown: minutesOf(sum(({ unknownMs }) => unknownMs)),
  };
}

const HOUR_MS = 3_600_000;

function highestMkt(told: readonly Told[], from: number, to: number, windowMs: number): HighestMkt | null {
  let highest: HighestMkt | null = null;
  let first = 0;
  for (let at = Math.ceil((from + windowMs) / HOUR_MS) * HOUR_MS; at <= to; at += HOUR_MS) {
    while ((told[first]?.leg.to ?? Number.POSITIVE_INFINITY) <= at - windowMs) first++;
    const mkt = mktDuring(told.slice(first), at - windowMs, at);
    if (mkt !== null && (highest === null || mkt > highest.mkt)) highest = { windowMs, mkt, at };
  }
  return highest;
}

function budgetOf(told: readonly Told[], { budgetMs, carriedInMs, since }: Budget): BudgetFigures {
  let outsideMs = 0;
  let unknownMs = 0;
  for (const { leg, devices, air } of told) {
    if (leg.to <= since) continue;
    const part = leg.from >= since ? air : airDuring(devices, since, leg.to, leg.limits);
    outsideMs += part.outsideMs;
    unknownMs += part.unknownMs;
  }
  return {
    budget: minutesOf(budgetMs),
    carriedIn: minutesOf(carriedInMs),
    used: minutesOf(carriedInMs + outsideMs),
    left: minutesOf(Math.max(0, budgetMs - carriedInMs - outsideMs)),
    usedAtWorst: minutesOf(carriedInMs + outsideMs + unknownMs),
  };
}
