import { createHash } from 'node:crypto';
import { DefectError, metricByName } from '../../../domain/index.ts';
import type { FoundOriginal } from '../../../storage/index.ts';
import { formatTime, type OriginalView, originalOperations } from '../../api/index.ts';
import { ok } from '../answer.ts';
import { mount } from '../mount.ts';
import type { Services } from '../services.ts';

/** A message is some hundred bytes, an EPCIS document megabytes. */
const MOST = 100;

/** Messages as they were received: what a reading, a shipment or an event was made of. */
export function originalRoutes({ at, originals }: Services) {
  return [
    mount(originalOperations.ofReading, async ({ query: { device, metric, time }, seenFrom }) => {
      const code = metricByName(metric)?.code;
      if (code === undefined) throw new DefectError('METRIC_UNKNOWN', `metric ${metric} passed its schema`);
      const items: (OriginalView & { value: number })[] = [];
      const { trace } = at(seenFrom);
      if (!(await trace.seenDevices([device])).has(device)) return ok({ items });
      for await (const { value, original } of originals.ofReading(device, code, time)) {
        // Who speaks for many may speak of what is not seen in the same message.
        if (!(await trace.seenDevices([original.source])).has(original.source)) continue;
        if (items.push({ ...viewOf(original), value }) === MOST) break;
      }
      return ok({ items });
    }),

    mount(originalOperations.list, async ({ query: { subject, from = 0, to = Number.MAX_SAFE_INTEGER } }) => {
      const items: OriginalView[] = [];
      for await (const original of originals.of(subject, from, to)) {
        if (items.push(viewOf(original)) === MOST) break;
      }
      return ok({ items, nextCursor: null });
    }),
  ];
}

function viewOf({ arrival, source, door, payload, segment, position }: FoundOriginal): OriginalView {
  return {
    ...{ arrival: formatTime(arrival), source, door, segment, position },
    payload: Buffer.from(payload).toString('base64'),
    sha256: createHash('sha256').update(payload).digest('hex'),
  };
}
