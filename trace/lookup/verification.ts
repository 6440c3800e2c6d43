import type { Effects, Epc, SeenFrom } from '../../domain/index.ts';
import { afterOf, type Database, effectsOf, type Page, pageOf } from '../../storage/index.ts';
import { type GoodsFinding, goodsState, isPast, mayMoveOn } from '../goods/index.ts';
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
  readonly findings: readonly { readonly finding: VerificationFinding; readonly reason: string }[];
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
  const answer = await answerTo(database, request, asked.now, seenFrom);
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
  readonly epc: Epc;
  readonly lot: string | null;
  readonly expiry: string | null;
  readonly status: string | null;
}

async function answerTo(
  database: Database,
  request: VerificationRequest,
  now: number,
  seenFrom: SeenFrom,
): Promise<VerificationAnswer> {
  const { gtin, serial } = request;
  const { rows } = await database.query<Known>(
    `SELECT epc, lot, expiry, status FROM serials
     WHERE gtin = $1 AND lower(serial) COLLATE "C" = lower($2) AND serial = $2
       AND ($3::text[] IS NULL OR goods_seen_from(epc, $3::text[])) ORDER BY position DESC LIMIT 1`,
    [gtin, serial, seenFrom],
  );
  const [known] = rows;
  const findings: VerificationAnswer['findings'][number][] = [];
  const find = (finding: VerificationFinding, reason: string) => findings.push({ finding, reason });
  if (known === undefined) {
    const { rowCount } = await database.query(
      `SELECT FROM serials WHERE gtin = $1 AND $2::text[] IS NULL UNION SELECT FROM products WHERE gtin = $1 LIMIT 1`,
      [gtin, seenFrom],
    );
    if (rowCount === 0) find('gtin unknown', `no product or serial of GTIN ${gtin} was ever heard of`);
    else find('serial unknown', `serial ${serial} of GTIN ${gtin} was never commissioned, noticed or seen`);
    return { verified: false, mayMoveOn: false, findings, epc: null, status: null };
  }
  const { epc, lot, expiry, status } = known;
  if (request.lot !== null && lot !== null && request.lot !== lot) {
    find('lot mismatch', `lot ${request.lot} was given; it is known with lot ${lot}`);
  }
  if (request.expiry !== null && expiry !== null && request.expiry !== expiry) {
    find('expiry mismatch', `expiry ${request.expiry} was given; it is known with ${expiry}`);
  }
  const goods = (await goodsState(database, [epc], now)).get(epc) ?? [];
  for (const { finding, reason } of goods) find(finding, reason);
  const isPackPast = request.expiry !== null && isPast(request.expiry, now);
  if (isPackPast && !goods.some(({ finding }) => finding === 'expired')) {
    find('expired', `by what stands on the pack it expired on ${request.expiry}`);
  }
  const twice = await twoPlaces(database, epc);
  if (twice !== null) find('in two places', twice);
  return { verified: findings.length === 0, mayMoveOn: mayMoveOn(goods) && !isPackPast, findings, epc, status };
}

/** Why one pack cannot have been where it was read; null where nothing speaks against it. */
async function twoPlaces(database: Database, epc: Epc): Promise<string | null> {
  const { rows } = await database.query<{ site: string; at: number; other: string; then: number }>(
    `WITH seen AS (
       SELECT t.site, r.first_seen AS at, lead(t.site) OVER w AS other, lead(r.first_seen) OVER w AS "then"
       FROM pass_reads r JOIN passes p ON p.id = r.pass JOIN portals t ON t.id = p.portal
       WHERE r.epc = $1 AND r.status <> 'stray' WINDOW w AS (ORDER BY r.first_seen, p.id))
     SELECT * FROM seen WHERE site <> other AND "then" - at < $2 ORDER BY at DESC LIMIT 1`,
    [epc, TRAVEL_MS],
  );
  const [twice] = rows;
  if (twice === undefined) return null;
  const { site, at, other, then } = twice;
  return `it was read at ${site} at ${new Date(at).toISOString()} and at ${other} at ${new Date(then).toISOString()}`;
}
