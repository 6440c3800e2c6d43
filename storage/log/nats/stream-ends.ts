import { randomUUID } from 'node:crypto';
import type { TimeSource } from '../../../domain/index.ts';
import type { Database } from '../../database.ts';
import type { Holes } from './holes.ts';
import { furthest, noteDropped, type StreamRow } from './ledger.ts';
import type { ReadingsStream } from './stream.ts';

/** What is known of a stream in this process. */
export interface Known {
  readonly row: StreamRow;
  /** With the subject of as many partitions as there are. */
  stream: ReadingsStream;
  /** The furthest message that was ever heard of. */
  last: number;
  dropped: number;
  /** The connection was lost since it was last compared with what PostgreSQL knows. */
  isUnsettled: boolean;
  settling: Promise<void> | null;
}

export interface StreamEndsOptions {
  readonly database: Database;
  readonly time: TimeSource;
  readonly holes: Holes;
  /** A stream is as it should be, and ends there. */
  readonly onReached: (known: Known, last: number) => void;
}

/** Beyond what is known to have been read, where a stream has lost its end: nobody can have read further than that. */
const MARGIN = 1_024;
const FILLERS_AT_ONCE = 64;
const FILLER_MS = 5_000;
/** A stream that ends too early is looked at again for so long, in case its new leader was not there yet. */
const SECOND_LOOKS_MS = 1_500;
const SECOND_LOOK_EVERY_MS = 100;

/** Holds the ends of streams against what is known to have been acknowledged, and mends one that its servers have lost. */
export class StreamEnds {
  readonly #options: StreamEndsOptions;

  constructor(options: StreamEndsOptions) {
    this.#options = options;
  }

  /** Until the end of a stream is known to be where it should be, or has been mended. */
  settle(known: Known): Promise<void> {
    known.settling ??= this.#compare(known).finally(() => {
      known.settling = null;
    });
    return known.settling;
  }

  /**
   * Holds the stream against what is known to have been acknowledged. Where it ends before that, its servers have lost
   * what they had acknowledged: that is told, and empty messages take the places, so that what is appended from now on
   * stands behind everything that anybody has read.
   */
  async #compare(known: Known): Promise<void> {
    const { database, time } = this.#options;
    const { partition } = known.row;
    let acknowledged = Math.max(known.last, await furthest(database, partition));
    let state = await known.stream.state();
    const until = time.monotonic() + SECOND_LOOKS_MS;
    while ((state === null || state.last < acknowledged) && time.monotonic() < until) {
      await time.sleep('log stream second look', SECOND_LOOK_EVERY_MS);
      acknowledged = Math.max(acknowledged, await furthest(database, partition));
      state = await known.stream.state();
    }
    if (state === null) state = await known.stream.open(await this.#beginning(known.row, acknowledged));
    else if (state.last < acknowledged) {
      const lost = { first: Math.max(state.last + 1, known.row.first), last: acknowledged };
      await this.#options.holes.report({ partition, ...lost, reason: 'cut', bytes: null });
      if (!state.isSealed) await this.#fill(known.stream, state.last, acknowledged + MARGIN);
      state = (await known.stream.state()) ?? state;
    }
    known.isUnsettled = false;
    this.#options.onReached(known, state.last);
  }

  async #fill(stream: ReadingsStream, after: number, through: number): Promise<void> {
    for (let last = after; last < through; ) {
      const many = Math.min(FILLERS_AT_ONCE, through - last);
      const one = () => stream.publish([], { id: randomUUID(), timeoutMs: FILLER_MS });
      const published = await Promise.all(Array.from({ length: many }, one));
      last = Math.max(...published.map(({ sequence }) => sequence));
    }
  }

  /** Where a stream begins that is not there: behind all that was ever acknowledged in it. */
  async firstOf({ row, stream }: Known): Promise<number> {
    const acknowledged = await furthest(this.#options.database, row.partition);
    if (acknowledged < row.first || (await stream.state()) !== null) return row.first;
    return this.#beginning(row, acknowledged);
  }

  /** Of a stream that is made anew, when the one before is gone with all that it held. */
  async #beginning({ partition, dropped }: StreamRow, acknowledged: number): Promise<number> {
    const { database } = this.#options;
    if (acknowledged > dropped) {
      await this.#options.holes.report({
        partition,
        first: dropped + 1,
        last: acknowledged,
        reason: 'cut',
        bytes: null,
      });
    }
    await noteDropped(database, partition, acknowledged + MARGIN);
    return acknowledged + MARGIN + 1;
  }
}
