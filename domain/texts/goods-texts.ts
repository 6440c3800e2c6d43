import { TextCatalogue } from './catalogue.ts';
import type { GoodsReasonKey, GoodsReasonTexts } from './en/goods-reason.ts';
import type { Words } from './words.ts';

export type { GoodsReasonKey, GoodsReasonTexts } from './en/goods-reason.ts';

/** Why goods may not move on, in one language. */
export class GoodsTexts {
  readonly #texts: GoodsReasonTexts;
  readonly #catalogue: TextCatalogue<GoodsReasonKey>;

  /** @param locale BCP 47 */
  constructor(texts: GoodsReasonTexts, locale: string) {
    this.#texts = texts;
    this.#catalogue = new TextCatalogue(texts, locale);
  }

  /** A kept reason; null where it was kept without words, or with those of another version: its English sentence stands then. */
  reason(words: Words | undefined): string | null {
    if (words === undefined || !this.#has(words.key)) return null;
    const values: Record<string, string | number> = {};
    for (const [name, value] of Object.entries(words.values)) {
      // No reason here is made of others.
      if (typeof value === 'object') return null;
      values[name] = value;
    }
    return this.#catalogue.say(words.key, values);
  }

  /** What was found of goods, in a word or two. @param finding as the API names it: `expiry unreadable` */
  finding(finding: string): string {
    return this.#catalogue.say('goods.finding', { finding: finding.replaceAll(' ', '_'), name: finding });
  }

  #has(key: string): key is GoodsReasonKey {
    return Object.hasOwn(this.#texts, key);
  }
}
