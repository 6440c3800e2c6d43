import type { CalibrationView } from '../../../api/index.ts';
import type { Span } from '../chart/silence.ts';

const DAY_MS = 86_400_000;

/**
 * Where the calibration in force was overdue: from the day after its last until the next one, as the server marks readings.
 * @param until the end of what is shown, epoch ms
 */
export function overdueSpans(calibrations: readonly CalibrationView[], metric: string, until: number): Span[] {
  const inForce = calibrations
    .filter((one) => one.metric === metric && !one.isReplaced)
    .map((one) => ({ from: Date.parse(one.effectiveFrom), due: one.certificate?.due ?? null }))
    .sort((a, b) => a.from - b.from);
  return inForce.flatMap(({ from, due }, i) => {
    const to = Math.min(until, inForce[i + 1]?.from ?? until);
    const begin = due === null ? to : Math.max(from, Date.parse(`${due}T00:00:00Z`) + DAY_MS);
    return begin < to ? [{ from: begin, to }] : [];
  });
}
