import { expect, test } from 'vitest';
import type { Place } from '../../domain/index.ts';
import { placeRef, type Registered } from './directory.ts';

const LYON: Place = { id: 'site:lyon', kind: 'site', name: 'Lyon', zone: 'Europe/Paris', parent: null };
const COLD: Place = { ...LYON, id: 'room:lyon/cold', kind: 'room', name: 'Cold room 2', parent: 'site:lyon' };

const registered: Registered = {
  places: new Map([LYON, COLD].map((place) => [place.id, place])),
  ...{ portals: new Map(), devices: new Map(), spans: new Map(), setAsides: new Map(), calibrations: new Map() },
  ...{ rules: new Map(), ruleAuthors: new Map() },
};

test.each([
  ['site:lyon', 'Lyon'],
  ['room:lyon/cold', 'Cold room 2'],
  ['site:lyon/dock', 'Lyon dock'],
  ['room:lyon/hall/rack-4', 'Lyon hall rack-4'],
  ['site:rome/dock', 'rome/dock'],
  ['vehicle:lyon', 'lyon'],
])('%s is named %s: a place that nobody registered by its site, where that is known', (id, name) => {
  expect(placeRef(registered, id)).toMatchObject({ id, name });
});
