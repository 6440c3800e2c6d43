import type { Sites } from '../../domain/index.ts';

/** Sockets of people who are bound to the same sites: each room has a part of its own for them, by a suffix. */
export interface Audience {
  readonly sites: Sites;
  /** Behind the name of a room; no room that one may ask for has a line break. */
  readonly suffix: string;
  /** Whose readings go to their part of `fleet`. */
  devices: ReadonlySet<string>;
}

/** Who is there that does not see every site. */
export class Audiences {
  readonly #bySuffix = new Map<string, { readonly audience: Audience; count: number }>();

  /** @returns null for who sees every site: the rooms as they are called are for them */
  enter(sites: Sites): Audience | null {
    if (sites === 'all') return null;
    const suffix = `\n${sites.join(',')}`;
    const known = this.#bySuffix.get(suffix) ?? { audience: { sites, suffix, devices: new Set() }, count: 0 };
    known.count++;
    this.#bySuffix.set(suffix, known);
    return known.audience;
  }

  leave(audience: Audience | null): void {
    const known = audience === null ? undefined : this.#bySuffix.get(audience.suffix);
    if (known === undefined) return;
    known.count--;
    if (known.count === 0) this.#bySuffix.delete(known.audience.suffix);
  }

  all(): readonly Audience[] {
    return [...this.#bySuffix.values()].map(({ audience }) => audience);
  }
}

/** A room as who watches it calls it. */
export function plainRoom(room: string): string {
  return room.split('\n', 1)[0] ?? room;
}

/** `shipment:SHP-1` as kind and id; of `alerts` and `fleet` the kind alone. */
export function splitRoom(room: string): readonly [kind: string, id: string] {
  const colon = room.indexOf(':');
  return colon < 0 ? [room, ''] : [room.slice(0, colon), room.slice(colon + 1)];
}
