import {
  type CalibrationFact,
  type DeviceRegistration,
  type Facts,
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

  async #load(): Promise<Registered> {
    const places = new Map<string, Place>();
    const portals = new Map<string, Portal>();
    const devices = new Map<string, DeviceRegistration>();
    const registrations = new Map<string, DeviceRegistration[]>();
    const setAsides = new Map<string, SetAsideFact[]>();
    const calibrations = new Map<string, KeptCalibration[]>();
    const rules = new Map<string, RuleVersion>();
    const ruleAuthors = new Map<string, RuleAuthor>();
    for (const { fact, arrival } of await this.#facts.all(FACTS)) {
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
    const spans = new Map([...registrations].map(([device, told]) => [device, registeredSpans(told)]));
    return { places, portals, devices, spans, setAsides, calibrations, rules, ruleAuthors };
  }
}

function addTo<T>(lists: Map<string, T[]>, key: string, one: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [one]);
  else list.push(one);
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
