import { z } from 'zod';
import type { Operations } from './operation.ts';
import { line, named, prose } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 as 64 lower-case hexadecimal digits');

export const passPhoto = z
  .object({ sha256: z.string(), mediaType: z.enum(['image/jpeg', 'image/png']), bytes: z.number().int() })
  .register(named, { id: 'PassPhoto' });
export type PassPhotoView = z.output<typeof passPhoto>;

export const passDamages = z
  .object({
    items: z.array(
      z.object({
        epcs: z.array(z.string()),
        note: z.string().nullable(),
        /** SHA-256 of its photos. */
        photos: z.array(z.string()),
        by: z.string(),
        at: timeOut,
      }),
    ),
  })
  .register(named, { id: 'PassDamages' });
export type PassDamagesView = z.output<typeof passDamages>;

const caseDamages = z
  .object({
    items: z.array(
      z.object({
        pass: z.string().describe('with which it came; its photos are that pass’s'),
        epcs: z.array(z.string()),
        note: z.string().nullable(),
        photos: z.array(z.string()).describe('SHA-256 of its photos'),
        by: z.string(),
        at: timeOut,
      }),
    ),
  })
  .register(named, { id: 'CaseDamages' });
export type CaseDamagesView = z.output<typeof caseDamages>;

/** The body of `POST /passes/{id}/damages`. */
export const damageInput = z.strictObject({
  epcs: z.array(line(400).min(1)).min(1).max(500).describe('Serials and units, as the pass lists them'),
  photos: z.array(sha256).max(8).default([]).describe('Of photos sent before'),
  note: prose(1_000).trim().min(1).optional(),
  decidedAt: timeIn.optional().describe('When the person saw it, where the network was away; default: now'),
  person: line(100).trim().min(1).optional().describe('Who did it, as said at the screen of a door; of a screen alone'),
});

/** What people at a door find damaged, with photos. */
export const damageOperations = {
  photograph: {
    method: 'post',
    path: '/passes/:id/photos',
    summary: 'Send a photo of what went through, JPEG or PNG, as it is; the same once more is the one that is there',
    permission: 'difference.settle',
    bySite: true,
    byDoor: 'pass',
    body: z.strictObject({ file: z.string() }),
    bodyAs: 'bytes',
    bodyLimit: 8 * 1024 * 1024,
    alsoTakes: ['image/jpeg', 'image/png'],
    answers: { 201: passPhoto },
  },
  photo: {
    method: 'get',
    path: '/passes/:id/photos/:sha256',
    summary: 'A photo of what went through',
    permission: 'records.read',
    bySite: true,
    byDoor: 'pass',
    alsoGives: ['image/jpeg', 'image/png'],
    answers: { 200: null },
  },
  report: {
    method: 'post',
    path: '/passes/:id/damages',
    summary: 'Say that something that went through is damaged',
    takesKey: true,
    permission: 'difference.settle',
    bySite: true,
    byDoor: 'pass',
    body: damageInput,
    answers: { 200: passDamages, 202: null },
  },
  ofCase: {
    method: 'get',
    path: '/cases/:id/damages',
    summary: 'What people at doors said to be damaged of the goods of a case, oldest first',
    permission: 'records.read',
    bySite: true,
    answers: { 200: caseDamages },
  },
  list: {
    method: 'get',
    path: '/passes/:id/damages',
    summary: 'What people at the door said to be damaged, oldest first',
    permission: 'records.read',
    bySite: true,
    byDoor: 'pass',
    answers: { 200: passDamages },
  },
} as const satisfies Operations;
