import {
  type DeviceFacts,
  type Finding,
  goodReadings,
  type History,
  type Interval,
  joinReadings,
  type KeyReadings,
} from '../domain/index.ts';

export interface EvidenceReading {
  readonly time: number;
  readonly value: number;
}

export interface ReadingsEvidence {
  readonly readings: readonly EvidenceReading[];
  /** The store holds every reading that made the finding; a writer that lags behind the evaluator may yet bring them. */
  readonly isComplete: boolean;
}

const KEPT = 300;
/** More than this in one finding is read from its two ends: enough for a week of a reading every 30 s. */
const MOST_READ = 20_000;
const LEAST_CONTEXT_MS = 30 * 60_000;
const MOST_CONTEXT_MS = 12 * 3_600_000;
/** A reading may lie this far ahead of our clock before it is refused (docs/mqtt.md). */
const CLOCK_AHEAD_MS = 10 * 60_000;

/**
 * The readings that made a finding, with some before and after it, thinned for a chart; suspect ones are no evidence.
 * @param now epoch ms UTC
 */
export async function readingsBehind(
  finding: Finding,
  key: { readonly device: string; readonly metric: number },
  { history, devices }: { readonly history: History; readonly devices: DeviceFacts },
  now: number,
): Promise<ReadingsEvidence> {
  const { from, to } = withContext(finding, now + CLOCK_AHEAD_MS);
  const read = await history.read(key.device, key.metric, from, to, MOST_READ);
  const isCut = read.count === MOST_READ;
  const tail = isCut ? await history.before(key.device, key.metric, to, MOST_READ) : null;
  const { quality } = await devices.of(key.device, key.metric);
  const all = goodReadings(tail === null ? read : joinReadings(read, tail), quality);
  return { readings: thinned(all, KEPT), isComplete: isCut || countWithin(all, finding) >= finding.readings };
}

/**
 * At most `keep` readings of a series that show its shape: first, last, and the lowest and highest of each of equally
 * many in between.
 */
export function thinned({ count, time, value }: KeyReadings, keep: number): EvidenceReading[] {
  const at = (i: number): EvidenceReading => ({ time: time[i] ?? 0, value: value[i] ?? 0 });
  if (count <= keep) return Array.from({ length: count }, (_, i) => at(i));
  const chosen = new Set([0, count - 1]);
  const buckets = Math.floor((keep - 2) / 2);
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = Math.floor((bucket * count) / buckets);
    const end = Math.floor(((bucket + 1) * count) / buckets);
    let lowest = start;
    let highest = start;
    for (let i = start + 1; i < end; i++) {
      if ((value[i] ?? 0) < (value[lowest] ?? 0)) lowest = i;
      if ((value[i] ?? 0) > (value[highest] ?? 0)) highest = i;
    }
    chosen.add(lowest).add(highest);
  }
  return [...chosen].sort((a, b) => a - b).map(at);
}

function withContext({ from, to }: Interval, horizon: number): { from: number; to: number } {
  const context = Math.min(MOST_CONTEXT_MS, Math.max(LEAST_CONTEXT_MS, ((to ?? horizon) - from) / 2));
  return { from: from - context, to: to === null ? horizon : to + context };
}

/** The run's end may be its last outside reading itself (silence) or the inside reading after it. */
function countWithin({ count, time }: KeyReadings, { runs }: Finding): number {
  let within = 0;
  for (let i = 0; i < count; i++) {
    const at = time[i] ?? 0;
    if (runs.some(({ from, to }) => at >= from && at <= to)) within++;
  }
  return within;
}
