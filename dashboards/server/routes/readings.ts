import { Router } from 'express';
import { DefectError, InputError, metricByName } from '../../../domain/index.ts';
import type { Resolution } from '../../../storage/index.ts';
import { formatTime, type ReadingsAnswer, readingsQuery } from '../../api/index.ts';
import { allow } from '../identity.ts';
import { parsed } from '../problems.ts';
import type { Services } from '../services.ts';

const DAY_MS = 86_400_000;
/** How far ahead of its arrival a reading is still taken (docs/mqtt.md, TIME_AHEAD). */
const AHEAD_MS = 600_000;

/** A device's readings as a chart or an export wants them. */
export function readingRoutes({ accounts, readings, time }: Services): Router {
  const router = Router();

  router.get('/readings', allow(accounts, 'records.read'), async (request, response) => {
    const asked = parsed(readingsQuery, request.query, 'QUERY_INVALID');
    const metric = metricByName(asked.metric)?.code;
    if (metric === undefined) throw new DefectError('METRIC_UNKNOWN', `metric ${asked.metric} passed its schema`);
    const now = time.now();
    // A sender's clock may be ahead, and what was accepted is shown.
    const to = asked.to ?? now + AHEAD_MS + 1;
    const from = asked.from ?? Math.min(to, now) - DAY_MS;
    if (from > to)
      throw new InputError('QUERY_INVALID', 'from: later than to', {
        errors: [{ path: 'from', message: 'later than to' }],
      });
    const { device, limit, cursor } = asked;
    const key = { device, metric, from, to, limit, ...(cursor === undefined ? {} : { cursor }) };

    const raw = async (): Promise<ReadingsAnswer> => {
      const page = await readings.page(key);
      return {
        items: page.items.map(({ time: at, value }) => ({ time: formatTime(at), value })),
        nextCursor: page.nextCursor,
      };
    };
    const buckets = async (resolution: Resolution): Promise<ReadingsAnswer> => {
      const page = await readings.buckets(key, resolution);
      const items = page.items.map((bucket) => ({ ...bucket, time: formatTime(bucket.time) }));
      return { items, resolution, nextCursor: page.nextCursor };
    };

    const automatic = async (): Promise<ReadingsAnswer> => {
      const { items, resolution, nextCursor } = await readings.fitting(key);
      return { items: items.map((bucket) => ({ ...bucket, time: formatTime(bucket.time) })), resolution, nextCursor };
    };

    if (asked.resolution === 'raw') response.json(await raw());
    else if (asked.resolution !== 'auto') response.json(await buckets(asked.resolution));
    else response.json(await automatic());
  });

  return router;
}
