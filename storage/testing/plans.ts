import { createHash } from 'node:crypto';
import pg from 'pg';
import { silentLogger, systemTime } from '../../domain/index.ts';
import { type Database, openDatabase } from '../database.ts';
import { sqlState } from '../failure.ts';
import { fillToSize } from './at-size.ts';
import { EXCUSED } from './excused-scans.ts';
import { TEMPLATE } from './global-setup.ts';
import type { Statement } from './statements.ts';

/** One for all files of the run, made by the first that comes to it. */
const AT_SIZE = 'isotherm_at_size';
const BUILD_LOCK = 0x51_2e;
/** A table with fewer rows is read whole by whoever likes. */
const LARGE = 1_000;

/**
 * How the statements of the product would be carried out on a database at size: what reads a large table whole, one
 * line each. Every statement is looked at once a run, whichever file's tests it came from first.
 *
 * @param admin URL of the test server's maintenance database
 */
export async function wholeScans(admin: string, statements: Iterable<Statement>): Promise<string[]> {
  const database = await openDatabase({
    ...{ url: await atSize(admin), logger: silentLogger, time: systemTime, maxConnections: 1 },
  });
  try {
    const { rows } = await database.query<{ table: string }>(
      `SELECT relname AS table FROM pg_class WHERE relnamespace = 'public'::regnamespace AND reltuples >= $1`,
      [LARGE],
    );
    const large = new Set(rows.map(({ table }) => table));
    const found: string[] = [];
    for (const statement of statements) {
      if (isExcused(statement) || !(await isNew(database, statement))) continue;
      for (const table of await scansOf(database, statement, large)) {
        found.push(`${statement.from} reads ${table} whole: ${oneLine(statement.text)}`);
      }
    }
    return found;
  } finally {
    await database.close();
  }
}

async function isNew(database: Database, { text }: Statement): Promise<boolean> {
  const { rowCount } = await database.query('INSERT INTO looked_at VALUES ($1) ON CONFLICT DO NOTHING', [
    createHash('sha256').update(text).digest('hex'),
  ]);
  return rowCount === 1;
}

function isExcused({ text }: Statement): boolean {
  const line = oneLine(text);
  // To empty a table is no search.
  if (/^DELETE FROM \S+$/.test(line)) return true;
  return EXCUSED.some((excuse) => line.includes(excuse.text));
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ').trim();
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly Filter?: string;
  readonly Plans?: readonly PlanNode[];
}

/**
 * Planned twice: with the values it was sent with first, of which the database at size has none; and for any values, as
 * a prepared statement is. Each guesses wrong in its own way, so that both have to read a table whole.
 */
async function scansOf(database: Database, { text, values }: Statement, large: ReadonlySet<string>): Promise<string[]> {
  try {
    const sent = await plan(database, `EXPLAIN (FORMAT JSON) ${text}`, values);
    const read = scanned(sent, large);
    if (read.length === 0 || values.length === 0) return read;
    const generic = await plan(database, `EXPLAIN (FORMAT JSON, GENERIC_PLAN) ${text}`, []);
    return scanned(generic, large).filter((table) => read.includes(table));
  } catch (cause) {
    // A table of its own making: temporary, or another library's; a function of TimescaleDB's.
    if (['42P01', '42883'].includes(sqlState(cause) ?? '')) return [];
    throw new Error(`no plan for: ${text}`, { cause });
  }
}

async function plan(database: Database, text: string, values: readonly unknown[]): Promise<PlanNode | undefined> {
  const { rows } = await database.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>(text, values);
  return rows[0]?.['QUERY PLAN'][0].Plan;
}

function scanned(root: PlanNode | undefined, large: ReadonlySet<string>): string[] {
  const found = new Set<string>();
  const walk = (node: PlanNode, above: string) => {
    const table = node['Relation Name'];
    // The first rows of a table, whichever they are, are no search.
    const isSearch = above !== 'Limit' || node.Filter !== undefined;
    if (node['Node Type'] === 'Seq Scan' && table !== undefined && large.has(table) && isSearch) found.add(table);
    for (const child of node.Plans ?? []) walk(child, node['Node Type']);
  };
  if (root !== undefined) walk(root, '');
  return [...found];
}

/** @returns URL of the database at size */
async function atSize(admin: string): Promise<string> {
  const url = new URL(admin);
  const client = new pg.Client({ connectionString: admin });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [BUILD_LOCK]);
    const { rows } = await client.query('SELECT FROM pg_database WHERE datname = $1', [AT_SIZE]);
    if (rows.length === 0) {
      await client.query(`DROP DATABASE IF EXISTS ${AT_SIZE}_unfinished`);
      await client.query(`CREATE DATABASE ${AT_SIZE}_unfinished TEMPLATE ${TEMPLATE} STRATEGY file_copy`);
      url.pathname = `/${AT_SIZE}_unfinished`;
      const database = await openDatabase({ url: url.href, logger: silentLogger, time: systemTime });
      await fillToSize(database)
        .then(() => database.query('CREATE TABLE looked_at (sha256 text PRIMARY KEY)'))
        .finally(() => database.close());
      await client.query(`ALTER DATABASE ${AT_SIZE}_unfinished RENAME TO ${AT_SIZE}`);
    }
  } finally {
    await client.end();
  }
  url.pathname = `/${AT_SIZE}`;
  return url.href;
}
