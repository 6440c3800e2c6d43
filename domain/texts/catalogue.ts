import { IntlMessageFormat, type PrimitiveType } from 'intl-messageformat';

/** Texts of one language by key, ICU MessageFormat. */
export type Texts = Readonly<Record<string, string>>;

/** What fills a text's placeholders. */
export type TextValues = Readonly<Record<string, PrimitiveType>>;

/** Reads texts of one catalogue. A key that it does not have does not compile. */
export class TextCatalogue<Key extends string> {
  readonly #texts: Readonly<Record<Key, string>>;
  readonly #locale: string;
  readonly #parsed = new Map<Key, IntlMessageFormat>();

  /** @param locale of figures, times and plurals, BCP 47 */
  constructor(texts: Readonly<Record<Key, string>>, locale: string) {
    this.#texts = texts;
    this.#locale = locale;
  }

  /** A text in words, its placeholders filled in. */
  say(key: Key, values: TextValues = {}): string {
    return String(this.#messageOf(key).format({ ...values }));
  }

  /** The same with parts that are no text: they come back in their places among the words. */
  richly<T>(key: Key, values: Readonly<Record<string, T>>): (string | T)[] {
    const parts: string | T | (string | T)[] = this.#messageOf(key).format<T>({ ...values });
    return Array.isArray(parts) ? parts : [parts];
  }

  #messageOf(key: Key): IntlMessageFormat {
    const known = this.#parsed.get(key);
    if (known !== undefined) return known;
    const message = new IntlMessageFormat(this.#texts[key], this.#locale);
    this.#parsed.set(key, message);
    return message;
  }
}
