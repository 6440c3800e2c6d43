import { z } from 'zod';
import type { Operations } from './operation.ts';
import { named } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

/** By what alerts are counted. */
export const countedBy = z.enum(['rule', 'site', 'lane', 'device', 'person']);
export type CountedBy = z.output<typeof countedBy>;

const spread = z.object({ median: z.number(), p90: z.number() }).nullable();

export const alertStatistic = z
  .object({
    of: z.string().nullable().describe('the rule, site, lane, device, or the person who acknowledged; null: of all'),
    alerts: z.number().int(),
    standing: z.number().int().describe('open or acknowledged'),
    retracted: z.number().int().describe('it did not happen'),
    decided: z.number().int().describe('of a case on whose goods somebody decided'),
    withoutAction: z.number().int().describe('resolved, and nothing was decided on goods'),
    acknowledgeSeconds: spread.describe('from when it was found until somebody acknowledged'),
    resolveSeconds: spread.describe('from when it was found until somebody resolved it'),
  })
  .register(named, { id: 'AlertStatistic' });
export type AlertStatisticView = z.output<typeof alertStatistic>;

export const alertStatistics = z
  .object({
    from: timeOut,
    to: timeOut,
    by: countedBy,
    total: alertStatistic,
    worst: z.array(alertStatistic).describe('ten, those first of which most led to nothing'),
    proposals: z
      .array(
        z.object({
          rule: z.string(),
          alerts: z.number().int(),
          decided: z.number().int(),
          lastsMinutes: z.number().describe('how long it must last to be told'),
          fewer: z.number().int().describe('alerts that would not have been, none of which led to a decision'),
          missed: z.number().int().describe('that led to a decision and would not have been'),
        }),
      )
      .describe('rules most of whose alerts led to nothing, and what a longer patience would have spared'),
  })
  .register(named, { id: 'AlertStatistics' });
export type AlertStatisticsView = z.output<typeof alertStatistics>;

export const statisticsQuery = z.object({
  by: countedBy.default('rule'),
  from: timeIn.optional().describe('when alerts were found; default: thirty days before to'),
  to: timeIn.optional().describe('exclusive; default: now'),
});

/** More says little about how it is now. */
export const LONGEST_STATISTICS_MS = 400 * 86_400_000;

export const statisticsOperations = {
  alerts: {
    method: 'get',
    path: '/statistics/alerts',
    summary:
      'How alerts went: how often, how long people took, what share led to nothing; the worst ten, and proposals',
    permission: 'alert.handle',
    query: statisticsQuery,
    answers: { 200: alertStatistics },
  },
} as const satisfies Operations;
