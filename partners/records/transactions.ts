import { glnOf, isGln } from '../../codecs/epc/index.ts';
import { type AuditTrail, InputError, type Origination, type Partner, type TimeSource } from '../../domain/index.ts';
import { type Database, effectsOf, type OrganisationStore, timestamp } from '../../storage/index.ts';
import type { Partners } from '../companies/index.ts';
import type { ProductLabels } from './product-labels.ts';
import {
  missingOf,
  type Transaction,
  type TransactionLine,
  type TransactionParty,
  type TransactionQuery,
} from './transaction.ts';

export interface TransactionsOptions {
  readonly audit: AuditTrail;
  readonly database: Database;
  readonly labels: ProductLabels;
  readonly organisation: OrganisationStore;
  readonly partners: Partners;
  readonly time: TimeSource;
  /** Names of products, by GTIN-14. */
  readonly productNames: (gtins: readonly string[]) => Promise<ReadonlyMap<string, string>>;
}

/** What a person said of the transaction behind a shipment; null = as it follows from the GLNs. */
export interface StatedTransaction {
  /** Id of a partner, or `own`. */
  readonly seller: string | null;
  readonly buyer: string | null;
  /** YYYY-MM-DD. */
  readonly transactedOn: string | null;
}

/** Asked for and given in one go. */
const MOST_SHIPMENTS = 5_000;
export const OWN_PARTY = 'own';

interface Ends {
  readonly id: string;
  readonly departs: number;
  readonly left_at: number | null;
  readonly received_at: number | null;
  readonly origin: string;
  readonly destination: string;
  readonly origin_gln: string | null;
  readonly destination_gln: string | null;
  readonly seller: string | null;
  readonly buyer: string | null;
  readonly transacted_on: string | null;
}

/** Transaction information for serials, lots, shipments and periods, from what shipments tell and what is agreed. */
export class Transactions {
  readonly #options: TransactionsOptions;

  constructor(options: TransactionsOptions) {
    this.#options = options;
  }

  /**
   * Of goods that left or came in, by shipment in the order in which they left.
   * @param of only those with one of these GLNs at an end; null: all
   * @throws {InputError} TRANSACTIONS_TOO_MANY
   */
  async find(
    query: TransactionQuery,
    { withSerials, of = null }: { readonly withSerials: boolean; readonly of?: readonly string[] | null },
  ): Promise<readonly Transaction[]> {
    const ends = await this.#ends(query);
    const shipments = ends.map(({ id }) => id);
    const [lines, owners, own] = await Promise.all([
      this.#lines(query, shipments, withSerials),
      this.#owners(shipments),
      this.#options.organisation.get(),
    ]);
    const parties = new Map<string, Promise<TransactionParty>>();
    const party = (said: string | null, gln: string | null) => {
      const key = said ?? `gln ${gln}`;
      const known = parties.get(key) ?? this.#party(said, gln, own);
      parties.set(key, known);
      return known;
    };
    const found = await Promise.all(
      ends.map(async (end) => {
        const owner = owners.get(end.id);
        const from = await party(end.seller, owner?.from ?? end.origin_gln ?? glnIn(end.origin));
        const to = await party(end.buyer, owner?.to ?? end.destination_gln ?? glnIn(end.destination));
        const shippedOn = dayOf(end.left_at);
        const said = {
          ...{ shipment: end.id, transactedOn: end.transacted_on ?? shippedOn, shippedOn, from, to },
          lines: lines.get(end.id) ?? [],
        };
        return { ...said, missing: missingOf(said) };
      }),
    );
    const isOf = ({ gln }: TransactionParty) => gln !== null && (of?.includes(gln) ?? true);
    return of === null ? found : found.filter(({ from, to }) => isOf(from) || isOf(to));
  }

  /** Says who sold what to whom where the GLNs do not, or say something else. @throws {InputError} SHIPMENT_UNKNOWN, PARTNER_UNKNOWN */
  async state(shipment: string, said: StatedTransaction, by: Origination): Promise<void> {
    const { audit, database, partners, time } = this.#options;
    for (const id of [said.seller, said.buyer]) if (id !== null && id !== OWN_PARTY) await partners.get(id);
    const { rows } = await database.query('SELECT FROM shipment_ends WHERE id = $1', [shipment]);
    if (rows.length === 0) throw new InputError('SHIPMENT_UNKNOWN', `there is no shipment ${shipment}`, { shipment });
    await database.transaction(async (client) => {
      const { rows: before } = await client.query<StatedTransaction>(
        `SELECT seller, buyer, transacted_on AS "transactedOn" FROM shipment_transactions WHERE shipment = $1 FOR UPDATE`,
        [shipment],
      );
      await client.query(
        `INSERT INTO shipment_transactions (shipment, seller, buyer, transacted_on, stated_at, stated_by)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (shipment) DO UPDATE SET seller = excluded.seller, buyer = excluded.buyer,
           transacted_on = excluded.transacted_on, stated_at = excluded.stated_at, stated_by = excluded.stated_by`,
        [shipment, said.seller, said.buyer, said.transactedOn, timestamp(time.now()), by.actor.name],
      );
      await audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action: 'transaction.state', subject: `shipment:${shipment}` },
        ...{ old: before[0] ?? null, new: said },
      });
    });
  }

  /** That records went out: what, to whom, and the hash of what was given. */
  async recordGiven(about: string, given: { readonly sha256: string; readonly format: string }, by: Origination) {
    const { audit, database, time } = this.#options;
    await database.transaction((client) =>
      audit.add(effectsOf(client), {
        ...{ ...by, at: time.now(), action: 'record.give', subject: `record:${about}`, new: given },
      }),
    );
  }

  async #ends(query: TransactionQuery): Promise<readonly Ends[]> {
    const [condition, values] = conditionOf(query);
    const { rows } = await this.#options.database.query<Ends>(
      `SELECT h.id, h.departs, h.left_at, h.received_at, h.origin, h.destination, h.origin_gln, h.destination_gln,
         t.seller, t.buyer, t.transacted_on
       FROM shipment_ends h LEFT JOIN shipment_transactions t ON t.shipment = h.id
       WHERE ${condition} AND h.state <> 'cancelled' AND (h.left_at IS NOT NULL OR h.received_at IS NOT NULL)
       ORDER BY h.left_at, h.id LIMIT ${MOST_SHIPMENTS + 1}`,
      values,
    );
    if (rows.length <= MOST_SHIPMENTS) return rows;
    const message = `more than ${MOST_SHIPMENTS} shipments are asked for; ask for a shorter period`;
    throw new InputError('TRANSACTIONS_TOO_MANY', message, { most: MOST_SHIPMENTS });
  }

  async #lines(
    query: TransactionQuery,
    shipments: readonly string[],
    withSerials: boolean,
  ): Promise<ReadonlyMap<string, readonly TransactionLine[]>> {
    const [condition, values] = goodsOf(query);
    const { rows } = await this.#options.database.query<{
      shipment: string;
      gtin: string;
      lot: string | null;
      expiry: string | null;
      count: number;
      serials: string[] | null;
    }>(
      `SELECT shipment, gtin, lot, min(expiry) AS expiry, count(*) AS count,
         ${withSerials ? 'array_agg(serial ORDER BY serial)' : 'NULL::text[]'} AS serials
       FROM shipped_serials WHERE shipment = ANY ($1::text[]) ${condition} GROUP BY shipment, gtin, lot ORDER BY shipment, gtin, lot`,
      [shipments, ...values],
    );
    const gtins = [...new Set(rows.map(({ gtin }) => gtin))];
    const [labels, names] = await Promise.all([this.#options.labels.of(gtins), this.#options.productNames(gtins)]);
    const lines = new Map<string, TransactionLine[]>();
    for (const { shipment, serials, gtin, ...row } of rows) {
      const label = labels.get(gtin);
      const line = {
        ...{ gtin, name: names.get(gtin) ?? null, ndc: label?.ndc ?? null, strength: label?.strength ?? null },
        ...{ dosageForm: label?.dosageForm ?? null, containerSize: label?.containerSize ?? null },
        ...{ ...row, serials: serials ?? [] },
      };
      lines.set(shipment, [...(lines.get(shipment) ?? []), line]);
    }
    return lines;
  }

  /** Owning parties that shipping events name (CBV 2.0, 7.4.2). The latest event wins. */
  async #owners(shipments: readonly string[]) {
    const { rows } = await this.#options.database.query<{ shipment: string; sources: unknown; destinations: unknown }>(
      'SELECT shipment, sources, destinations FROM shipment_owners WHERE shipment = ANY ($1::text[]) ORDER BY at',
      [shipments],
    );
    return new Map(
      rows.map(({ shipment, sources, destinations }) => [
        shipment,
        { from: ownerIn(sources, 'source'), to: ownerIn(destinations, 'destination') },
      ]),
    );
  }

  async #party(
    said: string | null,
    gln: string | null,
    own: Awaited<ReturnType<OrganisationStore['get']>>,
  ): Promise<TransactionParty> {
    const { partners } = this.#options;
    const isOwn = said === OWN_PARTY || (said === null && gln !== null && gln === own?.gln);
    if (isOwn) {
      const { name = null, gln: ownGln = null, address = null } = own ?? {};
      return { partner: OWN_PARTY, gln: ownGln, name, address: address ?? null };
    }
    const partner = said === null ? (gln === null ? null : await partners.byGln(gln)) : await partners.find(said);
    return partner === null ? { partner: said, gln, name: null, address: null } : partyOf(partner, gln);
  }
}

function partyOf({ id, name, address, glns }: Partner, gln: string | null): TransactionParty {
  return { partner: id, gln: gln !== null && glns.includes(gln) ? gln : (glns[0] ?? null), name, address };
}

/** Which shipments hold what is asked for. */
function conditionOf(query: TransactionQuery): [string, unknown[]] {
  if ('shipment' in query) return ['h.id = $1', [query.shipment]];
  if ('period' in query) return ['h.left_at >= $1 AND h.left_at < $2', [query.period.from, query.period.to]];
  const [column, { gtin, ...rest }] =
    'lot' in query ? (['lot', query.lot] as const) : (['serial', query.serial] as const);
  const value = 'lot' in rest ? rest.lot : rest.serial;
  return [`h.id IN (SELECT shipment FROM shipped_serials WHERE gtin = $1 AND ${column} = $2)`, [gtin, value]];
}

/** Which goods in them, with the shipments as $1. */
function goodsOf(query: TransactionQuery): [string, unknown[]] {
  if ('lot' in query) return ['AND gtin = $2 AND lot = $3', [query.lot.gtin, query.lot.lot]];
  if ('serial' in query) return ['AND gtin = $2 AND serial = $3', [query.serial.gtin, query.serial.serial]];
  return ['', []];
}

/** A site that nobody registered is called by its GLN. */
function glnIn(place: string): string | null {
  const gln = place.replace(/^site:/, '');
  return isGln(gln) ? gln : null;
}

function ownerIn(list: unknown, member: 'source' | 'destination'): string | null {
  if (!Array.isArray(list)) return null;
  for (const entry of list as readonly Readonly<Record<string, unknown>>[]) {
    const type = String(entry.type ?? '');
    if (!/(^|[:/-])owning_party$/.test(type)) continue;
    const gln = glnOf(String(entry[member] ?? ''));
    if (gln !== null) return gln;
  }
  return null;
}

function dayOf(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString().slice(0, 10);
}
