import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { encodeBatch } from '../../codecs/batch/index.ts';
import { PATIENCE_MS } from '../../tests/testing/bounds.ts';
import { door, pallet, through, vial } from '../../trace/testing/yard.ts';
import type { LaneDetailView, LaneJourneyView, ShipmentDetail } from '../api/index.ts';
import { HOUR, iso, MINUTE, NOW } from './testing/excursions.ts';
import { Installation, TOO_WARM } from './testing/installation.ts';

const house = await Installation.start();
afterAll(() => house.stop());

const DAY = 24 * HOUR;
const LANE = 'origin=site:berlin&destination=site:lyon';
const JOURNEYS = 24;

/** Left so many days ago, ten hours on the way, the first eight by another carrier and with another type of logger. */
beforeAll(async () => {
  await house.tell({ type: 'rule', version: TOO_WARM, by: 'paula' });
  for (const [id, sensor] of [
    ['cold', 'ds18b20'],
    ['warm', 'sht40'],
  ] as const) {
    await house.ask('admin', 'POST', '/devices', { id: `${id}-1`, kind: 'logger', sensor });
  }
  for (let n = 0; n < JOURNEYS; n++) {
    const left = NOW - (30 - n) * DAY;
    const device = n < 8 ? 'warm-1' : 'cold-1';
    const { status } = await house.ask('logistics', 'POST', '/shipments', {
      ...{ id: `SHP-L${n}`, profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
      ...{
        departs: iso(left),
        arrives: iso(left + (n === 0 ? 9 : 12) * HOUR),
        ...(n < 23 && { carrier: n < 8 ? 'South' : 'North' }),
      },
      units: [
        {
          sscc: `urn:epc:id:sscc:0614141.1${String(n).padStart(9, '0')}`,
          devices: [device],
          children: [`urn:epc:id:sgtin:0614141.812345.${n}`],
          from: iso(left),
        },
      ],
      products: [],
    });
    expect(status).toBe(201);
    // It has left before anything is found of it, and nobody stands at its origin with it.
    await house.database.query(
      `UPDATE shipments SET left_at = departs, received_at = departs + $2, state = 'received' WHERE id = $1`,
      [`SHP-L${n}`, 10 * HOUR],
    );
    // 7.5 °C a quarter of the time: within a degree of the limit, and not beyond.
    await house.measure(
      device,
      Array.from({ length: 60 }, (_, i): [number, number] => [left + i * 10 * MINUTE, i % 4 === 0 && n < 8 ? 7.5 : 5]),
    );
    if (n >= 4) continue;
    await house.find({
      ...{ rule: 'too-warm', ruleVersion: 1, kind: 'threshold', severity: 'critical', key: `${device}/temperature` },
      ...{ from: left + 5 * HOUR, to: left + 6 * HOUR, endedBy: 'recovery', extreme: 9.1, readings: 6 },
      ...{ minutesOutOfRange: 60, runs: [], limit: 8, detectedAt: left + 6 * HOUR, detectedLate: false },
    });
  }
  await vi.waitFor(
    async () => {
      const { rows } = await house.database.query(`SELECT FROM alerts WHERE shipments <> '{}'`);
      expect(rows, 'alerts with a shipment').toHaveLength(4);
    },
    { timeout: PATIENCE_MS, interval: 50 },
  );
}, 120_000);

async function detail(): Promise<LaneDetailView> {
  const { status, body } = await house.ask('logistics', 'GET', `/lanes/detail?${LANE}`);
  expect(status).toBe(200);
  return body as LaneDetailView;
}

async function journeys(rest: string): Promise<LaneJourneyView[]> {
  const { status, body } = await house.ask('logistics', 'GET', `/lanes/journeys?${LANE}&limit=1000&${rest}`);
  expect(status).toBe(200);
  return (body as { items: LaneJourneyView[] }).items;
}

test('a lane is told by leg, season, carrier and type of logger: rates from twenty journeys on, the worst first', async () => {
  const lane = await detail();
  expect(lane).toMatchObject({
    journeys: 24,
    received: 24,
    withExcursion: 4,
    late: { journeys: 1, of: 24 },
    isWhole: true,
  });
  // Wilson's interval of 4 in 24 at 90 %.
  expect(lane.rate).toEqual({ per1000: 166.7, low: 77.1, high: 323.8 });
  expect(lane.hours).toEqual({ p10: 10, median: 10, p90: 10 });
  expect(lane.carriers).toMatchObject([
    { carrier: 'South', journeys: 8, withExcursion: 4, rate: null, hours: null, near: null },
    { carrier: 'North', journeys: 15, withExcursion: 0, rate: null },
    { carrier: null, key: '', journeys: 1, withExcursion: 0, rate: null },
  ]);
  expect(lane.devices).toMatchObject([
    { kind: 'logger', sensor: 'sht40', journeys: 8, withExcursion: 4 },
    { kind: 'logger', sensor: 'ds18b20', journeys: 16, withExcursion: 0 },
  ]);
  expect(lane.legs).toMatchObject([
    { key: 'site:berlin>site:lyon', journeys: 24, withExcursion: 4, excursions: 4, rate: lane.rate, hours: lane.hours },
  ]);
  expect(lane.seasons.reduce((sum, { journeys: of }) => sum + of, 0)).toBe(24);
});

// Within 1 °C of 8 °C a quarter of the time of eight journeys, of the sixteen others never: 2 of 24.
test('the share of time near a limit is of each journey, by the minute, and its mean is told from twenty journeys on', async () => {
  const near = await journeys('by=carrier&key=South');
  expect(near.map(({ nearShare }) => nearShare)).toEqual(Array.from({ length: 8 }, () => 0.25));
  const { near: ofLane } = await detail();
  expect(ofLane).toEqual({ share: expect.closeTo(0.083, 3), journeys: 24 });
});

test('behind every figure stand its journeys, as many as it says', async () => {
  const lane = await detail();
  const parts = [
    ...lane.legs.map(({ key, ...of }) => ({ by: 'leg', key, ...of })),
    ...lane.seasons.map(({ key, ...of }) => ({ by: 'season', key, ...of })),
    ...lane.carriers.map(({ key, ...of }) => ({ by: 'carrier', key, ...of })),
    ...lane.devices.map(({ key, ...of }) => ({ by: 'device', key, ...of })),
  ];
  for (const { by, key, journeys: of, withExcursion, excursions } of parts) {
    const asked = `by=${by}&key=${encodeURIComponent(key)}`;
    expect(await journeys(asked), asked).toHaveLength(of);
    const hit = await journeys(`${asked}&only=excursion`);
    expect(hit, asked).toHaveLength(withExcursion);
    expect(new Set(hit.flatMap(({ alerts }) => alerts)).size, asked).toBe(excursions);
  }
  const late = await journeys('only=late');
  expect(late).toMatchObject([{ id: 'SHP-L0', hours: 10, lateMinutes: 60, carrier: 'South' }]);
  const paged = await house.ask('logistics', 'GET', `/lanes/journeys?${LANE}&limit=23`);
  const rest = await house.ask(
    'logistics',
    'GET',
    `/lanes/journeys?${LANE}&limit=23&cursor=${(paged.body as { nextCursor: string }).nextCursor}`,
  );
  expect(rest.body).toMatchObject({ items: [{ id: 'SHP-L0' }], nextCursor: null });
});

test('a lane that nobody travelled has no figures, and half a question is refused in one line', async () => {
  const { body } = await house.ask('logistics', 'GET', '/lanes/detail?origin=site:oslo&destination=site:lyon');
  expect(body).toMatchObject({ journeys: 0, rate: null, hours: null, near: null, legs: [], carriers: [] });
  const half = await house.ask('logistics', 'GET', `/lanes/journeys?${LANE}&by=leg`);
  expect(half).toMatchObject({ status: 422, body: { code: 'LANE_PART' } });
});

test('a carrier that is corrected is the one that the shipment says', async () => {
  const { body: before } = await house.ask('logistics', 'GET', '/shipments/SHP-L23');
  expect(before).toMatchObject({ carrier: null });
  const { revision } = before as { revision: number };
  const { status } = await house.ask('logistics', 'POST', '/shipments/SHP-L23/corrections', {
    ...{ revision, carrier: 'North', reason: 'said on the phone' },
  });
  expect([200, 202]).toContain(status);
  const carrier = async () =>
    ((await house.ask('logistics', 'GET', '/shipments/SHP-L23')).body as { carrier: unknown }).carrier;
  await expect.poll(carrier, { timeout: PATIENCE_MS }).toBe('North');
});

const DOORS = ['berlin', 'hub', 'port', 'oslo'].map((site) => door(`${site}-1`, `site:${site}`));

/** Passes of one shipment, hours after it leaves; the hub takes half an hour, and a minute more from day to day. */
function passesOf(n: number, left: number) {
  const [berlin, hub, port, oslo] = DOORS;
  if (berlin === undefined || hub === undefined || port === undefined || oslo === undefined)
    throw new Error('unreachable');
  const epcs = [pallet(5_000 + n), vial(5_000 + n)];
  const there = [
    ...through(berlin, 'out', left, epcs),
    ...through(hub, 'in', left + 2 * HOUR, epcs),
    ...through(hub, 'out', left + 2 * HOUR + (30 + n) * MINUTE, epcs),
    ...through(port, 'in', left + 4 * HOUR, epcs),
  ];
  // The last is still at the port.
  if (n === 20) return there;
  return [...there, ...through(port, 'out', left + 5 * HOUR, epcs), ...through(oslo, 'in', left + 8 * HOUR, epcs)];
}

test('a shipment says how long it stood at each stop, as real doors saw it, and what is usual there on its lane', async () => {
  for (const portal of DOORS) {
    const [, site = ''] = portal.outside?.split(/[:/]/) ?? [];
    await house.tell(
      { type: 'place', place: { id: `site:${site}`, kind: 'site', name: site, parent: null, zone: 'UTC' }, by: 'test' },
      { type: 'portal', portal, by: 'test' },
    );
  }
  for (let n = 0; n <= 20; n++) {
    const left = NOW - (25 - n) * DAY;
    const { status } = await house.ask('logistics', 'POST', '/shipments', {
      ...{ id: `SHP-S${n}`, profile: '2-8C', origin: 'site:berlin', destination: 'site:oslo', products: [] },
      ...{ departs: iso(left), arrives: iso(left + 9 * HOUR) },
      units: [{ sscc: pallet(5_000 + n), devices: [], children: [vial(5_000 + n)], from: iso(left - HOUR) }],
    });
    expect(status).toBe(201);
    const sightings = passesOf(n, left);
    const complete = DOORS.flatMap(({ antennas }) => antennas.map(({ reader }) => ({ reader, at: left + 12 * HOUR })));
    await house.log.append([
      {
        ...{ family: 'trace', kind: 'sightings', version: 1, source: 'gw-stops', sequence: n + 1, arrival: NOW },
        payload: encodeBatch({
          gateway: 'gw-stops',
          sequence: n + 1,
          at: left + 12 * HOUR,
          gpi: [],
          gaps: [],
          complete,
          sightings,
        }),
      },
    ]);
  }
  const stops = async () =>
    ((await house.ask('logistics', 'GET', '/shipments/SHP-S20')).body as ShipmentDetail).stops.map(
      ({ place, minutes, usual }) => [place.id, minutes, usual?.journeys ?? null, usual?.minutes ?? null],
    );
  await expect.poll(async () => (await stops()).length, { timeout: PATIENCE_MS }).toBe(3);
  const lane = async () =>
    (await house.ask('logistics', 'GET', '/lanes/detail?origin=site:berlin&destination=site:oslo'))
      .body as LaneDetailView;
  await expect.poll(async () => (await lane()).received, { timeout: PATIENCE_MS }).toBe(20);
  await expect.poll(async () => (await stops())[1]?.[2], { timeout: PATIENCE_MS }).toBe(20);
  expect(await stops()).toEqual([
    ['site:berlin', null, null, null],
    // Half an hour and 0 to 19 minutes, of this one 20.
    ['site:hub', 50, 20, { p10: 32, median: 40, p90: 47 }],
    ['site:port', null, 20, { p10: 60, median: 60, p90: 60 }],
  ]);
  const { legs, stops: dwell } = await lane();
  expect(dwell).toMatchObject([
    { place: { id: 'site:hub' }, journeys: 21 },
    { place: { id: 'site:port' }, journeys: 20 },
  ]);
  expect(legs.map(({ key, journeys: of }) => [key, of]).toSorted()).toEqual([
    ['at site:hub', 21],
    ['at site:port', 21],
    ['site:berlin>site:hub', 21],
    ['site:hub>site:port', 21],
    ['site:port>site:oslo', 20],
  ]);
});
