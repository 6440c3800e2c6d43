import type pg from 'pg';
import {
  type DueShipment,
  type Facts,
  type Finding,
  type FindingStore,
  type FoundGroup,
  type GoodsDesk,
  goodsKey,
  type History,
  type JudgedShipment,
  type Metric,
  type RuleVersion,
  type ShipmentGoods,
} from '../../domain/index.ts';
import { type Database, effectsOf, findingsOfKey } from '../../storage/index.ts';
import { ShipmentGoodsLoader } from './shipment-goods.ts';

/** NOTIFY channel that wakes who judges goods; no payload. */
export const GOODS_CHANNEL = 'isotherm_goods';

/** Readings have a shipment judged again this long after it was judged last, ms: of a device that reports each second too. */
const PAUSE_MS = 15_000;

export interface PostgresGoodsDeskOptions {
  readonly database: Database;
  readonly history: History;
  readonly facts: Facts;
  readonly findings: FindingStore;
}

/** Shipments that are to be judged in `goods_watch`, their serials' groups as found in `goods_found`. */
export class PostgresGoodsDesk implements GoodsDesk {
  readonly #database: Database;
  readonly #facts: Facts;
  readonly #findings: FindingStore;
  readonly #goods: ShipmentGoodsLoader;

  constructor(options: PostgresGoodsDeskOptions) {
    this.#database = options.database;
    this.#facts = options.facts;
    this.#findings = options.findings;
    this.#goods = new ShipmentGoodsLoader(options);
  }

  async due(now: number, most: number): Promise<readonly DueShipment[]> {
    const { rows } = await this.#database.query<DueShipment>(
      `SELECT shipment, marks, reason FROM goods_watch WHERE due_at IS NOT NULL AND due_at <= $1
       ORDER BY due_at, shipment LIMIT $2`,
      [now, most],
    );
    return rows;
  }

  async rules(): Promise<readonly RuleVersion[]> {
    const versions = new Map<string, RuleVersion>();
    for (const { fact } of await this.#facts.all(['rule'])) {
      // A later fact about the same version replaces it.
      if (fact.type === 'rule') versions.set(`${fact.version.rule.id} ${fact.version.version}`, fact.version);
    }
    return [...versions.values()];
  }

  goods(shipment: string, now: number, metrics: readonly Metric[]): Promise<ShipmentGoods | null> {
    return this.#goods.of(shipment, now, metrics);
  }

  async shipmentsDuring(from: number, to: number, most: number): Promise<readonly string[]> {
    const { rows } = await this.#database.query<{ id: string }>(
      `SELECT id FROM shipments WHERE departs < $2 AND coalesce(received_at, closed_at, 'infinity'::float8) > $1
       ORDER BY departs DESC, id LIMIT $3`,
      [from, to, most],
    );
    return rows.map(({ id }) => id);
  }

  present(shipment: string, rules: readonly string[]): Promise<readonly Finding[]> {
    return findingsOfKey(this.#database, { rules, key: goodsKey(shipment) });
  }

  async settle({ due, changes, found, devices, judgedAt, again }: JudgedShipment): Promise<void> {
    await this.#database.transaction(async (client) => {
      for (const { event, finding } of changes) {
        const isGone = event === 'retracted';
        const one = found.find(({ finding: { rule, from } }) => rule === finding.rule && from === finding.from);
        await writeGroups(client, finding, isGone ? [] : (one?.groups ?? []));
      }
      if (changes.length > 0) await this.#findings.apply(effectsOf(client), changes);
      await client.query(
        `UPDATE goods_watch SET devices = $3, judged_at = $4,
           due_at = CASE WHEN marks = $2 THEN $5::bigint ELSE due_at END,
           reason = CASE WHEN marks = $2 THEN NULL ELSE reason END
         WHERE shipment = $1`,
        [due.shipment, due.marks, devices, judgedAt, again],
      );
    });
  }
}

/** The groups of serials that a finding rests on. */
export async function foundGroups(
  database: Pick<Database, 'query'>,
  { rule, key, from }: Pick<Finding, 'rule' | 'key' | 'from'>,
): Promise<readonly FoundGroup[]> {
  const { rows } = await database.query<FoundGroup>(
    `SELECT epcs, unit, since AS "from", until AS "to", minutes, min, max, mkt FROM goods_found
     WHERE rule = $1 AND key = $2 AND from_at = $3 ORDER BY part`,
    [rule, key, from],
  );
  return rows;
}

/** What may have changed what goods went through. */
export interface GoodsTouched {
  readonly shipments: Iterable<string>;
  /** Devices of which other readings count, or that are around something else. */
  readonly devices: Iterable<string>;
  /** The rules on goods are others. */
  readonly isRules: boolean;
  /** Which fact it was; null where it was readings. */
  readonly reason: string | null;
}

/** Marks shipments, in the transaction of what touched them: at once by facts, after a pause by readings. */
export async function markGoods(
  client: pg.ClientBase,
  { shipments, devices, isRules, reason }: GoodsTouched,
  now: number,
): Promise<void> {
  const listed = [...new Set(shipments)].sort();
  const told = [...new Set(devices)].sort();
  if (isRules) await client.query(mark('$1'), [true, reason, now]);
  else if (told.length > 0) await client.query(mark('devices && $1::text[]'), [told, reason, now]);
  if (listed.length > 0) await client.query(MARK_LISTED, [listed, reason, now]);
}

const WAKE = `SELECT pg_notify('${GOODS_CHANNEL}', '') FROM (SELECT FROM marked LIMIT 1) AS any_marked`;

/** In one order, so that two who mark at once wait for each other. */
const MARK_LISTED = `
  WITH marked AS (
    INSERT INTO goods_watch AS w (shipment, due_at, marks, reason)
    SELECT id, $3::bigint, 1, $2::text FROM unnest($1::text[]) AS t (id) ORDER BY id
    ON CONFLICT (shipment) DO UPDATE
      SET due_at = least(w.due_at, excluded.due_at), marks = w.marks + 1, reason = coalesce(excluded.reason, w.reason)
    RETURNING shipment)
  ${WAKE}`;

function mark(which: string): string {
  return `
  WITH found AS MATERIALIZED (SELECT shipment FROM goods_watch WHERE ${which} ORDER BY shipment FOR UPDATE),
  marked AS (
    UPDATE goods_watch w SET marks = marks + 1, reason = coalesce($2, w.reason),
      due_at = least(w.due_at, CASE WHEN $2::text IS NULL THEN greatest($3, w.judged_at + ${PAUSE_MS}) ELSE $3 END)
    FROM found f WHERE w.shipment = f.shipment RETURNING w.shipment)
  ${WAKE}`;
}

async function writeGroups(
  client: pg.ClientBase,
  { rule, key, from }: Pick<Finding, 'rule' | 'key' | 'from'>,
  groups: readonly FoundGroup[],
): Promise<void> {
  await client.query('DELETE FROM goods_found WHERE rule = $1 AND key = $2 AND from_at = $3', [rule, key, from]);
  for (const [index, group] of groups.entries()) {
    const { epcs, unit, from: since, to, minutes, min, max, mkt } = group;
    await client.query(
      `INSERT INTO goods_found (rule, key, from_at, part, unit, since, until, minutes, min, max, mkt, epcs)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [rule, key, from, index + 1, unit, since, to, minutes, min, max, mkt, epcs],
    );
  }
}
