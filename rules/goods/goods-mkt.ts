import type { GoodsMktRule } from '../../domain/index.ts';
import { type Judge, NOTHING } from './found.ts';
import { momentsOf, runsOf } from './runs.ts';

const HOUR_MS = 3_600_000;

/** goodsMkt (docs/rules.md): at each whole UTC hour the mean kinetic temperature of what the goods went through before it. */
export const judgeGoodsMkt: Judge<GoodsMktRule> = (rule, group, judged) => {
  const known = group.air.get('temperature')?.[0]?.from;
  if (known === undefined) return NOTHING;
  const first = Math.ceil(Math.max(known + rule.windowMs, judged.from) / HOUR_MS) * HOUR_MS;
  const isIn = (at: number) => (judged.cut !== null ? at < judged.to : at <= judged.to);
  const { moments, again } = momentsOf(group, judged, { from: first, everyMs: HOUR_MS, isIn }, (at) => {
    const mkt = group.mktDuring(at - rule.windowMs, at);
    if (mkt === null) return null;
    // In doubles a constant 8 °C comes out as 8.00000000000006.
    const value = Math.round(mkt * 1e9) / 1e9;
    return { value, isBeyond: value > rule.above };
  });
  return { found: runsOf(moments, rule.above, judged), again: judged.cut !== null ? Number.POSITIVE_INFINITY : again };
};
