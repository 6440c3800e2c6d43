import { dialectOf } from '../codecs/payloads/index.ts';
import {
  DefectError,
  decodeReadings,
  isOurs,
  type Log,
  metricByName,
  type NewRecord,
  nativeTopic,
  type Original,
  type OriginalSubject,
  ReadingBuilder,
  type ReadingColumns,
  SPEAKS_FOR_ALL,
  silentLogger,
  silentMeter,
  systemTime,
} from '../domain/index.ts';
import { Intake } from './intake.ts';
import { type LoggerFileReading, readingOf } from './logger-file-door.ts';
import { admitFile } from './logger-file-records.ts';

/** Of a message of many devices, whose readings have no times: one end is as good as another. */
const MOST_FIRST_TIMES = 4;

/**
 * Whether what a message brings rests on more than its bytes: on what its sender told before (aliases and units of
 * Sparkplug, Homie, Home Assistant), or on a mapping as it then was. What {@link readingsIn} makes of it alone is then no
 * proof against a stored reading.
 *
 * @param door an original's
 */
export function restsOnOthers(door: string): boolean {
  // Of HTTP: a path. Files and webhooks have their own way.
  if (door.includes(' ') || readingOf(door) !== null || nativeTopic(door) !== null) return false;
  const known = dialectOf(door);
  return known === null ? !isOurs(door) : known.dialect.session !== undefined;
}

/**
 * The readings that an original brings, decoded by the same code that took it in: proof of where a stored reading came
 * from. Only those that were taken: of devices that it is found by, in their event times; what was refused then, because
 * nobody had confirmed who may bring it or because of its time, is none. A reading without a time of its own is of the
 * message's arrival, or of that of the first of its kind: a repeat of a message, a second gateway's copy of a radio frame.
 */
export async function readingsIn(original: Original): Promise<readonly ReadingColumns[]> {
  const file = readingOf(original.door);
  if (file !== null) return readingsOfFile(original, file);
  const spans = spansOf(original);
  let brought: Brought[] = [];
  for (const timeless of [original.arrival, ...firstTimes(original)]) {
    const decoded = await decodedAt(original, timeless);
    const taken = decoded.filter(({ device, time }) => spans.get(device)?.some((span) => isIn(span, time)));
    const isWhole = isAll(decoded, spans);
    if (isWhole || taken.length > brought.length) brought = taken;
    if (isWhole) break;
  }
  const builder = new ReadingBuilder();
  for (const { device, metric, time, value } of brought) builder.add(device, metric, time, value);
  return brought.length === 0 ? [] : [builder.view()];
}

interface Brought {
  readonly device: string;
  readonly metric: number;
  readonly time: number;
  readonly value: number;
}

/** What its bytes say, with what has no time of its own at a given moment. */
async function decodedAt(
  { source: clientId, door: topic, payload, arrival }: Original,
  timeless: number,
): Promise<Brought[]> {
  const records: NewRecord[] = [];
  const intake = new Intake({
    speaksFor: SPEAKS_FOR_ALL,
    log: recorder(records),
    time: systemTime,
    logger: silentLogger,
    meter: silentMeter,
    frames: { firstOf: (_key, time) => (timeless === arrival ? time : timeless) },
  });
  await intake.taken({ clientId, topic, payload, arrival, firstArrival: timeless });
  await intake.stop();
  return records
    .filter(({ kind }) => kind === 'readings')
    .flatMap(({ payload: readings }) => {
      const { count, devices, device, metric, time, value } = decodeReadings(readings);
      return Array.from({ length: count }, (_, row) => ({
        ...{ device: devices[device[row] ?? 0] ?? '', metric: metric[row] ?? 0 },
        ...{ time: time[row] ?? Number.NaN, value: value[row] ?? Number.NaN },
      }));
    });
}

/** Moments at which what has no time can have been taken, beside the arrival: ends of what was taken. */
function firstTimes({ subjects, arrival }: Original): number[] {
  const ends = subjects.flatMap(({ from, to }) => [to, from]).filter((time) => time !== arrival);
  return [...new Set(ends)].slice(0, MOST_FIRST_TIMES);
}

function spansOf({ subjects }: Original): Map<string, OriginalSubject[]> {
  const spans = new Map<string, OriginalSubject[]>();
  for (const subject of subjects) spans.set(subject.id, [...(spans.get(subject.id) ?? []), subject]);
  return spans;
}

const isIn = ({ from, to }: OriginalSubject, time: number) => from <= time && time <= to;

/** Nothing that was taken is missing: each device has readings at both ends of its span. */
function isAll(decoded: readonly Brought[], spans: ReadonlyMap<string, readonly OriginalSubject[]>): boolean {
  const times = new Map<string, Set<number>>();
  for (const { device, time } of decoded) times.set(device, (times.get(device) ?? new Set()).add(time));
  return [...times].every(([device, has]) =>
    (spans.get(device) ?? []).every(({ from, to }) => has.has(from) && has.has(to)),
  );
}

async function readingsOfFile(
  { payload, arrival }: Original,
  reading: LoggerFileReading,
): Promise<readonly ReadingColumns[]> {
  const { taken } = await admitFile(payload, reading, arrival);
  const builder = new ReadingBuilder();
  for (const { device, metric, time, value } of taken) {
    builder.add(device, metricByName(metric)?.code ?? 0, time, value);
  }
  return [builder.view()];
}

/** A log that keeps what is appended to it, and has no consumers. */
function recorder(records: NewRecord[]): Log {
  const absent = (): never => {
    throw new DefectError('REPLAY_CONSUMED', 'a replay has no consumers');
  };
  return {
    append: async (added) => {
      records.push(...added);
      return added.map(() => ({ position: 0, isDuplicate: false }));
    },
    consumer: absent,
    follow: absent,
    heads: async () => ({}),
    checkpoints: async () => ({}),
    lag: async () => [],
    troubles: () => [],
  };
}
