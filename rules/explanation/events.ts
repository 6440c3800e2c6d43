import type { Finding, FreezeThawRule, IntervalRule, ShockRule, SilenceRule, StateChange } from '../../domain/index.ts';
import { allowedIntervalMs } from '../engine/interval.ts';
import type { KeyHistory } from './readings.ts';
import { amount, lasting } from './words.ts';

const MINUTE_MS = 60_000;

export function* silenceExplanation(finding: Finding, rule: SilenceRule, readings: KeyHistory): Generator<StateChange> {
  const { from, to, endedBy } = finding;
  const before = readings.from(from) - 1;
  const last = readings.times[before];
  if (last !== undefined) {
    const value = readings.values[before] ?? null;
    yield { at: last, what: 'lastHeard', value, text: 'The last reading before the silence.' };
  }
  yield { at: from, what: 'opened', value: null, text: `No reading for ${lasting(rule.afterMs)}: an alert.` };
  if (to === null) return;
  if (endedBy === 'rule') {
    yield ruleChanged(to);
    return;
  }
  const silent = last === undefined ? '' : `, ${lasting(to - last)} after the last`;
  yield { at: to, what: 'heard', value: readings.valueAt(to), text: `A reading again${silent}.` };
}

export function* shockExplanation(finding: Finding, rule: ShockRule, readings: KeyHistory): Generator<StateChange> {
  for (const { at, value } of readings.between(finding.from, finding.to ?? finding.from)) {
    if (value < rule.limit) continue;
    const isFirst = at === finding.from;
    const text = isFirst
      ? `${amount(value, rule.metric)}, ${amount(rule.limit, rule.metric)} or more: an alert.`
      : `${amount(value, rule.metric)}, within ${lasting(rule.keepFiringForMs)} of the one before: the same alert.`;
    yield { at, what: isFirst ? 'opened' : 'counted', value, text };
    if (value === finding.extreme && finding.readings > 1) {
      yield { at, what: 'furthest', value, text: `${amount(value, rule.metric)}: the hardest.` };
    }
  }
}

export function* intervalExplanation(
  finding: Finding,
  rule: IntervalRule,
  readings: KeyHistory,
): Generator<StateChange> {
  const allowed = allowedIntervalMs(rule.journeyMs);
  const to = finding.to ?? Number.POSITIVE_INFINITY;
  for (const { at, i } of readings.between(finding.from + 1, to)) {
    const step = readings.stepInto(i);
    if (step <= allowed) continue;
    const isFirst = at - step === finding.from;
    const minutes = step / MINUTE_MS;
    const text = `${lasting(step)} to the next reading; EN 12830 allows ${lasting(allowed)} on such a journey${isFirst ? ': an alert' : ''}.`;
    yield { at: at - step, what: isFirst ? 'opened' : 'counted', value: minutes, text };
  }
  if (finding.endedBy === 'rule' && finding.to !== null) yield ruleChanged(finding.to);
  else if (finding.endedBy !== null && finding.to !== null) {
    const text = 'From here the readings are close enough again.';
    yield { at: finding.to, what: 'recovered', value: readings.valueAt(finding.to), text };
  }
}

export function* freezeThawExplanation(
  finding: Finding,
  rule: FreezeThawRule,
  readings: KeyHistory,
): Generator<StateChange> {
  let isFrozen = false;
  let thaws = 0;
  const steps: StateChange[] = [];
  const last = finding.to ?? finding.from;
  for (const { at, value } of readings.between(Number.NEGATIVE_INFINITY, last)) {
    if (!isFrozen && value < rule.frozenBelow) {
      isFrozen = true;
      const text = `${amount(value, rule.metric)}, below ${amount(rule.frozenBelow, rule.metric)}: frozen.`;
      steps.push({ at, what: 'began', value, text });
    } else if (isFrozen && value > rule.thawedAbove) {
      isFrozen = false;
      if (at <= finding.from - rule.windowMs) {
        // It no longer counted when the finding began, nor does what led to it.
        steps.length = 0;
        continue;
      }
      thaws++;
      const isOpening = at === finding.from;
      const counts = isOpening ? `: the ${ordinal(thaws)} within ${lasting(rule.windowMs)}, an alert` : '';
      const text = `${amount(value, rule.metric)}, above ${amount(rule.thawedAbove, rule.metric)}: thawed${counts}.`;
      steps.push({ at, what: isOpening ? 'opened' : 'counted', value, text });
    }
  }
  yield* steps;
}

export function ruleChanged(at: number): StateChange {
  return { at, what: 'ruleChanged', value: null, text: 'Another version of the rule took over.' };
}

function ordinal(n: number): string {
  const suffix = n % 100 >= 11 && n % 100 <= 13 ? 'th' : (['th', 'st', 'nd', 'rd'][n % 10] ?? 'th');
  return `${n}${suffix}`;
}
