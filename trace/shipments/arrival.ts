import { quantile } from './quantile.ts';

/** Below so many journeys a forecast says more about chance than about the lane. */
export const LEAST_JOURNEYS = 20;

/** Doors of a site that a shipment passed, by its last unit through; times epoch ms UTC. */
export interface SiteEvent {
  readonly site: string;
  readonly direction: 'in' | 'out';
  readonly at: number;
}

/** A journey that came to its end. */
export interface PastJourney {
  /** When it left; where nobody saw it leave, when it was to. */
  readonly leftAt: number;
  readonly receivedAt: number;
  readonly events: readonly SiteEvent[];
}

/** A shipment under way. */
export interface RunningJourney {
  readonly origin: string;
  readonly leftAt: number;
  /** Whether somebody saw it leave. */
  readonly isSeenLeaving: boolean;
  /** When it is to arrive; null: nobody says. */
  readonly arrives: number | null;
  readonly events: readonly SiteEvent[];
}

/** When a shipment arrives, as the journeys of its lane say; times epoch ms UTC. */
export interface Arrival {
  /** The middle one, and where the middle 80 of 100 lie; null: too few journeys to say. */
  readonly at: number | null;
  readonly from: number | null;
  readonly to: number | null;
  /** How many journeys it rests on. */
  readonly journeys: number;
  /** How many of these had arrived after as long as this one is under way. */
  readonly arrivedByNow: number;
  /** What share arrives later than this one is to; null as `at`, or where nobody says when it is to. */
  readonly lateShare: number | null;
  /** From where on it is reckoned. */
  readonly since: SiteEvent & { readonly isSeen: boolean };
}

/**
 * Reckons from the last door that the shipment passed with how long other journeys of the lane took from there; where too
 * few passed there, from its leaving. Only journeys that took longer than this one already does say when it will arrive:
 * a late shipment is not forecast into the past. Pure.
 */
export function arrivalOf(running: RunningJourney, past: readonly PastJourney[], now: number): Arrival {
  const leaving = {
    ...{ site: running.origin, direction: 'out' as const, at: running.leftAt, isSeen: running.isSeenLeaving },
  };
  const last = running.events.toSorted((a, b) => a.at - b.at).at(-1);
  if (last !== undefined && last.at > running.leftAt) {
    const samples = past.flatMap(({ events, receivedAt }) => {
      const there = events.find(({ site, direction }) => site === last.site && direction === last.direction);
      return there === undefined || there.at > receivedAt ? [] : [receivedAt - there.at];
    });
    if (samples.length >= LEAST_JOURNEYS) return forecast(samples, { ...last, isSeen: true }, running.arrives, now);
  }
  const samples = past.flatMap(({ leftAt, receivedAt }) => (receivedAt > leftAt ? [receivedAt - leftAt] : []));
  return forecast(samples, leaving, running.arrives, now);
}

function forecast(samples: readonly number[], since: Arrival['since'], arrives: number | null, now: number): Arrival {
  const left = samples.filter((ms) => since.at + ms > now).sort((a, b) => a - b);
  const known = { journeys: samples.length, arrivedByNow: samples.length - left.length, since };
  if (left.length < LEAST_JOURNEYS) return { ...known, at: null, from: null, to: null, lateShare: null };
  return {
    ...known,
    at: since.at + quantile(left, 0.5),
    from: since.at + quantile(left, 0.1),
    to: since.at + quantile(left, 0.9),
    lateShare: arrives === null ? null : left.filter((ms) => since.at + ms > arrives).length / left.length,
  };
}
