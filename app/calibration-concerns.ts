import {
  CALIBRATION_WARNING_MS,
  type CalibrationFact,
  calibrationStateAt,
  calibrationsAt,
  type Facts,
  overdueFrom,
} from '../domain/index.ts';
import type { Concern } from './health-watch.ts';

/** Facts are looked at so often: what is due is due by days. */
const LOOK_EVERY_MS = 60_000;
/** Fleets are calibrated together: beyond so many one alert counts the rest. */
const MOST = 50;
const MORE = 'calibration of more devices';

/** Devices of which a certificate is about to be overdue, or is, as concerns about health: each an alert of its own. */
export class CalibrationConcerns {
  readonly #facts: Pick<Facts, 'all'>;
  #looked = Number.NEGATIVE_INFINITY;
  #calibrations: readonly CalibrationFact[] = [];

  constructor(facts: Pick<Facts, 'all'>) {
    this.#facts = facts;
  }

  async at(now: number): Promise<readonly Concern[]> {
    if (Math.abs(now - this.#looked) >= LOOK_EVERY_MS) {
      const kept = await this.#facts.all(['calibration']);
      this.#calibrations = kept.flatMap(({ fact }) => (fact.type === 'calibration' ? [fact.calibration] : []));
      this.#looked = now;
    }
    return concernsIn(this.#calibrations, now);
  }
}

/** @param calibrations of any devices, in log order */
export function concernsIn(calibrations: readonly CalibrationFact[], now: number): Concern[] {
  const concerns = calibrationsAt(calibrations, now).flatMap(({ device, metric, certificate }): Concern[] => {
    const state = calibrationStateAt(certificate, now);
    if (certificate === null || (state !== 'due' && state !== 'overdue')) return [];
    const overdue = overdueFrom(certificate);
    const since = state === 'due' ? overdue - CALIBRATION_WARNING_MS : overdue;
    const { number, laboratory, due } = certificate;
    const what = state === 'due' ? `is due by ${due}` : `is overdue since ${due}: what it measures is marked`;
    const text = `the ${metric} calibration of ${device} ${what}; its certificate is ${number} of ${laboratory}`;
    // Another name for what is overdue: nobody should have to notice that a warning has changed its meaning.
    return [{ part: `calibration ${state} ${device}/${metric}`, since, text }];
  });
  concerns.sort((a, b) => a.since - b.since || (a.part < b.part ? -1 : 1));
  if (concerns.length <= MOST) return concerns;
  const rest = concerns.slice(MOST);
  const text = `${rest.length} more calibrations are due or overdue; the list of loggers says which`;
  return [...concerns.slice(0, MOST), { part: MORE, since: rest[0]?.since ?? now, text }];
}
