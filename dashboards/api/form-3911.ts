import { z } from 'zod';
import type { Operations } from './operation.ts';
import { zone } from './place.ts';
import { named } from './schema.ts';

/** What goes into Form FDA 3911 (Drug Notification), as far as it is known. */
export const form3911View = z
  .object({
    case: z.string(),
    form: z.literal('FDA 3911'),
    edition: z.string().describe('whose numbers the items have'),
    items: z.array(
      z.object({
        item: z.number().int(),
        name: z.string(),
        value: z.string().nullable().describe('dates as mm/dd/yyyy; null: a person fills it in'),
        hint: z.string().nullable().describe('what is asked there'),
      }),
    ),
    toFillIn: z.number().int().describe('items without a value'),
    serials: z.array(
      z.object({
        epc: z.string(),
        gtin: z.string().nullable(),
        serial: z.string().nullable(),
        lot: z.string().nullable(),
        expiry: z.string().nullable(),
      }),
    ),
  })
  .register(named, { id: 'Form3911' });

const query = z.object({ zone: zone.default('UTC').describe('IANA time zone of its dates') });

export const form3911Operations = {
  get: {
    method: 'get',
    path: '/cases/:id/form-3911',
    summary: 'What goes into Form FDA 3911 for a case of suspect product; what is not known is for a person to fill in',
    permission: 'records.read',
    bySite: true,
    query,
    answers: { 200: form3911View },
  },
  pdf: {
    method: 'get',
    path: '/cases/:id/form-3911.pdf',
    summary: 'The same on paper, with blanks to fill in; it is no form that FDA takes, but what one is filled in from',
    permission: 'records.read',
    bySite: true,
    query,
    alsoGives: ['application/pdf'],
    answers: { 200: null },
  },
} as const satisfies Operations;
