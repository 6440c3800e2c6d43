import { beforeEach, expect, test } from 'vitest';
import { systemTime } from '../../domain/index.ts';
import { testDatabase } from '../../storage/testing/database.ts';
import { alertStatistics, COUNTED_BY, ruleProposals } from './alert-statistics.ts';

const database = await testDatabase();
const T0 = Date.parse('2026-11-01T00:00:00Z');
const PERIOD = { from: T0, to: T0 + 30 * 86_400_000 };

/** Alerts one a second from T0; `minutes` is how long each lasts, acknowledged after 60 s and resolved after 600 s. */
async function alerts(rule: string, state: string, count: number, minutes = 5, by = 'anna'): Promise<void> {
  await database.query(
    `WITH made AS (
       INSERT INTO alerts (id, rule, key, rule_version, kind, severity, state, device, shipments, summary, from_at, to_at,
         detected_at, detected_late, evidence, evidence_complete, affected_count, acknowledged_by, acknowledged_at,
         resolved_by, resolved_at)
       SELECT $1::text || '-' || $2::text || '-' || $4::float8 || '-' || n, $1::text, 'k' || n, 1, 'threshold', 'warning', $2::text, 'logger-' || n % 7,
         CASE WHEN n % 2 = 0 THEN ARRAY['SHP-1'] ELSE '{}'::text[] END, 's', at, at + $4::float8 * interval '1 minute', at, false,
         '{}', true, 0, $5::text, at + interval '60 s', $5::text, CASE WHEN $2::text = 'resolved' THEN at + interval '600 s' END
       FROM generate_series(1, $3::int) n, LATERAL (SELECT timestamptz '2026-11-01 00:00Z' + n * interval '1 s' AS at) t
       RETURNING number)
     INSERT INTO routed_alerts (alert, about, sites, gateways, profiles, products, labels)
     SELECT number, 'device', ARRAY['site:berlin'], '{}', '{}', '{}', '{}' FROM made`,
    [rule, state, count, minutes, by],
  );
}

/** A case rests on the alerts of this rule, and somebody decided on its goods. */
async function decidedUpon(rule: string): Promise<void> {
  const { rows } = await database.query<{ number: number }>(
    "INSERT INTO cases (kind, title, opened_at) VALUES ('excursion', 't', now()) RETURNING number",
  );
  const number = rows[0]?.number ?? 0;
  await database.query(
    `INSERT INTO case_alerts (case_number, alert, joined_at, seen) SELECT $1, number, now(), '{}' FROM alerts
     WHERE rule = $2`,
    [number, rule],
  );
  await database.query(
    `INSERT INTO case_decisions (case_number, number, revision, disposition, reason, serials, serials_hash, record,
       record_hash, needs_second, made_at) VALUES ($1, 1, 1, 'release', 'r', 1, 'h', '{}', 'h', false, 0)`,
    [number],
  );
}

beforeEach(() => database.query('TRUNCATE alerts, routed_alerts, case_alerts, case_decisions, shipments CASCADE'));

test('alerts are counted by what became of them, the noisiest first, with how long people took', async () => {
  await alerts('too-warm', 'resolved', 20);
  await alerts('too-warm', 'retracted', 10);
  await alerts('too-cold', 'open', 5, 5, 'ben');
  const { total, worst } = await alertStatistics(database, 'rule', PERIOD);
  expect(total).toMatchObject({ of: null, alerts: 35, standing: 5, retracted: 10, decided: 0, withoutAction: 20 });
  expect(worst.map(({ of, alerts: count }) => [of, count])).toEqual([
    ['too-warm', 30],
    ['too-cold', 5],
  ]);
  expect(worst[0]?.acknowledgeSeconds).toEqual({ median: 60, p90: 60 });
  expect(worst[0]?.resolveSeconds).toEqual({ median: 600, p90: 600 });
  expect(worst[1]?.resolveSeconds).toBeNull();
  expect((await alertStatistics(database, 'person', PERIOD)).worst.map(({ of }) => of)).toEqual(['anna', 'ben']);
  expect((await alertStatistics(database, 'site', PERIOD)).worst).toMatchObject([{ of: 'site:berlin', alerts: 35 }]);
  expect((await alertStatistics(database, 'device', PERIOD)).worst).toHaveLength(7);
  const later = { from: PERIOD.to, to: PERIOD.to + 1 };
  expect(await alertStatistics(database, 'rule', later)).toMatchObject({ total: { alerts: 0 }, worst: [] });
});

test('a lane is from where to where a shipment goes; alerts of no shipment are of no lane', async () => {
  await database.query(
    `INSERT INTO shipments (id, profile, origin, destination, departs, state, noticed_at, noticed_by, position)
     VALUES ('SHP-1', '2-8C', 'site:berlin', 'site:lyon', 0, 'planned', 0, 'x', 1)`,
  );
  await alerts('too-warm', 'resolved', 10);
  const { total, worst } = await alertStatistics(database, 'lane', PERIOD);
  expect([total.alerts, worst.map(({ of, alerts: count }) => [of, count])]).toEqual([
    10,
    [['site:berlin → site:lyon', 5]],
  ]);
});

test('a rule whose alerts lead to nothing is proposed to wait longer, never so long that it misses what was decided upon', async () => {
  await alerts('useful', 'resolved', 6, 30);
  await decidedUpon('useful');
  await alerts('useless', 'resolved', 18, 10);
  await alerts('useless', 'resolved', 2, 90);
  await alerts('rare', 'resolved', 4, 10);
  await alerts('mixed', 'resolved', 2, 20);
  await decidedUpon('mixed');
  await alerts('mixed', 'retracted', 28, 12);
  await alerts('mixed', 'retracted', 4, 50);
  expect(await ruleProposals(database, PERIOD)).toEqual([
    { rule: 'mixed', alerts: 34, decided: 2, lastsMinutes: 20, fewer: 28, missed: 0 },
    { rule: 'useless', alerts: 20, decided: 0, lastsMinutes: 11, fewer: 18, missed: 0 },
  ]);
});

test('every way of counting finds its alerts by an index', async () => {
  for (const by of COUNTED_BY)
    await alertStatistics(database, by, { from: systemTime.now() - 1, to: systemTime.now() });
});
