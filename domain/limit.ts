/**
 * Limits as rules and standards write them: `above` and `below` leave the limit itself in range, `atOrAbove` and `atOrBelow` do
 * not (WHO: 45 °C or more). Of a side one or the other, absent = no limit there. Unit of the metric.
 */
export interface Limits {
  readonly above?: number | undefined;
  readonly atOrAbove?: number | undefined;
  readonly below?: number | undefined;
  readonly atOrBelow?: number | undefined;
}

/** The upper limit as it is written, whichever way; undefined where there is none. */
export function upperLimit({ above, atOrAbove }: Limits): number | undefined {
  return above ?? atOrAbove;
}

/** The lower limit as it is written. */
export function lowerLimit({ below, atOrBelow }: Limits): number | undefined {
  return below ?? atOrBelow;
}

export function isAbove(value: number, { above, atOrAbove }: Limits): boolean {
  return (above !== undefined && value > above) || (atOrAbove !== undefined && value >= atOrAbove);
}

export function isBelow(value: number, { below, atOrBelow }: Limits): boolean {
  return (below !== undefined && value < below) || (atOrBelow !== undefined && value <= atOrBelow);
}

/** The greatest double that is not above; Infinity where there is no such limit. */
export function greatestWithin({ above, atOrAbove }: Limits): number {
  if (above !== undefined) return above;
  return atOrAbove === undefined ? Number.POSITIVE_INFINITY : -nextAfter(-atOrAbove);
}

/** The least double that is not below; -Infinity where there is no such limit. */
export function leastWithin({ below, atOrBelow }: Limits): number {
  if (below !== undefined) return below;
  return atOrBelow === undefined ? Number.NEGATIVE_INFINITY : nextAfter(atOrBelow);
}

/** The least double that is greater than this finite one (IEEE 754-2019, 5.3.1, nextUp). */
function nextAfter(value: number): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value === 0 ? 0 : value);
  const bits = view.getBigInt64(0);
  view.setBigInt64(0, bits >= 0n ? bits + 1n : bits - 1n);
  return view.getFloat64(0);
}
