import { z } from 'zod';
import { checkDigit } from '../../codecs/epc/index.ts';
import { PLACE_ID } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { line, listOf, named, pageQuery } from './schema.ts';

export const placeId = z.string().regex(PLACE_ID, 'expected site:, room: or vehicle: and a name');

export const zone = z
  .string()
  .refine(isZone, 'expected an IANA time zone such as Europe/Paris')
  .describe('IANA time zone, e.g. Europe/Paris');

export const position = z
  .object({ latitude: z.number().min(-90).max(90), longitude: z.number().min(-180).max(180) })
  .describe('degrees, WGS 84');
export type Position = z.output<typeof position>;

export const place = z
  .object({
    id: z.string(),
    kind: z.enum(['site', 'room', 'vehicle']),
    name: z.string(),
    parent: z.string().nullable(),
    zone: z.string(),
    gln: z.string().optional().describe('Global Location Number, 13 digits'),
    commentRequired: z.boolean().optional().describe('alerts here are acknowledged with a comment'),
    position: position.optional(),
  })
  .register(named, { id: 'Place' });
export type PlaceView = z.output<typeof place>;

export const placeList = listOf(place).register(named, { id: 'PlaceList' });

export const gln = z.string().refine(isGln, 'expected a GLN: 13 digits with their check digit');

/** The body of `PUT /places/{id}`; the kind is in the id, the name is the id's unless it has another. */
export const placeInput = z.strictObject({
  name: line(200).min(1).optional(),
  parent: placeId.nullable().default(null),
  zone: zone.optional().describe('IANA time zone, e.g. Europe/Paris; default: that of the parent'),
  kind: z.enum(['site', 'room', 'vehicle']).optional(),
  gln: gln.optional().describe('Global Location Number: what partners call it in EPCIS events'),
  commentRequired: z
    .boolean()
    .optional()
    .describe('alerts here, and in what stands in it, are acknowledged with a comment; default: need not be'),
  position: position.optional().describe('where it is, for the map: degrees, WGS 84'),
});

/** A place as other things point to it; `name` is the id where the place is not registered. */
export const placeRef = z.object({ id: z.string(), name: z.string(), zone: z.string().nullable() });
export type PlaceRef = z.output<typeof placeRef>;

function isGln(given: string): boolean {
  return /^\d{13}$/.test(given) && String(checkDigit(given.slice(0, 12))) === given.slice(12);
}

function isZone(given: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: given });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

export const placeOperations = {
  list: {
    method: 'get',
    path: '/places',
    summary: 'Places',
    permission: 'records.read',
    bySite: true,
    query: pageQuery,
    answers: { 200: placeList },
  },
  put: {
    method: 'put',
    path: '/places/:id',
    summary: 'Create or change a place',
    permission: 'place.register',
    body: placeInput,
    answers: { 200: place, 202: null },
  },
} as const satisfies Operations;
