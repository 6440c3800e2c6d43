import type pg from 'pg';
import { ConflictError } from '../domain/index.ts';
import type { Database } from './database.ts';
import { sqlState } from './failure.ts';

/**
 * What the product's role may do with what must not change; everything else it owns. Nothing here can be deleted by it,
 * and nothing changed but the columns named, each once and as a trigger allows.
 */
const KEPT: Readonly<Record<string, string>> = {
  isotherm_migrations: 'SELECT',
  archive_segments: 'SELECT, INSERT',
  archive_index: 'SELECT, INSERT',
  archive_ended: 'SELECT',
  deletions: 'SELECT, INSERT, UPDATE (deleted, kept, finished_at)',
  audit_entries: 'SELECT, INSERT',
  audit_places: 'SELECT, INSERT',
  audit_reviews: 'SELECT, INSERT',
  audit_personal: 'SELECT, INSERT, UPDATE (salt, value, erased_by)',
  ledger_leaves: 'SELECT, INSERT',
  ledger_tiles: 'SELECT, INSERT, UPDATE (hashes)',
  ledger_checkpoints: 'SELECT, INSERT',
};

const INSUFFICIENT_PRIVILEGE = '42501';

/**
 * Hands the tables over to the product's role, after the owner's has migrated; the owner keeps those of the record. The
 * product makes and drops its own partitions, so it has to own what they belong to. May be done again at any time.
 *
 * @param owner a connection of the role that migrates
 * @param product the name of the role that the platform runs as; nothing is done where it is the same one
 * @throws {ConflictError} DATABASE_ROLES_APART the owner may not give things to the product's role
 */
export async function separateRoles(owner: Database, product: string): Promise<void> {
  try {
    await owner.transaction(async (client) => {
      const { rows } = await client.query<{ me: string; schema: string; database: string }>(
        'SELECT current_user AS me, current_schema() AS schema, current_database() AS database',
      );
      const { me = '', schema = '', database = '' } = rows[0] ?? {};
      if (me === product) return;
      const role = quotedName(product);
      await client.query(`GRANT CREATE, TEMPORARY ON DATABASE ${quotedName(database)} TO ${role}`);
      await client.query(`GRANT USAGE, CREATE ON SCHEMA ${quotedName(schema)} TO ${role}`);
      await client.query(`GRANT USAGE ON SCHEMA grafana TO ${role}`);
      for (const relation of await relationsOf(client, me, schema)) {
        const table = KEPT[relation.table];
        const name = `${quotedName(schema)}.${quotedName(relation.name)}`;
        if (table === undefined) await client.query(`ALTER ${relation.kind} ${name} OWNER TO ${role}`);
        else await client.query(`GRANT ${relation.kind === 'SEQUENCE' ? 'SELECT' : table} ON ${name} TO ${role}`);
      }
      await client.query(`GRANT SELECT ON ALL TABLES IN SCHEMA grafana TO ${role}`);
    });
  } catch (cause) {
    if (sqlState(cause) !== INSUFFICIENT_PRIVILEGE) throw cause;
    throw new ConflictError(
      'DATABASE_ROLES_APART',
      `the role of DATABASE_OWNER_URL may not hand tables to ${product}, the role of DATABASE_URL (${(cause as Error).message}); let it own the database and GRANT ${quotedName(product)} TO it (docs/storage.md)`,
      {},
      cause,
    );
  }
}

interface Relation {
  readonly name: string;
  readonly kind: 'TABLE' | 'VIEW' | 'SEQUENCE';
  /** The table it is, or belongs to. */
  readonly table: string;
}

/** What the role owns itself, without the sequences that follow their table by themselves. */
async function relationsOf(client: pg.ClientBase, owner: string, schema: string): Promise<readonly Relation[]> {
  const { rows } = await client.query<Relation>(
    `SELECT c.relname AS name, coalesce(t.relname, c.relname) AS table,
       CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
     FROM pg_class c
       LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
         AND c.relkind = 'S' AND d.refclassid = 'pg_class'::regclass
       LEFT JOIN pg_class t ON t.oid = d.refobjid
     WHERE c.relnamespace = $2::text::regnamespace AND c.relkind IN ('r', 'p', 'v', 'S')
       AND pg_get_userbyid(c.relowner) = $1
       AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')
     ORDER BY c.relkind = 'S', c.relname`,
    [owner, quotedName(schema)],
  );
  return rows.filter(({ kind, name, table }) => kind !== 'SEQUENCE' || table === name || table in KEPT);
}

function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
