import type {
  BoardLane,
  BoardQuery,
  ConditionState,
  PlaceRef,
  ShipmentBoardView,
  ShipmentCard,
  ShipmentView,
} from '../api/index.ts';
import type { Registered } from './directory.ts';

/** Of each state so many stand on the board; the others are in the list. */
const FIRST = 6;
const STATES: readonly ConditionState[] = ['excursion', 'warning', 'unknown', 'inRange'];
const LIKELY = 0.5;

/** Shipments, the most urgent first, laid out by lane and state, with where sites and loggers are. Pure. */
export function boardOf(
  shipments: readonly ShipmentView[],
  { condition }: BoardQuery,
  { places }: Registered,
): Omit<ShipmentBoardView, 'elsewhere'> {
  const counts = noCounts();
  const lanes = new Map<string, BoardLane>();
  const sites = new Map<string, PlaceRef>();
  const positions: ShipmentBoardView['positions'] = [];
  for (const shipment of shipments) {
    const { state } = shipment.condition;
    counts[state]++;
    if (condition !== undefined && state !== condition) continue;
    const { origin, destination, place, position } = shipment;
    for (const one of [origin, destination]) sites.set(one.id, one);
    if (place?.id.startsWith('site:') === true) sites.set(place.id, place);
    const key = `${origin.id}\n${destination.id}`;
    const lane = lanes.get(key) ?? { origin, destination, counts: noCounts(), likelyLate: 0, first: [] };
    lane.counts[state]++;
    if ((shipment.eta?.lateShare ?? 0) >= LIKELY) lane.likelyLate++;
    if (lane.counts[state] <= FIRST) lane.first.push(cardOf(shipment));
    lanes.set(key, lane);
    if (position !== null) {
      const { at, device, ...where } = position;
      positions.push({ shipment: shipment.id, device, state, position: where, at });
    }
  }
  return {
    counts,
    lanes: [...lanes.values()].sort(byUrgency),
    sites: [...sites.values()].map((place) => ({ place, position: places.get(place.id)?.position ?? null })),
    positions,
  };
}

function cardOf({ id, condition, place, eta, arrives }: ShipmentView): ShipmentCard {
  return { id, condition, place, eta, arrives };
}

function noCounts(): Record<ConditionState, number> {
  return { excursion: 0, warning: 0, unknown: 0, inRange: 0 };
}

function byUrgency(a: BoardLane, b: BoardLane): number {
  for (const state of STATES) if (a.counts[state] !== b.counts[state]) return b.counts[state] - a.counts[state];
  return `${a.origin.name} ${a.destination.name}`.localeCompare(`${b.origin.name} ${b.destination.name}`);
}
