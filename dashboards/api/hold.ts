import { z } from 'zod';
import type { Operations } from './operation.ts';
import { listOf, named, pageQuery, prose } from './schema.ts';
import { timeOut } from './time.ts';

/** What a hold can stand on: a shipment, or all readings of a device. */
export const holdSubject = z
  .string()
  .max(300)
  .regex(/^(shipment:.+|device:[A-Za-z0-9._:-]{1,128})$/, 'expected shipment:ID or device:ID');

export const holdInput = z.object({ reason: prose(1_000).trim().min(3) });

/** A person's word that nothing of it may be deleted (docs/keeping.md). */
export const hold = z
  .object({
    id: z.number().int(),
    subject: z.string(),
    reason: z.string(),
    setBy: z.string(),
    setAt: timeOut,
    releasedBy: z.string().nullable().describe('null while it stands'),
    releasedAt: timeOut.nullable(),
    releaseReason: z.string().nullable(),
  })
  .register(named, { id: 'Hold' });
export type HoldView = z.output<typeof hold>;
export const holdList = listOf(hold).register(named, { id: 'HoldList' });
export type HoldList = z.output<typeof holdList>;
export const holdQuery = pageQuery.extend({
  subject: holdSubject.optional(),
  standing: z.enum(['true', 'false']).optional().describe('true: only those that are not released'),
});

/** An entry of the log of deletions. */
export const deletion = z
  .object({
    id: z.number().int(),
    at: timeOut,
    what: z.enum(['readings', 'originals', 'files']),
    from: timeOut.describe('event time of readings, arrival of originals and files'),
    to: timeOut,
    setting: z.string().describe('what asked for it'),
    extent: z.enum(['all', 'all but what is kept']),
    deleted: z.number().int().nullable().describe('readings, messages, or files; null where it was cut short'),
    kept: z.number().int().nullable(),
    finishedAt: timeOut.nullable(),
  })
  .register(named, { id: 'Deletion' });
export const deletionList = listOf(deletion).register(named, { id: 'DeletionList' });
export type DeletionList = z.output<typeof deletionList>;

export const holdOperations = {
  list: {
    method: 'get',
    path: '/holds',
    summary: 'Holds on shipments and devices, latest first; releasedAt is null while one stands',
    permission: 'records.read',
    bySite: true,
    query: holdQuery,
    answers: { 200: holdList },
  },
  set: {
    method: 'put',
    path: '/holds/:subject',
    summary: 'Hold shipment:ID or device:ID: nothing of it is deleted until the hold is released',
    permission: 'hold.change',
    bySite: true,
    body: holdInput,
    answers: { 201: hold },
  },
  release: {
    method: 'post',
    path: '/holds/:subject/release',
    summary: 'Release the hold that stands',
    permission: 'hold.change',
    bySite: true,
    body: holdInput,
    answers: { 200: hold },
  },
  deletions: {
    method: 'get',
    path: '/deletions',
    summary: 'What was deleted, why and when, latest first',
    permission: 'records.read',
    query: pageQuery,
    answers: { 200: deletionList },
  },
} as const satisfies Operations;
