import { silentLogger, systemTime } from '../domain/index.ts';
import { type Database, migrate, openDatabase, startEmbeddedPostgres } from '../storage/index.ts';

/** A table or view of ours as the database describes it. */
export interface DescribedTable {
  readonly schema: string;
  readonly name: string;
  readonly isView: boolean;
  readonly comment: string | null;
  readonly columns: readonly DescribedColumn[];
}

export interface DescribedColumn {
  readonly name: string;
  readonly type: string;
  readonly isNullable: boolean;
  readonly isKey: boolean;
  readonly comment: string | null;
}

/** Our tables and views with their columns, by name; not the partitions of one, nor those of an extension or library. */
export async function describeTables(database: Database): Promise<DescribedTable[]> {
  const { rows } = await database.query<{
    schema: string;
    name: string;
    isView: boolean;
    comment: string | null;
    columns: DescribedColumn[];
  }>(
    `SELECT n.nspname AS schema, c.relname AS name, c.relkind = 'v' AS "isView", obj_description(c.oid) AS comment,
       (SELECT json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
            'isNullable', NOT a.attnotnull, 'isKey', coalesce(a.attnum = ANY (k.conkey), false),
            'comment', col_description(c.oid, a.attnum)) ORDER BY a.attnum)
          FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
     WHERE n.nspname IN ('public', 'grafana', 'bi') AND c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
     ORDER BY n.nspname DESC, c.relname`,
  );
  return rows;
}

/** docs/schema.md. */
export async function schemaPage(database: Database): Promise<string> {
  const tables = await describeTables(database);
  const sections = (schema: string) => tables.filter((table) => table.schema === schema).map(section);
  return `# Schema

Every table and view of the database with its columns. Written from the database by \`node tests/schema-page.ts\`; a test
keeps the two the same, and wants a comment on every table and column. The comments stand in \`storage/migrations/\`.

\`log_readings\`, \`log_trace\` and \`log_originals\` have a partition for each segment (\`log_readings_0\`), \`readings\` one for
each week (\`readings_20260101\`), or chunks with TimescaleDB ([storage.md](storage.md)). The job queue keeps its tables in a
schema of its own.

${sections('public').join('\n')}
## The schema \`grafana\`

What Grafana may read ([grafana.md](grafana.md)).

${sections('grafana').join('\n')}
## The schema \`bi\`

What tools for reports may read ([bi.md](bi.md)).

${sections('bi').join('\n')}`;
}

function section({ schema, name, isView, comment, columns }: DescribedTable): string {
  const title = schema === 'public' ? name : `${schema}.${name}`;
  const heading = `### ${title}${isView ? ' (view)' : ''}\n\n${cell(comment ?? '')}\n`;
  if (isView && schema !== 'bi') {
    return `${heading}\nColumns: ${columns.map((column) => `\`${column.name}\``).join(', ')}.\n`;
  }
  const rows = columns.map((column) => {
    // Of a view the database does not know what is never null.
    const mayBeNull = column.isNullable && !isView;
    const marks = [...(column.isKey ? ['key'] : []), ...(mayBeNull ? ['may be null'] : [])];
    return `| \`${column.name}\` | ${[column.type, ...marks].join(', ')} | ${cell(column.comment ?? '')} |`;
  });
  return `${heading}\n| column | type | what |\n|---|---|---|\n${rows.join('\n')}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

if (import.meta.main) {
  const { mkdtempSync, rmSync, writeFileSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const dataDir = mkdtempSync(join(tmpdir(), 'isotherm-schema-'));
  const server = await startEmbeddedPostgres({ dataDir, time: systemTime, durability: 'disposable' });
  const database = await openDatabase({ url: server.url, logger: silentLogger, time: systemTime });
  try {
    await migrate(database, silentLogger);
    writeFileSync(join(import.meta.dirname, '../docs/schema.md'), await schemaPage(database));
  } finally {
    await database.close();
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
