import type { Epc, Place, Portal, ProductMaster, ReadGap, SeenFrom, ShipmentState } from '../domain/index.ts';
import type { Database, Page } from '../storage/index.ts';
import { type GoodsReason, goodsState, mayMoveOn } from './goods/index.ts';
import {
  type Asking,
  everyRecalledSerial,
  type FoundGoods,
  knownAs,
  knownSerials,
  lookUpPacks,
  type PackLookup,
  type Recall,
  type RecalledSerial,
  type RecallQuery,
  recall,
  recalledSerials,
  type SerialRecord,
  type StockRecord,
  searchGoods,
  seenDevices,
  seenGoods,
  serialRecord,
  stockAt,
  strangersAmong,
  type VerificationRecord,
  type VerificationRequest,
  verificationList,
  verify,
  type Whereabouts,
  whereabouts,
} from './lookup/index.ts';
import type { PageRequest } from './page.ts';
import { type PortalUsual, portalUsual, type RuleTrial, type TriedPasses, tryRules } from './pass-rules/index.ts';
import {
  latestGaps,
  type PassDetailRecord,
  type PassQuery,
  type PassRecord,
  PORTAL_COLUMNS,
  passDetail,
  passList,
  readersOf,
} from './passes/index.ts';
import {
  type DamageRecord,
  type DifferenceRecord,
  damagesOf,
  isCounted,
  passDamages,
  passDifferences,
  type ReceiptRecord,
  type ReceiptsAsked,
  receipts,
  shipmentDifferences,
  type UnsettledPass,
  unsettledPasses,
} from './reconciliation/index.ts';
import { stoppingStatuses } from './serials/index.ts';
import {
  isSeenFrom,
  type LaneEnds,
  type LaneTravel,
  laneJourneys,
  laneTravels,
  type NoticeRecord,
  noticeOf,
  openShipments,
  type PastJourney,
  type ProductRecord,
  prefixesKnownFor,
  productList,
  productRecord,
  productsOf,
  type ShipmentDetailRecord,
  type ShipmentRecord,
  type ShipmentSerialRecord,
  type SiteEvent,
  type StoppedGoods,
  seenShipments,
  shipmentDetail,
  shipmentList,
  shipmentSerials,
  shipmentsOfCapture,
  siteEvents,
  stoppedGoods,
  type TravelsAsked,
  type UnitHistories,
  unitHistories,
} from './shipments/index.ts';

/** Where a device is now. */
export interface AttachmentRecord {
  readonly device: string;
  /** A unit's EPC or a place. */
  readonly subject: string;
  readonly from: number;
  /** Of the unit: where it is, and the shipment it last was listed in. */
  readonly place: string | null;
  readonly shipment: string | null;
  readonly profile: string | null;
}

/**
 * What trace knows, for people: lists are paged, times epoch ms UTC, names left to who shows them. Of goods, only what is
 * seen from some places (docs/permissions.md, "Sites"): everything else is as if it were not there.
 */
export class TraceQueries {
  readonly #database: Database;
  readonly #seenFrom: SeenFrom;

  constructor({ database, seenFrom = null }: { readonly database: Database; readonly seenFrom?: SeenFrom }) {
    this.#database = database;
    this.#seenFrom = seenFrom;
  }

  /** The same for who sees the goods of these places. */
  at(seenFrom: SeenFrom): TraceQueries {
    return new TraceQueries({ database: this.#database, seenFrom });
  }

  /** Those of some shipments that are seen. */
  seenShipments(ids: readonly string[]): Promise<ReadonlySet<string>> {
    return seenShipments(this.#database, ids, this.#seenFrom);
  }

  /** Those of some serials and units that are seen. */
  seenGoods(epcs: readonly Epc[]): Promise<ReadonlySet<Epc>> {
    return seenGoods(this.#database, epcs, this.#seenFrom);
  }

  /** Those of some devices that are seen: by where they are or were, and by the site they are registered at. */
  seenDevices(ids: readonly string[]): Promise<ReadonlySet<string>> {
    return seenDevices(this.#database, ids, this.#seenFrom);
  }

  /** Which of these are known and not seen, a few of them. */
  strangersAmong(named: { readonly devices: readonly string[]; readonly epcs: readonly Epc[] }): Promise<string[]> {
    return strangersAmong(this.#database, named, this.#seenFrom);
  }

  /** Latest departure first. */
  shipments(
    request: PageRequest & { readonly states?: readonly ShipmentState[] | undefined } = {},
  ): Promise<Page<ShipmentRecord>> {
    return shipmentList(this.#database, { ...request, seenFrom: this.#seenFrom });
  }

  /** All that are under way, latest departure first. */
  openShipments(most: number): Promise<readonly ShipmentRecord[]> {
    return openShipments(this.#database, most);
  }

  shipment(id: string): Promise<ShipmentDetailRecord | null> {
    return shipmentDetail(this.#database, id, this.#seenFrom);
  }

  /** A shipment's notice in force, for who corrects it. */
  notice(id: string): Promise<NoticeRecord | null> {
    return noticeOf(this.#database, id);
  }

  /** Shipments that the shipping events of an EPCIS capture speak of. */
  shipmentsOfCapture(capture: string): Promise<readonly { readonly id: string; readonly profile: string }[]> {
    return shipmentsOfCapture(this.#database, capture);
  }

  /** Company prefixes of codes that do not say theirs, as far as others of the same product are known. */
  prefixesKnownFor(codes: Iterable<string>): Promise<readonly string[]> {
    return prefixesKnownFor(this.#database, codes);
  }

  /** Serials the notice lists, by EPC. */
  async serialsOf(shipment: string, request: PageRequest = {}): Promise<Page<ShipmentSerialRecord>> {
    if (!(await this.seenShipments([shipment])).has(shipment)) return { items: [], nextCursor: null };
    return shipmentSerials(this.#database, shipment, request);
  }

  /** Where the units of a shipment were, in what and with which devices; null where there is no such shipment. */
  async unitHistories(shipment: string): Promise<UnitHistories | null> {
    if (!(await this.seenShipments([shipment])).has(shipment)) return null;
    return unitHistories(this.#database, shipment);
  }

  /** What differs between a shipment and what was seen of it; null where there is no such shipment. */
  async reconciliation(shipment: string): Promise<DifferenceRecord[] | null> {
    if (!(await this.seenShipments([shipment])).has(shipment)) return null;
    return shipmentDifferences(this.#database, shipment);
  }

  /** What was received, latest first. */
  receipts(asked: Omit<ReceiptsAsked, 'seenFrom'>): Promise<readonly ReceiptRecord[]> {
    return receipts(this.#database, { ...asked, seenFrom: this.#seenFrom });
  }

  /** The packs that are at a site now. */
  stock(site: string): Promise<readonly StockRecord[]> {
    return stockAt(this.#database, site, this.#seenFrom);
  }

  /** Journeys of some lanes that came to their end, by `laneKey`. */
  laneJourneys(lanes: readonly LaneEnds[], from: number): Promise<ReadonlyMap<string, readonly PastJourney[]>> {
    return laneJourneys(this.#database, lanes, from);
  }

  /** The latest journeys of one lane, with doors and loggers. */
  laneTravels(asked: TravelsAsked): Promise<readonly LaneTravel[]> {
    return laneTravels(this.#database, asked);
  }

  /** Doors of sites that some shipments passed. */
  siteEvents(shipments: readonly string[]): Promise<ReadonlyMap<string, readonly SiteEvent[]>> {
    return siteEvents(this.#database, shipments);
  }

  /** Serials of some shipments that must not move on. */
  stoppedGoods(shipments: readonly string[]): Promise<readonly StoppedGoods[]> {
    return stoppedGoods(this.#database, shipments);
  }

  /** What differs in one pass; null where there is no such pass. */
  passReconciliation(pass: string): Promise<DifferenceRecord[] | null> {
    return passDifferences(this.#database, pass);
  }

  /** Where goods stand now; those of which no place is known are left out. */
  whereabouts(epcs: readonly Epc[]): Promise<ReadonlyMap<Epc, Whereabouts>> {
    return whereabouts(this.#database, epcs);
  }

  /** How many serials are recalled, and where they are. @throws {InputError} RECALL_OF_WHAT */
  recall(query: RecallQuery): Promise<Recall> {
    return recall(this.#database, query, this.#seenFrom);
  }

  /** A page of them, by EPC. @throws {InputError} RECALL_OF_WHAT */
  recalledSerials(query: RecallQuery, request: PageRequest = {}): Promise<Page<RecalledSerial>> {
    return recalledSerials(this.#database, query, request, this.#seenFrom);
  }

  /** All of them, some thousands at a time. */
  everyRecalledSerial(query: RecallQuery): AsyncGenerator<RecalledSerial[]> {
    return everyRecalledSerial(this.#database, query, this.#seenFrom);
  }

  /** Which of some serials of a GTIN (14 digits) were ever heard of. */
  knownSerials(gtin: string, serials: readonly string[]): Promise<string[]> {
    return knownSerials(this.#database, gtin, serials, this.#seenFrom);
  }

  /** Answers whether a pack is one that is known, and keeps the request. */
  verify(request: VerificationRequest, asked: Asking): Promise<VerificationRecord> {
    return verify(this.#database, request, asked, this.#seenFrom);
  }

  /** What is known of packs, many with as few queries as one; nothing is kept of it. @returns in their order */
  lookUpPacks(requests: readonly VerificationRequest[], now: number): Promise<PackLookup[]> {
    return lookUpPacks(this.#database, requests, now, this.#seenFrom);
  }

  /** Every status that stops a serial and was not taken back. */
  stoppingStatuses(epc: Epc): Promise<readonly { readonly status: string; readonly at: number }[]> {
    return stoppingStatuses(this.#database.pool, epc);
  }

  /** Latest first; what somebody asked stays theirs to see. */
  verifications(request: PageRequest & { readonly by?: string } = {}): Promise<Page<VerificationRecord>> {
    return verificationList(this.#database, request, this.#seenFrom);
  }

  products(request: PageRequest = {}): Promise<Page<ProductMaster>> {
    return productList(this.#database, request);
  }

  /** Those that are registered of some. @param gtins of 14 digits */
  productsOf(gtins: readonly string[]): Promise<readonly ProductMaster[]> {
    return productsOf(this.#database, gtins);
  }

  /** @param gtin of 14 digits; null where nobody registered it */
  product(gtin: string): Promise<ProductRecord | null> {
    return productRecord(this.#database, gtin, this.#seenFrom);
  }

  /**
   * One serial or unit, by its EPC in any form; null where nothing was ever heard of it.
   * @throws {InputError} EPC_* where it is no EPC
   */
  serial(epc: string): Promise<SerialRecord | null> {
    return serialRecord(this.#database, epc, this.#seenFrom);
  }

  /**
   * The pure identity of what was scanned or typed; null: of an element string or Digital Link that was never heard of.
   * @throws {InputError} EPC_*
   */
  epcOf(given: string): Promise<Epc | null> {
    return knownAs(this.#database, given);
  }

  /** What stops a serial or unit for now, and whether it may move on with that. @param now epoch ms UTC */
  async goods(
    epc: Epc,
    now: number,
  ): Promise<{ readonly mayMoveOn: boolean; readonly findings: readonly GoodsReason[] }> {
    const findings = (await goodsState(this.#database, [epc], now)).get(epc) ?? [];
    return { mayMoveOn: mayMoveOn(findings), findings };
  }

  /** What stops each of some serials and units for now; those of which there is nothing to say are left out. */
  goodsOf(epcs: readonly Epc[], now: number): Promise<ReadonlyMap<Epc, readonly GoodsReason[]>> {
    return goodsState(this.#database, epcs, now);
  }

  async places(): Promise<Place[]> {
    const { rows } = await this.#database.query<Place>('SELECT id, kind, name, parent, zone FROM places ORDER BY id');
    return rows;
  }

  async portals(): Promise<Portal[]> {
    const { rows } = await this.#database.query<Portal>(`SELECT ${PORTAL_COLUMNS} FROM portals ORDER BY id`);
    return rows;
  }

  /** Passes of a portal that overlap [from, to), latest first. */
  passes(portal: string, query: PassQuery = {}): Promise<Page<PassRecord>> {
    return passList(this.#database, portal, query);
  }

  /** Whether this very count of a unit is known. */
  isCounted(count: { readonly unit: Epc; readonly at: number; readonly by: string }): Promise<boolean> {
    return isCounted(this.#database, count);
  }

  /** What people at the door said to be damaged, oldest first. */
  passDamages(pass: string): Promise<DamageRecord[]> {
    return passDamages(this.#database, pass);
  }

  /** What people at doors said to be damaged of some serials and units, oldest first, with the pass it is of. */
  damagesOf(epcs: readonly Epc[]): Promise<readonly (DamageRecord & { readonly pass: string })[]> {
    return damagesOf(this.#database, epcs);
  }

  /** Red passes of the last 72 hours of which something is left to do. @param now epoch ms UTC */
  unsettledPasses(portal: string, now: number): Promise<UnsettledPass[]> {
    return unsettledPasses(this.#database, portal, now);
  }

  /** Stretches after `since` in which reads of a portal may be missing, newest first, at most 50. */
  gaps(portal: Portal, since: number): Promise<ReadGap[]> {
    return latestGaps(this.#database, [...readersOf(portal)], since, 50);
  }

  /** What is usual at a portal. @param now epoch ms UTC */
  portalUsual(portal: Portal, now: number): Promise<PortalUsual> {
    return portalUsual(this.#database, portal, now);
  }

  /** What rules over passes would find in the passes of a time; @throws {InputError} BACKTEST_TOO_LARGE */
  triedRules(trial: RuleTrial): AsyncGenerator<TriedPasses> {
    return tryRules(this.#database, trial);
  }

  pass(id: string): Promise<PassDetailRecord | null> {
    return passDetail(this.#database, id);
  }

  /** What devices are attached to now; absent: nothing that is seen. */
  async attachments(devices: readonly string[]): Promise<AttachmentRecord[]> {
    const { rows } = await this.#database.query<AttachmentRecord>(
      `SELECT t.device, t.subject, t.since AS "from", p.place, s.id AS shipment, s.profile
       FROM attachments t
       LEFT JOIN presence p ON p.epc = t.subject AND p.holds AND p.until IS NULL
       LEFT JOIN LATERAL (
         SELECT s.id, s.profile FROM shipment_units u JOIN shipments s ON s.id = u.shipment
         WHERE u.unit = t.subject AND ${isSeenFrom('s.id', '$2')} ORDER BY u.since DESC, s.id DESC LIMIT 1) AS s ON true
       WHERE t.device = ANY($1::text[]) AND t.holds AND t.until IS NULL AND t.subject IS NOT NULL
         AND ($2::text[] IS NULL OR t.subject = ANY ($2::text[]) OR goods_seen_from(t.subject, $2::text[]))
       ORDER BY t.device`,
      [devices, this.#seenFrom],
    );
    return rows;
  }

  /** What each was in at a moment; absent: nothing. */
  async parentsAt(epcs: readonly Epc[], at: number): Promise<ReadonlyMap<Epc, Epc>> {
    const { rows } = await this.#database.query<{ child: Epc; parent: Epc }>(
      `SELECT child, parent FROM containment WHERE child = ANY($1::text[]) AND holds AND parent IS NOT NULL
         AND since <= $2 AND (until IS NULL OR until > $2)`,
      [epcs, at],
    );
    return new Map(rows.map(({ child, parent }) => [child, parent]));
  }

  /** Everything in units now, nested ones included: how many serials each holds. */
  async serialCounts(units: readonly Epc[]): Promise<ReadonlyMap<Epc, number>> {
    const { rows } = await this.#database.query<{ unit: Epc; serials: number }>(
      `WITH RECURSIVE inside (unit, epc, depth) AS (
         SELECT parent, child, 1 FROM containment WHERE parent = ANY($1::text[]) AND holds AND until IS NULL
         UNION ALL
         SELECT i.unit, c.child, i.depth + 1 FROM inside i JOIN containment c ON c.parent = i.epc
          WHERE c.holds AND c.until IS NULL AND i.depth < 16)
       SELECT unit, count(*) AS serials FROM inside i WHERE epc LIKE 'urn:epc:id:sgtin:%'
         AND NOT EXISTS (SELECT FROM containment c WHERE c.parent = i.epc AND c.holds AND c.until IS NULL)
       GROUP BY unit`,
      [units],
    );
    return new Map(rows.map(({ unit, serials }) => [unit, serials]));
  }

  /** Goods by any of their names, a few of each kind. @param text trimmed, not empty */
  search(text: string, most: number): Promise<FoundGoods> {
    return searchGoods(this.#database, text, most, this.#seenFrom);
  }
}
