import { type Excursion, metricByName } from '../domain/index.ts';
import type { AlertRecord } from './alert-store.ts';

/**
 * The excursion that an alert stands for; null where it stands for none (what is no reading beyond a limit), or where the
 * readings that made it are not all known yet.
 */
export function excursionOf({ alert, isEvidenceComplete }: AlertRecord, epcs: ReadonlySet<string>): Excursion | null {
  const { kind, subject, evidence, id, from } = alert;
  const metric = metricByName(subject.metric ?? '');
  if (kind !== 'threshold' || subject.device === undefined || metric === undefined || !isEvidenceComplete) return null;
  const isRunning = evidence.endedBy === null;
  const to = isRunning ? null : alert.to;
  const readings = evidence.readings.filter(({ time }) => {
    if (time < from) return false;
    // A reading that ended it is inside again.
    return to === null || time < to || (time === to && evidence.endedBy !== 'recovery');
  });
  return { id, device: subject.device, metric: metric.name, from, to, readings, epcs: [...epcs] };
}
