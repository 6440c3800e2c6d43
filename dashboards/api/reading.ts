import { z } from 'zod';
import { DEVICE_ID, METRIC_NAMES } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { LIMIT_MOST, line, listOf, named } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

export const RESOLUTIONS = ['raw', '1m', '1h', '1d', 'auto'] as const;

/** Raw readings page in thousands: a chart asks for a stretch, not for a screen of rows. */
export const READINGS_LIMIT_MOST = 10_000;

/** As many as a chart can be wide: the widest screens, and each bucket is two columns at least. */
export const CHART_POINTS_MOST = 4_000;

export const readingsQuery = z.object({
  device: line(128).min(1),
  metric: z.enum(METRIC_NAMES).default('temperature'),
  from: timeIn.optional(),
  to: timeIn.optional(),
  resolution: z.enum(RESOLUTIONS).default('raw'),
  points: z.coerce
    .number()
    .int()
    .min(50)
    .max(CHART_POINTS_MOST)
    .optional()
    .describe(
      'with resolution=auto: about as many buckets as a chart is wide, neighbours joined, in one answer; the least and greatest reading of each stay',
    ),
  values: z
    .enum(['judged', 'received', 'corrected', 'raw'])
    .default('judged')
    .describe(
      'raw or received: as they came; corrected: as they are judged, of raw readings with what came in received; default: of buckets those of good readings as judged, of raw readings both',
    ),
  limit: z.coerce.number().int().min(1).max(READINGS_LIMIT_MOST).default(LIMIT_MOST),
  cursor: z.string().max(1_000).optional(),
});

/** Why a reading is suspect (docs/rules.md, "Quality of a reading"). */
export const SUSPECT_REASONS = ['ERROR_CODE', 'OUT_OF_RANGE', 'IMPLAUSIBLE_STEP', 'SET_ASIDE'] as const;

export const reading = z.object({
  time: timeOut,
  value: z.number().describe('as received; with values=corrected as it is judged'),
  received: z.number().optional().describe('with values=corrected: as it came, where that is another'),
  judged: z.number().optional().describe('the value that rules judge, where it is another: corrected, or saturated'),
  quality: z.literal('suspect').optional().describe('absent: good, judged as fact'),
  reason: z.enum(SUSPECT_REASONS).optional().describe('why it is suspect'),
  calibration: z.literal('overdue').optional().describe('measured when the calibration in force was overdue'),
});
export const readingList = listOf(reading).register(named, { id: 'ReadingList' });

/** The body of `POST /readings/set-aside` and `/readings/restore`: one reading at `time`, or those in [from, to). */
export const setAsideInput = z
  .strictObject({
    device: z.string().regex(DEVICE_ID, 'expected 1 to 128 of A-Z a-z 0-9 . _ : -'),
    metric: z.enum(METRIC_NAMES).default('temperature'),
    time: timeIn.optional().describe('of one reading'),
    from: timeIn.optional(),
    to: timeIn.optional().describe('absent: whatever comes from then on too'),
    reason: z.string().trim().min(1).max(1_000),
  })
  .refine(({ time, from, to }) => (time === undefined) !== (from === undefined && to === undefined), {
    path: ['time'],
    message: 'expected either time, of one reading, or from and to',
  })
  .refine(({ time, from }) => time !== undefined || from !== undefined, { path: ['from'], message: 'expected a time' })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    message: 'expected later than from',
  });
export type SetAsideInput = z.output<typeof setAsideInput>;
export const setAside = z.object({
  device: z.string(),
  metric: z.enum(METRIC_NAMES),
  from: timeOut,
  to: timeOut.nullable(),
  isSetAside: z.boolean(),
  reason: z.string(),
  at: timeOut,
  by: z.string(),
});

export const bucket = z.object({
  time: timeOut.describe('where the bucket begins'),
  n: z.number().int(),
  min: z.number(),
  mean: z.number(),
  max: z.number(),
  calibration: z.literal('overdue').optional().describe('the calibration in force was overdue at its end'),
});
export type Bucket = z.output<typeof bucket>;
/** `raw` where `resolution=auto` found so few readings that each is a bucket of its own, at its own time. */
export const bucketList = listOf(bucket)
  .extend({
    resolution: z.enum(['raw', '1m', '1h', '1d']),
    widthMs: z.number().int().optional().describe('of each bucket, where points joined some'),
  })
  .register(named, { id: 'BucketList' });

/** Readings for `resolution=raw`, buckets for every other. */
// An empty list is told apart by its resolution.
export const readingsAnswer = z.union([bucketList, readingList]);
export type ReadingsAnswer = z.output<typeof readingsAnswer>;

export const readingOperations = {
  list: {
    method: 'get',
    path: '/readings',
    summary: "A device's readings, raw or in buckets",
    permission: 'records.read',
    bySite: true,
    query: readingsQuery,
    answers: { 200: readingsAnswer },
  },
  setAside: {
    method: 'post',
    path: '/readings/set-aside',
    summary: 'Set readings of a key aside: they are kept, and not judged as fact',
    permission: 'readings.correct',
    bySite: true,
    body: setAsideInput,
    answers: { 201: setAside, 202: setAside },
  },
  restore: {
    method: 'post',
    path: '/readings/restore',
    summary: 'Take back that readings were set aside',
    permission: 'readings.correct',
    bySite: true,
    body: setAsideInput,
    answers: { 201: setAside, 202: setAside },
  },
} as const satisfies Operations;
