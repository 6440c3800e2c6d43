import { metricByName, type Rule, type ThresholdRule } from '../../domain/index.ts';

/** A rule as a person would say it; null for a kind that has no words here yet. */
export function ruleText(rule: Rule): string | null {
  const metric = 'metric' in rule ? capital(rule.metric) : '';
  switch (rule.kind) {
    case 'silence':
      return `No ${rule.metric} reading for ${durationText(rule.afterMs)}.`;
    case 'unexpected':
      return `${rule.atLeast} or more serials in a pass that no shipment expects there.`;
    case 'blocked':
      return `${rule.atLeast} or more serials in a pass that may not move on: recalled, stolen, expired or decommissioned.`;
    case 'mkt':
      return `Mean kinetic temperature over ${durationText(rule.windowMs)} above ${value(rule.above, rule.metric)}.`;
    case 'threshold':
      return thresholdText(rule);
    case 'rate': {
      const by = value(Math.abs(rule.limit), rule.metric);
      return `${metric} ${rule.limit > 0 ? 'rises' : 'falls'} by more than ${by} within ${durationText(rule.windowMs)}.`;
    }
    case 'shock': {
      const joined = rule.keepFiringForMs > 0 ? `, taken together within ${durationText(rule.keepFiringForMs)}` : '';
      return `${metric} of ${value(rule.limit, rule.metric)} or more${joined}.`;
    }
    case 'interval':
      return `${metric} readings further apart than EN 12830 allows for a journey of ${durationText(rule.journeyMs)}.`;
    case 'freezeThaw':
      return `Thawed ${rule.count} times or more within ${durationText(rule.windowMs)}.`;
    case 'forecast': {
      const limit =
        rule.above === undefined
          ? `below ${value(rule.below ?? 0, rule.metric)}`
          : `above ${value(rule.above, rule.metric)}`;
      return `${metric} on its way ${limit} within ${durationText(rule.withinMs)}.`;
    }
    default:
      return null;
  }
}

function thresholdText({ metric, above, below, clearAbove, clearBelow, forMs }: ThresholdRule): string {
  const lasting = forMs > 0 ? ` for ${durationText(forMs)} or longer` : '';
  // A door is open (1) or closed (0): nobody says "above 0".
  if (metric === 'door') return `Door ${above === undefined ? 'closed' : 'open'}${lasting}.`;
  const ends = [
    above === undefined ? null : `above ${value(above, metric)}`,
    below === undefined ? null : `below ${value(below, metric)}`,
  ].filter((end) => end !== null);
  const clears = [
    above === undefined || clearAbove === undefined ? null : `${value(clearAbove, metric)} or less`,
    below === undefined || clearBelow === undefined ? null : `${value(clearBelow, metric)} or more`,
  ].filter((end) => end !== null);
  const until = clears.length === 0 ? '' : `, until it is ${clears.join(' or ')}`;
  return `${capital(metric)} ${ends.join(' or ')}${lasting}${until}.`;
}

function capital(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function value(limit: number, metric: string): string {
  const unit = metricByName(metric)?.unit ?? '';
  return unit === '' ? String(limit) : `${limit}${unit === '°' ? '' : ' '}${unit}`;
}

function durationText(ms: number): string {
  for (const [word, unit] of [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1_000],
  ] as const) {
    if (ms >= unit && ms % unit === 0) return `${ms / unit} ${word}${ms === unit ? '' : 's'}`;
  }
  return `${ms} ms`;
}
