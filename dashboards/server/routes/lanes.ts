import { type Lane, lanes, proportion } from '../../../alerts/index.ts';
import { InputError } from '../../../domain/index.ts';
import { afterOf } from '../../../storage/index.ts';
import { formatTime, type LaneView, LONGEST_LANES_MS, laneOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { placeRef, placeRefOrNull, type Registered } from '../directory.ts';
import { rateView } from '../lane-views.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

const YEAR_MS = 365 * 86_400_000;
const HOUR_MS = 3_600_000;

/** What usually happens on each way that shipments take. */
export function laneRoutes({ directory, laneViews, reads, time }: Services) {
  const periodOf = (asked: { readonly from?: number | undefined; readonly to?: number | undefined }) => {
    const to = asked.to ?? time.now();
    const from = asked.from ?? to - YEAR_MS;
    if (from >= to || to - from > LONGEST_LANES_MS)
      throw new InputError('LANES_PERIOD', 'from: given one that is not before to, or more than three years before it');
    return { from, to };
  };
  return [
    mount(laneOperations.list, async ({ query }) => {
      const { from, to } = periodOf(query);
      const [registered, found] = await Promise.all([directory.registered(), lanes(reads, { from, to })]);
      return ok({ from: formatTime(from), to: formatTime(to), items: found.map((one) => laneView(registered, one)) });
    }),
    mount(laneOperations.detail, async ({ query }) => ok(await laneViews.detail({ ...query, ...periodOf(query) }))),
    mount(laneOperations.journeys, async ({ query }) => {
      const after = afterOf(query, ['time', 'text']);
      return ok(await laneViews.journeys({ ...query, ...periodOf(query), after }));
    }),
  ];
}

function laneView(registered: Registered, { origin, destination, duration, late, promised, ...lane }: Lane): LaneView {
  return {
    ...{ origin: placeRef(registered, origin), destination: placeRef(registered, destination) },
    ...{ journeys: lane.journeys, received: lane.received, late: { journeys: late, of: promised } },
    hours:
      duration === null ? null : { p10: hours(duration.p10), median: hours(duration.median), p90: hours(duration.p90) },
    ...{ withExcursion: lane.withExcursion, excursions: lane.excursions },
    rate: rateOf(lane.withExcursion, lane.journeys),
    legs: lane.legs.map(({ site, shipments, excursions, evidence }) => ({
      ...{ site: placeRefOrNull(registered, site), journeys: shipments, excursions, evidence: [...evidence] },
      rate: rateOf(shipments, lane.journeys),
    })),
    quarters: lane.quarters.map((one) => ({ ...one, rate: rateOf(one.withExcursion, one.journeys) })),
  };
}

const rateOf = (hits: number, journeys: number) => rateView(proportion(hits, journeys));
const hours = (ms: number) => Math.round((ms / HOUR_MS) * 10) / 10;
