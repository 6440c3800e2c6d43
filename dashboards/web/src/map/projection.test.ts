import { geoPath } from 'd3-geo';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { middleOf, projectionOf } from './projection.ts';

const SUVA = { latitude: -18.14, longitude: 178.44 };
const APIA = { latitude: -13.83, longitude: -171.77 };
const BERLIN = { latitude: 52.52, longitude: 13.4 };
const LYON = { latitude: 45.76, longitude: 4.84 };
const SIZE = [1000, 500] as const;

// Drawn around Greenwich a leg of 1,200 km across the date line went around the world.
test('a leg across the date line is drawn as one short line', () => {
  const projection = projectionOf([SUVA, APIA], SIZE, false);
  const path = geoPath(projection)({
    type: 'LineString',
    coordinates: [SUVA, APIA].map(({ latitude, longitude }) => [longitude, latitude]),
  });
  expect(path?.match(/M/g)).toHaveLength(1);
  expect(middleOf([SUVA, APIA]).longitude).toBeCloseTo(-176.7, 0);
});

// Around the middle of the sites the edge of the map ran through the Pacific, and the leg was drawn in two halves.
test('a leg over the Pacific is whole beside sites in Europe, as a part and on the world', () => {
  const [tokyo, oakland] = [
    { latitude: 35.55, longitude: 139.78 },
    { latitude: 37.8, longitude: -122.27 },
  ];
  for (const isWorld of [false, true])
    for (const legs of [
      [[tokyo, oakland]],
      [
        [oakland, tokyo],
        [SUVA, APIA],
      ],
    ] as const) {
      const projection = projectionOf([...legs.flat(), BERLIN, LYON], SIZE, isWorld, legs);
      for (const leg of [...legs, [BERLIN, LYON]]) {
        const coordinates = leg.map(({ latitude, longitude }) => [longitude, latitude]);
        expect(geoPath(projection)({ type: 'LineString', coordinates })?.match(/M/g)).toHaveLength(1);
      }
    }
});

test('whatever leg there is alone, it is not cut, and its middle is on the circle', () => {
  const place = fc.record({
    latitude: fc.double({ min: -80, max: 80, noNaN: true }),
    longitude: fc.double({ min: -180, max: 180, noNaN: true }),
  });
  fc.assert(
    fc.property(place, place, (from, to) => {
      fc.pre(Math.abs(Math.abs(from.longitude - to.longitude) - 180) > 0.001);
      const projection = projectionOf([from, to], SIZE, true, [[from, to]]);
      const coordinates = [from, to].map(({ latitude, longitude }) => [longitude, latitude]);
      expect(geoPath(projection)({ type: 'LineString', coordinates })?.match(/M/g)).toHaveLength(1);
      expect(Math.abs(middleOf([from, to], [[from, to]]).longitude)).toBeLessThanOrEqual(180);
    }),
  );
});

test('every site lies inside the picture, near or far, also one alone', () => {
  for (const points of [[BERLIN, LYON], [SUVA, APIA, BERLIN], [BERLIN], [{ latitude: 90, longitude: 0 }]])
    for (const isWorld of [false, true]) {
      const projection = projectionOf(points, SIZE, isWorld);
      for (const { latitude, longitude } of points) {
        const [x = Number.NaN, y = Number.NaN] = projection([longitude, latitude]) ?? [];
        expect(x >= 0 && x <= SIZE[0] && y >= 0 && y <= SIZE[1], `${latitude}, ${longitude} at ${x}, ${y}`).toBe(true);
      }
    }
});

test('without points it is the world', () => {
  expect(projectionOf([], SIZE, false)([0, 0])).toBeDefined();
});
