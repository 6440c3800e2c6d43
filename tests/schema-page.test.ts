import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testDatabase } from '../storage/testing/database.ts';
import { describeTables, schemaPage } from './schema-page.ts';

test('every table and column of the database says what it is', async () => {
  const tables = await describeTables(await testDatabase());
  const silent = tables.flatMap(({ schema, name, comment, columns, isView }) => [
    ...(comment === null ? [name] : []),
    ...(isView && schema !== 'bi'
      ? []
      : columns.filter((column) => column.comment === null).map((column) => `${name}.${column.name}`)),
  ]);
  expect(silent).toEqual([]);
});

test('docs/schema.md is what the database is (node tests/schema-page.ts writes it)', async () => {
  const page = readFileSync(join(import.meta.dirname, '../docs/schema.md'), 'utf8');
  expect(page).toBe(await schemaPage(await testDatabase()));
});
