import { z } from 'zod';
import { ALERT_STATES, SEVERITIES, STATE_CHANGES, type Words } from '../../domain/index.ts';
import type { Operations } from './operation.ts';
import { placeRef } from './place.ts';
import { problem } from './problem.ts';
import { line, listOf, named, pageQuery, prose } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

export const severity = z.enum(SEVERITIES);
export const alertState = z.enum(ALERT_STATES);

export const affectedSerial = z
  .object({
    epc: z.string(),
    gtin: z.string().nullable(),
    serial: z.string().nullable(),
    lot: z.string().nullable(),
    expiry: z.string().nullable(),
    unit: z.string().nullable(),
    from: timeOut,
    to: timeOut.nullable(),
    minutesOutOfRange: z.number().nullable(),
    min: z.number().nullable(),
    max: z.number().nullable(),
    mkt: z.number().nullable(),
  })
  .register(named, { id: 'AffectedSerial' });
export type AffectedSerialView = z.output<typeof affectedSerial>;
export const affectedSerialList = listOf(affectedSerial).register(named, { id: 'AffectedSerialList' });

/** A text by its key, with what fills it: figures, texts, and texts by their own keys. */
export const words: z.ZodType<Words> = z
  .object({
    key: z.string(),
    values: z.record(z.string(), z.union([z.string(), z.number(), z.lazy(() => words), z.array(z.lazy(() => words))])),
  })
  .register(named, { id: 'Words' });

const stretch = z.object({ from: timeOut, to: timeOut });

/** One step of how a finding came about (docs/rules.md, "Explanation"). */
export const stateChange = z
  .object({
    at: timeOut.describe('event time'),
    what: z.enum(STATE_CHANGES),
    /** The reading there, or what the kind makes of it; null where there is none. */
    value: z.number().nullable(),
    text: z.string(),
  })
  .register(named, { id: 'StateChange' });
export type StateChangeView = z.output<typeof stateChange>;

export const alertEvidence = z.object({
  limit: z.number().nullable(),
  extreme: z.number().nullable(),
  minutesOutOfRange: z.number().nullable(),
  endedBy: z.string().nullable(),
  /** Stretches out of range. */
  runs: z.array(stretch),
  /** The readings that made it, thinned with extremes kept; empty in lists. */
  readings: z.array(z.object({ time: timeOut, value: z.number() })),
  /** How it came about: what each reading that mattered changed, by time; empty in lists. */
  changes: z.array(stateChange),
  pass: z.string().optional(),
  reason: z.string().optional(),
});

/** What people call the things an alert is about, and the clock on the wall where it happened. */
export const alertAbout = z.object({
  /** Where the device is now, or the portal's site. */
  place: placeRef.nullable(),
  /** The clock to read its times by: of that place, else of the shipment's destination. */
  zone: z.string().nullable(),
  device: z.string().nullable(),
  portal: z.string().nullable(),
  shipments: z.array(z.string()),
  unit: z.string().nullable(),
  isFaulty: z.literal(true).optional().describe('of a silence: readings come, and none of them is good'),
});

export const alert = z
  .object({
    id: z.string(),
    kind: z.string(),
    severity,
    state: alertState,
    rule: z.object({ id: z.string(), version: z.number().int() }),
    subject: z.object({
      device: z.string().optional(),
      metric: z.string().optional(),
      portal: z.string().optional(),
      shipment: z.string().optional(),
    }),
    summary: z.string(),
    words: words
      .optional()
      .describe('the summary by its key and values, for other languages; absent where a rule has words of its own'),
    from: timeOut,
    to: timeOut.nullable(),
    detectedAt: timeOut,
    detectedLate: z.boolean(),
    evidence: alertEvidence,
    affected: z.object({
      /** Distinct serials. */
      count: z.number().int(),
      /** Of them at sites that who asks does not see; in an alert by itself, not in lists. */
      elsewhere: z.number().int().optional(),
      serials: z.array(affectedSerial),
      atStake: z
        .object({
          valueClasses: z
            .array(z.object({ valueClass: z.number().int(), serials: z.number().int() }))
            .readonly()
            .describe('highest first; serials of which nobody says one are in none'),
          budgetLeftMinutes: z.number().int().nullable().describe('least stability budget that one of them has left'),
        })
        .optional()
        .describe('what they are worth and can still stand; absent where nothing is known'),
    }),
    mergedInto: z.string().nullable(),
    splitFrom: z.string().nullable(),
    acknowledgedBy: z.string().nullable(),
    acknowledgedAt: timeOut.nullable(),
    resolvedBy: z.string().nullable(),
    resolvedAt: timeOut.nullable(),
    assignedTo: z.string().nullable(),
    snoozedUntil: timeOut.nullable(),
    reopened: z.number().int().describe('how often it was opened again after it had been resolved'),
    revision: z.number().int(),
    about: alertAbout,
  })
  .register(named, { id: 'Alert' });
export type AlertView = z.output<typeof alert>;
export const alertList = listOf(alert).register(named, { id: 'AlertList' });

export const alertEntry = z.object({
  at: timeOut,
  by: z.string().nullable(),
  action: z.string(),
  comment: z.string().nullable(),
});
export type AlertEntry = z.output<typeof alertEntry>;

/** Who is told of an alert (docs/routing.md): one person, or a channel without anybody in particular, at one step. */
export const alertNotice = z
  .object({
    who: z.string().nullable(),
    channel: z.string(),
    step: z.string().describe('first, escalation n or repeat n'),
    route: z.string(),
    why: z.string(),
    /** Not before then. */
    due: timeOut,
    /** Of its message: `waiting` for its time, `sent` and not yet taken, `delivered`, `given up`, or `not needed` any more. */
    state: z.enum(['waiting', 'sent', 'delivered', 'given up', 'not needed']),
    /** When it came to that; null while it waits. */
    at: timeOut.nullable(),
    /** Why it is not needed, or could not be delivered so far. */
    reason: z.string().nullable(),
    attempts: z.number().int(),
  })
  .register(named, { id: 'AlertNotice' });
export type AlertNoticeView = z.output<typeof alertNotice>;

export const alertDetail = alert
  .extend({
    units: z.array(z.string()).describe('units that affected serials were in'),
    /** Least and most minutes out of range over the affected serials. */
    minutes: z.object({ least: z.number(), most: z.number() }).nullable(),
    /** The rule version as it stood, as people read it; null where it is not known any more. */
    ruleText: z.string().nullable(),
    /** Limits that applied, for the chart. */
    limits: z.object({ min: z.number().nullable(), max: z.number().nullable() }),
    muted: z
      .object({ by: z.enum(['silence', 'alert', 'flapping']), id: z.string(), why: z.string() })
      .nullable()
      .describe('by what it is muted: nobody is told of it meanwhile'),
    needsComment: z.boolean().describe('its place asks for a comment at acknowledgement'),
    history: z.array(alertEntry),
    notices: z.array(alertNotice).describe('who was told, and who will be while nobody acknowledges; by time'),
  })
  .register(named, { id: 'AlertDetail' });
export type AlertDetail = z.output<typeof alertDetail>;

/** By what alerts are put together: `notice` is as those were told together that stormed. */
export const alertGrouping = z.enum(['shipment', 'site', 'gateway', 'rule', 'notice']);
export type AlertGrouping = z.output<typeof alertGrouping>;

/** `state` and `severity` take several, separated by commas. */
const alertFilter = {
  state: severalOf(ALERT_STATES),
  severity: severalOf(SEVERITIES),
  shipment: line(200).optional(),
  device: line(128).optional(),
  portal: line(128).optional(),
  rule: line(64).optional(),
  kind: line(64).optional().describe('the kind of its rule'),
  site: line(128).optional().describe('a site that its routes looked at'),
  gateway: line(128).optional(),
  notice: z.coerce.number().int().min(1).optional().describe('number of a group in which it was told'),
  without: alertGrouping.optional().describe('alerts that have none of these'),
  assignedTo: line(64).optional(),
  since: timeIn.optional(),
};
export const alertQuery = pageQuery.extend(alertFilter);
export const alertGroupQuery = z.object({ by: alertGrouping, ...alertFilter });

/** Alerts that have something in common. */
export const alertGroup = z
  .object({
    key: z.string().nullable().describe('what they have in common, by id; null: those that have none of it'),
    label: z.string().nullable().describe('what people call it'),
    alerts: z.number().int(),
    open: z.number().int(),
    critical: z.number().int(),
    warning: z.number().int(),
    latestAt: timeOut.describe('when the latest of them was found'),
  })
  .register(named, { id: 'AlertGroup' });
export type AlertGroupView = z.output<typeof alertGroup>;
export const alertGroups = z
  .object({
    total: z.number().int().describe('alerts in all, each once: one of two shipments stands in both groups'),
    groups: z.array(alertGroup).describe('those with most critical alerts first, at most 500'),
  })
  .register(named, { id: 'AlertGroups' });
export type AlertGroupsView = z.output<typeof alertGroups>;

/** The revision that was seen; an action is refused (409) where a person acted since. */
const seen = z.number().int().min(0).optional().describe('the revision that was seen: 409 where somebody acted since');
const note = prose(4_000).trim();

export const alertComment = z.strictObject({ comment: note.min(1) });
export const alertAssignment = z.strictObject({
  to: line(64).min(1).nullable().describe('user name; null gives it back'),
  comment: note.optional(),
  revision: seen,
});
export const alertSnooze = z.strictObject({ until: timeIn, comment: note.optional(), revision: seen });
export const alertNote = z.strictObject({ comment: note.optional(), revision: seen });
/** A step that needs a reason; `comment` is taken for it. */
export const alertReason = z
  .strictObject({ reason: note.optional(), comment: note.optional(), revision: seen })
  .refine(({ reason, comment }) => (reason ?? comment ?? '') !== '', {
    path: ['reason'],
    message: 'say why, in a few words',
  });

/** So many alerts may be acted on at once. */
export const MOST_AT_ONCE = 500;

/** One action on many alerts: each is taken by itself, and has its own answer. */
export const alertActions = z
  .strictObject({
    action: z.enum(['acknowledge', 'resolve', 'assign', 'snooze']),
    alerts: z
      .array(z.strictObject({ id: line(64).min(1), revision: seen }))
      .min(1)
      .max(MOST_AT_ONCE),
    reason: note.optional().describe('of resolve: why; else a comment. Stands in the history of each'),
    to: line(64).min(1).nullable().optional().describe('of assign: user name; null gives them back'),
    until: timeIn.optional().describe('of snooze'),
  })
  .superRefine(({ action, alerts, reason, to, until }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (action === 'resolve' && (reason ?? '') === '') refuse('reason', 'say why, in a few words');
    if (action === 'assign' && to === undefined) refuse('to', 'a user name, or null to give them back');
    if (action === 'snooze' && until === undefined) refuse('until', 'until when');
    const ids = new Set(alerts.map(({ id }) => id));
    if (ids.size < alerts.length) refuse('alerts', 'each alert once');
  });
export type AlertActionsGiven = z.input<typeof alertActions>;

/** What became of one of them. */
export const alertActed = z
  .object({
    id: z.string(),
    alert: alert.nullable().describe('as it is now; null where nothing was done'),
    problem: problem.nullable().describe('why nothing was done; of 409 with how it is now'),
  })
  .register(named, { id: 'AlertActed' });
export type AlertActedView = z.output<typeof alertActed>;
export const alertsActed = z.object({ items: z.array(alertActed) }).register(named, { id: 'AlertsActed' });

function severalOf<const T extends readonly [string, ...string[]]>(allowed: T) {
  return z
    .string()
    .transform((given) => given.split(',').filter((part) => part !== ''))
    .pipe(z.array(z.enum(allowed)))
    .optional();
}

export const alertOperations = {
  list: {
    method: 'get',
    path: '/alerts',
    summary: 'Alerts, newest first',
    permission: 'records.read',
    bySite: true,
    query: alertQuery,
    answers: { 200: alertList },
  },
  groups: {
    method: 'get',
    path: '/alerts/groups',
    summary: 'The same alerts by what they have in common, with counts; settled ones of the last thirty days',
    permission: 'records.read',
    bySite: true,
    query: alertGroupQuery,
    answers: { 200: alertGroups },
  },
  actOnMany: {
    method: 'post',
    path: '/alerts/actions',
    summary: 'One action on many alerts; each has its own answer',
    permission: 'alert.handle',
    bySite: true,
    body: alertActions,
    answers: { 200: alertsActed },
  },
  get: {
    method: 'get',
    path: '/alerts/:id',
    summary: 'An alert with its evidence',
    permission: 'records.read',
    bySite: true,
    answers: { 200: alertDetail },
  },
  serials: {
    method: 'get',
    path: '/alerts/:id/serials',
    summary: 'Every affected serial with its own interval',
    permission: 'records.read',
    bySite: true,
    query: pageQuery,
    answers: { 200: affectedSerialList },
  },
  acknowledge: {
    method: 'post',
    path: '/alerts/:id/acknowledge',
    summary: 'Say that someone is on it',
    permission: 'alert.handle',
    bySite: true,
    body: alertNote,
    answers: { 200: alertDetail },
  },
  comment: {
    method: 'post',
    path: '/alerts/:id/comment',
    summary: 'Add a comment',
    permission: 'alert.comment',
    bySite: true,
    body: alertComment,
    answers: { 200: alertDetail },
  },
  assign: {
    method: 'post',
    path: '/alerts/:id/assign',
    summary: 'Say who looks after it',
    permission: 'alert.handle',
    bySite: true,
    body: alertAssignment,
    answers: { 200: alertDetail },
  },
  snooze: {
    method: 'post',
    path: '/alerts/:id/snooze',
    summary: 'Leave it for a while',
    permission: 'alert.handle',
    bySite: true,
    body: alertSnooze,
    answers: { 200: alertDetail },
  },
  escalate: {
    method: 'post',
    path: '/alerts/:id/escalate',
    summary: 'Tell whoever is next at once',
    permission: 'alert.handle',
    bySite: true,
    body: alertNote,
    answers: { 200: alertDetail },
  },
  resolve: {
    method: 'post',
    path: '/alerts/:id/resolve',
    summary: 'Close it, with a reason',
    permission: 'alert.handle',
    bySite: true,
    body: alertReason,
    answers: { 200: alertDetail },
  },
  reopen: {
    method: 'post',
    path: '/alerts/:id/reopen',
    summary: 'Open it again after it was resolved, with a reason',
    permission: 'alert.handle',
    bySite: true,
    body: alertReason,
    answers: { 200: alertDetail },
  },
} as const satisfies Operations;
