import type pg from 'pg';
import { type ReadDatabase, timestamp } from '../../storage/index.ts';

/** By what alerts are counted: `person` is who acknowledged them, `lane` from where to where their shipments go. */
export const COUNTED_BY = ['rule', 'site', 'lane', 'device', 'person'] as const;
export type CountedBy = (typeof COUNTED_BY)[number];

/** How alerts of one rule, site, lane, device or person went. Times in seconds; null where there are none. */
export interface AlertStatistic {
  /** What they have in common; null in the sum of all. */
  readonly of: string | null;
  readonly alerts: number;
  readonly standing: number;
  /** It did not happen: later data says otherwise. */
  readonly retracted: number;
  /** Of a case on whose goods somebody decided. */
  readonly decided: number;
  /** Resolved by somebody, and nothing was decided on goods. */
  readonly withoutAction: number;
  readonly acknowledgeSeconds: Spread | null;
  readonly resolveSeconds: Spread | null;
}

export interface Spread {
  readonly median: number;
  readonly p90: number;
}

/** What a rule might be changed to, by how long its alerts lasted. */
export interface RuleProposal {
  readonly rule: string;
  /** Ended alerts that the proposal was worked out from. */
  readonly alerts: number;
  readonly decided: number;
  /** How long something must last to be told, minutes: longer than nine in ten of those that led to nothing. */
  readonly lastsMinutes: number;
  /** Alerts that would not have been. */
  readonly fewer: number;
  /** Alerts shorter than that which led to a decision: none, or the rule is not proposed for a change. */
  readonly missed: number;
}

/** An interval, half-open, epoch ms UTC. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

const WORST = 10;
/** A rule that opened less often says little about itself. */
const LEAST_ALERTS = 5;
/** Share of alerts that led to nothing, from which on a rule is proposed for a change. */
const MOST_NOISE = 0.8;

/**
 * The worst ten and the sum of all: those first of which most alerts led to nothing (retracted, or resolved without a
 * decision on goods).
 */
export async function alertStatistics(
  database: ReadDatabase,
  by: CountedBy,
  { from, to }: Period,
): Promise<{ readonly total: AlertStatistic; readonly worst: readonly AlertStatistic[] }> {
  const rows = await inMemory<Row>(
    database,
    // Counted first by what an alert itself holds: of a hundred thousand only those that hold the worst ten are looked
    // at once more, and how long people took is sorted for them alone.
    `WITH ${chosenWith(HELD[by])},
     counted AS MATERIALIZED (SELECT held, ${COUNTS} FROM chosen GROUP BY held),
     keyed AS MATERIALIZED (${KEYED[by]}),
     ranked AS MATERIALIZED (
       SELECT key, ${SUMS} FROM keyed WHERE key IS NOT NULL GROUP BY key
       ORDER BY sum(retracted + "withoutAction") DESC, sum(alerts) DESC, key LIMIT ${WORST}),
     spread AS (
       SELECT key, ${SPREADS} FROM chosen JOIN keyed USING (held) WHERE key IN (SELECT key FROM ranked) GROUP BY key)
     SELECT * FROM ranked JOIN spread USING (key)
     UNION ALL SELECT NULL, counts.*, spreads.* FROM (SELECT ${SUMS} FROM counted) AS counts,
       (SELECT ${SPREADS} FROM chosen) AS spreads`,
    { from, to },
  );
  const all = rows.map(statisticOf);
  const total = all.find(({ of }) => of === null) ?? statisticOf(NOTHING);
  return { total, worst: all.filter(({ of }) => of !== null) };
}

/** Rules most of whose alerts led to nothing, and what a longer patience would have spared; most spared first. */
export async function ruleProposals(database: ReadDatabase, { from, to }: Period): Promise<readonly RuleProposal[]> {
  return inMemory<RuleProposal>(
    database,
    `WITH ${chosenWith({ columns: 'a.rule, a.from_at, a.to_at' })}, ended AS MATERIALIZED (
       SELECT rule, fate, date_part('epoch', to_at - from_at) / 60 AS minutes FROM chosen
       WHERE to_at IS NOT NULL AND fate <> ${FATE.standing}),
     noisy AS (
       SELECT rule, count(*) AS alerts, count(*) FILTER (WHERE fate = ${FATE.decided}) AS decided,
         floor(percentile_disc(0.9) WITHIN GROUP (ORDER BY minutes)
           FILTER (WHERE fate IN (${FATE.retracted}, ${FATE.nothing}))) + 1 AS p90,
         min(minutes) FILTER (WHERE fate = ${FATE.decided}) AS least
       FROM ended GROUP BY rule
       HAVING count(*) >= ${LEAST_ALERTS}
         AND count(*) FILTER (WHERE fate IN (${FATE.retracted}, ${FATE.nothing})) >= ${MOST_NOISE} * count(*)),
     proposed AS (
       SELECT rule, alerts, decided, least(p90, floor(least))::float8 AS "lastsMinutes" FROM noisy)
     SELECT p.*, count(*) FILTER (WHERE minutes < "lastsMinutes" AND fate <> ${FATE.decided}) AS fewer,
       count(*) FILTER (WHERE minutes < "lastsMinutes" AND fate = ${FATE.decided}) AS missed
     FROM proposed p JOIN ended USING (rule) WHERE "lastsMinutes" >= 1
     GROUP BY rule, p.alerts, p.decided, "lastsMinutes"
     HAVING count(*) FILTER (WHERE minutes < "lastsMinutes" AND fate <> ${FATE.decided}) > 0
     ORDER BY fewer DESC, rule LIMIT ${WORST}`,
    { from, to },
  );
}

/** A hundred thousand alerts are sorted in memory: on disk it takes four times as long. */
async function inMemory<Found extends pg.QueryResultRow>(
  database: ReadDatabase,
  text: string,
  { from, to }: Period,
): Promise<readonly Found[]> {
  return database.read(async (client) => {
    await client.query('BEGIN READ ONLY');
    await client.query("SET LOCAL work_mem = '64MB'");
    const { rows } = await client.query<Found>(text, [timestamp(from), timestamp(to)]);
    await client.query('COMMIT');
    return rows;
  });
}

/** What became of an alert. Numbers, for they are compared a hundred thousand times over. */
const FATE = { standing: 0, retracted: 1, decided: 2, nothing: 3 } as const;

/** What of the alerts is looked at: columns, and where they are joined from beside the alerts (`a`) themselves. */
interface Looked {
  readonly columns: string;
  readonly join?: string;
}

/** Alerts of the period, each with what became of it. What no index holds is read from the alerts themselves. */
const chosenWith = ({ columns, join = '' }: Looked) => `chosen AS MATERIALIZED (
    SELECT ${columns}, date_part('epoch', a.acknowledged_at - a.detected_at) AS acknowledged,
      date_part('epoch', a.resolved_at - a.detected_at) AS resolved,
      CASE WHEN a.state = 'retracted' THEN ${FATE.retracted}
        WHEN a.number IN (SELECT ca.alert FROM case_decisions d JOIN case_alerts ca USING (case_number)) THEN ${FATE.decided}
        WHEN a.state = 'resolved' THEN ${FATE.nothing} ELSE ${FATE.standing} END AS fate
    FROM alerts a ${join} WHERE a.detected_at >= $1 AND a.detected_at < $2)`;

/** What an alert itself holds of what it is counted by. */
const HELD: Readonly<Record<CountedBy, Looked>> = {
  rule: { columns: 'a.rule AS held' },
  device: { columns: 'a.device AS held' },
  person: { columns: 'a.acknowledged_by AS held' },
  site: { columns: 'r.sites AS held', join: 'LEFT JOIN routed_alerts r ON r.alert = a.number' },
  lane: { columns: 'a.shipments AS held' },
};

/** Of what it is counted by; several, where it holds several. */
const SELF = 'SELECT *, held AS key FROM counted';
const KEYED: Readonly<Record<CountedBy, string>> = {
  ...{ rule: SELF, device: SELF, person: SELF },
  site: 'SELECT counted.*, site AS key FROM counted, unnest(held) AS site',
  lane: `SELECT counted.*, s.origin || ' → ' || s.destination AS key FROM counted,
    unnest(held) AS shipment JOIN shipments s ON s.id = shipment`,
};

const COUNTS = `count(*) AS alerts, count(*) FILTER (WHERE fate = ${FATE.standing}) AS standing,
  count(*) FILTER (WHERE fate = ${FATE.retracted}) AS retracted, count(*) FILTER (WHERE fate = ${FATE.decided}) AS decided,
  count(*) FILTER (WHERE fate = ${FATE.nothing}) AS "withoutAction"`;
const SUMS = ['alerts', 'standing', 'retracted', 'decided', '"withoutAction"']
  .map((count) => `coalesce(sum(${count}), 0)::bigint AS ${count}`)
  .join(', ');
const SPREADS = `percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY acknowledged) AS acknowledge,
  percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY resolved) AS resolve`;

interface Row extends Omit<AlertStatistic, 'of' | 'acknowledgeSeconds' | 'resolveSeconds'> {
  readonly key: string | null;
  readonly acknowledge: readonly [number, number] | null;
  readonly resolve: readonly [number, number] | null;
}

const NOTHING: Row = {
  ...{ key: null, alerts: 0, standing: 0, retracted: 0, decided: 0, withoutAction: 0 },
  ...{ acknowledge: null, resolve: null },
};

function statisticOf({ key, acknowledge, resolve, ...counts }: Row): AlertStatistic {
  return { of: key, ...counts, acknowledgeSeconds: spreadOf(acknowledge), resolveSeconds: spreadOf(resolve) };
}

function spreadOf(given: readonly [number, number] | null): Spread | null {
  return given === null ? null : { median: given[0], p90: given[1] };
}
