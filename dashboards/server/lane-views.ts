import { journeyExcursions } from '../../alerts/index.ts';
import { InputError, type TimeSource } from '../../domain/index.ts';
import { type Page, pageOf, type ReadDatabase, type Readings } from '../../storage/index.ts';
import { type LaneTravel, stopKey, type TraceQueries, travelLegs, usualStops } from '../../trace/index.ts';
import {
  formatTime,
  LANE_PARTS,
  type LaneDetailView,
  type LaneJourneyView,
  type LaneView,
  MOST_LANE_JOURNEYS,
  MOST_NEAR_JOURNEYS,
} from '../api/index.ts';
import { type Directory, placeRef, type Registered } from './directory.ts';
import {
  excursionsOf,
  figuresOf,
  type JourneyFigures,
  keysOf,
  type LaneJourney,
  type LanePart,
  NO_CARRIER,
  partsOf,
  placeExcursion,
  type Spread,
} from './lane-breakdown.ts';
import { nearLimits } from './near-limits.ts';
import type { ReadingQualities } from './reading-qualities.ts';
import { profileView } from './shipment-views.ts';

export interface LaneViewsOptions {
  readonly database: ReadDatabase;
  readonly directory: Directory;
  readonly qualities: ReadingQualities;
  readonly readings: Readings;
  readonly trace: TraceQueries;
  readonly time: TimeSource;
}

/** One lane, and when its shipments left: [from, to), epoch ms UTC. */
export interface LaneAsked {
  readonly origin: string;
  readonly destination: string;
  readonly from: number;
  readonly to: number;
}

export interface JourneysAsked extends LaneAsked {
  readonly by?: LanePart | undefined;
  readonly key?: string | undefined;
  readonly only?: 'excursion' | 'late' | undefined;
  readonly limit: number;
  /** After the journey that left then and has this id. */
  readonly after: readonly [number, string] | null;
}

interface Kept {
  readonly at: number;
  readonly journeys: Promise<readonly LaneJourney[]>;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** The figures of a page and the journeys behind them are of one look. */
const FRESH_MS = 5_000;
const MOST_KEPT = 8;
/** Loggers looked at together. */
const AT_ONCE = 4;

/** One lane in its parts, and the journeys behind each figure: both counted from the same list. */
export class LaneViews {
  readonly #options: LaneViewsOptions;
  readonly #kept = new Map<string, Kept>();

  constructor(options: LaneViewsOptions) {
    this.#options = options;
  }

  async detail(asked: LaneAsked): Promise<LaneDetailView> {
    const { directory } = this.#options;
    const [registered, journeys] = await Promise.all([directory.registered(), this.#journeys(asked)]);
    const place = (id: string) => placeRef(registered, id);
    const received = journeys.filter(({ travel }) => travel.receivedAt !== null);
    const promised = received.filter(({ travel }) => travel.arrives !== null);
    const carriers = partsOf('carrier', journeys);
    return {
      ...{ from: formatTime(asked.from), to: formatTime(asked.to) },
      ...{ origin: place(asked.origin), destination: place(asked.destination), key: '' },
      ...groupView(figuresOf(journeys)),
      received: received.length,
      late: { journeys: promised.filter(isLate).length, of: promised.length },
      isWhole: journeys.length < MOST_LANE_JOURNEYS,
      stops: usualStops(journeys.map(({ travel }) => travel))
        .filter(({ site }) => site !== asked.origin && site !== asked.destination)
        .map(({ site, journeys: count, duration }) => ({
          ...{ place: place(site), journeys: count },
          minutes: duration === null ? null : inUnits(duration, MINUTE_MS),
        })),
      legs: partsOf('leg', journeys).map(({ key, of, ...figures }) => {
        const isStop = key.startsWith(stopKey(''));
        const [origin = '', destination = origin] = isStop ? [key.slice(stopKey('').length)] : key.split('>');
        return {
          key,
          kind: isStop ? 'stop' : 'way',
          ...groupView(figures),
          origin: place(origin),
          destination: place(destination),
        };
      }),
      seasons: partsOf('season', journeys).map(({ key, of, ...figures }) => ({
        ...{ key, ...groupView(figures), quarter: Number(key) },
      })),
      carriers: carriers.map(({ key, of, ...figures }) => ({
        ...{ key, ...groupView(figures), carrier: key === NO_CARRIER ? null : key },
      })),
      devices: partsOf('device', journeys).map(({ key, of, ...figures }) => {
        const [kind = '', sensor = null] = key.split(' ');
        return { key, ...groupView(figures), kind, sensor };
      }),
    };
  }

  async journeys({ by, key, only, limit, after, ...asked }: JourneysAsked): Promise<Page<LaneJourneyView>> {
    if ((by === undefined) !== (key === undefined))
      throw new InputError(
        'LANE_PART',
        `by and key belong together: by one of ${LANE_PARTS.join(', ')}, key as its figure has`,
      );
    const all = await this.#journeys(asked);
    const chosen = all.filter((journey) => {
      if (by !== undefined && key !== undefined && !keysOf(by, journey).includes(key)) return false;
      if (only === 'late') return isLate(journey);
      return only === undefined || excursionsOf(journey, by, key).length > 0;
    });
    const rest = chosen.filter(({ travel: { leftAt, id } }) => after === null || isAfter([leftAt, id], after));
    const { items, nextCursor } = pageOf(rest, limit, ({ travel: { leftAt, id } }) => [leftAt, id]);
    return { items: items.map((journey) => journeyView(journey, by, key)), nextCursor };
  }

  #journeys(asked: LaneAsked): Promise<readonly LaneJourney[]> {
    const now = this.#options.time.now();
    // A page that asks for "the last 90 days" asks for another millisecond each time.
    const key = JSON.stringify([asked.origin, asked.destination, minuteOf(asked.from), minuteOf(asked.to)]);
    const kept = this.#kept.get(key);
    if (kept !== undefined && now >= kept.at && now - kept.at < FRESH_MS) return kept.journeys;
    const journeys = this.#look(asked);
    this.#kept.delete(key);
    this.#kept.set(key, { at: now, journeys });
    journeys.catch(() => this.#kept.delete(key));
    for (const oldest of this.#kept.keys()) if (this.#kept.size > MOST_KEPT) this.#kept.delete(oldest);
    return journeys;
  }

  async #look(asked: LaneAsked): Promise<readonly LaneJourney[]> {
    const { database, directory, trace } = this.#options;
    const travels = await trace.laneTravels({ ...asked, limit: MOST_LANE_JOURNEYS });
    const [registered, excursions] = await Promise.all([
      directory.registered(),
      journeyExcursions(
        database,
        travels.map(({ id }) => id),
      ),
    ]);
    const near = await this.#nearShares(travels.slice(0, MOST_NEAR_JOURNEYS));
    return travels.map((travel) => {
      const legs = travelLegs(travel);
      return {
        ...{ travel, legs, nearShare: near.get(travel.id) ?? null },
        excursions: (excursions.get(travel.id) ?? []).map((one) => placeExcursion(one, legs)),
        deviceKeys: [...new Set(travel.devices.map(({ device }) => typeOf(registered, device)))],
      };
    });
  }

  async #nearShares(travels: readonly LaneTravel[]): Promise<ReadonlyMap<string, number>> {
    const { time } = this.#options;
    const asked = travels.flatMap(({ id, profile, devices }) => {
      const { min, max } = profileView(profile);
      return devices.map(({ device, from, to }) => ({ id, device, from, to: to ?? time.now(), min, max }));
    });
    const sums = new Map<string, { minutes: number; near: number }>();
    for (let first = 0; first < asked.length; first += AT_ONCE) {
      const some = asked.slice(first, first + AT_ONCE);
      const found = await Promise.all(some.map((one) => nearLimits(one, this.#options)));
      for (const [index, { minutes, near }] of found.entries()) {
        const id = some[index]?.id ?? '';
        const sum = sums.get(id) ?? { minutes: 0, near: 0 };
        sums.set(id, { minutes: sum.minutes + minutes, near: sum.near + near });
      }
    }
    return new Map([...sums].flatMap(([id, { minutes, near }]) => (minutes === 0 ? [] : [[id, near / minutes]])));
  }
}

/** `logger`, or with the kind of its sensor where that is registered: `logger ds18b20`. */
function typeOf({ devices }: Registered, id: string): string {
  const device = devices.get(id);
  if (device === undefined) return 'unregistered';
  const { sensor } = device.context;
  return sensor === undefined ? device.kind : `${device.kind} ${sensor.replaceAll(' ', '-')}`;
}

function isLate({ travel: { arrives, receivedAt } }: LaneJourney): boolean {
  return receivedAt !== null && arrives !== null && receivedAt > arrives;
}

function isAfter([left, id]: readonly [number, string], [lastLeft, lastId]: readonly [number, string]): boolean {
  return left < lastLeft || (left === lastLeft && id > lastId);
}

function groupView({ duration, near, rate, ...counts }: JourneyFigures) {
  return {
    ...counts,
    rate: rateView(rate),
    hours: duration === null ? null : inUnits(duration, HOUR_MS),
    near: near === null ? null : { ...near, share: Math.round(near.share * 1_000) / 1_000 },
  };
}

/** Of 1,000, to a tenth. */
export function rateView(found: JourneyFigures['rate']): LaneView['rate'] {
  if (found === null) return null;
  return { per1000: thousandth(found.share), low: thousandth(found.low), high: thousandth(found.high) };
}

function journeyView(journey: LaneJourney, by: LanePart | undefined, key: string | undefined): LaneJourneyView {
  const { travel, nearShare } = journey;
  const { id, leftAt, receivedAt, arrives, carrier, devices } = travel;
  return {
    ...{ id, left: formatTime(leftAt), received: formatTime(receivedAt), carrier },
    hours: receivedAt === null ? null : Math.round(((receivedAt - leftAt) / HOUR_MS) * 10) / 10,
    lateMinutes: receivedAt === null || arrives === null ? null : Math.round((receivedAt - arrives) / MINUTE_MS),
    nearShare: nearShare === null ? null : Math.round(nearShare * 1_000) / 1_000,
    devices: [...new Set(devices.map(({ device }) => device))],
    alerts: [...new Set(excursionsOf(journey, by, key).map(({ alert }) => alert))],
  };
}

function inUnits({ p10, median, p90 }: Spread, unit: number): Spread {
  const tenth = (ms: number) => Math.round((ms / unit) * 10) / 10;
  return { p10: tenth(p10), median: tenth(median), p90: tenth(p90) };
}

const thousandth = (share: number) => Math.round(share * 10_000) / 10;
const minuteOf = (ms: number) => Math.floor(ms / MINUTE_MS);
