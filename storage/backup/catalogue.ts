import type pg from 'pg';
import type { BackupManifest } from './manifest.ts';

/** A table of ours, without the partitions of one. */
export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

/** The one table that a restore makes by itself. */
const MIGRATIONS = 'isotherm_migrations';

/** Tables in the order in which their rows can be put back: what is referred to comes first. */
export async function tables(client: pg.ClientBase): Promise<Table[]> {
  const { rows } = await client.query<Table & { refersTo: string[] | null }>(
    `SELECT c.relname AS name,
       (SELECT array_agg(a.attname::text ORDER BY a.attnum) FROM pg_attribute a
         WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '') AS columns,
       (SELECT array_agg(DISTINCT r.relname::text) FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
         WHERE k.conrelid = c.oid AND k.contype = 'f' AND k.confrelid <> c.oid) AS "refersTo"
     FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND c.relname <> $1 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
     ORDER BY c.relname`,
    [MIGRATIONS],
  );
  const placed: Table[] = [];
  const waiting = new Map(rows.map((row) => [row.name, row]));
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter(({ refersTo }) => !(refersTo ?? []).some((name) => waiting.has(name)));
    // Tables that refer to each other have no order; there are none, and the restore would say so.
    for (const { name, columns } of ready.length > 0 ? ready : waiting.values()) {
      placed.push({ name, columns });
      waiting.delete(name);
    }
  }
  return placed;
}

export async function partitions(client: pg.ClientBase): Promise<BackupManifest['partitions']> {
  const { rows } = await client.query<BackupManifest['partitions'][number]>(
    `SELECT c.relname AS "table", p.relname AS "of", pg_get_expr(c.relpartbound, c.oid) AS bound,
       coalesce(c.reloptions, '{}') AS options
     FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid JOIN pg_class p ON p.oid = i.inhparent
     WHERE c.relispartition AND c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace ORDER BY c.relname`,
  );
  return rows;
}

/** Sequences that have given a number, with the last one. */
export async function sequences(client: pg.ClientBase): Promise<BackupManifest['sequences']> {
  const { rows } = await client.query<{ name: string; last: number }>(
    `SELECT sequencename AS name, last_value AS last FROM pg_sequences
     WHERE schemaname = current_schema() AND last_value IS NOT NULL ORDER BY 1`,
  );
  return rows;
}

export async function migrations(client: pg.ClientBase): Promise<BackupManifest['migrations']> {
  const { rows } = await client.query<BackupManifest['migrations'][number]>(
    `SELECT id, name, sha256 FROM ${MIGRATIONS} ORDER BY id`,
  );
  return rows;
}
