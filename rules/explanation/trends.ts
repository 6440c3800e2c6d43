import {
  type Finding,
  type ForecastRule,
  type MktRule,
  meanKineticTemperature,
  metricByName,
  type RateRule,
  type StateChange,
  serverText,
} from '../../domain/index.ts';
import { ruleChanged } from './events.ts';
import type { KeyHistory } from './readings.ts';
import { amount, lasting, withUnit } from './words.ts';

const HOUR_MS = 3_600_000;
/** More hours than this are not looked through for the warmest. */
const MOST_HOURS = 400;

export function* rateExplanation(finding: Finding, rule: RateRule, readings: KeyHistory): Generator<StateChange> {
  const unit = metricByName(rule.metric)?.unit ?? '';
  const window = lasting(rule.windowMs);
  const said = (change: number) => ({
    ...{ way: change > 0 ? 'up' : 'down', change: withUnit(Math.abs(change), unit) },
    ...{ window, limit },
  });
  const limit = withUnit(Math.abs(rule.limit), unit);
  const first = changeAt(finding.from, rule, readings);
  const opened =
    first === null
      ? serverText('explanation.rate.opened.unseen', { limit, window })
      : serverText('explanation.rate.opened', said(first));
  yield { at: finding.from, what: 'opened', value: first, text: opened };
  for (const { at } of readings.between(finding.from + 1, finding.to ?? Number.POSITIVE_INFINITY)) {
    const change = changeAt(at, rule, readings);
    if (change === null || change !== finding.extreme) continue;
    yield { at, what: 'furthest', value: change, text: serverText('explanation.rate.furthest', said(change)) };
    break;
  }
  yield* endOf(finding, readings, (value) =>
    serverText('explanation.rate.recovered', { value: amount(value, rule.metric), limit, window }),
  );
}

export function* forecastExplanation(
  finding: Finding,
  rule: ForecastRule,
  readings: KeyHistory,
): Generator<StateChange> {
  const limit = (rule.above ?? rule.below) as number;
  const isBeyond = (value: number) => (rule.above !== undefined ? value > rule.above : value < limit);
  const said = { limit: amount(limit, rule.metric) };
  const horizon = { window: lasting(rule.windowMs), within: lasting(rule.withinMs) };
  yield {
    ...{ at: finding.from, what: 'opened', value: readings.valueAt(finding.from) },
    text: serverText('explanation.forecast.opened', { ...said, ...horizon }),
  };
  const until = finding.to ?? Number.POSITIVE_INFINITY;
  let reached: number | null = null;
  for (const { at, value } of readings.between(finding.from, until)) {
    if (!isBeyond(value)) continue;
    reached = at;
    const after = lasting(at - finding.from);
    const text = serverText('explanation.forecast.reached', { ...said, value: amount(value, rule.metric), after });
    yield { at, what: 'reached', value, text };
    break;
  }
  if (finding.extreme !== null && reached === null) {
    const text = serverText('explanation.forecast.nearest', { ...said, minutes: Math.round(finding.extreme) });
    yield { at: finding.to ?? finding.from, what: 'furthest', value: finding.extreme, text };
  }
  yield* endOf(finding, readings, (value) =>
    serverText('explanation.forecast.recovered', { ...said, value: amount(value, rule.metric) }),
  );
}

export function* mktExplanation(finding: Finding, rule: MktRule, readings: KeyHistory): Generator<StateChange> {
  const window = lasting(rule.windowMs);
  const limit = amount(rule.above, rule.metric);
  const first = mktAt(finding.from, rule, readings);
  yield {
    ...{ at: finding.from, what: 'opened', value: first },
    text:
      first === null
        ? serverText('explanation.mkt.opened.unseen', { window, limit })
        : serverText('explanation.mkt.opened', { window, limit, mkt: amount(first, rule.metric) }),
  };
  // The hour with which silence ended it may be the highest of it.
  const last = Math.min(finding.to ?? finding.from + finding.readings * HOUR_MS, finding.from + MOST_HOURS * HOUR_MS);
  for (let hour = finding.from; hour <= last; hour += HOUR_MS) {
    const mkt = mktAt(hour, rule, readings);
    if (mkt === null || finding.extreme === null || Math.abs(mkt - finding.extreme) > 1e-6) continue;
    const text = serverText('explanation.mkt.furthest', { mkt: amount(mkt, rule.metric), window });
    yield { at: hour, what: 'furthest', value: mkt, text };
    break;
  }
  if (finding.to === null || finding.endedBy === null) return;
  if (finding.endedBy === 'rule') yield ruleChanged(finding.to);
  else if (finding.endedBy === 'silence') {
    yield { at: finding.to, what: 'gap', value: null, text: serverText('explanation.mkt.gap') };
  } else {
    const mkt = mktAt(finding.to, rule, readings);
    const text =
      mkt === null
        ? serverText('explanation.mkt.recovered.unseen', { window, limit })
        : serverText('explanation.mkt.recovered', { window, limit, mkt: amount(mkt, rule.metric) });
    yield { at: finding.to, what: 'recovered', value: mkt, text };
  }
}

function* endOf(finding: Finding, readings: KeyHistory, recovered: (value: number) => string): Generator<StateChange> {
  const { to, endedBy } = finding;
  if (to === null || endedBy === null) return;
  const value = readings.valueAt(to);
  if (endedBy === 'rule') yield ruleChanged(to);
  else if (endedBy === 'recovery' && value !== null) yield { at: to, what: 'recovered', value, text: recovered(value) };
  else yield { at: to, what: 'gap', value, text: serverText('explanation.gap') };
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
