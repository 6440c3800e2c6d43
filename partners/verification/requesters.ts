import { isAgreed, type Partner, type TimeSource } from '../../domain/index.ts';

export interface RequestersOptions {
  /** Whose a GLN is; null: of nobody who is known here. */
  readonly byGln: (gln: string) => Promise<Partner | null>;
  readonly time: TimeSource;
}

/** What is taken back is out within this, ms. */
const FRESH_MS = 2_000;
const MOST_REMEMBERED = 5_000;

/** In whose name requests come, and whether that company may be answered. */
export class Requesters {
  readonly #options: RequestersOptions;
  readonly #found = new Map<string, { readonly at: number; readonly partner: Promise<Partner | null> }>();

  constructor(options: RequestersOptions) {
    this.#options = options;
  }

  /**
   * Why a request in the name of this GLN is not answered; null: it is. A company that is a partner is answered where
   * its agreement holds and lets it see verifications; one that is none, to whom the token was given, is.
   *
   * @param of the partner whose token asks; null: a token of nobody else
   */
  async refusal(gln: string, of: string | null): Promise<string | null> {
    const partner = await this.#partnerOf(gln);
    if (of !== null && partner?.id !== of) return `${gln} is no GLN of ${of}, whose token asks`;
    if (partner === null) return null;
    if (!isAgreed(partner, this.#options.time.now())) return `the agreement with ${partner.name} does not hold today`;
    if (partner.sees.includes('verification')) return null;
    return `it is not agreed with ${partner.name} that it is answered`;
  }

  #partnerOf(gln: string): Promise<Partner | null> {
    const { byGln, time } = this.#options;
    const now = time.monotonic();
    const known = this.#found.get(gln);
    if (known !== undefined && now - known.at < FRESH_MS) return known.partner;
    if (this.#found.size >= MOST_REMEMBERED) this.#found.clear();
    const partner = byGln(gln);
    this.#found.set(gln, { at: now, partner });
    partner.catch(() => this.#found.delete(gln));
    return partner;
  }
}
