import { beforeAll, expect, inject, it } from 'vitest';
import type { Database } from './database.ts';
import { testDatabase } from './testing/database.ts';
import { wholeScans } from './testing/plans.ts';

/** Reports of others are built on these: a name may come, none may go or change its type (docs/bi.md). */
const VIEWS: Readonly<Record<string, string>> = {
  alert_serials: 'alert_number bigint, part integer, epc text, gtin text, serial text, lot text, expiry text',
  alert_shipments: 'alert_number bigint, shipment text',
  alerts:
    'alert_number bigint, alert text, kind text, severity text, state text, rule text, device text, metric text, ' +
    'portal text, summary text, from_at timestamptz, to_at timestamptz, goes_on boolean, detected_at timestamptz, ' +
    'detected_late boolean, acknowledged_at timestamptz, resolved_at timestamptz, reopened integer, serials integer',
  case_alerts: 'case_number bigint, alert_number bigint, joined_at timestamptz, left_at timestamptz',
  cases:
    'case_number bigint, case text, kind text, state text, title text, shipment text, place text, ' +
    'opened_at timestamptz, due_at timestamptz, closed_at timestamptz, value_class smallint, alerts integer, ' +
    'serials integer, undecided integer, waiting integer',
  decision_serials:
    'case_number bigint, decision_number integer, epc text, is_latest boolean, is_in_force boolean, ' +
    'evidence_changed_since boolean',
  decisions:
    'case_number bigint, decision_number integer, disposition text, scope_group text, scope_lot text, reason text, ' +
    'serials integer, made_at timestamptz, in_force_at timestamptz, is_in_force boolean, record_hash text',
  exposures:
    'alert_number bigint, part integer, unit text, shipment text, device text, metric text, from_at timestamptz, ' +
    'to_at timestamptz, minutes_out_of_range double precision, lowest double precision, highest double precision, ' +
    'mean_kinetic_temperature double precision, serials integer',
  pass_units:
    'pass_number bigint, unit text, shipment text, inferred_from text, direction text, serials integer, seen integer',
  passes:
    'pass_number bigint, portal text, site text, from_at timestamptz, to_at timestamptz, direction text, ' +
    'verdict text, reason text, is_provisional boolean, expected integer, seen integer, missing integer, ' +
    'unexpected integer, stray integer, from_ms bigint',
  places: 'place text, name text, kind text, parent text, gln text, zone text',
  products: 'gtin text, name text, profile text, budget_minutes double precision, value_class smallint',
  receipts:
    'shipment text, origin text, destination text, state text, received_at timestamptz, gtin text, lot text, ' +
    'listed integer, stopped integer, received_ms bigint',
  serials: 'epc text, gtin text, serial text, lot text, expiry text, status text, status_since timestamptz',
  shipment_serials: 'shipment text, epc text, unit text, is_noticed boolean',
  shipments:
    'shipment text, state text, profile text, origin text, destination text, lane text, carrier text, ' +
    'is_noticed boolean, departs_at timestamptz, arrives_at timestamptz, left_at timestamptz, ' +
    'received_at timestamptz, closed_at timestamptz, departs_ms bigint',
  stock: 'site text, place text, gtin text, lot text, expiry text, status text, packs integer',
  units: 'shipment text, unit text, is_outermost boolean, is_noticed boolean, since timestamptz',
};

const NOON = Date.UTC(2026, 10, 22, 12);
const noon = new Date(NOON).toISOString();

let database: Database;

/** As a tool for reports would: by a role that may read `bi`. */
async function asked<T extends object>(text: string): Promise<T[]> {
  return await database.transaction(async (client) => {
    await client.query('SET LOCAL ROLE isotherm_bi');
    return (await client.query<T>(text)).rows;
  });
}

beforeAll(async () => {
  database = await testDatabase();
  await database.query(`
    INSERT INTO shipments (id, profile, origin, destination, departs, state, left_at, noticed_at, noticed_by, position)
      VALUES ('SHP-1', '2-8C', 'site:berlin', 'site:lyon', ${NOON}, 'in transit', ${NOON}, 0, 'erp', 1);
    INSERT INTO shipment_units (shipment, unit, since, is_outermost, is_noticed) VALUES ('SHP-1', 'u-1', 0, true, true);
    INSERT INTO serials (epc, gtin, serial, made_lot, position) VALUES ('a', 'g', '1', 'L', 1), ('b', 'g', '2', 'L', 1);
    INSERT INTO shipment_lines (shipment, epc, unit, is_serial, is_noticed)
      VALUES ('SHP-1', 'u-1', NULL, false, true), ('SHP-1', 'a', 'u-1', true, true), ('SHP-1', 'b', 'u-1', true, true);
    INSERT INTO alerts (id, rule, key, rule_version, kind, severity, state, device, metric, shipments, summary, from_at,
        detected_at, detected_late, evidence, evidence_complete, affected_count, merged_into)
      VALUES ('a-1', 'r', 'k', 1, 'threshold', 'critical', 'open', 'd', 'temperature', '{SHP-1}', 's', '${noon}',
          '${noon}', false, '{}', true, 2, NULL),
        ('a-2', 'r', 'k', 1, 'threshold', 'critical', 'resolved', 'd', 'temperature', '{SHP-1}', 's', '${noon}',
          '${noon}', false, '{}', true, 2, 'a-1');
    INSERT INTO alert_exposures (alert, part, unit, shipment, from_at, minutes, max, serials, epc_digest, identity_digest)
      SELECT number, 0, 'u-1', 'SHP-1', '${noon}', 40, 9.1, 2, '', '' FROM alerts;
    INSERT INTO alert_serials (alert, part, epc) SELECT number, 0, epc FROM alerts, (VALUES ('a'), ('b')) AS s (epc);
    INSERT INTO cases (kind, title, shipment, opened_at) VALUES ('excursion', 'too warm', 'SHP-1', '${noon}');
    INSERT INTO case_alerts (case_number, alert, joined_at, seen)
      SELECT c.number, a.number, '${noon}', '{}' FROM cases c, alerts a WHERE a.id = 'a-1';
    INSERT INTO case_decisions (case_number, number, revision, disposition, reason, serials, serials_hash, record,
        record_hash, needs_second, made_at, in_force_at)
      SELECT c.number, d.number, 1, d.disposition, 'r', 2, 'h', '{}', 'h', true, ${NOON}, d.in_force_at
      FROM cases c, (VALUES (1, 'release', ${NOON}), (2, 'destroy', NULL)) AS d (number, disposition, in_force_at);
    INSERT INTO case_decision_serials (case_number, number, epc)
      SELECT c.number, d.number, d.epc FROM cases c, (VALUES (1, 'a'), (1, 'b'), (2, 'b')) AS d (number, epc);
    INSERT INTO case_serials (case_number, epc, changed_revision, decision, decided_revision, is_in_force)
      SELECT c.number, s.epc, 1, s.decision, 1, s.decision = 1
      FROM cases c, (VALUES ('a', 1), ('b', 2)) AS s (epc, decision)`);
});

it('the views for reports keep their names, columns and types', async () => {
  const { rows } = await database.query<{ view: string; columns: string }>(
    `SELECT c.relname AS view, string_agg(a.attname || ' ' ||
       replace(format_type(a.atttypid, a.atttypmod), 'timestamp with time zone', 'timestamptz'), ', ' ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
     WHERE c.relnamespace = 'bi'::regnamespace GROUP BY 1`,
  );
  expect(Object.fromEntries(rows.map(({ view, columns }) => [view, columns]))).toEqual(VIEWS);
});

it('whoever may read reports reads every view of theirs, changes none, and sees nothing else', async () => {
  for (const view of Object.keys(VIEWS)) await asked(`SELECT * FROM bi.${view}`);
  await expect(asked('SELECT * FROM users')).rejects.toMatchObject({ code: '42501' });
  await expect(asked('SELECT * FROM grafana.refusals')).rejects.toMatchObject({ code: '42501' });
  await expect(asked(`UPDATE bi.serials SET status = NULL`)).rejects.toMatchObject({ code: '42501' });
});

it('an excursion is followed from its shipment to what was decided on each serial', async () => {
  const rows = await asked(
    `SELECT s.shipment, s.departs_at, c."case", x.highest, x.minutes_out_of_range, d.epc, n.disposition, d.is_in_force
     FROM bi.shipments s JOIN bi.alert_shipments h USING (shipment) JOIN bi.exposures x USING (alert_number)
       JOIN bi.case_alerts USING (alert_number) JOIN bi.cases c USING (case_number)
       JOIN bi.decision_serials d USING (case_number) JOIN bi.decisions n USING (case_number, decision_number)
     WHERE d.is_latest ORDER BY d.epc`,
  );
  const row = {
    ...{ shipment: 'SHP-1', departs_at: NOON, case: 'C-000001', highest: 9.1, minutes_out_of_range: 40 },
  };
  expect(rows).toEqual([
    { ...row, epc: 'a', disposition: 'release', is_in_force: true },
    { ...row, epc: 'b', disposition: 'destroy', is_in_force: false },
  ]);
});

it('a release counts no more for a serial that another decision waits on, and an alert that was merged not twice', async () => {
  const counting = await asked('SELECT epc, decision_number FROM bi.decision_serials WHERE is_in_force');
  expect(counting).toEqual([{ epc: 'a', decision_number: 1 }]);
  expect(await asked('SELECT alert FROM bi.alerts')).toEqual([{ alert: 'a-1' }]);
  expect(await asked('SELECT part FROM bi.exposures')).toHaveLength(1);
  expect(await asked('SELECT epc FROM bi.alert_serials')).toHaveLength(2);
});

it('a serial of which evidence came after its decision is not one whose decision stands', async () => {
  await database.query(`UPDATE case_serials SET changed_revision = 2 WHERE epc = 'a'`);
  expect(await asked(`SELECT is_in_force, evidence_changed_since FROM bi.decision_serials WHERE epc = 'a'`)).toEqual([
    { is_in_force: true, evidence_changed_since: true },
  ]);
  await database.query(`UPDATE case_serials SET changed_revision = 1 WHERE epc = 'a'`);
});

it('a report on one shipment, pass, alert, case, serial or day reads no table whole', async () => {
  const questions: readonly [string, unknown][] = [
    ['SELECT * FROM bi.shipments WHERE shipment = $1', 'x7'],
    ['SELECT * FROM bi.shipments WHERE departs_ms >= $1', 4_990],
    ['SELECT * FROM bi.units WHERE shipment = $1', 'x7'],
    ['SELECT * FROM bi.units WHERE unit = $1', 'x7'],
    ['SELECT * FROM bi.shipment_serials WHERE shipment = $1', 'x7'],
    ['SELECT * FROM bi.shipment_serials WHERE epc = $1', 'x7'],
    ['SELECT * FROM bi.serials WHERE epc = $1', 'x7'],
    ['SELECT * FROM bi.serials WHERE gtin = $1', 'x7'],
    ['SELECT * FROM bi.stock WHERE site = $1', 'x7'],
    ['SELECT * FROM bi.receipts WHERE shipment = $1', 'x7'],
    ['SELECT * FROM bi.receipts WHERE received_ms >= $1', 4_990],
    ['SELECT * FROM bi.passes WHERE pass_number = $1', 7],
    ['SELECT * FROM bi.passes WHERE from_ms >= $1', 4_990],
    ['SELECT * FROM bi.pass_units WHERE pass_number = $1', 7],
    ['SELECT * FROM bi.pass_units WHERE unit = $1', 'x7'],
    ['SELECT * FROM bi.alerts WHERE detected_at >= $1', '2026-02-04T23:00:00Z'],
    ['SELECT * FROM bi.alerts WHERE device = $1', 'x7'],
    ['SELECT * FROM bi.exposures WHERE alert_number = $1', 7],
    ['SELECT * FROM bi.exposures WHERE unit = $1', 'x7'],
    ['SELECT * FROM bi.alert_serials WHERE epc = $1', 'x7'],
    ['SELECT * FROM bi.alert_shipments WHERE alert_number = $1', 7],
    ['SELECT * FROM bi.cases WHERE case_number = $1', 7],
    ['SELECT * FROM bi.cases WHERE opened_at >= $1', '2026-02-04T23:00:00Z'],
    ['SELECT * FROM bi.decisions WHERE case_number = $1', 7],
    ['SELECT * FROM bi.decision_serials WHERE case_number = $1', 7],
    ['SELECT * FROM bi.decision_serials WHERE epc = $1', 'x7'],
  ];
  const statements = questions.map(([text, value]) => ({ text, values: [value], from: 'a report' }));
  expect(await wholeScans(inject('postgresUrl'), statements)).toEqual([]);
});
