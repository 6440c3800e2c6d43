import type { TimeSource } from '../domain/index.ts';

/** A second signal this soon is the same wish: Ctrl-C reaches the whole process group, and npm and sh pass it on. */
const SAME_WISH_MS = 1_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves at the first SIGINT, SIGTERM or SIGHUP; one more a second later ends the process at once. */
export function untilToldToStop(time: TimeSource): Promise<void> {
  return new Promise((resolve) => {
    let first: number | null = null;
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        const now = time.monotonic();
        if (first === null) {
          first = now;
          resolve();
        } else if (now - first > SAME_WISH_MS) process.exit(130);
      });
    }
  });
}
