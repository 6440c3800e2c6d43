import type { Epc } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';

/** From `from` on until `to`; null = it goes on. Epoch ms UTC. */
interface During {
  readonly from: number;
  readonly to: number | null;
}

/** Where the units of a shipment were, in what, with which devices, and through which doors they went, by time. */
export interface UnitHistories {
  /** `place` null: nobody knows where. */
  readonly presence: readonly (During & { readonly unit: Epc; readonly place: string | null })[];
  /** `parent` null: in nothing. */
  readonly containment: readonly (During & { readonly unit: Epc; readonly parent: Epc | null })[];
  readonly attachments: readonly (During & { readonly unit: Epc; readonly device: string })[];
  /** With the units of the shipment that went through. */
  readonly passes: readonly {
    readonly id: string;
    readonly portal: string;
    readonly from: number;
    readonly to: number;
    readonly direction: 'in' | 'out' | 'unknown';
    readonly verdict: 'pass' | 'check';
    readonly units: readonly Epc[];
  }[];
}

/** So many doors one shipment goes through at most; the latest are told. */
const MOST_PASSES = 500;

/** What was stated of the units of a shipment, over all their time. */
export async function unitHistories(database: Database, shipment: string): Promise<UnitHistories> {
  const units = await database.query<{ unit: Epc }>('SELECT unit FROM shipment_units WHERE shipment = $1', [shipment]);
  const named = [units.rows.map(({ unit }) => unit)];
  const [presence, containment, attachments, passes] = await Promise.all([
    database.query<UnitHistories['presence'][number]>(
      `SELECT epc AS unit, place, since AS "from", until AS "to" FROM presence
       WHERE epc = ANY($1::text[]) AND holds ORDER BY epc, since`,
      named,
    ),
    database.query<UnitHistories['containment'][number]>(
      `SELECT child AS unit, parent, since AS "from", until AS "to" FROM containment
       WHERE child = ANY($1::text[]) AND holds ORDER BY child, since`,
      named,
    ),
    database.query<UnitHistories['attachments'][number]>(
      `SELECT subject AS unit, device, since AS "from", until AS "to" FROM attachments
       WHERE subject = ANY($1::text[]) AND holds ORDER BY subject, since, device`,
      named,
    ),
    database.query<UnitHistories['passes'][number] & { readonly id: number }>(
      `SELECT p.id, p.portal, p.since AS "from", p.until AS "to", p.direction, p.verdict ->> 'verdict' AS verdict,
         ARRAY(SELECT u.unit FROM pass_units u WHERE u.pass = p.id AND u.unit = ANY($1::text[]) ORDER BY u.unit) AS units
       FROM passes p WHERE p.verdict IS NOT NULL AND p.id IN (SELECT pass FROM pass_units WHERE unit = ANY($1::text[]))
       ORDER BY p.since DESC, p.id DESC LIMIT ${MOST_PASSES}`,
      named,
    ),
  ]);
  return {
    presence: presence.rows,
    containment: containment.rows,
    attachments: attachments.rows,
    passes: passes.rows.map((pass) => ({ ...pass, id: `pass-${pass.id}` })).reverse(),
  };
}
