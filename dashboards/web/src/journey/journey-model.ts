import type { ShipmentJourneyView } from '../../../api/index.ts';
import type { Extent } from './view.ts';

type Alert = ShipmentJourneyView['alerts'][number];
type Device = ShipmentJourneyView['devices'][number];
type Brief = ShipmentJourneyView['brief'][number];
type Suspect = ShipmentJourneyView['suspects'][number];
type Excused = ShipmentJourneyView['excused'][number];

/** From `from` on until `to`, epoch ms; what goes on has the end of the journey, or now. */
export interface Stretched<T> extends Extent {
  readonly what: T;
}

/** A logger over the journey. */
export interface Logger {
  readonly id: string;
  /** As people call it; with its id where two are called the same. */
  readonly label: string;
  readonly colour: number;
  readonly metrics: ReadonlySet<string>;
  /** On which unit, by time. */
  readonly on: readonly Stretched<{ readonly unit: string }>[];
}

/** Units that went the same way, in the same, with the same loggers. */
export interface UnitGroup {
  readonly units: readonly string[];
  readonly places: readonly Stretched<{ readonly place: string | null; readonly zone: string | null }>[];
  readonly parents: readonly Stretched<{ readonly parent: string }>[];
  readonly loggers: readonly string[];
}

export interface JourneyModel {
  readonly bounds: Extent;
  readonly isOver: boolean;
  readonly loggers: readonly Logger[];
  readonly groups: readonly UnitGroup[];
  readonly alerts: readonly Stretched<Alert>[];
  readonly brief: readonly Stretched<Brief>[];
  readonly suspects: readonly Stretched<Suspect>[];
  readonly excused: readonly Stretched<Excused>[];
}

/** What people read a time of the journey by. @param now epoch ms */
export function modelOf(journey: ShipmentJourneyView, now: number): JourneyModel {
  const from = Date.parse(journey.from);
  const to = Math.max(journey.to === null ? now : Date.parse(journey.to), from + 1);
  const bounds = { from, to };
  const stretched = <T extends { readonly from: string; readonly to: string | null }>(what: T): Stretched<T> => ({
    ...{ what, from: Math.max(Date.parse(what.from), from) },
    to: what.to === null ? to : Math.min(Date.parse(what.to), to),
  });
  return {
    ...{ bounds, isOver: journey.to !== null },
    loggers: loggersOf(journey, stretched),
    groups: groupsOf(journey, stretched),
    alerts: journey.alerts.filter(({ state }) => state !== 'retracted').map(stretched),
    brief: journey.brief.map(stretched),
    suspects: journey.suspects.map(stretched),
    excused: journey.excused.map(stretched),
  };
}

type Stretching = <T extends { readonly from: string; readonly to: string | null }>(what: T) => Stretched<T>;

/** Those with an excursion first, so that they are among the first shown; by unit and time else. */
function loggersOf({ devices, alerts }: ShipmentJourneyView, stretched: Stretching): Logger[] {
  const byId = Map.groupBy(devices, ({ device }) => device);
  const named = Map.groupBy(byId.values(), ([first]) => first?.name);
  const alerted = new Set(alerts.filter(({ state }) => state !== 'retracted').map(({ device }) => device));
  const ids = [...byId.keys()].toSorted((a, b) => Number(alerted.has(b)) - Number(alerted.has(a)));
  return ids.map((id, colour) => {
    const spells = byId.get(id) ?? [];
    const name = spells[0]?.name ?? id;
    const label = (named.get(name)?.length ?? 1) > 1 && name !== id ? `${name} (${id})` : name;
    return { ...{ id, label, colour }, metrics: metricsOf(spells), on: spells.map(stretched) };
  });
}

function metricsOf(spells: readonly Device[]): ReadonlySet<string> {
  return new Set(spells.flatMap(({ metrics }) => metrics));
}

function groupsOf(journey: ShipmentJourneyView, stretched: Stretching): UnitGroup[] {
  const units = new Set(
    [...journey.devices, ...journey.presence, ...journey.containment].map(({ unit }) => unit).toSorted(),
  );
  const of = <T extends { readonly unit: string }>(list: readonly T[]) => Map.groupBy(list, ({ unit }) => unit);
  const [places, parents, loggers] = [of(journey.presence), of(journey.containment), of(journey.devices)];
  const withoutUnit = (list: readonly { readonly unit: string }[]) => list.map(({ unit: _, ...rest }) => rest);
  const alike = Map.groupBy(units, (unit) =>
    JSON.stringify([places, parents, loggers].map((one) => withoutUnit(one.get(unit) ?? []))),
  );
  return [...alike.values()].map((members) => {
    const [unit = ''] = members;
    return {
      units: members,
      places: (places.get(unit) ?? []).map((one) => ({
        ...stretched(one),
        what: { place: one.place?.name ?? null, zone: one.place?.zone ?? null },
      })),
      parents: (parents.get(unit) ?? []).flatMap(({ parent, ...during }) =>
        parent === null ? [] : [{ ...stretched(during), what: { parent } }],
      ),
      loggers: [...new Set((loggers.get(unit) ?? []).map(({ device }) => device))],
    };
  });
}

export function isAt({ from, to }: Extent, at: number): boolean {
  return at >= from && at <= to;
}

/** Where a unit was: by itself, else by what it stood in; null: on the way, or nobody knows. */
export function placeAt(groups: readonly UnitGroup[], unit: string, at: number, depth = 0): string | null {
  const group = groups.find(({ units }) => units.includes(unit));
  if (group === undefined || depth > 8) return null;
  const own = group.places.findLast((one) => isAt(one, at))?.what.place;
  if (own != null) return own;
  const parent = parentAt(groups, unit, at);
  return parent === null ? null : placeAt(groups, parent, at, depth + 1);
}

export function parentAt(groups: readonly UnitGroup[], unit: string, at: number): string | null {
  const group = groups.find(({ units }) => units.includes(unit));
  return group?.parents.findLast((one) => isAt(one, at))?.what.parent ?? null;
}

/** The value of a line at a moment: of the reading or bucket nearest to it, unless the line is silent there. */
export function valueAt(
  series: { readonly time: readonly number[]; readonly value: readonly number[] },
  at: number,
  silence: number,
): { readonly row: number; readonly value: number } | null {
  const { time, value } = series;
  let [low, high] = [0, time.length];
  const seconds = at / 1000;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((time[middle] ?? 0) <= seconds) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [low - 1, low];
  const far = (row: number) => Math.abs((time[row] ?? Number.POSITIVE_INFINITY) - seconds);
  const row = far(before) <= far(after) ? before : after;
  const found = value[row];
  return found === undefined || far(row) > silence ? null : { row, value: found };
}

interface Columns {
  readonly time: readonly number[];
  readonly value: readonly number[];
  readonly min: readonly number[] | null;
  readonly max: readonly number[] | null;
  readonly width?: number;
}

/** What a logger measured while it was with the shipment: before and after it told of other air. */
export function duringSpells<T extends Columns>(series: T, spells: readonly Extent[]): T {
  const { time, width = 0 } = series;
  const isWithin = (at: number) => spells.some(({ from, to }) => (at + width) * 1000 >= from && at * 1000 <= to);
  const [first, last] = [time[0], time.at(-1)];
  if (first === undefined || last === undefined) return series;
  const [only] = spells;
  if (spells.length === 1 && only !== undefined && first * 1000 >= only.from && last * 1000 <= only.to) return series;
  const rows = time.flatMap((at, row) => (isWithin(at) ? [row] : []));
  const kept = (column: readonly number[]) => rows.map((row) => column[row] ?? 0);
  return {
    ...series,
    ...{ time: kept(time), value: kept(series.value) },
    ...{ min: series.min === null ? null : kept(series.min), max: series.max === null ? null : kept(series.max) },
  };
}
