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
