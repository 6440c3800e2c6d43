import { z } from 'zod';
import type { Operations } from './operation.ts';
import { zone } from './place.ts';
import { timeIn } from './time.ts';

/** How a report is written, and over which time it is calculated. */
export const reportQuery = z.object({
  zone: zone.default('UTC').describe('IANA time zone of its times'),
  unit: z.enum(['C', 'F']).default('C').describe('of its temperatures'),
  language: z.enum(['en']).default('en').describe('of its words'),
  from: timeIn.optional().describe('where the calculation range begins'),
  to: timeIn.optional().describe('where it ends; the same range of the same data gives the same bytes'),
});
export type ReportQuery = z.output<typeof reportQuery>;

export const reportOperations = {
  shipment: {
    method: 'get',
    path: '/shipments/:id/report.pdf',
    summary:
      'A shipment as PDF/A-3b: chart, statistics, alerts, serials, audit trail; default range: leaving to receipt',
    permission: 'records.read',
    bySite: true,
    query: reportQuery,
    alsoGives: ['application/pdf'],
    answers: { 200: null },
  },
  device: {
    method: 'get',
    path: '/devices/:id/report.pdf',
    summary: 'What a device recorded, as PDF/A-3b; default range: the seven days before its last reading',
    permission: 'records.read',
    bySite: true,
    query: reportQuery,
    alsoGives: ['application/pdf'],
    answers: { 200: null },
  },
  case: {
    method: 'get',
    path: '/cases/:id/report.pdf',
    summary:
      'A case as it is now, as PDF/A-3b: proposal, decisions, signatures, evidence; 409 where it is at another revision',
    permission: 'records.read',
    bySite: true,
    query: reportQuery.extend({ revision: z.coerce.number().int().optional() }),
    alsoGives: ['application/pdf'],
    answers: { 200: null },
  },
  serial: {
    method: 'get',
    path: '/serials/:epc/report.pdf',
    summary:
      'A serial as PDF/A-3b: where it was, in what air, what was raised about it; default range: all that is known',
    permission: 'records.read',
    bySite: true,
    query: reportQuery,
    alsoGives: ['application/pdf'],
    answers: { 200: null },
  },
} as const satisfies Operations;
