import { z } from 'zod';
import { ANSWER_CLASSES, ANSWERS_ABOUT, READING_FAULTS } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { line, listOf, named, pageQuery, scanned } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

const day = z.string().describe('YYYY-MM-DD');
const sourced = { source: z.string().describe('key in sources'), clause: z.string() };

const element = z
  .object({
    ai: z.string().nullable().describe('GS1 application identifier; null: nothing that a scan tells'),
    name: z.string(),
    from: day,
    to: day.nullable().describe('From then on it is asked for no more'),
    if: z.string().nullable().describe('On which condition; null: always'),
    ...sourced,
  })
  .register(named, { id: 'MarketElement' });

/** What the law of a market asks of medicines. */
export const market = z
  .object({
    id: z.string(),
    name: z.string(),
    authority: z.string(),
    version: z.int(),
    asOf: day.describe('The day that it describes'),
    sources: z.record(z.string(), z.string()),
    force: z.array(z.object({ who: z.string(), from: day, ...sourced })),
    identifier: z.array(element).describe('What a pack bears'),
    periods: z.array(z.object({ what: z.string(), within: z.string(), ...sourced })),
    reports: z.array(
      z.object({
        what: z.string(),
        to: z.string(),
        covered: z.string().nullable().describe('The page that says how; null: not sent from here'),
      }),
    ),
    answers: z
      .array(z.object({ code: z.string(), name: z.string(), about: z.enum(ANSWERS_ABOUT), ...sourced }))
      .describe('Of the national system'),
    notCovered: z.array(z.string()),
  })
  .register(named, { id: 'Market' });
export type MarketView = z.output<typeof market>;
export const marketList = listOf(market).register(named, { id: 'MarketList' });

export const packCheck = z
  .object({
    day,
    isAsked: z.boolean().describe('Whether the market asks for anything on that day'),
    missing: z.array(element).describe('Empty says that nothing is missing, not that the pack is genuine'),
    toLookAt: z.array(element).describe('What a person has to look at'),
  })
  .register(named, { id: 'PackCheck' });
export type PackCheckView = z.output<typeof packCheck>;

export const classedAnswer = z
  .object({
    class: z
      .enum(ANSWER_CLASSES)
      .describe('reading and own action: likely false. Whatever it is, the pack stays until it is settled'),
    isLikelyFalse: z.boolean(),
    name: z.string().nullable().describe('null: the pack of the market does not know the code'),
    faults: z.array(z.object({ field: z.enum(['serial', 'lot', 'expiry']), fault: z.enum(READING_FAULTS) })),
    revertUntil: timeOut.nullable().describe('Until when it may be reverted, if nothing else forbids it'),
    next: z.string().describe('What to do'),
  })
  .register(named, { id: 'NationalAnswer' });
export type ClassedAnswerView = z.output<typeof classedAnswer>;

const word = (what: string) => line(40).optional().describe(what);

export const marketOperations = {
  list: {
    method: 'get',
    path: '/markets',
    summary: 'What the laws of markets ask of medicines',
    permission: 'records.read',
    query: pageQuery,
    answers: { 200: marketList },
  },
  get: {
    method: 'get',
    path: '/markets/:id',
    summary: 'A market, with its sources and what is not covered',
    permission: 'records.read',
    answers: { 200: market },
  },
  pack: {
    method: 'get',
    path: '/markets/:id/pack',
    summary: 'What the code on a pack lacks of what a market asks for',
    permission: 'records.read',
    query: z.object({
      code: scanned(400).describe('A scan, an element string or a Digital Link'),
      day: z.iso.date('expected a day as YYYY-MM-DD').optional().describe('default: today, UTC'),
    }),
    answers: { 200: packCheck },
  },
  answer: {
    method: 'get',
    path: '/markets/:id/answer',
    summary: 'What an answer of the national system most likely is',
    permission: 'records.read',
    query: z.object({
      code: line(40).min(1).describe('NMVS_NC_PC_02'),
      sentSerial: word('Serial as it was sent'),
      sentLot: word('Lot as it was sent'),
      sentExpiry: word('Expiry as it was sent, YYMMDD'),
      printedSerial: word('Serial as a person reads it on the pack'),
      printedLot: word('Lot likewise'),
      printedExpiry: word('Expiry likewise, YYMMDD'),
      decommissionedAt: timeIn.optional().describe('When this place decommissioned the pack, if it did'),
    }),
    answers: { 200: classedAnswer },
  },
} as const satisfies Operations;
