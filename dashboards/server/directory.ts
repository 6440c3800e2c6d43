import {
  type CalibrationFact,
  type DeviceRegistration,
  type Facts,
  type FactType,
  type KeptFact,
  type Place,
  type Portal,
  type RegisteredSpan,
  type RuleVersion,
  registeredSpans,
  type SeenFrom,
  type SetAsideFact,
  type Sites,
  type TimeSource,
} from '../../domain/index.ts';
import type { PlaceRef } from '../api/index.ts';

/** How long names may be old, ms. What this server writes itself shows at once. */
const FRESH_MS = 5_000;

/** What people registered: places, portals, devices and rule versions, by id. */
export interface Registered {
  readonly places: ReadonlyMap<string, Place>;
  readonly portals: ReadonlyMap<string, Portal>;
  readonly devices: ReadonlyMap<string, DeviceRegistration>;
  /** All of each device, in log order. */
  readonly registrations: ReadonlyMap<string, readonly DeviceRegistration[]>;
  /** What held of each device when: each registration until the next one's own time. */
  readonly spans: ReadonlyMap<string, readonly RegisteredSpan[]>;
  /** What people have set aside of each device's readings, and taken back, in log order. */
  readonly setAsides: ReadonlyMap<string, readonly SetAsideFact[]>;
  /** Of each device those of all its metrics, in log order. */
  readonly calibrations: ReadonlyMap<string, readonly KeptCalibration[]>;
  /** By `id version`. */
  readonly rules: ReadonlyMap<string, RuleVersion>;
  /** Who told each of them, and when (epoch ms UTC), by `id version`. */
  readonly ruleAuthors: ReadonlyMap<string, RuleAuthor>;
}

/** A calibration, and who told it. */
export interface KeptCalibration {
  readonly calibration: CalibrationFact;
  readonly by: string;
}

export interface RuleAuthor {
  /** A user, or `configuration`. */
  readonly by: string;
  readonly at: number;
}

const NOTHING: Registered = {
  ...{ places: new Map(), portals: new Map(), devices: new Map(), registrations: new Map(), spans: new Map() },
  ...{ setAsides: new Map(), calibrations: new Map(), rules: new Map(), ruleAuthors: new Map() },
};

const FACTS = ['place', 'portal', 'device', 'calibration', 'setAside', 'rule'] as const;

export interface DirectoryOptions {
  readonly facts: Facts;
  readonly time: TimeSource;
  /** Something was registered here. */
  readonly onChanged?: () => void;
}

/** Turns ids into what people call things, from the facts; kept for a few seconds. */
export class Directory {
  readonly #facts: Facts;
  readonly #time: TimeSource;
  #last: Registered | null = null;
  /** As of a position of the log. */
  #known: { readonly position: number; readonly registered: Registered } = { position: -1, registered: NOTHING };
  #loaded: { readonly at: number; readonly registered: Promise<Registered> } | null = null;

  readonly #onChanged: () => void;

  constructor({ facts, time, onChanged = () => {} }: DirectoryOptions) {
    this.#facts = facts;
    this.#time = time;
    this.#onChanged = onChanged;
  }

  async registered(): Promise<Registered> {
    const now = this.#time.now();
    if (this.#loaded === null || now - this.#loaded.at >= FRESH_MS || now < this.#loaded.at) {
      this.#loaded = { at: now, registered: this.#load() };
    }
    const { registered } = this.#loaded;
    try {
      this.#last = await registered;
      return this.#last;
    } catch (error) {
      this.#loaded = null;
      throw error;
    }
  }

  /** What was known last, at once; null before the first look. What is old is looked up again behind it. */
  lately(): Registered | null {
    // Who waits for it hears why it failed; here the last one goes on.
    void this.registered().catch(() => undefined);
    return this.#last;
  }

  /** Something was registered: look again. */
  forget(): void {
    this.changedElsewhere();
    this.#onChanged();
  }

  /** Another process has registered something: look again. */
  changedElsewhere(): void {
    this.#loaded = null;
  }

  /** What was told since the last look, over what was known then: of a large fleet reading it all takes seconds. */
  async #load(): Promise<Registered> {
    const { position, registered } = this.#known;
    const told = (await this.#facts.all(FACTS, position)).filter((kept) => kept.position > position);
    const last = told.at(-1);
    if (last === undefined) return registered;
    const known = { position: last.position, registered: withTold(registered, told) };
    // Two looks at once may end in either order.
    if (known.position > this.#known.position) this.#known = known;
    return known.registered;
  }
}

/** Nothing that was given out before changes by it. */
function withTold(before: Registered, told: readonly KeptFact[]): Registered {
  const kinds = new Set(told.map(({ fact }) => fact.type));
  const copyOf = <V>(map: ReadonlyMap<string, V>, kind: FactType) =>
    (kinds.has(kind) ? new Map(map) : map) as Map<string, V>;
  const places = copyOf(before.places, 'place');
  const portals = copyOf(before.portals, 'portal');
  const devices = copyOf(before.devices, 'device');
  const registrations = copyOf(before.registrations, 'device');
  const spans = copyOf(before.spans, 'device');
  const setAsides = copyOf(before.setAsides, 'setAside');
  const calibrations = copyOf(before.calibrations, 'calibration');
  const rules = copyOf(before.rules, 'rule');
  const ruleAuthors = copyOf(before.ruleAuthors, 'rule');
  const own = new Set<unknown>();
  const addTo = <T>(lists: Map<string, readonly T[]>, key: string, one: T) => {
    const list = lists.get(key) ?? [];
    // A list of before is somebody else's too.
    const mine = own.has(list) ? (list as T[]) : [...list];
    mine.push(one);
    own.add(mine);
    lists.set(key, mine);
  };
  for (const { fact, arrival } of told) {
    if (fact.type === 'place') places.set(fact.place.id, fact.place);
    else if (fact.type === 'portal') portals.set(fact.portal.id, fact.portal);
    else if (fact.type === 'device') {
      devices.set(fact.device.id, fact.device);
      addTo(registrations, fact.device.id, fact.device);
    } else if (fact.type === 'setAside') addTo(setAsides, fact.setAside.device, fact.setAside);
    else if (fact.type === 'calibration') {
      const { calibration, by } = fact;
      addTo(calibrations, calibration.device, { calibration, by });
    } else if (fact.type === 'rule') {
      const key = ruleKey(fact.version.rule.id, fact.version.version);
      rules.set(key, fact.version);
      ruleAuthors.set(key, { by: fact.by, at: arrival });
    }
  }
  for (const { fact } of told) {
    if (fact.type !== 'device' || !own.has(registrations.get(fact.device.id))) continue;
    own.delete(registrations.get(fact.device.id));
    spans.set(fact.device.id, registeredSpans(registrations.get(fact.device.id) ?? []));
  }
  return { places, portals, devices, registrations, spans, setAsides, calibrations, rules, ruleAuthors };
}

export function ruleKey(id: string, version: number): string {
  return `${id} ${version}`;
}

/**
 * A place by its name and zone; one that is not registered goes by its id, and has the zone of none. Where its id begins with
 * that of a registered site, `site:lyon/dock`, the site stands in it by its name: `Lyon dock`.
 */
export function placeRef({ places }: Registered, id: string): PlaceRef {
  const place = places.get(id);
  if (place !== undefined) return { id, name: place.name, zone: place.zone };
  const name = plainName(id);
  const [first = '', ...rest] = name.split('/');
  const site = rest.length === 0 ? undefined : places.get(`site:${first}`);
  return { id, name: site === undefined ? name : [site.name, ...rest].join(' '), zone: null };
}

/** The site a place is or stands in, as far as places are registered; null where that leads to none. */
export function siteOf({ places }: Registered, id: string): string | null {
  let at: string | null = id;
  // No chain of places is this long: it is a circle.
  for (let steps = 0; at !== null && steps < 32; steps++) {
    if (at.startsWith('site:')) return at;
    at = places.get(at)?.parent ?? null;
  }
  return null;
}

/** Sites and all places that stand in them, registered or not. null = everywhere. */
export function placesOf({ places }: Registered, sites: Sites): SeenFrom {
  if (sites === 'all') return null;
  const within = new Set(sites);
  // Outside in: a place may be registered before what it stands in.
  for (let size = -1; size !== within.size; ) {
    size = within.size;
    for (const { id, parent } of places.values()) if (parent !== null && within.has(parent)) within.add(id);
  }
  return [...within].sort();
}

export function placeRefOrNull(registered: Registered, id: string | null): PlaceRef | null {
  return id === null ? null : placeRef(registered, id);
}

/** `site:lyon` without its kind. */
export function plainName(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}
