import { createHash } from 'node:crypto';
import { Router } from 'express';
import { DefectError, metricByName } from '../../../domain/index.ts';
import type { FoundOriginal } from '../../../storage/index.ts';
import { formatTime, type OriginalView, originalQuery, readingOriginalQuery } from '../../api/index.ts';
import { allow } from '../identity.ts';
import { parsed } from '../problems.ts';
import type { Services } from '../services.ts';

/** A message is some hundred bytes, an EPCIS document megabytes. */
const MOST = 100;

/** Messages as they were received: what a reading, a shipment or an event was made of. */
export function originalRoutes({ accounts, originals }: Services): Router {
  const router = Router();

  router.get('/readings/original', allow(accounts, 'originals.read'), async (request, response) => {
    const { device, metric, time } = parsed(readingOriginalQuery, request.query, 'QUERY_INVALID');
    const code = metricByName(metric)?.code;
    if (code === undefined) throw new DefectError('METRIC_UNKNOWN', `metric ${metric} passed its schema`);
    const items: (OriginalView & { value: number })[] = [];
    for await (const { value, original } of originals.ofReading(device, code, time)) {
      if (items.push({ ...viewOf(original), value }) === MOST) break;
    }
    response.json({ items });
  });

  router.get('/originals', allow(accounts, 'originals.read'), async (request, response) => {
    const { subject, from = 0, to = Number.MAX_SAFE_INTEGER } = parsed(originalQuery, request.query, 'QUERY_INVALID');
    const items: OriginalView[] = [];
    for await (const original of originals.of(subject, from, to)) {
      if (items.push(viewOf(original)) === MOST) break;
    }
    response.json({ items, nextCursor: null });
  });

  return router;
}

function viewOf({ arrival, source, door, payload, segment, position }: FoundOriginal): OriginalView {
  return {
    ...{ arrival: formatTime(arrival), source, door, segment, position },
    payload: Buffer.from(payload).toString('base64'),
    sha256: createHash('sha256').update(payload).digest('hex'),
  };
}
