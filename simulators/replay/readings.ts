import { connectAsync } from 'mqtt';
import { readingsTopic, type TimeSource } from '../../domain/index.ts';
import type { RecordedReading } from './recording.ts';

export interface ReadingsReplay {
  readonly readings: readonly RecordedReading[];
  readonly brokerUrl: string;
  passwordOf(device: string): string;
  readonly shiftMs: number;
  /** true: each reading when its (shifted) time comes; false: all at once, as loggers upload their memory. */
  readonly isLive: boolean;
  readonly time: TimeSource;
  readonly signal: AbortSignal;
}

/** Below the platform's 10,000 readings and 1 MiB a message. */
const MESSAGE_READINGS = 2_000;

/** Publishes recorded readings, each under its device's own name. @returns how many were acknowledged */
export async function replayReadings(options: ReadingsReplay): Promise<number> {
  const byDevice = Map.groupBy(options.readings, ({ device }) => device);
  const sent = await Promise.all([...byDevice].map(([device, readings]) => replayDevice(device, readings, options)));
  return sent.reduce((sum, count) => sum + count, 0);
}

async function replayDevice(
  device: string,
  readings: readonly RecordedReading[],
  { brokerUrl, passwordOf, shiftMs, isLive, time, signal }: ReadingsReplay,
): Promise<number> {
  const client = await connectAsync(brokerUrl, {
    clientId: device,
    username: device,
    password: passwordOf(device),
    clean: false,
  });
  const size = isLive ? 1 : MESSAGE_READINGS;
  let acknowledged = 0;
  try {
    for (let from = 0; from < readings.length && !signal.aborted; from += size) {
      const some = readings.slice(from, from + size);
      if (isLive) {
        const wait = (some[0]?.time ?? 0) + shiftMs - time.now();
        if (wait > 0) await time.sleep('simulate: replay', wait, signal);
        if (signal.aborted) break;
      }
      const rows = some.map(({ time: at, metric, value }) => ({
        time: new Date(at + shiftMs).toISOString(),
        [metric]: value,
      }));
      await client.publishAsync(readingsTopic(device), JSON.stringify(rows), { qos: 1 });
      acknowledged += some.length;
    }
  } finally {
    await client.endAsync();
  }
  return acknowledged;
}
