import type { Limits, Rule } from '../../domain/index.ts';

/** The limits of a rule on values, in the unit of its metric; none where its kind has none. */
export function limitsOf(rule: Rule): Limits {
  switch (rule.kind) {
    case 'threshold': {
      const { above, atOrAbove, below, atOrBelow } = rule;
      return { above, atOrAbove, below, atOrBelow };
    }
    case 'forecast':
      return { above: rule.above, below: rule.below };
    case 'mkt':
      return { above: rule.above };
    default:
      return {};
  }
}
