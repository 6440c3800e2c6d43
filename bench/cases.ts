/**
 * Cases at size: the inbox of 5,000, a case of 10,000 serials with its proposal, its first page of serials, and how long it
 * takes from the last reading to the proposal that rests on it, all in an embedded PostgreSQL in a directory of its own.
 *
 *   node bench/cases.ts [SERIALS] [CASES]
 */
import { loadavg } from 'node:os';
import { CaseJudgement } from '../dashboards/server/case-judgement.ts';
import { caseKeeping } from '../dashboards/server/case-keeping.ts';
import { CaseViews } from '../dashboards/server/case-views.ts';
import { Directory } from '../dashboards/server/directory.ts';
import type { Identity } from '../dashboards/server/identity.ts';
import { type Log, ReadingBuilder, silentLogger, systemTime } from '../domain/index.ts';
import { caseId, SigningSessions } from '../quality/index.ts';
import {
  effectsOf,
  PartitionManager,
  PostgresAuditTrail,
  PostgresFacts,
  PostgresHistory,
  ReadingStore,
} from '../storage/index.ts';
import { BenchYard, DAY, HOUR, notice, vials } from './yard.ts';

const SERIALS = Number(process.argv[2]) || 10_000;
const CASES = Number(process.argv[3]) || 5_000;
const PALLETS = 20;
const EACH = SERIALS / PALLETS;
const WEEK = 7 * 24 * HOUR;
const TURNS = 40;
const TEMPERATURE = 1;
const MINUTES_5 = 300_000;
/** A clock that stands at the end of the week: what was read last is an hour old at most. */
let now = DAY + WEEK;
const time = { ...systemTime, now: () => now };
/** Who only looks. */
const nobody = { userId: null, session: null } as Identity;

const yard = await BenchYard.open();
try {
  const { database } = yard;
  const facts = new PostgresFacts({ database });
  const history = new PostgresHistory({ database });
  const readings = new ReadingStore({ database, partitions: new PartitionManager({ database }) });
  const sources = {
    ...{ audit: new PostgresAuditTrail({ database }), database, facts, history, logger: silentLogger, time },
    // Nothing is decided here.
    log: {} as Log,
    tracerPassed: async () => true,
  };
  const { caseAssessor, decisions, steps } = caseKeeping(sources);
  const judge = new CaseJudgement({
    ...{ accounts: {} as never, assessor: caseAssessor, database, decisions, steps, hasProvider: false },
    signingSessions: new SigningSessions({ database, time }),
  });
  const views = new CaseViews({
    ...{ database, history, time, judge, directory: new Directory({ facts, time }) },
    originals: { of: async function* () {} },
  });
  for (let n = 0; n < PALLETS; n++) await yard.hears(notice(n, vials(n * EACH, EACH), 'LOT-1'));
  await measured(DAY, DAY + WEEK);
  const big = await manySerials();
  await manyCases();
  await database.query('ANALYZE');

  const places = ['site:lyon'];
  for (const order of ['due', 'value', 'opened'] as const) {
    for (const [who, seenFrom] of [
      ['all sites', null],
      ['one site', places],
    ] as const) {
      const waiting = { state: ['open', 'evidence changed'] as const, order, limit: 50 };
      await report(`${CASES} cases by ${order}, first 50 that wait, ${who}`, 300, () => views.list(waiting, seenFrom));
      await report(`${CASES} cases by ${order}, first 500, ${who}`, 300, () =>
        views.list({ order, limit: 500 }, seenFrom),
      );
    }
  }
  await report(`a case of ${SERIALS} serials`, 300, () => views.detail(big, null, nobody));
  await report('its serials, first 100, by who has not opened it', 300, () => views.serials(big, { limit: 100 }, null));
  await views.detail(big, null, nobody);
  await report('its serials, first 100, from its page', 300, () => views.serials(big, { limit: 100 }, null), 0);
  // The reading, committed, and the page that shows what it makes of the proposal.
  const waits: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    now += MINUTES_5;
    const from = systemTime.monotonic();
    await measured(now - 1, now);
    const { groups } = await views.detail(big, null, nobody);
    waits.push(systemTime.monotonic() - from);
    if (groups.some(({ exposure: { to } }) => Date.parse(to ?? '') < now - 1))
      throw new Error('an older proposal was shown');
  }
  say(`last reading to proposal, ${SERIALS} serials`, 60_000, waits);

  /** Of every pallet's logger, 5 °C but for an hour of 9 °C on the sixth day. */
  async function measured(from: number, to: number): Promise<void> {
    const builder = new ReadingBuilder();
    for (let n = 0; n < PALLETS; n++) {
      for (let at = from; at < to; at += MINUTES_5) {
        builder.add(`logger-${n}`, TEMPERATURE, at, at >= DAY + 130 * HOUR && at < DAY + 131 * HOUR ? 9 : 5);
      }
    }
    await database.transaction((client) => readings.insert(effectsOf(client), builder.view()));
  }

  async function manySerials(): Promise<string> {
    const { rows } = await database.query<{ number: number }>(
      `WITH made AS (INSERT INTO cases (kind, title, subject, place, opened_at, affected, undecided)
         VALUES ('excursion', 'Excursion at site:lyon', 'place:site:lyon', 'site:lyon', now(), $1, $1) RETURNING number),
       alerted AS (INSERT INTO alerts (id, rule, key, rule_version, kind, severity, state, device, metric, shipments, summary,
           from_at, to_at, detected_at, detected_late, evidence, evidence_complete, affected_count)
         SELECT 'a-' || n, 'too-warm', 'logger-' || n, 1, 'threshold', 'critical', 'open', 'logger-' || n, 'temperature', '{}',
           'too warm', to_timestamp($2), to_timestamp($2 + 3600), to_timestamp($2 + 600), false, '{}', true, $1
         FROM generate_series(0, ${PALLETS - 1}) AS n RETURNING number),
       joined AS (INSERT INTO case_alerts (case_number, alert, joined_at, seen)
         SELECT made.number, alerted.number, now(), '{}' FROM made, alerted)
       SELECT number FROM made`,
      [SERIALS, (DAY + 130 * HOUR) / 1_000],
    );
    const number = rows[0]?.number ?? 0;
    await database.query(
      `INSERT INTO case_serials (case_number, epc, gtin, lot, changed_revision)
       SELECT $1, epc, '80614141123458', 'LOT-1', 1 FROM unnest($2::text[]) AS epc`,
      [number, vials(0, SERIALS)],
    );
    return caseId(number);
  }

  /** Of many sites, most decided or closed long ago; one in fifty is of the site of who looks. */
  async function manyCases(): Promise<void> {
    await database.query(
      `WITH made AS (INSERT INTO cases (kind, title, subject, shipment, state, opened_at, closed_at, due_at, value_class, affected, undecided)
         SELECT 'excursion', 'Excursion of shipment S-' || n, 'shipment:S-' || n, 'S-' || n,
           CASE WHEN n % 4 = 0 THEN 'closed' ELSE 'open' END, now() - n * interval '1 minute',
           CASE WHEN n % 4 = 0 THEN now() END, now() - (n - 2000) * interval '1 minute', n % 6, n % 500, n % 500
         FROM generate_series(1, $1::int) AS n RETURNING number, shipment, due_at)
       INSERT INTO case_clocks (case_number, clock, due_at) SELECT number, 'target', due_at FROM made`,
      [CASES],
    );
    await database.query(
      `INSERT INTO shipment_places (shipment, place)
       SELECT 'S-' || n, CASE WHEN n % 50 = 0 THEN 'site:lyon' ELSE 'site:far-' || n % 20 END FROM generate_series(1, $1::int) AS n`,
      [CASES],
    );
  }
} finally {
  await yard.close();
}

/** @param apartMs 20 s: nothing that is remembered for a moment is of help */
async function report(what: string, target: number, work: () => Promise<unknown>, apartMs = 20_000): Promise<void> {
  const took: number[] = [];
  for (let turn = 0; turn < TURNS; turn++) {
    const from = systemTime.monotonic();
    await work();
    took.push(systemTime.monotonic() - from);
    now += apartMs;
  }
  say(what, target, took);
}

function say(what: string, target: number, took: number[]): void {
  const sorted = took.toSorted((a, b) => a - b);
  const [median = 0, p99 = 0] = [sorted[sorted.length >> 1], sorted[Math.floor(sorted.length * 0.99)]];
  console.log(
    `${what}: ${Math.round(median)} ms, median; ${Math.round(p99)} ms, p99 of ${sorted.length}; first ${Math.round(took[0] ?? 0)} ms; target ${target.toLocaleString('en')} ms; load ${loadavg()[0]?.toFixed(1)}`,
  );
}
