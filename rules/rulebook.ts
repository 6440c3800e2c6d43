import {
  type DeviceContext,
  declaredGap,
  declaredPace,
  type KeyQuality,
  keyQuality,
  type MeasuringHistory,
  type Metric,
  metricByCode,
  metricByName,
  type Rule,
  type RuleVersion,
  type TimeSpan,
} from '../domain/index.ts';
import type { QualityOf } from './engine/engine.ts';
import type { KeyRule, Plan, Slice, WatchPlan } from './engine/program.ts';
import { type Stretch, stretchesOf } from './stretches.ts';

/** A device's context during [from, to), epoch ms UTC; ±Infinity where it has no beginning or end. */
export interface ContextSpan {
  readonly from: number;
  readonly to: number;
  readonly context: DeviceContext;
}

/** How a device reports, as it was last registered, for all of time; how it measures where that never changed. */
export type DeviceHabits = Pick<
  DeviceContext,
  | 'intervalMs'
  | 'reportsEveryMs'
  | 'readOut'
  | 'reportsOnChange'
  | 'heartbeatMs'
  | 'sensor'
  | 'corrections'
  | 'stepPerMinute'
>;

/** What is known of a device: its habits, and its contexts over time, ascending, disjoint, without holes. */
export interface DeviceRecord extends DeviceHabits, Partial<MeasuringHistory> {
  readonly spans: readonly ContextSpan[];
  /** What people have set aside of its readings. */
  readonly setAside?: ReadonlyMap<Metric, readonly TimeSpan[]>;
}

/** How good the readings of a key are, by what is known of its device. */
export function qualityOf(metric: number, device: DeviceRecord | undefined): KeyQuality {
  const name = metricByCode(metric)?.name;
  return keyQuality(metric, device, (name && device?.setAside?.get(name)) || []);
}

const EVERYWHERE: DeviceRecord = {
  spans: [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, context: {} }],
};

/**
 * All rule versions, and which of them judges a key when.
 *
 * A version judges event times from its `effectiveFrom` until a later version's, where the device's context matches
 * its `appliesTo` (docs/rules.md, "Versions" and "Where a rule applies").
 */
export class Rulebook {
  readonly #rules: readonly RuleTimeline[];

  /** @throws {InputError} RULE_CEL_BAD */
  constructor(versions: readonly RuleVersion[]) {
    this.#rules = timelines(versions);
  }

  /** Metrics that some rule judges. */
  get metrics(): ReadonlySet<Metric> {
    return new Set(this.#rules.map(({ metric }) => metric));
  }

  /** Metrics that rules on another metric ask, by code. */
  get askedBeside(): ReadonlySet<number> {
    const asked = this.#rules.flatMap(({ stretches }) =>
      stretches.flatMap(({ program: { rule } }) => (rule.kind === 'threshold' ? (rule.unless?.metric ?? []) : [])),
    );
    return new Set(asked.flatMap((name) => metricByName(name)?.code ?? []));
  }

  /** The plan the engine asks, with what `recordOf` knows of devices. */
  planWith(recordOf: (device: string) => DeviceRecord | undefined): Plan {
    return (device, metric) => this.watches(metric, recordOf(device) ?? EVERYWHERE);
  }

  /** The quality the engine asks for, with what `recordOf` knows of devices. */
  qualityWith(recordOf: (device: string) => DeviceRecord | undefined): QualityOf {
    return (device, metric) => qualityOf(metric, recordOf(device));
  }

  /** The watches of one key. */
  watches(metric: number, device: DeviceRecord): WatchPlan[] {
    const name = metricByCode(metric)?.name;
    return this.#rules.flatMap((timeline) => {
      if (timeline.metric !== name) return [];
      const slices = slicesOf(timeline, device.spans);
      if (slices.length === 0) return [];
      return {
        ruleId: timeline.id,
        kind: timeline.kind,
        slices,
        maxGapMs: declaredGap(device),
        paceMs: declaredPace(device),
        reportsOnChange: device.reportsOnChange ?? false,
        // What is read out by cable may come at any time.
        reportsEveryMs: device.readOut === true ? Number.POSITIVE_INFINITY : (device.reportsEveryMs ?? 0),
      };
    });
  }
}

/** The versions of one rule that share kind and metric, each with the event times it is in force. */
interface RuleTimeline {
  readonly id: string;
  readonly kind: KeyRule['kind'];
  readonly metric: Metric;
  readonly stretches: readonly Stretch<KeyRule>[];
  /** Slices by context spans, so that keys that are alike share them. */
  readonly shared: Map<string, readonly Slice<KeyRule>[]>;
}

function timelines(versions: readonly RuleVersion[]): RuleTimeline[] {
  const byRule = Map.groupBy(versions, ({ rule }) => rule.id);
  return [...byRule.values()].flatMap((ofRule) => {
    const inForce = stretchesOf(ofRule, isOnKeys);
    const alike = Map.groupBy(inForce, ({ program: { rule } }) => `${rule.kind} ${rule.metric}`);
    return [...alike.values()].flatMap((stretches) => {
      const rule = stretches[0]?.program.rule;
      return rule ? { id: rule.id, kind: rule.kind, metric: rule.metric, stretches, shared: new Map() } : [];
    });
  });
}

function slicesOf(timeline: RuleTimeline, spans: readonly ContextSpan[]): readonly Slice<KeyRule>[] {
  const matches = timeline.stretches.map(({ appliesTo }) =>
    spans.map(({ context }) => appliesTo === null || appliesTo(context)),
  );
  const key = JSON.stringify([matches, spans.map(({ from, to }) => [from, to])]);
  let slices = timeline.shared.get(key);
  if (slices === undefined) {
    slices = timeline.stretches.flatMap((stretch, i) => slicesIn(stretch, spans, matches[i] ?? []));
    timeline.shared.set(key, slices);
  }
  return slices;
}

function slicesIn(
  stretch: Stretch<KeyRule>,
  spans: readonly ContextSpan[],
  matches: readonly boolean[],
): Slice<KeyRule>[] {
  const slices: Slice<KeyRule>[] = [];
  for (const [i, span] of spans.entries()) {
    const from = Math.max(span.from, stretch.from);
    const to = Math.min(span.to, stretch.to);
    if (!matches[i] || from >= to) continue;
    const before = slices.at(-1);
    if (before !== undefined && before.to === from) slices[slices.length - 1] = { ...before, to };
    else slices.push({ from, to, program: stretch.program });
  }
  return slices;
}

function isOnKeys(rule: Rule): rule is KeyRule {
  return 'metric' in rule;
}
