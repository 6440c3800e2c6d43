import type { Database } from '../../storage/index.ts';
import type { ClaimedEvent } from './claimed-event.ts';

/** What an event states of what has become of some goods. */
export interface ClaimedStatus {
  readonly epcs: readonly string[];
  /** Epoch ms UTC. */
  readonly at: number;
  /** In the CBV's word, such as `recalled`. */
  readonly status: string | null;
  /** Goods of this status may not move on. */
  readonly stops: boolean;
}

export interface HeldGoodsOptions {
  readonly database: Database;
  /** Waits until what was taken before is worked in. */
  readonly settled: () => Promise<void>;
  /** What an event states of serials. */
  readonly statusesIn: (event: ClaimedEvent) => readonly ClaimedStatus[];
  /** Where goods are now, and since when (epoch ms UTC; null: nobody knows); those of which no place is known are left out. */
  readonly placesOf: (
    epcs: readonly string[],
  ) => Promise<ReadonlyMap<string, { readonly place: string; readonly since: number | null }>>;
}

/** What a document says has become of goods that stand at places of ours: of those that it stops, or of those that it only frees. */
export interface HeldClaim {
  /** EPCs, each once. */
  readonly epcs: readonly string[];
  /** In the CBV's words, each once. */
  readonly statuses: readonly string[];
  /** Each of these packs is stopped by a word of it: until somebody has decided, they are not to move on. */
  readonly stops: boolean;
}

/**
 * Goods in our hands, of which a partner says what has become of them: that they are recalled, destroyed or stolen, whenever it
 * says that was; or that they are free again, later than they came to us. What was said of them before that is their history.
 */
export class HeldGoods {
  readonly #options: HeldGoodsOptions;

  constructor(options: HeldGoodsOptions) {
    this.#options = options;
  }

  /**
   * At most two: of those that are stopped first, then of those that are only freed, which nobody stops by asking. A pack of which both
   * is said is stopped. @param events without those that are known here to the letter
   */
  async claims(events: readonly ClaimedEvent[]): Promise<readonly HeldClaim[]> {
    const { statusesIn, placesOf, settled } = this.#options;
    const stated = events.flatMap(statusesIn).filter(({ status }) => status !== null);
    const named = [...new Set(stated.flatMap(({ epcs }) => epcs))];
    if (named.length === 0) return [];
    // Goods that came a moment ago are ours too.
    if (stated.some(({ stops }) => stops)) await settled();
    const places = await placesOf(named);
    const own = await this.#own([...places.values()].map(({ place }) => place));
    const said = new Map<string, { readonly statuses: Set<string>; stops: boolean }>();
    for (const { epcs: goods, at, status, stops } of stated) {
      for (const epc of goods) {
        const here = places.get(epc);
        if (here === undefined || !own.has(here.place)) continue;
        if (!stops && at <= (here.since ?? Number.NEGATIVE_INFINITY)) continue;
        const ofPack = said.get(epc) ?? { statuses: new Set<string>(), stops: false };
        if (status !== null) ofPack.statuses.add(status);
        ofPack.stops ||= stops;
        said.set(epc, ofPack);
      }
    }
    return [true, false].flatMap((isStop) => {
      const packs = [...said].filter(([, { stops }]) => stops === isStop);
      const statuses = new Set(packs.flatMap(([, ofPack]) => [...ofPack.statuses]));
      return packs.length === 0 ? [] : [{ epcs: packs.map(([epc]) => epc), statuses: [...statuses], stops: isStop }];
    });
  }

  async #own(places: readonly string[]): Promise<ReadonlySet<string>> {
    const { rows } = await this.#options.database.query<{ id: string }>(
      'SELECT id FROM own_places WHERE id = ANY ($1::text[])',
      [[...new Set(places)]],
    );
    return new Set(rows.map(({ id }) => id));
  }
}
