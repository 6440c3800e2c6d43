import type { Span } from './silence.ts';

/** A raw reading as `GET /api/v1/readings` gives it. */
export interface RawReading {
  readonly time: string;
  readonly value: number;
  readonly quality?: 'suspect' | undefined;
  readonly reason?: SuspectReason | undefined;
}

export type SuspectReason = 'ERROR_CODE' | 'OUT_OF_RANGE' | 'IMPLAUSIBLE_STEP' | 'SET_ASIDE';

/** Readings one after the other that are not judged as fact, for one reason. */
export interface Suspect extends Span {
  readonly reason: SuspectReason;
  readonly count: number;
  readonly least: number;
  readonly most: number;
}

/** @param readings of one device and metric, by time */
export function suspectsOf(readings: readonly RawReading[]): Suspect[] {
  const found: Suspect[] = [];
  let before: SuspectReason | null = null;
  for (const { time, value, reason } of readings) {
    const at = Date.parse(time);
    const last = found.at(-1);
    if (reason !== undefined && reason === before && last !== undefined) {
      found[found.length - 1] = {
        ...last,
        to: at,
        count: last.count + 1,
        least: Math.min(last.least, value),
        most: Math.max(last.most, value),
      };
    } else if (reason !== undefined) found.push({ reason, from: at, to: at, count: 1, least: value, most: value });
    before = reason ?? null;
  }
  return found;
}
