import {
  type DeviceContext,
  declaredGap,
  excusedAtMost,
  InputError,
  metricByName,
  type Rule,
  type Unless,
} from '../../domain/index.ts';
import type { ExcusingStep } from '../../quality/index.ts';
import { compileAppliesTo, excusedSpans } from '../../rules/index.ts';
import type { ShipmentDetailRecord, UnitHistories } from '../../trace/index.ts';
import { formatTime, type ShipmentJourneyView } from '../api/index.ts';
import type { Registered } from './directory.ts';
import type { ReadingQualities } from './reading-qualities.ts';

type ExcusedView = ShipmentJourneyView['excused'][number];

/** Readings of one metric that are asked: a defrost flag every ten seconds for a week. */
const MOST_READINGS = 60_000;

interface Asked {
  readonly shipment: Pick<ShipmentDetailRecord, 'profile' | 'lane'>;
  readonly attached: UnitHistories['attachments'];
  /** Of the journey, epoch ms UTC. */
  readonly from: number;
  readonly end: number;
}

/**
 * When temperatures of the loggers of a shipment did not count because another metric excused them: by the rules over
 * temperatures that are in force now for such goods and have an `unless` (docs/rules.md). A device that reports on change is
 * judged by its air alone.
 *
 * @returns isEvery false where there are more readings of a metric than are looked at
 */
export async function excusedByRules(
  { shipment: { profile, lane }, attached, from, end }: Asked,
  { devices, rules }: Registered,
  { qualities }: { readonly qualities: ReadingQualities },
): Promise<{ readonly excused: readonly ExcusedView[]; readonly isEvery: boolean }> {
  const excused: ExcusedView[] = [];
  let isEvery = true;
  const excusing = latestOf(rules).flatMap((rule) => {
    const unless = unlessOf(rule);
    return unless === undefined ? [] : [{ rule, unless, metric: metricByName(unless.metric)?.code ?? 0 }];
  });
  if (excusing.length === 0) return { excused, isEvery };
  for (const { device, ...during } of attached) {
    const context = devices.get(device)?.context ?? {};
    if (context.reportsOnChange === true) continue;
    const goods = { ...context, profile, ...(lane === null ? {} : { lane }) };
    const within = { from: Math.max(from, during.from), to: Math.min(end, during.to ?? end) };
    for (const { rule, unless, metric } of excusing) {
      if (!appliesTo(rule, goods)) continue;
      const atMostMs = excusedAtMost(unless);
      // What began before may still excuse.
      const span = { device, metric, from: within.from - 2 * atMostMs, to: within.to };
      const flags = await qualities.good(span, MOST_READINGS);
      isEvery &&= flags.count < MOST_READINGS;
      for (const one of excusedSpans(flags, unless, declaredGap(context) ?? atMostMs)) {
        if (one.to <= within.from || one.from >= within.to) continue;
        excused.push({
          ...{
            device,
            how: 'rule',
            rule: rule.id,
            metric: unless.metric,
            case: null,
            step: null,
            who: null,
            reason: null,
          },
          ...{ from: formatTime(Math.max(one.from, within.from)), to: formatTime(Math.min(one.to, within.to)) },
        });
      }
    }
  }
  return { excused: withoutRepeats(excused), isEvery };
}

/** What people said, with signatures, that temperatures of loggers do not count. */
export function excusedBySteps(
  steps: readonly ExcusingStep[],
  attached: UnitHistories['attachments'],
  { from, end }: { readonly from: number; readonly end: number },
): readonly ExcusedView[] {
  const devices = new Set(attached.map(({ device }) => device));
  return steps.flatMap(({ device, step, number, signer, reason, case: id, ...span }) => {
    if (!devices.has(device) || span.to <= from || span.from >= end) return [];
    const during = { from: formatTime(Math.max(span.from, from)), to: span.to >= end ? null : formatTime(span.to) };
    return [{ device, ...during, how: step, rule: null, metric: null, case: id, step: number, who: signer, reason }];
  });
}

/** A rule that does not compile judges nothing. */
export function appliesTo({ appliesTo: expression }: Rule, context: DeviceContext): boolean {
  if (expression === undefined) return true;
  try {
    return compileAppliesTo(expression)(context);
  } catch (error) {
    if (error instanceof InputError) return false;
    throw error;
  }
}

/** The latest version of each. */
function latestOf(versions: Registered['rules']): readonly Rule[] {
  const latest = new Map<string, { readonly rule: Rule; readonly version: number }>();
  for (const { rule, version } of versions.values())
    if ((latest.get(rule.id)?.version ?? 0) < version) latest.set(rule.id, { rule, version });
  return [...latest.values()].map(({ rule }) => rule);
}

/** Of rules that judge temperatures. */
function unlessOf(rule: Rule): Unless | undefined {
  if (!('unless' in rule)) return undefined;
  return rule.kind === 'threshold' && rule.metric !== 'temperature' ? undefined : rule.unless;
}

/** Two rules may ask the same metric in the same way: it is excused once. */
function withoutRepeats(excused: readonly ExcusedView[]): readonly ExcusedView[] {
  const first = new Map<string, ExcusedView>();
  for (const one of excused) {
    const key = JSON.stringify([one.device, one.metric, one.from, one.to]);
    if (!first.has(key)) first.set(key, one);
  }
  return [...first.values()];
}
