import type { FoundHole } from '../storage/index.ts';
import type { Concern } from './health-watch.ts';

/** A hole is told for so long: it is not mended by itself, and quality has to know of it. */
const TOLD_MS = 7 * 24 * 3_600_000;

/** Readings that the log on NATS has lost, as concerns about health: each hole an alert of its own, for a week. */
export class HoleConcern {
  readonly #since: (at: number) => Promise<readonly FoundHole[]>;

  constructor({ since }: { readonly since: (at: number) => Promise<readonly FoundHole[]> }) {
    this.#since = since;
  }

  async at(now: number): Promise<readonly Concern[]> {
    const holes = await this.#since(now - TOLD_MS);
    return holes.map(({ partition, first, last, reason, foundAt }) => ({
      part: `log-hole ${partition}:${first}`,
      since: foundAt,
      text: `readings that were acknowledged are gone: ${last - first + 1} messages of the log on NATS ${MEANINGS[reason]} (docs/scaling.md)`,
    }));
  }
}

const MEANINGS: Readonly<Record<FoundHole['reason'], string>> = {
  missing: 'are on no server any more',
  changed: 'are not what was sent',
  cut: 'were lost with the end of their stream',
};
