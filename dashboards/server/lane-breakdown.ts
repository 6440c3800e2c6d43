import { type JourneyExcursion, LEAST_TRIES, type Proportion, proportion, wilson } from '../../alerts/index.ts';
import { type LaneTravel, quantile, stopKey, type TravelLeg } from '../../trace/index.ts';

/** A journey with all that it is counted by. */
export interface LaneJourney {
  readonly travel: LaneTravel;
  readonly legs: readonly TravelLeg[];
  /** Each with the key of the leg that it began on. */
  readonly excursions: readonly PlacedExcursion[];
  /** Share of time near a limit, 0 to 1; null: not known. */
  readonly nearShare: number | null;
  /** Types of the loggers that went along. */
  readonly deviceKeys: readonly string[];
}

export interface PlacedExcursion {
  readonly alert: string;
  readonly leg: string;
}

/** What is said of journeys that have something in common. Durations ms. */
export interface JourneyFigures {
  readonly journeys: number;
  readonly withExcursion: number;
  readonly excursions: number;
  readonly rate: Proportion | null;
  /** null: fewer than {@link LEAST_TRIES}. */
  readonly duration: Spread | null;
  readonly near: { readonly share: number; readonly journeys: number } | null;
}

export interface Spread {
  readonly p10: number;
  readonly median: number;
  readonly p90: number;
}

export type LanePart = 'leg' | 'season' | 'carrier' | 'device';

/** One value that journeys have in common, with the journeys that have it. */
export interface PartOfLane extends JourneyFigures {
  readonly key: string;
  readonly of: readonly LaneJourney[];
}

/** What nobody says of a carrier goes by. */
export const NO_CARRIER = '';

/** Where on its way an excursion began: at the site that its device was at, else on the leg of that time. */
export function placeExcursion({ alert, from, site }: JourneyExcursion, legs: readonly TravelLeg[]): PlacedExcursion {
  if (site !== null) return { alert, leg: stopKey(site) };
  const leg = legs.findLast((one) => one.from <= from) ?? legs[0];
  return { alert, leg: leg?.key ?? '' };
}

/** By which values of a part a journey counts. A leg counts where it was travelled, or an excursion began there. */
export function keysOf(part: LanePart, { travel, legs, excursions, deviceKeys }: LaneJourney): readonly string[] {
  if (part === 'leg') return [...new Set([...legs.map(({ key }) => key), ...excursions.map(({ leg }) => leg)])];
  if (part === 'season') return [String(Math.floor(new Date(travel.leftAt).getUTCMonth() / 3) + 1)];
  return part === 'carrier' ? [travel.carrier ?? NO_CARRIER] : deviceKeys;
}

/** Excursions of a journey that count for a value of a part: of a leg those that began there. */
export function excursionsOf({ excursions }: LaneJourney, part?: LanePart, key?: string): readonly PlacedExcursion[] {
  return part === 'leg' && key !== undefined ? excursions.filter(({ leg }) => leg === key) : excursions;
}

/** The worst first: by the lower end of the interval of its rate, which few journeys keep low. Pure. */
export function partsOf(part: LanePart, journeys: readonly LaneJourney[]): PartOfLane[] {
  const byKey = new Map<string, LaneJourney[]>();
  for (const journey of journeys) {
    for (const key of keysOf(part, journey)) {
      const all = byKey.get(key);
      if (all === undefined) byKey.set(key, [journey]);
      else all.push(journey);
    }
  }
  return [...byKey]
    .map(([key, of]) => ({ key, of, ...figuresOf(of, part, key) }))
    .sort(
      (a, b) =>
        leastRate(b) - leastRate(a) ||
        b.withExcursion - a.withExcursion ||
        b.journeys - a.journeys ||
        (a.key < b.key ? -1 : 1),
    );
}

/** @param part with `key`: of which value, so that of a leg its own excursions and its own duration count */
export function figuresOf(of: readonly LaneJourney[], part?: LanePart, key?: string): JourneyFigures {
  const counts = of.map((journey) => excursionsOf(journey, part, key).length);
  const withExcursion = counts.filter((count) => count > 0).length;
  const known = of.flatMap(({ nearShare }) => (nearShare === null ? [] : [nearShare]));
  return {
    ...{ journeys: of.length, withExcursion, excursions: counts.reduce((sum, count) => sum + count, 0) },
    rate: proportion(withExcursion, of.length),
    duration: spreadOf(of.flatMap((journey) => durationOf(journey, part === 'leg' ? key : undefined))),
    near:
      known.length < LEAST_TRIES
        ? null
        : { share: known.reduce((sum, share) => sum + share, 0) / known.length, journeys: known.length },
  };
}

function durationOf({ travel: { leftAt, receivedAt }, legs }: LaneJourney, leg: string | undefined): number[] {
  if (leg === undefined) return receivedAt !== null && receivedAt > leftAt ? [receivedAt - leftAt] : [];
  // A leg that is travelled twice counts each time; one whose end nobody saw does not.
  return legs.flatMap(({ key, from, to }) => (key === leg && to !== null && to > from ? [to - from] : []));
}

function spreadOf(durations: readonly number[]): Spread | null {
  if (durations.length < LEAST_TRIES) return null;
  const sorted = durations.toSorted((a, b) => a - b);
  return { p10: quantile(sorted, 0.1), median: quantile(sorted, 0.5), p90: quantile(sorted, 0.9) };
}

/** Of few journeys as of many: only the order rests on it. */
function leastRate({ withExcursion, journeys }: JourneyFigures): number {
  return withExcursion === 0 ? 0 : wilson(withExcursion, journeys).low;
}
