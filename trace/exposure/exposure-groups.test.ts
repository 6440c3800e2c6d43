import fc from 'fast-check';
import { beforeEach, expect, test } from 'vitest';
import { testDatabase } from '../../storage/testing/database.ts';
import { FewReadings } from '../testing/history.ts';
import { type Arrival, at, MINUTE, notice, pallet, said, vial, vials, Yard } from '../testing/yard.ts';
import { type Chosen, type Excused, ExposureGroups } from './exposure-groups.ts';
import { SerialExposures } from './serial-exposure.ts';

const database = await testDatabase();
const yard = new Yard(database);
const PALLETS = [pallet(1), pallet(2)];
const DEVICES = ['logger-7', 'logger-8'];
const GTIN = '80614141123458';
const UNTIL = at('14:00');
/** 5 °C, 9 from 10:00 to 11:00, 1 from 12:00 to 12:30; a reading every ten minutes, none from 13:00 to 13:50. */
const READINGS = Array.from({ length: 32 }, (_, i): [number, number] => {
  const time = at('09:00') + i * 10 * MINUTE;
  if (time >= at('10:00') && time < at('11:00')) return [time, 9];
  return [time, time >= at('12:00') && time < at('12:30') ? 1 : 5];
}).filter(([time]) => time < at('13:00') || time > at('13:50'));
const sources = { database, history: new FewReadings('logger-7', READINGS) };
const groups = new ExposureGroups(sources);
const singles = new SerialExposures(sources);

beforeEach(() => yard.clear());

test('ten serials of a pallet that went through the same are one group, with what each alone went through', async () => {
  await yard.hears(said.asn(notice('SHP-1', [{ sscc: pallet(1), devices: ['logger-7'], children: vials(1, 10) }])));
  const [group, ...others] = await groups.of(vials(1, 10), { until: UNTIL });
  expect(others).toEqual([]);
  expect(group).toMatchObject({
    ...{ epcs: vials(1, 10).sort(), gtin: GTIN, lot: 'A17', expiry: '2027-06-30', units: [pallet(1)], profile: '2-8C' },
    ...{ limits: { min: 2, max: 8 }, devices: ['logger-7'], minutesSuspect: 0, minutesExcused: 0 },
  });
  expect(group?.journey).toMatchObject({ minutesAbove: 60, minutesBelow: 30, minutesOutOfRange: 90, min: 1, max: 9 });
});

test('one that was taken out earlier, and one that brought time along, are groups of their own', async () => {
  const products = [
    { gtin: GTIN, name: 'X', lot: 'A17', expiry: null, stability: { budgetMs: 120 * MINUTE, mktWindowMs: null } },
  ];
  const unit = {
    sscc: pallet(1),
    devices: ['logger-7'],
    children: vials(1, 4),
    budgetUsedMs: { [vial(4)]: 50 * MINUTE },
  };
  await yard.hears(said.asn(notice('SHP-1', [unit], { products })), said.unpacked(pallet(1), [vial(3)], at('10:20')));
  const found = await groups.of(vials(1, 4), { until: UNTIL });
  expect(found.map(({ epcs, journey: { budget } }) => [epcs, budget?.used])).toEqual([
    [vials(1, 2), 90],
    [[vial(3)], 20],
    [[vial(4)], 140],
  ]);
});

test('what is excused is given back, but not what another logger measured of the same time', async () => {
  await yard.hears(said.asn(notice('SHP-1', [{ sscc: pallet(1), devices: ['logger-7'], children: vials(1, 2) }])));
  const warm: Excused = { device: 'logger-7', from: at('09:50'), to: at('10:30') };
  const excusedOf = async (...excused: Excused[]) =>
    (await groups.of(vials(1, 2), { until: UNTIL, excused })).map(({ minutesExcused }) => minutesExcused);
  expect(await excusedOf(warm)).toEqual([30]);
  expect(await excusedOf(warm, { ...warm, from: at('10:00'), to: at('12:10') })).toEqual([70]);
  expect(await excusedOf({ ...warm, device: 'logger-8' })).toEqual([0]);
});

test('what is excluded is no part of the journey, neither out of range nor unknown', async () => {
  await yard.hears(said.asn(notice('SHP-1', [{ sscc: pallet(1), devices: ['logger-7'], children: vials(1, 2) }])));
  const excluded = [{ device: 'logger-7', from: at('08:00'), to: at('10:20') }];
  const [whole] = await groups.of(vials(1, 2), { until: UNTIL });
  const [part] = await groups.of(vials(1, 2), { until: UNTIL, excluded });
  expect(whole?.journey).toMatchObject({ minutesOutOfRange: 90, minutesUnknown: 160 });
  // From 07:30, when it was packed, to 08:00 and from 12:50 on nothing is known.
  expect(part?.journey).toMatchObject({ minutesOutOfRange: 70, minutesUnknown: 100 });
});

// Two loggers said 5 and 9 °C while a third was declared broken: the one that was chosen did not stand alone.
test('where one logger was chosen in the place of a broken one, a third on the same goods does not count', async () => {
  const devices = ['logger-7', 'logger-8', 'logger-9'];
  await yard.hears(said.asn(notice('SHP-1', [{ sscc: pallet(1), devices, children: vials(1, 2) }])));
  const times = Array.from({ length: 37 }, (_, i) => at('08:00') + i * 10 * MINUTE);
  const told: Readonly<Record<string, number>> = { 'logger-7': 20, 'logger-8': 5, 'logger-9': 9 };
  const histories = new Map(
    devices.map((one) => [
      one,
      new FewReadings(
        one,
        times.map((time) => [time, told[one] ?? 0]),
      ),
    ]),
  );
  const of = (device: string) => histories.get(device) ?? new FewReadings(device, []);
  const three = new ExposureGroups({
    database,
    history: {
      read: (device, ...asked) => of(device).read(device, ...asked),
      before: (device, ...asked) => of(device).before(device, ...asked),
      keys: async () => [],
    },
  });
  const chosenFrom = async (...chosen: Chosen[]) => {
    const [group] = await three.of(vials(1, 2), { until: UNTIL, chosen });
    return { devices: group?.devices, max: group?.journey.max, out: group?.journey.minutesOutOfRange };
  };
  const since: Chosen = { device: 'logger-7', instead: 'logger-8', from: at('08:00'), to: Number.POSITIVE_INFINITY };
  expect(await chosenFrom()).toEqual({ devices, max: 20, out: 360 });
  expect(await chosenFrom(since)).toEqual({ devices, max: 5, out: 0 });
  expect(await chosenFrom({ ...since, to: at('10:00') })).toEqual({ devices, max: 20, out: 240 });
  expect(await chosenFrom(since, { ...since, instead: 'logger-9', from: at('12:00') })).toMatchObject({ out: 120 });
  // It was on other goods: nothing of it is known here.
  expect(await chosenFrom({ ...since, instead: 'logger-2' })).toMatchObject({ out: 360 });
});

test('for any packing, attachment and notice, a group says of each of its serials what it alone went through', async () => {
  const time = fc.integer({ min: 0, max: 36 }).map((tens) => at('08:00') + tens * 10 * MINUTE);
  const some = fc.subarray(vials(1, 6), { minLength: 1 });
  const unit = fc.constantFrom(...PALLETS);
  const device = fc.constantFrom(...DEVICES);
  const arrival: fc.Arbitrary<Arrival> = fc.oneof(
    fc.tuple(unit, some, time).map(([one, epcs, from]) => said.packed(one, epcs, from)),
    fc.tuple(unit, some, time).map(([one, epcs, from]) => said.unpacked(one, epcs, from)),
    fc
      .tuple(device, fc.constantFrom(...PALLETS, vial(1), vial(2), null), time)
      .map(([one, subject, from]) => said.attached(one, subject, from)),
    fc
      .tuple(fc.constantFrom('SHP-1', 'SHP-2'), unit, some, time, fc.option(fc.integer({ min: 0, max: 90 })))
      .map(([id, sscc, children, from, used]) => {
        const budgetUsedMs = used === null ? {} : { budgetUsedMs: { [children[0] ?? '']: used * MINUTE } };
        const stability = { budgetMs: 120 * MINUTE, mktWindowMs: used === null ? null : 120 * MINUTE };
        const product = { gtin: GTIN, name: 'X', lot: id, expiry: null, ...(id === 'SHP-1' && { stability }) };
        const profile = id === 'SHP-1' ? '2-8C' : 'CRT';
        return said.asn(
          notice(id, [{ sscc, children, from, ...budgetUsedMs }], { profile, departs: from, products: [product] }),
        );
      }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(arrival, { minLength: 1, maxLength: 12 }), async (arrivals) => {
      await yard.clear();
      await yard.hearsAtOnce([said.attached('logger-7', pallet(1), at('08:30')), ...arrivals]);
      const found = await groups.of(vials(1, 6), { until: UNTIL });
      const journeys = new Map(found.flatMap(({ epcs, journey }) => epcs.map((epc) => [epc, journey] as const)));
      expect(found.reduce((sum, { epcs }) => sum + epcs.length, 0)).toBe(journeys.size);
      for (const epc of vials(1, 6)) {
        expect(journeys.get(epc)).toEqual((await singles.of(epc, UNTIL))?.journey);
      }
    }),
    { numRuns: 15 },
  );
});
