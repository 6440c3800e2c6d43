// biome-ignore-all lint/style/noRestrictedImports: a kit of the tests, which stand outside the table of rooms
import { encodeBatch } from '../../codecs/batch/index.ts';
import { type Finding, systemTime } from '../../domain/index.ts';
import { effectsOf, QuarantineStore } from '../../storage/index.ts';
import { door, pallet, through, vials } from '../../trace/testing/yard.ts';
import { excursionsOf, HOUR, iso, MINUTE, NOW } from '../server/testing/excursions.ts';
import { type Installation, TOO_WARM } from '../server/testing/installation.ts';
import { PATIENCE_MS } from './browser.ts';

const DAY = 24 * HOUR;
const JOURNEYS = 22;
const GTIN = '80614141123458';
/** As long as names and numbers get: 20 signs of a serial, a name of a product as registers have it. */
const LONG = {
  shipment: 'DELIVERY-2026-11-29-BERLIN-LISBON-0000000000000000000004711',
  product: 'Examplumab 40 mg/0.8 ml solution for injection in pre-filled syringe with needle guard, 2 × 1',
  lot: 'LOT-ABCDEFGHIJKLMN-20',
};
const DOCK = door('dock-1', 'site:lyon');
const SILENCE: Finding = {
  ...{ rule: 'silent', ruleVersion: 1, kind: 'silence', severity: 'warning', key: 'logger-7/temperature' },
  ...{ from: NOW - HOUR, to: null, endedBy: null, extreme: null, readings: 0, minutesOutOfRange: null, runs: [] },
  ...{ limit: null, detectedAt: NOW, detectedLate: false },
};

/** What stands in a furnished house, by the ids that addresses of screens need. */
export interface Furnished {
  readonly alert: string;
  readonly case: string;
  readonly suspectCase: string;
  readonly exception: string;
  readonly shipment: string;
  readonly longShipment: string;
  readonly serial: string;
  /** Of links that were made for people without an account. */
  readonly sharedPath: string;
  readonly answerPath: string;
  readonly pass: string;
}

/** Fills a house with what a company has after a month: no screen of it is empty. */
export async function furnish(house: Installation): Promise<Furnished> {
  const told = async (role: Parameters<Installation['ask']>[0], method: string, path: string, body?: unknown) => {
    const answer = await house.ask(role, method, path, body);
    if (answer.status >= 300)
      throw new Error(`${method} ${path} answers ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as Record<string, unknown>;
  };
  await told('admin', 'PUT', '/organisation', {
    name: 'Nordic Pharma Logistics',
    gln: '4012345000009',
    zone: 'Europe/Berlin',
  });
  await house.tell({ type: 'rule', version: TOO_WARM, by: 'paula' });
  for (const [id, name, zone, latitude, longitude] of [
    ['berlin', 'Berlin', 'Europe/Berlin', 52.5, 13.4],
    ['lyon', 'Lyon', 'Europe/Paris', 45.76, 4.84],
    ['lisbon', 'Lisbon', 'Europe/Lisbon', 38.72, -9.14],
    ['suva', 'Suva', 'Pacific/Fiji', -18.14, 178.44],
    ['apia', 'Apia', 'Pacific/Apia', -13.83, -171.77],
  ] as const)
    await told('admin', 'PUT', `/places/site:${id}`, { kind: 'site', name, zone, position: { latitude, longitude } });
  await told('admin', 'PUT', '/places/room:lyon%2Fcold', { kind: 'room', name: 'Cold room 2', parent: 'site:lyon' });
  await house.tell({ type: 'portal', portal: { ...DOCK, name: 'Dock 1' }, by: 'test' });
  await told('admin', 'PUT', `/products/${GTIN}`, {
    ...{ name: LONG.product, profile: '2-8C', stability: { budget: '4h' }, thermalMass: '45m', valueClass: 5 },
  });
  await told('admin', 'PUT', `/products/04012345678901`, {
    ...{ name: 'Sample vaccine', profile: '2-8C', stability: {}, thermalMass: null, valueClass: null },
  });
  for (const [id, name] of [
    ['logger-7', 'Pallet logger'],
    ['logger-8', 'Box logger with a name as long as somebody once typed it in'],
  ])
    await told('operations', 'POST', '/devices', { id, name, kind: 'logger' });

  await pastJourneys(house);
  const shipment = 'SHP-1001';
  const serials = Array.from({ length: 60 }, (_, n) => `urn:epc:id:sgtin:0614141.812345.${100_000 + n}`);
  await announced(shipment, 'site:berlin', 'site:lisbon', 9001, serials, 'logger-7', LONG.lot.slice(0, 20));
  await announced(
    LONG.shipment,
    'site:suva',
    'site:apia',
    9002,
    [`urn:epc:id:sgtin:0614141.812345.A%2FB-%25%26x1234567890123`],
    'logger-8',
  );
  await announced('SHP-1003', 'site:lyon', 'site:berlin', 9003, ['urn:epc:id:sgtin:0614141.812345.300000'], 'logger-9');
  await house.measure(
    'logger-7',
    Array.from(
      { length: 240 },
      (_, n) => [NOW - (300 - n) * MINUTE, n === 145 ? 85 : 5 + Math.sin(n / 20) * 2.4] as const,
    ),
  );
  await house.measure(
    'logger-7',
    Array.from({ length: 240 }, (_, n) => [NOW - (300 - n) * MINUTE, 55 + Math.sin(n / 30) * 10] as const),
    'humidity',
  );
  await house.measure(
    'logger-8',
    Array.from({ length: 60 }, (_, n) => [NOW - (60 - n) * MINUTE, 4] as const),
  );
  await house.measure(
    'logger-8',
    Array.from({ length: 30 }, (_, n) => [NOW - (60 - 2 * n) * MINUTE, -18.1 + n / 9] as const),
    'latitude',
  );
  await house.measure(
    'logger-8',
    Array.from(
      { length: 30 },
      (_, n) => [NOW - (60 - 2 * n) * MINUTE, n < 14 ? 178.5 + n / 10 : -180 + (n - 14) / 3] as const,
    ),
    'longitude',
  );
  await house.find(SILENCE);

  const scene = excursionsOf(house);
  const lot = await scene.excursion({
    count: 40,
    also: '812399',
    spells: [
      { ago: 200, minutes: 25 },
      { ago: 120, minutes: 40 },
    ],
  });
  await scene.excursion({ count: 12 });
  const anna = await scene.person('quality');
  await scene.ask(
    'POST',
    `/cases/${lot.id}/comments`,
    { text: 'The carrier says that its reefer stood without power.' },
    anna.cookie,
  );
  await scene.ask(
    'POST',
    `/cases/${lot.id}/tasks`,
    { text: 'Ask the maker for stability data', owner: anna.name, due: iso(NOW + DAY) },
    anna.cookie,
  );
  const reviewed = {
    scope: undefined,
    serials: lot.serials.slice(0, 10),
    disposition: 'quarantine',
    reason: 'until the maker has answered',
  };
  await scene.decide(lot, anna.cookie, scene.alone, reviewed);
  const suspect = await told('quality', 'POST', '/cases', {
    ...{ kind: 'suspect product', title: 'A seal looks as if it had been opened', shipment, place: 'site:lyon' },
    ...{ serials: serials.slice(0, 3), reason: 'reported by the dock' },
  });
  const suspectCase = String(suspect.id);
  await told('quality', 'POST', `/cases/${suspectCase}/trace-requests`, {
    ...{
      direction: 'out',
      partner: 'Acme Pharma',
      official: false,
      text: 'Did you ship these three?',
      at: null,
      due: null,
    },
  });

  const pass = await passes(house);
  await partners();
  const opened = await told('logistics', 'POST', '/exceptions', {
    ...{ kind: 'shortage', partner: 'whole', title: 'Two packs short on SHP-1001', text: 'We counted 58 of 60.' },
    ...{ shipment, epcs: [serials[0], serials[1], pallet(9001)] },
  });
  const exception = String(opened.id);
  const ends = iso(NOW + 14 * DAY);
  const linked = await told('logistics', 'POST', `/exceptions/${exception}/links`, {
    recipient: 'Ann, Wholesale',
    endsAt: ends,
  });
  const answerPath = String(linked.path);
  await told(null, 'POST', `/answer/${answerPath.split('/').at(-1)}/entries`, {
    ...{ author: 'Ann', text: 'They lie in our dock; we send them with tomorrow’s lorry.', answer: 'confirmed' },
  });
  await told('logistics', 'POST', `/exceptions/${exception}/entries`, {
    text: 'Thank you. Which lorry?',
    answer: 'asked back',
  });
  const shares = { recipient: 'Clinic of Lisbon', endsAt: ends, contents: ['chart', 'serials', 'report', 'sharer'] };
  const { cookie } = await scene.person('logistics');
  const shared = await scene.ask('POST', `/shipments/${shipment}/shares`, shares, cookie);
  const sharedPath = String(shared.body.path);

  await registers();
  await quarantine(house);
  const alert = await alertOf('logger-7');
  await told('operations', 'POST', `/alerts/${alert}/comment`, {
    comment: 'Called the driver; he looks at the next stop.',
  });
  return {
    ...{
      alert,
      case: lot.id,
      suspectCase,
      exception,
      shipment,
      longShipment: LONG.shipment,
      pass,
      sharedPath,
      answerPath,
    },
    serial: serials[0] ?? '',
  };

  async function announced(
    id: string,
    origin: string,
    destination: string,
    unit: number,
    children: readonly string[],
    device: string,
    lotName = 'A17',
  ) {
    await told('logistics', 'POST', '/shipments', {
      ...{ id, profile: '2-8C', origin, destination, carrier: 'North Sea Express' },
      ...{ departs: iso(NOW - 4 * HOUR), arrives: iso(NOW + 20 * HOUR) },
      units: [{ sscc: pallet(unit), devices: [device], children, from: iso(NOW - 5 * HOUR) }],
      products: [{ gtin: GTIN, name: LONG.product, lot: lotName, expiry: '2027-06-30' }],
    });
  }

  async function partners(): Promise<void> {
    await told('admin', 'PUT', '/partners/whole', {
      ...{
        name: 'Wholesale GmbH',
        address: 'Hafenstr. 1, 20457 Hamburg, DE',
        glns: ['4012345000016'],
        roles: ['wholesaler'],
      },
      ...{ sees: ['records', 'exceptions'], sends: ['files', 'answers'], from: '2026-01-01' },
    });
    await told('admin', 'PUT', '/partners/acme', {
      ...{ name: 'Acme Pharma', glns: ['0614141000005'], roles: ['manufacturer'], sends: ['answers'] },
      endpoints: { verification: 'https://responder.example.com/' },
    });
  }

  async function registers(): Promise<void> {
    await told('quality', 'PUT', '/holds/shipment:SHP-1003', { reason: 'complaint 4711 of the clinic' });
    await told('admin', 'POST', '/users', {
      name: 'karolina',
      role: 'dock',
      password: 'a few odd words',
      sites: ['site:lyon'],
    });
    await told('admin', 'PUT', '/roles/night-desk', {
      about: 'Looks after alerts by night',
      permissions: ['records.read', 'alert.handle'],
    });
    await told('admin', 'POST', '/tokens', { name: 'erp', role: 'logistics' });
    await told('admin', 'POST', '/credentials', { id: 'gw-lyon', kind: 'gateway', speaksFor: ['dock-1-reader'] });
    await told('admin', 'PUT', '/channels/duty-phone', { url: 'http://127.0.0.1:9/hook' });
    await told('operations', 'PUT', '/routing', { text: ROUTING, reason: 'by turns, week by week' });
    await told('operations', 'POST', '/silences', {
      match: { device: ['logger-9'] },
      reason: 'being repaired',
      until: iso(NOW + 6 * HOUR),
    });
    await told('admin', 'POST', '/devices/logger-7/calibrations', {
      ...{ offset: -0.2, reason: 'yearly calibration', effectiveFrom: iso(NOW - 30 * DAY) },
      certificate: {
        number: 'CAL-2026-0815',
        laboratory: 'Calibration Laboratory South',
        date: '2026-10-01',
        due: '2027-10-01',
      },
    });
    for (const serial of ['100000', 'NOBODY-KNOWS-THIS-ON'])
      await told('dock', 'POST', '/verifications', { gtin: GTIN, serial });
    await told('admin', 'PUT', '/verification-directory/0614141', { partner: 'acme' });
  }

  async function alertOf(device: string): Promise<string> {
    for (const end = systemTime.now() + PATIENCE_MS; systemTime.now() < end; ) {
      const { rows } = await house.database.query<{ id: string }>(
        'SELECT id FROM alerts a WHERE device = $1 AND (SELECT count(*) FROM alert_serials WHERE alert = a.number) = 60',
        [device],
      );
      if (rows[0] !== undefined) return rows[0].id;
      await systemTime.sleep('furnished: alert', 50);
    }
    throw new Error(`there is no alert of ${device}`);
  }
}

const ROUTING = `people:
  operations: { zone: Europe/Berlin, notify: { critical: [duty-phone], warning: [duty-phone] } }
  quality: { zone: Europe/Berlin, notify: { critical: [duty-phone] } }
teams:
  night: { members: [operations, quality] }
schedules:
  duty: { zone: Europe/Berlin, people: [operations, quality], start: "2026-11-02", days: 7, handOver: "08:00" }
route:
  name: all
  to: [{ schedule: duty }]
  escalation:
    - { after: 15m, to: [{ person: operations }, { person: quality }] }
  repeat: 1h
`;

/** Journeys of a month over one lane, some of them too warm: enough that rates are told. */
async function pastJourneys(house: Installation): Promise<void> {
  for (let n = 0; n < JOURNEYS; n++) {
    const left = NOW - (30 - n) * DAY;
    const device = n < 8 ? 'lane-warm' : 'lane-cold';
    await house.ask('logistics', 'POST', '/shipments', {
      ...{
        id: `SHP-L${n}`,
        profile: '2-8C',
        origin: 'site:berlin',
        destination: 'site:lyon',
        carrier: n < 8 ? 'South' : 'North',
      },
      ...{ departs: iso(left), arrives: iso(left + 12 * HOUR), products: [] },
      units: [{ sscc: pallet(5_000 + n), devices: [device], children: vials(50_000 + n, 50_000 + n), from: iso(left) }],
    });
    await house.database.query(
      `UPDATE shipments SET left_at = departs, received_at = departs + $2, state = 'closed' WHERE id = $1`,
      [`SHP-L${n}`, (9 + (n % 5)) * HOUR],
    );
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
}

/** Two pallets through Dock 1: one as expected, then one with two packs missing and three too many. @returns the second pass */
async function passes(house: Installation): Promise<string> {
  const units = [81, 82].map((n) => ({
    ...{ sscc: pallet(n), devices: [], from: iso(NOW - 5 * HOUR), children: vials(n * 1_000 + 1, n * 1_000 + 8) },
  }));
  await house.ask('logistics', 'POST', '/shipments', {
    ...{ id: 'SHP-DOCK', profile: '2-8C', origin: 'site:berlin', destination: 'site:lyon', units },
    ...{ departs: iso(NOW - 4 * HOUR), arrives: iso(NOW + 4 * HOUR) },
    products: [{ gtin: GTIN, name: LONG.product, lot: 'A17', expiry: '2099-06-30' }],
  });
  let sequence = 0;
  const carry = async (epcs: readonly string[], when: number) => {
    const complete = DOCK.antennas.map(({ reader }) => ({ reader, at: when + MINUTE }));
    const batch = { gateway: 'gw-lyon', sequence: ++sequence, at: when, gpi: [], gaps: [], complete };
    await house.log.append([
      {
        ...{ family: 'trace', kind: 'sightings', version: 1, source: 'gw-lyon', sequence, arrival: systemTime.now() },
        payload: encodeBatch({ ...batch, sightings: through(DOCK, 'in', when, epcs) }),
      },
    ]);
  };
  await carry([pallet(81), ...vials(81_001, 81_008)], NOW - 20 * MINUTE);
  await carry([pallet(82), ...vials(82_001, 82_006), ...vials(99_001, 99_003)], NOW - 10 * MINUTE);
  for (const end = systemTime.now() + PATIENCE_MS; systemTime.now() < end; ) {
    const { body } = await house.ask('dock', 'GET', '/portals/dock-1/passes?limit=5');
    const { items } = body as { items: readonly { id: string }[] };
    if (items.length >= 2 && items[0] !== undefined) return items[0].id;
    await systemTime.sleep('furnished: passes', 50);
  }
  throw new Error('the pallets did not come through');
}

async function quarantine(house: Installation): Promise<void> {
  const store = new QuarantineStore({ database: house.database });
  const payload = Buffer.from(`{"time":"${iso(NOW - 500 * DAY)}","temperature":5.5}`).toString('base64');
  const entry = { arrival: NOW, topic: 'isotherm/v1/devices/drawer-1/readings', payload, partition: 0, index: 0 };
  await house.database.transaction((client) =>
    store.keep(effectsOf(client), [
      { ...entry, source: 'drawer-1', reason: 'TIME_TOO_OLD', detail: 'older than 400 days', position: 1 },
      {
        ...entry,
        source: 'a-device-whose-name-nobody-cut-short-0000000000001',
        reason: 'DEVICE_UNKNOWN',
        detail: 'no such device',
        position: 2,
      },
    ]),
  );
}
