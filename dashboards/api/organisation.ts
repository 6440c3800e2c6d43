import { z } from 'zod';
import type { Operations } from './operation.ts';
import { gln, zone } from './place.ts';
import { line, named } from './schema.ts';

/** Whose installation this is; null = nobody has said yet. */
export const organisation = z
  .object({
    name: z.string().nullable(),
    gln: z.string().nullable(),
    address: z.string().optional(),
    zone: z.string().nullable(),
  })
  .register(named, { id: 'Organisation' });
export type OrganisationView = z.output<typeof organisation>;

/** The body of `PUT /organisation`. */
export const organisationInput = z.strictObject({
  name: line(200).trim().min(1, 'expected a name'),
  gln: gln.nullable().default(null).describe('Global Location Number, 13 digits'),
  address: line(400)
    .trim()
    .min(1)
    .nullable()
    .optional()
    .describe('Business address, as transaction records say it; absent: the one there is'),
  zone: zone.describe('IANA time zone that new sites are offered'),
});

export const organisationOperations = {
  get: {
    method: 'get',
    path: '/organisation',
    summary: 'Whose installation this is',
    permission: 'records.read',
    answers: { 200: organisation },
  },
  put: {
    method: 'put',
    path: '/organisation',
    summary: 'Say whose installation this is',
    permission: 'installation.manage',
    body: organisationInput,
    answers: { 200: organisation },
  },
} as const satisfies Operations;
