import { expect, test } from 'vitest';
import type { Database } from '../../storage/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { receipts } from './receipts.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');

test('among 50,000 received shipments the latest are found by an index, however they are asked for', async () => {
  const database = await testDatabase();
  await database.query(
    `INSERT INTO shipments (id, profile, origin, destination, departs, state, received_at, noticed_at, noticed_by, position)
     SELECT 'SHP-' || n, '2-8C', 'site:berlin', 'site:lyon', $1::bigint - n * 60000, 'received', $1::bigint - n * 60000, 0, 'test', n
     FROM generate_series(1, 50000) AS n`,
    [NOW],
  );
  await database.query('ANALYZE shipments');
  const plans: string[] = [];
  const explaining = {
    ...database,
    query: async (text: string, values: unknown[]) => {
      if (text.includes('FROM shipments')) {
        const { rows } = await database.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
        plans.push(rows.map((row) => row['QUERY PLAN']).join('\n'));
      }
      return database.query(text, values);
    },
  } as unknown as Database;
  const asked = [{ since: NOW - 3 * 86_400_000 }, { before: [NOW - 86_400_000, 'SHP-5'] as const }, {}];
  for (const one of asked) {
    plans.length = 0;
    const found = await receipts(explaining, { limit: 20, seenFrom: null, ...one });
    expect(found).toHaveLength(20);
    expect([one, plans[0]]).toEqual([one, expect.stringContaining('shipments_received')]);
    expect([one, plans[0]]).not.toEqual([one, expect.stringContaining('Seq Scan on shipments')]);
  }
});
