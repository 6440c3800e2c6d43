import type { TimeSource } from '../../domain/index.ts';
import type { WalPosition } from './wal-position.ts';

interface Mark {
  readonly position: WalPosition;
  /** On the monotonic clock. */
  readonly at: number;
}

/** An hour of looks; of a stand-by that is further behind, no more is to be known. */
const MOST_MARKS = 3_600;

/**
 * How long ago the primary was where its stand-by is now. Told by marks of our own: `pg_last_xact_replay_timestamp()` is as old
 * as the last write, so that a stand-by that has everything seems to fall behind in a quiet night.
 */
export class ReplicaLag {
  readonly #time: TimeSource;
  /** Those that the stand-by has not applied, oldest first. */
  readonly #ahead: Mark[] = [];
  #reachedAt: number;

  constructor(time: TimeSource) {
    this.#time = time;
    this.#reachedAt = time.monotonic();
  }

  /** The primary is here now. */
  mark(position: WalPosition): WalPosition {
    if (this.#ahead.length < MOST_MARKS) this.#ahead.push({ position, at: this.#time.monotonic() });
    return position;
  }

  /** The stand-by is here now. */
  reached(position: WalPosition): void {
    for (let next = this.#ahead[0]; next !== undefined && next.position <= position; next = this.#ahead[0]) {
      this.#reachedAt = next.at;
      this.#ahead.shift();
    }
  }

  /** 0: it has everything that was looked for, ms. */
  ms(): number {
    return this.#ahead.length === 0 ? 0 : this.#time.monotonic() - this.#reachedAt;
  }
}
