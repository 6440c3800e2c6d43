import {
  type Facts,
  type Finding,
  type FindingStory,
  type History,
  type KeyReadings,
  metricByName,
  type Rule,
  type StateChange,
} from '../../domain/index.ts';
import { storyOf } from './story.ts';

/** Readings of one finding that are looked at: a week of one every ten seconds. */
const MOST_READINGS = 60_000;
/** Before what the rule looks back on: enough to learn what a gap is. */
const READINGS_BEFORE = 24;

/** Tells how findings came about, from stored readings and the rule versions among the facts. */
export class StoryTeller implements FindingStory {
  readonly #history: History;
  readonly #facts: Pick<Facts, 'all'>;
  readonly #rules = new Map<string, Rule>();

  constructor({ history, facts }: { readonly history: History; readonly facts: Pick<Facts, 'all'> }) {
    this.#history = history;
    this.#facts = facts;
  }

  async tell(finding: Finding): Promise<readonly StateChange[] | null> {
    const rule = await this.#ruleOf(finding);
    if (rule === undefined) return null;
    return storyOf(finding, rule, 'metric' in rule ? await this.#readingsOf(finding, rule) : NONE);
  }

  /** A version never changes; one that is not known was made since the facts were read. */
  async #ruleOf({ rule, ruleVersion }: Finding): Promise<Rule | undefined> {
    const name = `${rule} ${ruleVersion}`;
    if (!this.#rules.has(name)) {
      for (const { fact } of await this.#facts.all(['rule'])) {
        if (fact.type === 'rule') this.#rules.set(`${fact.version.rule.id} ${fact.version.version}`, fact.version.rule);
      }
    }
    return this.#rules.get(name);
  }

  async #readingsOf(finding: Finding, rule: Rule): Promise<KeyReadings> {
    const slash = finding.key.lastIndexOf('/');
    const device = finding.key.slice(0, slash);
    const metric = metricByName(finding.key.slice(slash + 1))?.code;
    if (metric === undefined) return NONE;
    const lookBackMs = 'windowMs' in rule ? rule.windowMs : 0;
    const from = finding.from - lookBackMs;
    const end = finding.to === null ? AFTER_ALL : finding.to + 1;
    const [before, within, after] = await Promise.all([
      this.#history.before(device, metric, from, READINGS_BEFORE),
      this.#history.read(device, metric, from, end, MOST_READINGS),
      this.#history.read(device, metric, end, AFTER_ALL, 1),
    ]);
    return joined(joined(before, within), after);
  }
}

/** After every event time that may be stored: the year 9999. */
const AFTER_ALL = 253_402_300_799_999;
const NONE: KeyReadings = { count: 0, time: new Float64Array(0), value: new Float64Array(0) };

function joined(a: KeyReadings, b: KeyReadings): KeyReadings {
  const time = new Float64Array(a.count + b.count);
  const value = new Float64Array(a.count + b.count);
  time.set(a.time.subarray(0, a.count));
  time.set(b.time.subarray(0, b.count), a.count);
  value.set(a.value.subarray(0, a.count));
  value.set(b.value.subarray(0, b.count), a.count);
  return { count: a.count + b.count, time, value };
}
