import { z } from 'zod';
import { REPORT_LANGUAGES } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { zone } from './place.ts';
import { timeIn } from './time.ts';

/** How a report is written, and over which time it is calculated. */
export const reportQuery = z.object({
  zone: zone.default('UTC').describe('IANA time zone of its times'),
  unit: z.enum(['C', 'F']).default('C').describe('of its temperatures'),
  language: z.enum(REPORT_LANGUAGES).default('en').describe('of its words'),
  from: timeIn.optional().describe('where the calculation range begins'),
  to: timeIn.optional().describe('where it ends; the same range of the same data gives the same bytes'),
  progress: z.uuid().optional().describe('made by who asks, to be asked at /reports/progress/{id} how far it is'),
});
export type ReportQuery = z.output<typeof reportQuery>;

export const reportOperations = {
  progress: {
    method: 'get',
    path: '/reports/progress/:id',
    summary: 'How far a report is that is being made: `done` of `of` lines; 0 of 0 while what it tells is gathered',
    permission: 'records.read',
    answers: { 200: z.object({ done: z.number().int(), of: z.number().int() }) },
  },
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
      'A case as PDF/A-3b: proposal, decisions, signatures, evidence; as it is now, or as it was signed at an earlier revision',
    permission: 'records.read',
    bySite: true,
    query: reportQuery.extend({ revision: z.coerce.number().int().optional() }),
    alsoGives: ['application/pdf'],
    answers: { 200: null },
  },
  shipmentCsv: {
    method: 'get',
    path: '/shipments/:id/report.csv',
    summary: 'The serials of a shipment, a line each: what they are, in what, and the alerts on them; RFC 4180, UTC',
    permission: 'records.read',
    bySite: true,
    alsoGives: ['text/csv'],
    answers: { 200: null },
  },
  shipmentEpcis: {
    method: 'get',
    path: '/shipments/:id/report.epcis.json',
    summary: 'The events about a shipment’s serials and units, oldest first, as an EPCIS 2.0 query document',
    permission: 'records.read',
    alsoGives: ['application/ld+json'],
    answers: { 200: null },
  },
  caseCsv: {
    method: 'get',
    path: '/cases/:id/report.csv',
    summary:
      'The serials of a case, a line each: group, what it went through (°C, minutes, UTC), proposal, decision, who signed; RFC 4180',
    permission: 'records.read',
    bySite: true,
    alsoGives: ['text/csv'],
    answers: { 200: null },
  },
  caseEpcis: {
    method: 'get',
    path: '/cases/:id/report.epcis.json',
    summary: 'The events about a case’s serials, its decisions among them, as an EPCIS 2.0 query document',
    permission: 'records.read',
    alsoGives: ['application/ld+json'],
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
