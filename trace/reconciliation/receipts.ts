import { gtinOf } from '../../codecs/epc/index.ts';
import type { Epc, SeenFrom } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { isSeenFrom } from '../shipments/index.ts';
import { shipmentDifferences } from './reconciliation-records.ts';

/** Of one GTIN and lot of a shipment: how many serials it lists, and how many of them were another way. */
export interface ReceiptLine {
  readonly gtin: string;
  readonly lot: string | null;
  readonly listed: number;
  readonly missing: number;
  readonly unexpected: number;
  readonly damaged: number;
  /** They must not move on. */
  readonly stopped: number;
}

/** What was received of a shipment. Times are epoch ms UTC. */
export interface ReceiptRecord {
  readonly shipment: string;
  readonly origin: string;
  readonly destination: string;
  readonly receivedAt: number;
  readonly state: string;
  /** Differences at the destination that nobody has settled. */
  readonly open: number;
  readonly lines: readonly ReceiptLine[];
}

export interface ReceiptsAsked {
  readonly limit: number;
  readonly shipment?: string | undefined;
  /** Received before, by time and id. */
  readonly before?: readonly [receivedAt: number, shipment: string] | undefined;
  readonly since?: number | undefined;
  readonly seenFrom: SeenFrom;
}

const MISSING: ReadonlySet<string> = new Set(['shortage', 'concealed shortage', 'lost']);
const UNEXPECTED: ReadonlySet<string> = new Set(['overage', 'concealed overage', 'wrong serial', 'no data received']);

/** Received shipments with what was received of them, latest first. */
export async function receipts(database: Database, asked: ReceiptsAsked): Promise<readonly ReceiptRecord[]> {
  const { limit, shipment = null, before, since = null, seenFrom } = asked;
  const { rows } = await database.query<Omit<ReceiptRecord, 'open' | 'lines'>>(
    `SELECT id AS shipment, origin, destination, received_at AS "receivedAt", state FROM shipments
     WHERE received_at IS NOT NULL AND ($1::text IS NULL OR id = $1)
       AND ($2::bigint IS NULL OR received_at < $2 OR (received_at = $2 AND id COLLATE "C" > $3::text COLLATE "C"))
       AND ($4::bigint IS NULL OR received_at >= $4) AND ${isSeenFrom('shipments.id', '$6')}
     ORDER BY received_at DESC, id COLLATE "C" LIMIT $5`,
    [shipment, before?.[0] ?? null, before?.[1] ?? null, since, limit, seenFrom],
  );
  const records: ReceiptRecord[] = [];
  for (const row of rows) records.push(await withLines(database, row));
  return records;
}

async function withLines(database: Database, row: Omit<ReceiptRecord, 'open' | 'lines'>): Promise<ReceiptRecord> {
  const { rows: listed } = await database.query<{ gtin: string; lot: string | null; listed: number; stopped: number }>(
    `SELECT gtin, lot, listed, stopped FROM receipt_lines WHERE shipment = $1 AND gtin IS NOT NULL
     ORDER BY gtin, lot`,
    [row.shipment],
  );
  const found = ((await shipmentDifferences(database, row.shipment)) ?? []).filter(
    ({ site }) => site === row.destination,
  );
  const lotOf = await lotsOf(
    database,
    found.flatMap(({ epcs, insteadOf }) => [...epcs, ...insteadOf]),
  );
  const lines = new Map<string, ReceiptLine>();
  for (const one of listed) lines.set(keyOf(one), { ...one, missing: 0, unexpected: 0, damaged: 0 });
  const add = (epc: Epc, what: 'missing' | 'unexpected' | 'damaged') => {
    const gtin = gtinOf(epc);
    if (gtin === null) return;
    const named = { gtin, lot: lotOf.get(epc) ?? null };
    const line = lines.get(keyOf(named)) ?? { ...named, listed: 0, missing: 0, unexpected: 0, damaged: 0, stopped: 0 };
    lines.set(keyOf(named), { ...line, [what]: line[what] + 1 });
  };
  for (const { term, epcs, insteadOf } of found) {
    const what = MISSING.has(term)
      ? 'missing'
      : UNEXPECTED.has(term)
        ? 'unexpected'
        : term === 'damaged'
          ? 'damaged'
          : null;
    if (what !== null) for (const epc of epcs) add(epc, what);
    for (const epc of insteadOf) add(epc, 'missing');
  }
  const open = found.filter(({ settlement }) => settlement === null).length;
  return { ...row, open, lines: [...lines.values()] };
}

function keyOf({ gtin, lot }: { readonly gtin: string; readonly lot: string | null }): string {
  return `${gtin} ${lot ?? ''}`;
}

async function lotsOf(database: Database, epcs: readonly Epc[]): Promise<ReadonlyMap<Epc, string | null>> {
  if (epcs.length === 0) return new Map();
  const { rows } = await database.query<{ epc: Epc; lot: string | null }>(
    'SELECT epc, lot FROM serials WHERE epc = ANY ($1::text[])',
    [epcs],
  );
  return new Map(rows.map(({ epc, lot }) => [epc, lot]));
}
