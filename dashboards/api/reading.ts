import { z } from 'zod';
import { METRIC_NAMES } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { LIMIT_MOST, line, listOf, named } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

export const RESOLUTIONS = ['raw', '1m', '1h', '1d', 'auto'] as const;

/** Raw readings page in thousands: a chart asks for a stretch, not for a screen of rows. */
export const READINGS_LIMIT_MOST = 10_000;

export const readingsQuery = z.object({
  device: line(128).min(1),
  metric: z.enum(METRIC_NAMES).default('temperature'),
  from: timeIn.optional(),
  to: timeIn.optional(),
  resolution: z.enum(RESOLUTIONS).default('raw'),
  limit: z.coerce.number().int().min(1).max(READINGS_LIMIT_MOST).default(LIMIT_MOST),
  cursor: z.string().max(1_000).optional(),
});

export const reading = z.object({ time: timeOut, value: z.number() });
export const readingList = listOf(reading).register(named, { id: 'ReadingList' });

export const bucket = z.object({
  time: timeOut.describe('where the bucket begins'),
  n: z.number().int(),
  min: z.number(),
  mean: z.number(),
  max: z.number(),
});
export type Bucket = z.output<typeof bucket>;
/** `raw` where `resolution=auto` found so few readings that each is a bucket of its own, at its own time. */
export const bucketList = listOf(bucket)
  .extend({ resolution: z.enum(['raw', '1m', '1h', '1d']) })
  .register(named, { id: 'BucketList' });

/** Readings for `resolution=raw`, buckets for every other. */
export const readingsAnswer = z.union([readingList, bucketList]);
export type ReadingsAnswer = z.output<typeof readingsAnswer>;

export const readingOperations = {
  list: {
    method: 'get',
    path: '/readings',
    summary: "A device's readings, raw or in buckets",
    permission: 'records.read',
    query: readingsQuery,
    answers: { 200: readingsAnswer },
  },
} as const satisfies Operations;
