import type { Finding, MktRule, SilenceRule, ThresholdRule } from '../../domain/index.ts';
import { type DeviceContext, declaredGap, declaredPace, ReadingBuilder } from '../../domain/index.ts';
import { Engine } from '../engine/engine.ts';
import type { KeyRule, Plan, WatchPlan } from '../engine/program.ts';
import { type TailSize, WHOLE_TAIL } from '../engine/series.ts';
import type { ReferenceFinding } from './reference.ts';

export const TEMPERATURE = 1;

/** `10:05` on the day all rule tests play on, `10:05:30.250` too, as epoch ms UTC. */
export function at(clock: string): number {
  const full = clock.length === 5 ? `${clock}:00` : clock;
  return Date.parse(`2026-11-22T${full}Z`);
}

export const minutes = (count: number): number => count * 60_000;
export const hours = (count: number): number => count * 3_600_000;

export function threshold(given: Partial<ThresholdRule> = {}): ThresholdRule {
  const base = { id: 'too-warm', kind: 'threshold', severity: 'critical', metric: 'temperature' } as const;
  return { ...base, forMs: 0, gap: 'unknown', keepFiringForMs: 0, ...given };
}

export function silence(given: Partial<SilenceRule> = {}): SilenceRule {
  const base = { id: 'silent', kind: 'silence', severity: 'warning', metric: 'temperature' } as const;
  return { ...base, afterMs: minutes(30), ...given };
}

export function mkt(given: Partial<MktRule> = {}): MktRule {
  const base = { id: 'mkt', kind: 'mkt', severity: 'critical', metric: 'temperature' } as const;
  return { ...base, windowMs: hours(3), above: 8, ...given };
}

/** What a finding says, its extreme to a millionth: sums of doubles depend on their order. -0 is 0: nobody is told of it. */
export function nearly(finding: ReferenceFinding): ReferenceFinding {
  const { extreme } = finding;
  return { ...finding, extreme: extreme === null ? null : Math.round(extreme * 1e6) / 1e6 + 0 };
}

/** How a device says that it reports. */
export type Habits = Pick<DeviceContext, 'intervalMs' | 'reportsEveryMs' | 'reportsOnChange' | 'heartbeatMs'>;

/** Every key is judged by these rules, for all of time. */
export function planOf(rules: readonly KeyRule[], device: Habits = {}): Plan {
  const plans: WatchPlan[] = rules.map((rule) => ({
    ruleId: rule.id,
    kind: rule.kind,
    slices: [{ from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY, program: { rule, version: 1 } }],
    maxGapMs: declaredGap(device),
    paceMs: declaredPace(device),
    reportsOnChange: device.reportsOnChange ?? false,
    reportsEveryMs: device.reportsEveryMs ?? 0,
  }));
  return () => plans;
}

export function engineWith(rules: readonly KeyRule[], device: Habits = {}, tail: TailSize = WHOLE_TAIL): Engine {
  return new Engine({ plan: planOf(rules, device), tail });
}

/** Readings of logger-7's temperature as `['10:00', 8.4]`, in log order. */
export function temperatures(...readings: readonly (readonly [clock: string, value: number])[]) {
  const builder = new ReadingBuilder();
  for (const [clock, value] of readings) builder.add('logger-7', TEMPERATURE, at(clock), value);
  return builder.view();
}

/** What a finding says, without when it was detected. */
export function said(finding: Finding): ReferenceFinding {
  const { rule, ruleVersion, from, to, endedBy, extreme, readings, runs } = finding;
  return { rule, version: ruleVersion, from, to, endedBy, extreme, readings, runs };
}
