import { DefectError, InputError, metricByName } from '../../../domain/index.ts';
import { formatTime, readingOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

const DAY_MS = 86_400_000;
/** How far ahead of its arrival a reading is still taken (docs/mqtt.md, TIME_AHEAD). */
const AHEAD_MS = 600_000;

/** A device's readings as a chart or an export wants them. */
export function readingRoutes({ readings, time }: Services) {
  return [
    mount(readingOperations.list, async ({ query: asked }) => {
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
      if (asked.resolution === 'raw') {
        const { items, nextCursor } = await readings.page(key);
        return ok({ items: items.map(({ time: at, value }) => ({ time: formatTime(at), value })), nextCursor });
      }
      const { items, resolution, nextCursor } =
        asked.resolution === 'auto'
          ? await readings.fitting(key)
          : { ...(await readings.buckets(key, asked.resolution)), resolution: asked.resolution };
      return ok({
        items: items.map((bucket) => ({ ...bucket, time: formatTime(bucket.time) })),
        ...{ resolution, nextCursor },
      });
    }),
  ];
}
