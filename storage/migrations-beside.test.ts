import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MIGRATIONS, readMigrations } from './migrate.ts';

/*
 * While an installation of several processes is upgraded, those of the version before go on over the newer tables
 * (docs/scaling.md, "A new version while it runs"). So a file takes away nothing that they use.
 */

/** Up to here nobody ran two versions side by side. */
const BEFORE = '0790';
/** Files that take something away, and why no process of the version before misses it. */
const EXCUSED: Readonly<Record<string, string>> = {};

const TAKES_AWAY =
  /\bDROP\s+(TABLE|COLUMN|VIEW|MATERIALIZED\s+VIEW|FUNCTION|TYPE|SEQUENCE)\b|\bRENAME\s+(TO|COLUMN)\b|\bSET\s+NOT\s+NULL\b|\bALTER\s+(COLUMN\s+)?\w+\s+(SET\s+DATA\s+)?TYPE\b|\bTRUNCATE\b|\bREVOKE\b/i;

test('a migration takes nothing away from processes of the version before', async () => {
  const found = (await readMigrations(MIGRATIONS))
    .filter(({ id, sql }) => id > BEFORE && TAKES_AWAY.test(sql.replaceAll(/--.*$/gm, '')))
    .map(({ name }) => name);
  expect(found.filter((name) => EXCUSED[name] === undefined)).toEqual([]);
});

test('what takes something away is known', () => {
  for (const sql of [
    'DROP TABLE a',
    'ALTER TABLE a DROP COLUMN b',
    'ALTER TABLE a ALTER COLUMN b TYPE int',
    'ALTER TABLE a RENAME TO b',
  ])
    expect(TAKES_AWAY.test(sql), sql).toBe(true);
  for (const sql of [
    'ALTER TABLE a ADD COLUMN b int NOT NULL DEFAULT 0',
    'DROP INDEX a',
    'ALTER TABLE a ALTER COLUMN b DROP NOT NULL',
  ])
    expect(TAKES_AWAY.test(sql), sql).toBe(false);
});

/*
 * A column that is added to a table changes what `SELECT *` of it gives, and PostgreSQL refuses a statement that a process has
 * prepared before ("cached plan must not change result type").
 */
const ROOT = join(import.meta.dirname, '..');
const NAMED = /\bname: '([^']*)',\s*text: (`[^`]*`|'[^']*')/g;
const ALL_COLUMNS = /\b(SELECT|RETURNING)\s+(\w+\.)?\*/;
/** Of no table: a function's result has the columns of its declaration, `unnest` those of its arguments. */
const OF_NO_TABLE: readonly string[] = ['log_append', 'rollup marks'];

test('a statement that is prepared by name asks for its columns by name', () => {
  const files = globSync('{access,alerts,app,dashboards,ingest,mirror,partners,quality,rules,storage,trace}/**/*.ts', {
    cwd: ROOT,
    exclude: (name) => name === 'node_modules' || name === 'web' || name.endsWith('.test.ts'),
  });
  const statements = files.flatMap((file) => [...readFileSync(join(ROOT, file), 'utf8').matchAll(NAMED)]);
  expect(statements.length).toBeGreaterThan(5);
  const found = statements.flatMap(([, name = '', text = '']) => (ALL_COLUMNS.test(text) ? [name] : []));
  expect(found.toSorted()).toEqual(OF_NO_TABLE);
  expect(ALL_COLUMNS.test('SELECT v.*, t.name FROM tokens AS v')).toBe(true);
});
