import type { AlertService } from '../../alerts/index.ts';
import { InputError, PROFILES, type TimeSource } from '../../domain/index.ts';
import type { Readings } from '../../storage/index.ts';
import type { ShipmentRecord, TraceQueries, UnitRecord } from '../../trace/index.ts';
import {
  type EtaView,
  formatTime,
  type ProfileView,
  type ShipmentDetail,
  type ShipmentView,
  standing,
  type UnitView,
  WAITING_KINDS,
  type Waiting,
  worstCondition,
} from '../api/index.ts';
import { type Arrivals, stopsOf } from './arrivals.ts';
import { Conditions } from './conditions.ts';
import { type Directory, placeRef, placeRefOrNull, type Registered } from './directory.ts';
import type { WaitingGoods } from './waiting-goods.ts';

export interface ShipmentViewsOptions {
  readonly alertService: AlertService;
  readonly directory: Directory;
  readonly readings: Readings;
  readonly trace: TraceQueries;
  readonly time: TimeSource;
  readonly waitingGoods: WaitingGoods;
  readonly arrivals: Arrivals;
}

/** Shipments and serials as people watch them: what trace knows, with live conditions and open alerts. */
export class ShipmentViews {
  readonly #options: ShipmentViewsOptions;

  constructor(options: ShipmentViewsOptions) {
    this.#options = options;
  }

  /** @throws {InputError} SHIPMENT_UNKNOWN */
  async detail(id: string): Promise<ShipmentDetail> {
    const shipment = await this.#options.trace.shipment(id);
    const [view] = shipment === null ? [] : await this.of([shipment]);
    if (shipment === null || view === undefined) {
      throw new InputError('SHIPMENT_UNKNOWN', `there is no shipment ${id}`, { shipment: id });
    }
    const { arrivals, directory, trace } = this.#options;
    const [events, usual] = await Promise.all([trace.siteEvents([id]), arrivals.usualStops(shipment)]);
    return {
      ...view,
      stops: stopsOf(events.get(id) ?? [], await directory.registered(), usual),
      products: shipment.products.map((product) => ({ ...product })),
    };
  }

  async devicesOf(id: string): Promise<readonly string[]> {
    const shipment = await this.#options.trace.shipment(id);
    return shipment === null ? [] : devicesIn(shipment);
  }

  async of(shipments: readonly ShipmentRecord[]): Promise<ShipmentView[]> {
    const { alertService, arrivals, directory, readings, time, waitingGoods } = this.#options;
    const registered = await directory.registered();
    const [conditions, waiting, etas] = await Promise.all([
      Conditions.look(shipments.flatMap(devicesIn), { alertService, readings, registered, time }),
      waitingGoods.of(shipments),
      arrivals.of(shipments, registered),
    ]);
    return shipments.map((shipment) =>
      viewOf(
        shipment,
        { registered, conditions },
        {
          waiting: waiting.get(shipment.id) ?? [],
          eta: etas.get(shipment.id) ?? null,
        },
      ),
    );
  }
}

interface Seen {
  readonly registered: Registered;
  readonly conditions: Conditions;
}

/** What is known of one shipment besides. */
interface Known {
  readonly waiting: readonly Waiting[];
  readonly eta: EtaView | null;
}

function viewOf(shipment: ShipmentRecord, seen: Seen, { waiting: others, eta }: Known): ShipmentView {
  const { registered, conditions } = seen;
  const profile = profileView(shipment.profile);
  const units = shipment.units.map((unit) => unitView(unit, shipment.id, profile, seen));
  const measured = units.filter(({ devices }) => devices.length > 0);
  const heard = devicesIn(shipment).map((device) => conditions.lastHeard(device) ?? 0);
  const lastHeard = Math.max(0, ...heard);
  const pending = conditions.pending((one) => one.shipment === shipment.id);
  const undecided = conditions.alertsOf(shipment.id, false);
  const alerts = undecided.critical + undecided.warning;
  const waiting: Waiting[] = [
    ...others,
    ...(pending.pending === null
      ? []
      : [{ kind: 'alert' as const, gravity: pending.pending, count: alerts, case: null }]),
  ].sort((a, b) => WAITING_KINDS.indexOf(a.kind) - WAITING_KINDS.indexOf(b.kind));
  return {
    id: shipment.id,
    state: shipment.state,
    profile,
    origin: placeRef(registered, shipment.origin),
    destination: placeRef(registered, shipment.destination),
    departs: formatTime(shipment.departs),
    arrives: formatTime(shipment.arrives),
    eta,
    lane: shipment.lane,
    carrier: shipment.carrier,
    closedAt: formatTime(shipment.closedAt),
    cancelled: shipment.cancelled === null ? null : { ...shipment.cancelled, at: formatTime(shipment.cancelled.at) },
    revision: shipment.revision,
    isNoticed: shipment.isNoticed,
    place: placeRefOrNull(registered, shipment.place),
    position: positionOf(shipment, conditions),
    units,
    unitCount: units.length,
    serialCount: shipment.serialCount,
    condition: standing(worstCondition(measured.map(({ condition }) => condition)), pending, waiting),
    waiting,
    openAlerts: conditions.alertsOf(shipment.id, true),
    undecidedAlerts: undecided,
    lastHeard: lastHeard === 0 ? null : formatTime(lastHeard),
  };
}

function unitView(
  unit: UnitRecord,
  shipment: string,
  profile: ProfileView,
  { registered, conditions }: Seen,
): UnitView {
  return {
    epc: unit.epc,
    parent: unit.parent,
    serialCount: unit.serialCount,
    place: placeRefOrNull(registered, unit.place),
    devices: [...unit.devices],
    condition: conditions.worstOf(unit.devices, profile, shipment),
  };
}

/** Metric codes (domain/metric.ts). */
const LATITUDE = 9;
const LONGITUDE = 10;

/** The latest fix of a logger that goes with it: latitude and longitude of one time. */
function positionOf(shipment: ShipmentRecord, conditions: Conditions): ShipmentView['position'] {
  let last: { readonly at: number; readonly view: NonNullable<ShipmentView['position']> } | null = null;
  for (const device of devicesIn(shipment)) {
    const latest = conditions.latestOf(device);
    const latitude = latest.find(({ metric }) => metric === LATITUDE);
    const longitude = latest.find(({ metric }) => metric === LONGITUDE);
    if (latitude === undefined || longitude === undefined || latitude.time !== longitude.time) continue;
    if (last !== null && last.at >= latitude.time) continue;
    const view = { latitude: latitude.value, longitude: longitude.value, at: formatTime(latitude.time), device };
    last = { at: latitude.time, view };
  }
  return last?.view ?? null;
}

function devicesIn(shipment: ShipmentRecord): string[] {
  return [...new Set(shipment.units.flatMap(({ devices }) => devices))];
}

/** A profile by its id; one that is not built in has no limits to judge by. */
export function profileView(id: string): ProfileView {
  const { name = id, min = null, max = null } = PROFILES.find((profile) => profile.id === id) ?? {};
  return { id, name, min, max };
}
