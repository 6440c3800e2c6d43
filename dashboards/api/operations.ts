import { z } from 'zod';
import type { Permission } from '../../domain/index.ts';
import {
  affectedSerialList,
  alertAssignment,
  alertComment,
  alertDetail,
  alertList,
  alertNote,
  alertQuery,
  alertReason,
  alertSnooze,
} from './alert.ts';
import { auditList, auditQuery } from './audit.ts';
import { device, deviceInput, deviceList } from './device.ts';
import { deletionList, hold, holdInput, holdList, holdQuery } from './hold.ts';
import { originalList, originalQuery, readingOriginalQuery, readingOriginals } from './original.ts';
import { place, placeInput, placeList } from './place.ts';
import { passDetail, passList, passQuery, portal, portalInput, portalList } from './portal.ts';
import { product, productInput, productList } from './product.ts';
import { quarantineList, quarantineQuery } from './quarantine.ts';
import { readingsAnswer, readingsQuery } from './reading.ts';
import { recall, recallQuery, verification, verificationInput, verificationList } from './recall.ts';
import { countInput, reconciliation, settlementInput } from './reconciliation.ts';
import {
  backtestInput,
  backtestLine,
  backtestResult,
  rule,
  ruleChange,
  ruleChangeQuery,
  ruleInput,
  ruleList,
} from './rule.ts';
import { pageQuery } from './schema.ts';
import { serial } from './serial.ts';
import { session, signIn, signInOptions } from './session.ts';
import { shipmentAccepted, shipmentCreated, shipmentDetail, shipmentList, shipmentQuery } from './shipment.ts';
import { timeIn } from './time.ts';

export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** As Express writes it: `/alerts/:id`, under `base`. */
  readonly path: string;
  /** Default /api/v1. */
  readonly base?: string;
  readonly summary: string;
  /** What one must be allowed (domain/permission.ts); `anyone` needs no session, `signed in` no more than that. */
  readonly permission: Permission | 'signed in' | 'anyone';
  readonly query?: z.ZodType | undefined;
  readonly body?: z.ZodType;
  /** Media types besides JSON that the body may have, and the answer. */
  readonly alsoTakes?: readonly string[];
  readonly alsoGives?: readonly string[];
  readonly answers: Readonly<Record<number, z.ZodType | null>>;
  /** Each line of the answer to who accepts `application/x-ndjson`. */
  readonly lines?: z.ZodType;
}

/** `POST /shipments` in outline; the trace room checks it in full and names the field that is wrong. */
const asn = z.object({
  id: z.string(),
  profile: z.string(),
  origin: z.string(),
  destination: z.string(),
  departs: timeIn,
  arrives: timeIn,
  lane: z.string().optional(),
  units: z.array(
    z.object({
      sscc: z.string(),
      devices: z.array(z.string()),
      children: z.array(
        z.union([
          z.string(),
          z.object({
            epc: z.string(),
            budgetUsed: z.string().optional(),
            lot: z.string().optional(),
            expiry: z.string().optional(),
          }),
        ]),
      ),
      from: timeIn,
    }),
  ),
  products: z.array(
    z.object({
      gtin: z.string(),
      name: z.string(),
      lot: z.string().nullable().optional(),
      expiry: z.string().nullable().optional(),
      stability: z.object({ budget: z.string().optional(), mktWindow: z.string().optional() }).optional(),
    }),
  ),
});

export const OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/sign-in',
    summary: 'What the sign-in page may know',
    permission: 'anyone',
    answers: { 200: signInOptions },
  },
  {
    method: 'post',
    path: '/session',
    summary: 'Sign in',
    permission: 'anyone',
    body: signIn,
    answers: { 200: session },
  },
  { method: 'get', path: '/session', summary: 'Who is signed in', permission: 'signed in', answers: { 200: session } },
  { method: 'delete', path: '/session', summary: 'Sign out', permission: 'signed in', answers: { 204: null } },

  {
    method: 'get',
    path: '/shipments',
    summary: 'Shipments, the open ones first',
    permission: 'records.read',
    query: shipmentQuery,
    answers: { 200: shipmentList },
  },
  {
    method: 'post',
    path: '/shipments',
    summary: 'Create a shipment (ASN), or replace its notice',
    permission: 'shipment.announce',
    body: asn,
    alsoTakes: ['text/csv'],
    answers: { 201: shipmentCreated, 202: shipmentAccepted },
  },
  {
    method: 'get',
    path: '/shipments/:id',
    summary: 'A shipment',
    permission: 'records.read',
    answers: { 200: shipmentDetail },
  },
  {
    method: 'post',
    path: '/shipments/:id/close',
    summary: 'Declare a shipment done: nothing is expected of it any more',
    permission: 'shipment.close',
    answers: { 200: shipmentDetail, 202: null },
  },
  {
    method: 'get',
    path: '/shipments/:id/reconciliation',
    summary: 'What differs between a shipment and what was seen of it, in the terms of GS1 US for DSCSA',
    permission: 'records.read',
    answers: { 200: reconciliation },
  },
  {
    method: 'post',
    path: '/shipments/:id/reconciliation/settle',
    summary: 'Settle differences, with a reason',
    permission: 'difference.settle',
    body: settlementInput,
    answers: { 200: reconciliation, 202: null },
  },
  {
    method: 'post',
    path: '/shipments/:id/counts',
    summary: 'Say what was found in a unit when it was opened',
    permission: 'unit.count',
    body: countInput,
    answers: { 200: reconciliation, 202: null },
  },
  {
    method: 'get',
    path: '/passes/:id/reconciliation',
    summary: 'What differs in a pass, what came without data among it',
    permission: 'records.read',
    answers: { 200: reconciliation },
  },
  {
    method: 'post',
    path: '/passes/:id/reconciliation/settle',
    summary: 'Settle differences of a pass, with a reason',
    permission: 'difference.settle',
    body: settlementInput,
    answers: { 200: reconciliation, 202: null },
  },

  {
    method: 'get',
    path: '/products',
    summary: 'Products',
    permission: 'records.read',
    query: pageQuery,
    answers: { 200: productList },
  },
  {
    method: 'get',
    path: '/products/:gtin',
    summary: 'A product with its lots',
    permission: 'records.read',
    answers: { 200: product },
  },
  {
    method: 'put',
    path: '/products/:gtin',
    summary: 'Register or change a product',
    permission: 'product.register',
    body: productInput,
    answers: { 200: product, 202: null },
  },

  {
    method: 'get',
    path: '/serials/:epc',
    summary: 'A serial: what it is, where it was, in what air',
    permission: 'records.read',
    answers: { 200: serial },
  },

  {
    method: 'get',
    path: '/recall',
    summary: 'Where the serials of a lot, GTIN or shipment are now, in which unit, who has them',
    permission: 'records.read',
    query: recallQuery,
    alsoGives: ['text/csv', 'application/ld+json'],
    answers: { 200: recall },
  },
  {
    method: 'get',
    path: '/recall.csv',
    summary: 'The same as a file: every serial, RFC 4180',
    permission: 'records.read',
    query: recallQuery,
    answers: { 200: null },
  },
  {
    method: 'get',
    path: '/recall.jsonld',
    summary: 'The same as an EPCIS 2.0 document',
    permission: 'records.read',
    query: recallQuery,
    answers: { 200: null },
  },
  {
    method: 'post',
    path: '/verifications',
    summary: 'Whether a pack is one that is known, and may move on; the request is kept',
    permission: 'pack.verify',
    body: verificationInput,
    answers: { 200: verification },
  },
  {
    method: 'get',
    path: '/verifications',
    summary: 'Verification requests with their answers, latest first',
    permission: 'verifications.read',
    query: pageQuery,
    answers: { 200: verificationList },
  },

  {
    method: 'get',
    path: '/devices',
    summary: 'Devices',
    permission: 'records.read',
    query: pageQuery,
    answers: { 200: deviceList },
  },
  {
    method: 'post',
    path: '/devices',
    summary: 'Register or change a device',
    permission: 'device.register',
    body: deviceInput,
    answers: { 201: device, 202: null },
  },
  { method: 'get', path: '/devices/:id', summary: 'A device', permission: 'records.read', answers: { 200: device } },
  {
    method: 'get',
    path: '/readings',
    summary: "A device's readings, raw or in buckets",
    permission: 'records.read',
    query: readingsQuery,
    answers: { 200: readingsAnswer },
  },
  {
    method: 'get',
    path: '/readings/original',
    summary: 'The messages, as received, that brought a reading; the first is the one it was stored from',
    permission: 'originals.read',
    query: readingOriginalQuery,
    answers: { 200: readingOriginals },
  },
  {
    method: 'get',
    path: '/holds',
    summary: 'Holds on shipments and devices, latest first; releasedAt is null while one stands',
    permission: 'records.read',
    query: holdQuery,
    answers: { 200: holdList },
  },
  {
    method: 'put',
    path: '/holds/:subject',
    summary: 'Hold shipment:ID or device:ID: nothing of it is deleted until the hold is released',
    permission: 'hold.change',
    body: holdInput,
    answers: { 201: hold },
  },
  {
    method: 'post',
    path: '/holds/:subject/release',
    summary: 'Release the hold that stands',
    permission: 'hold.change',
    body: holdInput,
    answers: { 200: hold },
  },
  {
    method: 'get',
    path: '/deletions',
    summary: 'What was deleted, why and when, latest first',
    permission: 'records.read',
    query: pageQuery,
    answers: { 200: deletionList },
  },
  {
    method: 'get',
    path: '/originals',
    summary: 'Messages, as received, that speak of a device, reader, shipment, capture, portal or rule; at most 100',
    permission: 'originals.read',
    query: originalQuery,
    answers: { 200: originalList },
  },

  {
    method: 'get',
    path: '/places',
    summary: 'Places',
    permission: 'records.read',
    query: pageQuery,
    answers: { 200: placeList },
  },
  {
    method: 'put',
    path: '/places/:id',
    summary: 'Create or change a place',
    permission: 'place.register',
    body: placeInput,
    answers: { 200: place, 202: null },
  },
  {
    method: 'get',
    path: '/portals',
    summary: 'Portals with their last pass',
    permission: 'records.read',
    query: pageQuery,
    answers: { 200: portalList },
  },
  {
    method: 'get',
    path: '/portals/:id',
    summary: 'A portal with its last pass and where reads may be missing',
    permission: 'records.read',
    answers: { 200: portal },
  },
  {
    method: 'put',
    path: '/portals/:id',
    summary: 'Create or change a portal',
    permission: 'place.register',
    body: portalInput,
    answers: { 200: portal, 202: null },
  },
  {
    method: 'get',
    path: '/portals/:id/passes',
    summary: 'Passes through a portal, newest first',
    permission: 'records.read',
    query: passQuery,
    answers: { 200: passList },
  },
  {
    method: 'get',
    path: '/passes/:id',
    summary: 'A pass: expected, seen, missing, unexpected',
    permission: 'records.read',
    answers: { 200: passDetail },
  },

  {
    method: 'get',
    path: '/rules',
    summary: 'Rules with their versions',
    permission: 'records.read',
    query: pageQuery,
    answers: { 200: ruleList },
  },
  { method: 'get', path: '/rules/:id', summary: 'A rule', permission: 'records.read', answers: { 200: rule } },
  {
    method: 'put',
    path: '/rules/:id',
    summary: 'Make a new version of a rule, or say what it would do',
    permission: 'rules.change',
    query: ruleChangeQuery,
    body: ruleInput,
    answers: { 200: ruleChange, 202: null },
  },
  {
    method: 'delete',
    path: '/rules/:id',
    summary: 'Remove a rule from now on, or say what that would do',
    permission: 'rules.change',
    query: ruleChangeQuery,
    answers: { 200: ruleChange, 202: null },
  },
  {
    method: 'post',
    path: '/rules/backtest',
    summary: 'What rules find in stored history, compared with those in force; streamed with its progress, or at once',
    permission: 'rules.change',
    body: backtestInput,
    answers: { 200: backtestResult },
    lines: backtestLine,
  },
  {
    method: 'get',
    path: '/audit',
    summary: 'Who decided what, latest first',
    permission: 'audit.read',
    query: auditQuery,
    answers: { 200: auditList },
  },
  {
    method: 'get',
    path: '/quarantine',
    summary: 'What was refused on its way in, newest first',
    permission: 'quarantine.read',
    query: quarantineQuery,
    answers: { 200: quarantineList },
  },

  {
    method: 'get',
    path: '/alerts',
    summary: 'Alerts, newest first',
    permission: 'records.read',
    query: alertQuery,
    answers: { 200: alertList },
  },
  {
    method: 'get',
    path: '/alerts/:id',
    summary: 'An alert with its evidence',
    permission: 'records.read',
    answers: { 200: alertDetail },
  },
  {
    method: 'get',
    path: '/alerts/:id/serials',
    summary: 'Every affected serial with its own interval',
    permission: 'records.read',
    query: pageQuery,
    answers: { 200: affectedSerialList },
  },
  {
    method: 'post',
    path: '/alerts/:id/acknowledge',
    summary: 'Say that someone is on it',
    permission: 'alert.handle',
    body: alertNote,
    answers: { 200: alertDetail },
  },
  {
    method: 'post',
    path: '/alerts/:id/comment',
    summary: 'Add a comment',
    permission: 'alert.comment',
    body: alertComment,
    answers: { 200: alertDetail },
  },
  {
    method: 'post',
    path: '/alerts/:id/assign',
    summary: 'Say who looks after it',
    permission: 'alert.handle',
    body: alertAssignment,
    answers: { 200: alertDetail },
  },
  {
    method: 'post',
    path: '/alerts/:id/snooze',
    summary: 'Leave it for a while',
    permission: 'alert.handle',
    body: alertSnooze,
    answers: { 200: alertDetail },
  },
  {
    method: 'post',
    path: '/alerts/:id/resolve',
    summary: 'Close it, with a reason',
    permission: 'alert.handle',
    body: alertReason,
    answers: { 200: alertDetail },
  },
  {
    method: 'post',
    path: '/alerts/:id/reopen',
    summary: 'Open it again after it was resolved, with a reason',
    permission: 'alert.handle',
    body: alertReason,
    answers: { 200: alertDetail },
  },
];
