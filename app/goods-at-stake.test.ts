import { expect, it } from 'vitest';
import { gtinOf } from '../codecs/epc/index.ts';
import { testDatabase } from '../storage/testing/database.ts';
import { ExposureGroups } from '../trace/index.ts';
import { GoodsAtStake } from './goods-at-stake.ts';

const database = await testDatabase();
const nobodySaid = { effectsOn: async () => ({ excused: [], excluded: [], chosen: [] }) };
const epc = (item: string, serial: number) => `urn:epc:id:sgtin:0614141.${item}.${serial}`;

it('what is at stake is counted by value class, and the least budget that one of the groups has left', async () => {
  await database.query(
    `INSERT INTO products (gtin, name, value_class, position)
     VALUES ($1, 'dear', 5, 1), ($2, 'cheap', 1, 1), ($3, 'unsaid', NULL, 1)`,
    ['812345', '899999', '811111'].map((item) => gtinOf(epc(item, 1))),
  );
  const group = (left: number | null, budgetExcused = 0) => ({
    ...{ epcs: [], gtin: null, lot: null, expiry: null, units: [], profile: null, limits: { min: null, max: null } },
    ...{ devices: [], minutesSuspect: 0, minutesExcused: 0, budgetExcused },
    journey: { budget: left === null ? null : { budget: 600, left } },
  });
  const stakes = (groups: readonly unknown[]) =>
    new GoodsAtStake({
      database,
      exposure: { of: async () => groups } as unknown as ExposureGroups,
      steps: nobodySaid,
    });
  const epcs = [epc('812345', 1), epc('812345', 2), epc('899999', 3), epc('811111', 4), epc('812345', 1)];
  expect(await stakes([group(90.7), group(null), group(30, 45)]).of(epcs, 0)).toEqual({
    valueClasses: [
      { valueClass: 5, serials: 2 },
      { valueClass: 1, serials: 1 },
    ],
    budgetLeftMinutes: 75,
  });
  expect(await stakes([group(null)]).of([epc('811111', 4)], 0)).toBeNull();
});

// Found by review: an alert said that no budget was left, and the page of its case that two hours were.
it('budget that a signed step gives back on a case is given back in what is at stake, for the serials of that case alone', async () => {
  const [mine, other] = [epc('812345', 1), epc('812345', 2)];
  await database.query(
    `WITH made AS (INSERT INTO cases (kind, title, subject, opened_at) VALUES ('excursion', 'c', 'shipment:S', now()) RETURNING number),
       put AS (INSERT INTO case_serials (case_number, epc, changed_revision) SELECT number, $1, 1 FROM made)
     INSERT INTO case_steps (case_number, number, detail, reason, record, record_hash, at)
     SELECT number, 1, '{}', 'defrost', '{}', '', 0 FROM made`,
    [mine],
  );
  const stretch = { device: 'logger-1', from: 0, to: 1 };
  const asked: unknown[] = [];
  const exposure = {
    of: async (epcs: readonly string[], { excused = [] }: { readonly excused?: readonly unknown[] }) => {
      asked.push([...epcs], [...excused]);
      return [];
    },
  };
  const steps = { effectsOn: async () => ({ excused: [stretch], excluded: [], chosen: [] }) };
  await new GoodsAtStake({ database, exposure: exposure as unknown as ExposureGroups, steps }).of([other, mine], 0);
  expect(asked).toEqual([[other], [], [mine], [stretch]]);
});

it('of serials that are nowhere nothing is at stake', async () => {
  const history = { read: nothing, before: nothing, keys: async () => [] };
  const exposure = new ExposureGroups({ database, history });
  expect(
    await new GoodsAtStake({ database, exposure, steps: nobodySaid }).of([epc('800000', 9)], Date.now()),
  ).toBeNull();
});

async function nothing() {
  return { count: 0, time: new Float64Array(), value: new Float64Array() };
}
