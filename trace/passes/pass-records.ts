import { isSgtin } from '../../codecs/epc/index.ts';
import type { Clearance, Direction, Epc, PassEnd, ReadStatus, ShownLight, Verdict } from '../../domain/index.ts';
import { afterOf, type Database, type Page, pageOf } from '../../storage/index.ts';
import { limitOf, type PageRequest } from '../page.ts';
import { contentsAt } from '../statements/index.ts';
import { passName } from './outcome.ts';
import { type PassGoods, passGoods } from './pass-goods.ts';
import { SHOWN_LIGHTS } from './shown-lights.ts';

export interface PassQuery extends PageRequest {
  /** Epoch ms UTC, half-open; passes that overlap. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Only those that are over and whose light is red: something differs, or the goods may not move on. */
  readonly isRed?: boolean | undefined;
}

export interface PassRecord extends Verdict {
  readonly id: string;
  readonly portal: string;
  readonly from: number;
  readonly to: number;
  readonly endedBy: PassEnd;
  readonly direction: Direction;
  readonly directionReason: string;
  /** Whether its goods might move on, as it was shown with this verdict; null where nothing was shown. */
  readonly clearance: Clearance | null;
  /** What the door showed by itself while the platform was away: the last light of each gateway. */
  readonly shownLights: readonly ShownLightRecord[];
}

export interface ShownLightRecord extends Pick<ShownLight, 'at' | 'light' | 'manifest' | 'reason'> {
  readonly gateway: string;
  /** How the platform's answer differs; null: it does not, or the light was amber. */
  readonly differs: string | null;
}

export interface PassUnitRecord {
  readonly epc: Epc;
  readonly shipment: string | null;
  /** Serials in it, and those of them that were read. */
  readonly expected: number;
  readonly seen: number;
  readonly inferredFrom: string;
  readonly direction: Direction;
  readonly directionReason: string;
}

/** A serial or unit that a pass lists, with why. */
export interface PassItemRecord {
  readonly epc: Epc;
  /** What it was in, then. */
  readonly unit: Epc | null;
  readonly shipment: string | null;
  readonly lot: string | null;
  readonly product: string | null;
  readonly reason: string;
}

export interface PassDetailRecord extends PassRecord {
  readonly units: readonly PassUnitRecord[];
  /** Everything a shipment expects here: read or missing. */
  readonly expected: readonly Epc[];
  /** Everything read that is no stray. */
  readonly seen: readonly Epc[];
  readonly missing: readonly PassItemRecord[];
  readonly unexpected: readonly PassItemRecord[];
  readonly strays: readonly PassItemRecord[];
  /** Expected against seen, by product, lot and unit. */
  readonly goods: readonly PassGoods[];
}

export async function passList(database: Database, portal: string, query: PassQuery): Promise<Page<PassRecord>> {
  const limit = limitOf(query);
  const [since, id] = afterOf(query, ['time', 'bigint']) ?? [null, null];
  const { rows } = await database.query<PassRow>(
    `SELECT ${PASS_COLUMNS} FROM passes
     WHERE portal = $1 AND verdict IS NOT NULL
       AND ($2::bigint IS NULL OR until > $2) AND ($3::bigint IS NULL OR since < $3)
       AND ($4::bigint IS NULL OR (since, id) < ($4, $5::bigint)) AND ($7::boolean IS NOT TRUE OR ${IS_RED})
     ORDER BY since DESC, id DESC LIMIT $6`,
    [portal, query.from ?? null, query.to ?? null, since, id, limit + 1, query.isRed ?? null],
  );
  const page = pageOf(rows, limit, (row) => [row.from, Number(row.id)]);
  return { items: page.items.map(recordOf), nextCursor: page.nextCursor };
}

/** @param name `pass-12` */
export async function passDetail(database: Database, name: string): Promise<PassDetailRecord | null> {
  const id = Number(/^pass-(\d{1,15})$/.exec(name)?.[1] ?? Number.NaN);
  if (Number.isNaN(id)) return null;
  return database.transaction(async (client) => {
    const passes = await client.query<PassRow>(
      `SELECT ${PASS_COLUMNS} FROM passes WHERE id = $1 AND verdict IS NOT NULL`,
      [id],
    );
    const pass = passes.rows[0];
    if (pass === undefined) return null;
    const { rows: units } = await client.query<PassUnitRecord>(
      `SELECT unit AS epc, shipment, serials AS expected, seen, inferred_from AS "inferredFrom", direction,
         direction_reason AS "directionReason" FROM pass_units WHERE pass = $1 ORDER BY unit`,
      [id],
    );
    const { rows: reads } = await client.query<PassItemRecord & { status: ReadStatus }>(
      `SELECT r.epc, r.status, r.reason, c.parent AS unit, ${ITEM_COLUMNS}
       FROM pass_reads r ${ITEM_JOINS} WHERE r.pass = $1 ORDER BY r.epc`,
      [id, pass.from],
    );
    const missing = await missingIn(client, pass, units, reads);
    const list = (status: ReadStatus) => reads.filter((read) => read.status === status).map(itemOf);
    const here = reads.filter(({ status }) => status !== 'stray' && status !== 'other');
    const expected = here.filter(({ status }) => status === 'expected');
    return {
      ...recordOf(pass),
      units,
      expected: [...expected, ...missing].map(({ epc }) => epc).sort(),
      seen: here.map(({ epc }) => epc),
      missing,
      unexpected: list('unexpected'),
      strays: list('stray'),
      goods: passGoods(reads, missing),
    };
  });
}

/** What came through in a pass, no strays. @param name `pass-12` */
export async function passEpcs(database: Database, name: string): Promise<Epc[]> {
  const id = Number(/^pass-(\d{1,15})$/.exec(name)?.[1] ?? Number.NaN);
  const { rows } = await database.query<{ epc: Epc }>(
    `SELECT epc FROM pass_reads WHERE pass = $1 AND status NOT IN ('stray', 'other') ORDER BY epc`,
    [id],
  );
  return rows.map(({ epc }) => epc);
}

type PassRow = Omit<PassRecord, keyof Verdict | 'id'> & { readonly id: number; readonly verdict: Verdict };

/** The last one shown. */
const CLEARANCE = `(SELECT json_build_object('mayMoveOn', c.may_move_on, 'findings', c.findings, 'at', c.at)
  FROM pass_clearances c WHERE c.pass = passes.id ORDER BY c.revision DESC LIMIT 1) AS clearance`;

/** As `lightOf` has it (domain/door-light.ts), of passes that are over. */
const IS_RED = `NOT is_provisional AND (verdict ->> 'verdict' = 'check' OR NOT coalesce(
  (SELECT c.may_move_on FROM pass_clearances c WHERE c.pass = passes.id ORDER BY c.revision DESC LIMIT 1),
  coalesce(jsonb_array_length(verdict -> 'blocked'), 0) = 0))`;

const PASS_COLUMNS = `id, portal, since AS "from", until AS "to", ended_by AS "endedBy", direction,
  direction_reason AS "directionReason", verdict, ${CLEARANCE}, ${SHOWN_LIGHTS}`;

/** Of an EPC `r.epc` at the moment `$2`: what it was in, lot, and the shipment that lists it last. */
const ITEM_COLUMNS = 's.lot, l.shipment, l.product';
const ITEM_JOINS = `
  LEFT JOIN containment c ON c.child = r.epc AND c.holds AND c.since <= $2 AND (c.until IS NULL OR c.until > $2)
  LEFT JOIN serials s ON s.epc = r.epc
  LEFT JOIN LATERAL (
    SELECT h.id AS shipment,
      (SELECT p.name FROM shipment_products p WHERE p.shipment = h.id AND p.gtin = s.gtin ORDER BY line LIMIT 1) AS product
    FROM (SELECT shipment FROM shipment_lines WHERE epc = r.epc
          UNION SELECT shipment FROM shipment_units WHERE unit = r.epc) AS listed
      JOIN shipments h ON h.id = listed.shipment ORDER BY h.departs DESC, h.id LIMIT 1) AS l ON true`;

function recordOf({ id, verdict, ...pass }: PassRow): PassRecord {
  return { id: passName(id), ...pass, ...verdict };
}

function itemOf({ epc, unit, shipment, lot, product, reason }: PassItemRecord): PassItemRecord {
  return { epc, unit, shipment, lot, product, reason };
}

/** As the verdict counts them: serials of expected units of which at least one was read. */
async function missingIn(
  client: Parameters<typeof contentsAt>[0],
  pass: PassRow,
  units: readonly PassUnitRecord[],
  reads: readonly { readonly epc: Epc; readonly status: ReadStatus }[],
): Promise<PassItemRecord[]> {
  const counted = units.filter(({ shipment, seen }) => shipment !== null && seen > 0);
  const contents = await contentsAt(
    client,
    counted.map(({ epc }) => epc),
    pass.from,
  );
  const seen = new Set(reads.filter(({ status }) => status !== 'stray').map(({ epc }) => epc));
  const reasons = new Map<Epc, string>();
  for (const [unit, inside] of contents) {
    const parents = new Set(inside.map(({ parent }) => parent));
    for (const { epc } of inside) {
      if (isSgtin(epc) && !parents.has(epc) && !seen.has(epc)) reasons.set(epc, `not read with the rest of ${unit}`);
    }
  }
  if (reasons.size === 0) return [];
  const { rows } = await client.query<PassItemRecord>(
    `SELECT r.epc, r.reason, c.parent AS unit, ${ITEM_COLUMNS}
     FROM unnest($1::text[], $3::text[]) AS r (epc, reason) ${ITEM_JOINS} ORDER BY r.epc`,
    [[...reasons.keys()], pass.from, [...reasons.values()]],
  );
  return rows.map(itemOf);
}
