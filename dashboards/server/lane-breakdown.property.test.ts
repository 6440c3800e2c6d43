import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LEAST_TRIES, wilson } from '../../alerts/index.ts';
import { travelLegs } from '../../trace/index.ts';
import { type LaneJourney, type LanePart, partsOf, placeExcursion } from './lane-breakdown.ts';

const HOUR = 3_600_000;
const T0 = Date.parse('2026-01-15T00:00:00Z');
const PARTS: readonly LanePart[] = ['leg', 'season', 'carrier', 'device'];

const events = fc.array(
  fc.record({
    site: fc.constantFrom('site:hub', 'site:port'),
    direction: fc.constantFrom('in' as const, 'out' as const),
    hour: fc.integer({ min: -5, max: 60 }),
  }),
  { maxLength: 6 },
);

const journey = fc
  .record({
    day: fc.nat(364),
    hours: fc.option(fc.integer({ min: 1, max: 50 })),
    events,
    carrier: fc.option(fc.constantFrom('North', 'South')),
    deviceKeys: fc.uniqueArray(fc.constantFrom('logger', 'sensor'), { maxLength: 2 }),
    near: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    excursions: fc.array(
      fc.record({ hour: fc.integer({ min: -2, max: 55 }), site: fc.option(fc.constant('site:hub')) }),
      {
        maxLength: 3,
      },
    ),
  })
  .map(({ day, hours, carrier, deviceKeys, near, ...given }): LaneJourney => {
    const leftAt = T0 + day * 24 * HOUR;
    const travel = {
      ...{ id: 'SHP-1', profile: '2-8C', origin: 'site:a', destination: 'site:b', carrier, arrives: null, devices: [] },
      ...{ leftAt, receivedAt: hours === null ? null : leftAt + hours * HOUR },
      events: given.events.map(({ hour, ...event }) => ({ ...event, at: leftAt + hour * HOUR })),
    };
    const legs = travelLegs(travel);
    const excursions = given.excursions.map(({ hour, site }, index) =>
      placeExcursion({ alert: `A${index}`, from: leftAt + hour * HOUR, site }, legs),
    );
    return { travel, legs, excursions, nearShare: near, deviceKeys };
  });

test('the legs of a journey follow each other from leaving to receipt, and stand at a site or lead to another', () => {
  fc.assert(
    fc.property(journey, ({ travel, legs }) => {
      expect(legs[0]).toMatchObject({ from: travel.leftAt, origin: 'site:a' });
      expect(legs.at(-1)?.to).toBe(travel.receivedAt);
      for (const [index, leg] of legs.entries()) {
        const way = `${leg.origin}>${leg.destination}`;
        // What went out and came back was on the way from there to there.
        expect(leg.origin === leg.destination ? [`at ${leg.origin}`, way] : [way]).toContain(leg.key);
        if (index === 0) continue;
        expect(leg.from).toBe(legs[index - 1]?.to);
        expect(leg.origin).toBe(legs[index - 1]?.destination);
      }
    }),
  );
});

/** As it says, one after the other: counted anew for each key that anything has. */
function slowly(part: LanePart, all: readonly LaneJourney[]) {
  const has = (one: LaneJourney, key: string) => {
    if (part === 'carrier') return (one.travel.carrier ?? '') === key;
    if (part === 'device') return one.deviceKeys.includes(key);
    if (part === 'season')
      return `${[1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4][new Date(one.travel.leftAt).getUTCMonth()]}` === key;
    return one.legs.some((leg) => leg.key === key) || one.excursions.some(({ leg }) => leg === key);
  };
  const keys = new Set<string>();
  for (const one of all) {
    keys.add(one.travel.carrier ?? '');
    for (const key of ['1', '2', '3', '4', 'logger', 'sensor', ...one.legs.map(({ key: of }) => of)]) keys.add(key);
    for (const { leg } of one.excursions) keys.add(leg);
  }
  return [...keys].flatMap((key) => {
    const of = all.filter((one) => has(one, key));
    if (of.length === 0) return [];
    const own = of.map((one) => one.excursions.filter(({ leg }) => part !== 'leg' || leg === key));
    const withExcursion = own.filter(({ length }) => length > 0).length;
    return [{ key, journeys: of.length, withExcursion, excursions: own.flat().length }];
  });
}

test('a part of a lane counts as one counts by hand, says no rate of fewer than twenty, and has the worst first', () => {
  fc.assert(
    fc.property(fc.array(journey, { maxLength: 45 }), fc.constantFrom(...PARTS), (all, part) => {
      const parts = partsOf(part, all);
      const byKey = (a: { key: string }, b: { key: string }) => (a.key < b.key ? -1 : 1);
      const counted = parts.map(({ key, journeys, withExcursion, excursions }) => ({
        ...{ key, journeys, withExcursion, excursions },
      }));
      expect(counted.toSorted(byKey)).toEqual(slowly(part, all).sort(byKey));
      for (const { of, journeys, withExcursion, rate, duration, near } of parts) {
        expect(of).toHaveLength(journeys);
        expect(rate === null).toBe(journeys < LEAST_TRIES);
        if (rate !== null) expect(rate.share).toBe(withExcursion / journeys);
        if (journeys < LEAST_TRIES) expect(near).toBeNull();
        if (journeys < LEAST_TRIES && part !== 'leg') expect(duration).toBeNull();
        const known = of.flatMap(({ nearShare }) => nearShare ?? []);
        if (near !== null) expect(near.share).toBeCloseTo(known.reduce((sum, one) => sum + one, 0) / known.length);
      }
      const least = parts.map(({ withExcursion, journeys }) => wilson(withExcursion, journeys).low);
      expect(least).toEqual(least.toSorted((a, b) => b - a));
    }),
    { numRuns: 60 },
  );
});
