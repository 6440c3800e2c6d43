import { beforeEach, describe, expect, test } from 'vitest';
import { testDatabase } from '../storage/testing/database.ts';
import { TraceQueries } from './queries.ts';
import { at, door, notice, pallet, said, tagOf, through, vial, vials, Yard } from './testing/yard.ts';

const database = await testDatabase();
const yard = new Yard(database);
const queries = new TraceQueries({ database });
const DOCK = door('dock-1');
const PALLET = pallet(1);
const CASE = pallet(2);
const ITEM = { unit: PALLET, shipment: 'SHP-1', lot: 'A17', product: 'Examplumab 40 mg' };

beforeEach(() => yard.clear());

/** A pallet with five vials of which one stays away, a stranger, at 15:00. */
async function arrival(): Promise<void> {
  await yard.hears(
    said.portal(DOCK),
    said.asn(notice('SHP-1', [{ sscc: PALLET, devices: ['logger-7'], children: vials(1, 5) }])),
    said.seen(through(DOCK, 'in', at('15:00'), [PALLET, ...vials(1, 4), vial(99)])),
    said.complete(DOCK, at('15:01')),
  );
}

describe('shipments', () => {
  test('come with their units, serials, loggers and where they are', async () => {
    await arrival();
    expect(await queries.shipment('SHP-1')).toEqual({
      id: 'SHP-1',
      state: 'received',
      profile: '2-8C',
      origin: 'site:berlin',
      destination: 'site:lyon',
      departs: at('08:00'),
      arrives: at('16:00'),
      leftAt: null,
      receivedAt: at('15:00'),
      closedAt: null,
      cancelled: null,
      revision: expect.any(Number),
      isNoticed: true,
      lane: null,
      carrier: null,
      noticedAt: at('23:00'),
      place: 'room:lyon/dock',
      seenFrom: ['room:lyon/dock', 'site:berlin', 'site:lyon'],
      units: [{ epc: PALLET, parent: null, serialCount: 5, place: 'room:lyon/dock', devices: ['logger-7'] }],
      serialCount: 5,
      products: [{ gtin: '80614141123458', name: 'Examplumab 40 mg', lot: 'A17', expiry: '2027-06-30' }],
    });
    expect(await queries.shipment('SHP-2')).toBeNull();
  });

  test('are counted through nested units', async () => {
    const nested = notice('SHP-1', [
      { sscc: PALLET, children: [CASE, vial(9)] },
      { sscc: CASE, children: vials(1, 3) },
    ]);
    await yard.hearsAtOnce([said.asn(nested)], at('07:45'));
    const shipment = await queries.shipment('SHP-1');
    expect(shipment).toMatchObject({ state: 'packed', place: 'site:berlin', serialCount: 4 });
    expect(shipment?.units).toMatchObject([
      { epc: PALLET, parent: null, serialCount: 4 },
      { epc: CASE, parent: PALLET, serialCount: 3 },
    ]);
    expect(await queries.serialCounts([PALLET, CASE])).toEqual(
      new Map([
        [PALLET, 4],
        [CASE, 3],
      ]),
    );
  });

  test('page by departure, latest first, without losing one', async () => {
    for (let i = 1; i <= 5; i++) {
      await yard.hears(said.asn(notice(`SHP-${i}`, [], { departs: at(i < 3 ? '08:00' : '09:00') })));
    }
    const ids: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await queries.shipments({ limit: 2, cursor });
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(ids).toEqual(['SHP-3', 'SHP-4', 'SHP-5', 'SHP-1', 'SHP-2']);
    expect((await queries.shipments({ states: ['received'] })).items).toEqual([]);
    await expect(queries.shipments({ cursor: 'nonsense' })).rejects.toThrow('nextCursor');
    await expect(queries.passes('dock-1', { cursor: Buffer.from('1 x').toString('base64url') })).rejects.toThrow(
      'nextCursor',
    );
  });

  test('list their serials by page', async () => {
    await arrival();
    const first = await queries.serialsOf('SHP-1', { limit: 3 });
    expect(first.items[0]).toEqual({
      epc: vial(1),
      gtin: '80614141123458',
      serial: '1',
      lot: 'A17',
      expiry: '2027-06-30',
      unit: PALLET,
    });
    const second = await queries.serialsOf('SHP-1', { limit: 3, cursor: first.nextCursor ?? undefined });
    expect([...first.items, ...second.items].map(({ epc }) => epc)).toEqual(vials(1, 5));
    expect(second.nextCursor).toBeNull();
  });
});

describe('a pass', () => {
  test('says who was expected, seen, missing, not expected, and why', async () => {
    await arrival();
    const { items } = await queries.passes('dock-1');
    const pass = {
      id: expect.stringMatching(/^pass-/),
      portal: 'dock-1',
      from: at('15:00'),
      to: at('15:00:02') + 501,
      endedBy: 'quiet',
      direction: 'in',
      directionReason: '6 of 6 tags moved in',
      verdict: 'check',
      isProvisional: false,
      counts: { expected: 5, seen: 5, missing: 1, unexpected: 1, stray: 0 },
      reason: '1 not expected here, 1 missing',
      shipments: ['SHP-1'],
      clearance: { mayMoveOn: true, findings: [], at: at('23:00') },
      shownLights: [],
    };
    expect(items).toEqual([pass]);
    expect(await queries.pass(items[0]?.id ?? '')).toEqual({
      ...pass,
      units: [
        {
          epc: PALLET,
          shipment: 'SHP-1',
          expected: 5,
          seen: 4,
          inferredFrom: 'its own tag',
          direction: 'in',
          directionReason: '5 of its 5 tags moved in',
        },
      ],
      expected: [...vials(1, 5), PALLET].sort(),
      seen: [...vials(1, 4), vial(99), PALLET].sort(),
      missing: [{ epc: vial(5), ...ITEM, reason: `not read with the rest of ${PALLET}` }],
      unexpected: [
        { epc: vial(99), unit: null, shipment: null, lot: null, product: null, reason: 'no shipment expects it here' },
      ],
      strays: [],
      goods: [
        {
          ...{ gtin: '80614141123458', product: 'Examplumab 40 mg', lot: 'A17', unit: PALLET },
          ...{ expected: 5, seen: 4, unexpected: 0 },
        },
        {
          ...{ gtin: '80614141123458', product: null, lot: null, unit: null },
          ...{ expected: 0, seen: 0, unexpected: 1 },
        },
      ],
    });
    expect(await queries.pass('pass-0')).toBeNull();
    expect(await queries.pass('../etc')).toBeNull();
  });

  test('is found by when it was', async () => {
    await yard.hears(
      said.portal(DOCK),
      said.seen(through(DOCK, 'in', at('14:00'), [vial(1)])),
      said.seen(through(DOCK, 'in', at('15:00'), [vial(2)])),
      said.seen(through(DOCK, 'in', at('16:00'), [vial(3)])),
    );
    const found = async (query: object) => (await queries.passes('dock-1', query)).items.map(({ from }) => from);
    expect(await found({ from: at('14:30'), to: at('15:30') })).toEqual([at('15:00')]);
    expect(await found({})).toEqual([at('16:00'), at('15:00'), at('14:00')]);
    const first = await queries.passes('dock-1', { limit: 1 });
    expect(await found({ limit: 2, cursor: first.nextCursor })).toEqual([at('15:00'), at('14:00')]);
  });
});

describe('one serial', () => {
  test('has its story under any form of its EPC', async () => {
    await arrival();
    const record = await queries.serial(vial(1));
    expect(record).toEqual({
      epc: vial(1),
      gtin: '80614141123458',
      serial: '1',
      sscc: null,
      lot: 'A17',
      expiry: '2027-06-30',
      unreadableExpiry: null,
      product: 'Examplumab 40 mg',
      status: null,
      statusSince: null,
      shipments: ['SHP-1'],
      unit: PALLET,
      containment: [{ parent: PALLET, from: at('07:30'), to: null }],
      presence: [{ place: 'room:lyon/dock', from: at('15:00'), to: null }],
    });
    for (const form of [tagOf(vial(1)), '(01)80614141123458(21)1', 'https://id.gs1.org/01/80614141123458/21/1']) {
      expect(await queries.serial(form)).toEqual(record);
    }
    expect(await queries.serial('(00)106141410000000019')).toMatchObject({ epc: PALLET, sscc: '106141410000000019' });
  });

  test('nobody heard of is not there', async () => {
    expect(await queries.serial(vial(404))).toBeNull();
    expect(await queries.serial('(01)80614141123458(21)404')).toBeNull();
    await expect(queries.serial('hello')).rejects.toThrow('expected');
  });
});

test('loggers are where they are attached now', async () => {
  await arrival();
  await yard.hears(said.attached('logger-8', 'room:lyon/cold-1', at('10:00')));
  await yard.hears(said.attached('logger-9', PALLET, at('10:00')), said.attached('logger-9', null, at('11:00')));
  expect(await queries.attachments(['logger-7', 'logger-8', 'logger-9'])).toEqual([
    {
      device: 'logger-7',
      subject: PALLET,
      from: at('07:30'),
      place: 'room:lyon/dock',
      shipment: 'SHP-1',
      profile: '2-8C',
    },
    { device: 'logger-8', subject: 'room:lyon/cold-1', from: at('10:00'), place: null, shipment: null, profile: null },
  ]);
});
