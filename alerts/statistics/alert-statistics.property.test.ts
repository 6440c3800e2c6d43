import fc from 'fast-check';
import { expect, test } from 'vitest';
import { testDatabase } from '../../storage/testing/database.ts';
import { alertStatistics, COUNTED_BY, type CountedBy } from './alert-statistics.ts';

const database = await testDatabase();
const T0 = Date.parse('2026-11-01T00:00:00Z');
const PERIOD = { from: T0, to: T0 + 3_600_000 };
const SHIPMENTS = ['SHP-1', 'SHP-2', 'SHP-3'];
const LANES: Readonly<Record<string, string>> = { 'SHP-1': 'a → b', 'SHP-2': 'a → b', 'SHP-3': 'b → a' };

const alerts = fc.array(
  fc.record({
    rule: fc.constantFrom('too-warm', 'silent', 'shock'),
    state: fc.constantFrom('open', 'acknowledged', 'resolved', 'retracted'),
    // More than the ten that are shown.
    device: fc.option(fc.nat(14).map((n) => `logger-${n}`)),
    person: fc.option(fc.constantFrom('anna', 'ben')),
    sites: fc.uniqueArray(fc.constantFrom('site:a', 'site:b'), { maxLength: 2 }),
    shipments: fc.uniqueArray(fc.constantFrom(...SHIPMENTS), { maxLength: 3 }),
    minute: fc.integer({ min: -5, max: 65 }),
    acknowledged: fc.option(fc.nat(600)),
    resolved: fc.option(fc.nat(6_000)),
    isDecided: fc.boolean(),
  }),
  { maxLength: 40 },
);
type Given = typeof alerts extends fc.Arbitrary<readonly (infer One)[]> ? One : never;

/** As it says: over all of them, one after the other, with nothing left out. */
function slowly(given: readonly Given[], by: CountedBy) {
  const inPeriod = given.filter(({ minute }) => minute >= 0 && minute < 60);
  const keysOf: Readonly<Record<CountedBy, (one: Given) => readonly (string | null)[]>> = {
    rule: ({ rule }) => [rule],
    device: ({ device }) => [device],
    person: ({ person }) => [person],
    site: ({ sites }) => sites,
    lane: ({ shipments }) => shipments.map((id) => LANES[id] ?? ''),
  };
  const byKey = new Map<string, Given[]>();
  for (const one of inPeriod) {
    for (const key of keysOf[by](one)) if (key !== null) byKey.set(key, [...(byKey.get(key) ?? []), one]);
  }
  const all = [...byKey].map(([key, those]) => statistic(key, those));
  const noise = ({ retracted, withoutAction }: (typeof all)[number]) => retracted + withoutAction;
  const worst = all.sort(
    (a, b) => noise(b) - noise(a) || b.alerts - a.alerts || ((a.of ?? '') < (b.of ?? '') ? -1 : 1),
  );
  return { total: statistic(null, inPeriod), worst: worst.slice(0, 10) };
}

function statistic(of: string | null, those: readonly Given[]) {
  const fates = those.map(({ state, isDecided }) =>
    state === 'retracted' ? state : isDecided ? 'decided' : state === 'resolved' ? 'nothing' : 'standing',
  );
  const count = (fate: string) => fates.filter((one) => one === fate).length;
  return {
    ...{ of, alerts: those.length, standing: count('standing'), retracted: count('retracted') },
    ...{ decided: count('decided'), withoutAction: count('nothing') },
    acknowledgeSeconds: spread(those.flatMap(({ acknowledged }) => acknowledged ?? [])),
    resolveSeconds: spread(those.flatMap(({ resolved }) => resolved ?? [])),
  };
}

/** Between two of them in proportion. */
function spread(seconds: readonly number[]) {
  if (seconds.length === 0) return null;
  const sorted = seconds.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const place = share * (sorted.length - 1);
    const [low = 0, high = 0] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]];
    return expect.closeTo(low + (high - low) * (place - Math.floor(place)), 6);
  };
  return { median: at(0.5), p90: at(0.9) };
}

async function put(given: readonly Given[]): Promise<void> {
  await database.query('TRUNCATE alerts, routed_alerts, case_alerts, case_decisions, cases CASCADE');
  await database.query(
    `WITH given AS (SELECT ordinality AS n, one FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS g (one, ordinality)),
     made AS (
       INSERT INTO alerts (id, rule, key, rule_version, kind, severity, state, device, shipments, summary, from_at, to_at,
         detected_at, detected_late, evidence, evidence_complete, affected_count, acknowledged_by, acknowledged_at, resolved_at)
       SELECT 'a' || n, one ->> 'rule', 'k' || n, 1, 'threshold', 'warning', one ->> 'state', one ->> 'device',
         ARRAY(SELECT jsonb_array_elements_text(one -> 'shipments')), 's', at, at, at, false, '{}', true, 0, one ->> 'person',
         at + (one ->> 'acknowledged')::float8 * interval '1 s', at + (one ->> 'resolved')::float8 * interval '1 s'
       FROM given, LATERAL (SELECT timestamptz '2026-11-01 00:00Z' + (one ->> 'minute')::int * interval '1 minute' AS at) t
       RETURNING id, number),
     routed AS (
       INSERT INTO routed_alerts (alert, about, sites, gateways, profiles, products, labels)
       SELECT number, 'device', ARRAY(SELECT jsonb_array_elements_text(one -> 'sites')), '{}', '{}', '{}', '{}'
       FROM made JOIN given ON 'a' || n = id),
     opened AS (INSERT INTO cases (kind, title, opened_at) VALUES ('excursion', 't', now()) RETURNING number),
     decided AS (
       INSERT INTO case_decisions (case_number, number, revision, disposition, reason, serials, serials_hash, record,
         record_hash, needs_second, made_at) SELECT number, 1, 1, 'release', 'r', 1, 'h', '{}', 'h', false, 0 FROM opened)
     INSERT INTO case_alerts (case_number, alert, joined_at, seen)
     SELECT opened.number, made.number, now(), '{}' FROM opened, made JOIN given ON 'a' || n = id
     WHERE (one ->> 'isDecided')::boolean`,
    [JSON.stringify(given)],
  );
}

test('statistics are what counting the alerts one by one gives, by everything they are counted by', async () => {
  await database.query(
    `INSERT INTO shipments (id, profile, origin, destination, departs, state, noticed_at, noticed_by, position)
     VALUES ('SHP-1', '2-8C', 'a', 'b', 0, 'planned', 0, 'x', 1), ('SHP-2', '2-8C', 'a', 'b', 0, 'planned', 0, 'x', 2),
       ('SHP-3', '2-8C', 'b', 'a', 0, 'planned', 0, 'x', 3)`,
  );
  await fc.assert(
    fc.asyncProperty(alerts, async (given) => {
      await put(given);
      for (const by of COUNTED_BY) {
        expect([by, await alertStatistics(database, by, PERIOD)]).toEqual([by, slowly(given, by)]);
      }
    }),
    { numRuns: 40, interruptAfterTimeLimit: 20_000 },
  );
});
