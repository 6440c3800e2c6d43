import { beforeEach, describe, expect, test } from 'vitest';
import { testDatabase } from '../../storage/testing/database.ts';
import { FewReadings } from '../testing/history.ts';
import { at, door, notice, pallet, said, through, vial, vials, Yard } from '../testing/yard.ts';
import { TraceExposure } from './exposure.ts';

const database = await testDatabase();
const yard = new Yard(database);
const TEMPERATURE = 1;
const PALLET = pallet(1);
const OTHER = pallet(2);
/** 5.0 °C, 9.0 from 10:00 on, 10.2 at 10:30, 9.0, 5.0 again from 11:00 on; a reading every ten minutes. */
const READINGS = Array.from({ length: 13 }, (_, i): [number, number] => {
  const time = at('09:30') + i * 600_000;
  const isWarm = time >= at('10:00') && time < at('11:00');
  return [time, time === at('10:30') ? 10.2 : isWarm ? 9 : 5];
});
const exposure = new TraceExposure({ database, history: new FewReadings('logger-7', READINGS) });
const EXCURSION = {
  device: 'logger-7',
  metric: TEMPERATURE,
  from: at('10:00'),
  to: at('11:00'),
  runs: [{ from: at('10:00'), to: at('11:00') }],
};

beforeEach(() => yard.clear());

describe('an excursion on a pallet', () => {
  test('touched its serials, for as long as it lasted', async () => {
    await yard.hears(said.asn(notice('SHP-1', [{ sscc: PALLET, devices: ['logger-7'], children: vials(1, 3) }])));
    expect(await exposure.affected(EXCURSION)).toEqual([
      {
        unit: PALLET,
        shipment: 'SHP-1',
        from: at('10:00'),
        to: at('11:00'),
        minutesOutOfRange: 60,
        min: 9,
        max: 10.2,
        mkt: expect.closeTo(9.2122, 3),
        serials: vials(1, 3),
      },
    ]);
  });

  test('touched serials that were unpacked or added in the middle for their own part only', async () => {
    await yard.hears(
      said.asn(notice('SHP-1', [{ sscc: PALLET, devices: ['logger-7'], children: vials(1, 3) }])),
      // At 10:20 two go to another pallet, at 10:25 a new one joins, at 10:45 one of the two comes back.
      said.asn(notice('SHP-2', [{ sscc: OTHER, children: vials(2, 3), from: at('10:20') }])),
      said.asn(notice('SHP-3', [{ sscc: PALLET, children: [vial(4)], from: at('10:25') }])),
      said.asn(notice('SHP-4', [{ sscc: PALLET, children: [vial(3)], from: at('10:45') }])),
    );
    const groups = await exposure.affected(EXCURSION);
    expect(
      groups.map(({ from, to, minutesOutOfRange, max, serials }) => ({ from, to, minutesOutOfRange, max, serials })),
    ).toEqual([
      { from: at('10:00'), to: at('10:20'), minutesOutOfRange: 20, max: 9, serials: vials(2, 3) },
      { from: at('10:00'), to: at('11:00'), minutesOutOfRange: 60, max: 10.2, serials: [vial(1)] },
      { from: at('10:25'), to: at('11:00'), minutesOutOfRange: 35, max: 10.2, serials: [vial(4)] },
      { from: at('10:45'), to: at('11:00'), minutesOutOfRange: 15, max: 9, serials: [vial(3)] },
    ]);
  });

  test('touched what was unpacked until then, also where we hear of it late', async () => {
    await yard.hears(
      said.unpacked(PALLET, [vial(2)], at('10:30')),
      said.asn(notice('SHP-1', [{ sscc: PALLET, devices: ['logger-7'], children: vials(1, 2) }])),
    );
    expect(
      (await exposure.affected(EXCURSION)).map(({ to, minutesOutOfRange, serials }) => [
        to,
        minutesOutOfRange,
        serials,
      ]),
    ).toEqual([
      [at('10:30'), 30, [vial(2)]],
      [at('11:00'), 60, [vial(1)]],
    ]);
  });

  test('did not touch a case that carries a logger of its own', async () => {
    await yard.hears(
      said.asn(
        notice('SHP-1', [
          { sscc: PALLET, devices: ['logger-7'], children: [OTHER, vial(9)] },
          { sscc: OTHER, devices: ['logger-8'], children: vials(1, 3) },
        ]),
      ),
      said.attached('logger-8', null, at('10:30')),
    );
    expect((await exposure.affected(EXCURSION)).map(({ from, serials }) => [from, serials])).toEqual([
      [at('10:00'), [vial(9)]],
      [at('10:30'), vials(1, 3)],
    ]);
  });

  test('that still runs goes on for those still there', async () => {
    await yard.hears(said.asn(notice('SHP-1', [{ sscc: PALLET, devices: ['logger-7'], children: [vial(1)] }])));
    expect(await exposure.affected({ ...EXCURSION, to: null })).toMatchObject([{ from: at('10:00'), to: null }]);
  });

  test('of a logger on nothing touched nobody', async () => {
    expect(await exposure.affected(EXCURSION)).toEqual([]);
  });
});

test('an excursion in a room touched what stood in it without a logger of its own, while it stood there', async () => {
  const dock = door('dock-1');
  await yard.hears(
    said.portal(dock),
    said.attached('logger-7', dock.inside, at('00:00')),
    said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 2) }])),
    said.asn(notice('SHP-2', [{ sscc: OTHER, devices: ['logger-8'], children: vials(3, 4) }])),
    said.seen(through(dock, 'in', at('10:10'), [PALLET, ...vials(1, 2)])),
    said.seen(through(dock, 'in', at('10:20'), [OTHER, ...vials(3, 4)])),
    said.seen(through(dock, 'out', at('10:40'), [PALLET, ...vials(1, 2)])),
  );
  expect(await exposure.affected(EXCURSION)).toEqual([
    {
      unit: PALLET,
      shipment: 'SHP-1',
      from: at('10:10'),
      to: at('10:40'),
      minutesOutOfRange: 30,
      min: 9,
      max: 10.2,
      mkt: expect.closeTo(9.4187, 3),
      serials: vials(1, 2),
    },
  ]);
});

test('serials are known with lot and expiry from their notice, others by what their EPC says', async () => {
  await yard.hears(said.asn(notice('SHP-1', [{ sscc: PALLET, children: [vial(1)] }])));
  const identities = await exposure.identities([vial(1), vial(2), PALLET]);
  expect([...identities.values()]).toEqual([
    { epc: vial(1), gtin: '80614141123458', serial: '1', lot: 'A17', expiry: '2027-06-30' },
    { epc: vial(2), gtin: '80614141123458', serial: '2', lot: null, expiry: null },
    { epc: PALLET, gtin: null, serial: null, lot: null, expiry: null },
  ]);
});

test('serials that nobody expects in a pass come with the shipment that was expected there', async () => {
  const dock = door('dock-1');
  await yard.hears(
    said.portal(dock),
    said.asn(notice('SHP-1', [{ sscc: PALLET, children: vials(1, 2) }])),
    said.asn(notice('SHP-2', [{ sscc: OTHER, children: [vial(7)] }])),
    said.seen(through(dock, 'in', at('15:00'), [PALLET, vial(7), vial(99)])),
  );
  const { rows } = await database.query<{ id: number }>('SELECT id FROM passes');
  const carried = await exposure.carried(`pass-${rows[0]?.id}`, at('15:00'), [vial(7), vial(99)]);
  expect(carried.groups).toEqual([
    { unit: OTHER, shipment: 'SHP-2', serials: [vial(7)] },
    { unit: null, shipment: null, serials: [vial(99)] },
  ]);
  expect(carried.shipments).toContain('SHP-1');
  expect(await exposure.carried('pass-of-nobody', at('15:00'), [vial(1)])).toMatchObject({ shipments: [] });
});
