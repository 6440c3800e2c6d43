import { z } from 'zod';
import { PORTAL_CAP_MS, PORTAL_QUIET_MS } from '../../domain/index.ts';
import { clearance } from './goods.ts';
import type { Operations } from './operation.ts';
import { placeId, placeRef } from './place.ts';
import { line, listOf, named, pageQuery } from './schema.ts';
import { durationIn, timeIn, timeOut } from './time.ts';

const antenna = z.object({
  reader: z.string(),
  antenna: z.number().int(),
  side: z.enum(['inside', 'outside']).nullable(),
});

export const passCounts = z.object({
  expected: z.number().int(),
  seen: z.number().int(),
  missing: z.number().int(),
  unexpected: z.number().int(),
  stray: z.number().int(),
});

/** PASS: everything expected was read and nothing else. CHECK: a person looks before the pallet moves on. */
export const VERDICTS = ['pass', 'check'] as const;

const passSummary = z.object({
  id: z.string(),
  portal: z.string(),
  from: timeOut,
  to: timeOut,
  direction: z.enum(['in', 'out', 'unknown']),
  verdict: z.enum(VERDICTS),
  /** Reads may still be on their way: what is missing is not certain. */
  isProvisional: z.boolean(),
  counts: passCounts,
  reason: z.string(),
  shipments: z.array(z.string()),
  /** Serials that came through and may not move on, in the words of the CBV: `recalled`, `inactive`. */
  blocked: z.array(z.object({ epc: z.string(), status: z.string() })),
  /** Another answer than the verdict: whether its goods may move on, as it was shown then. null: nothing was shown. */
  clearance: clearance.extend({ at: timeOut }).nullable(),
  /** What the door showed by itself while the line was down: the last light of each gateway. */
  shownLights: z.array(
    z.object({
      gateway: z.string(),
      at: timeOut,
      light: z.enum(['green', 'amber', 'red']),
      /** Version of the manifest that it went by; 0: it had none. */
      manifest: z.number().int(),
      reason: z.string(),
      /** How the platform's answer differs, a sentence; null: it does not. */
      differs: z.string().nullable(),
    }),
  ),
});

export const pass = passSummary.register(named, { id: 'Pass' });
export type PassView = z.output<typeof pass>;
export const passList = listOf(pass).register(named, { id: 'PassList' });

export const passItem = z.object({
  epc: z.string(),
  unit: z.string().nullable(),
  shipment: z.string().nullable(),
  lot: z.string().nullable(),
  product: z.string().nullable(),
  /** Why it is listed, in a sentence part: `no shipment expects it here`. */
  reason: z.string(),
});
export type PassItem = z.output<typeof passItem>;

export const passDetail = passSummary
  .extend({
    units: z.array(
      z.object({
        epc: z.string(),
        shipment: z.string().nullable(),
        expected: z.number().int(),
        seen: z.number().int(),
      }),
    ),
    directionReason: z.string(),
    /** EPCs that a shipment expects here, read or missing. */
    expected: z.array(z.string()),
    /** EPCs that were read and came through. */
    seen: z.array(z.string()),
    missing: z.array(passItem),
    unexpected: z.array(passItem),
    strays: z.array(passItem),
  })
  .register(named, { id: 'PassDetail' });
export type PassDetail = z.output<typeof passDetail>;

/** Expected against seen while a pallet is read: small enough to be asked for each second. */
export const passGoods = z
  .object({
    pass: z.string(),
    isProvisional: z.boolean(),
    counts: passCounts,
    /** By unit, product and lot; at most 200. */
    lines: z.array(
      z.object({
        gtin: z.string(),
        product: z.string().nullable(),
        lot: z.string().nullable(),
        unit: z.string().nullable(),
        expected: z.number().int(),
        /** Of the expected ones. */
        seen: z.number().int(),
        /** Read, and expected by nobody. */
        unexpected: z.number().int(),
      }),
    ),
    /** Lines beyond those. */
    more: z.number().int(),
  })
  .register(named, { id: 'PassGoods' });
export type PassGoodsView = z.output<typeof passGoods>;

/** Pallets that were put aside, or left, before anybody said something to them. */
export const unsettledPasses = z
  .object({
    items: z.array(
      z.object({
        pass,
        /** Differences that are not settled. */
        open: z.number().int(),
        /** Whether something of it may not move on as things are now, whatever was shown then. */
        stops: z.boolean(),
      }),
    ),
  })
  .register(named, { id: 'UnsettledPasses' });
export type UnsettledPassesView = z.output<typeof unsettledPasses>;

/** A stretch in which reads of a portal may be missing. */
const readGap = z.object({
  reader: z.string(),
  from: timeOut,
  to: timeOut,
  /** Why, in a sentence part: `the connection broke`. */
  reason: z.string(),
});
export type ReadGapView = z.output<typeof readGap>;

export const portal = z
  .object({
    id: z.string(),
    name: z.string(),
    inside: placeRef,
    outside: placeRef,
    site: placeRef,
    antennas: z.array(antenna),
    triggers: z.array(z.string()),
    quiet: z.string(),
    cap: z.string(),
    lastPass: pass.nullable(),
    /** Of the last 24 hours, newest first, at most 50. */
    gaps: z.array(readGap),
  })
  .register(named, { id: 'Portal' });
export type PortalView = z.output<typeof portal>;
export const portalList = listOf(portal).register(named, { id: 'PortalList' });

/** Median and spread of what was observed; null where there was nothing. */
const usual = z.object({
  observations: z.number().int(),
  median: z.number().nullable(),
  /** Median of the distances to the median. */
  mad: z.number().nullable(),
});

/** What is usual at a portal (docs/rules.md, "What is usual"). */
export const portalUsual = z
  .object({
    portal: z.string(),
    /** IANA zone of the clocks of its site. */
    zone: z.string(),
    /** Tags read in each hour of the day, the present one first; `from` is when it last began. */
    hours: z.array(z.object({ from: timeOut, tags: usual })),
    /** Read rates, per cent: the portal itself, `antenna` null, and each antenna. */
    readRates: z.array(
      z.object({
        antenna: z.object({ reader: z.string(), antenna: z.number().int() }).nullable(),
        /** Median of the latest five complete passes. */
        recent: z.number().nullable(),
        usual,
        /** In a sentence, also where too little is known. */
        text: z.string(),
      }),
    ),
    /** How long what this door brings stands on each of its sides, minutes. */
    stays: z.array(z.object({ place: placeRef, minutes: usual, text: z.string() })),
    /** How long goods are on their way here, by the site they come from, minutes. */
    ways: z.array(z.object({ from: placeRef, minutes: usual, text: z.string() })),
  })
  .register(named, { id: 'PortalUsual' });
export type PortalUsualView = z.output<typeof portalUsual>;

export const passQuery = pageQuery.extend({ from: timeIn.optional(), to: timeIn.optional() });

/** The body of `PUT /portals/{id}`. */
export const portalInput = z.strictObject({
  name: line(200).min(1).optional().describe('default: the id'),
  inside: placeId,
  outside: placeId,
  site: placeId.optional().describe('default: the site that inside, else outside, is or stands in'),
  antennas: z
    .array(
      z.strictObject({
        reader: line(128).min(1),
        antenna: z.number().int().min(1).max(65_535),
        side: z.enum(['inside', 'outside']).nullable().default(null),
      }),
    )
    .min(1)
    .max(256),
  triggers: z
    .array(line(140).regex(/^.+\/\d+$/, 'expected reader/port'))
    .max(64)
    .default([]),
  quiet: durationIn.optional(),
  cap: durationIn.optional(),
});

export function portalTimes(input: z.output<typeof portalInput>): { quietMs: number; capMs: number } {
  return { quietMs: input.quiet ?? PORTAL_QUIET_MS, capMs: input.cap ?? PORTAL_CAP_MS };
}

export const portalOperations = {
  list: {
    method: 'get',
    path: '/portals',
    summary: 'Portals with their last pass',
    permission: 'records.read',
    bySite: true,
    query: pageQuery,
    answers: { 200: portalList },
  },
  get: {
    method: 'get',
    path: '/portals/:id',
    summary: 'A portal with its last pass and where reads may be missing',
    permission: 'records.read',
    bySite: true,
    byDoor: 'portal',
    answers: { 200: portal },
  },
  put: {
    method: 'put',
    path: '/portals/:id',
    summary: 'Create or change a portal',
    permission: 'place.register',
    body: portalInput,
    answers: { 200: portal, 202: null },
  },
  passes: {
    method: 'get',
    path: '/portals/:id/passes',
    summary: 'Passes through a portal, newest first',
    permission: 'records.read',
    bySite: true,
    byDoor: 'portal',
    query: passQuery,
    answers: { 200: passList },
  },
  unsettled: {
    method: 'get',
    path: '/portals/:id/unsettled',
    summary:
      'Passes of the last 72 hours that nobody has settled, or whose goods still may not move on, newest first, at most 50',
    permission: 'records.read',
    bySite: true,
    byDoor: 'portal',
    answers: { 200: unsettledPasses },
  },
  usual: {
    method: 'get',
    path: '/portals/:id/usual',
    summary: 'What is usual at a portal: tags by hour, read rates of its antennas',
    permission: 'records.read',
    bySite: true,
    answers: { 200: portalUsual },
  },
  pass: {
    method: 'get',
    path: '/passes/:id',
    summary: 'A pass: expected, seen, missing, unexpected',
    permission: 'records.read',
    bySite: true,
    byDoor: 'pass',
    answers: { 200: passDetail },
  },
  goods: {
    method: 'get',
    path: '/passes/:id/goods',
    summary: 'Expected against seen in a pass, counted by product, lot and unit',
    permission: 'records.read',
    bySite: true,
    byDoor: 'pass',
    answers: { 200: passGoods },
  },
} as const satisfies Operations;
