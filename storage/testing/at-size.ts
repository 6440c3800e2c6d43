import type { Database } from '../database.ts';
import { PartitionManager } from '../readings/partitions.ts';

/** Rows of a table at size: enough that reading it whole costs the planner more than any index. */
const MANY = 5_000;
const MANY_READINGS = 50_000;
const FIRST = '2026-01-01T00:00:00Z';
const READINGS_DAYS = 35;

/** Tables that stay small however long an installation runs; what is not here is taken to grow. */
const SMALL = new Set([
  // One row, or one a site, door, reader, gateway, consumer, person.
  ...[
    'archive_segments',
    'audit_unplaced',
    'complete_until',
    'consumer_shares',
    'consumer_state',
    'gateway_batches',
    'influx_copies',
    'isotherm_migrations',
    'log_checkpoints',
    'owners',
  ],
  ...[
    'log_consumers',
    'log_divisions',
    'log_head',
    'log_segments',
    'log_streams',
    'places',
    'portals',
    'rollup_marking',
    'rollup_state',
    'sessions',
  ],
  ...['tokens', 'users'],
  // Queues, empty most of the time.
  ...['alert_work', 'log_dead', 'rollup_marks'],
]);

/** Columns that have few values, whatever the row. */
const FEW = new Set([
  ...[
    'action',
    'biz_location',
    'biz_step',
    'channel',
    'direction',
    'disposition',
    'event',
    'kind',
    'profile',
    'read_point',
  ],
  ...['reason', 'severity', 'state', 'status', 'type'],
]);

/** Columns that are filled in few rows; other nullable ones are empty in few. */
const RARE = new Set([
  ...[
    'acknowledged_at',
    'acknowledged_by',
    'assigned_to',
    'dead_at',
    'empties',
    'last_error',
    'merged_into',
    'not_before',
  ],
  ...['snoozed_until', 'split_from'],
]);

/** Facts that are true of most rows; others are true of one in ten. */
const USUAL = new Set(['evidence_complete', 'holds', 'is_noticed', 'is_serial']);

/** The log's tables are appended to in order and asked by position: `storage/log/` holds them to that. */
const LOG = /^log_(readings|trace|originals)/;

/** Fills a migrated database as years of use would, statistics included; triggers and foreign keys are not asked. */
export async function fillToSize(database: Database): Promise<void> {
  const partitions = new PartitionManager({ database });
  for (let day = 0; day <= READINGS_DAYS; day++) await partitions.partitionFor(Date.parse(FIRST) + day * 86_400_000);
  const { rows: tables } = await database.query<{ name: string; columns: Column[] }>(
    `SELECT relname AS name, json_agg(json_build_object('name', attname, 'type', format_type(atttypid, NULL),
              'nullable', NOT attnotnull)) AS columns
       FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attnum > 0 AND NOT attisdropped
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
        AND attgenerated = '' GROUP BY relname`,
  );
  await database.transaction(async (client) => {
    await client.query(`SET LOCAL session_replication_role = replica`);
    for (const { name, columns } of tables) {
      if (SMALL.has(name) || LOG.test(name)) continue;
      const checks = await client.query<{ name: string }>(
        `SELECT conname AS name FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'c'`,
        [name],
      );
      for (const check of checks.rows) await client.query(`ALTER TABLE ${name} DROP CONSTRAINT "${check.name}"`);
      const count = name === 'readings' ? MANY_READINGS : MANY;
      await client.query(
        `INSERT INTO ${name} (${columns.map((column) => `"${column.name}"`).join(', ')}) OVERRIDING SYSTEM VALUE
         SELECT ${columns.map((column) => cell(column, count)).join(', ')} FROM generate_series(1, ${count}) AS g ON CONFLICT DO NOTHING`,
      );
    }
  });
  await database.query('ANALYZE');
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
}

function cell({ name, type, nullable }: Column, count: number): string {
  const isFew = type === 'text' && FEW.has(name);
  const value = isFew ? `'x' || g % 5` : USUAL.has(name) ? 'g % 10 <> 0' : cellOf(type, count);
  if (!nullable) return value;
  return `CASE WHEN g % 50 ${RARE.has(name) ? '=' : '<>'} 0 THEN ${value} END`;
}

/** Of row `g`: different in every row as far as the type goes, the same in every table. */
function cellOf(type: string, count: number): string {
  switch (type) {
    case 'smallint':
      return '(g % 30000)::smallint';
    case 'integer':
    case 'bigint':
    case 'double precision':
      return 'g';
    case 'boolean':
      return 'g % 10 = 0';
    case 'text':
      return `'x' || g`;
    case 'text[]':
      return `ARRAY['x' || g]`;
    case 'json':
    case 'jsonb':
      return `'{}'::${type}`;
    case 'bytea':
      return `decode(md5(g::text), 'hex')`;
    case 'timestamp with time zone':
      return `timestamptz '${FIRST}' + g * interval '${(READINGS_DAYS * 86_400) / count} seconds'`;
    default:
      throw new Error(`no value is known for a column of type ${type}`);
  }
}
