import { type ReadDatabase, timestamp } from '../../storage/index.ts';
import { beganAt, EXCURSION_KINDS } from './lane-excursions.ts';

/** Alerts shown as what a figure rests on. */
const EVIDENCE = 5;
const MOST_LANES = 1_000;

/** Where on a lane excursions began: at a site, or on the way between sites (`site` null). */
export interface LaneLeg {
  readonly site: string | null;
  readonly shipments: number;
  readonly excursions: number;
  /** Ids of some alerts. */
  readonly evidence: readonly string[];
}

/** Journeys that left in one quarter of the year. */
export interface LaneQuarter {
  /** 1 to 4, of the year in UTC. */
  readonly quarter: number;
  readonly journeys: number;
  readonly withExcursion: number;
}

/** What usually happens from one place to another. Times in ms; null where nothing says. */
export interface Lane {
  readonly origin: string;
  readonly destination: string;
  /** Shipments that left in the period, cancelled ones not among them. */
  readonly journeys: number;
  readonly received: number;
  /** Of those received whose notice says when they were to arrive. */
  readonly promised: number;
  readonly late: number;
  readonly duration: { readonly p10: number; readonly median: number; readonly p90: number } | null;
  readonly withExcursion: number;
  readonly excursions: number;
  /** The worst first. */
  readonly legs: readonly LaneLeg[];
  readonly quarters: readonly LaneQuarter[];
}

/**
 * Journeys that left in [from, to), epoch ms UTC, by where from and where to, with the excursions of their goods that were
 * not taken back; those with most of them first, at most a thousand.
 */
export async function lanes(
  database: ReadDatabase,
  { from, to }: { from: number; to: number },
): Promise<readonly Lane[]> {
  const { rows } = await database.query<Row>(
    `WITH RECURSIVE journeys AS MATERIALIZED (
       SELECT id, origin, destination, left_at, received_at, arrives,
         extract(quarter FROM to_timestamp(left_at / 1000.0) AT TIME ZONE 'UTC')::int AS quarter
       FROM shipments WHERE left_at >= $1 AND left_at < $2 AND state <> 'cancelled'),
     found AS MATERIALIZED (
       SELECT j.id AS shipment, j.origin, j.destination, a.id AS alert, a.device,
         (extract(epoch FROM a.from_at) * 1000)::bigint AS began
       FROM alerts a CROSS JOIN unnest(a.shipments) AS named JOIN journeys j ON j.id = named
       WHERE a.detected_at >= $3 AND a.state <> 'retracted' AND a.kind = ANY($4)
         -- What was over before it left, or began after receipt, is none of the journey.
         AND (a.goes_on OR a.to_at IS NULL OR a.to_at >= to_timestamp(j.left_at / 1000.0))
         AND (j.received_at IS NULL OR a.from_at < to_timestamp(j.received_at / 1000.0))),
     ${beganAt('found')},
     excursions AS (SELECT f.*, b.site FROM found f LEFT JOIN began_at b USING (alert)),
     legs AS (
       SELECT origin, destination, site, count(DISTINCT shipment) AS shipments, count(DISTINCT alert) AS excursions,
         (array_agg(DISTINCT alert ORDER BY alert))[1:${EVIDENCE}] AS evidence
       FROM excursions GROUP BY origin, destination, site),
     hit AS (SELECT DISTINCT shipment FROM excursions),
     quarters AS (
       SELECT origin, destination, quarter, count(*) AS journeys, count(hit.shipment) AS hits
       FROM journeys LEFT JOIN hit ON hit.shipment = journeys.id GROUP BY origin, destination, quarter)
     SELECT origin, destination, count(*) AS journeys, count(received_at) AS received,
       count(*) FILTER (WHERE received_at IS NOT NULL AND arrives IS NOT NULL) AS promised,
       count(*) FILTER (WHERE received_at > arrives) AS late,
       percentile_cont(ARRAY[0.1, 0.5, 0.9]) WITHIN GROUP (ORDER BY received_at - left_at)
         FILTER (WHERE received_at > left_at) AS duration,
       count(hit.shipment) AS hits,
       (SELECT count(DISTINCT e.alert) FROM excursions e WHERE e.origin = j.origin AND e.destination = j.destination) AS excursions,
       (SELECT json_agg(json_build_object('site', l.site, 'shipments', l.shipments, 'excursions', l.excursions, 'evidence', l.evidence)
          ORDER BY l.shipments DESC, l.site) FROM legs l WHERE l.origin = j.origin AND l.destination = j.destination) AS legs,
       (SELECT json_agg(json_build_object('quarter', q.quarter, 'journeys', q.journeys, 'withExcursion', q.hits) ORDER BY q.quarter)
          FROM quarters q WHERE q.origin = j.origin AND q.destination = j.destination) AS quarters
     FROM journeys j LEFT JOIN hit ON hit.shipment = j.id
     GROUP BY origin, destination ORDER BY count(hit.shipment) DESC, count(*) DESC, origin, destination LIMIT ${MOST_LANES}`,
    [from, to, timestamp(from), EXCURSION_KINDS],
  );
  return rows.map(({ hits, duration, legs, ...row }) => ({
    ...row,
    withExcursion: hits,
    duration: duration === null ? null : { p10: duration[0], median: duration[1], p90: duration[2] },
    legs: legs ?? [],
  }));
}

interface Row extends Omit<Lane, 'duration' | 'withExcursion' | 'legs'> {
  readonly hits: number;
  readonly duration: readonly [number, number, number] | null;
  readonly legs: readonly LaneLeg[] | null;
}
