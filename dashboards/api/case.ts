import { z } from 'zod';
import { line, listOf, named, pageQuery, prose } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

/** What a person decides of goods. */
export const DISPOSITIONS = ['release', 'quarantine', 'reject', 'return', 'destroy'] as const;
export const disposition = z.enum(DISPOSITIONS);
export type Disposition = z.output<typeof disposition>;

/**
 * `open`: serials are undecided, or a decision waits for its second signer; `evidence changed`: what a decision stood on
 * is not what stands now; `decided`: every affected serial is; `closed`: by a person, an alert after it opens a follow-up.
 */
export const CASE_STATES = ['open', 'evidence changed', 'decided', 'closed'] as const;
export const caseState = z.enum(CASE_STATES);

export const CASE_KINDS = ['excursion', 'suspect product', 'complaint', 'data missing'] as const;
export const caseKind = z.enum(CASE_KINDS);

/** A clock of the case: the site's own target, or a legal one with its source. */
export const caseClock = z.object({
  id: z.string().describe('`target`, `dscsa.quarantine`, `dscsa.notification`...'),
  name: z.string(),
  source: z.string().nullable().describe('the clause of the law, null of a target of the site'),
  due: timeOut,
  doneAt: timeOut.nullable(),
});

/** In lists. */
export const caseSummary = z
  .object({
    id: z.string().describe('`C-000123`: never another one'),
    kind: caseKind,
    state: caseState,
    title: z.string(),
    subject: z.object({ shipment: z.string().nullable(), place: z.string().nullable() }),
    follows: z.string().nullable().describe('the closed case it follows up'),
    openedAt: timeOut,
    openedBy: z.string().nullable().describe('null: an alert did'),
    closedAt: timeOut.nullable(),
    alerts: z.number().int(),
    serials: z.object({
      affected: z.number().int(),
      undecided: z.number().int(),
      waiting: z.number().int().describe('decided by one, the second signer is awaited'),
    }),
    valueClass: z.number().int().nullable().describe('the highest of its products, 1 to 5'),
    assignee: z.string().nullable(),
    /** What falls due first; null where nothing does. */
    due: caseClock.nullable(),
    revision: z.number().int().describe('of its evidence and decisions: every change raises it'),
  })
  .register(named, { id: 'CaseSummary' });
export type CaseSummaryView = z.output<typeof caseSummary>;
export const caseList = listOf(caseSummary).register(named, { id: 'CaseList' });

/** Stability budget over the whole life of a serial, minutes. */
export const stabilityBudget = z.object({
  limit: z.number(),
  used: z.number().describe('unknown and suspect time counted as the profile says'),
  left: z.number().describe('below 0: overdrawn'),
  carriedIn: z.number().describe('used before we knew of it, as a notice says'),
  excused: z.number().describe('given back by signed steps'),
});

/** What serials were exposed to, the same for all of a group. Temperatures °C, times minutes. */
export const groupExposure = z.object({
  from: timeOut.nullable(),
  to: timeOut.nullable(),
  min: z.number().nullable(),
  max: z.number().nullable(),
  mkt: z.number().nullable(),
  minutesAbove: z.number(),
  minutesBelow: z.number(),
  minutesUnknown: z.number(),
  minutesSuspect: z.number(),
  limits: z.object({ min: z.number().nullable(), max: z.number().nullable() }),
  budget: stabilityBudget.nullable().describe('null: nobody says what the product stands'),
});

/** A proposal is worked out from the product's stability profile and the exposure alone. */
export const proposal = z.object({
  disposition,
  /** Its reasoning, a sentence each. */
  reasons: z.array(z.string()),
  /** false: a person has to judge what data cannot tell. */
  isCertain: z.boolean(),
});

/** Serials of one product and lot that shared one exposure. */
export const caseGroup = z
  .object({
    id: z.string().describe('stable while its serials and exposure are the same'),
    name: z.string().describe('a letter or number for people, A, B, ...'),
    gtin: z.string().nullable(),
    product: z.string().nullable(),
    lot: z.string().nullable(),
    expiry: z.string().nullable(),
    units: z.array(z.string()),
    devices: z.array(z.string()).describe('the loggers that told what it went through'),
    serials: z.number().int(),
    undecided: z.number().int().describe('without a decision in force'),
    waiting: z.number().int().describe('of these: signed by one, the second signer is awaited'),
    changed: z.number().int().describe('decided on other evidence than is known now'),
    toDecide: z
      .number()
      .int()
      .describe('undecided, and nobody is awaited; or decided on other evidence than is known now'),
    exposure: groupExposure,
    proposal,
    /** How many of it have which decision in force. */
    decided: z.array(z.object({ disposition, serials: z.number().int() })),
  })
  .register(named, { id: 'CaseGroup' });
export type CaseGroupView = z.output<typeof caseGroup>;

export const signatureView = z.object({
  by: z.string().describe('user name'),
  name: z.string().describe('as printed'),
  role: z.string(),
  at: timeOut,
  meaning: z.string(),
  method: z.enum(['password', 'passkey', 'oidc']),
  recordHash: z.string().describe('SHA-256 of the signed record, canonical JSON (RFC 8785), hex'),
});

export const caseDecision = z
  .object({
    number: z.number().int(),
    revision: z.number().int().describe('of the case as it was signed'),
    disposition,
    serials: z.number().int(),
    serialsHash: z.string().describe('SHA-256 of the sorted EPCs, a line each, hex'),
    scope: z.object({ group: z.string().nullable(), lot: z.string().nullable() }),
    reason: z.string(),
    signatures: z.array(signatureView),
    needsSecond: z.boolean().describe('a second signer is awaited: it is not in force'),
    inForceSince: timeOut.nullable(),
    supersededBy: z.number().int().nullable().describe('a later decision on all of its serials'),
    evidenceChanged: z.array(z.string()).describe('what is different from what was signed, a sentence each'),
  })
  .register(named, { id: 'CaseDecision' });

/** What a person may say of evidence, signed; undone by another signed step. */
export const CASE_STEPS = ['excuse', 'exclude', 'declare broken', 'override'] as const;
export const stepInput = z.discriminatedUnion('step', [
  z.object({
    step: z.literal('excuse').describe('the excursion of an alert: its budget is given back'),
    alert: line(100),
  }),
  z.object({
    step: z.literal('exclude').describe('handling before start or after arrival is no part of the journey'),
    device: line(128),
    from: timeIn,
    to: timeIn,
  }),
  z.object({
    step: z.literal('declare broken').describe("a logger's data does not count from a moment on; another one's does"),
    device: line(128),
    from: timeIn,
    to: timeIn.nullable().default(null),
    instead: line(128).nullable().default(null),
  }),
  z.object({
    step: z.literal('override').describe('values are implausible, or plausible against what the platform made of them'),
    device: line(128),
    from: timeIn,
    to: timeIn,
    isGood: z.boolean(),
  }),
]);
export const caseStep = z
  .object({
    number: z.number().int(),
    step: z.enum(CASE_STEPS),
    detail: z.record(z.string(), z.unknown()),
    reason: z.string(),
    signature: signatureView,
    undoneBy: z.number().int().nullable(),
    undoes: z.number().int().nullable(),
  })
  .register(named, { id: 'CaseStep' });

export const caseComment = z.object({
  number: z.number().int(),
  at: timeOut,
  by: z.string(),
  text: z.string(),
  mentions: z.array(z.string()),
});
export const caseTask = z.object({
  number: z.number().int(),
  text: z.string(),
  owner: z.string().nullable(),
  due: timeOut.nullable(),
  madeBy: z.string(),
  doneAt: timeOut.nullable(),
  doneBy: z.string().nullable(),
});
export const caseAttachment = z.object({
  number: z.number().int(),
  name: z.string(),
  mediaType: z.string(),
  bytes: z.number().int(),
  sha256: z.string(),
  at: timeOut,
  by: z.string(),
});

/** What the case rests on; it gathers itself. */
export const caseEvidence = z.object({
  alerts: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      severity: z.string(),
      state: z.string(),
      summary: z.string(),
      rule: z.object({ id: z.string(), version: z.number().int(), text: z.string().nullable() }),
      from: timeOut,
      to: timeOut.nullable(),
      excusedBy: z.number().int().nullable().describe('number of the step'),
    }),
  ),
  devices: z.array(
    z.object({
      id: z.string(),
      name: z.string().nullable(),
      kind: z.string().nullable(),
      calibration: z.record(z.string(), z.unknown()).nullable(),
      readings: z.number().int().describe('of its alerts, from begin to end'),
    }),
  ),
  notices: z.array(
    z.object({
      alert: z.string(),
      who: z.string(),
      channel: z.string(),
      at: timeOut.nullable(),
      arrived: timeOut.nullable(),
    }),
  ),
  originals: z.array(z.object({ id: z.string(), device: z.string(), at: timeOut, sha256: z.string() })),
  /** What changed since the last decision, a sentence each; empty without one. */
  changes: z.array(
    z.object({
      at: timeOut,
      text: z.string(),
      decision: z
        .number()
        .int()
        .nullable()
        .describe('the decision that was signed on other evidence than is known now; null: it says something else'),
    }),
  ),
});

export const caseDetail = caseSummary
  .extend({
    clocks: z.array(caseClock),
    groups: z.array(caseGroup),
    /** The whole case in a sentence: what the proposals of its groups come to. */
    proposal: z.object({ text: z.string(), isCertain: z.boolean(), at: timeOut }).nullable(),
    evidence: caseEvidence,
    steps: z.array(caseStep),
    decisions: z.array(caseDecision),
    comments: z.array(caseComment),
    tasks: z.array(caseTask),
    attachments: z.array(caseAttachment),
    /** How one has to sign here and now. */
    signing: z.object({
      methods: z.array(z.enum(['password', 'passkey', 'oidc'])),
      needsUser: z.boolean().describe('first signing of the session: both components, else the password alone'),
      needsCode: z.boolean(),
      needsSecond: z.boolean().describe("the products' profile asks for a second signer"),
    }),
  })
  .register(named, { id: 'Case' });
export type CaseView = z.output<typeof caseDetail>;

/** What made a revision of a case, a sentence each, the first one first. */
export const caseChanges = listOf(
  z.object({
    revision: z.number().int(),
    at: timeOut,
    text: z.string(),
    isEvidence: z.boolean().describe('what the case rests on changed; else people did something'),
  }),
).register(named, { id: 'CaseChanges' });

/** A comment that mentions who asks, who has not looked at the case since. */
export const caseMentions = listOf(
  z.object({
    case: z.string(),
    title: z.string(),
    comment: z.number().int(),
    at: timeOut,
    by: z.string(),
    text: z.string(),
  }),
).register(named, { id: 'CaseMentions' });

/** Who can be mentioned, given tasks and cases. */
export const casePeople = listOf(z.object({ name: z.string(), role: z.string() })).register(named, {
  id: 'CasePeople',
});

export const caseSerial = z
  .object({
    epc: z.string(),
    gtin: z.string().nullable(),
    serial: z.string().nullable(),
    lot: z.string().nullable(),
    group: z.string(),
    unit: z.string().nullable(),
    decision: z.object({ number: z.number().int(), disposition, isInForce: z.boolean() }).nullable(),
  })
  .register(named, { id: 'CaseSerial' });
export const caseSerialList = listOf(caseSerial).register(named, { id: 'CaseSerialList' });

/** Both components at the first signing of a session, the second alone after it; or a passkey, or a fresh sign-in. */
export const signatureInput = z.union([
  z.strictObject({
    meaning: line(200),
    user: line(64).optional(),
    password: z.string().max(1_000),
    code: line(64).optional(),
  }),
  z.strictObject({ meaning: line(200), passkey: z.record(z.string(), z.unknown()) }),
  z.strictObject({ meaning: line(200), oidc: line(4_000) }),
]);
export type SignatureInput = z.output<typeof signatureInput>;

/** Exactly one of serials, group and lot. */
export const decisionInput = z.strictObject({
  revision: z.number().int(),
  serials: z.array(line(200)).min(1).max(100_000).optional(),
  group: line(100).optional(),
  lot: line(20).optional(),
  toDecide: z.boolean().optional().describe('of these, only what has to be decided: nothing else is decided anew'),
  disposition,
  reason: prose(4_000).trim().min(3),
  signature: signatureInput,
});

export const caseQuery = pageQuery.extend({
  state: line(100).optional().describe('one or more of the states, with commas'),
  shipment: line(200).optional(),
  assignee: line(64).optional(),
  order: z
    .enum(['opened', 'due', 'value'])
    .default('due')
    .describe('`value`: what is worth most first, value class times serials; a class that nobody said counts as 1'),
});

export const caseInput = z.strictObject({
  kind: z.enum(['suspect product', 'complaint', 'data missing']),
  title: line(200),
  shipment: line(200).nullable().default(null),
  place: line(200).nullable().default(null),
  serials: z.array(line(200)).max(100_000).default([]),
  reason: prose(4_000).trim().min(3),
});
