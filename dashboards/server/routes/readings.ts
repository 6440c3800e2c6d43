import type { z } from 'zod';
import { DefectError, InputError, metricByName, type SeenFrom } from '../../../domain/index.ts';
import { RESOLUTIONS } from '../../../storage/index.ts';
import { formatTime, type reading, readingOperations, type SetAsideInput } from '../../api/index.ts';
import { acceptedWith, created, ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Received } from '../received.ts';
import type { Services } from '../services.ts';

const DAY_MS = 86_400_000;
/** What no device can be called. */
const NO_DEVICE = '';
/** How far ahead of its arrival a reading is still taken (docs/mqtt.md, TIME_AHEAD). */
const AHEAD_MS = 600_000;

/** A device's readings as a chart or an export wants them. */
export function readingRoutes({ at, factCommands, live, qualities, readings, time }: Services) {
  const decide = async (
    { device, metric, time: one, reason, ...given }: SetAsideInput,
    isSetAside: boolean,
    { by, received, seenFrom }: { by: string; received: Received | null; seenFrom: SeenFrom },
  ) => {
    const isSeen = (await at(seenFrom).trace.seenDevices([device])).has(device);
    if (!isSeen) throw new InputError('DEVICE_UNKNOWN', `there is no device ${device}`, { device });
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
    mount(readingOperations.setAside, ({ body, identity, received, seenFrom }) =>
      decide(body, true, { by: identity.name, received, seenFrom }),
    ),

    mount(readingOperations.restore, ({ body, identity, received, seenFrom }) =>
      decide(body, false, { by: identity.name, received, seenFrom }),
    ),

    mount(readingOperations.list, async ({ query: asked, seenFrom }) => {
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
      const { limit, cursor } = asked;
      // Of a device that is not seen there is what there is of one that never was.
      const isSeen = (await at(seenFrom).trace.seenDevices([asked.device])).has(asked.device);
      const device = isSeen ? asked.device : NO_DEVICE;
      const key = { device, metric, from, to, limit, ...(cursor === undefined ? {} : { cursor }) };
      if (asked.resolution === 'raw') {
        const { items, nextCursor } = await readings.page(key);
        const views = await qualities.views(device, metric, items);
        return ok({ items: views.map((view) => withValues(view, asked.values)), nextCursor });
      }
      if (asked.resolution === 'auto' && asked.points !== undefined)
        return ok(await qualities.drawn({ device, metric, from, to }, asked.points, asked.values, readings));
      const { items, resolution, nextCursor } =
        asked.resolution === 'auto'
          ? await readings.fitting(key)
          : { ...(await readings.buckets(key, asked.resolution)), resolution: asked.resolution };
      const width = resolution === 'raw' ? null : RESOLUTIONS[resolution];
      const shown =
        asked.values === 'received' || asked.values === 'raw'
          ? items
          : await qualities.buckets(items, width, { device, metric, from, to });
      return ok({
        items: await qualities.marked(shown, width, { device, metric }),
        ...{ resolution, nextCursor },
      });
    }),
  ];
}

/** One value where one is asked for; both where neither is. */
function withValues(
  { judged, ...view }: z.output<typeof reading>,
  values: 'judged' | 'received' | 'corrected' | 'raw',
): z.output<typeof reading> {
  if (values === 'raw' || values === 'received') return view;
  if (judged === undefined) return view;
  return values === 'corrected' ? { ...view, value: judged, received: view.value } : { ...view, judged };
}
