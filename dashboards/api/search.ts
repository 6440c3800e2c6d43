import { z } from 'zod';
import type { Operations } from './operation.ts';
import { listOf, named, scanned } from './schema.ts';

/** What can be found, in the order in which it is shown. */
export const FOUND_KINDS = [
  ...(['shipment', 'unit', 'serial', 'lot', 'product', 'device', 'portal', 'place', 'alert'] as const),
] as const;

export const found = z
  .object({
    kind: z.enum(FOUND_KINDS),
    id: z.string().describe('as its own resource takes it; of a lot, the lot'),
    name: z.string().describe('as people read it'),
    about: z.string().nullable().describe('one line that tells it from others of its kind'),
    gtin: z.string().nullable().describe('of a lot and a serial: of which product'),
  })
  .register(named, { id: 'Found' });
export type FoundView = z.output<typeof found>;

export const foundList = listOf(found).register(named, { id: 'FoundList' });

export const searchQuery = z.object({
  q: scanned(400).trim().min(1).describe('any name, code or scan, or the beginning of one, in any case'),
});

export const searchOperations = {
  find: {
    method: 'get',
    path: '/search',
    summary: 'What has a name, by kind: shipments, units, serials, lots, products, devices, portals, places, alerts',
    permission: 'records.read',
    bySite: true,
    query: searchQuery,
    answers: { 200: foundList },
  },
} as const satisfies Operations;
