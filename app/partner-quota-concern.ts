import type { TurnedAway } from '../partners/index.ts';
import type { Concern } from './health-watch.ts';

/** Without one more that is turned away for so long it is over. */
const LATELY_MS = 15 * 60_000;
/** Beyond so many partners one alert more says nothing more. */
const MOST = 20;

export interface PartnerQuotaConcernOptions {
  /** Who was turned away at or after this time, epoch ms UTC, the worst first. */
  readonly turnedAway: (asked: { readonly since: number; readonly most: number }) => Promise<readonly TurnedAway[]>;
}

/** Partners that send or ask more than is agreed with them, as concerns about health: each an alert of its own. */
export class PartnerQuotaConcern {
  readonly #options: PartnerQuotaConcernOptions;
  /** Since when each is told, epoch ms UTC. */
  #since: ReadonlyMap<string, number> = new Map();

  constructor(options: PartnerQuotaConcernOptions) {
    this.#options = options;
  }

  async at(now: number): Promise<readonly Concern[]> {
    const found = await this.#options.turnedAway({ since: now - LATELY_MS, most: MOST });
    const before = this.#since;
    this.#since = new Map(found.map(({ partner }) => [partner, before.get(partner) ?? now]));
    return found.map(({ partner, count }) => ({
      part: `partner-quota ${partner}`,
      since: this.#since.get(partner) ?? now,
      text: `${count} requests or files of the partner ${partner} were turned away today: it sends more than is agreed; ask it why, or agree on more (docs/partners.md)`,
    }));
  }
}
