import {
  type Finding,
  type GoodsKind,
  type KeyReadings,
  type Rule,
  type StateChange,
  serverText,
  type TimeSpan,
} from '../../domain/index.ts';
import {
  freezeThawExplanation,
  intervalExplanation,
  ruleChanged,
  shockExplanation,
  silenceExplanation,
} from './events.ts';
import { goodsHistory } from './goods-history.ts';
import { KeyHistory } from './readings.ts';
import { thresholdExplanation } from './threshold.ts';
import { forecastExplanation, mktExplanation, rateExplanation } from './trends.ts';

/** What a threshold's finding rests on beside its key's readings. */
export interface Circumstances {
  /** When it was not counted, ascending. */
  readonly excused?: readonly TimeSpan[];
  /** Judged were goods with this time constant, ms; null = the air. */
  readonly timeConstantMs?: number | null;
}

/** As many as a person reads; of more, the first and the last half are kept. */
const MOST_CHANGES = 200;

/**
 * How a finding came to be what it is: what each reading that mattered changed, in words. A pure function of the finding,
 * the version of the rule that found it and the key's readings around it; the engine keeps nothing for it.
 *
 * @param readings the key's, ascending: those in the finding, the first after it, and before it what the kind looks back on
 * @returns by time
 */
export function explanationOf(
  finding: Finding,
  rule: Rule,
  readings: KeyReadings,
  { excused = [], timeConstantMs = null }: Circumstances = {},
): StateChange[] {
  const air = new KeyHistory(readings);
  const history = timeConstantMs === null ? air : goodsHistory(air, timeConstantMs, rule);
  const changes = [...changesOf(finding, rule, history, excused)].sort((a, b) => a.at - b.at);
  if (changes.length <= MOST_CHANGES) return changes;
  return [...changes.slice(0, MOST_CHANGES / 2), ...changes.slice(-MOST_CHANGES / 2)];
}

function changesOf(
  finding: Finding,
  rule: Rule,
  readings: KeyHistory,
  excused: readonly TimeSpan[],
): Iterable<StateChange> {
  switch (rule.kind) {
    case 'threshold':
      return thresholdExplanation(finding, rule, readings, excused);
    case 'silence':
      return silenceExplanation(finding, rule, readings);
    case 'mkt':
      return mktExplanation(finding, rule, readings);
    case 'rate':
      return rateExplanation(finding, rule, readings);
    case 'shock':
      return shockExplanation(finding, rule, readings);
    case 'interval':
      return intervalExplanation(finding, rule, readings);
    case 'freezeThaw':
      return freezeThawExplanation(finding, rule, readings);
    case 'forecast':
      return forecastExplanation(finding, rule, readings);
    case 'unexpected':
      return passExplanation(finding, 'explanation.pass.unexpected');
    case 'blocked':
      return passExplanation(finding, 'explanation.pass.blocked');
    case 'budget':
    case 'cumulative':
    case 'goodsMkt':
    case 'goodsFreezeThaw':
    case 'budgetForecast':
    case 'tamper':
      return goodsExplanation(finding, rule.kind);
    default:
      return foundExplanation(finding);
  }
}

/** What a finding over a pass rests on, and what it says itself. */
function foundExplanation({ from, portal }: Finding): StateChange[] {
  if (portal?.said === undefined) return [];
  const facts = (portal.facts ?? []).map(({ at, text }): StateChange => ({ at, what: 'counted', value: null, text }));
  const text = serverText('explanation.pass.found', { said: portal.said });
  return [
    ...facts,
    { at: Math.max(from, ...facts.map(({ at }) => at)), what: 'opened', value: portal.epcs.length, text },
  ];
}

/** Rounded as people read it; what decides is not. */
function* goodsExplanation(finding: Finding, kind: GoodsKind): Generator<StateChange> {
  const { from, to, endedBy, extreme, limit, goods } = finding;
  const said = { serials: goods?.serials ?? 0, extreme: rounded(extreme), limit: rounded(limit) };
  for (const { at, text } of goods?.facts ?? []) yield { at, what: 'counted', value: null, text };
  yield { at: from, what: 'opened', value: extreme, text: serverText(`explanation.goods.${kind}`, said) };
  if (to === null) return;
  if (endedBy === 'rule') yield { ...ruleChanged(to), value: null };
  else if (endedBy === 'recovery') {
    yield { at: to, what: 'recovered', value: null, text: serverText('explanation.goods.recovered') };
  } else yield { at: to, what: 'gap', value: null, text: serverText('explanation.goods.gap') };
}

function rounded(value: number | null): number {
  return Math.round((value ?? 0) * 10) / 10;
}

function passExplanation(
  { from, portal }: Finding,
  key: 'explanation.pass.unexpected' | 'explanation.pass.blocked',
): StateChange[] {
  const serials = portal?.epcs.length ?? 0;
  return [{ at: from, what: 'opened', value: serials, text: serverText(key, { serials }) }];
}
