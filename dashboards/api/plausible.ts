import { formatDuration, type Metric, metricByName } from '../../domain/index.ts';

/*
 * How far what people type may go, where quality relies on it (docs/compliance.md, "What people type"). Wider than anything that
 * was ever right: it stops a slip of the pen, never a person who knows better.
 */

const DAY_MS = 86_400_000;
const YEAR_MS = 365 * DAY_MS;

/** The most that a calibration may add, in the unit of the metric; absent: as far as the metric goes. A sensor beyond it is broken. */
const MOST_CORRECTION: Readonly<Partial<Record<Metric, number>>> = { temperature: 40, humidity: 40 };

/** The most that may be added to what a device reports of a metric, in its unit. */
export function mostCorrection(metric: Metric): number {
  const { min, max } = metricByName(metric) ?? { min: 0, max: 0 };
  return MOST_CORRECTION[metric] ?? max - min;
}

/** @returns what is wrong with adding so much; null: nothing */
export function correctionFault(metric: Metric, added: number): string | null {
  const most = mostCorrection(metric);
  return Math.abs(added) <= most ? null : `plausible are -${most} to ${most} ${metricByName(metric)?.unit ?? ''}`;
}

/** Time out of range that a product stands over its life; longest shelf-life studies take years, none allows one out of range. */
export const MOST_BUDGET_MS = YEAR_MS;
/** USP <1079.2> takes the mean kinetic temperature over 24 h to 52 weeks; a year more for what is stored longer. */
export const MKT_WINDOW_MS = { least: 3_600_000, most: 2 * YEAR_MS };

/** A vial in moving air follows it in minutes, a wrapped pallet in days. */
export const THERMAL_MASS_MS = { least: 60_000, most: 7 * DAY_MS };

/** Certificates are kept in no electronic system that is older. */
const FIRST_CERTIFICATE = Date.parse('1990-01-01T00:00:00Z');
/** Calibrations are good for a year or two. */
const MOST_GOOD_MS = 10 * YEAR_MS;
/** Where it is already tomorrow. */
const AHEAD_MS = DAY_MS;

/** @param days `2026-11-22` @returns what is wrong with the days of a certificate, by member */
export function certificateFault(
  { date, due }: { readonly date: string; readonly due: string },
  now: number,
): { readonly member: 'date' | 'due'; readonly message: string } | null {
  const [made, until] = [date, due].map((day) => Date.parse(`${day}T00:00:00Z`)) as [number, number];
  if (made < FIRST_CERTIFICATE || made > now + AHEAD_MS) {
    return {
      member: 'date',
      message: `given ${date}, plausible are ${dayOf(FIRST_CERTIFICATE)} to ${dayOf(now + AHEAD_MS)}`,
    };
  }
  if (until > made + MOST_GOOD_MS) {
    return { member: 'due', message: `given ${due}, plausible are ${date} to ${dayOf(made + MOST_GOOD_MS)}` };
  }
  return null;
}

const FIRST_READING = Date.parse('2000-01-01T00:00:00Z');

/** @returns what is wrong with a time of the evidence that a person gives; null: nothing. Epoch ms UTC */
export function evidenceTimeFault(at: number | null, now: number): string | null {
  if (at === null || (at >= FIRST_READING && at <= now + AHEAD_MS)) return null;
  return `given ${new Date(at).toISOString()}, plausible are ${dayOf(FIRST_READING)} to ${dayOf(now + AHEAD_MS)}`;
}

/** @returns whether a duration is within; else what is expected */
export function durationFault(ms: number | undefined, least: number, most: number): string | null {
  if (ms === undefined || (ms >= least && ms <= most)) return null;
  return `given ${formatDuration(ms)}, plausible are ${formatDuration(least)} to ${formatDuration(most)}`;
}

function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
