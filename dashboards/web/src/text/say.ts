import { TextCatalogue, type TextValues } from '../../../../domain/index.ts';
import { en } from './en/index.ts';

/** What names a text; a key that English does not have does not compile. */
export type TextKey = keyof typeof en;

/** Of figures and times, and of plurals. */
const texts = new TextCatalogue(en, 'en-GB');

/**
 * A text of the page in words, ICU MessageFormat filled in.
 *
 * @param values of its placeholders
 */
export function say(key: TextKey, values: TextValues = {}): string {
  return texts.say(key, values);
}

/** The same with parts that are no text: they come back in their places among the words. */
export function richly<T>(key: TextKey, values: Readonly<Record<string, T>>): (string | T)[] {
  return texts.richly(key, values);
}
