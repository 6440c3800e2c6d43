import {
  type Finding,
  type ForecastRule,
  type MktRule,
  meanKineticTemperature,
  metricByName,
  type RateRule,
  type StateChange,
} from '../../domain/index.ts';
import { ruleChanged } from './events.ts';
import type { KeyHistory } from './readings.ts';
import { amount, lasting, withUnit } from './words.ts';

const HOUR_MS = 3_600_000;
/** More hours than this are not looked through for the warmest. */
const MOST_HOURS = 400;

export function* rateExplanation(finding: Finding, rule: RateRule, readings: KeyHistory): Generator<StateChange> {
  const unit = metricByName(rule.metric)?.unit ?? '';
  const said = (change: number) =>
    `${change > 0 ? 'up' : 'down'} ${withUnit(Math.abs(change), unit)} in ${lasting(rule.windowMs)}`;
  const limit = withUnit(Math.abs(rule.limit), unit);
  const first = changeAt(finding.from, rule, readings);
  const opening =
    first === null ? `More than ${limit} in ${lasting(rule.windowMs)}` : `${capital(said(first))}, more than ${limit}`;
  yield { at: finding.from, what: 'opened', value: first, text: `${opening}: an alert.` };
  for (const { at } of readings.between(finding.from + 1, finding.to ?? Number.POSITIVE_INFINITY)) {
    const change = changeAt(at, rule, readings);
    if (change === null || change !== finding.extreme) continue;
    yield { at, what: 'furthest', value: change, text: `${capital(said(change))}: the fastest.` };
    break;
  }
  yield* endOf(
    finding,
    readings,
    (value) => `${amount(value, rule.metric)}: no longer more than ${limit} in ${lasting(rule.windowMs)}.`,
  );
}

export function* forecastExplanation(
  finding: Finding,
  rule: ForecastRule,
  readings: KeyHistory,
): Generator<StateChange> {
  const limit = (rule.above ?? rule.below) as number;
  const isBeyond = (value: number) => (rule.above !== undefined ? value > rule.above : value < limit);
  const said = amount(limit, rule.metric);
  yield {
    ...{ at: finding.from, what: 'opened', value: readings.valueAt(finding.from) },
    text: `The trend of the last ${lasting(rule.windowMs)} is sure to reach ${said} within ${lasting(rule.withinMs)}: a warning.`,
  };
  const until = finding.to ?? Number.POSITIVE_INFINITY;
  let reached: number | null = null;
  for (const { at, value } of readings.between(finding.from, until)) {
    if (!isBeyond(value)) continue;
    reached = at;
    const text = `${amount(value, rule.metric)}: ${said} is reached, ${lasting(at - finding.from)} after the warning.`;
    yield { at, what: 'reached', value, text };
    break;
  }
  if (finding.extreme !== null && reached === null) {
    const text = `At the nearest the trend left about ${Math.round(finding.extreme)} min to ${said}.`;
    yield { at: finding.to ?? finding.from, what: 'furthest', value: finding.extreme, text };
  }
  yield* endOf(finding, readings, (value) => `${amount(value, rule.metric)}: back within ${said}.`);
}

export function* mktExplanation(finding: Finding, rule: MktRule, readings: KeyHistory): Generator<StateChange> {
  const over = `over ${lasting(rule.windowMs)}`;
  const limit = amount(rule.above, rule.metric);
  const first = mktAt(finding.from, rule, readings);
  yield {
    ...{ at: finding.from, what: 'opened', value: first },
    text: `The mean kinetic temperature ${over} is ${first === null ? 'above' : `${amount(first, rule.metric)}, above`} ${limit}: an alert.`,
  };
  const last = Math.min(finding.to ?? finding.from + finding.readings * HOUR_MS, finding.from + MOST_HOURS * HOUR_MS);
  for (let hour = finding.from; hour < last; hour += HOUR_MS) {
    const mkt = mktAt(hour, rule, readings);
    if (mkt === null || finding.extreme === null || Math.abs(mkt - finding.extreme) > 1e-6) continue;
    yield { at: hour, what: 'furthest', value: mkt, text: `${amount(mkt, rule.metric)} ${over}: the highest.` };
    break;
  }
  if (finding.to === null || finding.endedBy === null) return;
  if (finding.endedBy === 'rule') yield ruleChanged(finding.to);
  else if (finding.endedBy === 'silence') {
    yield {
      at: finding.to,
      what: 'gap',
      value: null,
      text: `Nothing is known of the ${lasting(rule.windowMs)} before this.`,
    };
  } else {
    const mkt = mktAt(finding.to, rule, readings);
    const is = mkt === null ? 'no longer above' : `${amount(mkt, rule.metric)}, no longer above`;
    yield {
      at: finding.to,
      what: 'recovered',
      value: mkt,
      text: `The mean kinetic temperature ${over} is ${is} ${limit}.`,
    };
  }
}

function* endOf(finding: Finding, readings: KeyHistory, recovered: (value: number) => string): Generator<StateChange> {
  const { to, endedBy } = finding;
  if (to === null || endedBy === null) return;
  const value = readings.valueAt(to);
  if (endedBy === 'rule') yield ruleChanged(to);
  else if (endedBy === 'recovery' && value !== null) yield { at: to, what: 'recovered', value, text: recovered(value) };
  else yield { at: to, what: 'gap', value, text: 'No reading after this for too long: nothing is known there.' };
}

/** The value at `at` less that which held `windowMs` before; null where nothing did. */
function changeAt(at: number, { windowMs }: RateRule, readings: KeyHistory): number | null {
  const value = readings.valueAt(at);
  const base = readings.from(at - windowMs + 1) - 1;
  const before = readings.values[base];
  return value === null || base < 0 || before === undefined ? null : value - before;
}

/** Over [hour - window, hour); what a gap leaves unknown weighs nothing. */
function mktAt(hour: number, { windowMs, maxGapMs }: MktRule, readings: KeyHistory): number | null {
  const from = hour - windowMs;
  const celsius: number[] = [];
  const weight: number[] = [];
  for (let i = Math.max(0, readings.from(from) - 1); i + 1 < readings.count && (readings.times[i] ?? 0) < hour; i++) {
    if (readings.isGap(i + 1, maxGapMs)) continue;
    celsius.push(readings.values[i] ?? 0);
    weight.push(Math.min(readings.times[i + 1] ?? 0, hour) - Math.max(readings.times[i] ?? 0, from));
  }
  const mkt = meanKineticTemperature(celsius, weight);
  return mkt === null ? null : Math.round(mkt * 1e9) / 1e9;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
