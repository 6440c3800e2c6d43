import { z } from 'zod';
import { DECOMMISSION_REASONS, LEDGER_ACTS, PACK_CAPACITIES } from '../../domain/index.ts';
import { classedAnswer } from './market.ts';
import type { Operations } from './operation.ts';
import { line, listOf, named, pageQuery, prose, scanned } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

const packWords = z.object({
  serial: z.string().nullable(),
  lot: z.string().nullable(),
  expiry: z.string().nullable().describe('YYMMDD, as a code has it'),
});

/** An entry of the ledger, with what the national system answered to it. */
export const decommissioning = z
  .object({
    id: z.string(),
    number: z.int().describe('Its place in the ledger'),
    act: z.enum(LEDGER_ACTS),
    reverts: z.string().nullable().describe('The entry that it reverts'),
    revertedBy: z.string().nullable().describe('The entry that reverts it'),
    market: z.string(),
    pack: z.object({
      gtin: z.string(),
      serial: z.string(),
      lot: z.string().nullable(),
      expiry: z.string().nullable().describe('YYYY-MM-DD'),
    }),
    send: packWords.describe('What the national system is to be sent'),
    reason: z.enum(DECOMMISSION_REASONS),
    clause: z.string().nullable().describe('By which clause; null: the market does not have it any more'),
    capacity: z.enum(PACK_CAPACITIES),
    place: z.string(),
    at: timeOut,
    enteredAt: timeOut,
    by: z.string(),
    note: z.string().nullable(),
    revertUntil: timeOut.nullable().describe('Until when it may be reverted at most; null: it may not'),
    answer: classedAnswer
      .extend({
        ...{ code: z.string(), alertId: z.string().nullable(), at: timeOut },
        attempts: z.int().describe('How often it had been sent by then'),
        answers: z.int().describe('How many came'),
      })
      .nullable()
      .describe('The latest; null: it waits to be sent, or for its answer'),
  })
  .register(named, { id: 'Decommissioning' });
export type DecommissioningView = z.output<typeof decommissioning>;

const place = line(140).min(1).describe('The premises: site:…');
const capacity = z.enum(PACK_CAPACITIES);
const done = timeIn.optional().describe('When it was done; default: now');
const note = prose(500).optional();
const market = line(32).min(1).default('eu-fmd');

const act = { place, capacity, reason: z.enum(DECOMMISSION_REASONS), at: done, note, market };

export const decommissionInput = z.union(
  [
    z.strictObject({ scan: scanned(400).min(1), ...act }),
    z.strictObject({
      ...{ gtin: line(14).min(8), serial: line(20).min(1), lot: line(20).min(1).optional(), ...act },
      expiry: z.iso.date('expected a calendar date such as 2027-06-30').optional(),
    }),
  ],
  { error: 'expected {scan} or {gtin, serial}, with place, capacity and reason' },
);

const word = line(40).nullable().default(null);

/** Answers of the national system, as a gateway brings them. */
export const answersInput = z.strictObject({
  answers: z
    .array(
      z.strictObject({
        entry: z.uuid('expected the id of an entry').toLowerCase(),
        code: line(40).min(1).describe('NMVS_SUCCESS, NMVS_NC_PC_02, or the name of an alert: A3'),
        alertId: line(100).min(1).nullable().default(null),
        at: timeIn,
        attempts: z.int().min(1).max(1_000).default(1).describe('How often it had been sent by then'),
        sent: z.strictObject({ serial: word, lot: word, expiry: word }).nullable().default(null),
      }),
    )
    .min(1)
    .max(1_000),
});

const listQuery = pageQuery.extend({
  place: place.optional(),
  gtin: line(14).min(8).optional(),
  serial: line(20).min(1).optional(),
  waiting: z.enum(['true', 'false']).optional().describe('true: only what waits for an answer, oldest first'),
});

/** What somebody who decommissions chooses from. */
export const decommissioningChoices = z
  .object({
    market: z.string(),
    isSet: z.boolean().describe('Whether a site is set to the market; else sites are all there are'),
    sites: z.array(z.object({ id: z.string(), name: z.string() })),
    reasons: z.array(
      z.object({
        reason: z.enum(DECOMMISSION_REASONS),
        by: z.array(z.enum(PACK_CAPACITIES)),
        isReversible: z.boolean(),
        clause: z.string(),
      }),
    ),
  })
  .register(named, { id: 'DecommissioningChoices' });
export type DecommissioningChoicesView = z.output<typeof decommissioningChoices>;

export const decommissioningOperations = {
  choices: {
    method: 'get',
    path: '/decommissioning-choices',
    summary: 'Where packs are decommissioned, by whom and for which reasons',
    permission: 'pack.decommission',
    query: z.object({ market }),
    answers: { 200: decommissioningChoices },
  },
  list: {
    method: 'get',
    path: '/decommissionings',
    summary: 'The ledger of packs that were decommissioned here, latest first',
    permission: 'pack.decommission',
    query: listQuery,
    answers: { 200: listOf(decommissioning).register(named, { id: 'DecommissioningList' }) },
  },
  csv: {
    method: 'get',
    path: '/decommissionings.csv',
    summary: 'The same as CSV: what a gateway sends on, or an inspector reads',
    permission: 'pack.decommission',
    query: listQuery.omit({ limit: true, cursor: true }),
    alsoGives: ['text/csv'],
    answers: { 200: null },
  },
  enter: {
    method: 'post',
    path: '/decommissionings',
    summary: 'Decommission a pack: who, where, when and why is kept',
    permission: 'pack.decommission',
    takesKey: true,
    body: decommissionInput,
    answers: { 201: decommissioning },
  },
  revert: {
    method: 'post',
    path: '/decommissionings/:id/revert',
    summary: 'Revert a decommissioning, where the law lets it be reverted (Regulation (EU) 2016/161, Art. 13)',
    permission: 'pack.decommission',
    takesKey: true,
    body: z.strictObject({
      ...{ place, capacity, at: done, note },
      isDeclared: z
        .boolean()
        .describe('The pack was not supplied to the public, and who reverts does not know it to be stolen'),
    }),
    answers: { 201: decommissioning },
  },
  compare: {
    method: 'put',
    path: '/decommissionings/:id/printed',
    summary: 'Say what is printed on the pack: what the answer most likely is follows from it',
    permission: 'pack.decommission',
    body: z.strictObject({
      serial: line(40).min(1),
      lot: line(40).min(1),
      expiry: z
        .string()
        .regex(/^\d{6}$/, 'expected YYMMDD')
        .describe('YYMMDD'),
    }),
    answers: { 200: decommissioning },
  },
  answer: {
    method: 'post',
    path: '/decommissioning-answers',
    summary: 'Bring what the national system answered; the same answer again is kept once',
    permission: 'pack.decommission',
    body: answersInput,
    alsoTakes: ['text/csv'],
    answers: { 200: z.object({ added: z.int() }).register(named, { id: 'DecommissioningAnswers' }) },
  },
} as const satisfies Operations;
