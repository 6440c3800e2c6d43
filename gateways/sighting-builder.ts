import type { Sighting } from '../domain/index.ts';

export interface SightingRules {
  /** Reads of one tag at one antenna at most this far apart are one sighting, ms of event time. */
  readonly gapMs: number;
  /** A sighting this long is closed and the next read opens another. */
  readonly capMs: number;
  /** An open sighting is reported again at most this often, ms by the clock. */
  readonly updateMs: number;
}

interface Open {
  sighting: Sighting;
  /** Reported at least once. */
  isKnown: boolean;
  /** Has changed since it was last reported. */
  isDirty: boolean;
  /** When a read last touched it, by the clock, not by event time: buffered reads are old when they come. */
  touchedAt: number;
}

/**
 * Reads of one reader become sightings: one per antenna and EPC from first to last read. The first read's time is the
 * sighting's identity and never changes, so that what is sent early and what is sent later merge.
 */
export class SightingBuilder {
  readonly #rules: SightingRules;
  readonly #open = new Map<string, Open>();
  readonly #closed: Sighting[] = [];

  constructor(rules: SightingRules) {
    this.#rules = rules;
  }

  /** A read, or several of them summed up, as a sighting of its own. `now` by the clock. */
  add(read: Sighting, now: number): void {
    const key = `${read.antenna} ${read.epcBits} ${read.epcHex}`;
    const open = this.#open.get(key);
    if (open !== undefined && this.#continues(open.sighting, read)) {
      open.sighting = extended(open.sighting, read);
      open.isDirty = true;
      open.touchedAt = now;
      return;
    }
    if (open?.isDirty) this.#closed.push(open.sighting);
    this.#open.set(key, { sighting: read, isKnown: false, isDirty: true, touchedAt: now });
  }

  /** Puts back a sighting that was open when the gateway stopped; it will be reported again. */
  restore(sighting: Sighting, now: number): void {
    this.add(sighting, now);
  }

  /** Sightings nobody has been told of yet: what makes a pass visible at once. */
  takeNew(): Sighting[] {
    const taken = this.#closed.splice(0);
    for (const open of this.#open.values()) {
      if (open.isKnown) continue;
      taken.push(open.sighting);
      open.isKnown = true;
      open.isDirty = false;
    }
    return taken;
  }

  /** Everything that has changed since it was last taken; sightings that are over are forgotten. */
  takeChanged(now: number): Sighting[] {
    const taken = this.#closed.splice(0);
    for (const [key, open] of this.#open) {
      if (open.isDirty) taken.push(open.sighting);
      open.isKnown = true;
      open.isDirty = false;
      if (now - open.touchedAt > this.#rules.gapMs) this.#open.delete(key);
    }
    return taken;
  }

  /** Sightings that may still grow, as they stand. */
  get open(): Sighting[] {
    return [...this.#open.values()].map(({ sighting }) => sighting);
  }

  get hasChanges(): boolean {
    if (this.#closed.length > 0) return true;
    for (const { isDirty } of this.#open.values()) if (isDirty) return true;
    return false;
  }

  #continues(sighting: Sighting, read: Sighting): boolean {
    const { gapMs, capMs } = this.#rules;
    return (
      read.firstSeen <= sighting.lastSeen + gapMs &&
      read.lastSeen >= sighting.firstSeen - gapMs &&
      Math.max(read.lastSeen, sighting.lastSeen) - sighting.firstSeen < capMs
    );
  }
}

function extended(sighting: Sighting, read: Sighting): Sighting {
  const rssi = sighting.rssiDbm;
  return {
    ...sighting,
    lastSeen: Math.max(sighting.lastSeen, read.lastSeen),
    count: sighting.count + read.count,
    rssiDbm: rssi === null || (read.rssiDbm !== null && read.rssiDbm > rssi) ? read.rssiDbm : rssi,
  };
}
