import { type Sighting, withTids } from '../domain/index.ts';

export interface SightingRules {
  /** Reads of one tag at one antenna at most this far apart are one sighting, ms of event time. */
  readonly gapMs: number;
  /** A sighting this long is closed and the next read opens another. */
  readonly capMs: number;
}

/** What a reader held over an outage comes with all its inputs' changes first. */
const KEPT_CUTS = 10_000;

interface Open {
  readonly key: string;
  sighting: Sighting;
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
  /** Open ones nobody has been told of, and open ones that have changed since. */
  readonly #fresh = new Set<Open>();
  readonly #grown = new Set<Open>();
  /** Superseded by a newer sighting of the same tag before they were reported. */
  readonly #superseded: Sighting[] = [];
  /** Event times at which an input of the reader changed, ascending. */
  readonly #cuts: number[] = [];

  constructor(rules: SightingRules) {
    this.#rules = rules;
  }

  /** A read, or several of them summed up, as a sighting of its own. `now` by the clock. */
  add(read: Sighting, now: number): void {
    const key = `${read.antenna} ${read.epcBits} ${read.epcHex}`;
    const open = this.#open.get(key);
    if (open !== undefined && this.#continues(open.sighting, read)) {
      open.sighting = extended(open.sighting, read);
      open.touchedAt = now;
      if (!this.#fresh.has(open)) this.#grown.add(open);
      return;
    }
    if (open !== undefined && (this.#fresh.delete(open) || this.#grown.delete(open))) {
      this.#superseded.push(open.sighting);
    }
    const next = { key, sighting: read, touchedAt: now };
    this.#open.set(key, next);
    this.#fresh.add(next);
  }

  /**
   * An input changed at this event time: sightings are cut there, so that what a tag's signal was before, while and
   * after something stood in the door can be told apart.
   */
  cut(at: number): void {
    this.#cuts.splice(this.#firstCutAfter(at), 0, at);
    if (this.#cuts.length > KEPT_CUTS) this.#cuts.shift();
  }

  /** Sightings nobody has been told of yet: what makes a pass visible at once. */
  takeNew(): Sighting[] {
    return [...this.#superseded.splice(0), ...taken(this.#fresh)];
  }

  /** Everything that has changed since it was last taken. */
  takeChanged(now: number): Sighting[] {
    const changed = [...this.takeNew(), ...taken(this.#grown)];
    this.#forgetOver(now);
    return changed;
  }

  /** What is new, and of what has grown only that which is over: the least that loses nothing. */
  takeEnded(now: number): Sighting[] {
    const over = new Set([...this.#grown].filter((open) => this.#isOver(open, now)));
    for (const open of over) this.#grown.delete(open);
    const ended = [...this.takeNew(), ...taken(over)];
    this.#forgetOver(now);
    return ended;
  }

  /** Sightings that may still grow, as they stand. */
  get open(): Sighting[] {
    return [...this.#open.values()].map(({ sighting }) => sighting);
  }

  #forgetOver(now: number): void {
    for (const open of this.#open.values()) if (this.#isOver(open, now)) this.#open.delete(open.key);
  }

  /** Index of the first cut after `at`. */
  #firstCutAfter(at: number): number {
    let low = 0;
    let high = this.#cuts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#cuts[middle] ?? 0) > at) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #isOver(open: Open, now: number): boolean {
    return now - open.touchedAt > this.#rules.gapMs;
  }

  #continues(sighting: Sighting, read: Sighting): boolean {
    const { gapMs, capMs } = this.#rules;
    const cut = this.#cuts[this.#firstCutAfter(sighting.firstSeen)];
    if (cut !== undefined && cut <= read.firstSeen) return false;
    return (
      read.firstSeen <= sighting.lastSeen + gapMs &&
      read.lastSeen >= sighting.firstSeen - gapMs &&
      Math.max(read.lastSeen, sighting.lastSeen) - sighting.firstSeen < capMs
    );
  }
}

function taken(opens: Set<Open>): Sighting[] {
  const sightings = [...opens].map(({ sighting }) => sighting);
  opens.clear();
  return sightings;
}

function extended(sighting: Sighting, read: Sighting): Sighting {
  const rssi = sighting.rssiDbm;
  return {
    ...sighting,
    ...withTids(sighting, read),
    lastSeen: Math.max(sighting.lastSeen, read.lastSeen),
    count: sighting.count + read.count,
    rssiDbm: rssi === null || (read.rssiDbm !== null && read.rssiDbm > rssi) ? read.rssiDbm : rssi,
  };
}
