import { networkOf, type TimeSource } from '../../domain/index.ts';
import { Refusal } from './problems.ts';

const WINDOW_MS = 60_000;
/** Links from one network that lead nowhere: a wrongly copied one is tried a few times. */
const MOST_WRONG = 20;
/** Of one link from one network: a page asks a dozen times a minute, and an office has many. */
const MOST_ASKED = 300;
const MOST_REMEMBERED = 10_000;

interface Count {
  readonly since: number;
  count: number;
}

/** Bounds how often links of customers are asked for. Guessing one takes longer than the world lasts; this keeps it quiet. */
export class ShareThrottle {
  readonly #time: TimeSource;
  readonly #counts = new Map<string, Count>();

  constructor({ time }: { readonly time: TimeSource }) {
    this.#time = time;
  }

  /**
   * A link led nowhere. Right ones from the same office are answered all the same.
   * @throws {Refusal} 429 SHARE_THROTTLED after many
   */
  wrong(address: string): void {
    if (this.#count(`wrong from ${networkOf(address)}`) > MOST_WRONG) throw tooMany();
  }

  /** @throws {Refusal} 429 SHARE_THROTTLED */
  asked(share: number, address: string): void {
    if (this.#count(`${share} from ${networkOf(address)}`) > MOST_ASKED) throw tooMany();
  }

  #isFresh(key: string): boolean {
    const known = this.#counts.get(key);
    return known !== undefined && this.#time.now() < known.since + WINDOW_MS;
  }

  #count(key: string): number {
    if (!this.#isFresh(key)) {
      this.#counts.delete(key);
      this.#counts.set(key, { since: this.#time.now(), count: 0 });
      for (const oldest of this.#counts.keys()) {
        if (this.#counts.size <= MOST_REMEMBERED) break;
        this.#counts.delete(oldest);
      }
    }
    const known = this.#counts.get(key);
    if (known === undefined) return 0;
    known.count++;
    return known.count;
  }
}

function tooMany(): Refusal {
  const retryAfterSeconds = WINDOW_MS / 1000;
  return new Refusal(429, 'SHARE_THROTTLED', 'asked too often; wait a minute', { retryAfterSeconds });
}
