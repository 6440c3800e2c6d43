import { type Limits, metricByName, type Rule } from '../../domain/index.ts';
import { limitsOf } from './rule-limits.ts';

/**
 * Warns where no reading can ever be beyond a limit, as the metric ends before it: a point was left out (`above: 800`),
 * and a rule that never finds anything looks as if all were well.
 *
 * @returns `file:line: ...`, or null where every limit can be reached
 */
export function reachWarning(
  { rule, line }: { readonly rule: Rule; readonly line: number },
  file: string,
): string | null {
  const metric = 'metric' in rule ? metricByName(rule.metric) : undefined;
  if (metric === undefined) return null;
  const { min, max, unit } = metric;
  const { above, atOrAbove, below, atOrBelow }: Limits = limitsOf(rule);
  const missed = Object.entries({ above: tooHigh(above, max), atOrAbove: tooHigh(atOrAbove, max) })
    .concat(Object.entries({ below: tooLow(below, min), atOrBelow: tooLow(atOrBelow, min) }))
    .find(([, limit]) => limit !== null);
  if (missed === undefined) return null;
  const [key, limit] = missed;
  return `${file}:${line}: ${rule.id}.${key}: ${limit} ${unit} is never reached: ${metric.name} is ${min} to ${max} ${unit}`;
}

function tooHigh(limit: number | undefined, max: number): number | null {
  return limit !== undefined && limit > max ? limit : null;
}

function tooLow(limit: number | undefined, min: number): number | null {
  return limit !== undefined && limit < min ? limit : null;
}
