import { decodeBatch } from '../../codecs/batch/index.ts';
import type { Log, TimeSource } from '../../domain/index.ts';
import type { ReaderTest } from '../api/index.ts';
import type { HealthSource } from './health-source.ts';

export interface ReaderTestsOptions {
  readonly health: HealthSource;
  readonly log: Pick<Log, 'follow'>;
  readonly time: TimeSource;
  /** How long a reader is watched, ms; default five seconds. */
  readonly readerWatchMs?: number;
}

const WATCH_MS = 5_000;
const MOST_TAGS = 50;

/** Watches what a reader reads now: whoever holds a tag before an antenna sees that it comes through. */
export class ReaderTests {
  readonly #options: ReaderTestsOptions;

  constructor(options: ReaderTestsOptions) {
    this.#options = options;
  }

  /** Takes as long as it watches. */
  async run(reader: string): Promise<ReaderTest> {
    const { health, log, time, readerWatchMs = WATCH_MS } = this.#options;
    const byAntenna = new Map<number, Set<string>>();
    const from = time.now();
    const followed = log.follow(['trace'], ({ records }) => {
      for (const { kind, payload } of records) {
        if (kind !== 'sightings') continue;
        for (const { reader: by, antenna, epcHex, lastSeen } of decodeBatch(payload).batch.sightings) {
          // A backlog that drains just now tells nothing of now.
          if (by !== reader || lastSeen < from - readerWatchMs) continue;
          byAntenna.set(antenna, (byAntenna.get(antenna) ?? new Set()).add(epcHex));
        }
      }
    });
    await time.sleep('reader test', readerWatchMs);
    followed.stop();
    const gateway = health.gateways().find(({ readers }) => readers.some(({ id }) => id === reader));
    const said = gateway?.readers.find(({ id }) => id === reader);
    const isHeard = byAntenna.size > 0;
    return {
      gateway: gateway?.id ?? null,
      connected: isHeard || (gateway?.state === 'online' && said?.state === 'reading'),
      reason: reasonOf(gateway?.state ?? null, said ?? null, isHeard),
      antennas: [...byAntenna]
        .map(([antenna, tags]) => ({ antenna, tags: tags.size }))
        .toSorted((a, b) => a.antenna - b.antenna),
      tags: [...new Set([...byAntenna.values()].flatMap((tags) => [...tags]))].slice(0, MOST_TAGS),
      seconds: readerWatchMs / 1_000,
    };
  }
}

function reasonOf(
  gateway: 'online' | 'offline' | null,
  reader: { readonly state: string; readonly reason: string | null } | null,
  isHeard: boolean,
): string | null {
  if (isHeard) return null;
  if (gateway === null) return 'no gateway has named this reader since Isotherm started';
  if (gateway === 'offline') return 'its gateway is not connected';
  return reader === null || reader.state === 'reading' ? null : (reader.reason ?? `it is ${reader.state}`);
}
