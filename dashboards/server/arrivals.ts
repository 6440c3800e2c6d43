import type { TimeSource } from '../../domain/index.ts';
import {
  arrivalOf,
  type LaneEnds,
  LEAST_JOURNEYS,
  laneKey,
  type PastJourney,
  type ShipmentRecord,
  type SiteEvent,
  type TraceQueries,
  type UsualStop,
  usualStops,
} from '../../trace/index.ts';
import { type EtaView, formatTime, type StopView } from '../api/index.ts';
import { placeRef, type Registered } from './directory.ts';

export interface ArrivalsOptions {
  readonly trace: TraceQueries;
  readonly time: TimeSource;
}

/** What a year of a lane says does not change with one journey more, ms. */
const FRESH_MS = 300_000;
/** Of a lane with few journeys each one more does, and they are quickly looked up, ms. */
const FRESH_FEW_MS = 5_000;
const YEAR_MS = 365 * 86_400_000;
const MINUTE_MS = 60_000;
/** Lanes that are remembered. */
const MOST_LANES = 5_000;

interface Kept {
  readonly at: number;
  readonly journeys: readonly PastJourney[];
}

/** When shipments under way arrive; the past journeys of a lane are looked up every few minutes. */
export class Arrivals {
  readonly #options: ArrivalsOptions;
  readonly #lanes = new Map<string, Kept>();

  constructor(options: ArrivalsOptions) {
    this.#options = options;
  }

  /** Of those under way. */
  async of(shipments: readonly ShipmentRecord[], registered: Registered): Promise<ReadonlyMap<string, EtaView>> {
    const { time, trace } = this.#options;
    const under = shipments.filter(({ state }) => state === 'in transit');
    if (under.length === 0) return new Map();
    const now = time.now();
    const [, events] = await Promise.all([this.#know(under, now), trace.siteEvents(under.map(({ id }) => id))]);
    return new Map(
      under.map((shipment) => {
        const { arrives, departs, leftAt, origin } = shipment;
        const arrival = arrivalOf(
          {
            ...{ origin, arrives, isSeenLeaving: leftAt !== null, leftAt: leftAt ?? departs },
            events: events.get(shipment.id) ?? [],
          },
          this.#lanes.get(laneKey(shipment))?.journeys ?? [],
          now,
        );
        const { at, from, to, since, ...counts } = arrival;
        const eta: EtaView = {
          ...counts,
          ...{ at: formatTime(at), from: formatTime(from), to: formatTime(to) },
          delayMinutes: at === null || arrives === null ? null : Math.round((at - arrives) / MINUTE_MS),
          since: {
            place: placeRef(registered, since.site),
            ...{ direction: since.direction, at: formatTime(since.at), isSeen: since.isSeen },
          },
        };
        return [shipment.id, eta] as const;
      }),
    );
  }

  /** How long past journeys of this lane stood where they stood. */
  async usualStops(lane: LaneEnds): Promise<readonly UsualStop[]> {
    await this.#know([lane], this.#options.time.now());
    return usualStops(this.#lanes.get(laneKey(lane))?.journeys ?? []);
  }

  async #know(lanes: readonly LaneEnds[], now: number): Promise<void> {
    const stale = new Map<string, LaneEnds>();
    for (const lane of lanes) {
      const kept = this.#lanes.get(laneKey(lane));
      const freshMs = (kept?.journeys.length ?? 0) < LEAST_JOURNEYS ? FRESH_FEW_MS : FRESH_MS;
      if (kept === undefined || now - kept.at >= freshMs || kept.at > now) stale.set(laneKey(lane), lane);
    }
    if (stale.size === 0) return;
    const found = await this.#options.trace.laneJourneys([...stale.values()], now - YEAR_MS);
    for (const key of stale.keys()) {
      this.#lanes.delete(key);
      this.#lanes.set(key, { at: now, journeys: found.get(key) ?? [] });
    }
    for (const key of this.#lanes.keys()) {
      if (this.#lanes.size <= MOST_LANES) return;
      this.#lanes.delete(key);
    }
  }
}

/** Where a shipment stood, in the order it came there, and how long is usual there. */
export function stopsOf(
  events: readonly SiteEvent[],
  registered: Registered,
  usual: readonly UsualStop[] = [],
): StopView[] {
  const bySite = Map.groupBy(events, ({ site }) => site);
  const stops = [...bySite].map(([site, own]) => {
    const from = own.find(({ direction }) => direction === 'in')?.at ?? null;
    const out = own.find(({ direction }) => direction === 'out')?.at ?? null;
    // It went out before it came in: it came back, and stands there.
    const to = from !== null && out !== null && out < from ? null : out;
    return { site, from, to, first: Math.min(...own.map(({ at }) => at)) };
  });
  return stops
    .sort((a, b) => a.first - b.first)
    .map(({ site, from, to }) => ({
      place: placeRef(registered, site),
      ...{ from: formatTime(from), to: formatTime(to) },
      minutes: from === null || to === null ? null : Math.round((to - from) / MINUTE_MS),
      usual: usualView(usual.find((one) => one.site === site)),
    }));
}

function usualView(usual: UsualStop | undefined): StopView['usual'] {
  if (usual === undefined) return null;
  const { journeys, duration } = usual;
  if (duration === null) return { journeys, minutes: null };
  const [p10 = 0, median = 0, p90 = 0] = [duration.p10, duration.median, duration.p90].map((ms) =>
    Math.round(ms / MINUTE_MS),
  );
  return { journeys, minutes: { p10, median, p90 } };
}
