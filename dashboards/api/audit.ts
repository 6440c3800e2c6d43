import { z } from 'zod';
import type { Operations } from './operation.ts';
import { line, listOf, named, pageQuery } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

/** One decision: who did what to which subject, when, why and from where. */
export const auditEntry = z
  .object({
    id: z.string(),
    at: timeOut,
    actor: z.object({
      id: z.string().describe('outlives a rename: user:7, token:3, command:root, platform'),
      name: z.string().describe('as it was shown then'),
      kind: z.enum(['user', 'token', 'credential', 'command', 'platform']),
    }),
    action: z.string().describe('kind.verb, as alert.acknowledge'),
    subject: z.string().describe('kind:id, as shipment:SHP-1'),
    old: z.unknown().describe('before; null where there was nothing'),
    new: z.unknown().describe('after'),
    reason: z.string().nullable(),
    origin: z.object({
      via: z.enum(['http', 'mqtt', 'command', 'platform']),
      address: z.string().nullable().describe('where it came from; (erased) once erased'),
    }),
  })
  .register(named, { id: 'AuditEntry' });
export type AuditEntryView = z.output<typeof auditEntry>;
export const auditList = listOf(auditEntry).register(named, { id: 'AuditList' });

/** Everything must match. `actor` takes an id or the name then shown. */
export const auditQuery = pageQuery.extend({
  subject: line(400).optional(),
  actor: line(200).optional(),
  action: line(100).optional(),
  since: timeIn.optional(),
});

export const auditOperations = {
  list: {
    method: 'get',
    path: '/audit',
    summary: 'Who decided what, latest first',
    permission: 'audit.read',
    query: auditQuery,
    answers: { 200: auditList },
  },
} as const satisfies Operations;
