import {
  DefectError,
  type Effects,
  type Epc,
  type GoodsReasonKey,
  reasonOf,
  type SeenFrom,
  type Words,
} from '../../domain/index.ts';
import { afterOf, type Database, effectsOf, type Page, pageOf } from '../../storage/index.ts';
import { type GoodsFinding, type GoodsReason, goodsState, isPast, mayMoveOn } from '../goods/index.ts';
import { limitOf, type PageRequest } from '../page.ts';

/** What is asked of a pack: its product identifier (FD&C Act 581(14); Delegated Regulation (EU) 2016/161, article 4). */
export interface VerificationRequest {
  /** 14 digits. */
  readonly gtin: string;
  readonly serial: string;
  readonly lot: string | null;
  /** `YYYY-MM-DD` */
  readonly expiry: string | null;
}

export type VerificationFinding =
  | 'gtin unknown'
  | 'serial unknown'
  | 'lot mismatch'
  | 'expiry mismatch'
  | GoodsFinding
  | 'in two places';

export interface VerificationAnswer {
  /** Nothing speaks against it. */
  readonly verified: boolean;
  /**
   * For now. A decommissioned, recalled, stolen, quarantined, rejected or expired pack may not, nor one whose expiry
   * cannot be read, one in an excursion that nobody has decided on or on hold, nor one that we do not know.
   */
  readonly mayMoveOn: boolean;
  readonly findings: readonly {
    readonly finding: VerificationFinding;
    /** For a person, English. */
    readonly reason: string;
    /** The same by key and values, for other languages; absent where it was kept without. */
    readonly words?: Words | undefined;
  }[];
  /** As it is known here. */
  readonly epc: Epc | null;
  readonly status: string | null;
}

export interface VerificationRecord {
  readonly id: number;
  readonly at: number;
  readonly by: string;
  readonly request: VerificationRequest;
  readonly answer: VerificationAnswer;
}

/** Read at two sites less than this apart, one of the two is another pack, ms: no truck is that fast. */
export const TRAVEL_MS = 15 * 60_000;

/** Who asks for a verification. */
export interface Asking {
  readonly by: string;
  /** Epoch ms UTC. */
  readonly now: number;
  /** Written with the answer, in its transaction: the entry of the audit trail. */
  readonly also?: (effects: Effects, record: VerificationRecord) => Promise<unknown>;
}

/** Answers a verification request and keeps both. */
export async function verify(
  database: Database,
  request: VerificationRequest,
  asked: Asking,
  seenFrom: SeenFrom,
): Promise<VerificationRecord> {
  const [found] = await lookUpPacks(database, [request], asked.now, seenFrom);
  if (found === undefined) throw new DefectError('VERIFICATION_UNANSWERED', 'a pack was looked up without an answer');
  const { answer } = found;
  return database.transaction(async (client) => {
    const { rows } = await client.query<{ id: number }>(
      'INSERT INTO verifications (at, by, request, answer) VALUES ($1, $2, $3, $4) RETURNING id',
      [asked.now, asked.by, JSON.stringify(request), JSON.stringify(answer)],
    );
    const record = { id: rows[0]?.id ?? 0, at: asked.now, by: asked.by, request, answer };
    await asked.also?.(effectsOf(client), record);
    return record;
  });
}

/** Latest first; of packs that are not seen from there, those that `by` asked. */
export async function verificationList(
  database: Database,
  page: PageRequest & { readonly by?: string },
  seenFrom: SeenFrom,
): Promise<Page<VerificationRecord>> {
  const limit = limitOf(page);
  const { rows } = await database.query<VerificationRecord>(
    `SELECT id, at, by, request, answer FROM verifications WHERE ($1::bigint IS NULL OR id < $1)
       AND ($3::text[] IS NULL OR by = $4 OR goods_seen_from(answer ->> 'epc', $3::text[]))
     ORDER BY id DESC LIMIT $2`,
    [afterOf(page, ['bigint'])?.[0] ?? null, limit + 1, seenFrom, page.by ?? null],
  );
  return pageOf(rows, limit, ({ id }) => [Number(id)]);
}

/** Which of some serials of a GTIN were ever heard of. @param gtin 14 digits */
export async function knownSerials(
  database: Database,
  gtin: string,
  serials: readonly string[],
  seenFrom: SeenFrom,
): Promise<string[]> {
  const { rows } = await database.query<{ serial: string }>(
    `SELECT DISTINCT serial FROM serials
     WHERE gtin = $1 AND lower(serial) COLLATE "C" IN (SELECT lower(unnest($2::text[]))) AND serial = ANY ($2)
       AND ($3::text[] IS NULL OR goods_seen_from(epc, $3::text[]))`,
    [gtin, serials, seenFrom],
  );
  return rows.map(({ serial }) => serial);
}

interface Known {
  readonly n: number;
  readonly epc: Epc;
  readonly lot: string | null;
  readonly expiry: string | null;
  readonly status: string | null;
}

/** An answer with what a message to another company is made of. */
export interface PackLookup {
  readonly answer: VerificationAnswer;
  /** As it is known here; null: it is not. */
  readonly known: { readonly lot: string | null; readonly expiry: string | null } | null;
  /** The findings that keep it from moving on. */
  readonly stops: ReadonlySet<VerificationFinding>;
}

/** Looks packs up, many with as few queries as one. @returns in their order */
export async function lookUpPacks(
  database: Database,
  requests: readonly VerificationRequest[],
  now: number,
  seenFrom: SeenFrom,
): Promise<PackLookup[]> {
  const knownOf = await knownPacks(database, requests, seenFrom);
  const strange = requests.filter((_, n) => !knownOf.has(n)).map(({ gtin }) => gtin);
  const products = strange.length === 0 ? new Set<string>() : await knownProducts(database, strange, seenFrom);
  const epcs = [...new Set([...knownOf.values()].map(({ epc }) => epc))];
  const goodsOf = epcs.length === 0 ? new Map<Epc, never[]>() : await goodsState(database, epcs, now);
  const twiceOf = epcs.length === 0 ? new Map<Epc, Twice>() : await twoPlaces(database, epcs);
  return requests.map((request, n) => {
    const known = knownOf.get(n);
    if (known === undefined) return strangePack(request, products);
    return lookup(request, known, goodsOf.get(known.epc) ?? [], twiceOf.get(known.epc) ?? null, now);
  });
}

async function knownPacks(
  database: Database,
  requests: readonly VerificationRequest[],
  seenFrom: SeenFrom,
): Promise<ReadonlyMap<number, Known>> {
  const { rows } = await database.query<Known>(
    `SELECT a.n::int - 1 AS n, s.epc, s.lot, s.expiry, s.status
     FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS a (gtin, serial, n) CROSS JOIN LATERAL (
       SELECT epc, lot, expiry, status FROM serials
       WHERE gtin = a.gtin AND lower(serial) COLLATE "C" = lower(a.serial) AND serial = a.serial
         AND ($3::text[] IS NULL OR goods_seen_from(epc, $3::text[])) ORDER BY position DESC LIMIT 1) AS s`,
    [requests.map(({ gtin }) => gtin), requests.map(({ serial }) => serial), seenFrom],
  );
  return new Map(rows.map((row) => [row.n, row]));
}

/** Which GTINs were ever heard of. */
async function knownProducts(database: Database, gtins: readonly string[], seenFrom: SeenFrom): Promise<Set<string>> {
  const { rows } = await database.query<{ gtin: string }>(
    `SELECT a.gtin FROM unnest($1::text[]) AS a (gtin)
     WHERE EXISTS (SELECT FROM serials s WHERE s.gtin = a.gtin AND $2::text[] IS NULL)
       OR EXISTS (SELECT FROM products p WHERE p.gtin = a.gtin)`,
    [[...new Set(gtins)], seenFrom],
  );
  return new Set(rows.map(({ gtin }) => gtin));
}

function strangePack({ gtin, serial }: VerificationRequest, products: ReadonlySet<string>): PackLookup {
  const isKnown = products.has(gtin);
  const found: VerificationAnswer['findings'][number] = isKnown
    ? { finding: 'serial unknown', ...reasonOf('goods.unknown.serial', { serial, gtin }) }
    : { finding: 'gtin unknown', ...reasonOf('goods.unknown.gtin', { gtin }) };
  const answer = { verified: false, mayMoveOn: false, findings: [found], epc: null, status: null };
  return { answer, known: null, stops: new Set([found.finding]) };
}

function lookup(
  request: VerificationRequest,
  { epc, lot, expiry, status }: Known,
  goods: readonly GoodsReason[],
  twice: Twice | null,
  now: number,
): PackLookup {
  const findings: VerificationAnswer['findings'][number][] = [];
  const find = (finding: VerificationFinding, key: GoodsReasonKey, values: Readonly<Record<string, string>>) =>
    findings.push({ finding, ...reasonOf(key, values) });
  if (request.lot !== null && lot !== null && request.lot !== lot) {
    find('lot mismatch', 'goods.other.lot', { given: request.lot, known: lot });
  }
  if (request.expiry !== null && expiry !== null && request.expiry !== expiry) {
    find('expiry mismatch', 'goods.other.expiry', { given: request.expiry, known: expiry });
  }
  for (const { finding, reason, words } of goods)
    findings.push({ finding, reason, ...(words !== undefined && { words }) });
  const isPackPast = request.expiry !== null && isPast(request.expiry, now);
  if (isPackPast && !goods.some(({ finding }) => finding === 'expired')) {
    find('expired', 'goods.expired.printed', { expiry: request.expiry ?? '' });
  }
  if (twice !== null) find('in two places', 'goods.twoPlaces', { ...twice });
  const verified = findings.length === 0;
  return {
    answer: { verified, mayMoveOn: mayMoveOn(goods) && !isPackPast, findings, epc, status },
    known: { lot, expiry },
    stops: new Set(goods.filter(({ stops }) => stops).map(({ finding }) => finding)),
  };
}

/** Where a pack was read at two times that no truck fits between: sites by their ids, times RFC 3339. */
interface Twice {
  readonly site: string;
  readonly at: string;
  readonly other: string;
  readonly otherAt: string;
}

/** Where packs were read that cannot have been there; of those alone against which it speaks. */
async function twoPlaces(database: Database, epcs: readonly Epc[]): Promise<ReadonlyMap<Epc, Twice>> {
  const { rows } = await database.query<{ epc: Epc; site: string; at: number; other: string; then: number }>(
    `SELECT a.epc, t.* FROM unnest($1::text[]) AS a (epc) CROSS JOIN LATERAL (
       WITH seen AS (
         SELECT t.site, r.first_seen AS at, lead(t.site) OVER w AS other, lead(r.first_seen) OVER w AS "then"
         FROM pass_reads r JOIN passes p ON p.id = r.pass JOIN portals t ON t.id = p.portal
         WHERE r.epc = a.epc AND r.status <> 'stray' WINDOW w AS (ORDER BY r.first_seen, p.id))
       SELECT * FROM seen WHERE site <> other AND "then" - at < $2 ORDER BY at DESC LIMIT 1) AS t`,
    [epcs, TRAVEL_MS],
  );
  const iso = (at: number) => new Date(at).toISOString();
  return new Map(rows.map(({ epc, site, at, other, then }) => [epc, { site, at: iso(at), other, otherAt: iso(then) }]));
}
