import { z } from 'zod';
import type { Operations } from './operation.ts';
import { placeRef } from './place.ts';
import { line, listOf, named, pageQuery } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

/** Per 1,000 journeys, with the interval that holds the true one nine times in ten. */
const rate = z
  .object({ per1000: z.number(), low: z.number(), high: z.number() })
  .nullable()
  .describe('null: fewer than 20 journeys, too few to say');

export const lane = z
  .object({
    origin: placeRef,
    destination: placeRef,
    journeys: z.number().int().describe('shipments that left in the period'),
    received: z.number().int(),
    late: z.object({ journeys: z.number().int(), of: z.number().int() }).describe('of those received that had a time'),
    hours: z
      .object({ p10: z.number(), median: z.number(), p90: z.number() })
      .nullable()
      .describe('from leaving to receipt'),
    withExcursion: z.number().int().describe('journeys whose goods had an excursion that was not taken back'),
    rate,
    excursions: z.number().int(),
    legs: z
      .array(
        z.object({
          site: placeRef.nullable().describe('where it began; null: on the way'),
          journeys: z.number().int(),
          excursions: z.number().int(),
          rate,
          evidence: z.array(z.string()).describe('ids of alerts, at most five'),
        }),
      )
      .describe('the worst first'),
    quarters: z.array(
      z.object({
        quarter: z.number().int().describe('of the year in which they left, 1 to 4, UTC'),
        journeys: z.number().int(),
        withExcursion: z.number().int(),
        rate,
      }),
    ),
  })
  .register(named, { id: 'Lane' });
export type LaneView = z.output<typeof lane>;

export const laneList = z
  .object({ from: timeOut, to: timeOut, items: z.array(lane) })
  .register(named, { id: 'LaneList' });
export type LaneListView = z.output<typeof laneList>;

export const laneQuery = z.object({
  from: timeIn.optional().describe('when shipments left; default: 365 days before to'),
  to: timeIn.optional().describe('exclusive; default: now'),
});

/** More says little about how it is now. */
export const LONGEST_LANES_MS = 3 * 366 * 86_400_000;
/** The latest of one lane that its page counts. */
export const MOST_LANE_JOURNEYS = 2_000;
/** The latest of them whose time near a limit is worked out. */
export const MOST_NEAR_JOURNEYS = 200;

const spread = z.object({ p10: z.number(), median: z.number(), p90: z.number() });

/** Journeys that have something in common, and what is said of them. */
const group = {
  key: z.string().describe('`key` of GET /lanes/journeys: the journeys behind the figures'),
  journeys: z.number().int(),
  withExcursion: z.number().int(),
  excursions: z.number().int(),
  rate,
  hours: spread.nullable().describe('from leaving to receipt; null: fewer than 20 received'),
  near: z
    .object({ share: z.number(), journeys: z.number().int() })
    .nullable()
    .describe(
      'mean over journeys of the share of time less than 1 °C within a limit, or beyond it; null: fewer than 20',
    ),
};

export const laneDetail = z
  .object({
    from: timeOut,
    to: timeOut,
    origin: placeRef,
    destination: placeRef,
    ...group,
    received: z.number().int(),
    late: z.object({ journeys: z.number().int(), of: z.number().int() }).describe('of those received that had a time'),
    isWhole: z.boolean().describe(`false: more than the latest ${MOST_LANE_JOURNEYS} journeys left in the period`),
    stops: z
      .array(
        z.object({
          place: placeRef,
          journeys: z.number().int().describe('that stood there, from their last unit in to their last unit out'),
          minutes: spread.nullable().describe('null: fewer than 20'),
        }),
      )
      .describe('where journeys stood on the way'),
    legs: z
      .array(
        z.object({
          ...group,
          kind: z.enum(['stop', 'way']),
          origin: placeRef,
          destination: placeRef.describe('of a stop the same as origin'),
          hours: spread.nullable().describe('of the leg itself; null: fewer than 20 with both ends seen'),
        }),
      )
      .describe('stops and the ways between as doors saw them, with the excursions that began there; the worst first'),
    seasons: z.array(z.object({ ...group, quarter: z.number().int().describe('of the year, UTC') })),
    carriers: z.array(z.object({ ...group, carrier: z.string().nullable().describe('as the notice writes it') })),
    devices: z
      .array(z.object({ ...group, kind: z.string(), sensor: z.string().nullable() }))
      .describe('by the loggers that went along, as they are registered; a journey with two types counts in both'),
  })
  .register(named, { id: 'LaneDetail' });
export type LaneDetailView = z.output<typeof laneDetail>;

export const laneJourney = z
  .object({
    id: z.string(),
    left: timeOut,
    received: timeOut.nullable(),
    hours: z.number().nullable(),
    lateMinutes: z.number().int().nullable().describe('after it was to arrive; negative: before; null: not known'),
    nearShare: z.number().nullable(),
    carrier: z.string().nullable(),
    devices: z.array(z.string()),
    alerts: z.array(z.string()).describe('ids of its excursions, of the leg where one is asked for'),
  })
  .register(named, { id: 'LaneJourney' });
export type LaneJourneyView = z.output<typeof laneJourney>;

const laneAsked = {
  ...laneQuery.shape,
  origin: line(128).describe('id of the place'),
  destination: line(128).describe('id of the place'),
};

export const LANE_PARTS = ['leg', 'season', 'carrier', 'device'] as const;

const laneJourneysQuery = pageQuery.extend({
  ...laneAsked,
  by: z.enum(LANE_PARTS).optional().describe('with key: those that a figure is of; default: all'),
  key: line(400).optional(),
  only: z.enum(['excursion', 'late']).optional(),
});

export const laneOperations = {
  list: {
    method: 'get',
    path: '/lanes',
    summary:
      'What usually happens from one place to another: how long, how late, how often with an excursion, and where',
    permission: 'records.read',
    query: laneQuery,
    answers: { 200: laneList },
  },
  detail: {
    method: 'get',
    path: '/lanes/detail',
    summary:
      'One lane by leg, season, carrier and type of logger, with dwell and time near the limits, the worst first',
    permission: 'records.read',
    query: z.object(laneAsked),
    answers: { 200: laneDetail },
  },
  journeys: {
    method: 'get',
    path: '/lanes/journeys',
    summary: 'The journeys behind a figure of a lane, the latest first',
    permission: 'records.read',
    query: laneJourneysQuery,
    answers: { 200: listOf(laneJourney) },
  },
} as const satisfies Operations;
