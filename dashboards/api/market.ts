import { z } from 'zod';
import {
  ANSWER_CAUSES,
  ANSWER_CLASSES,
  ANSWER_KINDS,
  ANSWERS_ABOUT,
  DECOMMISSION_REASONS,
  MARKET_MOMENTS,
  MARKET_PERIODS,
  PACK_CAPACITIES,
  READING_FAULTS,
  SOURCES_READ,
} from '../../domain/index.ts';
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
    sources: z.record(z.string(), z.object({ title: z.string(), read: z.enum(SOURCES_READ) })),
    force: z.array(z.object({ who: z.string(), from: day, ...sourced })),
    identifier: z.array(element).describe('What a pack bears'),
    transaction: z
      .object({ from: day, to: day.nullable(), ...sourced })
      .nullable()
      .describe('Since when transaction information goes with each change of ownership; null: none is asked for'),
    periods: z.array(
      z.object({
        ...{ what: z.string(), within: z.string(), from: day.nullable() },
        is: z.enum(MARKET_PERIODS).nullable().describe('What goes by it here; null: it is for people to read'),
        lasts: z.string().nullable().describe('As Isotherm counts it, such as 10d'),
        ...sourced,
      }),
    ),
    reports: z.array(
      z.object({
        what: z.string(),
        to: z.string(),
        covered: z.string().nullable().describe('The page that says how; null: not sent from here'),
        screen: z.string().nullable().describe('Where it is made; null: nowhere on the page'),
      }),
    ),
    answers: z
      .array(
        z.object({
          ...{
            code: z.string(),
            name: z.string(),
            about: z.enum(ANSWERS_ABOUT),
            cause: z.enum(ANSWER_CAUSES).nullable(),
          },
          alert: z.string().nullable().describe('As the European hub names the alert, A24'),
          ...{ isAlert: z.boolean(), ...sourced },
        }),
      )
      .describe('Of the national system'),
    decommissioning: z
      .array(
        z.object({
          ...{ reason: z.enum(DECOMMISSION_REASONS), by: z.array(z.enum(PACK_CAPACITIES)) },
          isReversible: z.boolean().describe('Whether the law lets it be reverted at all'),
          ...{ step: z.string(), disposition: z.string().describe('What it makes of the pack'), ...sourced },
        }),
      )
      .describe('Why packs are decommissioned, and by whom'),
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
    kind: z.enum(ANSWER_KINDS).describe('open: somebody has to compare it with the pack first'),
    alert: z.string().nullable().describe('As the European hub names the alert, A24'),
    name: z.string().nullable().describe('null: the pack of the market does not know the code'),
    cause: z
      .enum([...ANSWER_CAUSES, 'scanner'])
      .nullable()
      .describe('What it comes from most often; scanner: what was sent is not what is printed'),
    isAlert: z.boolean().nullable().describe('Whether the system itself raises an alert by it'),
    faults: z.array(z.object({ field: z.enum(['serial', 'lot', 'expiry']), fault: z.enum(READING_FAULTS) })),
    revertUntil: timeOut.nullable().describe('Until when it may be reverted, if nothing else forbids it'),
    next: z.string().describe('What to do'),
  })
  .register(named, { id: 'NationalAnswer' });
export type ClassedAnswerView = z.output<typeof classedAnswer>;

const assignment = z.object({ market: z.string(), from: day, to: day.nullable() });

/** Which market a site, product or shipment belongs to, and from which day to which. */
export const marketAssignment = assignment
  .extend({ subject: z.string().describe('site:…, product:GTIN-14 or shipment:…') })
  .register(named, { id: 'MarketAssignment' });
export type MarketAssignmentView = z.output<typeof marketAssignment>;

const goods = { gtin: z.string(), name: z.string().nullable() };

/** What one market asks of a shipment, and what is missing of it. */
export const marketCheck = z
  .object({
    market: z.string(),
    marketName: z.string(),
    version: z.int(),
    moment: z.enum(MARKET_MOMENTS),
    site: z.string(),
    siteName: z.string(),
    day: day.describe('The day whose law is applied: of leaving or receipt, of today where that is not yet'),
    missing: z.array(
      z.object({
        element,
        ...goods,
        packs: z.int().nullable().describe('null: no serial number of it is listed'),
        examples: z.array(z.string()).describe('Some of them, as EPCs'),
      }),
    ),
    isTransactionAsked: z.boolean(),
    transaction: z.array(z.string()).describe('What is missing of transaction information, as paths'),
    elsewhere: z.array(z.object(goods)).describe('Products that are set to other markets alone'),
    toLookAt: z.array(element).describe('What no data tells: a person looks at it'),
  })
  .register(named, { id: 'MarketCheck' });
export type MarketCheckView = z.output<typeof marketCheck>;

/** Where a market holds here, and what lacks. */
export const marketStanding = z
  .object({
    market: z.string(),
    day,
    sites: z.array(z.object({ id: z.string(), name: z.string(), from: day, to: day.nullable() })),
    products: z.array(
      z.object({
        ...{ ...goods, from: day, to: day.nullable() },
        lacks: z.array(z.string()).describe('Of what its label says: ndc, strength, dosageForm, containerSize'),
      }),
    ),
    shipments: z.object({
      looked: z.int().describe('Latest ones of the last 30 days, that were looked at'),
      isMore: z.boolean(),
      lacking: z.array(z.object({ shipment: z.string(), checks: z.array(marketCheck) })),
    }),
    recordsKept: z.object({
      asked: z.string().nullable().describe('For how long this market asks for records, such as 2192d'),
      kept: z.string().describe('For how long they are kept here at least: the longest of all markets that are set'),
    }),
  })
  .register(named, { id: 'MarketStanding' });
export type MarketStandingView = z.output<typeof marketStanding>;

export const marketReadinessQuery = z
  .object({
    shipment: line(200).min(1).optional(),
    site: line(128).min(1).optional().describe('site:lyon: what is there now'),
    day: z.iso
      .date('expected a day as YYYY-MM-DD')
      .optional()
      .describe('The day whose law is applied; default: when the shipment left, else today, UTC'),
    items: z
      .enum(['all', 'lacking'])
      .default('all')
      .describe('lacking: packs that lack nothing are counted and not listed'),
    as: z.enum(['json', 'csv', 'pdf']).default('json'),
  })
  .refine(({ shipment, site }) => (shipment === undefined) !== (site === undefined), 'expected one of: shipment; site');
export type MarketReadinessQuery = z.output<typeof marketReadinessQuery>;

/** Pack by pack, what a market asks for and nobody has told. */
export const marketReadiness = z
  .object({
    format: z.literal('isotherm-market-readiness-1'),
    issuedAt: timeOut,
    issuer: z.string().nullable().describe('Name of the organisation'),
    ...{ market: z.string(), marketName: z.string(), version: z.int(), asOf: day },
    day: day.describe('The day whose law is applied'),
    subject: z.string().describe('shipment:…, or the site'),
    asked: z.array(element).describe('What data tells of what is asked for; empty: nothing'),
    toLookAt: z.array(element).describe('What no data tells: a person looks at it'),
    sources: z.record(z.string(), z.object({ title: z.string(), read: z.enum(SOURCES_READ) })),
    packs: z.int(),
    lacking: z.int().describe('Packs that lack something'),
    isLacking: z.boolean().describe('A pack, a product or the transaction lacks something. False clears nothing'),
    transaction: z
      .object({ ...sourced, missing: z.array(z.string()).describe('As paths') })
      .nullable()
      .describe('Transaction information; null: none is asked for on that day, or of a site'),
    unlisted: z.array(z.object(goods)).describe('Products that are announced, with no serial number listed'),
    elsewhere: z
      .array(z.object({ gtin: z.string(), packs: z.int() }))
      .describe('Products that are set to other markets alone: not among the packs'),
    items: z.array(
      z.object({
        ...{ epc: z.string(), gtin: z.string().nullable(), serial: z.string().nullable() },
        ...{ lot: z.string().nullable(), expiry: z.string().nullable() },
        lacks: z.array(z.object({ ai: z.string(), name: z.string(), ...sourced })),
      }),
    ),
    notCovered: z.array(z.string()),
  })
  .register(named, { id: 'MarketReadiness' });
export type MarketReadinessView = z.output<typeof marketReadiness>;

const days = {
  market: line(32).min(1),
  from: z.iso.date('expected a day as YYYY-MM-DD'),
  to: z.iso.date('expected a day as YYYY-MM-DD').nullable().default(null),
};

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
  standing: {
    method: 'get',
    path: '/markets/:id/standing',
    summary: 'Where a market holds here, and what is missing of what it asks',
    permission: 'partner.read',
    answers: { 200: marketStanding },
  },
  readiness: {
    method: 'get',
    path: '/markets/:id/readiness',
    summary:
      'What a market asks for and nobody has told of the goods of a shipment or at a site, pack by pack; ?as=csv or pdf',
    permission: 'partner.read',
    query: marketReadinessQuery,
    alsoGives: ['text/csv', 'application/pdf'],
    answers: { 200: marketReadiness },
  },
  assignments: {
    method: 'get',
    path: '/market-assignments',
    summary: 'Which sites, products and shipments belong to which markets',
    permission: 'partner.read',
    query: pageQuery.extend({ subject: line(200).min(1).optional() }),
    answers: { 200: listOf(marketAssignment).register(named, { id: 'MarketAssignmentList' }) },
  },
  assign: {
    method: 'put',
    path: '/market-assignments/:subject',
    summary: 'Say which markets a site, product or shipment belongs to; what was said of it before goes',
    permission: 'product.register',
    body: z.strictObject({ markets: z.array(z.strictObject(days)).max(40) }),
    answers: { 200: z.object({ markets: z.array(assignment) }).register(named, { id: 'AssignedMarkets' }) },
  },
  ofShipment: {
    method: 'get',
    path: '/shipments/:id/markets',
    summary: 'What the markets of a shipment ask where it leaves and where it arrives, and what is missing',
    permission: 'records.read',
    bySite: true,
    answers: { 200: z.object({ checks: z.array(marketCheck) }).register(named, { id: 'MarketChecks' }) },
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
