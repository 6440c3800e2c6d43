import { z } from 'zod';
import { alert } from './alert.ts';
import { CASE_KINDS, disposition } from './case.ts';
import { goodsFinding } from './goods.ts';
import type { Operations } from './operation.ts';
import { placeRef } from './place.ts';
import { named } from './schema.ts';
import { profile } from './shipment.ts';
import { timeOut } from './time.ts';

const span = { from: timeOut, to: timeOut.nullable() };

/** °C, null where nothing is known; minutes to 0.001. */
const exposureFigures = {
  min: z.number().nullable(),
  max: z.number().nullable(),
  mkt: z.number().nullable(),
  minutesAbove: z.number(),
  minutesBelow: z.number(),
  minutesOutOfRange: z.number(),
  minutesUnknown: z.number(),
};

/** One stretch of the journey; `to` null: it goes on. */
export const exposure = z
  .object({
    /** Those that measured the air it was in; none = unknown. */
    devices: z.array(z.string()),
    /** The unit with the devices, or the place. */
    unit: z.string().nullable(),
    place: placeRef.nullable(),
    profile: profile.nullable(),
    ...span,
    ...exposureFigures,
  })
  .register(named, { id: 'Exposure' });
export type ExposureView = z.output<typeof exposure>;

/** The whole journey until now. */
export const journey = z
  .object({
    from: timeOut,
    to: timeOut,
    ...exposureFigures,
    /** The highest over any window of that length that ends at a whole hour. */
    highestMkt: z.object({ window: z.string(), mkt: z.number(), at: timeOut }).nullable(),
    /** Minutes of what the product stands; null where no notice says. */
    budget: z
      .object({
        budget: z.number(),
        carriedIn: z.number(),
        used: z.number(),
        left: z.number(),
        /** Had all unknown time been out of range. */
        usedAtWorst: z.number(),
      })
      .nullable(),
  })
  .register(named, { id: 'Journey' });
export type JourneyView = z.output<typeof journey>;

/** What people decided of a serial, in a case. */
export const serialDisposition = z
  .object({
    case: z.string(),
    number: z.number().int().describe('of the decision in its case'),
    disposition,
    reason: z.string(),
    at: timeOut,
    inForceSince: timeOut.nullable().describe('null: a second signer is awaited'),
    isSuperseded: z.boolean().describe('a later decision of the case is in force on it'),
    signatures: z.array(z.object({ name: z.string(), role: z.string(), at: timeOut, meaning: z.string() })),
  })
  .register(named, { id: 'SerialDisposition' });
export type SerialDispositionView = z.output<typeof serialDisposition>;

/** What people said, with a signature, of what was measured around a serial. */
export const serialEvidence = z
  .object({
    case: z.string(),
    number: z.number().int().describe('of the step in its case'),
    step: z.enum(['excuse', 'exclude', 'declare broken']),
    device: z.string(),
    instead: z.string().nullable().describe('the logger on the same goods by which they are judged in its place'),
    ...span,
    reason: z.string(),
    who: z.string(),
  })
  .register(named, { id: 'SerialEvidence' });
export type SerialEvidenceView = z.output<typeof serialEvidence>;

export const serial = z
  .object({
    epc: z.string(),
    gtin: z.string().nullable(),
    serial: z.string().nullable(),
    sscc: z.string().nullable(),
    lot: z.string().nullable(),
    expiry: z.string().nullable(),
    /** An expiry that is no date, as its event gives it: such a pack never verifies. */
    unreadableExpiry: z.string().nullable(),
    product: z.string().nullable(),
    /** In the words of the CBV for dispositions: `recalled`, `inactive`; null: nothing was said. */
    status: z.string().nullable(),
    statusSince: timeOut.nullable(),
    /** For now; `findings` says why not, or with which warning. */
    mayMoveOn: z.boolean(),
    findings: z.array(goodsFinding),
    shipments: z.array(z.string()),
    /** What it is in now. */
    unit: z.string().nullable(),
    containment: z.array(z.object({ parent: z.string(), ...span })),
    presence: z.array(z.object({ place: placeRef, ...span })),
    /** From when it was first known on, without holes. */
    exposures: z.array(exposure),
    /** null where it was in nothing and nowhere yet. */
    journey: journey.nullable(),
    alerts: z.array(alert),
    /** What its codes say: GS1 General Specifications, and GS1 Digital Link as a path of any resolver. */
    identity: z.object({ elementString: z.string(), digitalLink: z.string() }).nullable(),
    dispositions: z.array(serialDisposition).describe('what people decided of it, the latest first'),
    evidence: z.array(serialEvidence).describe('what people said of what was measured around it, by time'),
    cases: z.array(z.object({ id: z.string(), kind: z.enum(CASE_KINDS) })).describe('that it is in, the latest first'),
  })
  .register(named, { id: 'Serial' });
export type SerialView = z.output<typeof serial>;

export const serialOperations = {
  get: {
    method: 'get',
    path: '/serials/:epc',
    summary: 'A serial: what it is, where it was, in what air',
    permission: 'records.read',
    bySite: true,
    answers: { 200: serial },
  },
} as const satisfies Operations;
