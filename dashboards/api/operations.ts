import { z } from 'zod';
import {
  affectedSerialList,
  alertAssignment,
  alertComment,
  alertDetail,
  alertList,
  alertNote,
  alertQuery,
  alertSnooze,
} from './alert.ts';
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
import { type Role, session, signIn, signInOptions } from './session.ts';
import { shipmentAccepted, shipmentCreated, shipmentDetail, shipmentList, shipmentQuery } from './shipment.ts';
import { timeIn } from './time.ts';

export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'delete';
  /** As Express writes it: `/alerts/:id`, under `base`. */
  readonly path: string;
  /** Default /api/v1. */
  readonly base?: string;
  readonly summary: string;
  /** Who may; `anyone` needs no session, `signed in` any role. */
  readonly roles: readonly Role[] | 'signed in' | 'anyone';
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

export const REGISTRARS: readonly Role[] = ['admin', 'operations'];
/** Messages as received may hold more than the page shows. */
export const ORIGINAL_READERS: readonly Role[] = ['quality', 'operations', 'admin'];
/** Who may say that nothing of a shipment or device is to be deleted. */
export const HOLDERS: readonly Role[] = ['quality', 'admin'];
/** Who decides what an excursion is. */
export const RULE_MAKERS: readonly Role[] = ['admin', 'quality'];
/** Who finds out at the door, and who decides. */
export const SETTLERS: readonly Role[] = ['dock', 'quality', 'operations', 'logistics', 'admin'];
/** Who may see what others asked. */
export const INSPECTORS: readonly Role[] = ['quality', 'operations', 'admin'];
export const DECIDERS: readonly Role[] = ['quality', 'operations', 'logistics', 'admin'];

export const OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/sign-in',
    summary: 'What the sign-in page may know',
    roles: 'anyone',
    answers: { 200: signInOptions },
  },
  { method: 'post', path: '/session', summary: 'Sign in', roles: 'anyone', body: signIn, answers: { 200: session } },
  { method: 'get', path: '/session', summary: 'Who is signed in', roles: 'signed in', answers: { 200: session } },
  { method: 'delete', path: '/session', summary: 'Sign out', roles: 'signed in', answers: { 204: null } },

  {
    method: 'get',
    path: '/shipments',
    summary: 'Shipments, the open ones first',
    roles: 'signed in',
    query: shipmentQuery,
    answers: { 200: shipmentList },
  },
  {
    method: 'post',
    path: '/shipments',
    summary: 'Create a shipment (ASN), or replace its notice',
    roles: ['logistics', 'admin'],
    body: asn,
    alsoTakes: ['text/csv'],
    answers: { 201: shipmentCreated, 202: shipmentAccepted },
  },
  {
    method: 'get',
    path: '/shipments/:id',
    summary: 'A shipment',
    roles: 'signed in',
    answers: { 200: shipmentDetail },
  },
  {
    method: 'post',
    path: '/shipments/:id/close',
    summary: 'Declare a shipment done: nothing is expected of it any more',
    roles: DECIDERS,
    answers: { 200: shipmentDetail, 202: null },
  },
  {
    method: 'get',
    path: '/shipments/:id/reconciliation',
    summary: 'What differs between a shipment and what was seen of it, in the terms of GS1 US for DSCSA',
    roles: 'signed in',
    answers: { 200: reconciliation },
  },
  {
    method: 'post',
    path: '/shipments/:id/reconciliation/settle',
    summary: 'Settle differences, with a reason',
    roles: SETTLERS,
    body: settlementInput,
    answers: { 200: reconciliation, 202: null },
  },
  {
    method: 'post',
    path: '/shipments/:id/counts',
    summary: 'Say what was found in a unit when it was opened',
    roles: SETTLERS,
    body: countInput,
    answers: { 200: reconciliation, 202: null },
  },
  {
    method: 'get',
    path: '/passes/:id/reconciliation',
    summary: 'What differs in a pass, what came without data among it',
    roles: 'signed in',
    answers: { 200: reconciliation },
  },
  {
    method: 'post',
    path: '/passes/:id/reconciliation/settle',
    summary: 'Settle differences of a pass, with a reason',
    roles: SETTLERS,
    body: settlementInput,
    answers: { 200: reconciliation, 202: null },
  },

  {
    method: 'get',
    path: '/products',
    summary: 'Products',
    roles: 'signed in',
    query: pageQuery,
    answers: { 200: productList },
  },
  {
    method: 'get',
    path: '/products/:gtin',
    summary: 'A product with its lots',
    roles: 'signed in',
    answers: { 200: product },
  },
  {
    method: 'put',
    path: '/products/:gtin',
    summary: 'Register or change a product',
    roles: [...REGISTRARS, 'logistics', 'quality'],
    body: productInput,
    answers: { 200: product, 202: null },
  },

  {
    method: 'get',
    path: '/serials/:epc',
    summary: 'A serial: what it is, where it was, in what air',
    roles: 'signed in',
    answers: { 200: serial },
  },

  {
    method: 'get',
    path: '/recall',
    summary: 'Where the serials of a lot, GTIN or shipment are now, in which unit, who has them',
    roles: 'signed in',
    query: recallQuery,
    alsoGives: ['text/csv', 'application/ld+json'],
    answers: { 200: recall },
  },
  {
    method: 'get',
    path: '/recall.csv',
    summary: 'The same as a file: every serial, RFC 4180',
    roles: 'signed in',
    query: recallQuery,
    answers: { 200: null },
  },
  {
    method: 'get',
    path: '/recall.jsonld',
    summary: 'The same as an EPCIS 2.0 document',
    roles: 'signed in',
    query: recallQuery,
    answers: { 200: null },
  },
  {
    method: 'post',
    path: '/verifications',
    summary: 'Whether a pack is one that is known, and may move on; the request is kept',
    roles: 'signed in',
    body: verificationInput,
    answers: { 200: verification },
  },
  {
    method: 'get',
    path: '/verifications',
    summary: 'Verification requests with their answers, latest first',
    roles: INSPECTORS,
    query: pageQuery,
    answers: { 200: verificationList },
  },

  {
    method: 'get',
    path: '/devices',
    summary: 'Devices',
    roles: 'signed in',
    query: pageQuery,
    answers: { 200: deviceList },
  },
  {
    method: 'post',
    path: '/devices',
    summary: 'Register or change a device',
    roles: [...REGISTRARS, 'logistics'],
    body: deviceInput,
    answers: { 201: device, 202: null },
  },
  { method: 'get', path: '/devices/:id', summary: 'A device', roles: 'signed in', answers: { 200: device } },
  {
    method: 'get',
    path: '/readings',
    summary: "A device's readings, raw or in buckets",
    roles: 'signed in',
    query: readingsQuery,
    answers: { 200: readingsAnswer },
  },
  {
    method: 'get',
    path: '/readings/original',
    summary: 'The messages, as received, that brought a reading; the first is the one it was stored from',
    roles: ORIGINAL_READERS,
    query: readingOriginalQuery,
    answers: { 200: readingOriginals },
  },
  {
    method: 'get',
    path: '/holds',
    summary: 'Holds on shipments and devices, latest first; releasedAt is null while one stands',
    roles: 'signed in',
    query: holdQuery,
    answers: { 200: holdList },
  },
  {
    method: 'put',
    path: '/holds/:subject',
    summary: 'Hold shipment:ID or device:ID: nothing of it is deleted until the hold is released',
    roles: HOLDERS,
    body: holdInput,
    answers: { 201: hold },
  },
  {
    method: 'post',
    path: '/holds/:subject/release',
    summary: 'Release the hold that stands',
    roles: HOLDERS,
    body: holdInput,
    answers: { 200: hold },
  },
  {
    method: 'get',
    path: '/deletions',
    summary: 'What was deleted, why and when, latest first',
    roles: 'signed in',
    query: pageQuery,
    answers: { 200: deletionList },
  },
  {
    method: 'get',
    path: '/originals',
    summary: 'Messages, as received, that speak of a device, reader, shipment, capture, portal or rule; at most 100',
    roles: ORIGINAL_READERS,
    query: originalQuery,
    answers: { 200: originalList },
  },

  {
    method: 'get',
    path: '/places',
    summary: 'Places',
    roles: 'signed in',
    query: pageQuery,
    answers: { 200: placeList },
  },
  {
    method: 'put',
    path: '/places/:id',
    summary: 'Create or change a place',
    roles: REGISTRARS,
    body: placeInput,
    answers: { 200: place, 202: null },
  },
  {
    method: 'get',
    path: '/portals',
    summary: 'Portals with their last pass',
    roles: 'signed in',
    query: pageQuery,
    answers: { 200: portalList },
  },
  {
    method: 'get',
    path: '/portals/:id',
    summary: 'A portal with its last pass and where reads may be missing',
    roles: 'signed in',
    answers: { 200: portal },
  },
  {
    method: 'put',
    path: '/portals/:id',
    summary: 'Create or change a portal',
    roles: REGISTRARS,
    body: portalInput,
    answers: { 200: portal, 202: null },
  },
  {
    method: 'get',
    path: '/portals/:id/passes',
    summary: 'Passes through a portal, newest first',
    roles: 'signed in',
    query: passQuery,
    answers: { 200: passList },
  },
  {
    method: 'get',
    path: '/passes/:id',
    summary: 'A pass: expected, seen, missing, unexpected',
    roles: 'signed in',
    answers: { 200: passDetail },
  },

  {
    method: 'get',
    path: '/rules',
    summary: 'Rules with their versions',
    roles: 'signed in',
    query: pageQuery,
    answers: { 200: ruleList },
  },
  { method: 'get', path: '/rules/:id', summary: 'A rule', roles: 'signed in', answers: { 200: rule } },
  {
    method: 'put',
    path: '/rules/:id',
    summary: 'Make a new version of a rule, or say what it would do',
    roles: RULE_MAKERS,
    query: ruleChangeQuery,
    body: ruleInput,
    answers: { 200: ruleChange, 202: null },
  },
  {
    method: 'delete',
    path: '/rules/:id',
    summary: 'Remove a rule from now on, or say what that would do',
    roles: RULE_MAKERS,
    query: ruleChangeQuery,
    answers: { 200: ruleChange, 202: null },
  },
  {
    method: 'post',
    path: '/rules/backtest',
    summary: 'What rules find in stored history, compared with those in force; streamed with its progress, or at once',
    roles: RULE_MAKERS,
    body: backtestInput,
    answers: { 200: backtestResult },
    lines: backtestLine,
  },
  {
    method: 'get',
    path: '/quarantine',
    summary: 'What was refused on its way in, newest first',
    roles: REGISTRARS,
    query: quarantineQuery,
    answers: { 200: quarantineList },
  },

  {
    method: 'get',
    path: '/alerts',
    summary: 'Alerts, newest first',
    roles: 'signed in',
    query: alertQuery,
    answers: { 200: alertList },
  },
  {
    method: 'get',
    path: '/alerts/:id',
    summary: 'An alert with its evidence',
    roles: 'signed in',
    answers: { 200: alertDetail },
  },
  {
    method: 'get',
    path: '/alerts/:id/serials',
    summary: 'Every affected serial with its own interval',
    roles: 'signed in',
    query: pageQuery,
    answers: { 200: affectedSerialList },
  },
  {
    method: 'post',
    path: '/alerts/:id/acknowledge',
    summary: 'Say that someone is on it',
    roles: DECIDERS,
    body: alertNote,
    answers: { 200: alertDetail },
  },
  {
    method: 'post',
    path: '/alerts/:id/comment',
    summary: 'Add a comment',
    roles: 'signed in',
    body: alertComment,
    answers: { 200: alertDetail },
  },
  {
    method: 'post',
    path: '/alerts/:id/assign',
    summary: 'Say who looks after it',
    roles: DECIDERS,
    body: alertAssignment,
    answers: { 200: alertDetail },
  },
  {
    method: 'post',
    path: '/alerts/:id/snooze',
    summary: 'Leave it for a while',
    roles: DECIDERS,
    body: alertSnooze,
    answers: { 200: alertDetail },
  },
  {
    method: 'post',
    path: '/alerts/:id/resolve',
    summary: 'Close it',
    roles: DECIDERS,
    body: alertNote,
    answers: { 200: alertDetail },
  },
];
