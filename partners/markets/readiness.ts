import { InputError, type TimeSource } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import type { Transactions } from '../records/index.ts';
import type { Market, MarketElement } from './market.ts';
import { type MarketAssignments, marketsOn } from './market-assignments.ts';
import type { Markets } from './markets.ts';
import { isInForce } from './periods.ts';

/** What is known of one pack. */
export interface KnownPack {
  readonly epc: string;
  /** GTIN-14; null where its EPC is no SGTIN and nobody said. */
  readonly gtin: string | null;
  readonly serial: string | null;
  readonly lot: string | null;
  /** YYYY-MM-DD */
  readonly expiry: string | null;
}

/** Whose goods are looked at: those that a shipment lists, or those that are at a site now. */
export type GoodsOf = { readonly shipment: string } | { readonly site: string };

/** A pack with what a market asks for and nobody has told of it, by the index of the element in `asked`. */
export interface PackReadiness extends KnownPack {
  readonly lacks: readonly number[];
}

export interface MarketReadinessReport {
  readonly market: Market;
  readonly of: GoodsOf;
  /** The day whose law is applied, YYYY-MM-DD. */
  readonly day: string;
  /** What the market asks for on that day and data tells. Empty: it asks for nothing that data tells. */
  readonly asked: readonly MarketElement[];
  /** What no data tells: a person looks at it. */
  readonly toLookAt: readonly MarketElement[];
  /** Those that lack something first. Packs of products that are set to other markets alone are not among them. */
  readonly packs: readonly PackReadiness[];
  /** Products that are announced and of which no serial number is listed. */
  readonly unlisted: readonly { readonly gtin: string; readonly name: string | null }[];
  /** Packs of products that are set to other markets alone. */
  readonly elsewhere: readonly { readonly gtin: string; readonly packs: number }[];
  /** What is missing of transaction information, as paths; null: none is asked for on that day, or of a site. */
  readonly transaction: readonly string[] | null;
}

export interface MarketReadinessOptions {
  readonly assignments: MarketAssignments;
  readonly database: Database;
  readonly markets: Markets;
  /** Packs at a site now, at most `most` of them. */
  readonly packsAt: (site: string, most: number) => Promise<readonly KnownPack[]>;
  readonly time: TimeSource;
  readonly transactions: Transactions;
}

/** Of one report. */
const MOST_PACKS = 50_000;

/** By application identifier, what of a pack tells it. */
const TELLS: Readonly<Record<string, keyof KnownPack>> = { '01': 'gtin', '21': 'serial', '10': 'lot', '17': 'expiry' };

/** Pack by pack, whether what a market asks for is known of goods, with the clause that asks for it. */
export class MarketReadiness {
  readonly #options: MarketReadinessOptions;

  constructor(options: MarketReadinessOptions) {
    this.#options = options;
  }

  /**
   * @param day YYYY-MM-DD; absent: of a shipment the day it left (today where it has not), of a site today, UTC
   * @throws {InputError} MARKET_UNKNOWN, SHIPMENT_UNKNOWN, PLACE_UNKNOWN, READINESS_TOO_MANY
   */
  async of(id: string, of: GoodsOf, day?: string): Promise<MarketReadinessReport> {
    const { assignments, markets, time } = this.#options;
    const market = markets.get(id);
    const today = dayOf(time.now());
    const { packs, unlisted, left } = await ('shipment' in of ? this.#shipped(of.shipment) : this.#standing(of.site));
    if (packs.length > MOST_PACKS) {
      const message = `there are more than ${MOST_PACKS} packs; ask shipment by shipment`;
      throw new InputError('READINESS_TOO_MANY', message, { most: MOST_PACKS });
    }
    const on = day ?? left ?? today;
    const all = await assignments.all();
    const isHere = (gtin: string | null) => {
      const set = gtin === null ? [] : marketsOn(all, `product:${gtin}`, on);
      return set.length === 0 || set.includes(id);
    };
    const here = packs.filter(({ gtin }) => isHere(gtin));
    const others = Map.groupBy(
      packs.filter(({ gtin }) => !isHere(gtin)),
      ({ gtin }) => gtin ?? '',
    );
    const { asked, toLookAt } = askedOn(market, on);
    return {
      ...{ market, of, day: on, asked, toLookAt },
      packs: readinessOf(here, asked),
      unlisted: unlisted.filter(({ gtin }) => isHere(gtin)),
      elsewhere: [...others].map(([gtin, list]) => ({ gtin, packs: list.length })),
      transaction: 'shipment' in of ? await this.#transaction(market, of.shipment, on) : null,
    };
  }

  async #shipped(shipment: string) {
    const { database } = this.#options;
    const { rows: ends } = await database.query<{ left_at: number | null }>(
      'SELECT left_at FROM shipment_ends WHERE id = $1',
      [shipment],
    );
    const [found] = ends;
    if (found === undefined)
      throw new InputError('SHIPMENT_UNKNOWN', `there is no shipment ${shipment.slice(0, 200)}`, { shipment });
    const [{ rows: packs }, { rows: unlisted }] = await Promise.all([
      database.query<KnownPack>(
        'SELECT epc, gtin, serial, lot, expiry FROM shipped_serials WHERE shipment = $1 ORDER BY epc LIMIT $2',
        [shipment, MOST_PACKS + 1],
      ),
      database.query<{ gtin: string; name: string | null }>(
        `SELECT gtin, min(name) AS name FROM announced_products p WHERE shipment = $1
           AND NOT EXISTS (SELECT FROM shipped_serials s WHERE s.shipment = $1 AND s.gtin = p.gtin)
         GROUP BY gtin ORDER BY gtin`,
        [shipment],
      ),
    ]);
    return { packs, unlisted, left: found.left_at === null ? null : dayOf(found.left_at) };
  }

  async #standing(site: string) {
    const { database, packsAt } = this.#options;
    const { rowCount } = await database.query('SELECT FROM sites_of_places WHERE site = $1 LIMIT 1', [site]);
    if (rowCount === 0)
      throw new InputError('PLACE_UNKNOWN', `there is no site ${site.slice(0, 200)}`, { place: site });
    return { packs: await packsAt(site, MOST_PACKS + 1), unlisted: [], left: null };
  }

  async #transaction(market: Market, shipment: string, day: string): Promise<readonly string[] | null> {
    if (market.transaction === null || !isInForce(market.transaction, day)) return null;
    const [found] = await this.#options.transactions.find({ shipment }, { withSerials: false });
    // What has neither left nor come is no transaction yet. Lots are told with the packs.
    return found === undefined ? null : found.missing.filter((path) => !path.endsWith('.lot'));
  }
}

/** What data can tell, and what it cannot, of what a market asks for on a day. */
export function askedOn(market: Market, day: string) {
  const inForce = market.identifier.filter((element) => isInForce(element, day));
  const asked = inForce.filter(({ ai, if: condition }) => condition === null && ai !== null && ai in TELLS);
  return { asked, toLookAt: inForce.filter((element) => !asked.includes(element)) };
}

/** Those that lack most first, then by EPC. */
export function readinessOf(packs: readonly KnownPack[], asked: readonly MarketElement[]): readonly PackReadiness[] {
  return packs
    .map((pack) => ({
      ...pack,
      lacks: asked.flatMap(({ ai }, index) => {
        const told = pack[TELLS[ai ?? ''] ?? 'epc'];
        return told === null || told === '' ? [index] : [];
      }),
    }))
    .sort((one, other) => other.lacks.length - one.lacks.length || (one.epc < other.epc ? -1 : 1));
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
