import { z } from 'zod';
import { severity } from './alert.ts';
import { listOf, named } from './schema.ts';
import { timeOut } from './time.ts';

const version = z.object({
  version: z.number().int(),
  /** Event time from which it judges; null: everything before the next version. */
  effectiveFrom: timeOut.nullable(),
  /** From then on the rule judges no more. */
  isRemoved: z.boolean(),
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
    /** Findings of the stretch, ended ones included: of the version in force, and of this one. */
    found: z.object({ before: z.number().int(), after: z.number().int() }),
    /** Keys that either version judges, and how many of them there was time to look at. */
    keys: z.object({ all: z.number().int(), judged: z.number().int() }),
    from: timeOut,
    to: timeOut,
  })
  .register(named, { id: 'RulePreview' });
export type RulePreview = z.output<typeof rulePreview>;

/** The rule as it is now; 200 also where a dry run was asked for, with the preview instead. */
export const ruleChanged = rule.extend({ warnings: z.array(z.string()) }).register(named, { id: 'RuleChanged' });
export type RuleChanged = z.output<typeof ruleChanged>;
export const ruleChange = z.union([rulePreview, ruleChanged]);
