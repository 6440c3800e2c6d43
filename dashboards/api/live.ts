import { z } from 'zod';
import { alert } from './alert.ts';
import { pass } from './portal.ts';
import { line } from './schema.ts';
import { timeOut } from './time.ts';

/** Socket.IO, same port. */
export const LIVE_NAMESPACE = '/live';

/** `alerts`, `fleet`, `shipment:{id}`, `device:{id}`, `portal:{id}`. */
export const room = line(210).regex(/^(alerts|fleet|(shipment|device|portal):.{1,200})$/, 'no such room');
export const subscription = z.object({ room });

/** One device's newest values since the last one sent, at most 4 a second a room. */
export const liveReading = z.object({
  device: z.string(),
  metric: z.string(),
  time: timeOut,
  value: z.number().describe('as it is judged; what is not judged as fact is not sent'),
  received: z.number().optional().describe('as the device sent it; absent: the same'),
});
export type LiveReading = z.output<typeof liveReading>;

export const liveEvents = {
  alert: z.object({ alert, isNew: z.boolean() }),
  readings: z.object({ room: z.string(), readings: z.array(liveReading) }),
  shipment: z.object({ id: z.string() }),
  pass: z.object({ pass }),
  device: z.object({ id: z.string() }),
  /** Something was missed: ask for everything on screen again. */
  reload: z.object({ reason: z.string() }),
} as const;

export type LiveEvents = { readonly [Name in keyof typeof liveEvents]: z.output<(typeof liveEvents)[Name]> };
