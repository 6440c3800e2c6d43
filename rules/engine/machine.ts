import type { Finding } from '../../domain/index.ts';
import type { Reach } from './series.ts';
import type { Window } from './window.ts';

/**
 * One kind's way of judging readings. A machine keeps the state of all watches of its kind and moves a watch reading by
 * reading, live and in a rewind alike; what it finds goes to the watch's drafts.
 *
 * A rewind goes back to a *clean* reading: one after which the watch's state does not depend on what came before, so
 * that it can be restored there. It may stop at a later clean reading, where old and new evaluation meet again.
 */
export interface Machine {
  /** Gives a watch a slot; the watch has seen no reading. */
  open(watch: number): void;
  /** Judges reading `i`; the watch's state is that after reading `i - 1`. */
  advance(watch: number, window: Window, i: number): void;
  /** What follows from the end of the data and now; sets the watch's next deadline. */
  settle(watch: number, window: Window, now: number): void;
  /** Whether reading `i` leaves the same state whatever came before, apart from findings that it may still extend. */
  isClean(watch: number, window: Window, i: number): boolean;
  /** Restores the state after clean reading `i`, or before the first reading where `i` is `window.start - 1`. */
  restoreAt(watch: number, window: Window, i: number): void;
  /** Whether nothing is under way: no run, no finding that a later run may extend. */
  isQuiet(watch: number): boolean;
  /** How long after its end a finding may still be extended, ms. */
  holdMs(watch: number): number;
  /** Brings the drafts up to the state, for a kind whose drafts lag behind it until they are settled. */
  beforeRewind?(watch: number): void;
  /** Puts a state back that agrees with the present one from `time` on; where absent, {@link Machine.restore} does. */
  rejoin?(watch: number, state: unknown, time: number): void;
  /** How long a reading still counts in the state after the next one has come, ms; 0 where only the run under way does. */
  reachMs(watch: number): number;
  /** Readings the watch reads where they lie, beside those every tail holds. */
  reads?(watch: number): readonly Reach[];
  /** The state, to be restored by {@link Machine.restore}. */
  snapshot(watch: number): unknown;
  restore(watch: number, state: unknown): void;
  /**
   * The least now that explains the published state of the last finding: after a restart the clock is at least that.
   * -Infinity where it proves nothing.
   */
  provenNow(watch: number, window: Window, published: Finding): number;
}
