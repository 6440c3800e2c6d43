import { type InfiniteData, QueryClient } from '@tanstack/react-query';
import { expect, test } from 'vitest';
import type { AlertView, DeviceView, ShipmentView } from '../../../api/index.ts';
import { keys, type Series, type ShipmentPage } from '../queries.ts';
import { applyAlert, applyReadings, NEW_ALERTS } from './apply.ts';

const NOW = Date.UTC(2026, 10, 22, 10);
const LIST = keys.shipmentList({ condition: null, q: '', show: 'open' });
const listOf = (shipment: ShipmentView): InfiniteData<ShipmentPage> => ({
  pages: [
    { items: [shipment], nextCursor: null, elsewhere: 0, counts: { inRange: 1, warning: 0, excursion: 0, unknown: 0 } },
  ],
  pageParams: [null],
});
const iso = (minutes: number) => new Date(NOW + minutes * 60_000).toISOString();

const alert = (id: string, changes: Partial<AlertView> = {}): AlertView => ({
  id,
  kind: 'threshold',
  severity: 'critical',
  state: 'open',
  rule: { id: 'too-warm', version: 1 },
  subject: { device: 'logger-7', metric: 'temperature' },
  summary: '',
  from: iso(0),
  to: iso(5),
  detectedAt: iso(5),
  detectedLate: false,
  evidence: { limit: 8, extreme: 9, minutesOutOfRange: 5, endedBy: null, runs: [], readings: [], changes: [] },
  affected: { count: 1, serials: [] },
  mergedInto: null,
  splitFrom: null,
  acknowledgedBy: null,
  acknowledgedAt: null,
  resolvedBy: null,
  resolvedAt: null,
  assignedTo: null,
  snoozedUntil: null,
  reopened: 0,
  revision: 1,
  about: { place: null, zone: null, device: null, portal: null, shipments: ['SHP-1'], unit: null },
  ...changes,
});

function clientWithLists() {
  const client = new QueryClient();
  const page = (items: readonly AlertView[]) => ({ pages: [{ items, nextCursor: null }], pageParams: [null] });
  const open = keys.alerts({ state: 'open', severity: '' });
  const warnings = keys.alerts({ state: 'open', severity: 'warning' });
  client.setQueryData(open, page([alert('a-1')]));
  client.setQueryData(warnings, page([]));
  const idsIn = (key: readonly unknown[]) =>
    client.getQueryData<ReturnType<typeof page>>(key)?.pages.flatMap(({ items }) => items.map(({ id }) => id));
  return { client, open, warnings, idsIn };
}

test('a new alert stands at the top of the lists it belongs to, and is marked', () => {
  const { client, open, warnings, idsIn } = clientWithLists();
  applyAlert(client, { alert: alert('a-2'), isNew: true });
  expect(idsIn(open)).toEqual(['a-2', 'a-1']);
  expect(idsIn(warnings)).toEqual([]);
  expect(client.getQueryData(NEW_ALERTS)).toEqual(['a-2']);
});

test('an alert that somebody else acknowledged leaves the list of open ones', () => {
  const { client, open, idsIn } = clientWithLists();
  applyAlert(client, { alert: alert('a-1', { state: 'acknowledged', revision: 2 }), isNew: false });
  expect(idsIn(open)).toEqual([]);
  expect(client.getQueryData(NEW_ALERTS)).toBeUndefined();
});

test('the same alert told twice is listed once', () => {
  const { client, open, idsIn } = clientWithLists();
  applyAlert(client, { alert: alert('a-2'), isNew: true });
  applyAlert(client, { alert: alert('a-2', { revision: 2 }), isNew: false });
  expect(idsIn(open)).toEqual(['a-2', 'a-1']);
});

test('a reading changes the temperature of its unit and of its shipment, an older one does not', () => {
  const client = new QueryClient();
  const condition = {
    state: 'inRange' as const,
    now: 'inRange' as const,
    pending: null,
    device: 'logger-7',
    temperature: 5,
    at: iso(0),
  };
  const shipment = {
    id: 'SHP-1',
    profile: { id: '2-8C', name: '', min: 2, max: 8 },
    units: [{ epc: 'u', parent: null, serialCount: 1, place: null, devices: ['logger-7'], condition }],
    condition,
    lastHeard: iso(0),
  } as unknown as ShipmentView;
  client.setQueryData(LIST, listOf(shipment));
  const told = (minutes: number, value: number) =>
    applyReadings(client, [{ device: 'logger-7', metric: 'temperature', time: iso(minutes), value }], NOW + 600_000);
  told(5, 8.4);
  told(2, 1);
  const [after] = client.getQueryData<InfiniteData<ShipmentPage>>(LIST)?.pages[0]?.items ?? [];
  expect(after?.condition).toEqual({
    ...{ state: 'warning', now: 'warning', pending: null },
    ...{ device: 'logger-7', temperature: 8.4, at: iso(5) },
  });
  expect(after?.lastHeard).toBe(iso(5));
  expect(client.getQueryData<InfiniteData<ShipmentPage>>(LIST)?.pages[0]?.counts).toMatchObject({
    inRange: 0,
    warning: 1,
  });
});

// A shipment was cold again, and the page marked it in range beside its open critical alert.
test('a reading in range does not make a shipment fine that somebody has yet to decide about', () => {
  const client = new QueryClient();
  const condition = {
    ...{ state: 'excursion' as const, now: 'excursion' as const, pending: 'excursion' as const },
    ...{ device: 'logger-7', temperature: 9, at: iso(0) },
  };
  const shipment = {
    id: 'SHP-1',
    profile: { id: '2-8C', name: '', min: 2, max: 8 },
    units: [{ epc: 'u', parent: null, serialCount: 1, place: null, devices: ['logger-7'], condition }],
    condition,
    lastHeard: iso(0),
  } as unknown as ShipmentView;
  client.setQueryData(LIST, listOf(shipment));
  applyReadings(client, [{ device: 'logger-7', metric: 'temperature', time: iso(5), value: 5 }], Date.parse(iso(5)));
  const [after] = client.getQueryData<InfiniteData<ShipmentPage>>(LIST)?.pages[0]?.items ?? [];
  expect(after?.condition).toMatchObject({ state: 'excursion', pending: 'excursion', temperature: 5 });
  expect(after?.units[0]?.condition.state).toBe('excursion');
});

test('a reading changes what the list of loggers says of that logger', () => {
  const client = new QueryClient();
  const device = {
    id: 'logger-7',
    profile: { id: '2-8C', name: '', min: 2, max: 8 },
    latest: [
      { metric: 'temperature', unit: '°C', value: 5, time: iso(0) },
      { metric: 'humidity', unit: '%RH', value: 44, time: iso(0) },
    ],
    lastHeard: iso(0),
    condition: { state: 'inRange', now: 'inRange', pending: null, device: 'logger-7', temperature: 5, at: iso(0) },
  } as unknown as DeviceView;
  client.setQueryData(keys.devices, [device]);
  applyReadings(client, [{ device: 'logger-7', metric: 'temperature', time: iso(5), value: 1.2 }], NOW + 600_000);
  const [after] = client.getQueryData<readonly DeviceView[]>(keys.devices) ?? [];
  expect(after?.latest.map(({ value, unit }) => [value, unit])).toEqual([
    [1.2, '°C'],
    [44, '%RH'],
  ]);
  expect([after?.lastHeard, after?.condition.state]).toEqual([iso(5), 'warning']);
});

test('a reading joins the charts that run up to now, not those of the past', () => {
  const client = new QueryClient();
  const series: Series = { time: [NOW / 1000], value: [5], min: null, max: null };
  const live = keys.readings('logger-7', 'temperature', 'last-48h');
  const past = keys.readings('logger-7', 'temperature', 'a-1-3');
  client.setQueryData(live, series);
  client.setQueryData(past, series);
  applyReadings(client, [{ device: 'logger-7', metric: 'temperature', time: iso(5), value: 6 }], NOW + 600_000);
  expect(client.getQueryData<Series>(live)?.value).toEqual([5, 6]);
  expect(client.getQueryData<Series>(past)?.value).toEqual([5]);
});

test('readings of other loggers leave a list as it was: nothing is drawn for them', () => {
  const client = new QueryClient();
  const shipment = {
    ...{ id: 'SHP-1', state: 'in transit', lastHeard: iso(0), units: [] },
    ...{ condition: { state: 'inRange', now: 'inRange', pending: null, device: null, temperature: null, at: null } },
  } as unknown as ShipmentView;
  client.setQueryData(LIST, listOf(shipment));
  const before = client.getQueryData(LIST);
  applyReadings(client, [{ device: 'elsewhere', metric: 'temperature', time: iso(1), value: 5 }], NOW);
  expect(client.getQueryData(LIST)).toBe(before);
});

test('of several readings of one chart in one message each is at its end, in order; other charts stay', () => {
  const client = new QueryClient();
  const series: Series = { time: [NOW / 1000], value: [4], min: null, max: null };
  const own = keys.readings('logger-7', 'temperature', 'last-day');
  const humid = keys.readings('logger-7', 'humidity', 'last-day');
  client.setQueryData(own, series);
  client.setQueryData(humid, series);
  const heard = [1, 2, 3].map((minute) => ({
    ...{ device: 'logger-7', metric: 'temperature' },
    time: iso(minute),
    value: minute,
  }));
  applyReadings(client, heard, NOW);
  expect(client.getQueryData<Series>(own)?.value).toEqual([4, 1, 2, 3]);
  expect(client.getQueryData<Series>(humid)).toBe(series);
});
