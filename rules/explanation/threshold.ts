import {
  type Finding,
  greatestWithin,
  isAbove,
  isBelow,
  isWithin,
  leastWithin,
  lowerLimit,
  type StateChange,
  serverText,
  type ThresholdRule,
  type TimeSpan,
  upperLimit,
} from '../../domain/index.ts';
import { ruleChanged } from './events.ts';
import type { KeyHistory } from './readings.ts';
import { amount, lasting } from './words.ts';

/** How a threshold's finding came about, run by run. */
export function* thresholdExplanation(
  finding: Finding,
  rule: ThresholdRule,
  readings: KeyHistory,
  excused: readonly TimeSpan[],
): Generator<StateChange> {
  yield* excusedParts(finding, rule, excused);
  let endOfLast: number | null = null;
  let isOpened = false;
  for (const [nth, run] of finding.runs.entries()) {
    const isLast = nth === finding.runs.length - 1;
    const isOpen = isLast && finding.endedBy === null;
    yield* runStory(run, rule, readings, endOfLast);
    if (!isOpened) {
      yield openedIn(run, rule, readings);
      isOpened = true;
    }
    if (!isOpen) yield endOf(run, isLast ? finding.endedBy : null, rule, readings, excused);
    endOfLast = run.to;
  }
  const furthest = furthestOf(finding, rule, readings);
  if (furthest !== null) yield furthest;
}

/** What of the finding's time, and of the time just before that would have counted, another metric excuses. */
function* excusedParts(
  { from, to }: Finding,
  { unless, forMs, keepFiringForMs }: ThresholdRule,
  excused: readonly TimeSpan[],
): Generator<StateChange> {
  if (unless === undefined) return;
  const reach = { from: from - forMs, to: (to ?? Number.POSITIVE_INFINITY) + Math.max(forMs, keepFiringForMs) };
  for (const span of excused) {
    if (span.to <= reach.from || span.from >= reach.to) continue;
    const said = { metric: unless.metric, from: clock(span.from), to: clock(span.to) };
    yield {
      at: span.from,
      what: 'excused',
      value: null,
      text: serverText('explanation.threshold.excused', said),
    };
  }
}

/** `10:05`, or with its date where it may be another day. */
function clock(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}

interface Run {
  readonly from: number;
  readonly to: number;
}

function* runStory(
  { from, to }: Run,
  rule: ThresholdRule,
  readings: KeyHistory,
  endOfLast: number | null,
): Generator<StateChange> {
  let side: 'above' | 'below' | 'held' | null = null;
  for (const { at, value, i } of readings.between(from, to)) {
    const beyond = sideOf(value, rule);
    if (side !== null && rule.gap === 'worst' && readings.isGap(i, rule.maxGapMs)) {
      const text = serverText('explanation.threshold.unknown', { lasting: lasting(readings.stepInto(i)) });
      yield { at: readings.times[i - 1] ?? at, what: 'unknown', value: null, text };
    }
    if (at === to && beyond === null && at > from && isClear(value, rule)) return;
    if (side === null) {
      const said = beyondOf(value, rule);
      if (endOfLast === null) {
        yield { at, what: 'began', value, text: serverText('explanation.threshold.beyond', said) };
      } else {
        const again = { after: lasting(at - endOfLast), keeps: lasting(rule.keepFiringForMs) };
        yield {
          at,
          what: 'extended',
          value,
          text: serverText('explanation.threshold.extended', { ...said, ...again }),
        };
      }
    } else if (beyond === null && side !== 'held') {
      const clear = side === 'above' ? rule.clearAbove : rule.clearBelow;
      const said = { value: amount(value, rule.metric), side };
      const text =
        clear === undefined
          ? serverText('explanation.threshold.held', said)
          : serverText('explanation.threshold.held.until', { ...said, clear: amount(clear, rule.metric) });
      yield { at, what: 'held', value, text };
    } else if (beyond !== null && side !== 'held' && beyond !== side) {
      yield { at, what: 'crossed', value, text: serverText('explanation.threshold.crossed', beyondOf(value, rule)) };
    }
    side = beyond ?? 'held';
  }
}

/** At the first reading that shows that the run has lasted long enough. */
function openedIn({ from, to }: Run, { forMs }: ThresholdRule, readings: KeyHistory): StateChange {
  const [known] = readings.between(from + forMs, Math.max(to, from + forMs));
  const at = known?.at ?? to;
  const text =
    forMs === 0
      ? serverText('explanation.threshold.opened.atOnce')
      : serverText('explanation.threshold.opened', { lasting: lasting(at - from) });
  return { at, what: 'opened', value: known?.value ?? null, text };
}

function endOf(
  { from, to }: Run,
  endedBy: Finding['endedBy'],
  rule: ThresholdRule,
  readings: KeyHistory,
  excused: readonly TimeSpan[],
): StateChange {
  const value = readings.valueAt(to);
  if (endedBy === 'rule') return { ...ruleChanged(to), value };
  if (value !== null && to > from && isWithin(excused, to)) {
    const text = serverText('explanation.threshold.ended.excused', { value: amount(value, rule.metric) });
    return { at: to, what: 'excused', value, text };
  }
  const isInside = value !== null && to > from && sideOf(value, rule) === null && isClear(value, rule);
  if (endedBy === 'recovery' || (endedBy === null && isInside)) {
    const text =
      value === null
        ? serverText('explanation.threshold.recovered.unseen')
        : serverText('explanation.threshold.recovered', { value: amount(value, rule.metric) });
    return { at: to, what: 'recovered', value, text };
  }
  const next = readings.times[readings.from(to + 1)];
  const text =
    next === undefined
      ? serverText('explanation.threshold.gap.open')
      : serverText('explanation.threshold.gap', { lasting: lasting(next - to) });
  return { at: to, what: 'gap', value, text };
}

function furthestOf(finding: Finding, rule: ThresholdRule, readings: KeyHistory): StateChange | null {
  const { extreme, limit, from, to } = finding;
  if (extreme === null || limit === null) return null;
  for (const { at, value } of readings.between(from, to ?? Number.POSITIVE_INFINITY)) {
    if (value !== extreme) continue;
    const beyond = amount(Math.abs(extreme - limit), rule.metric);
    return {
      at,
      what: 'furthest',
      value,
      text: serverText('explanation.threshold.furthest', { value: amount(value, rule.metric), beyond }),
    };
  }
  return null;
}

function sideOf(value: number, rule: ThresholdRule): 'above' | 'below' | null {
  if (isAbove(value, rule)) return 'above';
  return isBelow(value, rule) ? 'below' : null;
}

/** No limit keeps this reading outside, whichever the run was beyond. */
function isClear(value: number, rule: ThresholdRule): boolean {
  if (value > (rule.clearAbove ?? greatestWithin(rule)) && !isBelow(value, rule)) return false;
  return value >= (rule.clearBelow ?? leastWithin(rule));
}

/** What fills `{value}, above {limit}`: beyond which limit a value lies, `outside` where beyond none. */
function beyondOf(value: number, rule: ThresholdRule): { value: string; side: string; limit: string } {
  const side = sideOf(value, rule);
  const limit = side === 'below' ? lowerLimit(rule) : upperLimit(rule);
  const isBeyond = side !== null && limit !== undefined;
  return {
    value: amount(value, rule.metric),
    side: isBeyond ? sideWord(side, rule) : 'outside',
    limit: isBeyond ? amount(limit, rule.metric) : '',
  };
}

/** `above` and `atOrAbove` are said differently. */
function sideWord(side: 'above' | 'below', rule: ThresholdRule): string {
  if (side === 'above') return rule.above === undefined ? 'atOrAbove' : 'above';
  return rule.below === undefined ? 'atOrBelow' : 'below';
}
