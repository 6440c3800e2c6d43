import type { InfiniteData, QueryClient } from '@tanstack/react-query';
import type {
  AlertView,
  Condition,
  DeviceView,
  LiveEvents,
  LiveReading,
  PassView,
  ShipmentDetail,
  ShipmentView,
  UnitView,
} from '../../../api/index.ts';
import { judge, SILENT_AFTER_MS, stateOf, withPending, worstCondition } from '../../../api/judge.ts';
import { type AlertFilter, keys, type Series, type ShipmentPage } from '../queries.ts';

interface AlertPage {
  readonly items: readonly AlertView[];
  readonly nextCursor: string | null;
}

/** More points than a chart asks for, and half as many again. */
const READINGS_MOST = 6_000;

/** Ids of alerts that arrived while the page was open and have not been looked at. */
export const NEW_ALERTS = ['live', 'new-alerts'] as const;

/** An alert as the socket brings it: into every list it belongs to, out of those it no longer does. */
export function applyAlert(client: QueryClient, { alert, isNew }: LiveEvents['alert']): void {
  for (const [key, data] of client.getQueriesData<InfiniteData<AlertPage>>({ queryKey: ['alerts'] })) {
    if (data === undefined) continue;
    const filter = key[1] as AlertFilter;
    client.setQueryData(key, withAlert(data, alert, { isMember: belongs(alert, filter), isJoining: !isAsked(filter) }));
  }
  client.setQueryData<AlertPage>(keys.openCount, (page) => {
    if (page === undefined) return page;
    const others = page.items.filter((item) => item.id !== alert.id);
    return { ...page, items: alert.state === 'open' ? [alert, ...others] : others };
  });
  if (isNew) {
    client.setQueryData<readonly string[]>(NEW_ALERTS, (ids = []) => [alert.id, ...ids].slice(0, 200));
    void client.invalidateQueries({ queryKey: keys.shipments });
    void client.invalidateQueries({ queryKey: keys.board });
  }
  void client.invalidateQueries({ queryKey: keys.alert(alert.id) });
  for (const shipment of alert.about.shipments) {
    void client.invalidateQueries({ queryKey: keys.shipment(shipment) });
    void client.invalidateQueries({ queryKey: keys.journey(shipment) });
  }
}

/** Readings as they arrive: the latest of each unit, and the end of every chart that runs up to now. */
export function applyReadings(client: QueryClient, readings: readonly LiveReading[], now: number): void {
  const temperatures = new Map(
    readings.filter(({ metric }) => metric === 'temperature').map((one) => [one.device, one]),
  );
  if (temperatures.size > 0) {
    for (const [key] of client.getQueriesData<InfiniteData<ShipmentPage>>({ queryKey: keys.shipments }))
      client.setQueryData<InfiniteData<ShipmentPage>>(key, (data) =>
        data === undefined ? data : withHeard(data, temperatures, now),
      );
    for (const [key] of client.getQueriesData<ShipmentDetail>({ queryKey: ['shipment'] }))
      client.setQueryData<ShipmentDetail>(key, (shipment) =>
        shipment === undefined ? shipment : withTemperatures(shipment, temperatures, now),
      );
  }
  applyToDevices(client, readings, temperatures, now);
  // What is charted is a handful, what arrives hundreds a second: asked once which charts there are.
  for (const [key] of client.getQueriesData<Series>({ queryKey: ['readings'] })) {
    const [, device, metric, stretch] = key;
    if (!String(stretch).startsWith('last-')) continue;
    const own = readings.filter((one) => one.device === device && one.metric === metric);
    if (own.length === 0) continue;
    client.setQueryData<Series>(key, (series) => own.reduce(withReading, series));
    // A screen that stays open asks again before it holds more than a chart can show: the server joins what is too much.
    const kept = client.getQueryData<Series>(key);
    if (kept !== undefined && kept.time.length > READINGS_MOST) void client.invalidateQueries({ queryKey: key });
  }
}

function applyToDevices(
  client: QueryClient,
  readings: readonly LiveReading[],
  temperatures: ReadonlyMap<string, LiveReading>,
  now: number,
): void {
  const byDevice = new Map<string, LiveReading[]>();
  for (const one of readings) {
    const heard = byDevice.get(one.device);
    if (heard === undefined) byDevice.set(one.device, [one]);
    else heard.push(one);
  }
  const told = (device: DeviceView): DeviceView => {
    const heard = byDevice.get(device.id);
    if (heard === undefined) return device;
    const newest = (metric: string, time: string) => heard.find((one) => one.metric === metric && one.time > time);
    const latest = device.latest.map((one) => ({ ...one, ...newest(one.metric, one.time) }));
    const lastHeard = heard.reduce((last, { time }) => (later(time, last) ? time : last), device.lastHeard);
    const temperature = temperatures.get(device.id);
    const condition =
      temperature === undefined || !later(temperature.time, device.condition.at)
        ? device.condition
        : conditionAfter(temperature, device.condition, device.profile, now);
    return { ...device, latest, lastHeard, condition };
  };
  client.setQueryData<readonly DeviceView[]>(keys.devices, (devices) => devices?.map(told));
  for (const [key] of client.getQueriesData<DeviceView>({ queryKey: ['device'] })) {
    if (!byDevice.has(String(key[1]))) continue;
    client.setQueryData<DeviceView>(key, (device) => (device === undefined ? device : told(device)));
  }
}

export function applyPass(client: QueryClient, { pass }: LiveEvents['pass']): void {
  client.setQueryData<{ items: readonly PassView[]; nextCursor: string | null }>(keys.passes(pass.portal), (page) => {
    if (page === undefined) return page;
    const others = page.items.filter((item) => item.id !== pass.id);
    return { ...page, items: [pass, ...others].toSorted((a, b) => b.from.localeCompare(a.from)) };
  });
  void client.invalidateQueries({ queryKey: keys.pass(pass.id) });
  void client.invalidateQueries({ queryKey: ['reconciliation'] });
  void client.invalidateQueries({ queryKey: keys.portals });
}

export function belongs(alert: AlertView, filter: AlertFilter): boolean {
  const { state, severity, shipment, device, rule, kind, assignedTo } = filter;
  return (
    (state === '' || state.split(',').includes(alert.state)) &&
    (severity === '' || severity.split(',').includes(alert.severity)) &&
    (shipment === undefined || alert.about.shipments.includes(shipment) || alert.subject.shipment === shipment) &&
    (device === undefined || alert.subject.device === device) &&
    (rule === undefined || alert.rule.id === rule) &&
    (kind === undefined || alert.kind === kind) &&
    (assignedTo === undefined || alert.assignedTo === assignedTo)
  );
}

/** Whether only the server knows which alerts belong: the list is asked for again by itself. */
export function isAsked({ site, gateway, notice, without }: AlertFilter): boolean {
  return [site, gateway, notice, without].some((one) => one !== undefined);
}

function withAlert(
  data: InfiniteData<AlertPage>,
  alert: AlertView,
  { isMember, isJoining }: { readonly isMember: boolean; readonly isJoining: boolean },
): InfiniteData<AlertPage> {
  const isListed = data.pages.some(({ items }) => items.some(({ id }) => id === alert.id));
  const pages = data.pages.map((page) => ({
    ...page,
    items: page.items.flatMap((item) => (item.id !== alert.id ? [item] : isMember ? [alert] : [])),
  }));
  const [first, ...rest] = pages;
  if (!isMember || !isJoining || isListed || first === undefined) return { ...data, pages };
  return { ...data, pages: [{ ...first, items: [alert, ...first.items] }, ...rest] };
}

/** The rows and, with them, the counts of their tiles: both say the same. */
function withHeard(
  data: InfiniteData<ShipmentPage>,
  temperatures: ReadonlyMap<string, LiveReading>,
  now: number,
): InfiniteData<ShipmentPage> {
  const moved = { inRange: 0, warning: 0, excursion: 0, unknown: 0 };
  const heard = (shipment: ShipmentView): ShipmentView => {
    const after = withTemperatures(shipment, temperatures, now);
    if (shipment.state !== 'closed' && shipment.state !== 'cancelled') {
      moved[shipment.condition.state]--;
      moved[after.condition.state]++;
    }
    return after;
  };
  const pages = data.pages.map((page) => ({ ...page, items: page.items.map(heard) }));
  if (pages.every(({ items }, nth) => items.every((item, at) => item === data.pages[nth]?.items[at]))) return data;
  const added = ({ counts }: ShipmentPage) => ({
    inRange: counts.inRange + moved.inRange,
    warning: counts.warning + moved.warning,
    excursion: counts.excursion + moved.excursion,
    unknown: counts.unknown + moved.unknown,
  });
  return { ...data, pages: pages.map((page) => ({ ...page, counts: added(page) })) };
}

function withTemperatures<T extends ShipmentView>(
  shipment: T,
  temperatures: ReadonlyMap<string, LiveReading>,
  now: number,
): T {
  if (!shipment.units.some(({ devices }) => devices.some((device) => temperatures.has(device)))) return shipment;
  const units = shipment.units.map((unit) => withTemperature(unit, shipment, temperatures, now));
  const heard = units.reduce(
    (latest, { condition }) => (later(condition.at, latest) ? condition.at : latest),
    shipment.lastHeard,
  );
  const worst = worstCondition(units.map(({ condition }) => condition));
  return { ...shipment, units, condition: withPending(worst, shipment.condition), lastHeard: heard };
}

function withTemperature(
  unit: UnitView,
  shipment: ShipmentView,
  temperatures: ReadonlyMap<string, LiveReading>,
  now: number,
): UnitView {
  const device = unit.condition.device ?? unit.devices[0];
  const reading = device === undefined ? undefined : temperatures.get(device);
  if (reading === undefined || !later(reading.time, unit.condition.at)) return unit;
  return { ...unit, condition: conditionAfter(reading, unit.condition, shipment.profile, now) };
}

function conditionAfter(
  reading: LiveReading,
  before: Condition,
  limits: { readonly min: number | null; readonly max: number | null } | null,
  now: number,
): Condition {
  const state = judge({ value: reading.value, at: Date.parse(reading.time) }, limits, {
    // Whether an excursion is over is the rules' to say; their alert arrives by itself.
    isExcursion: before.now === 'excursion',
    silentAfterMs: SILENT_AFTER_MS,
    now,
  });
  const { received: _, ...kept } = before;
  return {
    ...kept,
    ...{ state: stateOf(state, before.pending), now: state },
    ...{ device: reading.device, temperature: reading.value, at: reading.time },
    ...(reading.received === undefined ? {} : { received: reading.received }),
  };
}

function withReading(series: Series | undefined, reading: LiveReading): Series | undefined {
  if (series === undefined) return undefined;
  const at = Date.parse(reading.time) / 1000;
  const last = series.time.at(-1);
  if (last !== undefined && at <= last) return series;
  const { width } = series;
  if (width !== undefined && last !== undefined && at < last + width) return widened(series, reading.value);
  return {
    ...(width === undefined ? {} : { width }),
    // A bucket begins where all of its width do.
    time: [...series.time, width === undefined ? at : Math.floor(at / width) * width],
    value: [...series.value, reading.value],
    min: series.min === null ? null : [...series.min, reading.value],
    max: series.max === null ? null : [...series.max, reading.value],
  };
}

/** A reading that falls into the last bucket: it may be its least or greatest. Its mean is told anew with the next answer. */
function widened(series: Series, value: number): Series {
  const { min, max } = series;
  if (min === null || max === null) return series;
  const [low = value, high = value] = [min.at(-1), max.at(-1)];
  if (value >= low && value <= high) return series;
  return {
    ...series,
    min: value < low ? [...min.slice(0, -1), value] : min,
    max: value > high ? [...max.slice(0, -1), value] : max,
  };
}

function later(a: string | null, b: string | null): boolean {
  return a !== null && (b === null || a > b);
}
