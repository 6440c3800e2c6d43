import { expect, test } from 'vitest';
import { type DeviceRegistration, type Fact, type KeptFact, ManualTime, type Place } from '../../domain/index.ts';
import { Directory, placeRef, type Registered } from './directory.ts';

const LYON: Place = { id: 'site:lyon', kind: 'site', name: 'Lyon', zone: 'Europe/Paris', parent: null };
const COLD: Place = { ...LYON, id: 'room:lyon/cold', kind: 'room', name: 'Cold room 2', parent: 'site:lyon' };

const registered: Registered = {
  places: new Map([LYON, COLD].map((place) => [place.id, place])),
  ...{
    portals: new Map(),
    devices: new Map(),
    registrations: new Map(),
    spans: new Map(),
    setAsides: new Map(),
    calibrations: new Map(),
  },
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

test('what was told since the last look alone is read, and what was given out before stays as it was', async () => {
  const kept: KeptFact[] = [];
  const tell = (fact: Fact) => void kept.push({ position: kept.length + 1, arrival: 0, fact });
  const device = (id: string, name: string, effectiveFrom?: number): DeviceRegistration => ({
    ...{ id, name, kind: 'logger', context: { profile: name } },
    ...(effectiveFrom === undefined ? {} : { effectiveFrom }),
  });
  const register = (one: DeviceRegistration) => tell({ type: 'device', by: 'test', device: one });
  const aside = (from: number): Fact => {
    const span = { device: 'logger-1', metric: 'temperature', from, to: from + 1 } as const;
    return { type: 'setAside', by: 'test', setAside: { ...span, isSetAside: true, reason: 'test', at: 0 } };
  };
  const read: number[] = [];
  const facts = {
    keep: async () => {},
    all: async (_: unknown, after = -1) => {
      const rows = kept.filter(({ position }) => position > after);
      read.push(rows.length);
      return rows;
    },
  };
  const directory = new Directory({ facts, time: new ManualTime(0) });
  const look = () => {
    directory.changedElsewhere();
    return directory.registered();
  };
  register(device('logger-1', 'first'));
  register(device('logger-2', 'other'));
  tell(aside(1));
  const before = await look();
  expect(await look()).toBe(before);
  register(device('logger-1', 'second', 5));
  tell(aside(2));
  const after = await look();
  expect(read).toEqual([3, 0, 2]);
  const seen = ({ devices, spans, setAsides }: Registered) => ({
    name: devices.get('logger-1')?.name,
    spans: spans.get('logger-1')?.map(({ context }) => context.profile),
    asides: setAsides.get('logger-1')?.length,
    other: devices.get('logger-2')?.name,
  });
  expect(seen(before)).toEqual({ name: 'first', spans: ['first'], asides: 1, other: 'other' });
  expect(seen(after)).toEqual({ name: 'second', spans: ['first', 'second'], asides: 2, other: 'other' });
  expect(after.places).toBe(before.places);
});
