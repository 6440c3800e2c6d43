import { LEAST_JOURNEYS, type SiteEvent } from './arrival.ts';
import { quantile } from './quantile.ts';

/** A part of a journey, as doors saw it: a stop at a site, or the way between two. Epoch ms UTC; `to` null: it goes on. */
export interface TravelLeg {
  /** Equal for the same part of all journeys of a lane. */
  readonly key: string;
  /** Of a stop its site twice. */
  readonly origin: string;
  readonly destination: string;
  readonly from: number;
  readonly to: number | null;
}

export interface Travelled {
  readonly origin: string;
  readonly destination: string;
  readonly leftAt: number;
  /** null: not yet. */
  readonly receivedAt: number | null;
  readonly events: readonly SiteEvent[];
}

/** How long journeys of a lane stood at a site, ms. */
export interface UsualStop {
  readonly site: string;
  /** Journeys that stood there, with both ends seen. */
  readonly journeys: number;
  /** null: fewer than {@link LEAST_JOURNEYS}. */
  readonly duration: { readonly p10: number; readonly median: number; readonly p90: number } | null;
}

export function stopKey(site: string): string {
  return `at ${site}`;
}

/**
 * From leaving to receipt, without holes: a site begins with its last unit in, and ends with its last unit out; where no
 * door saw it come, it is passed when it is left. What doors saw before leaving or after receipt is none of it. Pure.
 */
export function travelLegs({ origin, destination, leftAt, receivedAt, events }: Travelled): TravelLeg[] {
  const legs: TravelLeg[] = [];
  let at = origin;
  let since = leftAt;
  let stands = false;
  const stop = (to: number | null) => legs.push({ key: stopKey(at), origin: at, destination: at, from: since, to });
  const way = (site: string, from: number, to: number | null) =>
    legs.push({ key: `${at}>${site}`, origin: at, destination: site, from, to });
  for (const { site, direction, at: time } of events.toSorted((a, b) => a.at - b.at)) {
    if (time <= leftAt || time > (receivedAt ?? Number.POSITIVE_INFINITY)) continue;
    if (stands) {
      if (direction === 'in' && site === at) continue;
      stop(time);
      // Nobody saw it go: the way took no time that is known.
      if (site !== at) way(site, time, time);
    } else if (direction === 'in' || site !== at) way(site, since, time);
    else continue;
    [at, since, stands] = [site, time, direction === 'in'];
  }
  if (receivedAt !== null && since >= receivedAt && legs.length > 0) return legs;
  if (stands) stop(receivedAt);
  else way(destination, since, receivedAt);
  return legs;
}

/** Stops of past journeys by site, of all from coming in to going out. The site with most of them first. Pure. */
export function usualStops(journeys: readonly { readonly events: readonly SiteEvent[] }[]): UsualStop[] {
  const stood = new Map<string, number[]>();
  for (const { events } of journeys) {
    for (const { site, direction, at } of events) {
      if (direction !== 'in') continue;
      const out = events.find((one) => one.site === site && one.direction === 'out');
      // It went out before it came in: it came back.
      if (out === undefined || out.at < at) continue;
      const all = stood.get(site);
      if (all === undefined) stood.set(site, [out.at - at]);
      else all.push(out.at - at);
    }
  }
  return [...stood]
    .map(([site, durations]) => ({ site, journeys: durations.length, duration: middleOf(durations) }))
    .sort((a, b) => b.journeys - a.journeys || (a.site < b.site ? -1 : 1));
}

function middleOf(durations: readonly number[]): UsualStop['duration'] {
  if (durations.length < LEAST_JOURNEYS) return null;
  const sorted = durations.toSorted((a, b) => a - b);
  return { p10: quantile(sorted, 0.1), median: quantile(sorted, 0.5), p90: quantile(sorted, 0.9) };
}
