import { DefectError, InputError, metricByName } from '../../../domain/index.ts';
import { formatTime, readingOperations, type SetAsideInput } from '../../api/index.ts';
import { acceptedWith, created, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Received } from '../received.ts';
import type { Services } from '../services.ts';

const DAY_MS = 86_400_000;
/** How far ahead of its arrival a reading is still taken (docs/mqtt.md, TIME_AHEAD). */
const AHEAD_MS = 600_000;

/** A device's readings as a chart or an export wants them. */
export function readingRoutes({ factCommands, live, qualities, readings, time }: Services) {
  const decide = async (
    { device, metric, time: one, reason, ...given }: SetAsideInput,
    isSetAside: boolean,
    by: string,
    received: Received | null,
  ) => {
    const from = given.from ?? one ?? 0;
    // One reading is the millisecond it was taken in.
    const to = given.to ?? (one === undefined ? null : one + 1);
    const setAside = { device, metric, from, to, isSetAside, reason, at: time.now() };
    const isApplied = await factCommands.record([{ type: 'setAside', setAside, by }], received);
    live.deviceChanged(device);
    const times = { from: formatTime(from), to: formatTime(to), at: formatTime(setAside.at) };
    const view = { ...setAside, ...times, by };
    return isApplied ? created(view) : acceptedWith(view);
  };
  return [
    mount(readingOperations.setAside, ({ body, identity, received }) => decide(body, true, identity.name, received)),

    mount(readingOperations.restore, ({ body, identity, received }) => decide(body, false, identity.name, received)),

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
        return ok({ items: await qualities.views(device, metric, items), nextCursor });
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
