import { type GeoProjection, geoEqualEarth } from 'd3-geo';
import type { Position } from '../../../api/index.ts';

/** Not closer than this: a map at 1:110m has nothing more to say, degrees. */
const LEAST_SPAN = 14;
const ROOM_PX = 46;

/**
 * The whole world, or the part of it in which these points are, turned so that none of them lies at the edge: a leg over the
 * Pacific is not torn in two.
 */
export function projectionOf(
  points: readonly Position[],
  [width, height]: readonly [number, number],
  isWorld: boolean,
): GeoProjection {
  const projection = geoEqualEarth();
  const middle = middleOf(points);
  projection.rotate([-middle.longitude, 0]);
  if (isWorld || points.length === 0) return projection.fitExtent(extentOf(width, height, 4), { type: 'Sphere' });
  const around = points.flatMap(({ latitude, longitude }) =>
    [-1, 1].map((side) => [
      longitude + (side * LEAST_SPAN) / 2,
      Math.max(-89, Math.min(89, latitude + (side * LEAST_SPAN) / 3)),
    ]),
  );
  return projection.fitExtent(extentOf(width, height, ROOM_PX), { type: 'MultiPoint', coordinates: around });
}

function extentOf(width: number, height: number, room: number): [[number, number], [number, number]] {
  return [
    [room, room],
    [width - room, height - room],
  ];
}

/** The middle of longitudes on the circle: of 170 and −170 it is 180, not 0. */
export function middleOf(points: readonly Position[]): { readonly longitude: number } {
  let x = 0;
  let y = 0;
  for (const { longitude } of points) {
    x += Math.cos((longitude * Math.PI) / 180);
    y += Math.sin((longitude * Math.PI) / 180);
  }
  // Spread evenly around the world there is no middle.
  return { longitude: Math.hypot(x, y) < 1e-9 ? 0 : (Math.atan2(y, x) * 180) / Math.PI };
}
