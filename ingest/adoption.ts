import { dialectOf } from '../codecs/payloads/index.ts';
import {
  encodeReadings,
  InputError,
  isPhysical,
  type Log,
  metricByName,
  type NewRecord,
  nativeTopic,
  type Quarantined,
  READINGS_VERSION,
  ReadingBuilder,
  slotOf,
} from '../domain/index.ts';
import { ADOPTABLE, refusalOfTime, TIME_AHEAD_MS, TIME_TOO_OLD_MS } from './admission.ts';
import { decodeReadingsJson } from './readings-json.ts';
import { Refusals } from './refusals.ts';

/** Before it no logger kept this time: a clock that was never set. */
const OLDEST = Date.UTC(2000, 0, 1);

export interface Adopted {
  /** To be appended together. */
  readonly records: readonly NewRecord[];
  readonly readings: number;
}

/**
 * The readings of an entry in quarantine that a person takes over: those too old, those that were ahead of a clock of
 * ours and are past now, and those beside a field that is not understood, where they have a time of their own. Nothing
 * else of the message is taken: what was good in it is in the log already.
 *
 * @param now epoch ms UTC
 * @throws {InputError} QUARANTINE_NOT_ADOPTABLE it was refused for what it says, not for when, or nothing of it can be taken
 */
export function adoptedRecords(entry: Quarantined, now: number, log: Pick<Log, 'partitionOf'>): Adopted {
  const { reason, detail, source, topic, arrival } = entry;
  if (!ADOPTABLE.has(reason) || source === null) {
    throw notAdoptable(
      `${reason}: ${detail}; only what was refused for its time or a field beside it can be adopted, discard it`,
    );
  }
  const builders = new Map<number, ReadingBuilder>();
  const builderFor = (device: string): ReadingBuilder => {
    const partition = log.partitionOf(slotOf(device));
    const builder = builders.get(partition) ?? new ReadingBuilder();
    builders.set(partition, builder);
    return builder;
  };
  const admits = admissionOf(reason, arrival, now);
  // Nothing is wrong with the time of what only waits for its sender to be confirmed: it is of its arrival.
  const absentTime = reason === 'SOURCE_UNCONFIRMED' ? arrival : null;
  const payload = Buffer.from(entry.payload, 'base64');
  const dialect = nativeTopic(topic) === null ? dialectOf(topic) : null;
  if (dialect === null) {
    const builder = builderFor(source);
    const native = { payload, device: builder.deviceIndex(source), arrival, absentTime: absentTime ?? Number.NaN };
    decodeReadingsJson({ ...native, admits, isHolding: false }, builder, new Refusals());
  } else {
    const { readings } = dialect.dialect.decode({ topic, source: dialect.source, payload });
    for (const { device, metric, value, time: stated } of readings) {
      const time = stated ?? absentTime;
      const known = metricByName(metric);
      if (known === undefined || time === null || admits(time) !== null || !isPhysical(known, value)) continue;
      builderFor(device).add(device, known.code, time, value + 0);
    }
  }
  const readings = [...builders.values()].reduce((sum, { count }) => sum + count, 0);
  if (readings === 0) {
    throw notAdoptable(
      `${reason}: nothing of it can be taken: without a time of its own, or with one that is none; discard it`,
    );
  }
  const common = { family: 'readings', kind: 'readings', version: READINGS_VERSION, source: 'adoption' } as const;
  const records = [...builders]
    .filter(([, { count }]) => count > 0)
    .map(([partition, builder]) => ({
      ...{ ...common, partition, sequence: null, arrival: now, payload: encodeReadings(builder.view()) },
    }));
  return { records, readings };
}

function admissionOf(
  reason: string,
  arrival: number,
  now: number,
): (time: number) => 'TIME_AHEAD' | 'TIME_TOO_OLD' | null {
  if (reason === 'TIME_TOO_OLD') {
    return (time) => (time >= OLDEST && time < arrival - TIME_TOO_OLD_MS ? null : 'TIME_TOO_OLD');
  }
  if (reason === 'TIME_AHEAD') {
    return (time) => (time > arrival + TIME_AHEAD_MS && time <= now + TIME_AHEAD_MS ? null : 'TIME_AHEAD');
  }
  return (time) => (Number.isNaN(time) ? 'TIME_TOO_OLD' : refusalOfTime(time, arrival));
}

function notAdoptable(message: string): InputError {
  return new InputError('QUARANTINE_NOT_ADOPTABLE', message);
}
