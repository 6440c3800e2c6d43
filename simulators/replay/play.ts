import type { GpiEvent, Sighting, TimeSource } from '../../domain/index.ts';
import type { SimulatedReader } from '../reader/index.ts';

export interface ReplayOptions {
  readonly reads: readonly Sighting[];
  readonly gpi: readonly GpiEvent[];
  /** By reader id. */
  readonly readers: ReadonlyMap<string, SimulatedReader>;
  /** Added to every recorded time. */
  readonly shiftMs: number;
  /**
   * true: each read when its (shifted) time comes. false: all at once, as readers do that held them over an outage;
   * connections are dropped for it.
   */
  readonly isLive: boolean;
  readonly time: TimeSource;
  readonly signal: AbortSignal;
}

/** Plays recorded reads and inputs through simulated readers. @returns how many reads the readers took */
export async function replayReads(options: ReplayOptions): Promise<number> {
  const { reads, gpi, readers, shiftMs, isLive, time, signal } = options;
  let taken = 0;
  let event = 0;
  if (!isLive) await cutOff(readers, time, signal);
  for (const read of reads) {
    const at = read.firstSeen + shiftMs;
    for (let next = gpi[event]; next !== undefined && next.at <= read.firstSeen; next = gpi[++event]) {
      if (isLive) await until(next.at + shiftMs, time, signal);
      readers.get(next.reader)?.gpi(next.port, next.isHigh, next.at + shiftMs);
    }
    if (isLive) await until(at, time, signal);
    if (signal.aborted) return taken;
    const { antenna, epcHex, epcBits, rssiDbm, count } = read;
    if (readers.get(read.reader)?.see({ antenna, epcHex, epcBits, at, count, rssiDbm })) taken++;
  }
  for (const { reader, port, isHigh, at } of gpi.slice(event)) readers.get(reader)?.gpi(port, isHigh, at + shiftMs);
  return taken;
}

async function cutOff(
  readers: ReadonlyMap<string, SimulatedReader>,
  time: TimeSource,
  signal: AbortSignal,
): Promise<void> {
  for (const reader of readers.values()) reader.dropConnection();
  while (!signal.aborted && [...readers.values()].some((reader) => reader.isConnected)) {
    await time.sleep('simulate: cut off', 1, signal);
  }
}

async function until(at: number, time: TimeSource, signal: AbortSignal): Promise<void> {
  const wait = at - time.now();
  if (wait > 0) await time.sleep('simulate: replay', wait, signal);
}
