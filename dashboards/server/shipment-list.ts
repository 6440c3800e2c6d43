import type { SeenFrom, ShipmentState, TimeSource } from '../../domain/index.ts';
import { afterOf, cursorOf } from '../../storage/index.ts';
import type { TraceQueries } from '../../trace/index.ts';
import type { ConditionCounts, ConditionState, ShipmentQuery, ShipmentView } from '../api/index.ts';
import type { ShipmentViews } from './shipment-views.ts';

export interface ShipmentListOptions {
  readonly shipmentViews: ShipmentViews;
  readonly trace: TraceQueries;
  readonly time: TimeSource;
  /** How long what was found may be shown again, ms; 0 looks each time. */
  readonly shipmentsFreshMs?: number;
}

export interface ShipmentPage {
  readonly items: ShipmentView[];
  readonly nextCursor: string | null;
  readonly counts: ConditionCounts;
  /** How many that are not closed are at other sites. */
  readonly elsewhere: number;
}

/** Who watches many shipments filters and turns pages: the state of all of them is found once for that, ms. */
const FRESH_MS = 2_000;
/** Older than fresh, and while the next is being found, this old is still shown, ms. */
const SHOWN_MS = 15_000;
/** Shipments under way at once. Beyond, the latest departures are listed, all others found by their name. */
const MOST_OPEN = 20_000;
/** Closed shipments looked at for one page of a filter. */
const MOST_CLOSED_LOOKED_AT = 1_000;

/** A shipment with the places it is seen from. */
interface Shown {
  readonly view: ShipmentView;
  readonly seenFrom: readonly string[];
}

interface Snapshot {
  readonly at: number;
  /** Of the list, when its look began. */
  readonly generation: number;
  readonly shipments: readonly Shown[];
}

/**
 * The list of shipments: filtered, sorted and cut to a page here, not in the browser. What a shipment's state is follows
 * from live readings and alerts, so those under way are held in memory for some seconds; closed ones come from the
 * table, page by page.
 */
export class ShipmentList {
  readonly #options: ShipmentListOptions;
  #snapshot: Snapshot | null = null;
  #looking: Promise<Snapshot> | null = null;
  #lookingAt = 0;
  /** Raised by each change; a look shows what was so when it began. */
  #generation = 0;

  constructor(options: ShipmentListOptions) {
    this.#options = options;
  }

  /** Something changed: look again before the next answer. */
  forget(): void {
    this.#generation++;
  }

  /** @throws {InputError} CURSOR_INVALID */
  async page(query: ShipmentQuery, seenFrom: SeenFrom = null): Promise<ShipmentPage> {
    const { state, condition, limit, sort, show, origin, destination } = query;
    const { shipments: all } = await this.#current();
    const shipments = seenOf(all, seenFrom);
    const elsewhere = all.length - shipments.length;
    const needle = (query.q ?? '').toLowerCase();
    const fits = (shipment: ShipmentView) =>
      matches(shipment, needle) &&
      (state ?? shipment.state) === shipment.state &&
      (origin ?? shipment.origin.id) === shipment.origin.id &&
      (destination ?? shipment.destination.id) === shipment.destination.id;
    const relevant = shipments.filter(fits);
    const counts: ConditionCounts = { inRange: 0, warning: 0, excursion: 0, unknown: 0 };
    for (const shipment of relevant) counts[shipment.condition.state]++;
    const isWanted = (shipment: ShipmentView) => condition === undefined || shipment.condition.state === condition;

    const [phase, rank, at, id] = afterOf(query, ['smallint', 'smallint', 'bigint', 'text']) ?? [OPEN, -1, 0, ''];
    const after = { rank, at, id };
    const sorted = relevant
      .filter(isWanted)
      .map((shipment) => ({ shipment, key: keyOf(shipment, sort) }))
      .filter(({ key }) => phase === OPEN && compare(key, after) > 0)
      .sort((a, b) => compare(a.key, b.key));
    const items = sorted.slice(0, limit).map(({ shipment }) => shipment);
    const last = sorted[limit - 1]?.key;
    if (sorted.length > limit && last !== undefined) {
      return { items, nextCursor: cursorOf([OPEN, last.rank, last.at, last.id]), counts, elsewhere };
    }
    if (show === 'open' || (state !== undefined && !ENDED.includes(state))) {
      return { items, nextCursor: null, counts, elsewhere };
    }
    const closed = await this.#closed(limit - items.length, phase === OPEN ? null : after, seenFrom, (shipment) => {
      return isWanted(shipment) && fits(shipment);
    });
    return { items: [...items, ...closed.items], nextCursor: closed.nextCursor, counts, elsewhere };
  }

  /** All under way that fit, the most urgent first, and how many are at other sites. */
  async underWay(
    q: string,
    seenFrom: SeenFrom,
  ): Promise<{ readonly shipments: readonly ShipmentView[]; readonly elsewhere: number }> {
    const { shipments: all } = await this.#current();
    const seen = seenOf(all, seenFrom);
    const needle = q.toLowerCase();
    const shipments = seen
      .filter((shipment) => matches(shipment, needle))
      .map((shipment) => ({ shipment, key: keyOf(shipment, 'urgency') }))
      .sort((a, b) => compare(a.key, b.key))
      .map(({ shipment }) => shipment);
    return { shipments, elsewhere: all.length - seen.length };
  }

  /** Up to `wanted` closed ones; fewer where many do not fit, and the cursor goes on from there. */
  async #closed(wanted: number, after: Key | null, seenFrom: SeenFrom, fits: (shipment: ShipmentView) => boolean) {
    const { shipmentViews } = this.#options;
    const trace = seenFrom === null ? this.#options.trace : this.#options.trace.at(seenFrom);
    const items: ShipmentView[] = [];
    let cursor = after === null ? undefined : cursorOf([after.at, after.id]);
    if (wanted === 0) return { items, nextCursor: cursorOf([CLOSED, 0, BEFORE_ALL_MS, '']) };
    for (let looked = 0; looked < MOST_CLOSED_LOOKED_AT; ) {
      const page = await trace.shipments({ states: ENDED, limit: Math.max(wanted, 100), cursor });
      const views = await shipmentViews.of(page.items);
      for (const view of views) {
        if (!fits(view)) continue;
        items.push(view);
        if (items.length === wanted) return { items, nextCursor: closedCursor(view) };
      }
      looked += views.length;
      const last = views.at(-1);
      if (page.nextCursor === null || last === undefined) return { items, nextCursor: null };
      cursor = page.nextCursor;
      if (looked >= MOST_CLOSED_LOOKED_AT) return { items, nextCursor: closedCursor(last) };
    }
    return { items, nextCursor: null };
  }

  async #current(): Promise<Snapshot> {
    const { time, shipmentsFreshMs: fresh = FRESH_MS } = this.#options;
    const known = this.#snapshot;
    const age = known === null ? Number.POSITIVE_INFINITY : time.now() - known.at;
    const isShown = known !== null && known.generation === this.#generation && fresh > 0 && age >= 0;
    if (isShown && age < fresh) return known;
    const looking = this.#look();
    if (isShown && age < SHOWN_MS) {
      // The next answer has it; one that fails is asked for again, and then tells why.
      looking.catch(() => {});
      return known;
    }
    return looking;
  }

  /** One at a time; what changed since it began is looked for by the next. */
  #look(): Promise<Snapshot> {
    if (this.#looking !== null && this.#lookingAt === this.#generation) return this.#looking;
    const { shipmentViews, time, trace } = this.#options;
    const generation = this.#generation;
    this.#lookingAt = generation;
    const at = time.now();
    const looking = trace
      .openShipments(MOST_OPEN)
      .then(async (records) => {
        const views = await shipmentViews.of(records);
        return views.map((view, index) => ({ view, seenFrom: records[index]?.seenFrom ?? [] }));
      })
      .then((shipments) => {
        const snapshot = { at, generation, shipments };
        if (this.#snapshot === null || this.#snapshot.at <= at) this.#snapshot = snapshot;
        return snapshot;
      })
      .finally(() => {
        if (this.#looking === looking) this.#looking = null;
      });
    this.#looking = looking;
    return looking;
  }
}

function seenOf(shipments: readonly Shown[], seenFrom: SeenFrom): readonly ShipmentView[] {
  if (seenFrom === null) return shipments.map(({ view }) => view);
  const places = new Set(seenFrom);
  return shipments.filter((one) => one.seenFrom.some((place) => places.has(place))).map(({ view }) => view);
}

/** Later than any departure: the end of the year 9999, epoch ms. */
const BEFORE_ALL_MS = 253_402_300_799_999;
/** Nothing is expected of them any more: they come after all others. */
const ENDED: readonly ShipmentState[] = ['closed', 'cancelled'];

const OPEN = 0;
const CLOSED = 1;

interface Key {
  readonly rank: number;
  readonly at: number;
  readonly id: string;
}

const URGENCY: Readonly<Record<ConditionState, number>> = { excursion: 0, warning: 2, unknown: 4, inRange: 6 };

function keyOf(shipment: ShipmentView, sort: ShipmentQuery['sort']): Key {
  const { id, condition, undecidedAlerts } = shipment;
  const arrives = shipment.arrives === null ? Number.MAX_SAFE_INTEGER : Date.parse(shipment.arrives);
  switch (sort) {
    case 'urgency': {
      // Of those that fare the same, what somebody has to decide about comes first.
      const isUndecided = undecidedAlerts.critical + undecidedAlerts.warning + undecidedAlerts.info > 0;
      return { rank: URGENCY[condition.state] + (isUndecided ? 0 : 1), at: arrives, id };
    }
    case 'arrives':
      return { rank: 0, at: arrives, id };
    case 'departs':
      return { rank: 0, at: -Date.parse(shipment.departs), id };
    case 'id':
      return { rank: 0, at: 0, id };
  }
}

function compare(a: Key, b: Key): number {
  return a.rank - b.rank || a.at - b.at || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

function closedCursor({ departs, id }: ShipmentView): string {
  return cursorOf([CLOSED, 0, Date.parse(departs), id]);
}

function matches(shipment: ShipmentView, needle: string): boolean {
  if (needle === '') return true;
  const names = [
    ...[
      shipment.id,
      shipment.origin.name,
      shipment.destination.name,
      shipment.profile.name,
      shipment.place?.name ?? '',
    ],
    ...shipment.units.flatMap(({ devices, epc }) => [...devices, epc]),
  ];
  return names.some((name) => name.toLowerCase().includes(needle));
}
