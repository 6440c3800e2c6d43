import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding, Severity } from '../../domain/index.ts';
import type { AlertView, DeviceView, ShipmentBoardView, ShipmentDetail, ShipmentView } from '../api/index.ts';
import { Installation } from './testing/installation.ts';

const MINUTE = 60_000;
const NOW = Date.now();
const SSCC = 'urn:epc:id:sscc:0614141.1234567890';

let house: Installation;

beforeAll(async () => {
  house = await Installation.start();
  await house.ask('logistics', 'POST', '/shipments', notice('SHP-1', SSCC, 'logger-7'));
  await house.measure('logger-7', [
    [NOW - 50 * MINUTE, 9.1],
    [NOW - 2 * MINUTE, 5.1],
  ]);
});
afterAll(() => house.stop());

function notice(id: string, sscc: string, device: string, from = NOW - 90 * MINUTE) {
  return {
    ...{ id, profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon' },
    departs: from,
    arrives: NOW + 60 * MINUTE,
    units: [{ sscc, devices: [device], from, children: ['urn:epc:id:sgtin:0614141.812345.1'] }],
    products: [],
  };
}

function excursion(rule: string, severity: Severity): Finding {
  return {
    ...{ id: `${rule}-1`, rule, ruleVersion: 1, kind: 'threshold', severity, key: 'logger-7/temperature' },
    ...{ from: NOW - 60 * MINUTE, to: NOW - 40 * MINUTE, endedBy: 'recovery', extreme: 9.1, readings: 8 },
    ...{ minutesOutOfRange: 20, runs: [{ from: NOW - 60 * MINUTE, to: NOW - 40 * MINUTE }], limit: 8 },
    ...{ detectedAt: NOW, detectedLate: false },
  } as Finding;
}

async function shipment(id: string): Promise<ShipmentView> {
  const { body } = await house.ask('dock', 'GET', '/shipments');
  const found = (body as { items: ShipmentView[] }).items.find((one) => one.id === id);
  if (found === undefined) throw new Error(`${id} is not listed`);
  return found;
}

async function alertOf(rule: string): Promise<AlertView> {
  let found: AlertView | undefined;
  await expect
    .poll(
      async () => {
        const { body } = await house.ask('quality', 'GET', '/alerts?shipment=SHP-1');
        found = (body as { items: AlertView[] }).items.find((one) => one.rule.id === rule);
        return found !== undefined;
      },
      { message: `no alert of ${rule} on SHP-1` },
    )
    .toBe(true);
  if (found === undefined) throw new Error('unreachable');
  return found;
}

// The tiles said "0 excursion, 4 in range" beside two red alerts: the goods were cold again.
describe('a shipment that is cold again after an excursion', () => {
  test('is in range while no alert says otherwise', async () => {
    expect((await shipment('SHP-1')).condition).toMatchObject({ state: 'inRange', now: 'inRange', pending: null });
  });

  test('is in an excursion from the alert until somebody has decided', async () => {
    await house.find(excursion('too-warm', 'critical'));
    const { id } = await alertOf('too-warm');
    const isShown = async (open: number, undecided: number) => {
      const { condition, units, openAlerts, undecidedAlerts } = await shipment('SHP-1');
      expect(condition).toMatchObject({ state: 'excursion', now: 'inRange', pending: 'excursion', temperature: 5.1 });
      expect(units[0]?.condition).toMatchObject({ state: 'excursion', now: 'inRange' });
      expect([openAlerts.critical, undecidedAlerts.critical]).toEqual([open, undecided]);
    };
    await isShown(1, 1);
    await house.ask('quality', 'POST', `/alerts/${id}/acknowledge`, {});
    await isShown(0, 1);
    await house.ask('quality', 'POST', `/alerts/${id}/resolve`, { reason: 'within the stability budget' });
    // The alert is done with; what becomes of the goods is for their case to say.
    const { condition, waiting } = await shipment('SHP-1');
    expect(condition).toMatchObject({ state: 'excursion', pending: 'excursion', about: { kind: 'case' } });
    expect(waiting).toEqual([{ kind: 'case', gravity: 'excursion', count: 1, case: expect.stringMatching(/^C-\d+$/) }]);
    await house.ask('quality', 'POST', `/alerts/${id}/reopen`, { reason: 'decided too early' });
    await isShown(1, 1);
  });

  test('its logger is not fine either, but a later shipment with the same logger has its own state', async () => {
    const { body } = await house.ask('dock', 'GET', '/devices/logger-7');
    expect((body as DeviceView).condition).toMatchObject({ state: 'excursion', now: 'inRange' });
    const later = notice('SHP-2', 'urn:epc:id:sscc:0614141.1234567891', 'logger-7', NOW - 5 * MINUTE);
    await house.ask('logistics', 'POST', '/shipments', later);
    expect((await shipment('SHP-2')).condition).toMatchObject({ state: 'inRange', pending: null });
  });
});

test('a shipment on hold is not fine, whatever its loggers say', async () => {
  await house.ask('logistics', 'POST', '/shipments', notice('SHP-4', 'urn:epc:id:sscc:0614141.1234567894', 'logger-4'));
  await house.measure('logger-4', [[NOW - MINUTE, 5]]);
  await house.ask('quality', 'PUT', '/holds/shipment:SHP-4', { reason: 'complaint 4711 under investigation' });
  expect(await shipment('SHP-4')).toMatchObject({
    condition: { state: 'warning', now: 'inRange', about: { kind: 'hold', metric: null } },
    waiting: [{ kind: 'hold', gravity: 'warning', count: 1, case: null }],
  });
  await house.ask('quality', 'POST', '/holds/shipment:SHP-4/release', { reason: 'complaint 4711 closed' });
  await expect.poll(async () => (await shipment('SHP-4')).condition.state).toBe('inRange');
});

// It said "out of limits": the state knew how grave an alert is, not what it is about.
test('a shipment whose only alert is about its serials says so, and no temperature is out of limits', async () => {
  await house.ask('logistics', 'POST', '/shipments', notice('SHP-3', 'urn:epc:id:sscc:0614141.1234567893', 'logger-9'));
  await house.measure('logger-9', [[NOW - MINUTE, 5]]);
  await house.database.query(
    `INSERT INTO alerts (id, rule, key, rule_version, kind, severity, state, portal, shipments, summary, from_at,
       detected_at, detected_late, evidence, evidence_complete, affected_count)
     SELECT 'by-hand', 'unexpected', 'portal:dock-1', 1, 'unexpected', 'warning', 'open', 'dock-1', '{SHP-3}', '',
       now(), now(), false, '{}', true, 1`,
  );
  const { condition, units } = await shipment('SHP-3');
  expect(condition).toMatchObject({ state: 'warning', now: 'inRange', about: { kind: 'unexpected', metric: null } });
  expect(units[0]?.condition).toMatchObject({ state: 'inRange', pending: null, about: null });
});

describe('when a shipment arrives', () => {
  const HOUR = 60 * MINUTE;
  const iso = (at: number) => new Date(at).toISOString();

  /** Journeys from Osaka in the last months that took so many hours each. */
  async function journeys(destination: string, hours: readonly number[]) {
    await house.database.query(
      `INSERT INTO shipments (id, profile, origin, destination, departs, arrives, state, left_at, received_at, noticed_at, noticed_by, position)
       SELECT $3 || left_at, '2-8C', 'site:osaka', $3, left_at, left_at, 'closed', left_at, left_at + took, left_at, 'x', 1
       FROM unnest($1::bigint[], $2::bigint[]) AS past (left_at, took)`,
      [hours.map((_, n) => NOW - (n + 2) * 24 * HOUR), hours.map((each) => each * HOUR), destination],
    );
  }

  /** A shipment from Osaka that left four hours ago and is to arrive in ten. */
  async function leaving(id: string, destination: string) {
    await house.ask('logistics', 'POST', '/shipments', {
      ...notice(id, `urn:epc:id:sscc:0614141.123456789${id.slice(-1)}`, `logger-${id}`, NOW - 4 * HOUR),
      ...{ origin: 'site:osaka', destination, arrives: iso(NOW + 10 * HOUR) },
    });
    return (await shipment(id)).eta;
  }

  test('is said by the past journeys of its lane, with their spread', async () => {
    await journeys(
      'site:oslo',
      Array.from({ length: 25 }, (_, n) => 10 + n / 2),
    );
    expect(await leaving('SHP-5', 'site:oslo')).toEqual({
      ...{ at: iso(NOW + 12 * HOUR), from: iso(NOW + 7.2 * HOUR), to: iso(NOW + 16.8 * HOUR) },
      ...{ journeys: 25, arrivedByNow: 0, lateShare: 0.64, delayMinutes: 120 },
      since: {
        place: { id: 'site:osaka', name: 'osaka', zone: null },
        ...{ direction: 'out', at: iso(NOW - 4 * HOUR), isSeen: false },
      },
    });
  });

  test('below 20 journeys only how many there are is said', async () => {
    await journeys(
      'site:austin',
      Array.from({ length: 19 }, (_, n) => 10 + n / 2),
    );
    const nothing = { at: null, from: null, to: null, lateShare: null, delayMinutes: null };
    expect(await leaving('SHP-6', 'site:austin')).toMatchObject({ ...nothing, journeys: 19 });
    expect(await leaving('SHP-8', 'site:cairo')).toMatchObject({ ...nothing, journeys: 0 });
  });

  test('a shipment that has not left or has come has no such time, and says where it stood', async () => {
    await house.ask('logistics', 'POST', '/shipments', {
      ...notice('SHP-7', 'urn:epc:id:sscc:0614141.1234567897', 'logger-8', NOW + HOUR),
      ...{ departs: iso(NOW + HOUR), arrives: iso(NOW + 10 * HOUR) },
    });
    const { body } = await house.ask('dock', 'GET', '/shipments/SHP-7');
    expect(body as ShipmentDetail).toMatchObject({ state: 'created', eta: null, stops: [] });
  });
});

describe('the board', () => {
  const board = async (query: string) =>
    (await house.ask('logistics', 'GET', `/shipment-board${query}`)).body as ShipmentBoardView;

  test('counts by lane and state what the list counts, and says where sites and loggers are', async () => {
    const position = { latitude: -18.14, longitude: 178.44 };
    await house.ask('operations', 'PUT', '/places/site:suva', { name: 'Suva', zone: 'Pacific/Fiji', position });
    await house.ask('logistics', 'POST', '/shipments', {
      ...notice('SUV-1', 'urn:epc:id:sscc:0614141.1234567880', 'logger-suva'),
      ...{ origin: 'site:suva', destination: 'site:apia' },
    });
    await house.measure('logger-suva', [[NOW - MINUTE, 5]]);
    await house.measure('logger-suva', [[NOW - 2 * MINUTE, -17.5]], 'latitude');
    await house.measure('logger-suva', [[NOW - 2 * MINUTE, -179.9]], 'longitude');
    const found = await board('?q=suv-1');
    expect(found).toMatchObject({
      lanes: [
        {
          ...{ origin: { id: 'site:suva', name: 'Suva' }, destination: { id: 'site:apia' }, likelyLate: 0 },
          counts: { excursion: 0, warning: 0, unknown: 0, inRange: 1 },
          first: [{ id: 'SUV-1', condition: { state: 'inRange' } }],
        },
      ],
      sites: [
        { place: { id: 'site:suva' }, position },
        { place: { id: 'site:apia' }, position: null },
      ],
      positions: [
        {
          ...{ shipment: 'SUV-1', device: 'logger-suva', state: 'inRange' },
          ...{ position: { latitude: -17.5, longitude: -179.9 }, at: new Date(NOW - 2 * MINUTE).toISOString() },
        },
      ],
    });
    const { counts, lanes } = await board('');
    const list = (await house.ask('logistics', 'GET', '/shipments?show=open')).body as { counts: typeof counts };
    expect(counts).toEqual(list.counts);
    const inLanes = lanes.reduce((sum, lane) => sum + lane.counts.excursion + lane.counts.inRange, 0);
    expect(inLanes).toBe(counts.excursion + counts.inRange);
    expect((await board('?condition=excursion')).lanes.flatMap((lane) => lane.counts.inRange)).not.toContain(1);
  });

  test('one lane alone is listed by its ends', async () => {
    const { body } = await house.ask('logistics', 'GET', '/shipments?origin=site:suva&destination=site:apia');
    expect((body as { items: ShipmentView[] }).items.map(({ id }) => id)).toEqual(['SUV-1']);
  });

  test('a latitude without the longitude of the same time is no position', async () => {
    await house.measure('logger-suva', [[NOW, -10]], 'latitude');
    await expect.poll(async () => (await shipment('SUV-1')).position).toBeNull();
  });
});
