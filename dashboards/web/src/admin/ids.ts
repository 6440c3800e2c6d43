import type { PlaceView } from '../../../api/index.ts';

/** An id made of a name: `Kühlraum 1` becomes `kuhlraum-1`. */
export function plainId(name: string): string {
  return name
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll('ß', 'ss')
    .toLowerCase()
    .replaceAll(/[^a-z0-9._]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60);
}

/** `Cold room 1, Lyon`: what a place is called, and in what it stands. */
export function nameOfPlace(place: PlaceView, places: readonly PlaceView[]): string {
  const parent = places.find(({ id }) => id === place.parent);
  return parent === undefined ? place.name : `${place.name}, ${parent.name}`;
}
