import {
  type Finding,
  type FreezeThawRule,
  type IntervalRule,
  type ShockRule,
  type SilenceRule,
  type StateChange,
  serverText,
} from '../../domain/index.ts';
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
    yield { at: last, what: 'lastHeard', value, text: serverText('explanation.silence.last') };
  }
  const opened = serverText('explanation.silence.opened', { lasting: lasting(rule.afterMs) });
  yield { at: from, what: 'opened', value: null, text: opened };
  if (to === null) return;
  if (endedBy === 'rule') {
    yield ruleChanged(to);
    return;
  }
  const text =
    last === undefined
      ? serverText('explanation.silence.heard')
      : serverText('explanation.silence.heard.after', { silent: lasting(to - last) });
  yield { at: to, what: 'heard', value: readings.valueAt(to), text };
}

export function* shockExplanation(finding: Finding, rule: ShockRule, readings: KeyHistory): Generator<StateChange> {
  for (const { at, value } of readings.between(finding.from, finding.to ?? finding.from)) {
    if (value < rule.limit) continue;
    const isFirst = at === finding.from;
    const said = { value: amount(value, rule.metric), limit: amount(rule.limit, rule.metric) };
    const text = isFirst
      ? serverText('explanation.shock.opened', said)
      : serverText('explanation.shock.counted', { ...said, joined: lasting(rule.keepFiringForMs) });
    yield { at, what: isFirst ? 'opened' : 'counted', value, text };
    if (value === finding.extreme && finding.readings > 1) {
      yield { at, what: 'furthest', value, text: serverText('explanation.shock.furthest', said) };
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
    const what = isFirst ? 'opened' : 'counted';
    const text = serverText(`explanation.interval.${what}`, { lasting: lasting(step), allowed: lasting(allowed) });
    yield { at: at - step, what, value: minutes, text };
  }
  if (finding.endedBy === 'rule' && finding.to !== null) yield ruleChanged(finding.to);
  else if (finding.endedBy !== null && finding.to !== null) {
    const text = serverText('explanation.interval.recovered');
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
      const said = { value: amount(value, rule.metric), limit: amount(rule.frozenBelow, rule.metric) };
      const text = serverText('explanation.freezeThaw.frozen', said);
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
      const said = { value: amount(value, rule.metric), limit: amount(rule.thawedAbove, rule.metric) };
      const text = isOpening
        ? serverText('explanation.freezeThaw.opened', { ...said, nth: thaws, window: lasting(rule.windowMs) })
        : serverText('explanation.freezeThaw.thawed', said);
      steps.push({ at, what: isOpening ? 'opened' : 'counted', value, text });
    }
  }
  yield* steps;
}

export function ruleChanged(at: number): StateChange {
  return { at, what: 'ruleChanged', value: null, text: serverText('explanation.ruleChanged') };
}
