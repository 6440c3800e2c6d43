import { z } from 'zod';
import { placeRef } from './place.ts';
import { named } from './schema.ts';
import { timeOut } from './time.ts';

/** When a shipment under way arrives, by the journeys of its own lane. */
export const eta = z
  .object({
    at: timeOut
      .nullable()
      .describe('the middle of past journeys that took longer than this one already does; null: below 20 of them'),
    from: timeOut.nullable().describe('with `to`: eight in ten of them arrived between'),
    to: timeOut.nullable(),
    journeys: z.number().int().describe('past journeys it rests on, at most the 200 latest of a year'),
    arrivedByNow: z.number().int().describe('of these had arrived after as long as this one is under way'),
    lateShare: z
      .number()
      .nullable()
      .describe('share of them, 0 to 1, that would come after `arrives`; null where `at` or `arrives` is'),
    delayMinutes: z.number().int().nullable().describe('`at` after `arrives`; negative: before it'),
    since: z
      .object({
        place: placeRef,
        direction: z.enum(['in', 'out']),
        at: timeOut,
        isSeen: z.boolean().describe('false: nobody saw it leave, it is reckoned from when it was to'),
      })
      .describe('the door it is reckoned from'),
  })
  .register(named, { id: 'Eta' });
export type EtaView = z.output<typeof eta>;

/** How long a shipment stood at a site, from its first to its last door there. */
export const stop = z
  .object({
    place: placeRef,
    from: timeOut.nullable().describe('null: it began there, or nobody saw it come'),
    to: timeOut.nullable().describe('null: it stands there, or nobody saw it go'),
    minutes: z.number().int().nullable().describe('between; null where one of them is'),
    usual: z
      .object({
        journeys: z.number().int(),
        minutes: z.object({ p10: z.number().int(), median: z.number().int(), p90: z.number().int() }).nullable(),
      })
      .nullable()
      .describe('how long past journeys of its lane stood there; minutes null: fewer than 20; null: none did'),
  })
  .register(named, { id: 'Stop' });
export type StopView = z.output<typeof stop>;
