import type { TurnedAway } from '../partners/index.ts';
import type { Concern } from './health-watch.ts';

/** Without one more that is turned away for so long it is over. */
const LATELY_MS = 15 * 60_000;
/** Beyond so many of a kind one alert more says nothing more. */
const MOST = 20;

/** Who was turned away at or after `since`, epoch ms UTC, the worst first. */
export type TurnedAwaySince = (asked: {
  readonly since: number;
  readonly most: number;
}) => Promise<readonly TurnedAway[]>;

export interface QuotaConcernOptions {
  readonly of: 'partner' | 'system';
  readonly turnedAway: TurnedAwaySince;
}

const TEXTS: Readonly<Record<QuotaConcernOptions['of'], (one: TurnedAway) => string>> = {
  partner: ({ whose, count }) =>
    `${count} requests or files of the partner ${whose} were turned away today: it sends more than is agreed; ask it why, or agree on more (docs/partners.md)`,
  system: ({ whose, count }) =>
    `files of the system ${whose} were turned away ${count} times today: it brings more than its mapping file allows; ask who runs it why, or raise quota there (docs/erp.md)`,
};

/** Partners, or ERP and WMS, that bring or ask more than is agreed, as concerns about health: each an alert of its own. */
export class QuotaConcern {
  readonly #options: QuotaConcernOptions;
  /** Since when each is told, epoch ms UTC. */
  #since: ReadonlyMap<string, number> = new Map();

  constructor(options: QuotaConcernOptions) {
    this.#options = options;
  }

  async at(now: number): Promise<readonly Concern[]> {
    const { of, turnedAway } = this.#options;
    const found = await turnedAway({ since: now - LATELY_MS, most: MOST });
    const before = this.#since;
    this.#since = new Map(found.map(({ whose }) => [whose, before.get(whose) ?? now]));
    return found.map((one) => ({
      part: `${of}-quota ${one.whose}`,
      since: this.#since.get(one.whose) ?? now,
      text: TEXTS[of](one),
    }));
  }
}
