import type pg from 'pg';
import type { DamageFact, Epc } from '../../domain/index.ts';
import type { Database } from '../../storage/index.ts';
import { passName, passNumber } from '../passes/index.ts';

/** What a person at a door said to be damaged. */
export interface DamageRecord {
  readonly epcs: readonly Epc[];
  readonly note: string | null;
  /** SHA-256 of its photos, hex. */
  readonly photos: readonly string[];
  readonly by: string;
  /** Epoch ms UTC. */
  readonly at: number;
}

export async function keepDamage(
  client: pg.ClientBase,
  { pass, epcs, photos, note, at }: DamageFact,
  { position, by }: { readonly position: number; readonly by: string },
): Promise<void> {
  await client.query(
    `INSERT INTO pass_damages (position, pass, at, by, epcs, note, photos) VALUES ($1, $2, $3, $4, $5, $6, $7)
     ON CONFLICT DO NOTHING`,
    [position, passNumber(pass), at, by, epcs, note, photos],
  );
}

/** Of a pass and of those that became part of it, oldest first. @param pass `pass-12` */
export async function passDamages(database: Database, pass: string): Promise<DamageRecord[]> {
  const { rows } = await database.query<DamageRecord>(
    `SELECT epcs, note, photos, by, at FROM pass_damages
     WHERE pass = ANY(ARRAY(SELECT $1::bigint UNION ALL SELECT pass FROM pass_successors WHERE successor = $1))
     ORDER BY at, position`,
    [passNumber(pass)],
  );
  return rows;
}

/** What was said of some serials and units, oldest first, each with the pass that its own is part of by now. */
export async function damagesOf(
  database: Database,
  epcs: readonly Epc[],
): Promise<(DamageRecord & { readonly pass: string })[]> {
  const { rows } = await database.query<DamageRecord & { readonly number: number }>(
    `SELECT coalesce((SELECT s.successor FROM pass_successors s WHERE s.pass = d.pass), d.pass) AS number,
       d.epcs, d.note, d.photos, d.by, d.at
     FROM pass_damages d WHERE d.epcs && $1::text[]
     ORDER BY d.at, d.position`,
    [epcs],
  );
  return rows.map(({ number, ...damage }) => ({ ...damage, pass: passName(number) }));
}
