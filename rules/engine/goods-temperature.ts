import type { Watches } from './watches.ts';
import type { Window } from './window.ts';

/** Air of so many time constants counts; what was before has e^-12 of its weight left, less than any sensor resolves. */
const CONSTANTS_BACK = 12;

/** How far back air counts in the temperature of goods, ms. */
export function goodsReachMs(timeConstantMs: number): number {
  return CONSTANTS_BACK * timeConstantMs;
}

/**
 * How warm goods are at reading `i` (docs/rules.md, "Thermal mass"): a body whose difference to the air shrinks by e in each time
 * constant, as warm as the air at the first reading that counts, which none before a gap does. In millionths of a degree.
 */
export function goodsTemperature(
  watches: Watches,
  watch: number,
  window: Window,
  i: number,
  timeConstantMs: number,
): number {
  const { times, values } = window;
  const from = (times[i] as number) - goodsReachMs(timeConstantMs);
  let first = i;
  while (first > window.start && (times[first - 1] as number) >= from && !watches.isGap(watch, window, first)) first--;
  if (first === window.start && !window.isWhole) watches.lacksContext = true;
  let goods = values[first] as number;
  for (let k = first; k < i; k++) {
    const air = values[k] as number;
    goods = air + (goods - air) * Math.exp(((times[k] as number) - (times[k + 1] as number)) / timeConstantMs);
  }
  return Math.round(goods * 1e6) / 1e6;
}
