import type { LogSize } from '../storage/index.ts';
import type { Concern } from './health-watch.ts';

const PART = 'log-size';
const GIB = 2 ** 30;
const HOUR = 3_600_000;
/** So many per cent below the limit end it: what wavers at the limit is told once. */
const SLACK = 5;

export interface LogConcernOptions {
  readonly size: () => Promise<LogSize>;
  /** Past either nothing is acknowledged while a consumer that must keep up still needs it. */
  readonly caps: { readonly capBytes: number; readonly capMs: number };
  /** Per cent of either cap at which it is told; 0: never. */
  readonly most: number;
}

/**
 * The log filling up, as a concern about health: told while there is time to see to whoever does not get on. At its cap nothing
 * that is sent is acknowledged any more.
 */
export class LogConcern {
  readonly #options: LogConcernOptions;
  /** Since when it is told, epoch ms UTC. */
  #since: number | null = null;

  constructor(options: LogConcernOptions) {
    this.#options = options;
  }

  async at(now: number): Promise<readonly Concern[]> {
    const { size, caps, most } = this.#options;
    if (most === 0) return [];
    const { bytes, oldestClosed } = await size();
    const ageMs = oldestClosed === null ? 0 : now - oldestClosed;
    const percent = 100 * Math.max(bytes / caps.capBytes, ageMs / caps.capMs);
    if (percent < (this.#since === null ? most : most - SLACK)) {
      this.#since = null;
      return [];
    }
    this.#since ??= now;
    const held = `${(bytes / GIB).toFixed(1)} GiB, the oldest ${Math.floor(ageMs / HOUR)} h old`;
    const text = `the log holds ${held}: ${Math.floor(percent)} per cent of what it may before nothing is acknowledged any more; see which consumer is behind (docs/operating.md)`;
    return [{ part: PART, since: this.#since, text }];
  }
}
