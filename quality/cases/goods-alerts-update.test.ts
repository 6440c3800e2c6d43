import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { at, excursion, foundGoods, MINUTE, pallet, Scene, sgtin, usedUp } from '../../alerts/testing/scene.ts';
import { MIGRATIONS } from '../../storage/migrate.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { ExcursionCases } from './excursion-cases.ts';

/** A database as it was before alerts of rules on goods opened cases. */
const database = await testDatabase();
await database.query(`DROP FUNCTION can_spoil(text, text, jsonb) CASCADE;
  CREATE FUNCTION can_spoil(of_kind text, of_metric text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT of_kind = 'threshold' $$`);
const before = new Scene(database);
const after = new Scene(database, { cases: new ExcursionCases({ targetMs: 24 * 60 * MINUTE }) });
afterAll(() => Promise.all([before.worker.stop(), after.worker.stop()]));

const UPDATE = await readFile(join(MIGRATIONS, '0625-goods-alerts-in-cases.sql'), 'utf8');

/** What was signed of a pack in a case, as the log told trace of it. */
async function released(position: number, ofCase: number, epc: string, signedAt: number): Promise<void> {
  await database.query(
    `WITH d AS (INSERT INTO goods_decisions (case_id, number, position, at, disposition, alerts, record_hash)
       VALUES ('C-' || lpad($1::text, 6, '0'), 1, $2, $3, 'release', '{}', ''))
     INSERT INTO serial_events (epc, at, position, index, status, is_decision) VALUES ($4, $3, $2, 0, 'conformant', true)`,
    [ofCase, position, signedAt, epc],
  );
}

async function caseOf(shipment: string | null, state: 'decided' | 'closed'): Promise<number> {
  const { rows } = await database.query<{ number: number }>(
    `INSERT INTO cases (kind, title, subject, shipment, opened_at, state, closed_at)
     VALUES ($1, 'before', $2, $3, now(), $4, CASE WHEN $4 = 'closed' THEN now() END) RETURNING number`,
    [shipment === null ? 'complaint' : 'excursion', shipment && `shipment:${shipment}`, shipment, state],
  );
  return rows[0]?.number ?? 0;
}

it('an update gives alerts that stand their cases, tells nobody, and keeps lifted what was signed in the case of their shipment', async () => {
  await before.worker.start();
  for (const shipment of ['SHP-1', 'SHP-2', 'SHP-3']) before.goods.set(`used-up ${shipment}`, [foundGoods(2)]);
  before.goods.set('used-up SHP-4', [foundGoods(1)]);
  before.exposed.set('logger-7', [pallet(2, { shipment: 'SHP-1' })]);
  await before.found(
    { event: 'opened', finding: excursion() },
    ...['SHP-1', 'SHP-2', 'SHP-3'].map((shipment) => ({ event: 'opened' as const, finding: usedUp({ shipment }) })),
    { event: 'opened', finding: usedUp({ shipment: 'SHP-4', extreme: 50 }) },
  );
  await before.worker.stop();
  const found = at('11:00');
  await released(1, await caseOf('SHP-1', 'decided'), sgtin(1), found);
  await released(2, await caseOf(null, 'closed'), sgtin(2), found);
  // Signed before it was found.
  await released(3, await caseOf('SHP-3', 'closed'), sgtin(2), at('09:00'));
  const told = () =>
    database.query('SELECT count(*)::int AS n FROM alert_notices UNION ALL SELECT count(*) FROM outbox');
  const { rows: toldBefore } = await told();

  await database.query(UPDATE);
  for (const [name, groups] of before.goods) after.goods.set(name, groups);
  for (const [name, parts] of before.exposed) after.exposed.set(name, parts);
  await after.worker.start();
  await after.worker.settled();

  const { rows: cases } = await database.query(
    `SELECT shipment, state, follows IS NOT NULL AS follows, alerts FROM cases WHERE alerts > 0 ORDER BY shipment`,
  );
  expect(cases).toMatchObject([
    { shipment: 'SHP-1', follows: false },
    { shipment: 'SHP-2', state: 'open', follows: false, alerts: 1 },
    { shipment: 'SHP-3', state: 'open', follows: true, alerts: 1 },
  ]);
  expect((await told()).rows).toEqual(toldBefore);
  const { rows: stopped } = await database.query(
    `SELECT u.epc, a.key FROM undecided_excursions u JOIN alerts a ON a.id = u.alert WHERE a.kind = 'budget' ORDER BY key, epc`,
  );
  expect(stopped).toEqual([
    { epc: sgtin(2), key: 'shipment:SHP-1' },
    ...['SHP-2', 'SHP-3'].flatMap((shipment) => [1, 2].map((n) => ({ epc: sgtin(n), key: `shipment:${shipment}` }))),
  ]);
});
