import { type GeoProjection, geoEqualEarth } from 'd3-geo';
import type { Position } from '../../../api/index.ts';

/** Not closer than this: a map at 1:110m has nothing more to say, degrees. */
const LEAST_SPAN = 14;
const ROOM_PX = 46;
/** Once around, degrees. */
const FULL = 360;

/** From where to where. */
export type Leg = readonly [Position, Position];

/**
 * The whole world, or the part of it in which these points are, turned so that none of them and no leg lies across the edge: a leg over
 * the Pacific is not torn in two.
 */
export function projectionOf(
  points: readonly Position[],
  [width, height]: readonly [number, number],
  isWorld: boolean,
  legs: readonly Leg[] = [],
): GeoProjection {
  const projection = geoEqualEarth();
  const middle = middleOf(points, legs);
  projection.rotate([-middle.longitude, 0]);
  if (isWorld || points.length === 0) return projection.fitExtent(extentOf(width, height, 4), { type: 'Sphere' });
  const corners = points.flatMap(({ latitude, longitude }) =>
    [-1, 1].map((side) => [
      longitude + (side * LEAST_SPAN) / 2,
      Math.max(-89, Math.min(89, latitude + (side * LEAST_SPAN) / 3)),
    ]),
  );
  return projection.fitExtent(extentOf(width, height, ROOM_PX), { type: 'MultiPoint', coordinates: corners });
}

function extentOf(width: number, height: number, room: number): [[number, number], [number, number]] {
  return [
    [room, room],
    [width - room, height - room],
  ];
}

/**
 * The middle of the picture: opposite the middle of the widest part of the circle in which there is neither point nor leg,
 * so that its edge cuts none. Of 170 and −170 it is 180, not 0. Where legs go all the way around one must be cut.
 */
export function middleOf(points: readonly Position[], legs: readonly Leg[] = []): { readonly longitude: number } {
  const spans = [...points.map((point) => ({ from: point.longitude, length: 0 })), ...legs.map(spanOf)]
    .map(({ from, length }) => ({ from: around(from), length }))
    .sort((a, b) => a.from - b.from);
  const [first] = spans;
  if (first === undefined) return { longitude: 0 };
  const widest = { from: 0, length: -1 };
  let end = Math.max(...spans.map(({ from, length }) => from + length)) - FULL;
  for (const { from, length } of [...spans, { ...first, from: first.from + FULL }]) {
    if (from - end > widest.length) Object.assign(widest, { from: end, length: from - end });
    end = Math.max(end, from + length);
  }
  const opposite = around(widest.from + widest.length / 2);
  return { longitude: opposite > 0 ? opposite - FULL / 2 : opposite + FULL / 2 };
}

/** From its western end to its eastern one, the short way around. */
function spanOf([a, b]: Leg): { readonly from: number; readonly length: number } {
  const east = (((b.longitude - a.longitude) % FULL) + FULL) % FULL;
  return east <= FULL / 2 ? { from: a.longitude, length: east } : { from: b.longitude, length: FULL - east };
}

/** The same longitude from −180 to 180. */
function around(longitude: number): number {
  return ((((longitude + FULL / 2) % FULL) + FULL) % FULL) - FULL / 2;
}
