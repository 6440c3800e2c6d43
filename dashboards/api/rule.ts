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
