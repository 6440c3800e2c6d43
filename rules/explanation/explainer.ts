import {
  type DeviceFacts,
  type Finding,
  type FindingExplanation,
  goodReadings,
  type History,
  joinReadings,
  type KeyReadings,
  type KnownRules,
  NEIGHBOURS,
  NO_READINGS,
  parseKey,
  type Rule,
  type StateChange,
} from '../../domain/index.ts';
import { explanationOf } from './explanation.ts';

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
    return explanationOf(finding, rule, 'metric' in rule ? await this.#readingsOf(finding, rule) : NO_READINGS);
  }

  async #readingsOf(finding: Finding, rule: Rule): Promise<KeyReadings> {
    const key = parseKey(finding.key);
    if (key === null) return NO_READINGS;
    const { device, metric } = { device: key.device, metric: key.metric.code };
    const lookBackMs = 'windowMs' in rule ? rule.windowMs : 0;
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
