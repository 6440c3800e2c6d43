import { type CumulativeRule, minutesOf } from '../../domain/index.ts';
import { lengthOf, whenSummed, within } from './course.ts';
import { GROWS_MS, type Judge, NOTHING } from './found.ts';
import { countedTime } from './used-time.ts';

/** cumulative (docs/rules.md): from the moment at which the time beyond a limit since packing has summed up to `for`. */
export const judgeCumulative: Judge<CumulativeRule> = (rule, group, judged) => {
  const { spans, isUnknownCounted } = countedTime(rule, group, rule);
  const counted = within(spans, judged.begun, judged.to);
  const usedMs = lengthOf(counted);
  const at = whenSummed(counted, rule.forMs, false);
  const growing = at === null ? rule.forMs - usedMs : GROWS_MS;
  const again = isUnknownCounted ? judged.to + growing : Number.POSITIVE_INFINITY;
  if (at === null) return { ...NOTHING, again };
  const from = Math.max(at, judged.from);
  // What is reached at the very end is reached.
  if (from > judged.to || (from === judged.to && judged.cut !== null)) return NOTHING;
  const minutes = minutesOf(usedMs);
  const found = { from, to: null, endedBy: null, extreme: minutes, limit: minutesOf(rule.forMs), minutes };
  return { found: [found], again };
};
