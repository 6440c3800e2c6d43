import { exceptionId, type Tellings } from '../partners/index.ts';
import type { Concern } from './health-watch.ts';

/** Beyond it the page of exceptions says more than alerts. */
const MOST = 20;

/** What partners could not be told of exceptions, as concerns about health, until they are told by link or webhook. */
export class UntoldExceptions {
  readonly #tellings: Pick<Tellings, 'givenUp'>;

  constructor(tellings: Pick<Tellings, 'givenUp'>) {
    this.#tellings = tellings;
  }

  async at(_now: number): Promise<readonly Concern[]> {
    return (await this.#tellings.givenUp(MOST)).map(({ exception, partnerName, since, failure }) => {
      const id = exceptionId(exception);
      const text = `${partnerName} could not be told of ${id}: ${failure ?? 'no reason is known'}; tell it again or share a link`;
      return { part: `exception ${id}`, since, text };
    });
  }
}
