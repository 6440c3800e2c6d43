import { z } from 'zod';
import { PLACE_ID } from '../../domain/index.ts';
import { listOf, named } from './schema.ts';

export const placeId = z.string().regex(PLACE_ID, 'expected site:, room: or vehicle: and a name');

const zone = z
  .string()
  .refine(isZone, 'expected an IANA time zone such as Europe/Paris')
  .describe('IANA time zone, e.g. Europe/Paris');

export const place = z
  .object({
    id: z.string(),
    kind: z.enum(['site', 'room', 'vehicle']),
    name: z.string(),
    parent: z.string().nullable(),
    zone: z.string(),
  })
  .register(named, { id: 'Place' });
export type PlaceView = z.output<typeof place>;

export const placeList = listOf(place).register(named, { id: 'PlaceList' });

/** The body of `PUT /places/{id}`; the kind is in the id, the name is the id's unless it has another. */
export const placeInput = z.strictObject({
  name: z.string().min(1).max(200).optional(),
  parent: placeId.nullable().default(null),
  zone: zone.optional().describe('IANA time zone, e.g. Europe/Paris; default: that of the parent'),
  kind: z.enum(['site', 'room', 'vehicle']).optional(),
});

/** A place as other things point to it; `name` is the id where the place is not registered. */
export const placeRef = z.object({ id: z.string(), name: z.string(), zone: z.string().nullable() });
export type PlaceRef = z.output<typeof placeRef>;

function isZone(given: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: given });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
