import { bareAddress } from '../domain/index.ts';
import type { EpcisSubscriptions } from '../trace/index.ts';
import type { Concern } from './health-watch.ts';

/** Beyond so many one alert counts the rest. */
const MOST = 20;
const LOOKED_AT = 1_000;

/** Partners that are told no more, as concerns about health: an alert each, until it goes on or somebody does without. */
export class SubscriptionConcerns {
  readonly #subscriptions: Pick<EpcisSubscriptions, 'ended'>;

  constructor(subscriptions: Pick<EpcisSubscriptions, 'ended'>) {
    this.#subscriptions = subscriptions;
  }

  async at(): Promise<readonly Concern[]> {
    const ended = (await this.#subscriptions.ended(LOOKED_AT)).toSorted((a, b) => endOf(a) - endOf(b));
    const concerns = ended.slice(0, MOST).map((one) => {
      const { id, query, dest, endedBecause } = one;
      const text = `${bareAddress(dest)} is told of "${query}" no more: ${endedBecause ?? 'it ended'}; go on with it, or discard it, on the page of health`;
      return { part: `subscription ${id}`, since: endOf(one), text };
    });
    const [next] = ended.slice(MOST);
    if (next === undefined) return concerns;
    const text = `${ended.length - MOST} more subscriptions ended; the page of health says which`;
    return [...concerns, { part: 'subscription of more partners', since: endOf(next), text }];
  }
}

function endOf({ endedAt }: { readonly endedAt: number | null }): number {
  return endedAt ?? 0;
}
