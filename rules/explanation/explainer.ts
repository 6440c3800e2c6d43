import {
  type DeviceFacts,
  declaredGap,
  excusedAtMost,
  type Finding,
  type FindingExplanation,
  goodReadings,
  type History,
  joinReadings,
  type KeyReadings,
  type KnownRules,
  metricByName,
  NEIGHBOURS,
  NO_READINGS,
  parseKey,
  type Rule,
  type StateChange,
  type ThresholdRule,
} from '../../domain/index.ts';
import { excusedSpans } from '../engine/excuse.ts';
import { goodsReachMs } from '../engine/goods-temperature.ts';
import { type Circumstances, explanationOf } from './explanation.ts';

/** Readings of one finding that are looked at: a week of one every ten seconds. */
const MOST_READINGS = 60_000;
/** Before what the rule looks back on: enough to learn what a gap is. */
const READINGS_BEFORE = 24;

/** The first after it, and those that decide how good it is. */
const READINGS_AFTER = 1 + NEIGHBOURS;

/** Explains how findings came about, from stored readings and the rule versions among the facts. */
export class Explainer implements FindingExplanation {
  readonly #history: History;
  readonly #rules: KnownRules;
  readonly #devices: DeviceFacts;

  constructor({
    history,
    rules,
    devices,
  }: { readonly history: History; readonly rules: KnownRules; readonly devices: DeviceFacts }) {
    this.#history = history;
    this.#devices = devices;
    this.#rules = rules;
  }

  async explain(finding: Finding): Promise<readonly StateChange[] | null> {
    const rule = await this.#rules.version(finding.rule, finding.ruleVersion);
    if (rule === undefined) return null;
    if (!('metric' in rule)) return explanationOf(finding, rule, NO_READINGS);
    const readings = await this.#readingsOf(finding, rule);
    return explanationOf(finding, rule, readings, rule.kind === 'threshold' ? await this.#around(finding, rule) : {});
  }

  /** What else of the device the rule asks. A device that reports on change is judged by its air alone. */
  async #around(finding: Finding, rule: ThresholdRule): Promise<Circumstances> {
    const key = parseKey(finding.key);
    if (key === null || (rule.unless === undefined && rule.thermalMassMs === undefined)) return {};
    const { unless, thermalMassMs: timeConstantMs = null } = rule;
    const code = unless === undefined ? key.metric.code : (metricByName(unless.metric)?.code ?? 0);
    const { context, quality } = await this.#devices.of(key.device, code);
    if (context.reportsOnChange === true) return {};
    if (unless === undefined) return { timeConstantMs };
    const atMostMs = excusedAtMost(unless);
    const from = finding.from - rule.forMs - 2 * atMostMs;
    const to = finding.to === null ? AFTER_ALL : finding.to + Math.max(rule.forMs, rule.keepFiringForMs) + 1;
    const [before, within] = await Promise.all([
      this.#history.before(key.device, code, from, READINGS_BEFORE),
      this.#history.read(key.device, code, from, to, MOST_READINGS),
    ]);
    const flags = goodReadings(joinReadings(before, within), quality);
    return { excused: excusedSpans(flags, unless, declaredGap(context) ?? atMostMs), timeConstantMs };
  }

  async #readingsOf(finding: Finding, rule: Rule): Promise<KeyReadings> {
    const key = parseKey(finding.key);
    if (key === null) return NO_READINGS;
    const { device, metric } = { device: key.device, metric: key.metric.code };
    const mass = rule.kind === 'threshold' ? (rule.thermalMassMs ?? 0) : 0;
    const lookBackMs = 'windowMs' in rule ? rule.windowMs : goodsReachMs(mass);
    const from = finding.from - lookBackMs;
    const end = finding.to === null ? AFTER_ALL : finding.to + 1;
    const [before, within, after] = await Promise.all([
      this.#history.before(device, metric, from, READINGS_BEFORE),
      this.#history.read(device, metric, from, end, MOST_READINGS),
      this.#history.read(device, metric, end, AFTER_ALL, READINGS_AFTER),
    ]);
    const readings = joinReadings(joinReadings(before, within), after);
    // Suspect readings end a silence and count in nothing else.
    if (rule.kind === 'silence') return readings;
    return goodReadings(readings, (await this.#devices.of(device, metric)).quality);
  }
}

/** After every event time that may be stored: the year 9999. */
const AFTER_ALL = 253_402_300_799_999;
