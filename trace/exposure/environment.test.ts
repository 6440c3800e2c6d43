import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { someSaid, UNITS } from '../testing/facts.ts';
import { naiveEnvironment, type Said, worldOf } from '../testing/naive.ts';
import { Environments } from './environment.ts';
import { minutesWithin, stretchesOf } from './stretch.ts';

const PALLET = 'urn:epc:id:sscc:0614141.1000000001';
const CASE = 'urn:epc:id:sscc:0614141.1000000002';
const VIAL = 'urn:epc:id:sgtin:0614141.812345.1';

function environmentsOf(...said: Said[]): Environments {
  return new Environments(worldOf(said));
}

describe('the air around a serial', () => {
  test('comes from the devices of the nearest unit that has any', () => {
    const environments = environmentsOf(
      { what: 'containment', subject: VIAL, value: CASE, from: 0 },
      { what: 'containment', subject: CASE, value: PALLET, from: 10 },
      { what: 'attachment', subject: 'pallet-logger', value: PALLET, from: 0 },
      { what: 'attachment', subject: 'case-logger', value: CASE, from: 20 },
      { what: 'attachment', subject: 'case-logger', value: null, from: 30 },
    );
    expect(environments.of(VIAL)).toEqual([
      { from: 10, to: 20, devices: ['pallet-logger'], through: { unit: PALLET } },
      { from: 20, to: 30, devices: ['case-logger'], through: { unit: CASE } },
      { from: 30, to: Number.POSITIVE_INFINITY, devices: ['pallet-logger'], through: { unit: PALLET } },
    ]);
  });

  test('comes from the place it is in where no unit has a device, and stays there when unpacked', () => {
    const environments = environmentsOf(
      { what: 'containment', subject: VIAL, value: PALLET, from: 0 },
      { what: 'containment', subject: VIAL, value: null, from: 50 },
      { what: 'presence', subject: PALLET, value: 'room:lyon/cold-1', from: 20 },
      { what: 'presence', subject: PALLET, value: 'vehicle:truck-7', from: 60 },
      { what: 'attachment', subject: 'room-sensor', value: 'room:lyon/cold-1', from: 0 },
    );
    const through = { place: 'room:lyon/cold-1', carrier: PALLET };
    expect(environments.of(VIAL)).toEqual([
      { from: 20, to: Number.POSITIVE_INFINITY, devices: ['room-sensor'], through },
    ]);
    expect(environments.of(PALLET)).toEqual([{ from: 20, to: 60, devices: ['room-sensor'], through }]);
  });

  test('several devices in one place all count', () => {
    const environments = environmentsOf(
      { what: 'presence', subject: VIAL, value: 'room:a', from: 0 },
      { what: 'attachment', subject: 'one', value: 'room:a', from: 0 },
      { what: 'attachment', subject: 'two', value: 'room:a', from: 10 },
    );
    expect(environments.of(VIAL).map(({ devices }) => devices)).toEqual([['one'], ['one', 'two']]);
  });

  test('facts that put two units into each other end the chain instead of running for ever', () => {
    const environments = environmentsOf(
      { what: 'containment', subject: CASE, value: PALLET, from: 0 },
      { what: 'containment', subject: PALLET, value: CASE, from: 0 },
      { what: 'attachment', subject: 'logger', value: PALLET, from: 0 },
    );
    expect(environments.of(CASE)).toMatchObject([{ devices: ['logger'] }]);
    expect(environments.of(PALLET)).toMatchObject([{ devices: ['logger'] }]);
  });
});

describe('the part of an excursion that touched a serial', () => {
  const environments = environmentsOf(
    { what: 'containment', subject: VIAL, value: PALLET, from: 0 },
    { what: 'containment', subject: VIAL, value: null, from: 1_200_000 },
    { what: 'containment', subject: VIAL, value: PALLET, from: 1_800_000 },
    { what: 'attachment', subject: 'logger-7', value: PALLET, from: 0 },
  );

  test('is only its own part where it was unpacked in the middle and came back', () => {
    const through = { unit: PALLET };
    expect(stretchesOf(environments, VIAL, 'logger-7', 600_000, 3_000_000)).toEqual([
      { from: 600_000, to: 1_200_000, through },
      { from: 1_800_000, to: 3_000_000, through },
    ]);
  });

  test('counts the runs inside it, half up to a thousandth of a minute', () => {
    const runs = [
      { from: 600_000, to: 900_000 },
      { from: 1_100_000, to: 1_300_030 },
    ];
    expect(minutesWithin(runs, 600_000, 1_200_000)).toBe(6.667);
    expect(minutesWithin(runs, 1_200_000, 1_800_000)).toBe(1.667);
    expect(minutesWithin(runs, 0, 30)).toBe(0);
    expect(minutesWithin([{ from: 0, to: 30 }], 0, 30)).toBe(0.001);
    // Half up to 0.001 minutes: 29 ms are none of it. Runs outside count nothing, however far.
    expect(minutesWithin([{ from: 0, to: 29 }], 0, 30)).toBe(0);
    expect(minutesWithin([{ from: 0, to: 60_000 }], 60_000, 120_000)).toBe(0);
    expect(minutesWithin([{ from: 120_000, to: 180_000 }], 60_000, 120_000)).toBe(0);
  });
});

test('for any facts, every moment has the environment that the naive model gives it', () => {
  fc.assert(
    fc.property(someSaid, (said) => {
      const environments = new Environments(worldOf(said));
      for (const epc of ['S', ...UNITS]) {
        const chain = environments.of(epc);
        for (let at = -1; at <= 61; at++) {
          const found = chain.filter(({ from, to }) => from <= at && at < to);
          expect(found.length).toBeLessThanOrEqual(1);
          expect(found[0]?.devices ?? []).toEqual(naiveEnvironment(said, epc, at));
        }
      }
    }),
    { numRuns: 500 },
  );
});
