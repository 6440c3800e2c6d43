import type { Metric, ThresholdRule, Unless } from '../../domain/index.ts';
import type { ReferenceReading } from './reference-quality.ts';

/** What of a key's case they rest on. */
interface DeviceCase {
  readonly readings: readonly ReferenceReading[];
  readonly reportsOnChange?: boolean;
  readonly heartbeatMs?: number;
  readonly intervalMs: number | null;
  readonly beside?: (metric: Metric) => readonly ReferenceReading[];
}

/** docs/rules.md, "Thermal mass": how warm goods are at reading `i`, from all the air that counts. */
export function goodsAt(
  { readings, reportsOnChange = false }: DeviceCase,
  i: number,
  timeConstantMs: number | undefined,
  isGapInto: (i: number) => boolean,
): number {
  const last = readings[i]?.time ?? 0;
  if (timeConstantMs === undefined || reportsOnChange) return readings[i]?.value ?? 0;
  const gaps = readings.flatMap((_, k) => (k > 0 && k <= i && isGapInto(k) ? [k] : []));
  const counting = readings.filter(
    ({ time }, k) => k <= i && k >= (gaps.at(-1) ?? 0) && last - time <= 12 * timeConstantMs,
  );
  let goods = counting[0]?.value ?? 0;
  for (const [k, { time, value }] of counting.entries()) {
    const next = counting[k + 1];
    if (next !== undefined) goods = value + (goods - value) * Math.exp((time - next.time) / timeConstantMs);
  }
  return Math.round(goods * 1e6) / 1e6;
}

/** "Not counted": from the first reading that meets the limit, no longer than `atMost`, and while its readings are believed. */
export function isExcusedAt(given: DeviceCase, rule: ThresholdRule, time: number): boolean {
  const { unless } = rule;
  if (unless === undefined || given.reportsOnChange) return false;
  const flags = given.beside?.(unless.metric) ?? [];
  const meets = meetsLimit(unless);
  const atMost = unless.atMostMs ?? 60 * 60 * 1000;
  const believed =
    given.heartbeatMs !== undefined ? 3 * given.heartbeatMs : given.intervalMs !== null ? 3 * given.intervalMs : atMost;
  let began: number | null = null;
  return flags.some((flag, k) => {
    began = meets(flag.value) ? (began ?? flag.time) : null;
    const until = Math.min(
      flags[k + 1]?.time ?? Number.POSITIVE_INFINITY,
      flag.time + believed + 1,
      (began ?? 0) + atMost,
    );
    return began !== null && time >= flag.time && time < until;
  });
}

function meetsLimit({ above, atOrAbove, below, atOrBelow }: Unless): (value: number) => boolean {
  return (value) =>
    value > (above ?? Number.POSITIVE_INFINITY) ||
    value >= (atOrAbove ?? Number.POSITIVE_INFINITY) ||
    value < (below ?? Number.NEGATIVE_INFINITY) ||
    value <= (atOrBelow ?? Number.NEGATIVE_INFINITY);
}
