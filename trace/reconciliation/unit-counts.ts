import type pg from 'pg';
import type { CountFact, SettlementFact } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { bareWord, type CapturedEvent, type EpcisJson, eventTimeOf, listOf, pure } from '../epcis-in/index.ts';

/** A person opened a unit and said what was in it. */
export async function keepCount(
  client: pg.ClientBase,
  count: CountFact,
  heard: { readonly position: number; readonly by: string },
): Promise<void> {
  await client.query(
    `INSERT INTO unit_counts (position, index, unit, at, by, found, damaged) VALUES ($1, 0, $2, $3, $4, $5, $6)
     ON CONFLICT DO NOTHING`,
    [heard.position, count.unit, count.at, heard.by, count.found, count.damaged],
  );
}

/** Whether this very count of a unit is known. */
export async function isCounted(
  database: Database,
  { unit, at, by }: { readonly unit: string; readonly at: number; readonly by: string },
): Promise<boolean> {
  const { rows } = await database.query(
    'SELECT FROM unit_counts WHERE unit = $1 AND at = $2 AND by = $3 AND index = 0 LIMIT 1',
    [unit, at, by],
  );
  return rows.length > 0;
}

/** The later log position wins. */
export async function keepSettlement(
  client: pg.ClientBase,
  { differences, how, reason, at }: SettlementFact,
  { position, by }: { readonly position: number; readonly by: string },
): Promise<void> {
  await client.query(
    `INSERT INTO settlements AS s (term, epc, portal, since, how, reason, by, at, position)
     SELECT *, $5, $6, $7, $8::bigint, $9::bigint FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[])
     ON CONFLICT (term, epc, portal, since) DO UPDATE SET how = excluded.how, reason = excluded.reason,
       by = excluded.by, at = excluded.at, position = excluded.position WHERE s.position <= excluded.position`,
    [
      differences.map(({ term }) => term),
      differences.map(({ epc }) => epc),
      differences.map(({ portal }) => portal ?? ''),
      differences.map(({ since }) => since),
      ...[how, reason, by, at, position],
    ],
  );
}

/** Counts that partners' systems sent; those of events declared wrong are withdrawn. */
export async function keepEventCounts(
  client: pg.ClientBase,
  told: readonly CapturedEvent[],
  by: string,
): Promise<void> {
  await client.query(
    'DELETE FROM unit_counts WHERE (position, index) IN (SELECT * FROM unnest($1::bigint[], $2::integer[]))',
    [told.map(({ position }) => position), told.map(({ index }) => index)],
  );
  for (const { event, position, index } of told) {
    const count = event === null ? null : countIn(event);
    if (count === null) continue;
    await client.query(
      `INSERT INTO unit_counts (position, index, unit, at, by, found, damaged) VALUES ($1, $2, $3, $4, $5, $6, '{}')`,
      [position, index, count.unit, count.at, by, count.found],
    );
  }
}

/** An AggregationEvent `OBSERVE` of bizStep `inspecting` says all that was in the unit (docs/trace.md, "Reconciliation"). */
function countIn(event: EpcisJson): Omit<CountFact, 'damaged'> | null {
  if (event.type !== 'AggregationEvent' || event.action !== 'OBSERVE') return null;
  const unit = pure(event.parentID);
  if (bareWord(event.bizStep) !== 'inspecting' || unit === null) return null;
  return { unit, at: eventTimeOf(event), found: listOf(event.childEPCs).flatMap((epc) => pure(epc) ?? []) };
}
