import type {
  CalibrationFact,
  DeviceRegistration,
  Facts,
  Place,
  Portal,
  RuleVersion,
  SeenFrom,
  Sites,
  TimeSource,
} from '../../domain/index.ts';
import type { PlaceRef } from '../api/index.ts';

/** How long names may be old, ms. What this server writes itself shows at once. */
const FRESH_MS = 5_000;

/** What people registered: places, portals, devices and rule versions, by id. */
export interface Registered {
  readonly places: ReadonlyMap<string, Place>;
  readonly portals: ReadonlyMap<string, Portal>;
  readonly devices: ReadonlyMap<string, DeviceRegistration>;
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

/** Turns ids into what people call things, from the facts; kept for a few seconds. */
export class Directory {
  readonly #facts: Facts;
  readonly #time: TimeSource;
  #loaded: { readonly at: number; readonly registered: Promise<Registered> } | null = null;

  constructor({ facts, time }: { readonly facts: Facts; readonly time: TimeSource }) {
    this.#facts = facts;
    this.#time = time;
  }

  async registered(): Promise<Registered> {
    const now = this.#time.now();
    if (this.#loaded === null || now - this.#loaded.at >= FRESH_MS || now < this.#loaded.at) {
      this.#loaded = { at: now, registered: this.#load() };
    }
    const { registered } = this.#loaded;
    try {
      return await registered;
    } catch (error) {
      this.#loaded = null;
      throw error;
    }
  }

  /** Something was registered: look again. */
  forget(): void {
    this.#loaded = null;
  }

  async #load(): Promise<Registered> {
    const places = new Map<string, Place>();
    const portals = new Map<string, Portal>();
    const devices = new Map<string, DeviceRegistration>();
    const calibrations = new Map<string, KeptCalibration[]>();
    const rules = new Map<string, RuleVersion>();
    const ruleAuthors = new Map<string, RuleAuthor>();
    for (const { fact, arrival } of await this.#facts.all(['place', 'portal', 'device', 'calibration', 'rule'])) {
      if (fact.type === 'place') places.set(fact.place.id, fact.place);
      else if (fact.type === 'portal') portals.set(fact.portal.id, fact.portal);
      else if (fact.type === 'device') devices.set(fact.device.id, fact.device);
      else if (fact.type === 'calibration') {
        const { calibration, by } = fact;
        calibrations.set(calibration.device, [...(calibrations.get(calibration.device) ?? []), { calibration, by }]);
      } else if (fact.type === 'rule') {
        const key = ruleKey(fact.version.rule.id, fact.version.version);
        rules.set(key, fact.version);
        ruleAuthors.set(key, { by: fact.by, at: arrival });
      }
    }
    return { places, portals, devices, calibrations, rules, ruleAuthors };
  }
}

export function ruleKey(id: string, version: number): string {
  return `${id} ${version}`;
}

/** A place by its name and zone; one that is not registered goes by its id, and has the zone of none. */
export function placeRef({ places }: Registered, id: string): PlaceRef {
  const place = places.get(id);
  return place === undefined ? { id, name: plainName(id), zone: null } : { id, name: place.name, zone: place.zone };
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
