import {
  byMemory,
  type Identify,
  isQuietBefore,
  type OpenPass,
  type Pass,
  type PassPortal,
  type PassRead,
  passOf,
  readsOf,
  trainsOf,
} from './pass.ts';
import { type GpiEvent, mergeSightings, type Sighting } from './sighting.ts';

/**
 * A pass that stands alone, to which sightings are added as they come, so that a batch costs what is new in it. What it gives is what
 * {@link formPasses} gives of everything it was given. A tag's read is the same object while nothing new is seen of the tag.
 */
export class GrowingPass {
  readonly #portal: PassPortal;
  readonly #identify: Identify;
  readonly #open: Omit<OpenPass, 'sightings'>;
  readonly #antennas: ReadonlySet<string>;
  /** By what makes two tags the same thing; each sighting by its identity. */
  readonly #seen = new Map<string, Map<string, Sighting>>();
  readonly #reads = new Map<string, PassRead>();
  #pass: Pass;

  private constructor(portal: PassPortal, open: OpenPass, identify: Identify) {
    this.#portal = portal;
    this.#identify = identify;
    const { sightings, ...rest } = open;
    this.#open = rest;
    this.#antennas = new Set(portal.antennas.map(({ antenna, reader }) => `${antenna}|${reader}`));
    this.#keep(sightings);
    this.#pass = this.#formed();
  }

  /** null where what was seen is no pass, or more than one. */
  static of(
    portal: PassPortal,
    sightings: readonly Sighting[],
    gpi: readonly GpiEvent[],
    identify: Identify,
  ): GrowingPass | null {
    const [train = [], ...others] = trainsOf(portal, sightings, gpi);
    const [open, ...behind] = train;
    if (open === undefined || others.length + behind.length > 0) return null;
    return new GrowingPass(portal, open, identify);
  }

  get pass(): Pass {
    return this.#pass;
  }

  /**
   * @param sightings of any antennas; one that was added before may come again with more
   * @returns false where they may belong to another pass: then nothing was added, and {@link formPasses} has to tell
   */
  add(sightings: readonly Sighting[]): boolean {
    const { from } = this.#open;
    const { capMs } = this.#portal;
    const own = sightings.filter(({ antenna, reader }) => this.#antennas.has(`${antenna}|${reader}`));
    let { activeUntil } = this.#open;
    for (const { firstSeen, lastSeen } of own.toSorted((a, b) => a.firstSeen - b.firstSeen)) {
      if (firstSeen < from || firstSeen >= from + capMs) return false;
      // Whatever came before it in the pass, it is no longer after that than after all of it.
      if (isQuietBefore({ from: firstSeen }, { from, activeUntil }, this.#portal)) return false;
      activeUntil = Math.max(activeUntil, Math.min(lastSeen, firstSeen + capMs));
    }
    if (own.length === 0) return true;
    this.#open.activeUntil = activeUntil;
    this.#keep(own);
    this.#pass = this.#formed();
    return true;
  }

  /** Whether all of these came after it had ended, so that they begin another pass that has nothing to do with it. */
  isOverBefore(from: number): boolean {
    return isQuietBefore({ from }, this.#open, this.#portal);
  }

  #keep(sightings: readonly Sighting[]): void {
    const touched = new Set<string>();
    for (const sighting of sightings) {
      const { reader, antenna, epcHex, epcBits, firstSeen } = sighting;
      const tag = this.#identify(epcHex, epcBits);
      const seen = this.#seen.get(tag) ?? new Map<string, Sighting>();
      this.#seen.set(tag, seen);
      const identity = `${firstSeen}|${epcHex}|${epcBits}|${antenna}|${reader}`;
      const before = seen.get(identity);
      seen.set(identity, before === undefined ? sighting : mergeSightings(before, sighting));
      touched.add(tag);
    }
    for (const tag of touched) {
      const inOrder = [...(this.#seen.get(tag)?.values() ?? [])].sort((a, b) => a.firstSeen - b.firstSeen);
      const [read] = readsOf(this.#portal, inOrder, this.#identify);
      if (read !== undefined) this.#reads.set(tag, read);
    }
  }

  #formed(): Pass {
    return passOf(this.#open, this.#portal, [...this.#reads.values()].sort(byMemory));
  }
}
