import type { GoodsMktRule } from '../../domain/index.ts';
import { type Judge, NOTHING } from './found.ts';
import { type Moment, runsOf } from './runs.ts';

const HOUR_MS = 3_600_000;

/** goodsMkt (docs/rules.md): at each whole UTC hour the mean kinetic temperature of what the goods went through before it. */
export const judgeGoodsMkt: Judge<GoodsMktRule> = (rule, group, judged) => {
  const known = group.air.get('temperature')?.[0]?.from;
  if (known === undefined) return NOTHING;
  const first = Math.ceil(Math.max(known + rule.windowMs, judged.from) / HOUR_MS) * HOUR_MS;
  const moments: Moment[] = [];
  const isIn = (at: number) => (judged.cut !== null ? at < judged.to : at <= judged.to);
  let at = first;
  for (; isIn(at); at += HOUR_MS) {
    const mkt = group.mktDuring(at - rule.windowMs, at);
    // In doubles a constant 8 °C comes out as 8.00000000000006.
    const value = mkt === null ? null : Math.round(mkt * 1e9) / 1e9;
    moments.push({ at, looked: value === null ? null : { value, isBeyond: value > rule.above } });
  }
  return { found: runsOf(moments, rule.above, judged), again: judged.cut !== null ? Number.POSITIVE_INFINITY : at };
};
