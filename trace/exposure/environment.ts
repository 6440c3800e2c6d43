import type { Epc } from '../../domain/index.ts';
import type { Holding } from '../statements/index.ts';

/** The facts that decide an environment, by subject; each list ascending by `from`, attachments may overlap. */
export interface World {
  /** What the EPC was in: `value` is the parent. */
  containment(child: Epc): readonly Holding[];
  /** Devices on a unit or in a place: `value` is the device. */
  devices(subject: string): readonly Holding[];
  /** Where the EPC was said to be by itself: `value` is the place; null where the place ceased to be known. */
  presence(epc: Epc): readonly PresenceHolding[];
}

export interface PresenceHolding {
  readonly value: string | null;
  readonly from: number;
}

/**
 * The devices that tell the air around an EPC during [from, to), and through what: a unit it is in (or is itself), or
 * a place that `carrier` was brought to.
 */
export interface Environment {
  /** Epoch ms UTC; -Infinity and Infinity where nothing bounds it. */
  readonly from: number;
  readonly to: number;
  readonly devices: readonly string[];
  readonly through: { readonly unit: Epc } | { readonly place: string; readonly carrier: Epc };
}

/** Where an EPC was during [from, to): the place and who was brought there, itself or what it was in. */
export interface Whereabouts {
  readonly from: number;
  readonly to: number;
  readonly place: string;
  readonly carrier: Epc;
}

/**
 * Environments over a {@link World}, remembered per EPC, so that what many serials share is worked out once
 * (docs/trace.md, "Environment and exposure"). One instance belongs to one state of the world.
 */
export class Environments {
  readonly #world: World;
  readonly #units = new Map<Epc, readonly Piece<InUnit>[]>();
  readonly #places = new Map<Epc, readonly Piece<AtPlace>[]>();
  /** EPCs being worked out: contradicting facts may put two units into each other, and the inner one then ends it. */
  readonly #open = new Set<string>();
  #isCyclic = false;

  constructor(world: World) {
    this.#world = world;
  }

  /**
   * The chain of an EPC's environments, ascending; absent stretches are unknown. The nearest of itself and its
   * ancestors that has devices decides; where none has, the place it is present in.
   */
  of(epc: Epc): Environment[] {
    const units: Piece<Environment['through'] & { devices: readonly string[] }>[] = this.#inUnits(epc).map((piece) => ({
      ...piece,
      value: { unit: piece.value.unit, devices: piece.value.devices },
    }));
    const places: typeof units = [];
    for (const at of this.#whereabouts(epc)) {
      const { place, carrier } = at.value;
      if (place === null) continue;
      for (const { from, to, value } of cut(together(this.#world.devices(place)), at.from, at.to)) {
        places.push({ from, to, value: { place, carrier, devices: value } });
      }
    }
    return overlay(places, units).map(({ from, to, value: { devices, ...through } }) => ({
      from,
      to,
      devices,
      through,
    }));
  }

  /** Where an EPC was, ascending: said of itself or of what it was in; it stays where it was unpacked. */
  places(epc: Epc): Whereabouts[] {
    return this.#whereabouts(epc).flatMap(({ from, to, value: { place, carrier } }) =>
      place === null ? [] : [{ from, to, place, carrier }],
    );
  }

  #inUnits(epc: Epc): readonly Piece<InUnit>[] {
    return this.#remembered(this.#units, 'u', epc, () => {
      const own = together(this.#world.devices(epc)).map(({ from, to, value }) => {
        return { from, to, value: { unit: epc, devices: value } };
      });
      const inherited = this.#world.containment(epc).flatMap(({ value, from, to }) => {
        return cut(this.#inUnits(value), from, to ?? Number.POSITIVE_INFINITY);
      });
      return overlay(inherited, own);
    });
  }

  /** The latest word on where it is: its own presence, entering a unit whose place is known, that unit's moves. */
  #whereabouts(epc: Epc): readonly Piece<AtPlace>[] {
    return this.#remembered(this.#places, 'p', epc, () => {
      const words: { at: number; rank: number; value: AtPlace }[] = [];
      for (const { value, from } of this.#world.presence(epc)) {
        words.push({ at: from, rank: 0, value: { place: value, carrier: epc } });
      }
      for (const { value, from, to } of this.#world.containment(epc)) {
        for (const piece of cut(this.#whereabouts(value), from, to ?? Number.POSITIVE_INFINITY)) {
          words.push({ at: piece.from, rank: 1, value: piece.value });
        }
      }
      words.sort((a, b) => a.at - b.at || a.rank - b.rank);
      const last = words.filter((word, index) => words[index + 1]?.at !== word.at);
      return last.map(({ at, value }, index) => {
        return { from: at, to: last[index + 1]?.at ?? Number.POSITIVE_INFINITY, value };
      });
    });
  }

  #remembered<T>(memory: Map<Epc, readonly T[]>, kind: string, epc: Epc, work: () => readonly T[]): readonly T[] {
    const known = memory.get(epc);
    if (known !== undefined) return known;
    const key = `${kind}|${epc}`;
    if (this.#open.has(key)) {
      this.#isCyclic = true;
      return [];
    }
    if (this.#open.size === 0) this.#isCyclic = false;
    this.#open.add(key);
    const result = work();
    this.#open.delete(key);
    // Inside a ring the answer depends on where one came in: it is right for the caller and nobody else.
    if (!this.#isCyclic) memory.set(epc, result);
    return result;
  }
}

interface Piece<T> {
  readonly from: number;
  readonly to: number;
  readonly value: T;
}

interface InUnit {
  readonly unit: Epc;
  readonly devices: readonly string[];
}

interface AtPlace {
  readonly place: string | null;
  readonly carrier: Epc;
}

function cut<T>(pieces: readonly Piece<T>[], from: number, to: number): Piece<T>[] {
  const inside: Piece<T>[] = [];
  for (const piece of pieces) {
    const start = Math.max(piece.from, from);
    const end = Math.min(piece.to, to);
    if (start < end) inside.push({ from: start, to: end, value: piece.value });
  }
  return inside;
}

/** `top` where it is defined, `base` elsewhere. Both ascending and without overlaps. */
function overlay<T>(base: readonly Piece<T>[], top: readonly Piece<T>[]): Piece<T>[] {
  const result: Piece<T>[] = [...top];
  let free = Number.NEGATIVE_INFINITY;
  for (const covered of [...top, { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY }]) {
    result.push(...cut(base, free, covered.from));
    free = covered.to;
  }
  return result.sort((a, b) => a.from - b.from);
}

/** Overlapping holdings as pieces that carry every value that holds in them, sorted. */
function together(holdings: readonly Holding[]): Piece<readonly string[]>[] {
  const only = holdings[0];
  if (only === undefined) return [];
  if (holdings.length === 1) return [{ from: only.from, to: only.to ?? Number.POSITIVE_INFINITY, value: [only.value] }];
  const times = new Set<number>();
  for (const { from, to } of holdings) times.add(from).add(to ?? Number.POSITIVE_INFINITY);
  const edges = [...times].sort((a, b) => a - b);
  const pieces: Piece<readonly string[]>[] = [];
  for (const [index, from] of edges.entries()) {
    const to = edges[index + 1];
    if (to === undefined) break;
    const values = new Set<string>();
    for (const held of holdings)
      if (held.from <= from && from < (held.to ?? Number.POSITIVE_INFINITY)) values.add(held.value);
    if (values.size > 0) pieces.push({ from, to, value: [...values].sort() });
  }
  return pieces;
}
