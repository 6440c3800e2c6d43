import { z } from 'zod';
import type { Operations } from './operation.ts';
import { placeRef } from './place.ts';
import { named } from './schema.ts';
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
} as const satisfies Operations;
