import { expect, it } from 'vitest';
import { testDatabase } from '../../storage/testing/database.ts';
import { receipts } from '../reconciliation/index.ts';
import { fillStock, PACKS_OF_SHIPMENT, readWhole, SHIPMENTS, SITES } from '../testing/stocked.ts';
import { packsAt, stockAt } from './index.ts';

const PACKS = 20_000;

it('stock of one site and the latest receipts are found by indexes, however much stands elsewhere', async () => {
  const database = await testDatabase({ maxConnections: 1 });
  await fillStock(database, PACKS);
  const asked: Record<string, number>[] = [];
  const of = async <T>(work: () => Promise<T>): Promise<T> => {
    let answer: T | undefined;
    asked.push(
      await readWhole(database, async () => {
        answer = await work();
      }),
    );
    return answer as T;
  };
  const stock = await of(() => stockAt(database, 'site:s3', null));
  expect(stock.reduce((sum, { packs }) => sum + packs, 0)).toBe(PACKS / SITES);
  expect(new Set(stock.map(({ place }) => place))).toEqual(new Set(['site:s3/cold']));
  expect(await of(() => packsAt(database, 'site:s3', 10))).toHaveLength(10);
  const [latest] = await of(() => receipts(database, { limit: 10, seenFrom: null }));
  expect(latest?.shipment).toBe(`SHP-${(PACKS / PACKS_OF_SHIPMENT) * SHIPMENTS - 1}`);
  const [one] = await of(() => receipts(database, { limit: 1, shipment: 'SHP-1', seenFrom: null }));
  expect(one?.lines.reduce((sum, { listed }) => sum + listed, 0)).toBe(PACKS_OF_SHIPMENT);
  await of(() => database.query(`SELECT * FROM bi.stock WHERE site = 'site:s3'`));
  await of(() => database.query('SELECT * FROM bi.receipts WHERE received_ms >= $1', [Date.UTC(2026, 2, 24)]));
  expect(asked).toEqual([{}, {}, {}, {}, {}, {}]);
});
