import {
  DefectError,
  decodeReadings,
  type Log,
  metricByName,
  type NewRecord,
  type Original,
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

/**
 * The readings that an original brings, decoded by the same code that took it in: proof of where a stored reading came
 * from. A reading without a time of its own has the message's arrival.
 */
export async function readingsIn(original: Original): Promise<readonly ReadingColumns[]> {
  const file = readingOf(original.door);
  if (file !== null) return readingsOfFile(original, file);
  const records: NewRecord[] = [];
  const intake = new Intake({
    speaksFor: SPEAKS_FOR_ALL,
    log: recorder(records),
    time: systemTime,
    logger: silentLogger,
    meter: silentMeter,
  });
  await new Promise<void>((resolve, reject) => {
    const { source: clientId, door: topic, payload, arrival } = original;
    const done = (error?: Error) => (error === undefined ? resolve() : reject(error));
    intake.accept({ clientId, topic, payload, arrival }, done);
  });
  await intake.stop();
  return records.filter(({ kind }) => kind === 'readings').map(({ payload }) => decodeReadings(payload));
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
