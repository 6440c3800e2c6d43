import { InputError, type TimeSource } from '../../domain/index.ts';
import { formatTime } from '../api/index.ts';

/** How far a screen's clock may be ahead of ours, as of readings (docs/mqtt.md). */
const AHEAD_MS = 10 * 60_000;

/**
 * When a person decided, by the server's clock.
 * @param said epoch ms; absent: now
 * @throws {InputError} DECIDED_AT_AHEAD
 */
export function decidedAt(said: number | undefined, time: Pick<TimeSource, 'now'>): number {
  const now = time.now();
  if (said === undefined || said <= now + AHEAD_MS) return Math.min(said ?? now, now);
  throw new InputError(
    'DECIDED_AT_AHEAD',
    `decidedAt: ${formatTime(said)} is ahead of the server's clock, which says ${formatTime(now)}; allowed: up to 10 minutes`,
  );
}
