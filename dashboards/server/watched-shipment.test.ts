import { once } from 'node:events';
import { io } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Finding } from '../../domain/index.ts';
import type { AlertDetail, AlertView, LiveEvents, ShipmentDetail } from '../api/index.ts';
import { Installation, TOO_WARM } from './testing/installation.ts';

/* A shipment that is announced, watched and too warm: over requests, and on the socket of whoever watches it. */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const NOW = Math.floor(Date.now() / MINUTE) * MINUTE;
const iso = (at: number) => new Date(at).toISOString();
const SSCC = 'urn:epc:id:sscc:0614141.1234567890';
const sgtin = (serial: number) => `urn:epc:id:sgtin:0614141.812345.${serial}`;

function asn(id: string, changes: object = {}) {
  return {
    id,
    profile: '2-8C',
    origin: 'site:berlin',
    destination: 'site:lyon',
    departs: iso(NOW - 4 * HOUR),
    arrives: iso(NOW + 20 * HOUR),
    units: [{ sscc: SSCC, devices: ['logger-7'], children: [sgtin(1), sgtin(2), sgtin(3)], from: iso(NOW - 5 * HOUR) }],
    products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2027-06-30' }],
    ...changes,
  };
}

const excursion: Finding = {
  rule: 'too-warm',
  ruleVersion: 1,
  kind: 'threshold',
  severity: 'critical',
  key: 'logger-7/temperature',
  from: NOW - 60 * MINUTE,
  to: NOW - 20 * MINUTE,
  endedBy: 'recovery',
  extreme: 9.1,
  readings: 8,
  minutesOutOfRange: 40,
  runs: [{ from: NOW - 60 * MINUTE, to: NOW - 20 * MINUTE }],
  limit: 8,
  detectedAt: NOW,
  detectedLate: false,
};

let house: Installation;

beforeAll(async () => {
  house = await Installation.start();
  await house.tell({ type: 'rule', by: 'test', version: TOO_WARM });
  // What is registered through the server shows at once, the rest within seconds.
  await house.ask('admin', 'PUT', '/places/site:lyon', { name: 'Lyon', zone: 'Europe/Paris' });
  await house.ask('admin', 'PUT', '/places/site:berlin', { name: 'Berlin', zone: 'Europe/Berlin' });
});

afterAll(() => house.stop());

describe('shipments', () => {
  test('a notice is worked in, and its shipment can be watched at once', async () => {
    const answer = await house.ask('logistics', 'POST', '/shipments', asn('SHP-1'));
    expect(answer.status).toBe(201);
    expect(answer.headers.get('location')).toBe('/api/v1/shipments/SHP-1');
    const shipment = answer.body as ShipmentDetail;
    expect(shipment).toMatchObject({
      id: 'SHP-1',
      profile: { id: '2-8C', min: 2, max: 8 },
      origin: { name: 'Berlin', zone: 'Europe/Berlin' },
      serialCount: 3,
      unitCount: 1,
      openAlerts: { critical: 0, warning: 0, info: 0 },
      condition: { state: 'unknown', temperature: null },
      lastHeard: null,
    });
    expect(shipment.products).toHaveLength(1);

    await house.measure('logger-7', [
      [NOW - 10 * MINUTE, 5.1],
      [NOW - 5 * MINUTE, 5.3],
    ]);
    const { body } = await house.ask('dock', 'GET', '/shipments');
    const [listed] = (body as { items: ShipmentDetail[] }).items;
    expect(listed).toMatchObject({
      condition: { state: 'inRange', device: 'logger-7', temperature: 5.3, at: iso(NOW - 5 * MINUTE) },
      lastHeard: iso(NOW - 5 * MINUTE),
    });
  });

  test('a serial tells its whole story', async () => {
    const { body } = await house.ask('quality', 'GET', `/serials/${encodeURIComponent(sgtin(2))}`);
    expect(body).toMatchObject({
      epc: sgtin(2),
      gtin: '80614141123458',
      serial: '2',
      lot: 'A17',
      shipments: ['SHP-1'],
      containment: [{ parent: SSCC, from: iso(NOW - 5 * HOUR), to: null }],
      exposures: [
        {
          ...{ devices: ['logger-7'], unit: SSCC, place: null, profile: { id: '2-8C', min: 2, max: 8 } },
          ...{ from: iso(NOW - 5 * HOUR), to: null, min: 5.1, max: 5.3, minutesAbove: 0 },
        },
      ],
      journey: { from: iso(NOW - 5 * HOUR), min: 5.1, max: 5.3, minutesOutOfRange: 0, highestMkt: null, budget: null },
    });
  });

  test.each([
    'urn:epc:tag:sgtin-96:3.0614141.812345.2',
    '3074257BF7194E4000000002',
    '(01)80614141123458(21)2',
    '(01)80614141123458(17)270630(10)A17(21)2',
    ']d201806141411234581727063010A17\u001d212',
    '0180614141123458212\u001d10A17',
    'https://id.gs1.org/01/80614141123458/21/2',
  ])('a serial is found by %s', async (form) => {
    const { status, body } = await house.ask('dock', 'GET', `/serials/${encodeURIComponent(form)}`);
    expect({ status, epc: (body as { epc: string }).epc }).toEqual({ status: 200, epc: sgtin(2) });
  });

  test('lists page by cursor', async () => {
    for (const [index, id] of ['SHP-2', 'SHP-3', 'SHP-4'].entries()) {
      const changes = { departs: iso(NOW - (10 + index) * HOUR), units: [] };
      expect((await house.ask('admin', 'POST', '/shipments', asn(id, changes))).status).toBe(201);
    }
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { body } = await house.ask('dock', 'GET', `/shipments?limit=2&sort=departs${query}`);
      const page = body as { items: { id: string }[]; nextCursor: string | null };
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen).toEqual(['SHP-1', 'SHP-2', 'SHP-3', 'SHP-4']);
  });
});

describe('an excursion', () => {
  let alert: AlertView;

  test('reaches everyone who watches, with its serials, without being asked for', async () => {
    const socket = await house.watch('quality', 'alerts');
    const pushed = once(socket as unknown as NodeJS.EventEmitter, 'alert') as Promise<[LiveEvents['alert']]>;
    await house.find(excursion);
    const [event] = await pushed;
    alert = event.alert;
    expect(event.isNew).toBe(true);
    expect(alert).toMatchObject({
      kind: 'threshold',
      severity: 'critical',
      state: 'open',
      from: iso(excursion.from),
      affected: { count: 3 },
      about: { shipments: ['SHP-1'], device: 'logger-7' },
    });
  });

  test('explains itself: rule, limits, serials with their own minutes', async () => {
    const { body } = await house.ask('quality', 'GET', `/alerts/${alert.id}`);
    const detail = body as AlertDetail;
    expect(detail).toMatchObject({
      rule: { id: 'too-warm', version: 1 },
      ruleText: 'Temperature above 8 °C for 10 minutes or longer, until it is 7.5 °C or less.',
      limits: { min: 2, max: 8 },
      minutes: { least: 40, most: 40 },
      affected: { count: 3 },
    });
    const page = (await house.ask('quality', 'GET', `/alerts/${alert.id}/serials?limit=2`)).body as {
      items: { epc: string; minutesOutOfRange: number; lot: string }[];
      nextCursor: string;
    };
    expect(page.items.map(({ epc, minutesOutOfRange, lot }) => [epc, minutesOutOfRange, lot])).toEqual([
      [sgtin(1), 40, 'A17'],
      [sgtin(2), 40, 'A17'],
    ]);
    const rest = (await house.ask('quality', 'GET', `/alerts/${alert.id}/serials?limit=2&cursor=${page.nextCursor}`))
      .body;
    expect(rest).toMatchObject({ items: [{ epc: sgtin(3) }], nextCursor: null });
  });

  test('is found by its shipment, severity and state, and is counted there', async () => {
    const found = async (query: string) =>
      ((await house.ask('dock', 'GET', `/alerts?${query}`)).body as { items: { id: string }[] }).items.map(
        ({ id }) => id,
      );
    expect(await found('state=open,acknowledged&severity=critical&shipment=SHP-1')).toEqual([alert.id]);
    expect(await found('state=resolved')).toEqual([]);
    const shipment = (await house.ask('dock', 'GET', '/shipments/SHP-1')).body as ShipmentDetail;
    expect(shipment.openAlerts).toEqual({ critical: 1, warning: 0, info: 0 });
  });

  test('is acknowledged once, by name; a second hand sees whose it is', async () => {
    const first = await house.ask('operations', 'POST', `/alerts/${alert.id}/acknowledge`, { comment: 'On it' });
    expect(first.body).toMatchObject({ state: 'acknowledged', acknowledgedBy: 'test-operations' });
    const second = await house.ask('quality', 'POST', `/alerts/${alert.id}/acknowledge`, {});
    expect([second.status, second.body]).toMatchObject([
      409,
      { code: 'ALERT_STATE_CONFLICT', current: { state: 'acknowledged', acknowledgedBy: 'test-operations' } },
    ]);
    await house.ask('dock', 'POST', `/alerts/${alert.id}/comment`, { comment: 'Door was open' });
    const resolved = await house.ask('quality', 'POST', `/alerts/${alert.id}/resolve`, {
      comment: 'Stability data covers it',
    });
    const { history } = resolved.body as AlertDetail;
    expect(history.map(({ by, action, comment }) => [by, action, comment])).toEqual([
      [null, 'opened', null],
      ['test-operations', 'acknowledged', 'On it'],
      ['test-dock', 'commented', 'Door was open'],
      ['test-quality', 'resolved', 'Stability data covers it'],
    ]);
  });
});

describe('live', () => {
  const told = <Name extends keyof LiveEvents>(socket: { once: unknown }, name: Name) =>
    once(socket as unknown as NodeJS.EventEmitter, name) as Promise<[LiveEvents[Name]]>;

  // A browser whose connection could not be taken up again was told nothing and went on with a stale screen.
  test('whoever comes back and cannot be given what was missed is told to reload; a newcomer is not', async () => {
    // A room in which nothing is told: whoever was told something before can be given what was missed.
    const socket = await house.watch('dock');
    const reloads: LiveEvents['reload'][] = [];
    socket.on('reload', (reload: LiveEvents['reload']) => reloads.push(reload));
    await socket.emitWithAck('subscribe', { room: 'device:logger-8' });
    expect(reloads).toEqual([]);
    const away = told(socket, 'reload');
    socket.io.engine.close();
    const [reload] = await away;
    expect(reload).toEqual({ reason: 'the connection was away' });
  });

  test('who is not signed in is not told anything', async () => {
    const socket = io(`${house.url}/live`, { transports: ['websocket'], forceNew: true, reconnection: false });
    const [error] = (await once(socket as unknown as NodeJS.EventEmitter, 'connect_error')) as [Error];
    expect(error.message).toBe('SIGNED_OUT');
    socket.close();
  });

  test('a page of another site cannot open a socket with the cookie of a browser', async () => {
    const socket = io(`${house.url}/live`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      auth: { token: await house.token('admin') },
      extraHeaders: { origin: 'https://elsewhere.example' },
    });
    await once(socket as unknown as NodeJS.EventEmitter, 'connect_error');
    expect(socket.connected).toBe(false);
    socket.close();
  });

  test('readings come with the newest value of each logger, to the rooms that watch it', async () => {
    const device = await house.watch('logistics', 'device:logger-7');
    const shipment = await house.watch('logistics', 'shipment:SHP-1');
    const other = await house.watch('logistics', 'device:logger-8');
    let isOtherTold = false;
    other.on('readings', () => {
      isOtherTold = true;
    });
    const both = Promise.all([told(device, 'readings'), told(shipment, 'readings')]);
    await house.measure('logger-7', [
      [NOW - 3 * MINUTE, 5.5],
      [NOW - MINUTE, 5.7],
      [NOW - 2 * MINUTE, 5.6],
    ]);
    const newest = [{ device: 'logger-7', metric: 'temperature', time: iso(NOW - MINUTE), value: 5.7 }];
    expect(await both).toEqual([
      [{ room: 'device:logger-7', readings: newest }],
      [{ room: 'shipment:SHP-1', readings: newest }],
    ]);
    expect(isOtherTold).toBe(false);
  });

  // Each page that watched several rooms was told in the first alone: the others found its connection still busy.
  test('a page that watches several rooms is told in each of them what was read', async () => {
    const rooms = ['device:logger-7', 'fleet'];
    const socket = await house.watch('logistics', ...rooms);
    const heard = new Set<string>();
    socket.on('readings', ({ room }: LiveEvents['readings']) => heard.add(room));
    await house.measure('logger-7', [[NOW - MINUTE, 5.8]]);
    await expect.poll(() => [...heard].toSorted()).toEqual(rooms.toSorted());
  });

  test('a new shipment is told to whoever watches the fleet', async () => {
    const socket = await house.watch('logistics', 'fleet');
    const changed = told(socket, 'shipment');
    await house.ask('logistics', 'POST', '/shipments', asn('SHP-5', { units: [] }));
    expect((await changed)[0]).toEqual({ id: 'SHP-5' });
  });

  test('a room that does not exist is refused', async () => {
    const socket = await house.watch('logistics');
    expect(await socket.emitWithAck('subscribe', { room: 'session of-somebody' })).toEqual({
      ok: false,
      reason: 'no such room',
    });
  });

  test('after the database was away every browser is told to look again', async () => {
    const socket = await house.watch('operations', 'alerts');
    const reloaded = told(socket, 'reload');
    const { rowCount } = await house.database.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND (query LIKE 'LISTEN %' OR query = 'SELECT 1')",
    );
    expect(rowCount).toBeGreaterThan(0);
    expect((await reloaded)[0]).toEqual({ reason: 'the database was away' });
  });

  test('signing out closes what the session had open', async () => {
    const signedIn = await fetch(`${house.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ username: 'dock', password: 'demo' }),
    });
    const cookie = (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    const socket = io(`${house.url}/live`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      extraHeaders: { cookie },
    });
    await once(socket as unknown as NodeJS.EventEmitter, 'connect');
    const closed = once(socket as unknown as NodeJS.EventEmitter, 'disconnect');
    await fetch(`${house.url}/api/v1/session`, { method: 'DELETE', headers: { cookie } });
    await closed;
    expect(socket.connected).toBe(false);
  });
});
