import { z } from 'zod';
import { ENDED_BY } from '../../domain/index.ts';
import { severity } from './alert.ts';
import { BODY_LIMIT, type Operations } from './operation.ts';
import { problem } from './problem.ts';
import { line, listOf, named, pageQuery } from './schema.ts';
import { timeIn, timeOut } from './time.ts';

const version = z.object({
  version: z.number().int(),
  /** Event time from which it judges; null: everything before the next version. */
  effectiveFrom: timeOut.nullable(),
  /** From then on the rule judges no more. */
  isRemoved: z.boolean(),
  /** Who made it, a user or `configuration`, and when; null for one that is not in the log yet. */
  by: z.string().nullable(),
  at: timeOut.nullable(),
  /** As a person would say it. */
  text: z.string().nullable(),
  /** The rule as the engine takes it: limits in the metric's unit, durations in ms (`forMs`). */
  rule: z.record(z.string(), z.unknown()),
  /** The rule as a rule file writes it: what `PUT /rules/{id}` takes. */
  source: z.string(),
});

/** A rule with every version it had, oldest first. */
export const rule = z
  .object({
    id: z.string(),
    /** Of the latest version, as the two below. */
    kind: z.string(),
    severity,
    version: z.number().int(),
    versions: z.array(version),
  })
  .register(named, { id: 'Rule' });
export type RuleView = z.output<typeof rule>;
export const ruleList = listOf(rule).register(named, { id: 'RuleList' });

/** `?dryRun=true` changes nothing and says what would come of it; `?version=` refuses where someone was first. */
export const ruleChangeQuery = z.object({
  dryRun: z.enum(['true', 'false']).default('false'),
  version: z.coerce.number().int().min(0).optional().describe('the latest version the change was made from'),
});

/** One rule as a rule file writes it, as JSON here or as `application/yaml`. */
export const ruleInput = z.record(z.string(), z.unknown());

/** A finding of a trial: nobody was alerted. */
export const triedFinding = z
  .object({
    rule: z.string(),
    key: z.string(),
    from: timeOut,
    to: timeOut.nullable(),
    endedBy: z.string().nullable(),
    extreme: z.number().nullable(),
    readings: z.number().int(),
    minutesOutOfRange: z.number().nullable(),
    serials: z.number().int().optional().describe('rules on goods and over passes only'),
    said: z.string().optional().describe('rules over passes only: what was found, in one sentence'),
  })
  .register(named, { id: 'TriedFinding' });
export type TriedFinding = z.output<typeof triedFinding>;

/** What a changed rule would do to what is running, judged over recent history. */
export const rulePreview = z
  .object({
    version: z.number().int(),
    effectiveFrom: timeOut.nullable(),
    isRemoved: z.boolean(),
    text: z.string().nullable(),
    /** What is allowed but probably not meant. */
    warnings: z.array(z.string()),
    opens: z.array(triedFinding),
    closes: z.array(triedFinding),
    keeps: z.array(triedFinding),
    changes: z.array(triedFinding).describe('of those that are kept, the ones that are not the same as now'),
    serials: z
      .object({ before: z.number().int().nullable(), after: z.number().int().nullable() })
      .describe('touched by what is running, by the version in force and by this one; null: too many to look at'),
    /** Findings of the stretch, ended ones included: of the version in force, and of this one. */
    found: z.object({ before: z.number().int(), after: z.number().int() }),
    /** Keys that either version judges, of rules on goods shipments, and how many of them there was time to look at. */
    keys: z.object({ all: z.number().int(), judged: z.number().int(), of: z.enum(['series', 'shipments', 'passes']) }),
    from: timeOut,
    to: timeOut,
  })
  .register(named, { id: 'RulePreview' });
export type RulePreview = z.output<typeof rulePreview>;

/** The rule as it is now; 200 also where a dry run was asked for, with the preview instead. */
export const ruleChanged = rule.extend({ warnings: z.array(z.string()) }).register(named, { id: 'RuleChanged' });
export type RuleChanged = z.output<typeof ruleChanged>;
export const ruleChange = z.union([rulePreview, ruleChanged]);

/** How a rule is written, for a form. */
export const ruleField = z
  .object({
    key: z.string(),
    type: z
      .enum(['number', 'whole', 'duration', 'choice', 'choices', 'yesNo', 'text', 'names', 'other'])
      .describe('other: more than a form shows; kept as it is written'),
    isRequired: z.boolean(),
    options: z.array(z.union([z.string(), z.number()])).optional(),
    default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  })
  .register(named, { id: 'RuleField' });
export type RuleFieldView = z.output<typeof ruleField>;
export const ruleKinds = z
  .object({ items: z.array(z.object({ kind: z.string(), fields: z.array(ruleField) })) })
  .register(named, { id: 'RuleKinds' });
export type RuleKindsView = z.output<typeof ruleKinds>;

/** A rule as text, and what a form changes in it. */
export const ruleDraftInput = z.strictObject({
  text: z.string().max(100_000),
  change: z
    .record(z.string().max(64), z.unknown())
    .optional()
    .describe('a JSON Merge Patch of the keys as they are written; null takes one out'),
});
/** What a text says, or says after a change; nothing is saved by it. */
export const ruleDraft = z
  .object({
    text: z.string().describe('with the change; all else to the letter, comments with it'),
    values: z.record(z.string(), z.unknown()).describe('its keys as they are written'),
    said: z.string().nullable().describe('as a person would say it; null where it is no rule yet'),
    errors: z.array(z.object({ path: z.string(), message: z.string() })),
    lost: z.array(z.string()).describe('comments that stood in what went'),
  })
  .register(named, { id: 'RuleDraft' });
export type RuleDraftView = z.output<typeof ruleDraft>;

const BACKTEST_MOST_MS = 400 * 86_400_000;

/** What to judge, over which history. */
export const backtestInput = z
  .strictObject({
    rules: z
      .union([z.string(), ruleInput, z.array(ruleInput)])
      .describe('a rule file or one rule as text (YAML), or one rule or a list of rules as JSON'),
    devices: z.array(line(128).min(1)).min(1).max(10_000).optional().describe('only these; absent: all'),
    shipment: line(200).min(1).optional().describe('only devices that were on its units'),
    from: timeIn.optional().describe('event time; absent: when the shipment began'),
    to: timeIn.optional().describe('event time, exclusive; absent: when the shipment was to arrive'),
  })
  .superRefine(({ shipment, from, to }, context) => {
    for (const [path, given] of Object.entries({ from, to })) {
      if (given !== undefined || shipment !== undefined) continue;
      context.addIssue({ code: 'custom', path: [path], message: 'expected a time, or a shipment that has one' });
    }
    if (from === undefined || to === undefined) return;
    if (to <= from) context.addIssue({ code: 'custom', path: ['to'], message: 'expected a time after from' });
    if (to - from > BACKTEST_MOST_MS) {
      context.addIssue({ code: 'custom', path: ['to'], message: 'expected at most 400 days after from' });
    }
  });
export type BacktestInput = z.output<typeof backtestInput>;

/** A line of `isotherm rules backtest`. */
export const backtestFinding = z
  .object({
    rule: z.string(),
    key: z.string(),
    from: timeOut,
    to: timeOut.nullable(),
    endedBy: z.enum(ENDED_BY).nullable(),
    extreme: z.number().nullable(),
    readings: z.number().int(),
    minutesOutOfRange: z.number().optional().describe('threshold only'),
    detectedLate: z.boolean(),
    serials: z.number().int().optional().describe('rules over passes only'),
    said: z.string().optional().describe('rules over passes only: what was found, in one sentence'),
  })
  .register(named, { id: 'BacktestFinding' });
export type BacktestFinding = z.output<typeof backtestFinding>;

const beside = z
  .array(z.object({ what: z.enum(['shipments', 'passes']), all: z.number().int(), judged: z.number().int() }))
  .optional()
  .describe('what rules on goods and over passes judge; absent where no rule asks');

export const backtestProgress = z.object({
  keys: z.number().int(),
  judged: z.number().int(),
  readings: z.number().int(),
  findings: z.number().int(),
  beside,
});
export type BacktestProgressView = z.output<typeof backtestProgress>;

/** What the rules find in the history, and what of that is other than what those in force find in it. */
export const backtestResult = z
  .object({
    from: timeOut,
    to: timeOut,
    /** The clock at the end: silence and what is still open are judged as of then. */
    now: timeOut,
    rules: z.array(
      z.object({
        id: z.string(),
        /** The version that judges now and is compared with; null where none does. */
        inForce: z.number().int().nullable(),
      }),
    ),
    warnings: z.array(z.string()),
    /** Keys that a rule judges. */
    keys: z.number().int(),
    readings: z.number().int(),
    beside,
    /** By rule, key and from: what `isotherm rules backtest --final` prints. */
    findings: z.array(backtestFinding),
    serials: z
      .number()
      .int()
      .nullable()
      .describe(
        'serials that its findings touch; of goods those that are found twice count twice; null: too many findings to count',
      ),
    /** What the versions in force find in the same time. */
    inForce: z.object({ findings: z.number().int(), serials: z.number().int().nullable() }),
    comparison: z.object({
      opened: z.array(backtestFinding),
      closed: z.array(backtestFinding),
      kept: z.array(backtestFinding),
      changed: z.array(z.object({ before: z.array(backtestFinding), after: z.array(backtestFinding) })),
    }),
  })
  .register(named, { id: 'BacktestResult' });
export type BacktestResult = z.output<typeof backtestResult>;

/** A line of the streamed answer: any number of `progress`, then one `result`, or one `problem`. */
export const backtestLine = z
  .union([
    z.object({ progress: backtestProgress }),
    z.object({ result: backtestResult }),
    z.object({ problem: problem }),
  ])
  .register(named, { id: 'BacktestLine' });
export type BacktestLine = z.output<typeof backtestLine>;

export const ruleOperations = {
  list: {
    method: 'get',
    path: '/rules',
    summary: 'Rules with their versions',
    permission: 'records.read',
    bySite: true,
    query: pageQuery,
    answers: { 200: ruleList },
  },
  kinds: {
    method: 'get',
    path: '/rules/kinds',
    summary: 'How each kind of rule is written, for a form',
    permission: 'rules.change',
    answers: { 200: ruleKinds },
  },
  draft: {
    method: 'post',
    path: '/rules/draft',
    summary: 'What a rule as text says, and what a form would change in it; nothing is saved',
    permission: 'rules.change',
    body: ruleDraftInput,
    answers: { 200: ruleDraft },
  },
  get: {
    method: 'get',
    path: '/rules/:id',
    summary: 'A rule',
    permission: 'records.read',
    bySite: true,
    answers: { 200: rule },
  },
  put: {
    method: 'put',
    path: '/rules/:id',
    summary: 'Make a new version of a rule, or say what it would do',
    permission: 'rules.change',
    query: ruleChangeQuery,
    body: ruleInput,
    alsoTakes: ['application/yaml'],
    answers: { 200: ruleChange, 202: null },
  },
  remove: {
    method: 'delete',
    path: '/rules/:id',
    summary: 'Remove a rule from now on, or say what that would do',
    permission: 'rules.change',
    query: ruleChangeQuery,
    answers: { 200: ruleChange, 202: null },
  },
  backtest: {
    method: 'post',
    path: '/rules/backtest',
    summary: 'What rules find in stored history, compared with those in force; streamed with its progress, or at once',
    permission: 'rules.change',
    body: backtestInput,
    bodyLimit: 4 * BODY_LIMIT,
    answers: { 200: backtestResult },
    lines: backtestLine,
  },
} as const satisfies Operations;
