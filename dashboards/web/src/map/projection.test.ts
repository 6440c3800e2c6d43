import { geoPath } from 'd3-geo';
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
