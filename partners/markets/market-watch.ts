import { MARKET_MOMENTS, type MarketMoment, type TimeSource } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import type { Transactions } from '../records/index.ts';
import { checkGoods, type GoodsCheck, type GoodsKnown } from './goods-check.ts';
import type { Market } from './market.ts';
import { type MarketAssignment, type MarketAssignments, marketsOn } from './market-assignments.ts';
import type { Markets } from './markets.ts';
import { isInForce } from './periods.ts';

export interface MarketWatchOptions {
  readonly assignments: MarketAssignments;
  readonly database: Database;
  readonly markets: Markets;
  readonly time: TimeSource;
  readonly transactions: Transactions;
}

/** What one market asks of a shipment where it leaves, or where it arrives. */
export interface MarketCheck extends GoodsCheck {
  readonly market: Market;
  readonly moment: MarketMoment;
  /** Id of the site. */
  readonly site: string;
  readonly siteName: string;
  /** The day whose law is applied, YYYY-MM-DD UTC: of leaving or receipt, of today where that is not yet. */
  readonly day: string;
  /** What is missing of transaction information, as paths; empty where the market asks for none. */
  readonly transaction: readonly string[];
  /** Whether the market asks for transaction information on that day. */
  readonly isTransactionAsked: boolean;
  /** Products that are set to other markets alone, GTIN-14. */
  readonly elsewhere: readonly { readonly gtin: string; readonly name: string | null }[];
}

interface Ends {
  readonly id: string;
  readonly state: string;
  readonly departs: number;
  readonly left_at: number | null;
  readonly received_at: number | null;
  readonly origin: string;
  readonly origin_site: string | null;
  readonly origin_site_name: string | null;
  readonly destination: string;
  readonly destination_site: string | null;
  readonly destination_site_name: string | null;
}

/** Examples of packs that are named with what is missing of them. */
const MOST_EXAMPLES = 20;

/** Applies what markets ask to what shipments tell, by the day of each event. */
export class MarketWatch {
  readonly #options: MarketWatchOptions;

  constructor(options: MarketWatchOptions) {
    this.#options = options;
  }

  /** @returns of each market that a shipment belongs to; empty where none is set, or it was cancelled; null: it is not known */
  async ofShipment(shipment: string): Promise<readonly MarketCheck[] | null> {
    const [ends] = await this.#ends([shipment]);
    if (ends === undefined) return null;
    return ends.state === 'cancelled' ? [] : this.#check(ends, await this.#options.assignments.all());
  }

  /**
   * Those of the latest shipments of a market's sites in which something is missing.
   * @param since epoch ms UTC: that left, or are to leave, since then
   */
  async lacking(market: string, since: number, most: number) {
    const assignments = await this.#options.assignments.all();
    const { rows } = await this.#options.database.query<{ id: string }>(
      `SELECT h.id FROM shipment_ends h LEFT JOIN sites_of_places o ON o.id = h.origin
         LEFT JOIN sites_of_places d ON d.id = h.destination
       WHERE coalesce(h.left_at, h.departs) >= $2 AND h.state <> 'cancelled'
         AND (coalesce(o.site, h.origin) = ANY ($1) OR coalesce(d.site, h.destination) = ANY ($1)
           OR 'shipment:' || h.id = ANY ($1))
       ORDER BY coalesce(h.left_at, h.departs) DESC, h.id LIMIT $3`,
      [assignments.filter((one) => one.market === market).map(({ subject }) => subject), since, most + 1],
    );
    const looked = rows.slice(0, most).map(({ id }) => id);
    const found: { readonly shipment: string; readonly checks: readonly MarketCheck[] }[] = [];
    for (const ends of await this.#ends(looked)) {
      const checks = (await this.#check(ends, assignments)).filter(
        (check) => check.market.id === market && isLacking(check),
      );
      if (checks.length > 0) found.push({ shipment: ends.id, checks });
    }
    return { looked: looked.length, isMore: rows.length > most, found };
  }

  async #check(ends: Ends, assignments: readonly MarketAssignment[]): Promise<readonly MarketCheck[]> {
    const today = dayOf(this.#options.time.now());
    const due = MARKET_MOMENTS.flatMap((moment) => {
      const at = moment === 'ship' ? ends.left_at : ends.received_at;
      const day = at === null ? today : dayOf(at);
      const site = moment === 'ship' ? (ends.origin_site ?? ends.origin) : (ends.destination_site ?? ends.destination);
      const siteName =
        (moment === 'ship' ? ends.origin_site_name : ends.destination_site_name) ?? site.replace(/^site:/, '');
      const own = marketsOn(assignments, `shipment:${ends.id}`, day);
      const markets = own.length > 0 ? own : marketsOn(assignments, site, day);
      // One whose file is gone since asks for nothing.
      return markets.flatMap((id) => {
        const market = this.#options.markets.find(id);
        return market === null ? [] : [{ market, moment, site, siteName, day }];
      });
    });
    if (due.length === 0) return [];
    const goods = await this.#goods(ends.id);
    const transaction = due.some(({ market }) => market.transaction !== null) ? await this.#transaction(ends.id) : [];
    return due.map((one) => {
      const marketsOf = ({ gtin }: GoodsKnown) => marketsOn(assignments, `product:${gtin}`, one.day);
      const isHere = (known: GoodsKnown) => {
        const set = marketsOf(known);
        return set.length === 0 || set.includes(one.market.id);
      };
      const isTransactionAsked = one.market.transaction !== null && isInForce(one.market.transaction, one.day);
      return {
        ...{ ...one, ...checkGoods(one.market, goods.filter(isHere), one.day), isTransactionAsked },
        transaction: isTransactionAsked ? transaction : [],
        elsewhere: goods.filter((known) => !isHere(known)).map(({ gtin, name }) => ({ gtin, name })),
      };
    });
  }

  async #ends(shipments: readonly string[]): Promise<readonly Ends[]> {
    const { rows } = await this.#options.database.query<Ends>(
      `SELECT h.id, h.state, h.departs, h.left_at, h.received_at, h.origin, o.site AS origin_site, o.site_name AS origin_site_name,
         h.destination, d.site AS destination_site, d.site_name AS destination_site_name
       FROM shipment_ends h LEFT JOIN sites_of_places o ON o.id = h.origin
         LEFT JOIN sites_of_places d ON d.id = h.destination
       WHERE h.id = ANY ($1) ORDER BY coalesce(h.left_at, h.departs) DESC, h.id`,
      [shipments],
    );
    return rows;
  }

  /** Serials, and what is announced without any. */
  async #goods(shipment: string): Promise<readonly GoodsKnown[]> {
    const { rows } = await this.#options.database.query<GoodsKnown>(
      `SELECT coalesce(s.gtin, p.gtin) AS gtin, p.name, coalesce(s.serials, 0) AS serials,
         coalesce(s.without_lot, 0) AS "withoutLot", coalesce(s.without_expiry, 0) AS "withoutExpiry",
         coalesce(s.examples, '{}') AS examples
       FROM (SELECT gtin, count(*) AS serials, count(*) FILTER (WHERE lot IS NULL) AS without_lot,
               count(*) FILTER (WHERE expiry IS NULL) AS without_expiry,
               (array_agg(epc ORDER BY epc) FILTER (WHERE lot IS NULL OR expiry IS NULL))[1:$2] AS examples
             FROM shipped_serials WHERE shipment = $1 GROUP BY gtin) s
         FULL JOIN (SELECT gtin, min(name) AS name FROM announced_products WHERE shipment = $1 GROUP BY gtin) p
           ON p.gtin = s.gtin
       ORDER BY 1`,
      [shipment, MOST_EXAMPLES],
    );
    return rows;
  }

  /** What the law asks of the transaction and nobody has told. Lots are told with the goods. */
  async #transaction(shipment: string): Promise<readonly string[]> {
    const [found] = await this.#options.transactions.find({ shipment }, { withSerials: false });
    return found === undefined ? [] : found.missing.filter((path) => !path.endsWith('.lot'));
  }
}

/** Whether anything is missing that somebody has to tell. */
export function isLacking({ missing, transaction, elsewhere }: MarketCheck): boolean {
  return missing.length + transaction.length + elsewhere.length > 0;
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
