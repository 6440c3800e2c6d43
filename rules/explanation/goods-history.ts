import type { Rule } from '../../domain/index.ts';
import { goodsReachMs } from '../engine/goods-temperature.ts';
import { KeyHistory } from './readings.ts';

/** The temperatures of goods in this air, at its readings (docs/rules.md, "Thermal mass"). */
export function goodsHistory(air: KeyHistory, timeConstantMs: number, rule: Rule): KeyHistory {
  const { times, values, count } = air;
  const maxGapMs = 'maxGapMs' in rule ? rule.maxGapMs : undefined;
  const goods = values.map((_, i) => {
    let first = i;
    const from = (times[i] as number) - goodsReachMs(timeConstantMs);
    while (first > 0 && (times[first - 1] as number) >= from && !air.isGap(first, maxGapMs)) first--;
    let value = values[first] as number;
    for (let k = first; k < i; k++) {
      const of = values[k] as number;
      value = of + (value - of) * Math.exp(((times[k] as number) - (times[k + 1] as number)) / timeConstantMs);
    }
    return Math.round(value * 1e6) / 1e6;
  });
  return new KeyHistory({ count, time: times, value: goods });
}
