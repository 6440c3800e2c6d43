import type { Metric } from './metric.ts';

/** Where a sensor was held against a reference: what it reported, and what was true, in the unit of the metric. */
export interface CalibrationPoint {
  readonly reported: number;
  readonly reference: number;
}

/**
 * What is added to a value as received, at values as received, ascending: linear between two of them, constant beyond the
 * first and the last. Empty: nothing is added.
 */
export type Correction = readonly { readonly at: number; readonly add: number }[];

export const NO_CORRECTION: Correction = [];

/** The same everywhere. */
export function offsetBy(add: number): Correction {
  return add === 0 ? NO_CORRECTION : [{ at: 0, add }];
}

export function correctionFrom(points: readonly CalibrationPoint[]): Correction {
  return points
    .map(({ reported, reference }) => ({ at: reported, add: reference - reported }))
    .sort((a, b) => a.at - b.at);
}

/** What is added to a value as received. */
export function addedTo(correction: Correction, received: number): number {
  const after = correction.findIndex(({ at }) => at >= received);
  if (after === -1) return correction.at(-1)?.add ?? 0;
  const [low, high] = [correction[after - 1], correction[after]];
  if (low === undefined || high === undefined) return high?.add ?? 0;
  return low.add + ((high.add - low.add) * (received - low.at)) / (high.at - low.at);
}

/** Whether the same is added to every value from `least` to `most`, as received. */
export function isConstantWithin(correction: Correction, least: number, most: number): boolean {
  const add = addedTo(correction, least);
  if (addedTo(correction, most) !== add) return false;
  return correction.every((point) => point.at <= least || point.at >= most || point.add === add);
}

export function isSameCorrection(a: Correction, b: Correction): boolean {
  return a.length === b.length && a.every(({ at, add }, i) => at === b[i]?.at && add === b[i]?.add);
}

/** A certificate of a laboratory, as people file it. */
export interface CalibrationCertificate {
  readonly number: string;
  readonly laboratory: string;
  /** When it was calibrated, and until when that is good, days as `2026-11-22`. */
  readonly date: string;
  readonly due: string;
  /** SHA-256 of the file that was uploaded, hex; absent: none was. */
  readonly file?: string;
}

/**
 * A device was calibrated, for one of its metrics. It holds of event times from `effectiveFrom` on, until the next one's;
 * of two with the same `effectiveFrom` the later in the log counts, which is how a mistake is mended.
 */
export interface CalibrationFact {
  readonly device: string;
  readonly metric: Metric;
  /** Epoch ms UTC. */
  readonly effectiveFrom: number;
  /** As found against the reference; one point is an offset everywhere, none says that nothing is to be corrected. */
  readonly points: readonly CalibrationPoint[];
  readonly certificate: CalibrationCertificate | null;
  readonly reason: string;
  /** When the person said so, epoch ms UTC. */
  readonly at: number;
}

/** Of facts of one metric in log order those that count, ascending by `effectiveFrom`. */
export function calibrationsInForce<T extends Pick<CalibrationFact, 'effectiveFrom'>>(facts: readonly T[]): T[] {
  const byTime = new Map(facts.map((fact) => [fact.effectiveFrom, fact]));
  return [...byTime.values()].sort((a, b) => a.effectiveFrom - b.effectiveFrom);
}

const DAY_MS = 86_400_000;

/** When a certificate is overdue: once its last day is over everywhere it is measured by, UTC. Epoch ms. */
export function overdueFrom({ due }: Pick<CalibrationCertificate, 'due'>): number {
  return Date.parse(`${due}T00:00:00Z`) + DAY_MS;
}

/**
 * Whether what was measured then was measured with a calibration that was overdue. A device of which no certificate is
 * known is not marked: nobody said that it has to be calibrated.
 * @param calibrations that count, ascending
 */
export function isOverdueAt(
  calibrations: readonly Pick<CalibrationFact, 'effectiveFrom' | 'certificate'>[],
  time: number,
): boolean {
  const certificate = calibrations.findLast(({ effectiveFrom }) => effectiveFrom <= time)?.certificate ?? null;
  return certificate !== null && time >= overdueFrom(certificate);
}

/** How long before a certificate is overdue somebody is told. */
export const CALIBRATION_WARNING_MS = 30 * DAY_MS;

export type CalibrationState = 'valid' | 'due' | 'overdue' | 'unknown';

/** How a certificate stands at a time, epoch ms UTC; `unknown` where there is none. */
export function calibrationStateAt(certificate: CalibrationCertificate | null, now: number): CalibrationState {
  if (certificate === null) return 'unknown';
  const overdue = overdueFrom(certificate);
  if (now >= overdue) return 'overdue';
  return now >= overdue - CALIBRATION_WARNING_MS ? 'due' : 'valid';
}

/** Of calibrations of any devices and metrics, in log order, the ones in force at a time. */
export function calibrationsAt(facts: readonly CalibrationFact[], now: number): CalibrationFact[] {
  const byKey = Map.groupBy(facts, ({ device, metric }) => `${device}/${metric}`);
  return [...byKey.values()].flatMap((ofKey) => {
    const last = calibrationsInForce(ofKey).findLast(({ effectiveFrom }) => effectiveFrom <= now);
    return last === undefined ? [] : [last];
  });
}
